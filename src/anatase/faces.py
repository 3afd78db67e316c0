"""How an answer shows itself: tables, figures and documents, which the report stage makes when first asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

__all__ = ["FACES", "Shown"]

# answer -> what it shows -> the function of the report stage that makes it
FACES: dict[str, dict[str, str]] = {
    "Identification": {
        "dictionary": "anatase.report.document:to_dict",
        "html": "anatase.report.html:to_html",
        "notebook": "anatase.report.notebook:identification_notebook",
        "plot": "anatase.report.plot:plot_identification",
        "text": "anatase.report.table:identification_text",
        "write": "anatase.report.html:write_html",
    },
    "JointIdentification": {
        "dictionary": "anatase.report.joint_document:joint_to_dict",
        "html": "anatase.report.joint_html:joint_html",
        "notebook": "anatase.report.notebook:joint_notebook",
        "plot": "anatase.report.plot:plot_joint",
        "text": "anatase.report.joint_table:joint_text",
        "write": "anatase.report.joint_html:write_joint_html",
    },
    "Refinement": {
        "dictionary": "anatase.report.refinement_document:refinement_to_dict",
        "html": "anatase.report.refinement_html:refinement_html",
        "notebook": "anatase.report.notebook:refinement_notebook",
        "plot": "anatase.report.plot:plot_refinement",
        "text": "anatase.report.refinement_table:refinement_text",
        "write": "anatase.report.refinement_html:write_refinement_html",
    },
}


class Shown(Protocol):
    """An answer that shows itself; ``FACES`` tells which functions of the report stage draw and write it.

    The stages run from data to report, and an answer may not import what reports on it: the function is looked up by
    its name when it is first wanted.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document of the answer."""
        document: dict[str, Any] = _face(self, "dictionary")
        return document

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the report, one HTML document that needs nothing else; write it to a file where one is given."""
        if path is not None:
            _face(self, "write", Path(path))
        return str(_face(self, "html"))

    def plot(self, figure: Figure | SubFigure | None = None) -> Figure | SubFigure:
        """Draw the fit and its difference with matplotlib, in a new figure of pyplot where none is given.

        Raises
        ------
        MissingExtra
            When matplotlib is not installed.
        """
        drawn: Figure | SubFigure = _face(self, "plot", figure)
        return drawn

    def __str__(self) -> str:
        return str(_face(self, "text"))

    def _repr_html_(self) -> str:
        return str(_face(self, "notebook"))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text("…" if cycle else str(self))


def _face(answer: Shown, name: str, *arguments: object) -> Any:
    module, _, function = FACES[type(answer).__name__][name].partition(":")
    return getattr(import_module(module), function)(answer, *arguments)

"""Refine a series of patterns for ``anatase refine --series``, print its tracks, and write a file for each pattern."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Group
from rich.text import Text

from anatase.cli.refine_choices import RefineChoices
from anatase.cli.refine_files import crystal_structures, write_files
from anatase.cli.refine_output import Output
from anatase.errors import InputError
from anatase.io.text_file import write_text
from anatase.refine.refine import RefineOptions
from anatase.refine.series import Series, refine_series
from anatase.refine.series_table import series_csv, series_dict
from anatase.refine.uncertainty.exploration import Exploration, explore
from anatase.report.document import json_ready
from anatase.report.exploration_document import exploration_dict
from anatase.report.exploration_table import exploration_parts
from anatase.report.series_chart import series_svg
from anatase.report.series_table import series_table, series_warnings

__all__ = ["refine_and_show_series"]


@dataclass(frozen=True)
class _Explored:
    """A series, and what was found beyond the covariance of each pattern; nothing where nothing was asked."""

    series: Series
    found: tuple[Exploration | None, ...]

    @property
    def warnings(self) -> list[str]:
        """What the reader must know of all of it."""
        beyond = zip(self.series.names, self.found, strict=True)
        return series_warnings(self.series) + [
            f"{name}: {text}" for name, one in beyond if one is not None for text in one.warnings
        ]


def refine_and_show_series(
    choices: RefineChoices, output: Output, tell: Callable[[str], None] | None
) -> Callable[[], int]:
    """Refine a series and return what shows it: exit code 1 where a pattern was left out.

    Raises
    ------
    InputError
        When options mean nothing to a series, and as ``refine_series`` does.
    """
    if choices.files.refinements:
        raise InputError("a series of a file that states a refinement", "give patterns and structures")
    choices.refuse((*choices.options, "series", "wanted"), "means nothing to a series: ask it of one pattern")
    options: RefineOptions = {**choices.options, "progress": tell}
    series = refine_series(list(choices.files.patterns), crystal_structures(choices.files), **options)
    found: list[Exploration | None] = [None] * len(series.refinements)
    if choices.wanted.anything:
        for i, (name, one) in enumerate(zip(series.names, series.refinements, strict=True)):
            found[i] = explore(one.fitted, choices.wanted, _named(name, tell))
    return lambda: _show(_Explored(series, tuple(found)), output)


def _named(name: str, tell: Callable[[str], None] | None) -> Callable[[str], None] | None:
    return None if tell is None else lambda text: tell(f"{name}: {text}")


def _show(answer: _Explored, output: Output) -> int:
    written = _written(answer, output)  # before anything is printed: a pipe may end early
    if output.as_json:
        document = series_dict(answer.series)
        document["explorations"] = [None if one is None else exploration_dict(one) for one in answer.found]
        click.echo(json.dumps(json_ready(document), indent=2, ensure_ascii=False, allow_nan=False))
    output.table(series_table(answer.series))
    for name, one, found in zip(answer.series.names, answer.series.refinements, answer.found, strict=True):
        if found is not None:
            told = (Text(f"warning: {text}", style="yellow") for text in found.warnings)
            output.table(Group(Text(f"\n{name}", style="bold"), *exploration_parts(one, found), *told))
    output.warn(answer.warnings)
    output.told(written)
    return 1 if answer.series.warnings else 0


def _written(answer: _Explored, output: Output) -> list[tuple[str, Path]]:
    """Write a report, CIF and files of other programs for each pattern, and tracks; return the ones worth a line."""
    series, written = answer.series, list[tuple[str, Path]]()
    of_each = zip(series.names, series.refinements, answer.found, strict=True)
    for number, (name, one, found) in enumerate(of_each, 1):
        here, _ = write_files(f"{number:04d}_{Path(name).stem}", one, found, output.numbered(number))
        written += [pair for pair in here if pair[0] != "report"]
    if output.report is not None:
        for name, text in (("series.csv", series_csv(series)), ("series.svg", series_svg(series))):
            written.append(("series", output.report / name))
            write_text(output.report / name, text)
    return written

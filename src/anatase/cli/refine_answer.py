"""Print and write the answers of ``anatase refine``: table, JSON, report, CIF."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from anatase.cli.refine_files import Tell
from anatase.errors import InputError
from anatase.io.text_file import write_text
from anatase.refine.refinement import Refinement
from anatase.refine.single_crystal.crystal_files import crystal_cif, crystal_fcf, crystal_res
from anatase.refine.single_crystal.crystal_refinement import CrystalRefinement
from anatase.report.cif_checklist import absent_items
from anatase.report.crystal_table import crystal_table
from anatase.report.document import json_ready
from anatase.report.refinement_cif import refinement_cif
from anatase.report.refinement_document import refinement_to_json
from anatase.report.refinement_html import write_refinement_html
from anatase.report.refinement_table import refinement_table

__all__ = ["Output", "refine_and_show"]


@dataclass(frozen=True)
class Output:
    """Where the answer goes: JSON or a table on stdout, a report in a folder, a CIF."""

    as_json: bool
    report: Path | None
    cif: Path | None
    quiet: bool

    def check(self, files: Sequence[str]) -> None:
        """See that nothing that is read would be written over.

        Raises
        ------
        InputError
            When ``--cif`` names a file that is read.
        """
        if self.cif is not None and self.cif.resolve() in {Path(name).resolve() for name in files}:
            raise InputError("--cif is a file that is read", "give another --cif", file=self.cif)


def refine_and_show(
    files: Sequence[str], run: Callable[[Tell | None], Refinement | CrystalRefinement], output: Output
) -> int:
    """Run a refinement with progress on a terminal, show its answer, and return the exit code."""
    output.check(files)
    console = Console(stderr=True)
    if output.quiet or not console.is_terminal:
        answer = run(None)
    else:
        with console.status("reading") as status:
            answer = run(status.update)
    if isinstance(answer, CrystalRefinement):
        return _show_crystal(Path(files[0]).stem, answer, output)
    return _show_powder(Path(files[0]).stem, answer, output)


def _show_powder(name: str, answer: Refinement, output: Output) -> int:
    if output.as_json:
        click.echo(refinement_to_json(answer).rstrip("\n"))
    elif not (output.quiet and output.report is not None):
        Console().print(refinement_table(answer))
    if output.report is not None:
        target = output.report / f"{name}.html"
        write_refinement_html(answer, target)
        click.echo(f"report: {target}", err=output.as_json)
    if output.cif is not None:
        _write_cif(refinement_cif(answer), output.cif, output)
    return 0


def _show_crystal(name: str, answer: CrystalRefinement, output: Output) -> int:
    if output.as_json:
        click.echo(json.dumps(json_ready(answer.as_dict()), indent=2, ensure_ascii=False, allow_nan=False))
    elif not (output.quiet and output.report is not None):
        Console().print(crystal_table(answer))
    if output.report is not None:
        for suffix, text in (("res", crystal_res(answer)), ("fcf", crystal_fcf(answer)), ("cif", crystal_cif(answer))):
            target = output.report / f"{name}.{suffix}"
            write_text(target, text)
            click.echo(f"{suffix}: {target}", err=output.as_json)
    if output.cif is not None:
        _write_cif(crystal_cif(answer), output.cif, output)
    return 0


def _write_cif(text: str, path: Path, output: Output) -> None:
    write_text(path, text)
    click.echo(f"cif: {path}", err=output.as_json)
    if not output.quiet and (absent := [one for one in absent_items(text) if one.startswith(("_pd_", "_diffrn_"))]):
        told = ", ".join(item.partition("|")[0] for item in absent)
        click.echo(f"for you to fill in where a journal asks for it: {told}", err=True)

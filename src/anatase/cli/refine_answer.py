"""Run what ``anatase refine`` was asked, print and write the answers: tables, JSON, reports, CIF, other programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console

from anatase.cli.refine_choices import RefineChoices, RefineFiles
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.io.structure_files import read_structure_file
from anatase.io.text_file import write_text
from anatase.refine.foreign.export import export_refinement
from anatase.refine.foreign.refine_foreign import refine_foreign
from anatase.refine.gsas2.comparison import Comparison, compared_with_gsas2
from anatase.refine.refine import RefineOptions, refine
from anatase.refine.refinement import Refinement
from anatase.refine.series import Series, refine_series
from anatase.refine.series_table import series_csv, series_dict
from anatase.refine.single_crystal.crystal_files import crystal_cif, crystal_fcf, crystal_res
from anatase.refine.single_crystal.crystal_refinement import CrystalRefinement
from anatase.refine.single_crystal.refine_crystal import refine_crystal
from anatase.refine.uncertainty.exploration import Exploration, explore
from anatase.report.cif_checklist import absent_items
from anatase.report.comparison_document import comparison_table
from anatase.report.crystal_table import crystal_table
from anatase.report.document import json_ready
from anatase.report.refinement_cif import refinement_cif
from anatase.report.refinement_document import refinement_to_json
from anatase.report.refinement_html import write_refinement_html
from anatase.report.refinement_table import refinement_table
from anatase.report.series_chart import series_svg
from anatase.report.series_table import series_table

__all__ = ["Output", "refine_and_show"]

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Output:
    """Where answers go: JSON or a table on stdout, reports in a folder, a CIF, files of other programs."""

    as_json: bool
    report: Path | None
    cif: Path | None
    export: tuple[tuple[str, Path], ...]
    quiet: bool

    def check(self, choices: RefineChoices) -> None:
        """See that nothing that is read would be written over.

        Raises
        ------
        InputError
            When ``--cif`` or ``--export`` names a file that is read.
        """
        read = {Path(name).resolve() for name in choices.files.every}
        for option, path in [("--cif", self.cif), *(("--export", path) for _, path in self.export)]:
            if path is not None and path.resolve() in read:
                raise InputError(f"{option} is a file that is read", f"give another {option}", file=path)

    def table(self, shown: object) -> None:
        """Print a table, unless JSON or quiet was asked for."""
        if not self.as_json and not (self.quiet and self.report is not None):
            Console().print(shown)

    def told(self, written: Sequence[tuple[str, Path]], asked: Sequence[str] = ()) -> None:
        """Say what was written, and what a CIF asks of its author."""
        for kind, path in written:
            click.echo(f"{kind}: {path}", err=self.as_json)
        named = [item.partition("|")[0] for item in asked if item.startswith(("_pd_", "_diffrn_"))]
        if named and not self.quiet:
            click.echo(f"for you to fill in where a journal asks for it: {', '.join(named)}", err=True)


def refine_and_show(choices: RefineChoices, output: Output) -> int:
    """Run a refinement with progress on a terminal, show its answer, and return the exit code."""
    output.check(choices)
    console = Console(stderr=True)
    run = _run_of(choices, output)
    if output.quiet or not console.is_terminal:
        show = run(None)
    else:
        with console.status("reading") as status:
            show = run(status.update)
    show()
    return 0


def _run_of(choices: RefineChoices, output: Output) -> Callable[[Tell | None], Callable[[], None]]:
    """Return what runs the refinement and gives back what shows it."""
    if choices.files.crystals:
        choices.refuse((), "means nothing to a single crystal")
        if output.export:
            raise InputError("--export means nothing to a single crystal", "its .res and CIF are in --report")
        return lambda tell: _crystal(choices, output)
    if choices.series:
        return lambda tell: _series(choices, output, tell)
    return lambda tell: _powder(choices, output, tell)


def _powder(choices: RefineChoices, output: Output, tell: Tell | None) -> Callable[[], None]:
    files = choices.files
    if files.refinements:
        choices.refuse(("excluded", "wanted", "engine"), "means nothing beside a file that states a refinement")
        answer = refine_foreign(files.refinements[0], files.patterns, excluded=choices.exclude, progress=tell)
    else:
        options: RefineOptions = {**choices.options, "progress": tell}
        answer = refine(list(files.patterns), _structures(files), **options)
    found = explore(answer.fitted, choices.wanted, tell) if choices.wanted.anything else None
    beside = None
    if choices.engine == "gsas2":
        if tell is not None:
            tell("the same by GSAS-II")
        beside = compared_with_gsas2(answer)
    return lambda: _show_powder(Path(choices.name).stem, answer, found, beside, output)


def _structures(files: RefineFiles) -> list[str | Structure]:
    """Return the structure files, and all phases of a CIF that holds its pattern too."""
    found: list[str | Structure] = []
    for name in files.structures:
        found += read_structure_file(Path(name)) if name in files.whole else [name]
    return found


def _show_powder(
    name: str, answer: Refinement, found: Exploration | None, beside: Comparison | None, output: Output
) -> None:
    written, asked = _written(name, answer, found, output)  # before anything is printed: a pipe may end early
    if output.as_json:
        click.echo(refinement_to_json(answer, found, beside).rstrip("\n"))
    output.table(refinement_table(answer, found))
    if beside is not None:
        output.table(comparison_table(beside))
        for text in beside.theirs.warnings:
            click.echo(f"GSAS-II: {text}", err=True)
    output.told(written, asked)


def _written(
    name: str, answer: Refinement, found: Exploration | None, output: Output
) -> tuple[list[tuple[str, Path]], tuple[str, ...]]:
    """Write report, CIF and files of other programs; return what was written, and what the CIF asks of the author."""
    written: list[tuple[str, Path]] = []
    asked: tuple[str, ...] = ()
    if output.report is not None:
        written.append(("report", output.report / f"{name}.html"))
        write_refinement_html(answer, written[-1][1], found)
    if output.cif is not None:
        text = refinement_cif(answer)
        asked = absent_items(text)
        write_text(output.cif, text)
        written.append(("cif", output.cif))
    for program, path in output.export:
        written += [(program, one) for one in export_refinement(answer, program, path)]
    return written, asked


def _series(choices: RefineChoices, output: Output, tell: Tell | None) -> Callable[[], None]:
    if choices.files.refinements:
        raise InputError("a series of a file that states a refinement", "give patterns and structures")
    choices.refuse((*choices.options, "series"), "of a whole series takes too long: ask it of one pattern")
    if output.cif is not None or output.export:
        raise InputError("--cif and --export hold one refinement, not a series", "give them with one pattern")
    options: RefineOptions = {**choices.options, "progress": tell}
    answer = refine_series(list(choices.files.patterns), _structures(choices.files), **options)
    return lambda: _show_series(answer, output)


def _show_series(answer: Series, output: Output) -> None:
    written = []
    if output.report is not None:
        for number, (name, one) in enumerate(zip(answer.names, answer.refinements, strict=True), 1):
            write_refinement_html(one, output.report / f"{number:04d}_{Path(name).stem}.html")
        for name, text in (("series.csv", series_csv(answer)), ("series.svg", series_svg(answer))):
            written.append(("series", output.report / name))
            write_text(output.report / name, text)
    if output.as_json:
        click.echo(json.dumps(json_ready(series_dict(answer)), indent=2, ensure_ascii=False, allow_nan=False))
    output.table(series_table(answer))
    output.told(written)


def _crystal(choices: RefineChoices, output: Output) -> Callable[[], None]:
    files = choices.files
    answer = refine_crystal(files.crystals[0], files.reflections[0] if files.reflections else None)
    return lambda: _show_crystal(Path(choices.name).stem, answer, output)


def _show_crystal(name: str, answer: CrystalRefinement, output: Output) -> None:
    texts = {"res": crystal_res(answer), "fcf": crystal_fcf(answer), "cif": crystal_cif(answer)}
    written = [] if output.report is None else [(one, output.report / f"{name}.{one}") for one in texts]
    written += [] if output.cif is None else [("cif", output.cif)]
    for kind, path in written:
        write_text(path, texts[kind])
    if output.as_json:
        click.echo(json.dumps(json_ready(answer.as_dict()), indent=2, ensure_ascii=False, allow_nan=False))
    output.table(crystal_table(answer))
    output.told(written)

"""Run what ``anatase refine`` was asked, print and write the answers: tables, JSON, reports, CIF, other programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from anatase.cli.refine_choices import RefineChoices
from anatase.cli.refine_files import crystal_structures, write_files
from anatase.cli.refine_output import Output
from anatase.cli.refine_series_answer import refine_and_show_series
from anatase.errors import InputError
from anatase.io.text_file import write_text
from anatase.refine.foreign.refine_foreign import refine_foreign
from anatase.refine.gsas2.comparison import Comparison, compared_with_gsas2
from anatase.refine.refine import RefineOptions, refine
from anatase.refine.refinement import Refinement
from anatase.refine.single_crystal.crystal_files import crystal_cif, crystal_fcf, crystal_res
from anatase.refine.single_crystal.crystal_refinement import CrystalRefinement
from anatase.refine.single_crystal.refine_crystal import refine_crystal
from anatase.refine.uncertainty.exploration import Exploration, explore
from anatase.report.comparison_document import comparison_table
from anatase.report.crystal_table import crystal_table
from anatase.report.document import json_ready
from anatase.report.refinement_document import all_refinement_warnings, refinement_to_json
from anatase.report.refinement_table import refinement_table

__all__ = ["refine_and_show"]

Tell = Callable[[str], None]


def refine_and_show(choices: RefineChoices, output: Output) -> int:
    """Run a refinement with progress on a terminal, show its answer, and return the exit code."""
    output.check(choices.files.every)
    console = Console(stderr=True)
    run = _run_of(choices, output)
    if output.quiet or not console.is_terminal:
        show = run(None)
    else:
        with console.status("reading") as status:
            show = run(status.update)
    return show()


def _run_of(choices: RefineChoices, output: Output) -> Callable[[Tell | None], Callable[[], int]]:
    """Return what runs the refinement and gives back what shows it."""
    if choices.files.crystals:
        choices.refuse((), "means nothing to a single crystal")
        if output.export:
            raise InputError("--export means nothing to a single crystal", "its .res and CIF are in --report")
        return lambda tell: _crystal(choices, output)
    if choices.series:
        return lambda tell: refine_and_show_series(choices, output, tell)
    return lambda tell: _powder(choices, output, tell)


def _powder(choices: RefineChoices, output: Output, tell: Tell | None) -> Callable[[], int]:
    files = choices.files
    if files.refinements:
        choices.refuse(("excluded", "wanted", "engine"), "means nothing beside a file that states a refinement")
        answer = refine_foreign(files.refinements[0], files.patterns, excluded=choices.exclude, progress=tell)
    else:
        options: RefineOptions = {**choices.options, "progress": tell}
        answer = refine(list(files.patterns), crystal_structures(files), **options)
    found = explore(answer.fitted, choices.wanted, tell) if choices.wanted.anything else None
    beside = None
    if choices.engine == "gsas2":
        if tell is not None:
            tell("the same by GSAS-II")
        beside = compared_with_gsas2(answer)
    return lambda: _show_powder(Path(choices.name).stem, answer, found, beside, output)


def _show_powder(
    name: str, answer: Refinement, found: Exploration | None, beside: Comparison | None, output: Output
) -> int:
    written, asked = write_files(name, answer, found, output)  # before anything is printed: a pipe may end early
    if output.as_json:
        click.echo(refinement_to_json(answer, found, beside).rstrip("\n"))
    output.table(refinement_table(answer, found))
    if beside is not None:
        output.table(comparison_table(beside))
        for text in beside.theirs.warnings:
            click.echo(f"GSAS-II: {text}", err=True)
    output.warn(all_refinement_warnings(answer, found))
    output.told(written, asked)
    return 0


def _crystal(choices: RefineChoices, output: Output) -> Callable[[], int]:
    files = choices.files
    answer = refine_crystal(files.crystals[0], files.reflections[0] if files.reflections else None)
    return lambda: _show_crystal(Path(choices.name).stem, answer, output)


def _show_crystal(name: str, answer: CrystalRefinement, output: Output) -> int:
    texts = {"res": crystal_res(answer), "fcf": crystal_fcf(answer), "cif": crystal_cif(answer)}
    written = [] if output.report is None else [(one, output.report / f"{name}.{one}") for one in texts]
    written += [] if output.cif is None else [("cif", output.cif)]
    for kind, path in written:
        write_text(path, texts[kind])
    if output.as_json:
        click.echo(json.dumps(json_ready(answer.as_dict()), indent=2, ensure_ascii=False, allow_nan=False))
    output.table(crystal_table(answer))
    output.warn(answer.warnings)
    output.told(written)
    return 0

"""The structures that ``anatase refine`` reads, and the files that it writes of one refinement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from anatase.cli.refine_choices import RefineFiles
from anatase.cli.refine_output import Output
from anatase.crystal.structure import Structure
from anatase.io.structure_files import read_structure_file
from anatase.io.text_file import write_text
from anatase.refine.foreign.export import export_refinement
from anatase.refine.refinement import Refinement
from anatase.refine.uncertainty.exploration import Exploration
from anatase.report.cif_checklist import absent_items
from anatase.report.refinement_cif import refinement_cif
from anatase.report.refinement_html import write_refinement_html

__all__ = ["crystal_structures", "write_files"]


def crystal_structures(files: RefineFiles) -> list[str | Structure]:
    """Return the structure files, and all phases of a CIF that holds its pattern too."""
    found: list[str | Structure] = []
    for name in files.structures:
        found += read_structure_file(Path(name)) if name in files.whole else [name]
    return found


def _left_out(program: str) -> Callable[[str], None]:
    """Return what says on stderr what a program's file leaves out."""
    return lambda text: click.echo(f"{program}: {text}", err=True)


def write_files(
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
        written += [(program, one) for one in export_refinement(answer, program, path, _left_out(program))]
    return written, asked

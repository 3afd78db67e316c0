"""Where the answers of ``anatase refine`` go, and whether they can go there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click
from rich.console import Console

from anatase.errors import InputError

__all__ = ["Output"]


@dataclass(frozen=True)
class Output:
    """Where answers go: JSON or a table on stdout, reports in a folder, a CIF, files of other programs."""

    as_json: bool
    report: Path | None
    cif: Path | None
    export: tuple[tuple[str, Path], ...]
    quiet: bool

    @property
    def named(self) -> list[tuple[str, Path]]:
        """The options that name files to write, and the files."""
        cif = [] if self.cif is None else [("--cif", self.cif)]
        return [*cif, *((f"--export {program}", path) for program, path in self.export)]

    def numbered(self, number: int) -> Output:
        """Return where the answer of one pattern of a series goes: ``answer_0003.cif``."""

        def of_pattern(path: Path) -> Path:
            return path.with_name(f"{path.stem}_{number:04d}{path.suffix}")

        cif = None if self.cif is None else of_pattern(self.cif)
        return replace(self, cif=cif, export=tuple((program, of_pattern(path)) for program, path in self.export))

    def check(self, read: Iterable[str]) -> None:
        """See before anything is refined that all can be written, and over nothing that is read.

        Raises
        ------
        InputError
            When an output is a file that is read, is given twice, is a folder, or lies in one that is not there or
            cannot be written; the folder of reports alone is made.
        """
        sources, targets = {Path(name).resolve() for name in read}, set[Path]()
        if self.report is not None:
            _check_writable("--report", self.report)
        for option, path in self.named:
            target = path.resolve()
            if target in sources:
                raise InputError(f"{option} is a file that is read", f"give another {option}", file=path)
            if target in targets:
                raise InputError(f"{option} is another output too", f"give another {option}", file=path)
            if path.is_dir():
                raise InputError(f"{option} is a folder", "give a file in it", file=path)
            made = self.report is not None and target.is_relative_to(self.report.resolve())
            if not made and not target.parent.is_dir():
                raise InputError(f"the folder of {option} is not there", "make it, or give another", file=path)
            if not made:
                _check_writable(option, target.parent)
            targets.add(target)

    def table(self, shown: object) -> None:
        """Print a table, unless JSON or quiet was asked for."""
        if self.tables_shown:
            Console().print(shown)

    @property
    def tables_shown(self) -> bool:
        """Whether tables are printed."""
        return not self.as_json and not (self.quiet and self.report is not None)

    def warn(self, warnings: Iterable[str]) -> None:
        """Print on stderr the warnings that neither a table nor JSON shows."""
        if not self.as_json and not self.tables_shown:
            for text in warnings:
                click.echo(f"warning: {text}", err=True)

    def told(self, written: Sequence[tuple[str, Path]], asked: Sequence[str] = ()) -> None:
        """Say what was written, and what a CIF asks of its author."""
        for kind, path in written:
            click.echo(f"{kind}: {path}", err=self.as_json)
        named = [item.partition("|")[0] for item in asked if item.startswith(("_pd_", "_diffrn_"))]
        if named and not self.quiet:
            click.echo(f"for you to fill in where a journal asks for it: {', '.join(named)}", err=True)


def _check_writable(option: str, folder: Path) -> None:
    """See that a folder can be written, or made in the nearest one that is there.

    Raises
    ------
    InputError
        When it cannot.
    """
    there = next(one for one in (folder.resolve(), *folder.resolve().parents) if one.exists())
    if not there.is_dir():
        raise InputError(f"{option} needs a folder, and this is a file", "give another", file=there)
    if not os.access(there, os.W_OK | os.X_OK):
        raise InputError(f"{option} cannot be written here", "choose another folder", file=there)

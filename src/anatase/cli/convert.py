"""``anatase convert``: read a pattern in any format and write it as xye, csv or CIF."""

from __future__ import annotations

from pathlib import Path

import click

from anatase.errors import InputError

__all__ = ["convert"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    type=click.Choice(["xye", "csv", "cif"]),
    help="Format to write; by default that of the output's suffix, else xye.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write; standard output without it.")
@click.option("--scan", type=int, help="Number of the scan to take from a file with several, from 1.")
def convert(file: Path, to: str | None, output: Path | None, scan: int | None) -> None:
    """Read the pattern of FILE, in whatever format, and write it as columns or powder CIF."""
    from anatase.io import WRITERS, read, write

    if output is not None and output.exists() and file.exists() and output.samefile(file):
        raise InputError("the output is the file that is read", "give another --output", file=output)
    if to is None:
        suffix = "" if output is None else output.suffix.lower().removeprefix(".")
        to = suffix if suffix in WRITERS else "xye"
    pattern = read(file, scan=scan)
    for warning in pattern.warnings:
        click.echo(f"warning: {warning}", err=True)
    text = write(pattern, output, to)
    if output is None:
        click.echo(text, nl=False)

"""``anatase convert``: read a pattern in any format and write it as xye, csv or CIF."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["convert"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--to",
    type=click.Choice(["xye", "csv", "cif"]),
    default="xye",
    show_default=True,
    help="Format to write.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write; standard output without it.")
@click.option("--scan", type=int, help="Number of the scan to take from a file with several, from 1.")
def convert(file: Path, to: str, output: Path | None, scan: int | None) -> None:
    """Read the pattern of FILE, in whatever format, and write it as columns or powder CIF."""
    from anatase.io import read, write

    pattern = read(file, scan=scan)
    for warning in pattern.warnings:
        click.echo(f"warning: {warning}", err=True)
    text = write(pattern, output, to)
    if output is None:
        click.echo(text, nl=False)

"""``anatase library``: look at, extend or rebuild the library of reference structures."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from anatase.cli.library_fetch import fetch

if TYPE_CHECKING:
    from anatase.library.additions import Addition
    from anatase.library.library import Library

__all__ = ["library"]

SCHEMA = "anatase.library/1"
SHOWN_REFUSALS = 20
PIPE_WIDTH = 250
LISTED = 200  # rows of a table; --all and --json print every one

database_option = click.option(
    "--library", "database", type=click.Path(path_type=Path), metavar="DB", help="Another library than the default."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the same for programs.")


@click.group()
def library() -> None:
    """Look at, extend or rebuild the library of reference structures."""


library.add_command(fetch)


@library.command()
@database_option
@json_option
def info(database: Path | None, as_json: bool) -> None:
    """Say what the library holds: entries, sources, licences, where it is."""
    from anatase.library import open_library

    answer = describe(open_library(database))
    if as_json:
        _print_json(answer)
        return
    click.echo(f"{answer['entries']} entries of {answer['phases']} phases, {answer['lines']} powder lines")
    for path in answer["paths"]:
        click.echo(f"  in {path}")
    for licence, number in answer["licences"].items():
        click.echo(f"  {number:6d}  {licence}")
    click.echo(f"sha256 {answer['sha256']}")


def describe(opened: Library) -> dict[str, Any]:
    """Return what ``library info`` prints."""
    licences = Counter(licence or "licence not stated" for licence in opened.licences)
    return {
        "schema": SCHEMA,
        "entries": len(opened),
        "phases": int(opened.groups.max(initial=-1)) + 1,
        "lines": int(opened.line_offsets[-1]),
        "paths": [str(path) for path in opened.paths],
        "licences": dict(licences.most_common()),
        "sha256": opened.sha256,
    }


@library.command("list")
@click.option("--elements", metavar="LIST", help="Only entries of these elements or fewer, as in Ti,O.")
@click.option("--contains", metavar="LIST", help="Only entries that hold all of these elements.")
@click.option("--name", "pattern", metavar="TEXT", help="Only entries with this in their name, formula or id.")
@click.option("--all", "show_all", is_flag=True, help=f"Print more than {LISTED} rows.")
@database_option
@json_option
def list_entries(
    elements: str | None,
    contains: str | None,
    pattern: str | None,
    show_all: bool,
    database: Path | None,
    as_json: bool,
) -> None:
    """List the entries of the library."""
    from anatase.library import open_library

    opened = open_library(database)
    chosen = opened.select(required=_symbols(contains) or (), allowed=_symbols(elements))
    if pattern:
        texts = [f"{n} {f} {i}".lower() for n, f, i in zip(opened.names, opened.formulas, opened.ids, strict=True)]
        chosen = chosen[[pattern.lower() in texts[i] for i in chosen]]
    rows = [_row(opened, int(i)) for i in (chosen if show_all or as_json else chosen[:LISTED])]
    if as_json:
        _print_json({"schema": SCHEMA, "entries": rows})
    else:
        _print_table(rows, len(chosen))


def _symbols(text: str | None) -> list[str] | None:
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def _row(opened: Library, i: int) -> dict[str, Any]:
    entry = opened.entry(i)
    return {
        "library_id": entry.library_id,
        "name": entry.name,
        "formula": entry.formula,
        "space_group": {"number": entry.space_group_number, "symbol": entry.space_group_symbol},
        "lattice": dict(zip(("a", "b", "c", "alpha", "beta", "gamma"), entry.lattice.parameters, strict=True)),
        "density": entry.density,
        "source": entry.source,
        "citation": entry.citation,
        "licence": entry.licence,
        "url": entry.url,
    }


def _print_table(rows: list[dict[str, Any]], total: int) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "formula", "space group", "a, b, c (Å)", "id"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        cell = row["lattice"]
        lengths = " ".join(f"{cell[axis]:.3f}" for axis in "abc")
        group = f"{row['space_group']['number']} {row['space_group']['symbol']}"
        table.add_row(row["name"], row["formula"], group, lengths, row["library_id"])
    # a pipe gets whole lines: ids are copied from them
    Console(width=None if sys.stdout.isatty() else PIPE_WIDTH).print(table)
    more = f", {len(rows)} shown; --all prints them all" if len(rows) < total else ""
    click.echo(f"{total} entries{more}")


@library.command()
@click.argument("sources", nargs=-1, required=True, metavar="FOLDER|CIF|ZIP|pypi:NAME...")
@database_option
@json_option
@click.option("--quiet", is_flag=True, help="No progress bar.")
def add(sources: tuple[str, ...], database: Path | None, as_json: bool, quiet: bool) -> int:
    """Add structures: folders, CIF, BGMN .str, NCMAT, POSCAR, zip archives, or the structures in a wheel.

    They go into your own library, which is searched together with the embedded one, or into --library DB,
    which is made where there is none. What cannot be read is listed with its reason; the rest goes in.
    An addition that was stopped goes on with the same command; files that did not change are passed over.
    """
    from anatase.library.additions import add_to_library
    from anatase.library.archive import WHEEL_NOTICES
    from anatase.library.progress import progress_bar

    for source in sources:
        if source.startswith("pypi:"):
            unknown = "The licence of what the wheel holds is for you to check."
            click.echo(f"note: {WHEEL_NOTICES.get(source.removeprefix('pypi:'), unknown)}", err=True)
    with _kept_when_stopped(), progress_bar("indexing", quiet=quiet) as bar:
        addition = add_to_library(sources, database, bar)
    return _print_addition(addition, as_json)


@library.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, metavar="DB", help="File to write.")
@json_option
@click.option("--quiet", is_flag=True, help="No progress bar.")
def build(folder: Path, output: Path, as_json: bool, quiet: bool) -> int:
    """Build a library file anew from a folder of structures, to keep or to share."""
    from anatase.library.additions import build_library
    from anatase.library.progress import progress_bar

    with _kept_when_stopped(), progress_bar("indexing", quiet=quiet) as bar:
        addition = build_library(folder, output, bar)
    return _print_addition(addition, as_json)


@contextmanager
def _kept_when_stopped() -> Iterator[None]:
    """Tell someone who stops an addition that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("the library is as it was; the same command goes on from here", err=True)
        raise


def _print_addition(addition: Addition, as_json: bool) -> int:
    if as_json:
        refused = [{"file": r.file, "reason": r.reason} for r in addition.refused]
        counts = {"files": addition.files, "added": addition.added, "entries": addition.total}
        _print_json({"schema": SCHEMA, "library": str(addition.database), **counts, "refused": refused})
        return _code(addition)
    for refusal in addition.refused[:SHOWN_REFUSALS]:
        click.echo(f"refused {refusal.file}: {refusal.reason}")
    if len(addition.refused) > SHOWN_REFUSALS:
        click.echo(f"refused {len(addition.refused) - SHOWN_REFUSALS} more; --json lists them all")
    click.echo(
        f"{addition.files} files read, {addition.added} entries added, {len(addition.refused)} refused; "
        f"{addition.total} entries in {addition.database}"
    )
    return _code(addition)


def _code(addition: Addition) -> int:
    """Return the exit code: 1 when everything was refused."""
    return 1 if addition.refused and not addition.added else 0


@library.command()
@click.argument("library_ids", nargs=-1, required=True, metavar="ID...")
@database_option
@json_option
def remove(library_ids: tuple[str, ...], database: Path | None, as_json: bool) -> None:
    """Remove entries from your own library, or from --library DB, by their ids."""
    from anatase.library.additions import remove_from_library

    number = remove_from_library(library_ids, database)
    if as_json:
        _print_json({"schema": SCHEMA, "removed": list(library_ids)})
    else:
        click.echo(f"{number} removed")


def _print_json(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, indent=2, ensure_ascii=False))

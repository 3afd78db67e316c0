"""``anatase library fetch``: bring structures from databases on the web into a library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from anatase.errors import InputError

if TYPE_CHECKING:
    from anatase.library.fetch import Fetch

__all__ = ["fetch"]

SCHEMA = "anatase.library/1"
SHOWN_REFUSALS = 20


@click.command()
@click.argument("source", metavar="cod|mp|optimade")
@click.argument("url", required=False)
@click.option("--elements", metavar="LIST", help="Only structures of these elements or fewer, as in Ti,O.")
@click.option("--contains", metavar="LIST", help="Only structures that hold all of these elements.")
@click.option("--filter", "condition", default="", metavar="TEXT", help="A further condition in OPTIMADE's language.")
@click.option("--limit", type=int, metavar="N", help="Fetch no more than N structures.")
@click.option("--max-hull", type=float, metavar="EV", help="Leave out what is calculated more eV/atom above the hull.")
@click.option("--rate", type=float, default=1.0, show_default=True, metavar="X", help="Most requests per second.")
@click.option(
    "--library",
    "database",
    type=click.Path(path_type=Path),
    metavar="DB",
    help="Fetch into this library, not your own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the same for programs.")
@click.option("--quiet", is_flag=True, help="No progress bar.")
def fetch(
    source: str,
    url: str | None,
    elements: str | None,
    contains: str | None,
    condition: str,
    limit: int | None,
    max_hull: float | None,
    rate: float,
    database: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Fetch structures from a database: the COD (cod), the Materials Project (mp), any OPTIMADE server (optimade URL).

    They go into your own library, or into --library DB. A fetch that was stopped goes on where it was when the
    same command is given again.
    """
    from anatase.crystal.element_list import parse_elements
    from anatase.library.fetch import PoliteClient, Query, fetch_structures
    from anatase.library.progress import progress_bar

    address = _address(source, url)
    only, all_of = (parse_elements(text) if text else () for text in (elements, contains))
    query = Query(only, all_of, condition, limit, max_hull)
    try:
        with PoliteClient(rate) as client, progress_bar("fetching", quiet=quiet) as bar:
            answer = fetch_structures(address, query, database, client=client, progress=bar)
    except KeyboardInterrupt:
        click.echo("the same command goes on from here", err=True)
        raise
    return _print(answer, as_json)


def _address(source: str, url: str | None) -> str:
    """Return the name of a known database, or the address of a server."""
    from anatase.library.fetch import PROVIDERS

    if source in PROVIDERS and url is None:
        return source
    if source == "optimade" and url:
        return url
    if source == "optimade":
        raise InputError("no address is given", "name the server, as in: optimade https://host/optimade")
    if source in PROVIDERS:
        raise InputError(f"'{source}' has its own address", f"leave '{url}' out, or write: optimade {url}")
    known = ", ".join(PROVIDERS)
    raise InputError(f"'{source}' is no database that is known", f"give one of {known}, or: optimade URL")


def _print(answer: Fetch, as_json: bool) -> int:
    """Print what a fetch did; return 1 where nothing could be used."""
    code = 1 if answer.refused and not answer.licences else 0
    if as_json:
        document = {
            "schema": SCHEMA,
            "library": str(answer.database),
            "source": answer.source,
            "url": answer.url,
            "pages": answer.pages,
            "received": answer.received,
            "left_out": answer.left_out,
            "added": answer.added,
            "entries": answer.total,
            "licences": answer.licences,
            "refused": [{"file": r.file, "reason": r.reason} for r in answer.refused],
            "warnings": answer.warnings,
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return code
    for refusal in answer.refused[:SHOWN_REFUSALS]:
        click.echo(f"refused {refusal.file}: {refusal.reason}")
    if len(answer.refused) > SHOWN_REFUSALS:
        click.echo(f"refused {len(answer.refused) - SHOWN_REFUSALS} more; --json lists them all")
    for warning in answer.warnings:
        click.echo(f"warning: {warning}", err=True)
    if answer.left_out:
        click.echo(f"{answer.left_out} more left out: of other elements, or too far above the hull")
    click.echo(
        f"{answer.received} structures received from {answer.source}, {answer.added} entries added, "
        f"{len(answer.refused)} refused; {answer.total} entries in {answer.database}"
    )
    for licence, number in answer.licences.items():
        click.echo(f"  {number:6d}  {licence}")
    return code

"""From the entries of a page to rows of a library."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from anatase.library.entry import Record, Refusal
from anatase.library.fetch.provider import Provider
from anatase.library.worker_pool import FileTask, index_files

__all__ = ["index_entries"]

WITHDRAWN = ("retracted", "errors")
Item = tuple[str, Record | Refusal]


def index_entries(
    entries: Sequence[Mapping[str, Any]],
    included: Sequence[Any],
    provider: Provider,
    cif_of: Callable[[str], bytes | str],
) -> list[Item]:
    """Return each entry's identifier with its row of the library, or with why it has none.

    The rows are computed by processes of their own, so that a structure on which a reader hangs or crashes
    is a refusal and no end. An entry without a complete structure is read from its CIF where the provider
    has one.

    Parameters
    ----------
    entries, included
        Of one page.
    provider
        Its name, licence, citation and addresses go into the rows.
    cif_of
        Returns the content of a provider's CIF, or as text why there is none.
    """
    with tempfile.TemporaryDirectory(prefix="anatase-") as name:
        folder, by_id = Path(name), {str(entry["id"]): entry for entry in entries}
        kept = {identifier: _withdrawn(entry) for identifier, entry in by_id.items()}
        found: list[Item] = [(i, Refusal(_library_id(provider, i), why)) for i, why in kept.items() if why]
        numbers = {identifier: number for number, (identifier, why) in enumerate(kept.items()) if not why}
        for identifier, number in numbers.items():
            document = {"data": by_id[identifier], "included": list(included)}
            (folder / f"{number}.optimade").write_text(json.dumps(document), encoding="utf-8")
        items = _indexed({i: folder / f"{n}.optimade" for i, n in numbers.items()}, provider)
        if provider.cif:
            refused = dict.fromkeys(identifier for identifier, item in items if isinstance(item, Refusal))
            items = [pair for pair in items if pair[0] not in refused]
            items += _from_cifs({i: folder / f"{numbers[i]}.cif" for i in refused}, provider, cif_of)
        return [*found, *((identifier, _with_origin(item, identifier, provider)) for identifier, item in items)]


def _library_id(provider: Provider, identifier: str) -> str:
    return f"{provider.key}/{identifier}"


def _withdrawn(entry: Mapping[str, Any]) -> str:
    """Return why an entry's own database stands no longer by it, empty where it does."""
    attributes = entry.get("attributes")
    for name, value in attributes.items() if isinstance(attributes, Mapping) else ():
        if str(name).startswith("_") and str(name).endswith("_status") and value in WITHDRAWN:
            return f"its database marks it as '{value}'"
    return ""


def _indexed(files: Mapping[str, Path], provider: Provider) -> list[Item]:
    names = {_library_id(provider, identifier): identifier for identifier in files}
    tasks = [FileTask(files[identifier], name, name) for name, identifier in names.items()]
    found = [(names[item.file], item) for items in index_files(tasks) for item in items]
    return sorted(found, key=lambda pair: pair[0])


def _from_cifs(files: Mapping[str, Path], provider: Provider, cif_of: Callable[[str], bytes | str]) -> list[Item]:
    """Return the rows of entries whose CIFs are read in place of the answer."""
    missing: list[Item] = []
    there: dict[str, Path] = {}
    for identifier, path in files.items():
        content = cif_of(provider.cif_of(identifier))
        if isinstance(content, str):
            missing.append((identifier, Refusal(_library_id(provider, identifier), content)))
        else:
            path.write_bytes(content)
            there[identifier] = path
    return [*missing, *_indexed(there, provider)]


def _with_origin(item: Record | Refusal, identifier: str, provider: Provider) -> Record | Refusal:
    """Say in a row where it came from, what to cite and under which licence."""
    if isinstance(item, Refusal):
        return item
    known = item.entry
    return replace(
        item,
        file="",
        entry=replace(
            known,
            source=provider.title,
            citation=known.citation or provider.citation,
            licence=known.licence or provider.licence,
            url=provider.page_of(identifier),
        ),
    )

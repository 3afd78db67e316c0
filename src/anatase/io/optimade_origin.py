"""What an OPTIMADE entry says of itself: its name, the work to cite, its licence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anatase.crystal.structure import Origin

__all__ = ["name_of", "origin_of"]

# a provider's own properties begin with _prefix_; those of the COD are the columns of its table
NAMES = ("mineral", "commonname", "chemname")
LICENCES = ("license", "licence")
MANY_AUTHORS = 3


def name_of(attributes: Mapping[str, Any]) -> str:
    """Return the mineral's or the common name where the provider gives one, else the formula.

    Examples
    --------
    >>> name_of({"_cod_mineral": "Anatase", "chemical_formula_descriptive": "TiO2"})
    'Anatase'
    """
    own = next((text for key in NAMES for text in _own(attributes, key)), "")
    formulas = (attributes.get(f"chemical_formula_{kind}") for kind in ("descriptive", "reduced"))
    return own or next((_clean(text) for text in formulas if isinstance(text, str) and text), "")


def origin_of(entry: Mapping[str, Any], included: Sequence[Any] = ()) -> Origin:
    """Return where an entry came from; licence and citation only where the answer itself states them.

    ``included`` are the other objects of the answer, among them the references that the entry is related to.
    """
    attributes = entry.get("attributes") or {}
    citation = _own_citation(attributes) or _related_citation(entry, included)
    licence = next((text for key in LICENCES for text in _own(attributes, key)), "")
    return Origin("OPTIMADE", str(entry.get("id", "")), citation, licence)


def _own(attributes: Mapping[str, Any], key: str) -> Iterator[str]:
    """Yield the provider's own properties of that name, ``_cod_mineral`` for ``mineral``."""
    for name, value in attributes.items():
        if re.fullmatch(rf"_[a-z0-9]+_{key}", name) and isinstance(value, (str, int)) and str(value).strip():
            yield _clean(str(value))


def _own_citation(attributes: Mapping[str, Any]) -> str:
    found = {key: next(_own(attributes, key), "") for key in ("authors", "year", "journal", "volume", "firstpage")}
    if not found["authors"] and not found["journal"]:  # a volume alone is that of the cell
        return ""
    return _citation([name.strip() for name in found.pop("authors").split(";") if name.strip()], *found.values())


def _related_citation(entry: Mapping[str, Any], included: Sequence[Any]) -> str:
    relationships = entry.get("relationships")
    references = relationships.get("references") if isinstance(relationships, Mapping) else None
    data = references.get("data") if isinstance(references, Mapping) else None
    wanted = {str(link.get("id")) for link in data if isinstance(link, Mapping)} if isinstance(data, list) else set()
    for item in included:
        if not isinstance(item, Mapping) or item.get("type") != "references" or str(item.get("id")) not in wanted:
            continue
        work = item.get("attributes")
        if isinstance(work, Mapping):
            authors = work.get("authors")
            people = [a.get("name", "") for a in authors if isinstance(a, Mapping)] if isinstance(authors, list) else []
            parts = (_text(work.get(key)) for key in ("year", "journal", "volume", "pages"))
            citation = _citation([str(name) for name in people if name], *parts)
            doi = _text(work.get("doi"))
            return f"{citation}, doi:{doi}" if citation and doi else citation or (f"doi:{doi}" if doi else "")
    return ""


def _citation(authors: Sequence[str], year: str, journal: str, volume: str, page: str) -> str:
    names = "; ".join(authors[:MANY_AUTHORS]) + (" et al." if len(authors) > MANY_AUTHORS else "")
    where = ", ".join(part for part in (f"{journal} {volume}".strip(), page) if part)
    return " ".join(part for part in (names, f"({year})" if year else "", where) if part)


def _text(value: Any) -> str:
    return _clean(str(value)) if isinstance(value, (str, int)) else ""


def _clean(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()

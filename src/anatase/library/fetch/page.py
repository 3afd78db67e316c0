"""One page of an OPTIMADE answer, and the address of the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlunsplit

from anatase.errors import InputError
from anatase.library.fetch.address import host_of, joined_address, split_address

__all__ = ["Page", "first_address", "read_page"]


@dataclass(frozen=True)
class Page:
    """Entries, each with an ``id``, what they refer to, and where the next page is, "" after the last.

    ``returned`` counts all entries that match the filter, ``None`` where the server does not tell;
    ``more`` is the server's word on whether there are more.
    """

    entries: list[dict[str, Any]]
    included: list[Any]
    next_address: str
    returned: int | None
    more: bool


def first_address(url: str, condition: str, fields: tuple[str, ...], page_limit: int | None) -> str:
    """Return the address of the first page of structures that meet a condition."""
    query = {"filter": condition} if condition else {}
    query["response_fields"] = ",".join(fields)
    if page_limit is not None:
        query["page_limit"] = str(page_limit)
    return f"{url}/structures?{urlencode(query)}"


def read_page(document: Mapping[str, Any], address: str) -> Page:
    """Return the page that a server sent from an address.

    Raises
    ------
    InputError
        When the answer is no page of entries, or the next page is on another server.
    """
    data, included, meta = document.get("data"), document.get("included"), document.get("meta")
    if not isinstance(data, list):
        raise InputError(f"{host_of(address)} sends no list of structures", "check the address")
    entries = [{**entry, "id": _identifier(entry)} for entry in data if isinstance(entry, dict)]
    if len(entries) < len(data):
        raise InputError(f"{host_of(address)} sends entries that are no objects", "the server is at fault")
    known = meta if isinstance(meta, Mapping) else {}
    returned = known.get("data_returned")
    return Page(
        entries,
        included if isinstance(included, list) else [],
        _next_address(document.get("links"), address),
        returned if isinstance(returned, int) else None,
        bool(known.get("more_data_available")),
    )


def _identifier(entry: Mapping[str, Any]) -> str:
    """Return an entry's id on one line; where a server leaves it out, its permanent one or that of its content."""
    attributes = entry.get("attributes")
    permanent = attributes.get("immutable_id") if isinstance(attributes, Mapping) else None
    stated = entry.get("id") or permanent
    if isinstance(stated, (str, int)):
        return " ".join(str(stated).split())[:200]
    return hashlib.sha256(json.dumps(attributes, sort_keys=True).encode()).hexdigest()[:16]


def _next_address(links: Any, address: str) -> str:
    """Return the address of the next page; it is a string or an object, absolute or not."""
    found = links.get("next") if isinstance(links, Mapping) else None
    found = found.get("href") if isinstance(found, Mapping) else found
    if not isinstance(found, str) or not found:
        return ""
    here, there = split_address(address), split_address(joined_address(address, found))
    if there.hostname != here.hostname:
        raise InputError(
            f"{here.netloc} sends on to {there.scheme}://{there.netloc} for the next page",
            "pages of another server are not followed; fetch from there if you trust it",
        )
    # behind a proxy servers forget that they are called through https, and on which port
    safe = there._replace(scheme=here.scheme, netloc=here.netloc) if here.scheme == "https" else there
    return urlunsplit(safe._replace(query=_with_fields(safe.query, here.query), fragment=""))


def _with_fields(query: str, before: str) -> str:
    """Ask for the same properties as before where the server forgot them, as the COD's did."""
    asked = dict(parse_qsl(before)).get("response_fields")
    if not asked or "response_fields" in dict(parse_qsl(query)):
        return query
    return f"{query}&{urlencode({'response_fields': asked})}" if query else urlencode({"response_fields": asked})

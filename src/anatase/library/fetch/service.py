"""Find out what an OPTIMADE server offers: its version, its prefix, its licence, its properties."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlunsplit

from anatase.errors import InputError
from anatase.library.fetch.address import host_of, split_address
from anatase.library.fetch.polite_client import Answer, PoliteClient
from anatase.library.fetch.provider import Provider

__all__ = ["Service", "discover", "document_of", "named"]

# what a structure needs; the first line is in every version 1 of the standard
BASIC = (
    *("id", "type", "elements", "elements_ratios", "chemical_formula_reduced", "chemical_formula_descriptive"),
    *("nperiodic_dimensions", "dimension_types", "lattice_vectors", "cartesian_site_positions"),
    *("species", "species_at_sites", "assemblies", "structure_features"),
)
OF_LATER_VERSIONS = (
    *("fractional_site_positions", "site_coordinate_span"),
    *("space_group_symmetry_operations_xyz", "space_group_symbol_hall"),
)
OWN = re.compile(
    r"_[a-z0-9]+_(mineral|commonname|chemname|authors|year|journal|volume|firstpage|licen[cs]e|status"
    r"|stability|hull_distance|energy_above_hull|e_above_hull)"
)
PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,40}")


@dataclass(frozen=True)
class Service:
    """An OPTIMADE server: address of its version 1, prefix of its identifiers, name, properties to ask for.

    ``licence`` lists the SPDX identifiers that it states; ``licence_page`` is the address that tells more.
    """

    url: str
    prefix: str
    name: str
    licence: str
    licence_page: str
    fields: tuple[str, ...]


def discover(client: PoliteClient, provider: Provider) -> Service:
    """Ask a server for its versions, its description and the properties of its structures.

    An index of databases leads on to its default database.

    Raises
    ------
    InputError
        When the address is no OPTIMADE server, or one without version 1 or without structures.
    """
    base = _base(provider.base_url)
    _check_versions(client.get(f"{base}/versions", as_json=False))
    info, base = _info(client, base)
    if info.get("attributes", {}).get("is_index"):
        base = _base(_default_database(client, base))
        info, base = _info(client, base)
    attributes = info["attributes"]
    offered = attributes.get("available_endpoints")
    if isinstance(offered, list) and "structures" not in offered:
        raise InputError(f"{base} serves {', '.join(map(str, offered))}, no structures", "give another database")
    described = info["meta"].get("provider")
    stated = described if isinstance(described, Mapping) else {}
    host = str(split_address(base).hostname)
    prefix = str(stated.get("prefix"))
    return Service(
        f"{base}/v1",
        prefix if PREFIX.fullmatch(prefix) else host,
        " ".join(str(stated.get("name") or host).split())[:100],
        *_licences(attributes),
        _fields(client, base),
    )


def document_of(answer: Answer) -> dict[str, Any]:
    """Return the JSON object of an answer.

    Raises
    ------
    InputError
        When the server refused, or answered with a page for people.
    """
    where = split_address(answer.url)
    place = f"{where.netloc}{where.path}"
    if answer.is_html:
        raise InputError(
            f"{place} answers with a web page (status {answer.status}), no OPTIMADE",
            "give the base address of an OPTIMADE server, under which /v1/info is found",
        )
    try:
        document = answer.document()
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} answers with status {answer.status} and no JSON", "check the address") from error
    if answer.status != 200:
        remedy = "check the address" if answer.status == 404 else "check the filter and the address"
        raise InputError(f"{place} refuses with status {answer.status}: {_complaint(document)}", remedy)
    return document


def _complaint(document: Mapping[str, Any]) -> str:
    """Return what the server says is wrong, on one line."""
    errors = document.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], Mapping) else {}
    text = str(first.get("detail") or first.get("title") or document.get("detail") or "without a reason")
    return re.sub(r"\s+", " ", text).strip()[:300]


def _base(url: str) -> str:
    """Return the base address of whatever page of a server a user copied."""
    parts = split_address(url if "://" in url else f"https://{url}")
    path = re.sub(r"/(v\d+(\.\d+)*(/.*)?|versions|info(/.*)?|structures(/.*)?)?/*$", "", parts.path)
    return urlunsplit((parts.scheme, parts.netloc, path.rstrip("/"), "", ""))


def _check_versions(answer: Answer) -> None:
    """Refuse a server that says it has no version 1; one that says nothing may have it."""
    lines = [line.split(",")[0].strip().strip('"') for line in answer.text.splitlines() if line.strip()]
    if answer.status == 200 and lines[:1] == ["version"] and "1" not in lines[1:]:
        raise InputError(
            f"{host_of(answer.url)} offers OPTIMADE versions {', '.join(lines[1:]) or 'none'}", "1 is needed"
        )


def _info(client: PoliteClient, base: str) -> tuple[dict[str, Any], str]:
    """Return the description of a server, ``attributes`` and ``meta``, and its address after redirects."""
    answer = client.get(f"{base}/v1/info")
    document = document_of(answer)
    data, meta = document.get("data"), document.get("meta")
    attributes = data.get("attributes") if isinstance(data, Mapping) else None
    if not isinstance(attributes, Mapping) or "api_version" not in attributes:
        raise InputError(f"{base}/v1/info is no description of an OPTIMADE server", "check the address")
    return {"attributes": attributes, "meta": meta if isinstance(meta, Mapping) else {}}, _base(answer.url)


def _default_database(client: PoliteClient, base: str) -> str:
    """Return the address of an index's default database, or say which databases there are."""
    info = document_of(client.get(f"{base}/v1/info"))["data"]
    links = document_of(client.get(f"{base}/v1/links")).get("data")
    databases: dict[str, str] = {}
    for link in links if isinstance(links, list) else []:
        attributes = link.get("attributes") if isinstance(link, Mapping) else None
        address = attributes.get("base_url") if isinstance(attributes, Mapping) else None
        address = address.get("href") if isinstance(address, Mapping) else address
        if isinstance(attributes, Mapping) and attributes.get("link_type") == "child" and isinstance(address, str):
            databases[str(link.get("id"))] = address
    chosen = _related(info, "default")
    if chosen not in databases:
        listed = "; ".join(f"{name}: {address}" for name, address in databases.items()) or "none"
        raise InputError(f"{base} is an index of databases ({listed})", "give the address of one of them")
    return databases[chosen]


def _related(info: Mapping[str, Any], name: str) -> str:
    found: Any = info
    for key in ("relationships", name, "data", "id"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return str(found)


def _licences(attributes: Mapping[str, Any]) -> tuple[str, str]:
    """Return the licences that the server states for entries, or for all of it, and the page that tells more."""
    keys = ("available_licenses_for_entries", "available_licenses")
    listed = next((value for value in map(attributes.get, keys) if isinstance(value, list) and value), [])
    page = attributes.get("license")
    page = page.get("href") if isinstance(page, Mapping) else page
    return " or ".join(map(str, listed)), page if isinstance(page, str) else ""


def _fields(client: PoliteClient, base: str) -> tuple[str, ...]:
    """Return the properties to ask for: those that a structure needs and the server has."""
    answer = client.get(f"{base}/v1/info/structures")
    try:
        data = document_of(answer).get("data")
    except InputError:  # a server without this page still answers for the properties of version 1.0
        return BASIC
    properties = data.get("properties") if isinstance(data, Mapping) else None
    if not isinstance(properties, Mapping):
        return BASIC
    own = sorted(name for name in properties if OWN.fullmatch(str(name)))
    return (*BASIC, *(name for name in OF_LATER_VERSIONS if name in properties), *own)


def named(service: Service, provider: Provider) -> Provider:
    """Return the provider with what it left open filled in by its server."""
    return replace(
        provider,
        key=provider.key or service.prefix,
        title=provider.title or service.name,
        entry_page=provider.entry_page or f"{service.url}/structures/{{id}}",
        licence=service.licence or provider.licence or service.licence_page,
    )

"""A structure as compressed JSON, the form in which the library stores it."""

from __future__ import annotations

import json
import zlib
from typing import Any

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Site, Species, Structure

__all__ = ["dump_structure", "load_structure"]


def dump_structure(structure: Structure) -> bytes:
    """Return the structure as zlib-compressed JSON; coordinates keep six decimals, U five."""
    group, origin = structure.space_group, structure.origin
    document = {
        "cell": [round(x, 7) for x in structure.lattice.parameters],
        "group": [group.number, group.symbol, group.hall],
        "sites": [_dump_site(site) for site in structure.sites],
        "name": structure.name,
        "origin": [origin.source, origin.identifier, origin.citation, origin.licence],
        "warnings": list(structure.warnings),
    }
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    return zlib.compress(text.encode(), 9)


def load_structure(blob: bytes) -> Structure:
    """Return the structure that ``dump_structure`` wrote."""
    document: dict[str, Any] = json.loads(zlib.decompress(blob))
    return Structure(
        Lattice(*document["cell"]),
        SpaceGroup(*document["group"]),
        tuple(_load_site(site) for site in document["sites"]),
        document["name"],
        Origin(*document["origin"]),
        tuple(document["warnings"]),
    )


def _dump_site(site: Site) -> list[Any]:
    return [
        site.label,
        [_dump_species(species) for species in site.species],
        [_coordinate(x) for x in site.xyz],
        None if site.u_iso is None else round(site.u_iso, 5),
        None if site.u_aniso is None else [round(u, 5) for u in site.u_aniso],
        site.multiplicity,
        site.wyckoff,
    ]


def _dump_species(species: Species) -> list[Any]:
    """Return element, occupancy and charge, and the mass number where it is no natural element."""
    row = [species.element, round(species.occupancy, 6), species.charge]
    return [*row, species.isotope] if species.isotope else row


def _load_site(row: list[Any]) -> Site:
    label, species, xyz, u_iso, u_aniso, multiplicity, wyckoff = row
    return Site(
        label,
        tuple(Species(*row) for row in species),
        (_fraction(xyz[0]), _fraction(xyz[1]), _fraction(xyz[2])),
        u_iso,
        None if u_aniso is None else tuple(u_aniso),
        multiplicity,
        wyckoff,
    )


def _coordinate(x: float) -> float | str:
    """Round to six decimals; multiples of 1/24 that six decimals cannot hold stand as ``"n/24"``."""
    twenty_fourths = round(x * 24)
    if abs(x * 24 - twenty_fourths) < 1e-6 and round(x, 6) != x:
        return f"{twenty_fourths}/24"
    return round(x, 6)


def _fraction(value: float | str) -> float:
    return int(value.split("/")[0]) / 24 if isinstance(value, str) else float(value)

"""A crystal structure: lattice, space group, sites, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup

__all__ = ["Origin", "Site", "Species", "Structure"]


@dataclass(frozen=True, slots=True)
class Species:
    """An element or ion (``element="Ti", charge=4``) with its occupancy of a site."""

    element: str
    occupancy: float = 1.0
    charge: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """One site of the asymmetric unit.

    ``xyz`` is fractional. ``u_iso`` and ``u_aniso`` (U11, U22, U33, U12, U13, U23) are in Å²,
    ``None`` where the source gives none. ``multiplicity`` counts its images in the cell.
    """

    label: str
    species: tuple[Species, ...]
    xyz: tuple[float, float, float]
    u_iso: float | None = None
    u_aniso: tuple[float, float, float, float, float, float] | None = None
    multiplicity: int = 0
    wyckoff: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a structure came from: source collection, identifier in it, citation, licence."""

    source: str = ""
    identifier: str = ""
    citation: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Structure:
    """A crystal: lattice, space group, the sites of its asymmetric unit."""

    lattice: Lattice
    space_group: SpaceGroup
    sites: tuple[Site, ...]
    name: str = ""
    origin: Origin = field(default_factory=Origin)

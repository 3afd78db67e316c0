"""A crystal structure: lattice, space group, sites, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.formula import formula_of, formula_units, mass_of
from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import CellContent, Orbit, cell_content
from anatase.crystal.space_group import SpaceGroup

__all__ = ["Origin", "Site", "Species", "Structure"]

SPECIAL_POSITION = (
    0.01  # Å, from a special position within which a site is on it: coordinates of four digits reach 0.005
)
DALTON_PER_CUBIC_ANGSTROM = 1.66053906660  # g/cm³ for 1 g/mol per Å³: 1e24 / N_A, CODATA 2018


@dataclass(frozen=True, slots=True)
class Species:
    """An element or ion (``element="Ti", charge=4``) with its occupancy of a site.

    ``isotope`` is the mass number of an isotope, 0 for the natural element.
    """

    element: str
    occupancy: float = 1.0
    charge: int = 0
    isotope: int = 0


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

    @property
    def occupancy(self) -> float:
        """Sum of the occupancies of its species, 0–1."""
        return sum(species.occupancy for species in self.species)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a structure came from: source collection, identifier in it, citation, licence."""

    source: str = ""
    identifier: str = ""
    citation: str = ""
    licence: str = ""


@dataclass(frozen=True)
class Structure:
    """A crystal: lattice, space group, the sites of its asymmetric unit.

    ``warnings`` tells what had to be repaired or assumed when it was read.
    """

    lattice: Lattice
    space_group: SpaceGroup
    sites: tuple[Site, ...]
    name: str = ""
    origin: Origin = field(default_factory=Origin)
    warnings: tuple[str, ...] = ()

    @cached_property
    def cell_content(self) -> CellContent:
        """All positions in the cell, special positions recognised within ``SPECIAL_POSITION``."""
        group = self.space_group
        xyz = np.array([site.xyz for site in self.sites], dtype=float)
        return cell_content(self.lattice.metric, group.rotations, group.translations, xyz, SPECIAL_POSITION)

    @cached_property
    def orbits(self) -> tuple[Orbit, ...]:
        """The images in the cell of each site, in the order of ``sites``."""
        return tuple(self.cell_content.orbit(index) for index in range(len(self.sites)))

    @property
    def cell_positions(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Index of the site (n,) and fractional position (n, 3) of every position in the cell."""
        return self.cell_content.owners, self.cell_content.images

    def _multiplicities(self) -> list[int]:
        return [int(count) for count in self.cell_content.multiplicities]

    @cached_property
    def composition(self) -> dict[str, float]:
        """Atoms of each element in the cell, occupancies included."""
        atoms: dict[str, float] = {}
        for site, multiplicity in zip(self.sites, self._multiplicities(), strict=True):
            for species in site.species:
                atoms[species.element] = atoms.get(species.element, 0.0) + multiplicity * species.occupancy
        return {element: atoms[element] for element in sorted(atoms)}

    @property
    def n_atoms(self) -> float:
        """Atoms in the cell, occupancies included."""
        return sum(self.composition.values())

    @cached_property
    def formula_units_per_cell(self) -> int:
        """Z, the number of formula units in the cell."""
        return formula_units(self.composition, self._multiplicities())

    @cached_property
    def formula(self) -> str:
        """The reduced formula, electropositive elements first: ``TiO2``, ``Ca5P3O12F``."""
        return formula_of(self.composition, self.formula_units_per_cell)

    @property
    def elements(self) -> frozenset[str]:
        """The elements present."""
        return frozenset(self.composition)

    @cached_property
    def mass_per_cell(self) -> float:
        """Mass of the cell's content, g/mol."""
        counted = zip(self.sites, self._multiplicities(), strict=True)
        return sum(n * s.occupancy * mass_of(s.element, s.isotope) for site, n in counted for s in site.species)

    @property
    def density(self) -> float:
        """X-ray density, g/cm³."""
        return self.mass_per_cell / self.lattice.volume * DALTON_PER_CUBIC_ANGSTROM

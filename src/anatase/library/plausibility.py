"""Refuse structures whose intensities could mean nothing: overlapping atoms, absurd densities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from anatase.crystal.orbit import nearest_images
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.library.phase_key import HYDROGEN

__all__ = ["check_plausible", "share_sites"]

DENSITY_LIMITS = (0.05, 30.0)  # g/cm³: solid hydrogen has 0.09, osmium 22.6
OVERLAP_DISTANCE = 0.5  # Å, shorter than any bond without hydrogen (N2: 1.10)
OVERLAP_OCCUPANCY = 1.35  # one position holds one atom; the rest is the authors' rounding
MAX_CELL_VOLUME = 200_000.0  # Å³


def check_plausible(structure: Structure) -> None:
    """Refuse a structure from which no powder pattern should be computed.

    Raises
    ------
    InputError
        When there is no atom, when the cell volume or the density is outside what crystals have, or
        when heavy atoms whose occupancies sum to more than one stand within 0.5 Å.
    """
    if not structure.sites or structure.n_atoms <= 0:
        raise InputError("the structure has no atoms", "give the positions of its atoms")
    volume, density = structure.lattice.volume, structure.density
    if volume > MAX_CELL_VOLUME:
        raise InputError(f"the cell volume is {volume:.0f} Å³", f"powder lines need less than {MAX_CELL_VOLUME:.0f} Å³")
    if not DENSITY_LIMITS[0] <= density <= DENSITY_LIMITS[1]:
        raise InputError(f"the density is {density:.3g} g/cm³", "check the cell, the symmetry and the occupancies")
    _check_overlap(structure)


def share_sites(structure: Structure) -> Structure:
    """Share one atom among positions of one element that stand within 0.5 Å of each other.

    Split positions whose occupancies a file lost (every one reads 1) and a site almost on a special
    position are the usual cases. A warning says what was done.
    """
    sites, repaired = list(structure.sites), []
    for index, total, near in _crowded(structure):
        site = structure.sites[index]
        elements = {s.element for i in near for s in structure.sites[i].species}
        if len(elements) == 1:
            species = tuple(replace(s, occupancy=s.occupancy / total) for s in site.species)
            sites[index] = replace(site, species=species)
            repaired.append(site.label)
    if not repaired:
        return structure
    warning = f"positions closer than {OVERLAP_DISTANCE} Å share one atom: {', '.join(repaired)}"
    return replace(structure, sites=tuple(sites), warnings=(*structure.warnings, warning))


def _check_overlap(structure: Structure) -> None:
    for index, total, near in _crowded(structure):
        others = ", ".join(sorted({structure.sites[i].label for i in near}))
        raise InputError(
            f"{total:.2f} atoms stand within {OVERLAP_DISTANCE} Å of {structure.sites[index].label} ({others})",
            "check the symmetry, the origin choice and the occupancies",
        )


def _crowded(structure: Structure) -> Iterator[tuple[int, float, list[int]]]:
    """Yield sites that heavy atoms overfill: index, atoms within the distance, and the sites they belong to."""
    owners, positions = structure.cell_positions
    occupancy = np.array([sum(s.occupancy for s in x.species if s.element not in HYDROGEN) for x in structure.sites])
    first = np.searchsorted(owners, np.arange(len(structure.sites)))
    for index in np.flatnonzero(occupancy > 0):
        distance = nearest_images(structure.lattice.metric, positions, positions[first[index]])[1]
        near = owners[distance < OVERLAP_DISTANCE]
        total = float(occupancy[near].sum())
        if total > OVERLAP_OCCUPANCY:
            yield int(index), total, [int(i) for i in near if occupancy[i] > 0]

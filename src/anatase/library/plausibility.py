"""Refuse structures whose intensities could mean nothing: overlapping atoms, absurd densities."""

from __future__ import annotations

import numpy as np

from anatase.crystal.orbit import nearest_images
from anatase.crystal.structure import Structure
from anatase.errors import InputError

__all__ = ["check_plausible"]

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


def _check_overlap(structure: Structure) -> None:
    owners, positions = structure.cell_positions
    hydrogen = {"H", "D", "T"}
    occupancy = np.array([sum(s.occupancy for s in x.species if s.element not in hydrogen) for x in structure.sites])
    metric = structure.lattice.metric
    start = 0
    for index, site in enumerate(structure.sites):
        if occupancy[index] > 0:
            near = nearest_images(metric, positions, positions[start])[1] < OVERLAP_DISTANCE
            total = float(occupancy[owners[near]].sum())
            if total > OVERLAP_OCCUPANCY:
                others = sorted({structure.sites[i].label for i in owners[near]})
                raise InputError(
                    f"{total:.2f} atoms stand within {OVERLAP_DISTANCE} Å of {site.label} ({', '.join(others)})",
                    "check the symmetry, the origin choice and the occupancies",
                )
        start += int(np.count_nonzero(owners == index))

"""Triclinic files that lost their lattice centring: C -1 written as P -1, as in many feldspars and clays."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import orbit_of
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site

__all__ = ["lost_centring"]

ROOMY = 20.0  # Å³ for each atom but hydrogen: oxides and silicates fill 8 to 19
SHORTEST = 1.25  # Å: no bond between atoms other than hydrogen is shorter in an oxide
BOND = 2.2  # Å: longest bond of oxygen to a small cation
GAIN = 0.25  # the mean coordination number of small cations must grow by this much
LARGE = frozenset({"H", "D", "O", "Li", "Na", "K", "Rb", "Cs", "Mg", "Ca", "Sr", "Ba", "Pb"})  # not small cations
SHIFTS = np.array(list(product((-1, 0, 1), repeat=3)), dtype=float)


def lost_centring(sites: tuple[Site, ...], group: SpaceGroup, lattice: Lattice) -> SpaceGroup | None:
    """Return the centred group that completes the coordination of an oxide's cations, or ``None``.

    Only triclinic oxides without carbon whose cell is half empty come into question. A centring is
    accepted when no atoms come too close and the cations gain oxygen neighbours.
    """
    elements = {species.element for site in sites for species in site.species}
    heavy = sum(s.multiplicity * s.occupancy for s in sites if s.species[0].element not in ("H", "D"))
    if group.number > 2 or group.order > 2 or "O" not in elements or "C" in elements or not heavy:
        return None
    if not ROOMY < lattice.volume / heavy < 3 * ROOMY:
        return None
    best, needed = None, _coordination(sites, group, lattice, 1) + GAIN
    for letter, points in (("C", 2), ("I", 2), ("A", 2), ("B", 2), ("F", 4)):
        candidate = SpaceGroup.from_symbol(f"{letter} {'-1' if group.number == 2 else '1'}")
        after = _coordination(sites, candidate, lattice, points)
        if after > needed:
            best, needed = candidate, after + 0.1  # C, the usual one, wins a tie
    return best


def _coordination(sites: tuple[Site, ...], group: SpaceGroup, lattice: Lattice, points: int) -> float:
    """Return the mean number of oxygen atoms bonded to a small cation.

    0 where atoms come too close or where the centring, with ``points`` lattice points, maps atoms onto others.
    """
    heavy = [site for site in sites if site.species[0].element not in ("H", "D")]
    images = [orbit_of(lattice.metric, group.rotations, group.translations, s.xyz, 0.2).images for s in heavy]
    if any(len(orbit) != points * site.multiplicity for orbit, site in zip(images, heavy, strict=True)):
        return 0.0
    kept = [site for site in heavy if site.occupancy > 0.5]
    orbits = [orbit for orbit, site in zip(images, heavy, strict=True) if site.occupancy > 0.5]
    if not kept:
        return 0.0
    counts = [len(orbit) for orbit in orbits]
    oxygen = np.repeat([s.species[0].element == "O" for s in kept], counts)
    small = np.repeat([s.species[0].element not in LARGE for s in kept], counts)
    distances = _distances(np.concatenate(orbits), lattice)
    if distances[distances > 1e-3].min() < SHORTEST or not small.any():
        return 0.0
    return float((distances[small][:, oxygen] < BOND).sum(axis=(1, 2)).mean())


def _distances(positions: NDArray[np.float64], lattice: Lattice) -> NDArray[np.float64]:
    """Return the distances (n, n, 27) in Å from each atom to the images of each in the cells around."""
    vectors = positions[None, :, None, :] + SHIFTS - positions[:, None, None, :]
    return np.asarray(np.linalg.norm(vectors @ lattice.vectors, axis=-1))

"""The unique reflections of a structure with their multiplicities and squared structure factors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.errors import PhysicsError
from anatase.scattering.radiation import Probe
from anatase.scattering.structure_factor import f_squared

__all__ = ["Reflections", "reflections", "unique_hkl"]

MAX_LATTICE_POINTS = 4_000_000


@dataclass(frozen=True)
class Reflections:
    """Unique reflections in descending d: hkl (n, 3), multiplicity (n,), d (n,) in Å, |F|² (n,) per cell.

    |F|² is in electrons² for X-rays and fm² for neutrons, averaged over Friedel mates.
    """

    hkl: NDArray[np.int64]
    multiplicity: NDArray[np.int64]
    d_spacing: NDArray[np.float64]
    f_squared: NDArray[np.float64]


@njit(cache=True)
def _unique(
    limits: NDArray[np.int64],
    g_star: NDArray[np.float64],
    s_max: float,
    rotations: NDArray[np.int64],
    translations: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return hkl, multiplicity and 1/d² of one reflection per Laue orbit, absent ones left out."""
    n_ops = rotations.shape[0]
    capacity = 1024
    hkl = np.empty((capacity, 3), np.int64)
    multiplicity = np.empty(capacity, np.int64)
    inverse_d2 = np.empty(capacity)
    n = 0
    # the representative of an orbit is its lexicographic maximum, whose first index is never negative
    for h in range(limits[0] + 1):
        for k in range(-limits[1], limits[1] + 1):
            for l in range(-limits[2], limits[2] + 1):
                s = (
                    h * h * g_star[0, 0]
                    + k * k * g_star[1, 1]
                    + l * l * g_star[2, 2]
                    + 2 * (h * k * g_star[0, 1] + h * l * g_star[0, 2] + k * l * g_star[1, 2])
                )
                if s > s_max or (h == 0 and k == 0 and l == 0):
                    continue
                keep = True
                same = 0
                opposite = 0
                for i in range(n_ops):
                    r = rotations[i]
                    hi = h * r[0, 0] + k * r[1, 0] + l * r[2, 0]
                    ki = h * r[0, 1] + k * r[1, 1] + l * r[2, 1]
                    li = h * r[0, 2] + k * r[1, 2] + l * r[2, 2]
                    if hi == h and ki == k and li == l:
                        same += 1
                        phase = h * translations[i, 0] + k * translations[i, 1] + l * translations[i, 2]
                        if abs(phase - np.round(phase)) > 1e-4:
                            keep = False
                            break
                    if hi == -h and ki == -k and li == -l:
                        opposite += 1
                    for sign in (1, -1):
                        a, b, c = sign * hi, sign * ki, sign * li
                        if a > h or (a == h and (b > k or (b == k and c > l))):
                            keep = False
                            break
                    if not keep:
                        break
                if not keep:
                    continue
                if n == capacity:
                    capacity *= 2
                    hkl_new = np.empty((capacity, 3), np.int64)
                    hkl_new[:n] = hkl
                    hkl = hkl_new
                    multiplicity_new = np.empty(capacity, np.int64)
                    multiplicity_new[:n] = multiplicity
                    multiplicity = multiplicity_new
                    inverse_new = np.empty(capacity)
                    inverse_new[:n] = inverse_d2
                    inverse_d2 = inverse_new
                hkl[n, 0], hkl[n, 1], hkl[n, 2] = h, k, l
                # Friedel mates coincide in a powder: they double the orbit unless the group joins them already
                multiplicity[n] = n_ops // same if opposite > 0 else 2 * n_ops // same
                inverse_d2[n] = s
                n += 1
    return hkl[:n], multiplicity[:n], inverse_d2[:n]


def unique_hkl(
    lattice: Lattice, space_group: SpaceGroup, d_min: float, d_max: float = np.inf
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Return hkl (n, 3), powder multiplicity (n,) and d (n,) in Å of the unique reflections, in descending d.

    Equivalents under the Laue group are merged and systematic absences left out.

    Raises
    ------
    PhysicsError
        When the sphere of radius 1/d_min holds more than four million lattice points.
    """
    points = 4.0 / 3.0 * np.pi * lattice.volume / d_min**3
    if points > MAX_LATTICE_POINTS:
        raise PhysicsError(f"{points:.2g} reflections beyond d = {d_min:g} Å in a cell of {lattice.volume:.0f} Å³")
    limits = np.floor(np.array(lattice.parameters[:3]) / d_min + 1e-9).astype(np.int64)
    hkl, multiplicity, inverse_d2 = _unique(
        limits, lattice.reciprocal_metric, 1.0 / d_min**2, space_group.rotations, space_group.translations
    )
    d = 1.0 / np.sqrt(inverse_d2)
    order = np.argsort(-d, kind="stable")
    order = order[d[order] <= d_max]
    return hkl[order], multiplicity[order], d[order]


def reflections(
    structure: Structure, d_min: float, probe: Probe = "xray", wavelength: float | None = None, d_max: float = np.inf
) -> Reflections:
    """Return the unique reflections of a structure down to d_min (Å), in descending d.

    With a ``wavelength`` (Å) X-ray form factors include f′ and f″.
    """
    hkl, multiplicity, d = unique_hkl(structure.lattice, structure.space_group, d_min, d_max)
    return Reflections(hkl, multiplicity, d, f_squared(structure, hkl, probe=probe, wavelength=wavelength))

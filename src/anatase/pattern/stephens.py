"""Anisotropic microstrain: the variance of 1/d² as a quartic form in hkl that has the crystal's Laue symmetry."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import echelon
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import PhysicsError
from anatase.pattern.line_width import Broadening

__all__ = ["QUARTIC", "quartic_columns", "stephens_broadening", "stephens_names", "stephens_terms"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

# exponents (H, K, L) of the fifteen monomials h^H k^K l^L of order four, the pure ones first
QUARTIC = tuple(
    sorted(((i, j, 4 - i - j) for i in range(5) for j in range(5 - i)), key=lambda e: (-max(e), [-p for p in e]))
)


def _monomials(hkl: Array) -> Array:
    """Return h^H k^K l^L (n, 15)."""
    powers = hkl[:, :, None] ** np.arange(5)
    return np.stack([powers[:, 0, i] * powers[:, 1, j] * powers[:, 2, k] for i, j, k in QUARTIC], axis=1)


@lru_cache(maxsize=256)
def stephens_terms(space_group: SpaceGroup) -> Array:
    """Return the independent quartic forms (t, 15) of a group, each as its coefficients of the monomials ``QUARTIC``.

    Stephens (1999) J. Appl. Cryst. 32, 281, table 1, lists them for standard axes: 15 terms for triclinic crystals, 9
    monoclinic, 6 orthorhombic, 4 tetragonal (5 for 4/m), 4 trigonal (5 for −3), 3 hexagonal and 2 cubic. Here they are
    the forms that averaging over the group leaves, whatever its setting. Each form has coefficient 1 at the first
    monomial that is its own.
    """
    hkl = np.array([*list(permutations(range(-4, 5), 3))[::5], (1, 1, 1), (2, 0, 0), (0, 3, 0)], dtype=float)
    here = _monomials(hkl)
    rotations = np.unique(space_group.rotations, axis=0)
    mean = np.mean([_monomials(hkl @ r) for r in rotations], axis=0)
    average = np.linalg.lstsq(here, mean, rcond=None)[0].T  # rows: the mean of each monomial over the group
    return echelon(np.asarray(average, dtype=np.float64))


def stephens_names(space_group: SpaceGroup) -> tuple[str, ...]:
    """Return the names of the terms after their first monomial: ``S400``, ``S220``.

    Examples
    --------
    >>> stephens_names(SpaceGroup.from_number(225))
    ('S400', 'S220')
    """
    firsts = (QUARTIC[int(np.argmax(row != 0.0))] for row in stephens_terms(space_group))
    return tuple(f"S{h}{k}{l}" for h, k, l in firsts)


def quartic_columns(hkl: Indices, space_group: SpaceGroup) -> Array:
    """Return the terms' values (n, t) at reflections hkl (n, 3)."""
    return np.asarray(_monomials(np.asarray(hkl, dtype=float)) @ stephens_terms(space_group).T)


def stephens_broadening(two_theta: Array, inverse_d2: Array, columns: Array, strains: Array) -> Broadening:
    """Return the FWHM = √(Σ S_HKL h^H k^K l^L) d² tan θ (in degrees) of lines at 2θ (m,).

    Stephens (1999), equations 3 to 6, with the FWHM in place of the standard deviation of 1/d² as there; columns (m, t)
    are those of ``quartic_columns``, strains (t,) the S_HKL in Å⁻⁴. ``by_hkl`` is the derivative by 1/d²
    (``inverse_d2`` (m,), Å⁻²) at constant 2θ.

    Raises
    ------
    PhysicsError
        When the quartic form is negative for a reflection.
    """
    variance = columns @ strains
    if variance.size and variance.min() < -1e-12 * np.abs(variance).max():
        raise PhysicsError(
            f"the strain terms {np.round(strains, 12).tolist()} Å⁻⁴ give a reflection a negative variance of 1/d²; "
            "give terms whose sum is positive for every hkl"
        )
    root = np.sqrt(np.maximum(variance, 1e-30))
    half = np.radians(two_theta) / 2.0
    unit = np.degrees(np.tan(half)) / inverse_d2
    slope = 0.5 * root / (inverse_d2 * np.cos(half) ** 2)
    return Broadening(unit * root, slope, (0.5 * unit / root)[None] * columns.T, -unit * root / inverse_d2)

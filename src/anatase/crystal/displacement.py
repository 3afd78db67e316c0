"""Anisotropic displacement: the CIF's U tensor and the mean-square displacement in the cell's basis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice

__all__ = ["TYPICAL_U_ISO", "cell_tensor", "equivalent_u_iso", "isotropic_rates", "site_tensor"]

Array = NDArray[np.float64]
TYPICAL_U_ISO = 0.008  # Å² (B = 0.63 Å²): what inorganic crystals at room temperature have, for sites that state none
Six = tuple[float, float, float, float, float, float]


def cell_tensor(u_aniso: Six, lattice: Lattice) -> Array:
    """Return the mean-square displacement (3, 3) in fractional coordinates, U^ij a*_i a*_j.

    Trueblood et al. (1996) Acta Cryst. A52, 770, equations 1 and 4: it transforms as x xᵀ does.
    ``u_aniso`` is (U11, U22, U33, U12, U13, U23) in Å².
    """
    u11, u22, u33, u12, u13, u23 = u_aniso
    tensor = np.array([[u11, u12, u13], [u12, u22, u23], [u13, u23, u33]])
    reciprocal = np.sqrt(np.diag(lattice.reciprocal_metric))
    return np.asarray(tensor * np.outer(reciprocal, reciprocal))


def site_tensor(tensor: Array, lattice: Lattice) -> Six:
    """Return (U11, U22, U33, U12, U13, U23) in Å² of a mean-square displacement in fractional coordinates."""
    reciprocal = np.sqrt(np.diag(lattice.reciprocal_metric))
    u = tensor / np.outer(reciprocal, reciprocal)
    return (float(u[0, 0]), float(u[1, 1]), float(u[2, 2]), float(u[0, 1]), float(u[0, 2]), float(u[1, 2]))


def equivalent_u_iso(u_aniso: Six, lattice: Lattice) -> float:
    """Return U_eq in Å²: a third of the Cartesian trace (Fischer & Tillmanns 1988, Acta Cryst. C44, 775)."""
    return float(np.sum(cell_tensor(u_aniso, lattice) * lattice.metric) / 3.0)


def isotropic_rates(lattice: Lattice) -> Six:
    """Return (U11, U22, U33, U12, U13, U23) of an isotropic displacement of 1 Å²: 1, 1, 1, cos γ*, cos β*, cos α*.

    Examples
    --------
    >>> [round(rate, 6) for rate in isotropic_rates(Lattice(3.0, 3.0, 5.0, 90.0, 90.0, 120.0))]
    [1.0, 1.0, 1.0, 0.5, 0.0, 0.0]
    """
    return site_tensor(lattice.reciprocal_metric, lattice)

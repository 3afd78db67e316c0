"""Stacking faults of close-packed metals: which powder lines they shift and broaden, and by how much.

Warren (1969) X-ray Diffraction, chapter 13. A deformation fault (probability α per layer) turns one step A → B of the
stacking into A → C; a growth or twin fault (probability β) turns the sense of all steps after it. Layers m apart
correlate as λᵐ, λ an eigenvalue of the transfer matrix of one layer; its modulus gives the breadth of a line, its
argument the place. To first order in α and β the results are Warren's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError

__all__ = ["FaultEffects", "fcc_fault_effects", "hcp_fault_effects"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FaultEffects:
    """What faults do to powder lines, averaged over the equivalents of each.

    Parameters
    ----------
    relative_shift
        Δ(1/d)·d (n,), dimensionless.
    inverse_size
        1/D (n,) in Å⁻¹, D the effective size along the scattering vector: the initial slope of the Fourier
        coefficients, exp(−L/D) for each component.
    affected
        Share (n,) of the equivalents that the faults touch, 0–1.
    relative_shift_by_fault, inverse_size_by_fault
        Derivatives (2, n) by the probabilities of deformation and of twin (growth) faults.
    """

    relative_shift: Array
    inverse_size: Array
    affected: Array
    relative_shift_by_fault: Array
    inverse_size_by_fault: Array

    def shift(self, two_theta: ArrayLike) -> Array:
        """Return Δ2θ (n,) in degrees of lines at two_theta (n,), degrees: 2 tanθ Δs/s."""
        theta = np.radians(np.asarray(two_theta, dtype=float)) / 2.0
        return np.asarray(np.degrees(2.0 * np.tan(theta) * self.relative_shift))

    def lorentzian_fwhm(self, two_theta: ArrayLike, wavelength: float) -> Array:
        """Return the FWHM (n,) in degrees that faults add to the Lorentzian breadth: λ/(π D cosθ)."""
        theta = np.radians(np.asarray(two_theta, dtype=float)) / 2.0
        return np.asarray(np.degrees(wavelength * self.inverse_size / (np.pi * np.cos(theta))))


def fcc_fault_effects(hkl: ArrayLike, a: float, deformation: float = 0.0, twin: float = 0.0) -> FaultEffects:
    """Return the effect of faults on (111) of a face-centred cubic metal on reflections hkl (n, 3), cell edge a in Å.

    Of the equivalents of hkl those with L = h + k + l a multiple of 3 are untouched. The others move by
    Δs/s = ±[1/6 − arctan(√3 (1 − 2α))/2π] L/(h² + k² + l²), + for L = 3N + 1 and − for L = 3N − 1, which is
    ±(√3/4π) α L/(h² + k² + l²) for few faults, and have 1/D = (1.5 α + β) |L|/(a √(h² + k² + l²)). Both faults
    together, and many of them, are taken exactly.

    Raises
    ------
    PhysicsError
        For probabilities that are none, or so many faults that no line of the cubic metal is left.

    Examples
    --------
    >>> effects = fcc_fault_effects([[1, 1, 1], [2, 0, 0]], 3.6149, deformation=0.01)
    >>> [round(float(x), 3) for x in effects.shift([43.30, 50.43])]
    [0.016, -0.038]
    """
    _require_probabilities(deformation, twin)
    trace, squared = -(1.0 - twin), (1.0 - 3.0 * deformation * (1.0 - deformation)) * (1.0 - 2.0 * twin)
    if deformation >= 0.5 or 4.0 * squared <= trace * trace:
        raise PhysicsError(
            f"deformation faults {deformation:g} and twins {twin:g} per layer leave no face-centred cubic stacking"
        )
    imaginary = np.sqrt(4.0 * squared - trace * trace)
    turn = np.arctan2(imaginary, trace) / (2.0 * np.pi) - 1.0 / 3.0
    decay = -0.5 * np.log(squared)
    relative = _relative_slopes(deformation, twin)
    # cos arg λ = trace/(2 √squared), and trace grows by 1 per twin
    turn_slopes = (0.5 * trace * relative - np.array([0.0, 1.0])) / (2.0 * np.pi * imaginary)
    rows = np.atleast_2d(np.asarray(hkl, dtype=np.int64))
    moved, widened, affected = np.zeros((3, len(rows)))
    for i, reflection in enumerate(rows):
        layers = _cubic_equivalents(reflection).sum(axis=1)
        squares = float(reflection @ reflection)
        sign = np.array([0, 1, -1])[layers % 3]
        moved[i] = np.mean(sign * layers) / squares
        widened[i] = np.mean(np.abs(sign * layers)) / (a * np.sqrt(squares))
        affected[i] = np.mean(sign != 0)
    by_fault = (np.outer(turn_slopes, moved), np.outer(-0.5 * relative, widened))
    return FaultEffects(turn * moved, decay * widened, affected, *by_fault)


def hcp_fault_effects(
    hkl: ArrayLike, a: float, c: float, deformation: float = 0.0, growth: float = 0.0
) -> FaultEffects:
    """Return the effect of basal faults of a hexagonal close-packed metal on reflections hkl (n, 3), cell a, c in Å.

    Lines with h − k a multiple of 3 are untouched. The others do not move; for few faults
    1/D = (3α + 3β)|l| d/c² for even l and (3α + β)|l| d/c² for odd l, which is Warren's FWHM
    (360/π²) tanθ |l| (d/c)² (3α + 3β) or (3α + β) degrees; many faults are taken exactly.

    Raises
    ------
    PhysicsError
        For probabilities that are none, or so many faults that no line of the hexagonal metal is left.
    """
    _require_probabilities(deformation, growth)
    squared = (1.0 - 3.0 * deformation * (1.0 - deformation)) * (1.0 - 2.0 * growth)
    root = float(np.sqrt(growth**2 + 4.0 * max(squared, 0.0)))
    if deformation >= 0.5 or root <= growth:
        raise PhysicsError(
            f"deformation faults {deformation:g} and growth faults {growth:g} per layer leave no hexagonal stacking"
        )
    h, k, l = np.atleast_2d(np.asarray(hkl, dtype=np.int64)).T
    d = 1.0 / np.sqrt(4.0 / 3.0 * (h * h + h * k + k * k) / a**2 + (l / c) ** 2)
    odd = np.where(l % 2 == 0, -1.0, 1.0)
    modulus = 0.5 * (root + odd * growth)
    touched = (h - k) % 3 != 0
    # layers are c/2 apart; |l| d/c is the cosine between their normal and the scattering vector
    widened = touched * 2.0 / c * np.abs(l) * d / c
    root_slopes = (np.array([0.0, growth]) + 2.0 * squared * _relative_slopes(deformation, growth)) / root
    rates = -0.5 * (root_slopes[:, None] + np.outer([0.0, 1.0], odd)) / modulus
    unmoved = np.zeros(len(h))
    return FaultEffects(
        unmoved, -np.log(modulus) * widened, touched.astype(float), np.zeros((2, len(h))), rates * widened
    )


def _relative_slopes(deformation: float, growth: float) -> Array:
    """Return ∂ ln[(1 − 3α(1 − α)) (1 − 2β)] (2,) by α and by β."""
    by_deformation = (6.0 * deformation - 3.0) / (1.0 - 3.0 * deformation * (1.0 - deformation))
    return np.array([by_deformation, -2.0 / (1.0 - 2.0 * growth)])


def _require_probabilities(deformation: float, growth: float) -> None:
    for name, value in (("deformation", deformation), ("growth or twin", growth)):
        if not 0.0 <= value <= 1.0:
            raise PhysicsError(f"the {name} fault probability {value:g} is none; give a number from 0 to 1")


def _cubic_equivalents(reflection: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distinct equivalents (m, 3) of a reflection under m-3m."""
    orders = reflection[[[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]]
    signs = np.array(np.meshgrid([1, -1], [1, -1], [1, -1])).reshape(3, -1).T
    return np.unique((orders[:, None] * signs[None]).reshape(-1, 3), axis=0)

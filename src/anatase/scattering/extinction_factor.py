"""Primary extinction in the crystallites of a powder."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ive

from anatase.errors import PhysicsError

__all__ = ["CLASSICAL_RADIUS", "extinction_argument", "sabine_extinction"]

Array = NDArray[np.float64]

CLASSICAL_RADIUS = 2.8179403262e-5  # Å, of the electron, CODATA 2018


def extinction_argument(block: float, f_squared: ArrayLike, wavelength: ArrayLike, volume: float) -> Array:
    """Return Sabine's x = (λ |F| D/V)² (n,) of reflections.

    Parameters
    ----------
    block
        Edge D of the perfect blocks, Å.
    f_squared
        |F|² (n,) per cell in Å²: electrons² times ``CLASSICAL_RADIUS``², or fm² times 1e-10.
    wavelength
        Å; (n,) for time of flight.
    volume
        Of the cell, Å³.

    Raises
    ------
    PhysicsError
        When the block size is negative.
    """
    if not block >= 0.0:
        raise PhysicsError(f"mosaic blocks of {block:g} Å; give a size of 0 or more")
    return np.asarray((np.asarray(wavelength, dtype=float) * block / volume) ** 2 * np.asarray(f_squared, dtype=float))


def sabine_extinction(x: ArrayLike, two_theta: ArrayLike) -> tuple[Array, Array]:
    """Return the extinction factor y (n,) of powder lines, by which |F|² is multiplied, and dy/dx (n,).

    y = E_B sin²θ + E_L cos²θ with E_B = 1/√(1 + x) and E_L = 1 − x/2 + x²/4 − 5x³/48 + … (Sabine, Von Dreele &
    Jørgensen (1988) Acta Cryst. A44, 374), which sums to E_L = exp(−x) [I₀(x) + I₁(x)], I the modified Bessel
    functions; for large x it falls as √(2/πx), as their second series has it.

    Parameters
    ----------
    x
        (n,), from ``extinction_argument``.
    two_theta
        Degrees, (n,); one angle of a bank for time of flight.

    Examples
    --------
    >>> float(sabine_extinction([0.1], [90.0])[0][0].round(4))
    0.9529
    """
    value = np.asarray(x, dtype=float)
    s2 = np.sin(np.radians(np.asarray(two_theta, dtype=float)) / 2.0) ** 2
    laue, first = ive(0, value) + ive(1, value), ive(1, value)
    safe = np.where(value > 1e-8, value, 1.0)
    laue_slope = np.where(value > 1e-8, -first / safe, -0.5)  # d/dx exp(−x)(I₀ + I₁) = −exp(−x) I₁/x
    factor = s2 / np.sqrt(1.0 + value) + (1.0 - s2) * laue
    return np.asarray(factor), np.asarray(-0.5 * s2 / (1.0 + value) ** 1.5 + (1.0 - s2) * laue_slope)

"""Weights of reflections, and extinction, as SHELXL has them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["extinguished", "reflection_weights"]

Array = NDArray[np.float64]


def reflection_weights(
    scheme: tuple[float, ...], observed: Array, sigma: Array, calculated: Array, stol: Array
) -> Array:
    """Return the weights (n,) of Fo² by WGHT a, b, c, d, e, f.

    w = q/[σ² + (aP)² + bP + d + e s] with P = f max(Fo², 0) + (1 − f) Fc², s = sin θ/λ in Å⁻¹, and q = 1 for c = 0,
    exp(c s²) for c > 0, 1 − exp(c s²) for c < 0 (Sheldrick 2015, SHELXL manual). All (n,) on the absolute scale.

    Examples
    --------
    >>> one = np.ones(1)
    >>> float(reflection_weights((0.1, 0.0, 0.0, 0.0, 0.0, 1 / 3), 100 * one, 2 * one, 100 * one, one)[0].round(5))
    0.00962
    """
    a, b, c, d, e, f = scheme
    p = f * np.maximum(observed, 0.0) + (1.0 - f) * calculated
    q = np.ones_like(p) if c == 0.0 else np.exp(c * stol**2) if c > 0.0 else 1.0 - np.exp(c * stol**2)
    return np.asarray(q / np.maximum(sigma**2 + (a * p) ** 2 + b * p + d + e * stol, 1e-30))


def extinguished(intensity: Array, coefficient: float, strength: Array) -> tuple[Array, Array, Array]:
    """Return intensities (n,) weakened by extinction, and their derivatives by intensity and by the coefficient x.

    I/√(1 + 0.001 x I λ³/sin 2θ) (Larson 1970, in Crystallographic Computing, 291; SHELXL's EXTI), with
    ``strength`` (n,) = 0.001 λ³/sin 2θ in Å³.
    """
    root = 1.0 + coefficient * strength * intensity
    root = np.maximum(root, 1e-6)
    by_intensity = (1.0 + 0.5 * coefficient * strength * intensity) / root**1.5
    return intensity / np.sqrt(root), by_intensity, -0.5 * strength * intensity**2 / root**1.5

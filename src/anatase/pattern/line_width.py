"""How wide powder lines are: the instrument, crystallite size, microstrain, and the spectrum.

Every contribution is given with its derivatives. Gaussian variances (FWHM²) add, and so do Lorentzian FWHM. Letters as
in GSAS: X goes with 1/cos θ (size), Y with tan θ (strain); FullProf exchanges the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.errors import PhysicsError

__all__ = [
    "Broadening",
    "caglioti",
    "lorentz_instrument",
    "size_broadening",
    "spectral_broadening",
    "strain_broadening",
    "uniaxial_size_broadening",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Broadening:
    """A contribution to the widths of m lines.

    ``value`` (m,): a FWHM in degrees 2θ, of ``caglioti`` its square. ``by_two_theta`` (m,), per degree;
    ``by_parameter`` (k, m), in the order of the function's arguments. ``by_hkl`` (m,): by what else of hkl enters,
    cos² to an axis or 1/d² at constant 2θ.
    """

    value: Array
    by_two_theta: Array
    by_parameter: Array
    by_hkl: Array | None = None


def caglioti(two_theta: Array, u: float, v: float, w: float) -> Broadening:
    """Return the Gaussian FWHM² = U tan²θ + V tan θ + W (deg²) of lines at 2θ (m,), with U, V, W in deg².

    Caglioti, Paoletti & Ricci (1958) Nucl. Instrum. 3, 223. The value may be negative where
    the three do not belong together: who draws lines has to refuse that.

    Examples
    --------
    >>> caglioti(np.array([90.0]), 0.01, -0.004, 0.003).value.round(6).tolist()
    [0.009]
    """
    tangent = np.tan(np.radians(two_theta) / 2.0)
    slope = np.radians(0.5 * (1.0 + tangent * tangent)) * (2.0 * u * tangent + v)
    rows = np.array([tangent * tangent, tangent, np.ones_like(tangent)])
    return Broadening((u * tangent + v) * tangent + w, slope, rows)


def lorentz_instrument(two_theta: Array, x: float, y: float, z: float) -> Broadening:
    """Return the Lorentzian FWHM = X/cos θ + Y tan θ + Z (°) of lines at 2θ (m,), with X, Y, Z in degrees."""
    half = np.radians(two_theta) / 2.0
    tangent, secant = np.tan(half), 1.0 / np.cos(half)
    slope = np.radians(0.5) * secant * (x * tangent + y * secant)
    return Broadening(x * secant + y * tangent + z, slope, np.array([secant, tangent, np.ones_like(tangent)]))


def _positive(name: str, value: float, unit: str) -> None:
    if not value > 0.0:
        raise PhysicsError(f"{name} is {value:g} {unit}; it must be positive")


def size_broadening(two_theta: Array, wavelength: Array, size: float, shape: float = 0.9) -> Broadening:
    """Return the FWHM = K λ/(L cos θ) (°) that crystallites of size L (Å) give to lines of wavelengths (m,) in Å.

    Scherrer (1918); L is the volume-weighted mean thickness of the crystallites along the diffraction
    vector, and K = 0.9 belongs to the FWHM (Klug & Alexander (1974), ch. 9); with K = 1 and breadths
    β = π/2 FWHM (Lorentzian) L is that of the integral breadth.

    Raises
    ------
    PhysicsError
        When the size is not positive.

    Examples
    --------
    >>> size_broadening(np.array([60.0]), np.array([1.5406]), 100.0).value.round(4).tolist()
    [0.9173]
    """
    _positive("crystallite size", size, "Å")
    half = np.radians(two_theta) / 2.0
    fwhm = np.degrees(shape * wavelength / (size * np.cos(half)))
    return Broadening(fwhm, np.radians(0.5) * np.tan(half) * fwhm, np.array([-fwhm / size]))


def uniaxial_size_broadening(
    two_theta: Array, wavelength: Array, cos2: Array, along: float, across: float, shape: float = 0.9
) -> Broadening:
    """Return the FWHM (°) that needles or plates give, sizes in Å along an axis and across it.

    1/L² = cos²φ/L∥² + sin²φ/L⊥², the radius of an ellipsoid of revolution along the diffraction vector; ``cos2`` (m,)
    is cos²φ between this and the axis.

    Raises
    ------
    PhysicsError
        When a size is not positive.
    """
    _positive("crystallite size along the axis", along, "Å")
    _positive("crystallite size across the axis", across, "Å")
    half = np.radians(two_theta) / 2.0
    unit = np.degrees(shape * wavelength / np.cos(half))
    rate = np.sqrt(cos2 / along**2 + (1.0 - cos2) / across**2)
    rows = np.array([-unit * cos2 / (rate * along**3), -unit * (1.0 - cos2) / (rate * across**3)])
    by_cos2 = 0.5 * unit / rate * (1.0 / along**2 - 1.0 / across**2)
    return Broadening(unit * rate, np.radians(0.5) * np.tan(half) * unit * rate, rows, by_cos2)


def strain_broadening(two_theta: Array, strain: float) -> Broadening:
    """Return the FWHM = 4 e tan θ (°) that a microstrain e (dimensionless) gives to lines at 2θ (m,).

    Stokes & Wilson (1944) Proc. Phys. Soc. 56, 174: e is half the FWHM of the distribution of Δd/d. (GSAS
    quotes the whole FWHM of Δd/d in units of 10⁻⁶, 2e·10⁶.)

    Raises
    ------
    PhysicsError
        When the strain is negative.
    """
    if not strain >= 0.0:
        raise PhysicsError(f"microstrain is {strain:g}; it must not be negative")
    half = np.radians(two_theta) / 2.0
    unit = np.degrees(4.0 * np.tan(half))
    return Broadening(strain * unit, strain * 2.0 / np.cos(half) ** 2, unit[None])


def spectral_broadening(two_theta: Array, relative_width: Array) -> Broadening:
    """Return the FWHM = 2 tan θ Δλ/λ (°) that the natural widths Δλ/λ (m,) of spectral lines give; no parameters."""
    half = np.radians(two_theta) / 2.0
    fwhm = np.degrees(2.0 * np.tan(half)) * relative_width
    return Broadening(fwhm, relative_width / np.cos(half) ** 2, np.empty((0, half.size)))

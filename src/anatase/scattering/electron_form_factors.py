"""Electron form factors: Gaussian sums for neutral atoms, the Mott-Bethe formula for ions."""

from __future__ import annotations

from functools import lru_cache

import gemmi
import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError, PhysicsError
from anatase.scattering.dispersion import atomic_number
from anatase.scattering.form_factors import FormFactorTable, gaussian_sum

__all__ = ["MOTT_BETHE", "electron_f", "mott_bethe", "relativistic_mass_factor"]

Array = NDArray[np.float64]

BOHR_RADIUS = 0.529177210903  # Å, CODATA 2018
MOTT_BETHE = 1.0 / (8.0 * np.pi**2 * BOHR_RADIUS)  # Å⁻¹: 0.023934
COMPTON_WAVELENGTH = 0.0242631023867  # Å, h/(m c), CODATA 2018


@lru_cache(maxsize=256)
def _peng(number: int) -> tuple[Array, Array]:
    """Return the five a (Å) and −b (5, 1) in Å² of a neutral atom."""
    element = gemmi.Element(number)
    if element.c4322 is None:
        raise InputError(f"no electron form factor of {element.name} is tabulated", "give an element up to Cf")
    coefficients = np.array([float(f"{value:.6g}") for value in element.c4322.get_coefs()])
    return coefficients[:5], -coefficients[5:, None]


def electron_f(element: str, stol2: ArrayLike, charge: int = 0, table: FormFactorTable = "IT92") -> Array:
    """Return the electron form factor f_e (n,), in Å, at (sin θ/λ)² (n,) in Å⁻², for the electron's rest mass.

    Neutral atoms: five Gaussians of Peng, Ren, Dudarev & Whelan (1996) Acta Cryst. A52, 257 (International Tables C,
    table 4.3.2.2), for sin θ/λ up to 2 Å⁻¹. Ions that the X-ray table holds: the Mott-Bethe formula; others scatter
    as neutral. Multiply by ``relativistic_mass_factor`` for absolute kinematic amplitudes.

    Raises
    ------
    InputError
        When the element is none or has no entry in the table (beyond Cf).
    PhysicsError
        When an ion's form factor is asked for at sin θ/λ = 0, where the Coulomb field makes it infinite.
    """
    number = atomic_number(element)
    if charge and gaussian_sum(element, charge, table).charge:
        return mott_bethe(element, stol2, charge, table)
    a, minus_b = _peng(number)
    return np.asarray(a @ np.exp(minus_b * np.asarray(stol2, dtype=float)))


def mott_bethe(element: str, stol2: ArrayLike, charge: int = 0, table: FormFactorTable = "IT92") -> Array:
    """Return the electron form factor f_e (n,), in Å, that belongs to an X-ray form factor.

    f_e(s) = [Z − f0(s)]/(8π² a₀ s²), s = sin θ/λ (Mott 1930; Bethe 1930; International Tables C, 4.3.1). With
    Z − f0(s) = q + Σ a [1 − exp(−b s²)] for an atom of charge q no two large numbers are subtracted, and a neutral
    atom has its limit Σ a b/(8π² a₀) at s = 0; what the fit leaves of Z − Σ a − c − q is dropped.

    Raises
    ------
    InputError
        When the element is none or has no entry in the table (beyond Cf).
    PhysicsError
        When the atom is charged and some sin θ/λ is 0.

    Examples
    --------
    >>> [float(round(f, 2)) for f in mott_bethe("C", [0.0, 0.25])]
    [2.49, 0.41]
    """
    gaussians = gaussian_sum(element, charge, table, "free")
    s2 = np.asarray(stol2, dtype=float)
    zero = s2 < 1e-12
    if gaussians.charge and zero.any():
        raise PhysicsError(
            f"the electron form factor of {element} with charge {charge:+d} is infinite at sin θ/λ = 0; "
            "leave out the reflection 0 0 0 or take the neutral atom"
        )
    safe = np.where(zero, 1.0, s2)
    screened = (gaussians.charge - gaussians.a @ np.expm1(gaussians.minus_b * safe)) / safe
    return np.asarray(MOTT_BETHE * np.where(zero, -gaussians.a @ gaussians.minus_b[:, 0], screened))


def relativistic_mass_factor(wavelength: float) -> float:
    """Return m/m₀ = √(1 + (λ_C/λ)²) of electrons of a wavelength in Å, λ_C the Compton wavelength.

    Kinematic amplitudes of fast electrons are f_e m/m₀ (International Tables C, 4.3.1); relative intensities of
    one pattern do without.

    Examples
    --------
    >>> round(relativistic_mass_factor(0.0250793), 4)
    1.3914
    """
    return float(np.sqrt(1.0 + (COMPTON_WAVELENGTH / wavelength) ** 2))

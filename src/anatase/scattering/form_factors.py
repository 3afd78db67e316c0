"""Scattering powers of atoms: X-ray form factors, anomalous terms, neutron scattering lengths."""

from __future__ import annotations

from functools import lru_cache

import gemmi
import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError

__all__ = ["anomalous", "neutron_length", "xray_f0"]

Array = NDArray[np.float64]

HC_EV_ANGSTROM = 12398.419843320026  # h c, CODATA 2018


def _element(symbol: str) -> gemmi.Element:
    element = gemmi.Element(symbol)
    if element.atomic_number == 0:
        raise InputError(f"'{symbol}' is no chemical element", "give an element symbol, as in 'Ti'")
    return element


@lru_cache(maxsize=512)
def _gaussians(element: str, charge: int) -> tuple[Array, Array, float]:
    """Return the four a, four b (Å²) and c of an ion, or of its neutral atom where the table lacks the ion."""
    el = _element(element)
    table = None
    if charge:
        ignored = gemmi.IT92_get_ignore_charge()
        gemmi.IT92_set_ignore_charge(False)  # gemmi's default for the whole process takes every ion as neutral
        table = gemmi.IT92_get_exact(el, charge)
        gemmi.IT92_set_ignore_charge(ignored)
    table = table or el.it92
    if table is None:
        raise InputError(f"no X-ray form factor of {element} is tabulated", "give an element up to Cf")
    coefficients = np.array(table.get_coefs())
    return coefficients[:4], coefficients[4:8], float(coefficients[8])


def xray_f0(element: str, stol2: ArrayLike, charge: int = 0) -> Array:
    """Return the X-ray form factor f0 (n,), in electrons, at (sin θ/λ)² (n,) in Å⁻².

    Four Gaussians and a constant of International Tables C (1992), table 6.1.1.4, as tabulated
    in gemmi; the ion's own where the table has it, else the neutral atom's.

    Raises
    ------
    InputError
        When the element is none or has no entry in the table (beyond Cf).
    """
    a, b, c = _gaussians(element, charge)
    s = np.asarray(stol2, dtype=float)
    return np.asarray(np.exp(-np.multiply.outer(s, b)) @ a + c)


def anomalous(element: str, wavelength: float) -> tuple[float, float]:
    """Return f′ and f″ in electrons at a wavelength in Å (Cromer & Liberman, 1981, as in gemmi)."""
    number = _element(element).atomic_number
    if number < 3 or number > 92:
        return 0.0, 0.0
    f_prime, f_second = gemmi.cromer_liberman(z=number, energy=HC_EV_ANGSTROM / wavelength)
    return float(f_prime), float(f_second)


def neutron_length(element: str) -> float:
    """Return the bound coherent neutron scattering length of the natural element (deuterium as ``D``), in fm.

    Sears (1992) Neutron News 3(3), 26, as tabulated in gemmi: the real part, and 0 for the elements
    that he gives no value for (Po, At, Rn, Fr, Ac, Pu and all beyond Cm).
    """
    return float(_element(element).neutron92.get_coefs()[0])

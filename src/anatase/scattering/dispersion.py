"""Dispersion corrections f′ and f″ of X-ray form factors at any wavelength."""

from __future__ import annotations

from functools import lru_cache

import gemmi
import numpy as np

from anatase.errors import InputError, PhysicsError
from anatase.scattering.emission import HC_EV_ANGSTROM

__all__ = ["anomalous", "atomic_number"]

SHORTEST, LONGEST = 0.0124, 24.8  # Å: 1 MeV to 0.5 keV
LIGHTEST, HEAVIEST = 3, 92  # Cromer & Liberman (1981) tabulate Li to U
# Where gemmi's integration of f′ strays by tenths to hundreds of electrons (eV): poles at Ar, Ce and Bi, and all that
# lies above K edges beyond 80 keV. Its f″ is right there, so that f′ follows from it, tied to f′ at the ends.
HARD = (70_000.0, np.inf)
STRAYING: dict[int, tuple[tuple[float, float], ...]] = dict.fromkeys(range(79, 93), (HARD,))
STRAYING |= {18: ((5200.0, 7000.0),), 58: ((0.0, 30_000.0),), 83: ((6500.0, 11_000.0), HARD)}
GRID_PER_E_FOLD = 600.0
DISPERSION_RANGE_EV = (300.0, 1e7)


def atomic_number(symbol: str) -> int:
    """Return the atomic number of an element symbol (``D``: 1).

    Raises
    ------
    InputError
        When it is no element.
    """
    element = gemmi.Element(symbol)
    if element.atomic_number == 0:
        raise InputError(f"'{symbol}' is no chemical element", "give an element symbol, as in 'Ti'")
    return int(element.atomic_number)


@lru_cache(maxsize=4096)
def anomalous(element: str, wavelength: float) -> tuple[float, float]:
    """Return f′ and f″ in electrons at a wavelength in Å.

    Cromer & Liberman (1981) Acta Cryst. A37, 267 with the relativistic correction of Kissel & Pratt (1990)
    Acta Cryst. A46, 170, as gemmi computes them; isolated atoms, so that f′ dips sharply at an edge and the fine
    structure of a solid is not there: within 10 eV of an edge (0.002 Å at Cu Kα) measure f′ and f″ instead. Both
    are 0 for H, He and for elements beyond U. Where gemmi's f′ is not smooth (Ar at 6, Ce below 30, Bi at 8 keV; Au
    and beyond above 70 keV) it is the dispersion integral (2/π) P∫ x f″(x)/(E² − x²) dx, shifted to join its f′
    outside.

    Raises
    ------
    InputError
        When the element is none.
    PhysicsError
        When the wavelength is below 0.0124 Å (1 MeV) or above 24.8 Å (0.5 keV), where the theory does not hold.

    Examples
    --------
    >>> f_prime, f_second = anomalous("Fe", 1.5405929)
    >>> round(f_prime, 2), round(f_second, 2)
    (-1.13, 3.2)
    """
    number = atomic_number(element)
    if not SHORTEST <= wavelength <= LONGEST:
        raise PhysicsError(
            f"dispersion of {element} at {wavelength:g} Å: f′ and f″ are known from {SHORTEST:g} to {LONGEST:g} Å; "
            "give a wavelength in this range or leave dispersion out"
        )
    if not LIGHTEST <= number <= HEAVIEST:
        return 0.0, 0.0
    energy = HC_EV_ANGSTROM / wavelength
    f_prime, f_second = gemmi.cromer_liberman(z=number, energy=energy)
    for low, high in STRAYING.get(number, ()):
        if low < energy < high:
            f_prime = _joined(number, energy, low, high)
    return float(f_prime), float(f_second)


def _joined(number: int, energy: float, low: float, high: float) -> float:
    """Return the dispersion integral at an energy plus what f′ differs from it at the ends, linear in ln E."""
    ends = [end for end in (low, high) if 0.0 < end < np.inf]
    shifts = [gemmi.cromer_liberman(z=number, energy=end)[0] - _dispersion_integral(number, end) for end in ends]
    return _dispersion_integral(number, energy) + float(np.interp(np.log(energy), np.log(ends), shifts))


@lru_cache(maxsize=256)
def _dispersion_integral(number: int, energy: float) -> float:
    """Return (2/π) P∫ x f″(x)/(E² − x²) dx by the midpoint rule in ln x, the pole between two points."""
    low, high = (np.log(limit / energy) * GRID_PER_E_FOLD for limit in DISPERSION_RANGE_EV)
    x = energy * np.exp((np.arange(np.floor(low), np.ceil(high)) + 0.5) / GRID_PER_E_FOLD)
    f_second = np.array([gemmi.cromer_liberman(z=number, energy=float(value))[1] for value in x])
    return float(2.0 / np.pi * np.sum(x * x * f_second / (energy * energy - x * x)) / GRID_PER_E_FOLD)

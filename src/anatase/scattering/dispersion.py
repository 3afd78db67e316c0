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
# Above a K edge beyond 80 keV (gold and heavier) gemmi's integration of f′ runs off the end of its table and is
# wrong by up to 30 electrons; its f″ is right, so that f′ follows from it, tied to f′ at an energy below the edge.
FIRST_FAILING, HIGHEST_SAFE_EV, ANCHOR_EV = 79, 79_000.0, 70_000.0
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
    are 0 for H, He and for elements beyond U. Above K edges beyond 80 keV f′ is the once subtracted dispersion
    integral f′(E) = f′(E₀) + (2/π) P∫ x f″(x) [1/(E² − x²) − 1/(E₀² − x²)] dx.

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
    if number >= FIRST_FAILING and energy > HIGHEST_SAFE_EV:
        anchor = gemmi.cromer_liberman(z=number, energy=ANCHOR_EV)[0]
        f_prime = anchor + _dispersion_integral(number, energy) - _dispersion_integral(number, ANCHOR_EV)
    return float(f_prime), float(f_second)


def _dispersion_integral(number: int, energy: float) -> float:
    """Return (2/π) P∫ x f″(x)/(E² − x²) dx by the midpoint rule in ln x, the pole between two points."""
    low, high = (np.log(limit / energy) * GRID_PER_E_FOLD for limit in DISPERSION_RANGE_EV)
    x = energy * np.exp((np.arange(np.floor(low), np.ceil(high)) + 0.5) / GRID_PER_E_FOLD)
    f_second = np.array([gemmi.cromer_liberman(z=number, energy=float(value))[1] for value in x])
    return float(2.0 / np.pi * np.sum(x * x * f_second / (energy * energy - x * x)) / GRID_PER_E_FOLD)

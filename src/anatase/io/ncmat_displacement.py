"""Mean-square displacements from what NCMAT files say about vibrations."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["u_iso_from_debye", "u_iso_from_vdos"]

# CODATA 2018
HBAR2_PER_DALTON_EV = 4.180159e-3  # ħ²/(u·eV) in Å²
BOLTZMANN_EV = 8.617333262e-5  # eV/K
GRID = 2000


def u_iso_from_debye(debye_temperature: float, mass: float, temperature: float) -> float:
    """Return U_iso in Å² of the Debye model.

    U = 3ħ²/(m k θ) · [1/4 + (T/θ)² ∫₀^{θ/T} x/(eˣ − 1) dx] (Willis & Pryor, 1975, Thermal Vibrations in
    Crystallography, section 4.4), temperatures in K, ``mass`` in g/mol.

    Examples
    --------
    >>> round(u_iso_from_debye(428.0, 26.98, 293.15), 4)
    0.0091
    """
    energy = BOLTZMANN_EV * debye_temperature
    quantum = 3.0 * HBAR2_PER_DALTON_EV / (mass * energy)
    if temperature <= 0:
        return quantum / 4.0
    x = np.linspace(0.0, debye_temperature / temperature, GRID)[1:]
    integrand = np.concatenate([[1.0], x / np.expm1(x)])
    integral = float(np.trapezoid(integrand, np.concatenate([[0.0], x])))
    return quantum * (0.25 + (temperature / debye_temperature) ** 2 * integral)


def u_iso_from_vdos(energies: ArrayLike, density: ArrayLike, mass: float, temperature: float) -> float:
    """Return U_iso in Å² of a vibrational density of states.

    U = ħ²/(2m) ∫ g(E) coth(E/2kT)/E dE with ∫ g = 1 (Willis & Pryor, 1975, section 4.3). Below the first
    energy g rises as E², as in every solid.

    Parameters
    ----------
    energies
        First and last energy of an even grid (2,), or every energy (n,), eV.
    density
        g (n,), in any unit.
    mass, temperature
        In g/mol and K.
    """
    g = np.asarray(density, dtype=float)
    grid = np.asarray(energies, dtype=float)
    e: NDArray[np.float64] = np.linspace(grid[0], grid[-1], len(g)) if len(grid) == 2 else grid
    low = np.linspace(0.0, e[0], GRID)[1:-1]
    e, g = np.concatenate([low, e]), np.concatenate([g[0] * (low / e[0]) ** 2, g])
    occupation = 1.0 if temperature <= 0 else 1.0 / np.tanh(e / (2.0 * BOLTZMANN_EV * temperature))
    weighted = float(np.trapezoid(g * occupation / e, e)) / float(np.trapezoid(g, e))
    return HBAR2_PER_DALTON_EV / (2.0 * mass) * weighted

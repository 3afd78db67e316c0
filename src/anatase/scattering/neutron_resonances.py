"""Scattering lengths of rare-earth nuclei whose resonances lie at thermal neutron energies."""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

__all__ = ["resonant_length"]

Array = NDArray[np.float64]

NEUTRON_EV_ANGSTROM2 = 0.0818042102  # h²/(2 m_n), CODATA 2018: E = 0.0818/λ²


@cache
def _table() -> dict[tuple[str, int], tuple[Array, Array, Array]]:
    """Return energies (eV), real and imaginary lengths (fm) of each nucleus."""
    text = resources.files("anatase.scattering").joinpath("data/neutron_resonances.csv").read_text("utf-8")
    rows: dict[tuple[str, int], list[list[float]]] = {}
    for line in [line.split(",") for line in text.splitlines() if line[0] != "#"][1:]:
        rows.setdefault((line[0], int(line[1])), []).append([float(word) for word in line[2:]])
    return {nucleus: tuple(np.array(values).T) for nucleus, values in rows.items()}


def resonant_length(element: str, isotope: int, wavelength: float) -> tuple[float, float] | None:
    """Return b and b″ in fm of a resonant nucleus at a wavelength in Å, ``None`` for all others.

    Lynn & Seeger (1990) At. Data Nucl. Data Tables 44, 191: Sm, ¹⁴⁹Sm, Eu, ¹⁵¹Eu, Gd, ¹⁵⁵Gd, ¹⁵⁷Gd, ¹⁶⁴Dy, Er,
    ¹⁶⁷Er, Yb, ¹⁶⁸Yb, ¹⁷⁴Yb, ¹⁷⁶Lu, linear between the tabulated energies. Beyond the table (most end at 0.01 and
    0.5 eV, 2.9 and 0.4 Å) its last value stands.

    Examples
    --------
    >>> [round(part, 1) for part in resonant_length("Gd", 0, 1.798)]
    [5.5, 13.7]
    """
    nucleus = _table().get((element, isotope))
    if nucleus is None:
        return None
    energy, real, imaginary = nucleus
    at = NEUTRON_EV_ANGSTROM2 / wavelength**2
    return float(np.interp(at, energy, real)), float(np.interp(at, energy, imaginary))

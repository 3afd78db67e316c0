"""Characteristic X-ray lines of anodes: their wavelengths, and their shapes as sums of Lorentzians."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np

from anatase.errors import InputError

__all__ = ["ANODES", "HC_EV_ANGSTROM", "CharacteristicLines", "EmissionProfile", "Line", "emission_profile"]

Line = Literal["Ka", "Kb"]
HC_EV_ANGSTROM = 12398.419843320026  # h c, CODATA 2018


@dataclass(frozen=True, slots=True)
class CharacteristicLines:
    """Wavelengths of an anode's K lines, Å; ``usual`` marks the anodes of powder diffraction."""

    ka1: float
    ka2: float
    kb1: float
    usual: bool


@dataclass(frozen=True, slots=True)
class EmissionProfile:
    """A group of spectral lines as Lorentzians, the highest first.

    ``wavelengths`` and ``widths`` (full width at half maximum) in Å, ``weights`` the areas relative to the first.
    """

    wavelengths: tuple[float, ...]
    weights: tuple[float, ...]
    widths: tuple[float, ...]


def _rows(name: str) -> list[list[str]]:
    text = resources.files("anatase.scattering").joinpath(f"data/{name}.csv").read_text("utf-8")
    return [line.split(",") for line in text.splitlines() if line[0] != "#"][1:]


ANODES: dict[str, CharacteristicLines] = {
    row[0]: CharacteristicLines(float(row[1]), float(row[2]), float(row[3]), row[4] == "1")
    for row in _rows("characteristic_lines")
}


@cache
def emission_profile(anode: str, line: Line = "Ka", lorentzians: int = 0) -> EmissionProfile:
    """Return the shape of an anode's Kα1,2 or Kβ1,3 group.

    Hölzer et al. (1997) Phys. Rev. A 56, 4554 for Cr to Cu; for Cu Kα also, by ``lorentzians=5``, the profile with
    satellites of Berger (1986) X-ray Spectrom. 15, 241; Mo and Ag Kα from level widths (Krause & Oliver 1979).
    ``lorentzians`` is the number of Lorentzians, 0 for the profile listed first.

    Raises
    ------
    InputError
        When no such profile is tabulated.

    Examples
    --------
    >>> profile = emission_profile("Cu")
    >>> [round(1e3 * width, 3) for width in profile.widths]
    [0.437, 0.513, 0.687, 0.643]
    """
    groups = dict.fromkeys((row[0], row[1], int(row[2])) for row in _rows("emission_profiles"))
    key = next((k for k in groups if k[:2] == (anode, line) and lorentzians in (0, k[2])), None)
    if key is None:
        known = ", ".join(f"{a}{kind}{count}" for a, kind, count in groups)
        wanted = f"{anode}{line}{lorentzians or ''}"
        raise InputError(f"no emission profile {wanted} is tabulated", f"give one of {known}")
    chosen = [row[3:] for row in _rows("emission_profiles") if (row[0], row[1], int(row[2])) == key]
    energy, width, height = np.array(chosen, dtype=float).T
    area = height * width
    order = np.argsort(-height, kind="stable")
    wavelength = HC_EV_ANGSTROM / energy[order]
    return EmissionProfile(
        tuple(float(f"{value:.7f}") for value in wavelength),
        tuple((area[order] / area[order[0]]).tolist()),
        tuple((wavelength * width[order] / energy[order]).tolist()),
    )

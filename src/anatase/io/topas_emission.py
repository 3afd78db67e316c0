"""Emission profiles that TOPAS input files name by macro: ``CuKa5(0.0001)``, ``CoKa7_Holzer(0.0001)``."""

from __future__ import annotations

import re
from math import acos, degrees, sqrt

from anatase.errors import InputError
from anatase.scattering.emission import emission_profile
from anatase.scattering.radiation import Probe, Radiation

__all__ = ["EmissionLine", "emission_of_macro", "is_emission_macro", "lp_angle", "radiation_of_lines"]

EmissionLine = tuple[float, float, float]  # area, wavelength (Å), full width at half maximum (Å)
MACRO = re.compile(r"(Cr|Mn|Fe|Co|Ni|Cu|Mo|Ag)K([ab])(\d?)(?:_\w+)?")
# areas, wavelengths and widths of TOPAS's own one- and two-line profiles of copper (topas.inc)
COPPER: dict[str, tuple[EmissionLine, ...]] = {
    "CuKa1": ((1.0, 1.540596, 0.501844e-3),),
    "CuKa2": ((0.653817, 1.540596, 0.501844e-3), (0.346183, 1.544493, 0.626579e-3)),
    "CuKa2_analyt": ((2 / 3, 1.540596, 0.501844e-3), (1 / 3, 1.544493, 0.626579e-3)),
}


def is_emission_macro(name: str) -> bool:
    """Tell whether a macro names an emission profile."""
    return MACRO.fullmatch(name) is not None


def emission_of_macro(name: str) -> tuple[tuple[EmissionLine, ...], str]:
    """Return the lines of a macro, and a warning where those of another number of lines stand in for them.

    Raises
    ------
    InputError
        When no profile of the anode is tabulated.
    """
    if name in COPPER:
        return COPPER[name], ""
    match = MACRO.fullmatch(name)
    if match is None:
        raise InputError(f"'{name}' names no emission profile", "write its lines with lam, la, lo and lh")
    anode, line, count = match.group(1), "Kb" if match.group(2) == "b" else "Ka", int(match.group(3) or 0)
    warning = ""
    try:
        profile = emission_profile(anode, line, count if count > 2 else 0)
    except InputError:
        profile = emission_profile(anode, line)
    lines = tuple(zip(profile.weights, profile.wavelengths, profile.widths, strict=True))
    if count == 1 and line == "Ka":
        lines = lines[:1]
    if len(lines) != count:
        warning = f"{name}: took the {len(lines)} lines of {anode} {line} that are tabulated here"
    return lines, warning


def radiation_of_lines(lines: tuple[EmissionLine, ...], probe: Probe, lp: float | None, name: str) -> Radiation:
    """Return the radiation of emission lines behind a monochromator of 2θ ``lp`` (°), ``None`` without polarization."""
    sharp = tuple((wavelength, area) for area, wavelength, _ in lines)
    widths = tuple(width for _, _, width in lines) if any(width > 0.0 for _, _, width in lines) else ()
    if probe != "xray" or lp is None:
        return Radiation(probe, sharp, 0.0, name=name, line_widths=widths)
    return Radiation(probe, sharp, 1.0, lp, name, line_widths=widths)


def lp_angle(polarization: float) -> float:
    """Return the monochromator's 2θ (°) for K cos²2θ_M as a whole: ``LP_Factor`` of TOPAS knows only the angle."""
    return degrees(acos(sqrt(min(max(polarization, 0.0), 1.0))))

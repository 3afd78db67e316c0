"""Radiations as files state them: tube lines, single wavelengths, words in a header."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from anatase.scattering.radiation import TUBES, Radiation, radiation_from_name

__all__ = [
    "about_radiation",
    "assumed_radiation",
    "neutron_radiation",
    "radiation_from_header",
    "radiation_from_number",
    "tube_radiation",
]

WAVELENGTH_WORD = re.compile(
    r"(?:wave\s*-?_?length|lambda|\bLam1?\b|λ|calc\. wavelength)[^0-9\n]{0,30}?(\d*\.\d+)", re.IGNORECASE
)
WAVELENGTH_UNIT = re.compile(r"(?<![\d.])(\d\.\d{2,})\s*(?:Å|Ang\w*\b|A\b)")
TUBE_WORD = re.compile(
    r"\b(Cr|Fe|Co|Cu|Mo|Ag)[\s\-_]*K[\s\-_]*(?:alpha|a|α)[\s\-_]*(1(?!\s*[,+/&]?\s*2))?", re.IGNORECASE
)
ANODE_WORD = re.compile(r"\banode\b[^A-Za-z\n]{0,5}(?:material\W{1,3})?(Cr|Fe|Co|Cu|Mo|Ag)\b", re.IGNORECASE)
OF_RADIATION = ("wavelength", "Kα")
NEUTRON_WORD = re.compile(r"\bneutrons?\b", re.IGNORECASE)


def plausible(wavelength: float) -> bool:
    """Whether a number can be a diffraction wavelength in Å."""
    return math.isfinite(wavelength) and 0.01 < wavelength < 20.0


def tube_of(wavelength: float, tolerance: float = 6e-4) -> str | None:
    """Return the anode whose Kα1 or mean Kα lies within a relative tolerance of a wavelength."""
    for tube, (alpha1, alpha2) in TUBES.items():
        for line in (alpha1, (2 * alpha1 + alpha2) / 3):
            if abs(wavelength / line - 1) < tolerance:
                return tube
    return None


def tube_radiation(
    alpha1: float, alpha2: float = 0.0, ratio: float = 0.5, anode: str = "", *, alpha1_only: bool = False
) -> Radiation | None:
    """Return the radiation of a laboratory tube from the wavelengths (Å) that a file states.

    Both Kα lines are taken where the file states both, unless ``alpha1_only`` or the ratio says
    that only Kα1 reaches the sample. ``None`` where the file states nothing usable.
    """
    anode = anode.strip("\0 \t'\"").capitalize()
    if not plausible(alpha1):
        if anode not in TUBES:
            return None
        return radiation_from_name(f"{anode}Ka1" if alpha1_only else f"{anode}Ka")
    if anode not in TUBES:  # a number or a name we do not know; the wavelength tells
        anode = tube_of(alpha1) or ""
    doublet = plausible(alpha2) and 0 < alpha2 / alpha1 - 1 < 0.02
    if alpha1_only or not doublet or not ratio > 0:
        only = radiation_from_name(f"{alpha1!r}")
        return replace(only, polarization=1.0, name=f"{anode}Ka1") if anode in TUBES else only
    weight = ratio if 0 < ratio < 1 else 0.5
    return Radiation("xray", ((alpha1, 1.0), (alpha2, weight)), name=f"{anode}Ka" if anode else f"{alpha1:g} Å")


def neutron_radiation(wavelength: float) -> Radiation | None:
    """Return one neutron wavelength in Å, ``None`` where the number cannot be one."""
    return radiation_from_name(f"{wavelength!r}", "neutron") if plausible(wavelength) else None


def radiation_from_number(wavelength: float) -> tuple[Radiation | None, tuple[str, ...]]:
    """Return the X-ray radiation of a single stated wavelength (Å) with what had to be assumed.

    A wavelength that is a tube's Kα1 or mean Kα means, nearly always, the doublet of that tube.
    """
    if not plausible(wavelength):
        return None, ()
    tube = tube_of(wavelength)
    if tube is None:
        return radiation_from_name(f"{wavelength!r}"), ()
    alpha1, alpha2 = TUBES[tube]
    if abs(wavelength / alpha1 - 1) < 1e-4:
        alpha2 *= wavelength / alpha1
        alpha1 = wavelength
    radiation = Radiation("xray", ((alpha1, 1.0), (alpha2, 0.5)), name=f"{tube}Ka")
    said = f"the file states {wavelength:g} Å only; took the {tube} Kα1/Kα2 doublet (say {tube}Ka1 if Kα2 is absent)"
    return radiation, (said,)


def radiation_from_header(text: str) -> tuple[Radiation | None, bool, tuple[str, ...]]:
    """Find a radiation in a file's title or comments.

    Returns
    -------
    radiation, neutron, warnings
        ``neutron`` is true when the words say so, with or without a wavelength.
    """
    neutron = NEUTRON_WORD.search(text) is not None
    match = WAVELENGTH_WORD.search(text) or WAVELENGTH_UNIT.search(text)
    if match is not None and plausible(float(match.group(1))):
        if neutron:
            return neutron_radiation(float(match.group(1))), True, ()
        radiation, warnings = radiation_from_number(float(match.group(1)))
        return radiation, False, warnings
    tube = TUBE_WORD.search(text)
    if tube is not None and not neutron:
        return radiation_from_name(f"{tube.group(1)}Ka{tube.group(2) or ''}"), False, ()
    anode = ANODE_WORD.search(text)
    if anode is not None:
        return radiation_from_name(f"{anode.group(1)}Ka"), False, ()
    return None, neutron, ()


def about_radiation(warning: str) -> bool:
    """Tell whether a warning of a file's reader is about the radiation that it names, or that was taken for it.

    Examples
    --------
    >>> about_radiation(assumed_radiation()[1]), about_radiation("12 points merged")
    (True, False)
    """
    return any(word in warning for word in OF_RADIATION)


def assumed_radiation() -> tuple[Radiation, str]:
    """Return Cu Kα1/Kα2, marked as assumed, and the warning that says so."""
    radiation = replace(radiation_from_name("CuKa"), assumed=True)
    return radiation, "the file names no wavelength; assumed Cu Kα1/Kα2 (give the wavelength to change it)"

"""The keywords and macros of a phase in TOPAS input files: cell, sites, widths, texture."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from anatase.io.topas_content import TopasContent, TopasPhase, TopasSite
from anatase.io.topas_parameter import TopasNumber
from anatase.io.topas_text import TopasText

__all__ = ["CELL_KEYWORDS", "PHASE_KEYWORDS"]

CELL_KEYWORDS = ("a", "b", "c", "al", "be", "ga")
SITE_NUMBERS = frozenset({"x", "y", "z", "u11", "u22", "u33", "u12", "u13", "u23"})
SITE_SILENT = frozenset({"num_posns", "min_r", "max_r", "inter", "rand_xyz", "adps", "layer"})
WIDTH_ORDER = ("U", "V", "W", "Z", "X", "Y")  # of TCHZ_Peak_Type
# name and value by position: LVol_FWHM_CS_G_L(k, lvol, kf, lvolf, csgc, csgv, cslc, cslv), e0_from_Strain(e0, …)
LVOL_GAUSS, LVOL_LORENTZ = 4, 6
E0_GAUSS, E0_LORENTZ = 1, 3


def _phase_name(_content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    phase.name = text.raw()


def _space_group(_content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    phase.group = text.raw()


def _number(key: str, content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    phase.numbers[key] = content.number(text)


def _cell(kind: str, content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    """``Cubic(@ 5.43)``, ``Hexagonal(@ 3.2, @ 5.2)``: lengths and angles that the lattice leaves free."""
    line, arguments = text.line, text.arguments()
    wanted = {"Cubic": 1, "Rhombohedral": 2}.get(kind, 2)
    if len(arguments) != wanted:
        raise text.source.error(
            f"{kind} has {len(arguments)} arguments", f"give {wanted} lengths or angles, as in {kind}(@ 5.43)", line
        )
    first = content.number(arguments[0])
    phase.numbers.update(a=first, b=first, c=first)
    if kind == "Rhombohedral":
        angle = content.number(arguments[1])
        phase.numbers.update(al=angle, be=angle, ga=angle)
    elif kind != "Cubic":
        phase.numbers["c"] = content.number(arguments[1])
        if kind in ("Hexagonal", "Trigonal"):
            phase.numbers["ga"] = TopasNumber(line, value=120.0)


def _site(content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    """``site O1 x @ 0.1 y 0.2 z =1/4; occ O-2 1 beq @ 0.5``."""
    site = TopasSite(text.line, text.raw())
    while word := text.peek_word():
        if word in SITE_NUMBERS:
            text.word()
            site.numbers[word] = content.number(text)
        elif word == "occ":
            text.word()
            kind = text.raw()
            site.species.append((kind, content.number(text), None))
        elif word == "beq" and site.species:
            text.word()
            kind, occupancy, _ = site.species[-1]
            site.species[-1] = (kind, occupancy, content.number(text))
        elif word in SITE_SILENT:
            text.word()
            text.number()
        elif word.startswith("ADPs"):
            text.word()
            text.arguments()
        else:
            break
    phase.sites.append(site)


def _widths(content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    """``TCHZ_Peak_Type(u, 0.01, v, -0.01, w, 0.01, !z, 0, x, 0.01, y, 0.1)``."""
    arguments = text.arguments()
    for index, key in enumerate(WIDTH_ORDER):
        phase.numbers[key] = content.pair(arguments, 2 * index, "TCHZ_Peak_Type")


def _pseudo_voigt(content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    """``PV_Peak_Type(ha, 0.1, hb, 0, hc, 0, lora, 0.5, lorb, 0, lorc, 0)``."""
    arguments = text.arguments()
    phase.pseudo_voigt = tuple(content.pair(arguments, 2 * index, "PV_Peak_Type") for index in range(6))


def _macro(key: str, name: str, content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    phase.numbers[key] = content.pair(text.arguments(), 0, name)


def _two_widths(
    name: str, places: tuple[tuple[str, int], ...], content: TopasContent, phase: TopasPhase, text: TopasText
) -> None:
    """Read the Gaussian and Lorentzian numbers out of a macro that derives a mean from them."""
    arguments = text.arguments()
    for key, place in places:
        if len(arguments) > place + 1 and arguments[place + 1].next():
            phase.numbers[key] = content.pair(arguments, place, name)


def _texture(content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    """``PO(@, 0.8, , 0 0 1)``: r of March and Dollase, and the plane."""
    line, arguments = text.line, text.arguments()
    plane = _plane(arguments[-1]) if len(arguments) >= 3 else None
    if plane is None:
        raise text.source.error("Preferred_Orientation names no plane", "write it as PO(@, 1, , 0 0 1)", line)
    phase.textures.append((content.pair(arguments, 0, "Preferred_Orientation"), plane, None))


def _two_textures(content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    """``PO_Two_Directions(r1, 1, ang1, 0 0 1, r2, 1, ang2, 1 0 0, w1, 0.5)``; w1 is the share of the first."""
    line, arguments = text.line, text.arguments()
    planes = [_plane(arguments[place]) for place in (3, 7)] if len(arguments) >= 10 else [None]
    if None in planes:
        raise text.source.error(
            "PO_Two_Directions is not complete", "write (r1, 1, , 0 0 1, r2, 1, , 1 0 0, w, 0.5)", line
        )
    share = content.pair(arguments, 8, "PO_Two_Directions")
    for plane, place in zip(planes, (0, 4), strict=True):
        if plane is not None:
            phase.textures.append((content.pair(arguments, place, "PO_Two_Directions"), plane, share))


def _plane(text: TopasText) -> tuple[int, int, int] | None:
    words = re.findall(r"[+-]?\d+", text.text)
    return (int(words[0]), int(words[1]), int(words[2])) if len(words) == 3 else None


def _lebail(content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    if content.value(content.number(text)) != 0.0:
        phase.mode = "lebail"


def _lp_search(_content: TopasContent, phase: TopasPhase, text: TopasText) -> None:
    phase.mode = "lebail"
    if text.take("="):
        text.equation()
    else:
        text.number()


Handler = Callable[[TopasContent, TopasPhase, TopasText], None]

PHASE_KEYWORDS: dict[str, Handler] = {
    "phase_name": _phase_name,
    "space_group": _space_group,
    "scale": partial(_number, "scale"),
    **{name: partial(_number, name) for name in CELL_KEYWORDS},
    **{name: partial(_cell, name) for name in ("Cubic", "Tetragonal", "Hexagonal", "Trigonal", "Rhombohedral")},
    "site": _site,
    "TCHZ_Peak_Type": _widths,
    "PV_Peak_Type": _pseudo_voigt,
    "CS_L": partial(_macro, "CS_L", "CS_L"),
    "CS": partial(_macro, "CS_L", "CS"),
    "CS_G": partial(_macro, "CS_G", "CS_G"),
    "Strain_L": partial(_macro, "Strain_L", "Strain_L"),
    **{name: partial(_macro, "Strain_L", name) for name in ("Strain", "Microstrain", "MS")},
    "Strain_G": partial(_macro, "Strain_G", "Strain_G"),
    "LVol_FWHM_CS_G_L": partial(_two_widths, "LVol_FWHM_CS_G_L", (("CS_G", LVOL_GAUSS), ("CS_L", LVOL_LORENTZ))),
    "e0_from_Strain": partial(_two_widths, "e0_from_Strain", (("Strain_G", E0_GAUSS), ("Strain_L", E0_LORENTZ))),
    "PO": _texture,
    "Preferred_Orientation": _texture,
    "PO_Two_Directions": _two_textures,
    "lebail": _lebail,
    "lp_search": _lp_search,
}

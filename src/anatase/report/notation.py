"""How crystallographers write what an answer holds: cells, symbols, formulas, radiations, fits."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from anatase.estimate import Estimate
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation

if TYPE_CHECKING:
    from anatase.identify.answer import Identification

__all__ = [
    "AXIS_LABELS",
    "axis_unit",
    "cell_parameters",
    "fit_su",
    "formula_text",
    "gof_reading",
    "percent",
    "radiation_text",
    "shift_name",
    "space_group_text",
    "verdict",
]

AXIS_LABELS = {"two_theta": ("2θ", "°"), "q": ("Q", "Å⁻¹"), "d": ("d", "Å"), "tof": ("time of flight", "µs")}
CELL_NAMES = {"a": "a", "b": "b", "c": "c", "alpha": "α", "beta": "β", "gamma": "γ", "volume": "V"}
CELL_UNITS = {"a": "Å", "b": "Å", "c": "Å", "alpha": "°", "beta": "°", "gamma": "°", "volume": "Å³"}
DOUBTFUL_SHARE = 0.3  # unexplained Bragg intensity above which the sentence of the answer says so
SCREW = "21|3[12]|4[123]|6[12345]"
SUBSCRIPTS = str.maketrans("0123456789.", "₀₁₂₃₄₅₆₇₈₉.")


def percent(fraction: Estimate) -> str:
    """Write a fraction 0–1 in percent with its s.u.: ``45.3(4)``; without one, to 0.1 %.

    Examples
    --------
    >>> percent(Estimate(0.453, 0.004)), percent(Estimate(1.0))
    ('45.3(4)', '100')
    """
    if not math.isfinite(fraction.value):
        return "–"
    if fraction.su is None or not fraction.su > 0 or not math.isfinite(fraction.su):
        return f"{round(100 * fraction.value, 1):g}"
    return str(Estimate(100 * fraction.value, 100 * fraction.su))


def fit_su(fraction: Estimate | None) -> str:
    """Write the s.u. of a fraction 0–1 in percent, to two figures: ``0.42``; a dash where there is none."""
    if fraction is None or fraction.su is None or not math.isfinite(fraction.su):
        return "–"
    return f"{100 * fraction.su:.2g}"


def cell_parameters(lattice: dict[str, Estimate]) -> list[tuple[str, str, str]]:
    """Return (symbol, value, unit) of the cell parameters that the metric leaves free, and the volume.

    Lengths equal to *a* and angles fixed at 90° or 120° go without saying, as in print.
    """

    def equal(name: str, value: float) -> bool:
        return math.isclose(lattice[name].value, value, rel_tol=1e-9)

    a = lattice["a"].value
    shown = ["a", *(name for name in ("b", "c") if not equal(name, a))]
    for name in ("alpha", "beta", "gamma"):
        hexagonal = name == "gamma" and equal("b", a) and equal(name, 120.0)
        if not equal(name, 90.0) and not hexagonal:
            shown.append(name)
    if "volume" in lattice:
        shown.append("volume")
    return [(CELL_NAMES[name], str(lattice[name]), CELL_UNITS[name]) for name in shown]


def space_group_text(symbol: str) -> str:
    """Write a Hermann–Mauguin symbol with the screw axes as subscripts: ``P 63/m`` becomes ``P6₃/m``.

    Examples
    --------
    >>> space_group_text("P 63/m"), space_group_text("R -3 c:H"), space_group_text("I 41/a m d:2")
    ('P6₃/m', 'R-3c:H', 'I4₁/amd:2')
    """
    return "".join(f"{text.translate(SUBSCRIPTS)}" if kind == "sub" else text for kind, text in symbol_parts(symbol))


def symbol_parts(symbol: str) -> list[tuple[str, str]]:
    """Split a Hermann–Mauguin symbol into ("letter" | "digit" | "bar" | "sub" | "plain", text).

    A ``bar`` part is written ``-n`` and printed as n with an overline.
    """
    name, colon, setting = symbol.partition(":")
    fields = name.split()
    if len(fields) == 4 and fields[1] == fields[3] == "1":  # P 1 21/c 1 is printed P 21/c
        fields = [fields[0], fields[2]]
    parts: list[tuple[str, str]] = []
    for field in fields:
        for token in re.findall(rf"-\d|{SCREW}|[A-Za-z]|\d|\S", field):
            if re.fullmatch(SCREW, token):
                parts += [("digit", token[0]), ("sub", token[1])]
            elif token.startswith("-") and len(token) == 2:
                parts.append(("bar", token))
            else:
                parts.append(("letter" if token.isalpha() else "digit" if token.isdigit() else "plain", token))
    return [*parts, ("plain", colon + setting)] if colon else parts


def formula_parts(formula: str) -> list[tuple[str, str]]:
    """Split a formula into ("plain" | "sub", text): the numbers after an element or a bracket are subscripts."""
    pieces = re.split(r"(?<=[A-Za-z)\]])(\d+(?:\.\d+)?)", formula)
    return [("sub" if k % 2 else "plain", piece) for k, piece in enumerate(pieces) if piece]


def formula_text(formula: str) -> str:
    """Write a formula with subscripts: ``Ca5P3O12F`` becomes ``Ca₅P₃O₁₂F``."""
    return "".join(text.translate(SUBSCRIPTS) if kind == "sub" else text for kind, text in formula_parts(formula))


def radiation_text(radiation: Radiation | None) -> str:
    """Name the probe and its wavelengths: ``X-rays, Cu Kα₁,₂ λ = 1.54059, 1.54443 Å``."""
    if radiation is None:
        return "radiation not stated"
    probe = {"xray": "X-rays", "neutron": "neutrons", "electron": "electrons"}[radiation.probe]
    written = [f"{wavelength:.5f}" for wavelength, _ in radiation.lines]
    while all(text.endswith("0") for text in written):
        written = [text[:-1] for text in written]
    wavelengths = ", ".join(written)
    tube = re.fullmatch(r"([A-Z][a-z]?)K([ab])(\d?)", radiation.name)
    line = {"a": "α₁" if tube[3] == "1" else "α₁,₂", "b": "β"}[tube[2]] if tube else ""
    name = f" {tube[1]} K{line}" if tube else ""
    return f"{probe},{name} λ = {wavelengths} Å{' (assumed)' if radiation.assumed else ''}"


def axis_unit(pattern: Pattern) -> tuple[str, str]:
    """Return the name and the unit of a pattern's axis."""
    return AXIS_LABELS[pattern.axis]


def gof_reading(gof: float) -> str:
    """Say in plain words what a goodness of fit (Rwp/Rexp; Toby (2006) Powder Diffr. 21, 67) means."""
    if not math.isfinite(gof):
        return "The goodness of fit could not be calculated."
    if gof < 0.8:
        return "The fit is closer than the s.u. of the points allow: they are probably overestimated."
    if gof < 1.5:
        return "The model describes the pattern to within its counting statistics."
    if gof < 4.0:
        return "Small misfits above counting noise remain, as is usual with fixed structures."
    return "The model misses features well above counting noise: look at the difference curve."


def shift_name(identification: Identification) -> str:
    """Return what the 2θ shift is called: that of a displaced specimen (∝ cos θ), or a zero error."""
    return "zero error" if identification.settings.get("shift") == "zero" else "displacement shift"


def verdict(identification: Identification) -> str:
    """State the answer in one sentence."""
    count = len(identification.phases)
    fraction = identification.unexplained_fraction
    if count == 0:
        return "No crystalline phase was identified."
    phases = "One phase explains" if count == 1 else f"{_number(count)} phases explain"
    if not math.isfinite(fraction):
        return f"{phases} the pattern; the unexplained share could not be calculated."
    if fraction > DOUBTFUL_SHARE:
        return f"{phases} only {100 * (1 - fraction):.1f} % of the Bragg intensity: the answer is incomplete or wrong."
    return f"{phases} {100 * (1 - fraction):.1f} % of the Bragg intensity."


def _number(count: int) -> str:
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    return words[count] if count < len(words) else str(count)

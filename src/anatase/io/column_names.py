"""What a column's name says: which axis, intensity, s.u., or an axis that diffraction does not have."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from anatase.pattern.pattern import Axis

__all__ = ["NamedAxis", "axis_of", "is_intensity", "is_sigma"]


@dataclass(frozen=True)
class NamedAxis:
    """An axis that a column name means; ``axis`` is ``None`` for one of another method, called ``foreign``."""

    axis: Axis | None
    scale: float = 1.0  # to the axis's unit
    foreign: str = ""


TWO_THETA = re.compile(
    r"^\W*(2|two)[\s_\-*·]*(theta|θ|th\b|t\b|ϑ)|^\W*tth\b|2th(eta)?\b|2[\s_]*θ|_2theta|twotheta"
    r"|^\W*angle\b|^\W*diffraction angle",
    re.IGNORECASE,
)
Q_AXIS = re.compile(r"^\W*q\b|^\W*q[\s_]*(value|a\^?-1|\(|\[)|scattering vector|momentum transfer", re.IGNORECASE)
RECIPROCAL_D = re.compile(r"^\W*1\s*/\s*d\b|^\W*d\s*(\^|\*\*)?\s*[\-−–⁻]\s*[1¹]|^\W*spatial frequency", re.IGNORECASE)
D_AXIS = re.compile(r"^\W*d\W*$|^\W*d[\s_\-]*(spacing|value|\(|\[)|_d_spacing", re.IGNORECASE)
TOF_AXIS = re.compile(r"\btof\b|time[\s_\-]*of[\s_\-]*flight|^\W*(t|time)\W*(µs|us|microsec)", re.IGNORECASE)
INTENSITY = re.compile(
    r"^\W*(i\b|y\b|int|cnts?\b|counts?|cps|signal|y_?obs|obs|meas|yobs|data\b|i_?obs)|intensit|counts", re.IGNORECASE
)
SIGMA = re.compile(
    r"^\W*(sig(?!nal)|err|e\b|esd|su\b|s\.u|std|dev|unc|di\b|dy\b|e_|s\b)|sigma|error|uncert|esd\b|_su\b", re.IGNORECASE
)
FOREIGN: tuple[tuple[str, str], ...] = (
    (r"wave\s*-?length|^\W*nm\W*$|λ\s*[\[(/]?\s*nm", "a wavelength: an optical spectrum"),
    (r"kinetic|binding|photon energy|energy|^\W*k?m?ev\W*$", "an energy: a spectrum"),
    (r"wave\s*-?numbers?|raman|cm\^?[\-−–]1|1/cm", "a wavenumber: an infrared or Raman spectrum"),
    (r"^\W*channels?\b", "a detector channel: an uncalibrated spectrum"),
    (r"^\W*m/z\b", "m/z: a mass spectrum"),
    (r"^\W*ppm\b|chemical shift", "a chemical shift: an NMR spectrum"),
    (r"^\W*(date|time|t)\W*(\+|\[?\(?(s|sec|seconds|min|h|number)\b|$)|^\W*date", "a time: a time series"),
    (r"^\W*(temp(erature)?)\b", "a temperature: a thermal curve"),
    (r"^\W*(field|magnetic|voltage|potential|force|strain)\b", "a field, voltage or force: another measurement"),
)


def axis_of(name: str) -> NamedAxis | None:
    """Return the axis that a column name means, ``None`` where it names no axis."""
    text = name.strip().strip("\"'")
    inverse_nm = re.search(r"nm\W*(\^?\W*[\-−–⁻]\s*[1¹])|1\s*/\s*nm", text) is not None
    if TOF_AXIS.search(text):
        return NamedAxis("tof", 1000.0 if re.search(r"\bms\b", text) else 1.0)
    if TWO_THETA.search(text):
        return NamedAxis("two_theta", 57.29577951308232 if re.search(r"\brad(ian)?s?\b", text, re.IGNORECASE) else 1.0)
    if RECIPROCAL_D.search(text):
        return NamedAxis("q", 2.0 * math.pi * (0.1 if inverse_nm else 1.0))
    if Q_AXIS.search(text):
        return NamedAxis("q", 0.1 if inverse_nm else 1.0)
    if D_AXIS.search(text):
        return NamedAxis("d", 10.0 if re.search(r"\bnm\b", text) else 1.0)
    if inverse_nm:
        return NamedAxis("q", 0.1)
    for pattern, foreign in FOREIGN:
        if re.search(pattern, text, re.IGNORECASE):
            return NamedAxis(None, foreign=foreign)
    return None


def is_intensity(name: str) -> bool:
    """Whether a column name means an intensity."""
    return INTENSITY.search(name.strip().strip("\"'")) is not None and not is_sigma(name)


def is_sigma(name: str) -> bool:
    """Whether a column name means a standard uncertainty."""
    return SIGMA.search(name.strip().strip("\"'")) is not None

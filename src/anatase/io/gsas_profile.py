"""Profile functions of GSAS: the names of their coefficients, and what they mean here.

Widths of GSAS are in centidegrees: Gaussian variances σ² = U tan²θ + V tan θ + W + P/cos²θ in their squares, Lorentzian
FWHM γ = X/cos θ + Y tan θ in centidegrees (Larson & Von Dreele (2004) LAUR 86-748, powder profile functions).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import log, pi, sqrt

from anatase.errors import InputError
from anatase.pattern.tof_profile import TofProfile

__all__ = [
    "CENTIDEGREE",
    "CW_FUNCTIONS",
    "CW_PREFERRED",
    "TOF_FUNCTIONS",
    "TOF_PREFERRED",
    "VARIANCE",
    "cw_terms",
    "left_out",
    "named_coefficients",
    "polarization_ratio",
    "tof_profile_of",
]

CENTIDEGREE = 0.01  # degrees
VARIANCE = 8.0 * log(2.0) * CENTIDEGREE**2  # deg² of FWHM² for a variance of one centidegree²

# names of the coefficients as in EXPGUI (Toby (2001) J. Appl. Cryst. 34, 210), in the order of the cards
SHEAR = ("L11", "L22", "L33", "L12", "L13", "L23")
FCJ = ("GU", "GV", "GW", "GP", "LX", "LY", "S/L", "H/L", "trns", "shft", "stec", "ptec", "sfec")
BELL = ("alp", "bet-0", "bet-1", "sig-0", "sig-1", "sig-2", "gam-0", "gam-1", "gam-2")
CW_FUNCTIONS: dict[int, tuple[str, ...]] = {
    1: ("GU", "GV", "GW", "asym", "F1", "F2"),
    2: ("GU", "GV", "GW", "LX", "LY", "trns", "asym", "shft", "GP", "stec", "ptec", "sfec", *SHEAR),
    3: (*FCJ, *SHEAR),
    4: ("GU", "GV", "GW", "GP", "LX", "ptec", "trns", "shft", "sfec", "S/L", "H/L", "eta"),
    5: (*FCJ, "D1", "D2", "D3", "D4", "D5", "D6"),
}
TOF_FUNCTIONS: dict[int, tuple[str, ...]] = {
    1: ("alp-0", "alp-1", "bet-0", "bet-1", "sig-0", "sig-1", "sig-2", "rstr", "rsta", "rsca", "s1ec", "s2ec"),
    3: (*BELL, "gsf", "g1ec", "g2ec", "rstr", "rsta", "rsca", *SHEAR),
    4: ("alp", "bet-0", "bet-1", "sig-1", "sig-2", "gam-2", "g2ec", "gsf", "rstr", "rsta", "rsca", "eta"),
    5: (*BELL, "gsf", "g1ec", "g2ec", "rstr", "rsta", "rsca", "D1", "D2", "D3", "D4", "D5", "D6"),
}
# of several functions in one file, that which says most
CW_PREFERRED = (3, 5, 4, 2, 1)
TOF_PREFERRED = (3, 5, 4, 1)

UNDERSTOOD = frozenset({"GU", "GV", "GW", "GP", "LX", "LY", "S/L", "H/L", "asym"})
LEAST_DIVERGENCE = 0.0005  # S/L or H/L beside a positive partner: half of the least sum that GSAS-II draws, or less


def named_coefficients(names: Sequence[str], values: Sequence[float]) -> dict[str, float]:
    """Return coefficients by name; those that are missing at the end are left out."""
    return dict(zip(names, values, strict=False))


def cw_terms(coefficients: Mapping[str, float]) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the terms of an ``Instrument`` that named coefficients at constant wavelength give, and warnings.

    P/cos²θ = P tan²θ + P goes into U and W. Coefficients of the sample (``trns``, ``shft``, anisotropy) are for those
    who know the sample; here they are named in the warnings.

    Functions 1 and 2 draw lines at 2θ − f As/tan 2θ, f the square of a height that runs from 0 to 1 (Howard (1982)
    J. Appl. Cryst. 15, 615): the axial divergence of a high detector before a small sample, As = (H/L)²/2.

    Examples
    --------
    >>> terms, warnings = cw_terms({"GU": 1.0, "GW": 5.0, "GP": 1.0, "LX": 2.0})
    >>> {name: round(value, 5) for name, value in terms.items() if value}
    {'gauss_u': 0.00111, 'gauss_w': 0.00333, 'lorentz_x': 0.02}
    """

    def of(name: str) -> float:
        return coefficients.get(name, 0.0)

    heights = (of("S/L"), of("H/L"))
    if max(heights) <= 0.0 < of("asym"):
        heights = (0.0, sqrt(2.0 * of("asym") * CENTIDEGREE * pi / 180.0))
    if max(heights) > 0.0:
        heights = (max(heights[0], LEAST_DIVERGENCE), max(heights[1], LEAST_DIVERGENCE))
    terms = {
        "gauss_u": VARIANCE * (of("GU") + of("GP")),
        "gauss_v": VARIANCE * of("GV"),
        "gauss_w": VARIANCE * (of("GW") + of("GP")),
        "lorentz_x": CENTIDEGREE * of("LX"),
        "lorentz_y": CENTIDEGREE * of("LY"),
        "s_over_l": max(heights[0], 0.0),
        "h_over_l": max(heights[1], 0.0),
    }
    return terms, left_out(coefficients, UNDERSTOOD)


def left_out(coefficients: Mapping[str, float], understood: Collection[str]) -> tuple[str, ...]:
    """Return a warning of the coefficients that are not understood; no divergence gives a negative asymmetry."""
    left = [
        f"{name} = {value:g}"
        for name, value in coefficients.items()
        if value and (name not in understood or (name == "asym" and value < 0.0))
    ]
    return (f"profile terms not taken over: {', '.join(left)}",) if left else ()


def tof_profile_of(function: int, values: Sequence[float]) -> TofProfile | None:
    """Return the line shape of time-of-flight profile function 1, 3, 4 or 5, ``None`` for others or too few values."""
    names = TOF_FUNCTIONS.get(function)
    least = {1: 7, 3: 9, 4: 6, 5: 9}
    if names is None or len(values) < least[function]:
        return None
    c = named_coefficients(names, values)
    return TofProfile(
        (c.get("alp-0", 0.0), c["alp-1"] if function == 1 else c["alp"]),
        (c["bet-0"], c["bet-1"]),
        (c.get("sig-0", 0.0), c["sig-1"], c["sig-2"]),
        (c.get("gam-0", 0.0), c.get("gam-1", 0.0), c.get("gam-2", 0.0)),
    )


def polarization_ratio(fraction: float, kind: int = 0) -> float:
    """Return K of the polarization factor 1 + K cos²2θ from the fraction P of GSAS.

    Kind 0, that of GSAS-II: P + (1 − P) cos²2θ, so that 0.5 is unpolarized and 1 polarized across the plane of
    diffraction; kind 1: 1 + P cos²2θ, P = cos²2θ_M of a monochromator (LAUR 86-748, ``POLA`` and ``IPOLA``).

    Raises
    ------
    InputError
        When no polarized beam has that fraction.

    Examples
    --------
    >>> polarization_ratio(0.5), polarization_ratio(0.8, kind=1)
    (1.0, 0.8)
    """
    if kind == 1:
        if not fraction >= 0.0:
            raise InputError(f"the polarization of type 1 is {fraction:g}", "give cos² of the monochromator's 2θ")
        return fraction
    if not 0.0 < fraction <= 1.0:
        raise InputError(f"the polarized fraction is {fraction:g}", "give one above 0, up to 1; 0.5 is unpolarized")
    return (1.0 - fraction) / fraction

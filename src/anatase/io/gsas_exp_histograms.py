"""Powder histograms of a GSAS experiment file (``.EXP``): beam, profile, background, ranges, what is refined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import pi

import numpy as np
from numpy.typing import NDArray

from anatase.errors import PhysicsError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.gsas_background import GSAS_BACKGROUNDS, background_of_gsas
from anatase.io.gsas_cards import Cards
from anatase.io.gsas_prm import ANODE_OF, constants, incident_spectrum_of, tof_constants
from anatase.io.gsas_profile import cw_terms, left_out, named_coefficients, tof_profile_of
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.radiation import Probe
from anatase.simulation.instrument import Geometry, Instrument

__all__ = ["CW_PARAMETERS", "PhaseProfile", "TOF_PARAMETERS", "beam_of", "phase_profile", "ranges_of"]

Array = NDArray[np.float64]

RADIUS = 200.0  # mm, where GSAS states none
POINTS = 200
MILLISECOND = 1000.0  # µs

# refined coefficients under their names here
CW_PARAMETERS = {
    "GU": "gauss_u", "GV": "gauss_v", "GW": "gauss_w", "LX": "lorentz_x", "LY": "lorentz_y",
    "S/L": "s_over_l", "H/L": "h_over_l", "asym": "h_over_l", "trns": "penetration", "shft": "displacement",
}  # fmt: skip
TOF_PARAMETERS = {
    "alp": "alpha_1", "alp-0": "alpha_0", "alp-1": "alpha_1", "bet-0": "beta_0", "bet-1": "beta_1",
    "sig-0": "variance_0", "sig-1": "variance_1", "sig-2": "variance_2",
    "gam-0": "gamma_0", "gam-1": "gamma_1", "gam-2": "gamma_2",
}  # fmt: skip


@dataclass(frozen=True)
class PhaseProfile:
    """The profile of one phase in one histogram: function, coefficients by name, which of them are refined."""

    function: int
    coefficients: dict[str, float]
    free: tuple[str, ...]
    values: list[float] = field(default_factory=list)


def phase_profile(cards: Cards, phase: int, histogram: int, functions: dict[int, tuple[str, ...]]) -> PhaseProfile:
    """Return the profile of a phase in a histogram (``PRCF`` cards: function, terms, cutoff, damping, flags)."""
    stem = f"HAP{phase}{histogram:>2}PRCF "
    function = abs(int(cards.column(stem, 0, 5) or 0))
    values = cards.series(stem)
    names = functions.get(function, ())
    flags = cards.text(stem)[25:].upper()
    free = tuple(name for name, flag in zip(names, flags, strict=False) if flag == "Y")
    return PhaseProfile(function, named_coefficients(names, values), free, values)


def beam_of(
    cards: Cards, number: int, kind: str, profiles: Sequence[PhaseProfile]
) -> tuple[ForeignDiffractometer | ForeignBank, frozenset[str], tuple[str, ...]]:
    """Return how histogram ``number`` of type ``PXC``, ``PNC`` or ``PNT`` was measured, what is free, and warnings.

    The profile is that of the first phase. Free are here those of the calibration, without the histogram's name.
    """
    flags = cards.text(f"HST{number:>3} ICONS").ljust(35).upper()
    if kind[2] == "T":
        return _bank_of(cards, number, flags, profiles)
    return _diffractometer(cards, number, kind, flags, profiles)


def _diffractometer(
    cards: Cards, number: int, kind: str, flags: str, profiles: Sequence[PhaseProfile]
) -> tuple[ForeignDiffractometer, frozenset[str], tuple[str, ...]]:
    key = f"HST{number:>3} ICONS"
    probe: Probe = "xray" if kind[1] == "X" else "neutron"
    tube = cards.numbers(f"HST{number:>3} IRAD")
    anode = ANODE_OF.get(int(tube[0]), "") if tube and probe == "xray" else ""
    radiation, zero, warnings = constants(cards, key, probe, anode)
    first = profiles[0].coefficients if profiles else {}
    terms, _ = cw_terms(first)
    # lines lie at 2θ − shft cos θ − trns sin 2θ, in centidegrees: s = πR shft/36000 and 1/μ = πR trns/9000 of a plate
    shift = pi * RADIUS * first.get("shft", 0.0) / 36000.0
    depth = pi * RADIUS * first.get("trns", 0.0) / 9000.0
    plate = len(radiation.lines) > 1 or shift != 0.0 or depth != 0.0
    geometry: Geometry = "bragg_brentano" if plate else "debye_scherrer"
    warnings = (*warnings, *left_out(first, {*CW_PARAMETERS, "GP"}))
    try:
        instrument = Instrument(
            geometry=geometry, zero=zero, displacement=shift, penetration=depth, radius=RADIUS, **terms
        )
    except PhysicsError as error:
        raise cards.source.error(str(error), "correct the profile", cards.line(key)) from error
    wanted = {name for name, flag, at in (("wavelength", "L", 32), ("zero", "Z", 34)) if flags[at] == flag}
    if flags[32] == "R" or flags[33] == "P":
        warnings = (*warnings, "the refined ratio of wavelengths or polarization is held here")
    return ForeignDiffractometer(radiation, instrument), frozenset(wanted), warnings


def _bank_of(
    cards: Cards, number: int, flags: str, profiles: Sequence[PhaseProfile]
) -> tuple[ForeignBank, frozenset[str], tuple[str, ...]]:
    stem = f"HST{number:>3}"
    name = cards.text(f"{stem}BNKNAM").strip() or f"bank {int(cards.column(f'{stem} BANK', 0, 5) or number)}"
    first_path = next(iter(cards.numbers(f"{stem}FPATH1") or cards.numbers(f"{stem} FPATH")), 0.0)
    bank = tof_constants(cards, f"{stem} ICONS", f"{stem}BNKPAR", first_path, name)
    spectrum, warnings = incident_spectrum_of(cards, stem)
    profile: TofProfile | None = None
    if profiles:
        profile = tof_profile_of(profiles[0].function, profiles[0].values)
        warnings = (*warnings, *left_out(profiles[0].coefficients, TOF_PARAMETERS))
        if profile is None:
            warnings = (*warnings, f"profile function {profiles[0].function} is not known")
    wanted = {name for name, flag, at in (("difc", "C", 32), ("difa", "A", 33), ("zero", "Z", 34)) if flags[at] == flag}
    return ForeignBank(bank, profile, spectrum), frozenset(wanted), warnings


def ranges_of(
    cards: Cards, number: int, beam: ForeignDiffractometer | ForeignBank
) -> tuple[tuple[float, float], tuple[tuple[float, float], ...], BackgroundModel | None, bool, tuple[str, ...]]:
    """Return limits and excluded ranges (° or µs), background, whether it is refined, and warnings.

    Excluded ranges that reach over an end of the data move the limit.
    """
    stem = f"HST{number:>3}"
    unit = MILLISECOND if isinstance(beam, ForeignBank) else 1.0
    ends = [unit * value for value in cards.numbers(f"{stem} TRNGE")[:2]]
    if len(ends) < 2 or not ends[0] < ends[1]:
        raise cards.source.error(f"histogram {number} has no range", "run POWPREF first", cards.line(f"{stem} TRNGE"))
    low, high = ends
    excluded = []
    for index in range(1, int(cards.column(f"{stem} NEXC", 0, 5) or 0) + 1):
        key = f"{stem}EXC{index:>3}"
        start, stop = (unit * (cards.column(key, at, at + 10) or 0.0) for at in (0, 10))
        if start <= low < stop:
            low = stop
        elif start < high <= stop:
            high = start
        elif low < start < stop < high:
            excluded.append((start, stop))
    head = [int(value) for value in cards.numbers(f"{stem}BAKGD ")[:2]]
    kind, terms = (*head, 0, 0)[:2]
    coefficients = cards.series(f"{stem}BAKGD")[:terms]
    name = GSAS_BACKGROUNDS.get(kind, f"function {kind}")
    model, warnings = background_of_gsas(name, coefficients, (ends[0], ends[1]), _q(beam, ends[0], ends[1]))
    refined = cards.text(f"{stem}BAKGD ")[14:15].upper() == "Y"
    return (low, high), tuple(excluded), model, refined, warnings


def _q(beam: ForeignDiffractometer | ForeignBank, low: float, high: float) -> Array:
    """Return Q = 2π/d (n,) in Å⁻¹ at points that divide the range evenly."""
    x = np.linspace(low, high, POINTS)
    if isinstance(beam, ForeignBank):
        return np.asarray(2.0 * pi / beam.bank.d_spacing(x))
    return np.asarray(4.0 * pi * np.sin(np.radians(x) / 2.0) / beam.radiation.wavelength)

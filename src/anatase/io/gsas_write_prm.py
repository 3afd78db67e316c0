"""Write instrument parameter files of GSAS (``.prm``): cards of eighty columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from anatase.errors import InputError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.gsas_profile import CENTIDEGREE, CW_FUNCTIONS, TOF_FUNCTIONS, VARIANCE
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.text_file import write_text
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.lorentz_polarization import effective_polarization
from anatase.scattering.radiation import Radiation

__all__ = [
    "bank_cards",
    "card",
    "coefficient_cards",
    "constants_card",
    "cw_coefficients",
    "number_card",
    "prm_text",
    "profile_cards",
    "tof_coefficients",
    "write_prm",
]

WIDTH, PER_CARD, FIELD = 80, 4, 15  # columns of a card, coefficients on it, columns of each
SPECTRA = {"flat": 0, "exponential": 1, "maxwellian": 2}
RULER = " " * 12 + "1234567890" * 6


def write_prm(banks: Sequence[InstrumentBank], path: str | Path) -> None:
    """Write banks to a ``.prm`` file; see ``prm_text``."""
    write_text(Path(path), prm_text(banks))


def prm_text(banks: Sequence[InstrumentBank]) -> str:
    """Return the ``.prm`` file of banks, all at constant wavelength with one probe or all of time of flight.

    Numbers keep seven digits. A diffractometer's geometry, displacement and transparency have no card there.

    Raises
    ------
    InputError
        For what GSAS has no place for: radiations of other than one or two sharp lines, a constant Lorentzian width,
        terms that GSAS-II added, banks of several kinds.
    """
    kinds = {_kind(bank) for bank in banks}
    if len(kinds) != 1:
        raise InputError(f"one file cannot hold {len(kinds)} kinds of instruments", "give banks of one kind")
    lines = [RULER, number_card("INS   BANK", [len(banks)], 7), card("INS   HTYPE", f"   {kinds.pop()}R")]
    paths = {bank.beam.bank.flight_path for bank in banks if isinstance(bank.beam, ForeignBank)}
    if len(paths) > 1:
        raise InputError(f"the flight paths of the banks differ: {sorted(paths)}", "write each to a file of its own")
    if paths and (path := paths.pop()):
        lines.append(card("INS   FPATH1", f"{path:13.6f}"))
    for bank in banks:
        stem = f"INS{bank.number:>3}"
        lines += _cw_cards(stem, bank.beam) if isinstance(bank.beam, ForeignDiffractometer) else _tof_cards(stem, bank)
        if bank.name and isinstance(bank.beam, ForeignDiffractometer):
            lines.append(card(f"{stem}INAME", f"   {bank.name}"))
    return "".join(f"{line}\n" for line in lines)


def _kind(bank: InstrumentBank) -> str:
    if isinstance(bank.beam, ForeignBank):
        return "PNT"
    return "PXC" if bank.beam.radiation.probe == "xray" else "PNC"


def card(key: str, text: str) -> str:
    """Return a card of eighty columns, its key in the first twelve.

    Raises
    ------
    InputError
        When the text is too long.
    """
    line = f"{key:<12}{text}"
    if len(line) > WIDTH:
        raise InputError(f"'{line}' is longer than the {WIDTH} columns of a card", "shorten the name")
    return line.ljust(WIDTH)


def number_card(key: str, values: Sequence[float], width: int = 10, decimals: int = 0) -> str:
    """Return a card of numbers in columns of equal width."""
    return card(key, "".join(f"{value:{width}.{decimals}f}" for value in values))


def constants_card(key: str, radiation: Radiation, zero: float, flags: str = "     ") -> str:
    """Return an ``ICONS`` card: λ1, λ2 (Å), zero (centidegrees), flags, polarization, its type, ratio of the lines.

    Raises
    ------
    InputError
        For radiations of other than one or two sharp lines of X-rays or neutrons.
    """
    lines = radiation.lines
    if radiation.probe == "electron" or not 1 <= len(lines) <= 2 or radiation.line_widths:
        raise InputError(
            f"GSAS knows no {radiation.probe} radiation of {len(lines)} lines",
            "give one or two sharp lines of X-rays or neutrons, as CuKa",
        )
    second, ratio = (lines[1][0], lines[1][1] / lines[0][1]) if len(lines) == 2 else (0.0, 0.5)
    fraction = 1.0 / (1.0 + effective_polarization(radiation)) if radiation.probe == "xray" else 0.0
    head = f"{lines[0][0]:10.7f}{second:10.7f}{zero / CENTIDEGREE:10.4f}{flags:>5}{0:5d}"
    return card(key, f"{head}{fraction:10.7f}{0:5d}{ratio:10.7f}")


def cw_coefficients(beam: ForeignDiffractometer) -> dict[str, float]:
    """Return the coefficients of profile function 3 of an instrument at constant wavelength.

    Raises
    ------
    InputError
        For a constant Lorentzian width, which GSAS does not have.
    """
    instrument = beam.instrument
    if instrument.lorentz_z:
        raise InputError(f"GSAS has no constant Lorentzian width ({instrument.lorentz_z:g} deg)", "set lorentz_z to 0")
    return {
        "GU": instrument.gauss_u / VARIANCE,
        "GV": instrument.gauss_v / VARIANCE,
        "GW": instrument.gauss_w / VARIANCE,
        "LX": instrument.lorentz_x / CENTIDEGREE,
        "LY": instrument.lorentz_y / CENTIDEGREE,
        "S/L": instrument.s_over_l,
        "H/L": instrument.h_over_l,
    }


def profile_cards(
    stem: str, head: str, names: Sequence[str], values: Mapping[str, float], flags: str = ""
) -> list[str]:
    """Return the cards of a profile function: number, terms, cutoff, flags; then its coefficients, four on each."""
    function = {names_: number for table in (CW_FUNCTIONS, TOF_FUNCTIONS) for number, names_ in table.items()}
    head_card = card(head, f"{function[tuple(names)]:5d}{len(names):5d}{0.001:10.5f}{flags}")
    return [head_card, *coefficient_cards(stem, [values.get(name, 0.0) for name in names])]


def _cw_cards(stem: str, beam: ForeignDiffractometer) -> list[str]:
    cards = [constants_card(f"{stem} ICONS", beam.radiation, beam.instrument.zero)]
    cards += [card(f"{stem} IRAD", f"{0:5d}"), card(f"{stem}I HEAD", "  anatase")]
    cards.append(card(f"{stem}I ITYP", f"{0:5d}{0.0:10.4f}{180.0:10.4f}{1:10d}"))
    return cards + profile_cards(f"{stem}PRCF1", f"{stem}PRCF1", CW_FUNCTIONS[3], cw_coefficients(beam))


def _tof_cards(stem: str, bank: InstrumentBank) -> list[str]:
    beam = bank.beam
    if not isinstance(beam, ForeignBank) or beam.profile is None:
        raise InputError(f"GSAS needs the profile of bank {bank.number}", "give it a TofProfile")
    function, values = tof_coefficients(beam.profile)
    return bank_cards(stem, beam) + profile_cards(f"{stem}PRCF1", f"{stem}PRCF1", TOF_FUNCTIONS[function], values)


def bank_cards(stem: str, beam: ForeignBank, flags: str = "") -> list[str]:
    """Return the cards of a time-of-flight bank's calibration, place and incident spectrum.

    Raises
    ------
    InputError
        For a term DIFB, which GSAS does not have.
    """
    place = beam.bank
    if place.difb:
        raise InputError(f"GSAS has no DIFB ({place.difb:g} µs Å)", "leave it 0, or write an .instprm file")
    cards = [
        card(f"{stem} ICONS", f"{place.difc:10.3f}{place.difa:10.4f}{place.zero:10.4f}{flags:>5}"),
        card(f"{stem}BNKPAR", f"{0.0:10.4f}{place.two_theta:10.4f}"),
    ]
    if place.name:
        cards.append(card(f"{stem}BNKNAM", f"  {place.name}"))
    kind, coefficients = beam.spectrum or ("flat", ())
    cards.append(card(f"{stem}I ITYP", f"{SPECTRA[kind]:5d}{0.0:10.4f}{1000.0:10.4f}{1:10d}"))
    whole = (*coefficients, *([0.0] * 12))[:12]
    return cards + (coefficient_cards(f"{stem}ICOFF", whole) if coefficients else [])


def coefficient_cards(stem: str, values: Sequence[float]) -> list[str]:
    """Return cards of numbers, four on each, numbered from 1."""
    blocks = [values[start : start + PER_CARD] for start in range(0, len(values), PER_CARD)]
    return [
        card(f"{stem}{index}", "".join(f"{value:{FIELD}.6E}" for value in block))
        for index, block in enumerate(blocks, start=1)
    ]


def tof_coefficients(profile: TofProfile) -> tuple[int, dict[str, float]]:
    """Return profile function and coefficients of a bank: 1 for Gaussian lines, else 3.

    Raises
    ------
    InputError
        For terms that neither has.
    """
    beta, variance = (*profile.beta, 0.0)[:3], (*profile.variance, 0.0)[:4]
    if beta[2] or variance[3] or (profile.alpha[0] and any(profile.gamma)):
        raise InputError("GSAS has no terms βq and σq, and no α0 beside Lorentzian widths", "write an .instprm file")
    shared = {"bet-0": beta[0], "bet-1": beta[1], "sig-0": variance[0], "sig-1": variance[1], "sig-2": variance[2]}
    if not any(profile.gamma):
        return 1, shared | {"alp-0": profile.alpha[0], "alp-1": profile.alpha[1]}
    widths = dict(zip(("gam-0", "gam-1", "gam-2"), profile.gamma, strict=True))
    return 3, shared | widths | {"alp": profile.alpha[1]}

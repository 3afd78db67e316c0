"""Instrument parameter files of GSAS (``.prm``), at constant wavelength and of time of flight."""

from __future__ import annotations

from anatase.errors import InputError, PhysicsError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.gsas_cards import Cards
from anatase.io.gsas_profile import (
    CENTIDEGREE,
    CW_FUNCTIONS,
    CW_PREFERRED,
    TOF_PREFERRED,
    cw_terms,
    named_coefficients,
    polarization_ratio,
    tof_profile_of,
)
from anatase.io.instrument_bank import InstrumentBank
from anatase.scattering.incident_spectrum import SpectrumKind
from anatase.scattering.radiation import Probe, Radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Geometry, Instrument

__all__ = [
    "ANODE_OF",
    "banks_of_prm",
    "bank_key",
    "constants",
    "incident_spectrum_of",
    "spectrum_limits",
    "tof_constants",
]

SPECTRA: dict[int, SpectrumKind] = {
    0: "flat",
    1: "exponential",
    2: "maxwellian",
    3: "chebyshev",
    4: "maxwellian_chebyshev",
}
MILLISECOND = 1000.0  # µs
ANODE_OF = {1: "CrKa", 2: "FeKa", 3: "CuKa", 4: "MoKa", 5: "AgKa", 6: "TiKa", 7: "CoKa"}  # IRAD
USUAL_RATIO = 0.5  # of Kα2 to Kα1 where a doublet states none
LONGEST = 50.0  # Å


def bank_key(bank: str, card: str) -> str:
    """Return the key of a card of one bank, of the whole file for a blank bank."""
    return f"INS{bank:>3}{card}"


def banks_of_prm(cards: Cards) -> tuple[InstrumentBank, ...]:
    """Return the banks of a ``.prm`` file in its order.

    Raises
    ------
    InputError
        When the type of the instrument is not known, a card is missing, or a number cannot be read.
    """
    kind = cards.text(bank_key("", "HTYPE")).split() or cards.text(bank_key("", " HTYPE")).split()
    source = cards.source
    if not kind or kind[0][1:3] not in ("XC", "NC", "NT"):
        raise source.error(
            f"the instrument is of type {kind[0] if kind else 'unknown'}",
            "give one at constant wavelength (PXCR, PNCR) or of time of flight (PNTR)",
        )
    numbers = [key[3:6].strip() for key in cards if key.startswith("INS") and key[6:12].strip() == "ICONS"]
    if not numbers:
        raise source.error("no bank has an ICONS card", "give a complete GSAS instrument parameter file")
    bank_of = _tof_bank if kind[0][2] == "T" else _cw_bank
    probe: Probe = "xray" if kind[0][1] == "X" else "neutron"
    return tuple(bank_of(cards, bank, probe) for bank in numbers)


def _functions(cards: Cards, bank: str) -> dict[int, list[float]]:
    """Return the coefficients of each profile function of a bank, by its number."""
    found: dict[int, list[float]] = {}
    # ISIS writes PRCF and PRCF 1, Argonne PRCF1 and PRCF11
    for stem in ("PRCF ", *(f"PRCF{k}" for k in range(1, 10))):
        head = cards.numbers(bank_key(bank, stem))
        if head:
            found.setdefault(int(abs(head[0])), cards.series(bank_key(bank, stem)))
    return found


def constants(cards: Cards, key: str, probe: Probe, name: str) -> tuple[Radiation, float, tuple[str, ...]]:
    """Return the radiation and zero error (°) of an ``ICONS`` card, and warnings.

    The card holds, in columns, λ1, λ2 (Å), zero (centidegrees), a flag, damping, polarization, its type, and the ratio
    of the second line to the first (LAUR 86-748).
    """
    line = cards.line(key)
    edges = (0, 10), (10, 20), (20, 30), (40, 50), (50, 55), (55, 65)
    first, second, zero, fraction, kind, ratio = (cards.column(key, *edge) for edge in edges)
    if first is None or not 0.0 < first < LONGEST or not 0.0 <= (second or 0.0) < LONGEST:
        raise cards.source.error(f"ICONS has the wavelengths {first} and {second} Å", "give them in columns 1–20", line)
    warnings: list[str] = []
    lines: tuple[tuple[float, float], ...] = ((first, 1.0),)
    if second:
        if ratio is None:
            warnings.append(f"ICONS states no ratio of the second wavelength to the first; took {USUAL_RATIO}")
        lines = (*lines, (second, USUAL_RATIO if ratio is None else ratio))
    polarization = 0.0
    if probe == "xray":
        if fraction is None:
            fraction = 0.5
            warnings.append("ICONS states no polarization; took 0.5, an unpolarized beam")
        try:
            polarization = polarization_ratio(fraction, int(kind or 0))
        except InputError as error:
            raise cards.source.error(error.found, error.remedy, line) from error
    try:
        radiation = Radiation(probe, lines, polarization, name=name or f"{first:g} Å")
    except PhysicsError as error:
        raise cards.source.error(str(error), "correct ICONS", line) from error
    return radiation, CENTIDEGREE * (zero or 0.0), tuple(warnings)


def _cw_bank(cards: Cards, bank: str, probe: Probe) -> InstrumentBank:
    tube = cards.numbers(bank_key(bank, " IRAD"))
    anode = ANODE_OF.get(int(tube[0]), "") if tube and probe == "xray" else ""
    radiation, zero, warnings = constants(cards, bank_key(bank, " ICONS"), probe, anode)
    functions = _functions(cards, bank)
    function = next((number for number in CW_PREFERRED if number in functions), None)
    if function is None:
        raise cards.source.error(
            f"bank {bank} has profile function {', '.join(map(str, functions)) or 'none'}", "give one of 1 to 5"
        )
    terms, left = cw_terms(named_coefficients(CW_FUNCTIONS[function], functions[function]))
    # as GSAS-II takes it: a doublet comes from a tube, in Bragg-Brentano geometry
    geometry: Geometry = "bragg_brentano" if len(radiation.lines) > 1 else "debye_scherrer"
    try:
        instrument = Instrument(geometry=geometry, zero=zero, **terms)
    except PhysicsError as error:
        raise cards.source.error(str(error), "correct the file", cards.line(bank_key(bank, " ICONS"))) from error
    name = cards.text(bank_key(bank, "INAME")).strip()
    return InstrumentBank(int(bank), ForeignDiffractometer(radiation, instrument), name, (*warnings, *left))


def tof_constants(cards: Cards, icons: str, place: str, first_path: float, name: str) -> TofBank:
    """Return the calibration of a bank: ``ICONS`` holds DIFC, DIFA and ZERO, ``BNKPAR`` the second path and 2θ."""
    values = [*cards.numbers(icons), 0.0, 0.0, 0.0][:3]
    where = cards.numbers(place)
    if len(where) < 2:
        raise cards.source.error(f"{name} has no BNKPAR card", "add flight path and 2θ", cards.line(icons))
    path = first_path + where[0] if first_path else 0.0
    try:
        return TofBank(values[0], values[1], 0.0, values[2], abs(where[1]), path, name)
    except PhysicsError as error:
        raise cards.source.error(str(error), "correct ICONS or BNKPAR", cards.line(icons)) from error


def incident_spectrum_of(
    cards: Cards, stem: str
) -> tuple[tuple[SpectrumKind, tuple[float, ...]] | None, tuple[str, ...]]:
    """Return the incident spectrum whose cards a stem such as ``INS  1`` begins, and warnings."""
    law = cards.numbers(f"{stem}I ITYP")
    code = int(law[0]) if law else 0
    if code not in SPECTRA:
        return None, (f"incident spectrum function {code} is not known; 0 to 4 are",)
    values = cards.series(f"{stem}ICOFF")
    if code in (1, 2):  # a constant and pairs
        values = values[: len(values) - 1 + len(values) % 2]
    return (SPECTRA[code], tuple(values)), ()


def spectrum_limits(cards: Cards, stem: str) -> tuple[float, float] | None:
    """Return the times of flight (µs) between which an incident spectrum is known, which ``ITYP`` has in ms."""
    law = cards.numbers(f"{stem}I ITYP")
    return (MILLISECOND * law[1], MILLISECOND * law[2]) if len(law) > 2 and 0.0 <= law[1] < law[2] else None


def _tof_bank(cards: Cards, bank: str, probe: Probe) -> InstrumentBank:  # noqa: ARG001 as of the other kind
    first_path = next(iter(cards.numbers(bank_key("", "FPATH1")) or cards.numbers(bank_key("", " FPATH1"))), 0.0)
    name = cards.text(bank_key(bank, "BNKNAM")).strip() or f"bank {bank}"
    calibration = tof_constants(cards, bank_key(bank, " ICONS"), bank_key(bank, "BNKPAR"), first_path, name)
    functions = _functions(cards, bank)
    profile = None
    for function in TOF_PREFERRED:
        if profile is None and function in functions:
            profile = tof_profile_of(function, functions[function])
    spectrum, warnings = incident_spectrum_of(cards, bank_key(bank, ""))
    if profile is None:
        known = ", ".join(map(str, functions)) or "none"
        warnings = (f"profile function {known} is not known or incomplete; 1, 3, 4 and 5 are known", *warnings)
    told = tuple(f"bank {bank}: {warning}" for warning in warnings)
    return InstrumentBank(
        int(bank), ForeignBank(calibration, profile, spectrum, spectrum_limits(cards, bank_key(bank, ""))), name, told
    )

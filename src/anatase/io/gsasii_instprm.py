"""Instrument parameter files of GSAS-II (``.instprm``), at constant wavelength and of time of flight, both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import radians, sin
from pathlib import Path

from anatase.errors import InputError, PhysicsError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.gsas_cards import number_in
from anatase.io.gsas_profile import CENTIDEGREE, VARIANCE, polarization_ratio
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.source import Source
from anatase.io.text_file import write_text
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.lorentz_polarization import effective_polarization
from anatase.scattering.radiation import Probe, Radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Geometry, Instrument

__all__ = ["GEOMETRIES", "Items", "bank_of_items", "banks_of_instprm", "instprm_text", "write_instprm"]

Items = Mapping[str, str | float]

KEY = re.compile(r"^\s*([A-Za-z\d][\w\-/()+. ]*?)\s*:\s*(.*?)\s*$")
HEADER = re.compile(r"#\s*Bank\s+(\d+)", re.IGNORECASE)
GEOMETRIES: dict[str, Geometry] = {"Bragg-Brentano": "bragg_brentano", "Debye-Scherrer": "debye_scherrer"}
USUAL_RADIUS = 200.0  # mm, of GSAS-II
LEAST_SUM = 0.002  # SH/L below which GSAS-II draws lines as if it were that
COMMENT = "GSAS-II instrument parameter file; do not add/delete items!"


def banks_of_instprm(source: Source) -> tuple[InstrumentBank, ...]:
    """Return the banks of an ``.instprm`` file, ``name:value`` lines parted by ``#Bank`` lines, in its order.

    Raises
    ------
    InputError
        When the file describes no instrument at constant wavelength or of time of flight, or a number cannot be read.
    """
    found: list[tuple[int, dict[str, str], dict[str, int]]] = [(1, {}, {})]
    for number, line in enumerate(source.lines, start=1):
        if line.startswith("#"):
            if header := HEADER.match(line):
                if found[-1][1]:
                    found.append((int(header.group(1)), {}, {}))
                else:
                    found[-1] = (int(header.group(1)), {}, {})
            continue
        for part in line.split(";"):
            if match := KEY.match(part):
                name = match.group(1).replace(" ", "")
                found[-1][1][name], found[-1][2][name] = match.group(2), number
    return tuple(bank_of_items(source, items, number, lines) for number, items, lines in found)


def bank_of_items(source: Source, items: Items, number: int, lines: Mapping[str, int] | None = None) -> InstrumentBank:
    """Return the bank that items as ``Lam1`` or ``difC`` describe; ``lines`` tell where they stand in the file.

    Raises
    ------
    InputError
        When the type is none that is known here, or a value is no number or impossible.
    """
    kind = str(items.get("Type", "unknown"))
    value_of = _Values(source, items, lines or {})
    number = int(value_of("Bank", number))
    try:
        if kind[:3] == "PNT" and "difC" in items:
            return _tof_bank(value_of, number)
        if kind[:3] in ("PXC", "PNC") and ("Lam" in items or "Lam1" in items):
            return _cw_bank(value_of, number, "xray" if kind[1] == "X" else "neutron")
    except (InputError, PhysicsError) as error:
        if isinstance(error, InputError) and error.file:
            raise
        raise source.error(str(error), "correct the file") from error
    raise source.error(
        f"the instrument is of type {kind}",
        "give one at constant wavelength (PXC, PNC, with Lam or Lam1) or of time of flight (PNT, with difC)",
    )


class _Values:
    """The items of one bank as numbers."""

    def __init__(self, source: Source, items: Items, lines: Mapping[str, int]) -> None:
        self.source, self.items, self.lines = source, items, lines

    def __call__(self, name: str, default: float = 0.0) -> float:
        return number_in(self.source, str(self.items.get(name, default)), self.lines.get(name, 0))


def _cw_bank(of: _Values, number: int, probe: Probe) -> InstrumentBank:
    """Return a diffractometer; U, V, W are variances in centidegrees², X, Y, Z in centidegrees, SH/L = S/L + H/L."""
    items, warnings = of.items, []
    lines: tuple[tuple[float, float], ...] = ((of("Lam"), 1.0),)
    if "Lam1" in items:
        lines = ((of("Lam1"), 1.0), (of("Lam2"), of("I(L2)/I(L1)", 0.5))) if of("Lam2") else ((of("Lam1"), 1.0),)
    polarization = 0.0
    if probe == "xray":
        if "Polariz." not in items:
            warnings.append("Polariz. is missing; took 0.5, an unpolarized beam")
        polarization = _polarization(of("Polariz.", 0.5), of("Azimuth"))
    tube = str(items.get("Source", "")).strip()
    name = tube if re.fullmatch(r"[A-Z][a-z]?Ka", tube) else f"{lines[0][0]:g} Å"
    wanted = str(items.get("Diff-type", "Bragg-Brentano" if len(lines) > 1 else "Debye-Scherrer"))
    if wanted not in GEOMETRIES:
        raise InputError(f"the diffractometer is of type {wanted}", f"give one of {', '.join(GEOMETRIES)}")
    half = 0.5 * max(of("SH/L"), 0.0)
    if 0.0 < 2.0 * half < LEAST_SUM:
        warnings.append(f"SH/L = {2.0 * half:g}, which GSAS-II draws as {LEAST_SUM:g}")
    instrument = Instrument(
        geometry=GEOMETRIES[wanted],
        gauss_u=VARIANCE * of("U"),
        gauss_v=VARIANCE * of("V"),
        gauss_w=VARIANCE * of("W"),
        lorentz_x=CENTIDEGREE * of("X"),
        lorentz_y=CENTIDEGREE * of("Y"),
        lorentz_z=CENTIDEGREE * of("Z"),
        s_over_l=half,
        h_over_l=half,
        zero=of("Zero"),
        radius=of("Gonio.radius", USUAL_RADIUS),
    )
    beam = ForeignDiffractometer(Radiation(probe, lines, polarization, name=name), instrument)
    return InstrumentBank(number, beam, str(items.get("InstrName", "")), tuple(warnings))


def _polarization(fraction: float, azimuth: float) -> float:
    """Return K of 1 + K cos²2θ for a detector at an azimuth (°) from the plane across the polarization.

    GSAS-II: [(1 − P) cos²φ + P sin²φ] cos²2θ + (1 − P) sin²φ + P cos²φ.
    """
    across = sin(radians(azimuth)) ** 2
    polarization_ratio(fraction)  # refuses impossible fractions
    return polarization_ratio(fraction * (1.0 - across) + (1.0 - fraction) * across)


def _tof_bank(of: _Values, number: int) -> InstrumentBank:
    bank = TofBank(of("difC"), of("difA"), of("difB"), of("Zero"), abs(of("2-theta", 90.0)), of("fltPath"))
    profile = TofProfile(
        (0.0, of("alpha", 1.0)),
        (of("beta-0"), of("beta-1"), of("beta-q")),
        (of("sig-0"), of("sig-1"), of("sig-2"), of("sig-q")),
        (of("Z"), of("X"), of("Y")),
    )
    missing = [name for name in ("2-theta", "alpha", "beta-0", "sig-1") if name not in of.items]
    warnings = (f"bank {number} lacks {', '.join(missing)}; took defaults",) if missing else ()
    return InstrumentBank(number, ForeignBank(bank, profile), str(of.items.get("InstrName", "")), warnings)


def instprm_text(banks: Sequence[InstrumentBank]) -> str:
    """Return the ``.instprm`` file of banks, with ``#Bank`` lines where there are several.

    Displacement and transparency belong to the sample in GSAS-II, spectra to no such file: they are not written. S/L
    and H/L are written as their sum.

    Raises
    ------
    InputError
        For what GSAS-II has no place for: radiations of other than one or two sharp lines, other geometries, a bank
        without profile or with a constant term in α.
    """
    if not banks:
        raise InputError("there is no bank to write", "give one")
    text = []
    for bank in banks:
        text.append(f"#Bank {bank.number}: {COMMENT}" if len(banks) > 1 else f"#{COMMENT}")
        beam = bank.beam
        items = _cw_items(beam) if isinstance(beam, ForeignDiffractometer) else _tof_items(beam)
        items["Bank"] = bank.number
        if bank.name:
            items["InstrName"] = " ".join(bank.name.replace(";", ",").split())
        text += [f"{name}:{value}" for name, value in items.items()]
    return "\n".join(text) + "\n"


def write_instprm(banks: Sequence[InstrumentBank], path: str | Path) -> None:
    """Write banks to an ``.instprm`` file; see ``instprm_text``."""
    write_text(Path(path), instprm_text(banks))


def _cw_items(beam: ForeignDiffractometer) -> dict[str, str | float]:
    radiation, instrument = beam.radiation, beam.instrument
    if radiation.probe == "electron" or not 1 <= len(radiation.lines) <= 2 or radiation.line_widths:
        raise InputError(
            f"GSAS-II knows no {radiation.probe} radiation of {len(radiation.lines)} lines",
            "give one or two sharp lines of X-rays or neutrons, as CuKa",
        )
    written = {geometry: name for name, geometry in GEOMETRIES.items()}
    if instrument.geometry not in written:
        raise InputError(f"GSAS-II knows no geometry {instrument.geometry}", f"give one of {', '.join(written)}")
    items: dict[str, str | float] = {"Type": "PXC" if radiation.probe == "xray" else "PNC"}
    first, second = radiation.lines[0], radiation.lines[-1]
    if len(radiation.lines) == 2:
        items |= {"Lam1": first[0], "Lam2": second[0], "I(L2)/I(L1)": second[1] / first[1]}
    else:
        items["Lam"] = first[0]
    return items | {
        "Zero": instrument.zero,
        "Polariz.": 1.0 / (1.0 + effective_polarization(radiation)) if radiation.probe == "xray" else 0.0,
        "U": instrument.gauss_u / VARIANCE,
        "V": instrument.gauss_v / VARIANCE,
        "W": instrument.gauss_w / VARIANCE,
        "X": instrument.lorentz_x / CENTIDEGREE,
        "Y": instrument.lorentz_y / CENTIDEGREE,
        "Z": instrument.lorentz_z / CENTIDEGREE,
        "SH/L": instrument.s_over_l + instrument.h_over_l,
        "Azimuth": 0.0,
        "Diff-type": written[instrument.geometry],
        "Gonio. radius": instrument.radius,
    }


def _tof_items(beam: ForeignBank) -> dict[str, str | float]:
    bank, profile = beam.bank, beam.profile
    if profile is None or profile.alpha[0] != 0.0:
        raise InputError(
            f"GSAS-II needs a profile of bank {bank.label} whose rise is α/d", "give a TofProfile with alpha = (0, α)"
        )
    beta, variance = (*profile.beta, 0.0)[:3], (*profile.variance, 0.0)[:4]
    return {
        "Type": "PNT",
        "fltPath": bank.flight_path,
        "2-theta": bank.two_theta,
        "difC": bank.difc,
        "difA": bank.difa,
        "difB": bank.difb,
        "Zero": bank.zero,
        "alpha": profile.alpha[1],
        **dict(zip(("beta-0", "beta-1", "beta-q"), beta, strict=True)),
        **dict(zip(("sig-0", "sig-1", "sig-2", "sig-q"), variance, strict=True)),
        **dict(zip(("Z", "X", "Y"), profile.gamma, strict=True)),
        "Azimuth": 0.0,
    }

"""Files that describe time-of-flight banks: GSAS ``.prm`` and GSAS-II ``.instprm``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from anatase.io.source import Source, open_source
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.incident_spectrum import SpectrumKind
from anatase.scattering.time_of_flight import TofBank

__all__ = ["TofInstrument", "read_tof_instrument"]

KEY = re.compile(r"^\s*([A-Za-z\d][\w\-/()+. ]*?)\s*:\s*(.*?)\s*$")
SPECTRA: dict[int, SpectrumKind] = {0: "flat", 1: "exponential", 2: "maxwellian"}


@dataclass(frozen=True)
class TofInstrument:
    """One bank of a file: its number, calibration, line shape and incident spectrum.

    ``profile`` and ``spectrum`` are ``None`` where the file has functions that are not known here; ``warnings`` says
    so. ``spectrum`` holds the kind and coefficients that ``incident_spectrum`` takes.
    """

    number: int
    bank: TofBank
    profile: TofProfile | None
    spectrum: tuple[SpectrumKind, tuple[float, ...]] | None = None
    warnings: tuple[str, ...] = ()


def read_tof_instrument(path: str | Path) -> tuple[TofInstrument, ...]:
    """Return the banks of a GSAS ``.prm`` or GSAS-II ``.instprm`` file of time of flight, in the order of the file.

    Raises
    ------
    InputError
        When the file describes no time-of-flight instrument, or a number cannot be read.
    """
    source = open_source(path)
    if not source.is_text:
        raise source.error("this is no instrument file", "give a GSAS .prm or GSAS-II .instprm file")
    if any(line.startswith("INS") for line in source.lines):
        return _read_prm(source)
    return _read_instprm(source)


def _number(source: Source, text: str, line: int) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise source.error(f"'{text}' is no number", "correct it", line) from error


class _Cards:
    """The cards of a ``.prm`` file: columns 4–6 name the bank, 7–12 the card."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.cards: dict[tuple[str, str], tuple[int, str]] = {}
        for number, line in enumerate(source.lines, start=1):
            if line.startswith("INS"):
                self.cards.setdefault((line[3:6].strip(), line[6:12].rstrip()), (number, line[12:]))

    def numbers(self, bank: str, card: str) -> list[float]:
        """Return the leading numbers of a card, none where it is missing."""
        line, text = self.cards.get((bank, card), (0, ""))
        found: list[float] = []
        for word in text.split():
            if found and not re.match(r"[-+.\d]", word):
                break
            found.append(_number(self.source, word, line))
        return found

    def series(self, bank: str, stem: str) -> list[float]:
        """Return the numbers of the cards that a stem followed by 1, 2, … names."""
        values: list[float] = []
        for index in range(1, 10):
            values += self.numbers(bank, f"{stem}{index}")
        return values


def _read_prm(source: Source) -> tuple[TofInstrument, ...]:
    cards = _Cards(source)
    kind = cards.cards.get(("", "HTYPE"), cards.cards.get(("", " HTYPE"), (0, "")))[1].split()
    if not kind or "T" not in kind[0][1:3]:
        raise source.error(
            f"the instrument is of type {kind[0] if kind else 'unknown'}", "give one of time of flight, PNTR"
        )
    first_path = next(iter(cards.numbers("", "FPATH1") or cards.numbers("", " FPATH1")), 0.0)
    banks = [bank for bank, card in cards.cards if card == " ICONS"]
    if not banks:
        raise source.error("no bank has an ICONS card", "give a complete GSAS instrument parameter file")
    return tuple(_bank_of_prm(source, cards, bank, first_path) for bank in banks)


def _bank_of_prm(source: Source, cards: _Cards, bank: str, first_path: float) -> TofInstrument:
    """Return one bank: ICONS holds DIFC, DIFA and ZERO, BNKPAR the second flight path and 2θ."""
    constants = [*cards.numbers(bank, " ICONS"), 0.0, 0.0, 0.0][:3]
    place = cards.numbers(bank, "BNKPAR")
    if len(place) < 2:
        raise source.error(f"bank {bank} has no BNKPAR card", "add flight path and 2θ")
    name = cards.cards.get((bank, "BNKNAM"), (0, ""))[1].strip() or f"bank {bank}"
    path = first_path + place[0] if first_path else 0.0
    calibration = TofBank(constants[0], constants[1], 0.0, constants[2], abs(place[1]), path, name)
    warnings: list[str] = []
    # ISIS writes PRCF and PRCF 1, Argonne PRCF1 and PRCF11
    stem = "PRCF " if (bank, "PRCF") in cards.cards else "PRCF1"
    head = cards.numbers(bank, stem.rstrip())
    profile = _profile_of_prm(int(abs(head[0])) if head else 0, cards.series(bank, stem))
    if profile is None:
        warnings.append(f"bank {bank}: profile function {int(head[0]) if head else 'none'} is not known; 1 and 3 are")
    law = cards.numbers(bank, "I ITYP")
    code = int(law[0]) if law else 0
    spectrum = None
    if code in SPECTRA:
        values = cards.series(bank, "ICOFF")
        spectrum = (SPECTRA[code], tuple(values[: len(values) - 1 + len(values) % 2]))
    else:
        warnings.append(f"bank {bank}: incident spectrum function {code} is not known; 0, 1 and 2 are")
    return TofInstrument(int(bank), calibration, profile, spectrum, tuple(warnings))


def _profile_of_prm(function: int, c: list[float]) -> TofProfile | None:
    """Return the line shape of GSAS profile function 1 (Gaussian) or 3 (pseudo-Voigt), else ``None``."""
    if function == 1 and len(c) >= 7:
        return TofProfile((c[0], c[1]), (c[2], c[3]), (c[4], c[5], c[6]))
    if function == 3 and len(c) >= 9:
        return TofProfile((0.0, c[0]), (c[1], c[2]), (c[3], c[4], c[5]), (c[6], c[7], c[8]))
    return None


def _read_instprm(source: Source) -> tuple[TofInstrument, ...]:
    """Read blocks of ``name:value`` lines, which ``#Bank`` lines part."""
    blocks: list[dict[str, tuple[int, str]]] = [{}]
    for number, line in enumerate(source.lines, start=1):
        if line.startswith("#Bank") and blocks[-1]:
            blocks.append({})
        for part in line.split(";"):
            match = None if line.startswith("#") else KEY.match(part)
            if match:
                blocks[-1][match.group(1)] = (number, match.group(2))
    found = tuple(_bank_of_instprm(source, block, index) for index, block in enumerate(blocks, start=1))
    if not found:
        raise source.error("the file holds no instrument", "give a GSAS-II .instprm file")
    return found


def _bank_of_instprm(source: Source, block: dict[str, tuple[int, str]], index: int) -> TofInstrument:
    kind = block.get("Type", (None, "unknown"))[1]
    if "T" not in kind[1:3] or "difC" not in block:
        raise source.error(f"the instrument is of type {kind}", "give one of time of flight, PNT")

    def of(name: str, default: float = 0.0) -> float:
        line, text = block.get(name, (0, str(default)))
        return _number(source, text, line)

    bank = TofBank(of("difC"), of("difA"), of("difB"), of("Zero"), abs(of("2-theta", 90.0)), of("fltPath"))
    profile = TofProfile(
        (0.0, of("alpha", 1.0)),
        cast("tuple[float, float, float]", tuple(of(f"beta-{k}") for k in "01q")),
        cast("tuple[float, float, float, float]", tuple(of(f"sig-{k}") for k in "012q")),
        (of("Z"), of("X"), of("Y")),
    )
    missing = [name for name in ("2-theta", "alpha", "beta-0", "sig-1") if name not in block]
    warnings = (f"bank {index} lacks {', '.join(missing)}; took defaults",) if missing else ()
    return TofInstrument(int(of("Bank", index)), bank, profile, None, warnings)

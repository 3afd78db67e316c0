"""Files that describe instruments: GSAS ``.prm`` and GSAS-II ``.instprm``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from anatase.errors import InputError
from anatase.io.gsas_cards import read_cards
from anatase.io.gsas_prm import banks_of_prm
from anatase.io.gsasii_instprm import banks_of_instprm
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.source import open_source

__all__ = ["InstrumentBank", "read_instrument", "read_instruments"]


def read_instruments(path: str | Path) -> tuple[InstrumentBank, ...]:
    """Return all banks of a GSAS ``.prm`` or GSAS-II ``.instprm`` file, in its order.

    Raises
    ------
    InputError
        When the file describes no instrument at constant wavelength or of time of flight, or a number cannot be read.
    """
    source = open_source(path)
    if not source.is_text:
        raise source.error("this is no instrument file", "give a GSAS .prm or GSAS-II .instprm file")
    if any(line.startswith("INS") for line in source.lines):
        return banks_of_prm(read_cards(source))
    return banks_of_instprm(source)


def read_instrument(path: str | Path, bank: int | None = None) -> InstrumentBank:
    """Return one bank of an instrument file by its number; without one the first, with a warning if there are more.

    Its ``beam`` holds a radiation and an ``Instrument`` at constant wavelength, calibration and profile of time of
    flight.

    Raises
    ------
    InputError
        When there is no such bank, or as ``read_instruments``.
    """
    banks = read_instruments(path)
    known = ", ".join(str(one.number) for one in banks)
    for one in banks:
        if one.number == bank:
            return one
    if bank is not None:
        raise InputError(f"there is no bank {bank}", f"give one of {known}", file=path)
    if len(banks) == 1:
        return banks[0]
    told = f"the file holds banks {known}; took {banks[0].number}"
    return replace(banks[0], warnings=(*banks[0].warnings, told))

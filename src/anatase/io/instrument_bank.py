"""One bank of an instrument file."""

from __future__ import annotations

from dataclasses import dataclass

from anatase.io.foreign import ForeignBank, ForeignDiffractometer

__all__ = ["InstrumentBank"]


@dataclass(frozen=True)
class InstrumentBank:
    """A bank: its number and name, and the diffractometer at constant wavelength or the time-of-flight bank it is.

    ``warnings`` tell what the file says and was not taken over, or was assumed.
    """

    number: int
    beam: ForeignDiffractometer | ForeignBank
    name: str = ""
    warnings: tuple[str, ...] = ()

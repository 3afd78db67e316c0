"""A pattern as it was measured and stated: from its file, with the user's radiation, range and instrument."""

from __future__ import annotations

from pathlib import Path

from anatase.identify.equivalent_pattern import with_instrument
from anatase.identify.stated_radiation import stated_radiation
from anatase.io import read
from anatase.io.instrument_file import InstrumentBank
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Probe

__all__ = ["opened_pattern"]


def opened_pattern(
    pattern: Pattern | str | Path,
    wavelength: str | float | None = None,
    probe: Probe | None = None,
    limits: tuple[float, float] | None = None,
    instrument: InstrumentBank | None = None,
) -> Pattern:
    """Return a pattern, read where a file is named, with what the user states of its radiation, range and instrument.

    Raises
    ------
    InputError
        When the file, the wavelength, the range or the instrument cannot be used.
    """
    if not isinstance(pattern, Pattern):
        pattern = read(pattern)
    pattern = stated_radiation(pattern, wavelength, probe)
    if limits is not None:
        pattern = pattern.cut(*limits)
    return with_instrument(pattern, instrument)

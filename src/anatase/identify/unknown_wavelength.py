"""The wavelength of neutron data whose file does not state it, from what the library can explain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.identify.retrieve import MAX_STRAIN, line_table, retrieve
from anatase.library import Library
from anatase.pattern.pattern import Pattern
from anatase.refine.start.measurement import prepare
from anatase.scattering.radiation import Radiation

__all__ = ["lacks_wavelength", "with_estimated_wavelength"]

SHORTEST, LONGEST = 1.0, 2.6  # Å: the range of constant-wavelength powder diffractometers


def lacks_wavelength(pattern: Pattern) -> bool:
    """Tell whether this is constant-wavelength neutron data of unknown wavelength."""
    radiation = pattern.radiation
    if pattern.axis != "two_theta":
        return False
    if radiation is None:
        return pattern.metadata.get("probe") == "neutron"
    return radiation.probe == "neutron" and radiation.assumed


def with_estimated_wavelength(pattern: Pattern, library: Library, entries: NDArray[np.int64]) -> Pattern:
    """Return the pattern with the wavelength at which one library entry explains most of it, and a warning.

    Wavelengths are tried in steps that the tolerance to cell mismatch covers; the best entry's own cell then
    fixes the value, so that refined cells are relative to that entry.
    """
    steps = int(np.log(LONGEST / SHORTEST) / (1.6 * MAX_STRAIN)) + 1
    best, found = -1.0, SHORTEST
    for wavelength in np.geomspace(SHORTEST, LONGEST, steps):
        guess = replace(pattern, radiation=_radiation(float(wavelength)))
        measurement = prepare(guess)
        if not measurement.has_peaks:
            return guess
        hits = retrieve(line_table(library, entries, measurement), measurement, measurement.net, measurement.sigma, 1)
        if hits.score.size and hits.score[0] * hits.matched[0] > best:
            best = float(hits.score[0] * hits.matched[0])
            found = float(wavelength / (1.0 + hits.strain[0]))
    warning = (
        f"the neutron wavelength is not known; {found:.4f} Å lets the library explain most, and cells are relative "
        "to that: give --wavelength"
    )
    return replace(pattern, radiation=_radiation(found)).with_warnings(warning)


def _radiation(wavelength: float) -> Radiation:
    return Radiation("neutron", ((wavelength, 1.0),), 0.0, name=f"{wavelength:.4f} Å", assumed=True)

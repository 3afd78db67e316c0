"""The wavelength of neutron data whose file does not state it, from what the library can explain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.identify.retrieve import MAX_STRAIN, LineTable, line_table, retrieve
from anatase.library import Library
from anatase.pattern.pattern import Pattern
from anatase.refine.start.measurement import prepare
from anatase.scattering.radiation import Radiation

__all__ = ["lacks_wavelength", "with_estimated_wavelength"]

SHORTEST, LONGEST = 1.0, 2.6  # Å: the range of constant-wavelength powder diffractometers
STRONGEST = 40  # lines of each entry that are compared


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
    # relative intensities hardly change with the wavelength: the lines of all spacings that any of them shows do
    shortest = prepare(replace(pattern, radiation=_radiation(SHORTEST)))
    low = 2.0 * np.degrees(np.arcsin(np.sin(np.radians(shortest.x[0] / 2.0)) * SHORTEST / LONGEST))
    table = _strongest(line_table(library, entries, replace(shortest, x=np.array([low, shortest.x[-1]]))))
    best, found = -1.0, SHORTEST
    for wavelength in np.geomspace(SHORTEST, LONGEST, steps):
        guess = replace(pattern, radiation=_radiation(float(wavelength)))
        measurement = prepare(guess)
        if not measurement.has_peaks:
            return guess
        hits = retrieve(table, measurement, measurement.net, measurement.sigma, 1)
        if hits.score.size and hits.score[0] * hits.matched[0] > best:
            best = float(hits.score[0] * hits.matched[0])
            found = float(wavelength / (1.0 + hits.strain[0]))
    warning = (
        f"the neutron wavelength is not known; {found:.4f} Å lets the library explain most, and cells are relative "
        "to that: give --wavelength"
    )
    return replace(pattern, radiation=_radiation(found)).with_warnings(warning)


def _strongest(table: LineTable) -> LineTable:
    """Return the table with the strongest lines of each entry only."""
    counts = np.diff(table.offsets)
    owner = np.repeat(np.arange(counts.size), counts)
    order = np.lexsort((-table.weight, owner))
    kept = np.sort(order[np.arange(order.size) - table.offsets[owner] < STRONGEST])
    offsets = np.concatenate([[0], np.cumsum(np.minimum(counts, STRONGEST))]).astype(np.int64)
    return replace(table, offsets=offsets, u=table.u[kept], weight=table.weight[kept])


def _radiation(wavelength: float) -> Radiation:
    return Radiation("neutron", ((wavelength, 1.0),), 0.0, name=f"{wavelength:.4f} Å", assumed=True)

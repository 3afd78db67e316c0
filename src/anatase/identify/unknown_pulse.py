"""The decay of a neutron pulse that no instrument file tells, from what the library explains best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.identify.equivalent_pattern import EquivalentPattern, equivalent_pattern, prepared
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.screening import screen
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.io.instrument_bank import InstrumentBank
from anatase.library import Library
from anatase.pattern.pattern import Pattern

__all__ = ["equivalent_with_pulse"]

DECAYS = (0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 70.0)  # µs: from cold short pulses to poorly moderated long ones
SCREENED = 4  # entries


def equivalent_with_pulse(
    pattern: Pattern, instrument: InstrumentBank | None, library: Library, entries: NDArray[np.int64]
) -> EquivalentPattern:
    """Return the equivalent of a pattern; where nothing tells a neutron pulse's decay, the one that fits best is taken.

    The entry that alone explains most of the pattern is fitted with each of several decays.
    """
    plain = equivalent_pattern(pattern, instrument)
    if plain.calibration is None or plain.calibration.knows_shape or not entries.size:
        return plain
    if not prepared(plain).has_peaks:
        return plain
    tried = [equivalent_pattern(pattern, instrument, decay) for decay in DECAYS]
    misfits = [_misfit(one, library, entries) for one in tried]
    return tried[int(np.argmin(misfits))]


def _misfit(equivalent: EquivalentPattern, library: Library, entries: NDArray[np.int64]) -> float:
    """Return χ² of the entry that explains most of a pattern."""
    measurement = prepared(equivalent)
    space = SearchSpace(measurement, library, entries, SearchSettings())
    nothing = fit_hypothesis(space, ())
    scored = screen(space, nothing, set(), SCREENED)
    if not scored:
        return np.inf
    fitted = fit_hypothesis(space, (scored[0][1],), nothing.parameters, nothing.scale)
    return float(space.noise.strict @ (measurement.y - fitted.y) ** 2)

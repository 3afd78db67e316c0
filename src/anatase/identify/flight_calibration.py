"""What turns times of flight into d-spacings of the middle of lines, and counts into what a flat beam would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_bank import InstrumentBank
from anatase.pattern.pattern import Pattern
from anatase.refine.start.pulse_tails import MEDIAN
from anatase.scattering.incident_spectrum import incident_spectrum
from anatase.scattering.time_of_flight import TofBank

__all__ = ["FlightCalibration", "flight_calibration"]

Array = NDArray[np.float64]

SHORTEST = 0.4  # Å: no shorter d is looked for
SUBSTITUTIONS = 20


@dataclass(frozen=True)
class FlightCalibration:
    """A bank of detectors, with what its instrument file says of line shapes and incident spectrum, if there is one.

    The middle of a line is ln 2/β − ln 2/α later than its neutrons' time without the pulse's own: half of an
    exponential lies on either side. ``decay`` is the mean length 1/β in µs that is taken for all lines where no file
    tells it.
    """

    bank: TofBank
    file: ForeignBank | None = None
    decay: float = 0.0

    @property
    def knows_shape(self) -> bool:
        """Whether a file tells the shape of lines."""
        return self.file is not None and self.file.profile is not None

    def exponentials(self, d: Array) -> tuple[Array, Array]:
        """Return the mean lengths 1/β and 1/α (n,) in µs of decay and rise at d (n,) in Å."""
        if self.file is None or self.file.profile is None:
            return np.full_like(d, self.decay), np.zeros_like(d)
        shape = self.file.profile.at(d)
        return 1.0 / shape.beta, 1.0 / shape.alpha

    def time_of_flight(self, d: Array) -> Array:
        """Return the times (n,) in µs of the middle of lines at d (n,) in Å."""
        decay, rise = self.exponentials(d)
        return np.asarray(self.bank.time_of_flight(d) + MEDIAN * (decay - rise))

    def slope(self, d: Array) -> Array:
        """Return dt/dd (n,) of the bank in µs/Å."""
        return self.bank.slope(d)

    def d_spacing(self, time: Array) -> Array:
        """Return the d-spacings (n,) in Å of times (n,) in µs that ``useful`` left."""
        d = self.bank.d_spacing(time)
        for _ in range(SUBSTITUTIONS):
            d = np.maximum(d - (self.time_of_flight(d) - time) / self.slope(d), 0.5 * SHORTEST)
        return d

    def useful(self, pattern: Pattern) -> Pattern:
        """Return the part of a pattern whose incident spectrum is known and whose d is not too short, nor ambiguous."""
        shortest, longest = max(SHORTEST, 1.01 * self.bank.d_limits[0]), 0.99 * self.bank.d_limits[1]
        low, high = float(self.bank.time_of_flight(shortest)), float(pattern.x[-1])
        if np.isfinite(longest) and longest > shortest:
            high = min(high, float(self.bank.time_of_flight(longest)))
        if self.file is not None and self.file.limits is not None and self.file.limits[0] < high:
            low, high = max(low, self.file.limits[0]), min(high, self.file.limits[1])
        return pattern.cut(low, high) if low < high else pattern

    def beam(self, pattern: Pattern) -> Array:
        """Return what a flat pattern would look like (n,): incident spectrum times width of bins, 1 in the median."""
        lit = np.ones(len(pattern))
        if self.file is not None and self.file.spectrum is not None:
            lit *= incident_spectrum(pattern.x, *self.file.spectrum)
        if pattern.metadata.get("intensity_unit") == "counts per bin":
            lit *= np.gradient(pattern.x)
        return np.asarray(lit / np.median(lit))


def flight_calibration(pattern: Pattern, instrument: InstrumentBank | None) -> FlightCalibration:
    """Return the calibration of a time-of-flight pattern, from its instrument or else its metadata.

    Raises
    ------
    InputError
        When neither has it.

    Examples
    --------
    >>> measured = Pattern(np.arange(2e3, 3e4, 5.0), np.ones(5600), np.ones(5600), "tof", None, {"difc": 7476.91})
    >>> flight_calibration(measured, None).bank.difc
    7476.91
    """
    if instrument is not None and isinstance(instrument.beam, ForeignBank):
        return FlightCalibration(instrument.beam.bank, instrument.beam)
    stated = {name: pattern.metadata.get(name) for name in ("difc", "difa", "difb", "zero", "two_theta")}
    known = {name: float(value) for name, value in stated.items() if isinstance(value, (int, float))}
    if "difc" not in known:
        raise InputError(
            "the axis is time of flight, whose d needs the constants of the instrument",
            "give its instrument file (.prm or .instprm), or convert it to d or q with DIFC, DIFA and ZERO",
            file=pattern.name or None,
        )
    difa, difb, zero = (known.get(name, 0.0) for name in ("difa", "difb", "zero"))
    return FlightCalibration(TofBank(known["difc"], difa, difb, zero, known.get("two_theta", 90.0)))

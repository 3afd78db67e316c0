"""A pattern of any radiation as the pattern that one wavelength near 1 Å would have given, and the answer's way back.

A powder line's height goes with m|F|² P/(sin²θ cos θ) over its width. Drawn against another wavelength's 2θ at the
same d, 1/(sin²θ cos θ) and the width change by reciprocal factors, (λ/λ′)³ apart: the values of a pattern stay as they
are. Time of flight (d⁴ sin θ, Buras & Gerward, 1975) gives the same values in proportion, once they are divided by the
incident spectrum and, of counts per bin, by the width of the bins. What remains is to divide X-rays by P.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.identify.flight_calibration import FlightCalibration, flight_calibration
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.wavelength import about_radiation
from anatase.pattern.pattern import Pattern
from anatase.refine.start.electron_emphasis import xray_over_electron
from anatase.refine.start.measurement import D_MIN, Measurement, prepare
from anatase.refine.start.pulse_tails import PulseTails
from anatase.scattering.lorentz_polarization import effective_polarization
from anatase.scattering.radiation import Probe, Radiation
from anatase.scattering.scattering_power import ScatteringModel

__all__ = ["EquivalentPattern", "equivalent_pattern", "prepared", "with_instrument"]

Array = NDArray[np.float64]

WAVELENGTH = 1.0  # Å, of the equivalent pattern: d = 0.8 to 10 Å lies at 77 to 6 °2θ
SHORT = 0.5  # Å: shorter wavelengths crowd their lines into angles where a laboratory's widths and shifts are too large
D_MAX = 190.0  # Å, 0.3 °2θ
FEWEST = 30  # points
UNITS = {"two_theta": "deg", "q": "Å⁻¹", "d": "Å", "tof": "µs"}


@dataclass(frozen=True)
class EquivalentPattern:
    """A measured pattern on its own axis and as an equivalent one in 2θ; ``own`` is ``None`` where they are the same.

    ``factor`` (n,) is what each intensity of ``pattern`` was multiplied by. ``calibration`` tells the middle of lines
    in time of flight, ``tails`` are those of the pulse.
    """

    pattern: Pattern
    own: Pattern | None = None
    factor: Array | None = None
    scattered: ScatteringModel | None = None
    calibration: FlightCalibration | None = None
    tails: PulseTails | None = None

    def own_position(self, two_theta: Array) -> Array:
        """Return positions (n,) on the measured pattern's axis of equivalent ones in °2θ.

        Raises
        ------
        PhysicsError
            For d that no time of flight of the bank has.
        """
        if self.own is None or self.pattern.radiation is None:
            return two_theta
        d = self.pattern.radiation.wavelength / (2.0 * np.sin(np.radians(two_theta / 2.0)))
        if self.calibration is not None:
            return self.calibration.time_of_flight(d)
        return _on_axis(d, self.own)

    def factor_at(self, two_theta: Array) -> Array:
        """Return what intensities (n,) at equivalent positions (n,) were multiplied by."""
        if self.factor is None:
            return np.ones_like(two_theta)
        return np.asarray(np.interp(two_theta, self.pattern.x, self.factor))


def with_instrument(pattern: Pattern, instrument: InstrumentBank | None) -> Pattern:
    """Return a pattern with the radiation that an instrument at constant wavelength states.

    Raises
    ------
    InputError
        When pattern and instrument are not both of time of flight, or neither.
    """
    if instrument is None:
        return pattern
    pulsed = isinstance(instrument.beam, ForeignBank)
    if pulsed != (pattern.axis == "tof"):
        kinds = ("constant wavelength", "time of flight")
        raise InputError(
            f"an instrument of {kinds[pulsed]} for a pattern on an axis of {pattern.axis}",
            "give the instrument file of this pattern",
            file=pattern.name or None,
        )
    if isinstance(instrument.beam, ForeignBank):
        return pattern.with_warnings(*instrument.warnings)
    still = tuple(text for text in pattern.warnings if not about_radiation(text))
    return replace(pattern, radiation=instrument.beam.radiation, warnings=(*still, *instrument.warnings))


def prepared(equivalent: EquivalentPattern) -> Measurement:
    """Return an equivalent pattern ready for fits.

    Raises
    ------
    InputError
        When nothing is left of the pattern in the useful range.
    """
    return replace(prepare(equivalent.pattern, equivalent.scattered), tails=equivalent.tails)


def equivalent_pattern(
    pattern: Pattern, instrument: InstrumentBank | None = None, decay: float = 0.0
) -> EquivalentPattern:
    """Return the equivalent of a pattern at a wavelength that suits a laboratory's constants.

    In 2θ, X-rays and neutrons of 0.5 Å and more stay as they are; q and d are drawn at their own wavelength from 0.5 Å
    on; all else at 1 Å. The instrument gives the calibration and the incident spectrum of time of flight; without it
    the pattern's metadata (DIFC, DIFA, DIFB, ZERO) do, and pulses fade with ``decay`` (µs).

    Raises
    ------
    InputError
        When time of flight comes without its calibration, or less than 30 points are of use.
    PhysicsError
        When the calibration gives no d for some time of flight.

    Examples
    --------
    >>> from anatase.scattering.radiation import radiation_from_name
    >>> x = np.linspace(0.2, 1.8, 500)
    >>> rings = Pattern(x, 2.0 + np.sin(x), np.ones(500), radiation=radiation_from_name("200 kV", "electron"))
    >>> equivalent = equivalent_pattern(rings)
    >>> bool(np.allclose(equivalent.own_position(equivalent.pattern.x), equivalent.own.x))
    True
    """
    if pattern.axis == "two_theta" and not _is_short(pattern.radiation):
        return EquivalentPattern(pattern)
    flight = flight_calibration(pattern, instrument) if pattern.axis == "tof" else None
    if flight is not None and not flight.knows_shape:
        flight = replace(flight, decay=decay)
        pattern = pattern.with_warnings(
            f"nothing tells the shape of the pulse; a decay of {decay:g} µs was taken, and where that is wrong, tails "
            "may pass for further phases: give the instrument file"
        )
    pattern = _useful(pattern, flight)
    d = _d_spacing(pattern, flight)
    probe = _probe(pattern)
    target = _target(pattern, probe)
    order = np.argsort(-d)
    d, factor = d[order], _factor(pattern, d, probe, target, flight)[order]
    equal = replace(
        pattern,
        x=2.0 * np.degrees(np.arcsin(target.wavelength / (2.0 * d))),
        intensity=pattern.intensity[order] * factor,
        sigma=pattern.sigma[order] * factor,
        axis="two_theta",
        radiation=target,
    )
    wavelength = pattern.radiation.wavelength if pattern.radiation is not None and flight is None else None
    tails = None if flight is None else _tails(flight, equal.x, d, target.wavelength)
    return EquivalentPattern(equal, pattern, factor, ScatteringModel(probe, wavelength), flight, tails)


def _is_short(radiation: Radiation | None) -> bool:
    return radiation is not None and (radiation.probe == "electron" or radiation.wavelength < SHORT)


def _probe(pattern: Pattern) -> Probe:
    if pattern.axis == "tof" or (pattern.radiation is None and pattern.metadata.get("probe") == "neutron"):
        return "neutron"
    return pattern.radiation.probe if pattern.radiation is not None else "xray"


def _target(pattern: Pattern, probe: Probe) -> Radiation:
    """Return the radiation of the equivalent pattern; X-ray intensities of the library serve for electrons."""
    own = pattern.radiation
    if pattern.axis in ("q", "d") and own is not None and not _is_short(own):
        return replace(own, lines=own.lines[:1], line_widths=own.line_widths[:1])
    of_own = own.lines if own is not None and pattern.axis == "two_theta" else ((1.0, 1.0),)
    lines = tuple((WAVELENGTH * length / of_own[0][0], weight) for length, weight in of_own)
    return Radiation("neutron" if probe == "neutron" else "xray", lines, 0.0, name=own.name if own else "")


def _d_spacing(pattern: Pattern, flight: FlightCalibration | None) -> Array:
    """Return the d-spacings (n,) in Å of the points of a pattern; infinite at 2θ or q of 0 and below."""
    x = pattern.x
    if flight is not None:
        return flight.d_spacing(x)
    if pattern.axis == "d":
        return x
    if pattern.axis == "q":
        inverse = x / (2.0 * np.pi)
    else:
        inverse = 2.0 * np.sin(np.radians(np.clip(x, 0.0, 180.0) / 2.0)) / _wavelength(pattern)
    return np.asarray(np.where(inverse > 0.0, 1.0 / np.maximum(inverse, 1e-12), np.inf))


def _on_axis(d: Array, pattern: Pattern) -> Array:
    """Return positions (n,) of d-spacings (n,) in Å on a pattern's axis other than time of flight."""
    if pattern.axis == "d":
        return d
    if pattern.axis == "q":
        return np.asarray(2.0 * np.pi / d)
    return np.asarray(2.0 * np.degrees(np.arcsin(np.minimum(_wavelength(pattern) / (2.0 * d), 1.0))))


def _wavelength(pattern: Pattern) -> float:
    return pattern.radiation.wavelength if pattern.radiation is not None else WAVELENGTH


def _useful(pattern: Pattern, flight: FlightCalibration | None) -> Pattern:
    """Return the part of a pattern that a library's lines reach and whose spectrum is known, with a warning."""
    measured, unit = len(pattern), UNITS[pattern.axis]
    if flight is not None:
        pattern = flight.useful(pattern)
    shortest = D_MIN
    own = pattern.radiation
    if pattern.axis in ("q", "d") and own is not None and not _is_short(own):
        shortest = max(shortest, own.wavelength / 1.999)
    d = _d_spacing(pattern, flight)
    keep = (d >= shortest) & (d <= D_MAX)
    if keep.sum() < FEWEST:
        raise InputError(
            f"{keep.sum()} of {measured} points lie at d from {D_MIN:.2f} Å on, where the library has lines",
            f"give a pattern of at least {FEWEST} points there, and check its axis ({unit}) and wavelength",
            file=pattern.name or None,
        )
    used = replace(pattern, x=pattern.x[keep], intensity=pattern.intensity[keep], sigma=pattern.sigma[keep])
    if len(used) < 0.95 * measured:
        used = used.with_warnings(
            f"used {used.x[0]:.5g} to {used.x[-1]:.5g} {unit} (d from {D_MIN:.2f} Å, where the library's lines end): "
            f"{len(used)} of {measured} points"
        )
    return used


def _factor(pattern: Pattern, d: Array, probe: Probe, target: Radiation, flight: FlightCalibration | None) -> Array:
    """Return what multiplies the intensities (n,) of a pattern in its equivalent; 1 on the whole."""
    if probe == "electron":
        return xray_over_electron(1.0 / d)
    if flight is not None:
        return np.asarray(1.0 / flight.beam(pattern))
    if pattern.radiation is None or probe == "neutron" or target.polarization > 0.0:
        return np.ones_like(d)
    k = effective_polarization(pattern.radiation)
    cos_two_theta = 1.0 - 0.5 * (pattern.radiation.wavelength / d) ** 2
    return np.asarray((1.0 + k) / (1.0 + k * cos_two_theta**2))


def _tails(flight: FlightCalibration, two_theta: Array, d: Array, wavelength: float) -> PulseTails:
    """Return the pulse's tails at 2θ (n,) of d (n,): d2θ/dt = 2 tan θ/(d dt/dd) = λ/(d² cos θ dt/dd)."""
    turn = np.degrees(wavelength / (d**2 * np.cos(np.radians(two_theta / 2.0)) * flight.slope(d)))
    decay, rise = flight.exponentials(d)
    return PulseTails(two_theta, decay * turn, rise * turn)

"""A measured pattern as a refinement begins with it: range, radiation, instrument, background."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.instrument_file import read_instrument
from anatase.io.read import read
from anatase.io.wavelength import about_radiation
from anatase.pattern.background import estimate_background
from anatase.pattern.pattern import Pattern
from anatase.refine.model import ConstantWavelength, Histogram, TimeOfFlight
from anatase.refine.start.background_choice import choose_background, polynomial_background
from anatase.refine.start.measurement import Measurement, prepare, to_two_theta
from anatase.refine.start.neutron_wavelength import with_wavelength_of_cells
from anatase.scattering.incident_spectrum import incident_spectrum
from anatase.scattering.radiation import Probe, Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.arguments import as_radiation
from anatase.simulation.instrument import Geometry, Instrument

__all__ = ["GivenInstrument", "Start", "histogram_start", "instrument_of", "pattern_of", "prepared"]

Array = NDArray[np.float64]
GivenInstrument = str | Path | Instrument | InstrumentBank

LABORATORY = 0.3  # polarization ratio K above which X-rays come from a tube
IGNORED = 1e6  # by which the s.u. of excluded points grow
HIGHEST = 179.0  # °2θ
USUAL_DIVERGENCE = 0.03  # S/L and H/L of a laboratory diffractometer


@dataclass(frozen=True)
class Start:
    """A histogram before any fit; ``known`` tells whether an instrument was given, ``warnings`` what was assumed."""

    histogram: Histogram
    known: bool
    warnings: tuple[str, ...]


def pattern_of(given: Pattern | str | Path) -> Pattern:
    """Return a pattern as it is, or read it from a file."""
    return given if isinstance(given, Pattern) else read(given)


def instrument_of(given: GivenInstrument | None) -> Instrument | InstrumentBank | None:
    """Return an instrument, or one bank of an instrument file, or ``None`` where nothing was given."""
    return read_instrument(given) if isinstance(given, (str, Path)) else given


def histogram_start(
    name: str,
    pattern: Pattern,
    instrument: Instrument | InstrumentBank | None,
    wavelength: float | str | Radiation | None,
    probe: Probe | None,
    limits: tuple[float, float] | None,
    excluded: Sequence[tuple[float, float]],
    terms: int | None,
    structures: Sequence[Structure],
) -> Start:
    """Return the histogram from which to start; ``terms``: Chebyshev terms of its background, chosen when ``None``.

    The wavelength is the one given, else the instrument file's, else the pattern's own, else Cu Kα or, of neutrons, the
    one at which the cells of ``structures`` fit best, with a warning.

    Raises
    ------
    InputError
        When a time-of-flight pattern comes without its instrument, the file contradicts the probe, or the peaks point
        down.
    """
    warnings = list(instrument.warnings) if isinstance(instrument, InstrumentBank) else []
    given, stale = pattern.warnings, set[str]()
    beam: ConstantWavelength | TimeOfFlight
    if pattern.axis == "tof":
        pattern = pattern.cut(*(limits or _known_times(pattern, instrument)))
        beam = _tof_beam(pattern, instrument)
    else:
        own = pattern.radiation
        pattern = _with_radiation(pattern, instrument, wavelength, probe, structures)
        if pattern.radiation is not own:  # what the file's reader took for it no longer holds
            stale.update(filter(about_radiation, given))
        pattern, radiation = to_two_theta(pattern)
        pattern = pattern.cut(*(limits or (0.0, HIGHEST)))
        beam = _constant_wavelength(radiation, instrument, pattern.metadata.get("goniometer_radius"))
    ranges = tuple((float(low), float(high)) for low, high in excluded)
    level = estimate_background(pattern)
    draft = Histogram(name, pattern, beam, polynomial_background(pattern.x, level, 3), ranges)
    if _points_down(pattern.intensity):
        raise InputError(
            "the intensities are negative and the peaks point down",
            "give counts as they were measured",
            file=pattern.name or None,
        )
    if not draft.used.any():
        raise InputError("excluded ranges leave no point of the pattern", "exclude less", file=pattern.name or None)
    if terms is None:
        background = choose_background(pattern.x, level, pattern.sigma, draft.used)
    else:
        background = polynomial_background(pattern.x, level, terms)
    warnings += [text for text in pattern.warnings if text not in stale]
    return Start(replace(draft, background=background), instrument is not None, tuple(dict.fromkeys(warnings)))


def _points_down(intensity: Array) -> bool:
    """Tell whether a pattern is upside down: below 0 in sum, and further below its median than above."""
    middle = float(np.median(intensity))
    return bool(intensity.sum() < 0.0 and middle - intensity.min() > intensity.max() - middle)


def prepared(histogram: Histogram) -> Measurement:
    """Return a histogram made ready for a quick fit; time of flight as 2θ of a nominal wavelength."""
    pattern = histogram.pattern
    if isinstance(histogram.beam, TimeOfFlight):
        d = histogram.beam.bank.d_spacing(pattern.x)
        nominal = Radiation("neutron", ((min(1.0, 1.9 * float(d.min())), 1.0),), 0.0, name="nominal")
        pattern = replace(pattern, x=d, axis="d", radiation=nominal)
    beam = histogram.beam
    plate = isinstance(beam, ConstantWavelength) and beam.instrument.geometry == "bragg_brentano"
    ready = replace(prepare(pattern), shift_kind="displacement" if plate else "zero")
    if histogram.excluded and pattern.axis == "two_theta":
        low, high = np.array(histogram.excluded).T
        left_out = ((ready.x[:, None] >= low) & (ready.x[:, None] <= high)).any(axis=1)
        ready = replace(ready, sigma=np.where(left_out, IGNORED * ready.sigma.max(), ready.sigma))
    return ready


def _with_radiation(
    pattern: Pattern,
    instrument: Instrument | InstrumentBank | None,
    wavelength: float | str | Radiation | None,
    probe: Probe | None,
    structures: Sequence[Structure],
) -> Pattern:
    if wavelength is not None:
        return replace(pattern, radiation=as_radiation(wavelength, probe))
    if isinstance(instrument, InstrumentBank):
        if isinstance(instrument.beam, ForeignBank):
            raise InputError(
                "an instrument of time of flight for a pattern at constant wavelength",
                "give its instrument file, or the wavelength",
                file=pattern.name or None,
            )
        return replace(pattern, radiation=instrument.beam.radiation)
    radiation = pattern.radiation
    neutron = probe == "neutron" or pattern.metadata.get("probe") == "neutron"
    if neutron and (radiation is None or radiation.probe != "neutron" or radiation.assumed):
        return with_wavelength_of_cells(pattern, structures)
    if radiation is not None and probe is not None and radiation.probe != probe:
        raise InputError(
            f"the file says {radiation.probe}, not {probe}", "give the wavelength too", file=pattern.name or None
        )
    return pattern


def _constant_wavelength(
    radiation: Radiation, given: Instrument | InstrumentBank | None, radius: float | None
) -> ConstantWavelength:
    """Return the diffractometer given, else a usual one with the goniometer radius (mm) that the pattern's file has."""
    scattering = ScatteringModel(radiation.probe, radiation.wavelength)
    if isinstance(given, Instrument):
        return ConstantWavelength(radiation, given, scattering)
    if given is not None and isinstance(given.beam, ForeignDiffractometer):
        return ConstantWavelength(radiation, given.beam.instrument, scattering)
    laboratory = radiation.probe == "xray" and radiation.polarization > LABORATORY
    geometry: Geometry = "bragg_brentano" if laboratory else "debye_scherrer"
    ratio = USUAL_DIVERGENCE if laboratory else 0.0
    instrument = Instrument(geometry, lorentz_x=0.0, lorentz_y=0.0, s_over_l=ratio, h_over_l=ratio)
    if radius is not None:
        instrument = replace(instrument, radius=radius)
    return ConstantWavelength(radiation, instrument, scattering)


def _known_times(pattern: Pattern, given: Instrument | InstrumentBank | None) -> tuple[float, float]:
    """Return the part of a pattern (µs) for which its instrument file knows the incident spectrum; all without one."""
    low, high = float(pattern.x[0]), float(pattern.x[-1])
    known = given.beam.limits if isinstance(given, InstrumentBank) and isinstance(given.beam, ForeignBank) else None
    if known is None or not known[0] < high or not low < known[1]:
        return low, high
    return max(low, known[0]), min(high, known[1])


def _tof_beam(pattern: Pattern, given: Instrument | InstrumentBank | None) -> TimeOfFlight:
    bank = given.beam if isinstance(given, InstrumentBank) else None
    profile = bank.profile if isinstance(bank, ForeignBank) else None
    if not isinstance(bank, ForeignBank) or profile is None:
        raise InputError(
            "a pattern of time of flight needs DIFC, ZERO and line shape of its bank",
            "give its instrument file (.prm or .instprm)",
            file=pattern.name or None,
        )
    spectrum: Array | float = 1.0
    if bank.spectrum is not None:
        spectrum = incident_spectrum(pattern.x, *bank.spectrum)
    return TimeOfFlight(bank.bank, profile, spectrum)

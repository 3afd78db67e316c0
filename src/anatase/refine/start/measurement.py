"""A pattern made ready for fits from a cold start: degrees 2θ, background taken off, resolution and noise known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from anatase.errors import InputError
from anatase.pattern.background import estimate_background
from anatase.pattern.pattern import Pattern
from anatase.pattern.peak_width import measure_peak_widths
from anatase.refine.start.pulse_tails import PulseTails
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel

__all__ = ["Measurement", "prepare"]

Array = NDArray[np.float64]

D_MIN = 0.80  # Å: the library's lines end here
POINTS_PER_WIDTH = 5.0
MAX_WIDTH = 2.5  # degrees: broader maxima are amorphous humps


@dataclass(frozen=True)
class Measurement:
    """What a search sees: x (n,) in °2θ, intensity, sigma, background, all (n,).

    ``has_peaks`` is false where nothing stands out of the noise. ``fwhm`` is the typical peak width in degrees at
    the pattern's resolution, ``points_per_width`` how many points it spans. ``shift_kind`` tells whether the
    specimen can be displaced (flat, laboratory) or only the zero be off. ``averaged`` counts the measured points
    in each of x. ``scattered`` is how the crystal scattered where that is not by ``radiation``, which then only lays
    out the 2θ axis; intensities of electrons are weighted by ``xray_over_electron``. ``tails`` are those of a neutron
    pulse.
    """

    pattern: Pattern
    x: Array
    y: Array
    sigma: Array
    background: Array
    radiation: Radiation
    has_peaks: bool
    fwhm: float
    shift_kind: Literal["displacement", "zero"]
    averaged: int = 1
    scattered: ScatteringModel | None = None
    tails: PulseTails | None = None

    @property
    def scattering(self) -> ScatteringModel:
        """How the atoms scattered: probe and wavelength."""
        return self.scattered or ScatteringModel(self.radiation.probe, self.radiation.wavelength)

    @property
    def net(self) -> Array:
        """Intensity above background (n,)."""
        return self.y - self.background

    @property
    def points_per_width(self) -> float:
        """Points in one FWHM."""
        return max(1.0, self.fwhm / float(np.median(np.diff(self.x))))


def to_two_theta(pattern: Pattern) -> tuple[Pattern, Radiation]:
    """Return the pattern on a 2θ axis in degrees, and its radiation.

    Raises
    ------
    InputError
        For time-of-flight data, whose d needs the instrument's constants.
    """
    if pattern.axis == "two_theta":
        if pattern.radiation is not None:
            return pattern, pattern.radiation
        assumed = replace(radiation_from_name("CuKa"), assumed=True)
        return replace(pattern, radiation=assumed).with_warnings("no wavelength known; assumed Cu Kα1/Kα2"), assumed
    if pattern.axis == "tof":
        raise InputError(
            "the axis is time of flight, whose d needs the constants of the instrument",
            "convert it to d or q with the instrument's DIFC, DIFA and ZERO",
            file=pattern.name or None,
        )
    q = pattern.x if pattern.axis == "q" else 2.0 * np.pi / pattern.x
    radiation = pattern.radiation
    if radiation is None or 4.0 * np.pi / radiation.wavelength <= q.max():
        probe = "xray" if radiation is None else radiation.probe
        radiation = Radiation(probe, ((min(1.0, 12.0 / float(q.max())), 1.0),), 0.0, name="nominal", assumed=True)
    order = np.argsort(q)
    two_theta = 2.0 * np.degrees(np.arcsin(q[order] * radiation.wavelength / (4.0 * np.pi)))
    single = replace(radiation, lines=radiation.lines[:1], line_widths=radiation.line_widths[:1])
    converted = replace(
        pattern,
        x=two_theta,
        intensity=pattern.intensity[order],
        sigma=pattern.sigma[order],
        axis="two_theta",
        radiation=single,
    )
    kind = "a nominal " if radiation.name == "nominal" else ""
    told = f"the {pattern.axis} axis is shown as 2θ at {kind}λ = {radiation.wavelength:.4f} Å"
    return converted.with_warnings(told), single


def _rebinned(pattern: Pattern, factor: int) -> Pattern:
    """Return the pattern with ``factor`` neighbouring points averaged."""
    if factor < 2:
        return pattern
    n = len(pattern) // factor * factor

    def mean(values: Array) -> Array:
        return np.asarray(values[:n].reshape(-1, factor).mean(axis=1))

    sigma = np.sqrt(mean(pattern.sigma**2) / factor)
    return replace(pattern, x=mean(pattern.x), intensity=mean(pattern.intensity), sigma=sigma)


def _with_honest_sigma(pattern: Pattern) -> Pattern:
    """Return the pattern with sigma raised to the scatter of its points, where the stated one is too small to be true.

    The median size of third differences, which smooth curves and most of a peak do not have, over its
    expectation for white noise: scaled-up counts stand out. It is never lowered: interpolated and smoothed
    patterns scatter less than they are uncertain.
    """
    y, sigma = pattern.intensity, pattern.sigma
    third = np.abs(y[3:] - 3.0 * y[2:-1] + 3.0 * y[1:-2] - y[:-3]) / np.sqrt(20.0)
    scale = 1.4826 * float(np.median(third / sigma[1:-2]))
    if not scale > 1.6:
        return pattern
    warning = f"the points scatter {scale:.2g} times as much as their stated s.u.; the s.u. were scaled by that"
    return replace(pattern, sigma=sigma * scale).with_warnings(warning)


def prepare(pattern: Pattern, scattered: ScatteringModel | None = None) -> Measurement:
    """Make a pattern ready for fits from a cold start; ``scattered``: how the crystal did, if not by its radiation.

    The range ends at d = 0.80 Å; finely sampled patterns are averaged to about five points per peak width;
    sigma is scaled to the scatter that the points show where the file's own cannot be true.

    Raises
    ------
    InputError
        When nothing is left of the pattern in the useful range, or the axis is time of flight.
    """
    pattern, radiation = to_two_theta(pattern)
    sine = radiation.wavelength / (2.0 * D_MIN)
    limit = 170.0 if sine >= 1.0 else 2.0 * float(np.degrees(np.arcsin(sine)))
    measured = len(pattern)
    pattern = pattern.cut(max(0.3, float(pattern.x[0])), min(limit, float(pattern.x[-1])))
    if len(pattern) < 0.95 * measured:
        pattern = pattern.with_warnings(
            f"used up to {pattern.x[-1]:.2f} deg (d = {D_MIN:.2f} Å, where the library's lines end): "
            f"{len(pattern)} of {measured} points"
        )
    if len(pattern) < 30:
        raise InputError(
            f"{len(pattern)} points between {pattern.x[0]:g} and {pattern.x[-1]:g} deg are too few to work on",
            "give a pattern of at least 30 points",
            file=pattern.name or None,
        )
    if not np.any(pattern.intensity != pattern.intensity[0]):
        raise InputError(
            f"all {len(pattern)} intensities are {pattern.intensity[0]:g}",
            "check that the intensity column was written",
            file=pattern.name or None,
        )
    pattern = _with_honest_sigma(pattern)
    background = estimate_background(pattern)
    step = float(np.median(np.diff(pattern.x)))
    widths = measure_peak_widths(pattern.intensity - background, pattern.sigma, MAX_WIDTH / step)
    fwhm = max(0.8 * widths.typical, widths.narrow, 2.0) * step if widths else max(0.1, 4.0 * step)
    factor = int(fwhm / step / POINTS_PER_WIDTH)
    if factor > 1:
        coarse = _rebinned(pattern, factor)
        background = np.interp(coarse.x, pattern.x, background)
        pattern = coarse
    laboratory = radiation.probe == "xray" and radiation.polarization > 0
    return Measurement(
        pattern,
        pattern.x,
        pattern.intensity,
        pattern.sigma,
        background,
        radiation,
        widths is not None,
        fwhm,
        "displacement" if laboratory else "zero",
        max(factor, 1),
        scattered,
    )


def smooth(values: Array, points: float) -> Array:
    """Return values smoothed with a Gaussian of the given FWHM in points."""
    return np.asarray(gaussian_filter1d(values, points / 2.3548, mode="nearest"))

"""Diffractometers as laboratories run them: tube, optics, errors of alignment, range, step, counting time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.background_model import Hump, chebyshev_columns
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.simulation.instrument import Instrument
from anatase.simulation.mixture_variety import MixtureVariety
from anatase.simulation.powder_settings import PowderSettings
from anatase.simulation.random_specimen import log_uniform

__all__ = ["emitted", "random_background", "random_settings"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Optics:
    """A beam, how often it is met, and the FWHM (degrees) of its narrow lines, a range."""

    radiation: str
    often: float
    fwhm: tuple[float, float]


OPTICS = (
    _Optics("CuKa", 0.76, (0.04, 0.16)),
    _Optics("CuKa1", 0.06, (0.035, 0.1)),
    _Optics("CoKa", 0.07, (0.05, 0.16)),
    _Optics("MoKa", 0.05, (0.05, 0.12)),
    _Optics("0.7093", 0.03, (0.015, 0.06)),
    _Optics("0.4133", 0.03, (0.006, 0.02)),
)
LONGEST_Q, SHORTEST_Q = (4.2, 8.0), (0.35, 1.3)  # Å⁻¹: where scans end and begin
SHAPED = {"CuKa": "CuKa5", "CoKa": "CoKa7"}
STRAY = ((1.39222, 0.01), (1.47639, 0.006))  # Å and largest weight of Kβ and of W Lα beside copper's Kα
STRAY_WIDTH = 0.0008  # Å
LONGEST_SCAN = 140.0  # degrees


def random_settings(rng: np.random.Generator, variety: MixtureVariety) -> PowderSettings:
    """Return radiation, instrument, range and step of a diffractometer."""
    optics = OPTICS[rng.choice(len(OPTICS), p=[one.often for one in OPTICS])]
    radiation = radiation_from_name(optics.radiation)
    laboratory = radiation.polarization > 0.0
    fwhm = log_uniform(rng, *optics.fwhm)
    gauss, lorentz = fwhm * rng.uniform(0.3, 1.0), fwhm * rng.uniform(0.1, 0.7)
    slope = rng.uniform(0.0, 0.3)  # −V over W; U is then at least V²/(4 W), so that no width vanishes
    axial = rng.uniform(0.0, 0.03) if laboratory and rng.random() < 0.8 else 0.0
    instrument = Instrument(
        geometry="bragg_brentano" if laboratory else "debye_scherrer",
        gauss_u=gauss**2 * (0.25 * slope**2 + rng.uniform(0.0, 0.5)),
        gauss_v=-(gauss**2) * slope,
        gauss_w=gauss**2,
        lorentz_x=lorentz,
        lorentz_y=lorentz * rng.uniform(0.0, 0.6),
        s_over_l=axial,
        h_over_l=axial * rng.uniform(0.6, 1.4),
        zero=rng.normal(0.0, variety.zero) * (1.0 if laboratory else 0.2),
        displacement=rng.normal(0.0, variety.displacement) if laboratory else 0.0,
        radius=float(rng.choice([145.0, 173.0, 217.5, 240.0, 280.0])),
    )
    low, high = _angles(rng, radiation)
    step = fwhm / rng.uniform(3.0, 8.0)
    return PowderSettings(radiation, (low, high), step, instrument)


def _angles(rng: np.random.Generator, radiation: Radiation) -> tuple[float, float]:
    q = np.array([rng.uniform(*SHORTEST_Q), rng.uniform(*LONGEST_Q)])
    sine = np.minimum(q * radiation.wavelength / (4.0 * np.pi), np.sin(np.radians(LONGEST_SCAN / 2.0)))
    low, high = (round(float(angle), 1) for angle in 2.0 * np.degrees(np.arcsin(sine)))
    return low, high


def emitted(told: Radiation, rng: np.random.Generator, variety: MixtureVariety) -> Radiation:
    """Return what a source emits that is said to emit ``told``: lines with their shapes, satellites and impurities.

    Kα of copper after Berger (1986), where the draw says so with what a filter or a worn tube lets through: Kβ1 of
    copper 1.39222 Å and Lα1 of tungsten 1.47639 Å (Deslattes et al. 2003, Rev. Mod. Phys. 75, 35).
    """
    if told.name not in SHAPED:
        return told
    shaped = radiation_from_name(SHAPED[told.name])
    if told.name != "CuKa" or rng.random() >= variety.stray_share:
        return shaped
    total = sum(weight for _, weight in shaped.lines)
    lines = tuple((wavelength, total * rng.uniform(0.0, most)) for wavelength, most in STRAY)
    return replace(shaped, lines=shaped.lines + lines, line_widths=shaped.line_widths + (STRAY_WIDTH,) * len(lines))


def random_background(x: Array, rng: np.random.Generator, variety: MixtureVariety, wavelength: float) -> Array:
    """Return a background (n,) of mean 1 at x (n,), °2θ: air scatter at low angles, a slow curve, halos of glass.

    Halos stand where glasses have theirs, at d from 2 to 4.5 Å.
    """
    curve = 1.0 + chebyshev_columns(x, 5)[:, 1:] @ rng.normal(0.0, [0.3, 0.12, 0.06, 0.04])
    curve = np.maximum(curve, 0.1)
    if rng.random() < 0.6:
        # air scatter falls with the angle; its scale follows the wavelength
        fall = x[0] + wavelength * rng.uniform(2.0, 8.0)
        curve += rng.uniform(0.0, 4.0) * np.exp(-(x - x[0]) / fall)
    if rng.random() < variety.halo_share:
        for d in rng.uniform(2.0, 4.5, rng.integers(1, 3)):
            position = 2.0 * np.degrees(np.arcsin(min(wavelength / (2.0 * d), 0.99)))
            width = position * rng.uniform(0.2, 0.45)
            halo = Hump(1.0, position, width, rng.uniform(0.0, 0.3)).slopes(x)[0]
            curve += rng.uniform(0.2, 4.0) * halo / max(float(halo.max()), 1e-12)
    return np.asarray(curve / curve.mean())

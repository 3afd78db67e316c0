"""Line widths that TOPAS and FullProf keep with each phase, shared out between one instrument and the samples.

Both add the squares of Gaussian widths and Lorentzian widths themselves, and both give Lorentzian X to tan θ and Y to
1/cos θ; here, as in GSAS, X goes with 1/cos θ and Y with tan θ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import degrees, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = ["PhaseWidths", "crystallite_sample", "sample_widths", "shared_out", "widths_of_pseudo_voigt"]

Array = NDArray[np.float64]
ROUNDING = 12  # decimals that a fitted width keeps
SAME = 1e-9  # degrees (or their squares): widths nearer than this are one
# Γ_L/Γ of a mixture η: Thompson, Cox & Hastings (1987) J. Appl. Cryst. 20, 79, equations 7 and 8
MIXING = (0.0, 1.36603, -0.47719, 0.11116)
TOTAL = (1.0, 2.69269, 2.42843, 4.47163, 0.07842, 1.0)


@dataclass(frozen=True)
class PhaseWidths:
    """FWHM of one phase's lines.

    Gaussian squares in deg²: U tan²θ + V tan θ + W; Lorentzian in degrees: X/cos θ + Y tan θ + Z. What crystallites
    add, in degrees: ``size_gauss`` and ``size_lorentz`` over cos θ, ``strain_gauss`` and ``strain_lorentz`` times
    tan θ.
    """

    gauss_u: float = 0.0
    gauss_v: float = 0.0
    gauss_w: float = 0.0
    lorentz_x: float = 0.0
    lorentz_y: float = 0.0
    lorentz_z: float = 0.0
    size_gauss: float = 0.0
    size_lorentz: float = 0.0
    strain_gauss: float = 0.0
    strain_lorentz: float = 0.0


INSTRUMENTAL = ("gauss_u", "gauss_v", "gauss_w", "lorentz_x", "lorentz_y", "lorentz_z")


def widths_of_pseudo_voigt(
    fwhm: Callable[[Array], Array], mixing: Callable[[Array], Array], two_theta: tuple[float, float]
) -> tuple[PhaseWidths, float]:
    """Return the widths nearest to a pseudo-Voigt of given FWHM (°) and mixing η, and the largest error of its FWHM.

    Both are functions of θ (n,) in radians; they are compared over a range of 2θ (°). The error is in degrees.
    """
    theta = np.radians(np.linspace(*two_theta, 60) / 2.0)
    width, eta = fwhm(theta), np.clip(mixing(theta), 0.0, 1.0)
    grid = np.linspace(0.0, 1.0, 2001)
    share = np.interp(eta, np.polynomial.polynomial.polyval(grid, MIXING), grid)  # Γ_L/Γ
    gauss = _gaussian_part(share) * width
    tangent, secant, one = np.tan(theta), 1.0 / np.cos(theta), np.ones_like(theta)
    u, v, w = np.linalg.lstsq(np.stack([tangent**2, tangent, one], axis=1), gauss**2, rcond=None)[0]
    columns = np.stack([secant, tangent, one], axis=1)
    x, y, z = np.linalg.lstsq(columns, share * width, rcond=None)[0]
    drawn_gauss = np.sqrt(np.maximum((u * tangent + v) * tangent + w, 0.0))
    drawn = _total(drawn_gauss, np.maximum(columns @ np.array([x, y, z]), 0.0))
    found = (round(float(value), ROUNDING) + 0.0 for value in (u, v, w, x, y, z))
    return PhaseWidths(*found), float(np.abs(drawn - width).max())


def _total(gauss: Array, lorentz: Array) -> Array:
    powers = sum(c * gauss ** (5 - k) * lorentz**k for k, c in enumerate(TOTAL))
    return np.asarray(powers, dtype=np.float64) ** 0.2


def _gaussian_part(share: Array) -> Array:
    """Return Γ_G/Γ for Γ_L/Γ (n,), by bisection."""
    low, high = np.zeros_like(share), np.ones_like(share)
    for _ in range(50):
        middle = (low + high) / 2.0
        wide = _total(middle, share) > 1.0
        low, high = np.where(wide, low, middle), np.where(wide, middle, high)
    return (low + high) / 2.0


def shared_out(widths: Sequence[PhaseWidths]) -> tuple[PhaseWidths, tuple[PhaseWidths, ...], bool]:
    """Return the instrument's widths, those that each phase adds to them, and whether that keeps all of them.

    The instrument takes the least U, X and Y, and V, W and Z of the first phase; what a phase has more of U and Y is
    strain, of X size. V, W and Z that differ between phases are the loss.
    """
    if not widths:
        return PhaseWidths(), (), True
    least = {name: min(getattr(one, name) for one in widths) for name in ("gauss_u", "lorentz_x", "lorentz_y")}
    kept = {name: getattr(widths[0], name) for name in ("gauss_v", "gauss_w", "lorentz_z")}
    whole = all(abs(getattr(one, name) - kept[name]) < SAME for one in widths for name in kept)
    added = []
    for one in widths:
        excess = {name: getattr(one, name) - least[name] for name in least}
        more_strain = sqrt(excess["gauss_u"]) if excess["gauss_u"] > SAME else 0.0
        added.append(
            PhaseWidths(
                size_gauss=one.size_gauss,
                size_lorentz=one.size_lorentz + max(excess["lorentz_x"], 0.0),
                strain_gauss=sqrt(one.strain_gauss**2 + more_strain**2),
                strain_lorentz=one.strain_lorentz + max(excess["lorentz_y"], 0.0),
            )
        )
    return PhaseWidths(**least, **kept), tuple(added), whole


def crystallite_sample(sample: Sample, added: PhaseWidths, wavelength: float, shape_factor: float = 0.9) -> Sample:
    """Return a sample with the size and strain that give these widths at a wavelength (Å)."""
    size = added.size_gauss + added.size_lorentz
    strain = added.strain_gauss + added.strain_lorentz
    if size > SAME:
        length = degrees(shape_factor * wavelength) / size
        share = added.size_gauss / size
        sample = replace(sample, size=length, size_gauss_share=share, shape_factor=shape_factor)
    if strain > SAME:
        sample = replace(sample, strain=radians(strain) / 4.0, strain_gauss_share=added.strain_gauss / strain)
    return sample


def sample_widths(instrument: Instrument, sample: Sample, wavelength: float) -> PhaseWidths:
    """Return all widths of a phase: those of the instrument and what its crystallites add at a wavelength (Å)."""
    size = 0.0 if sample.size is None else degrees(sample.shape_factor * wavelength / sample.size)
    strain = degrees(4.0 * sample.strain)
    return PhaseWidths(
        **{name: getattr(instrument, name) for name in INSTRUMENTAL},
        size_gauss=size * sample.size_gauss_share,
        size_lorentz=size * (1.0 - sample.size_gauss_share),
        strain_gauss=strain * sample.strain_gauss_share,
        strain_lorentz=strain * (1.0 - sample.strain_gauss_share),
    )

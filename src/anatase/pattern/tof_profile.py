"""Profiles of time-of-flight lines: back-to-back exponentials convoluted with a pseudo-Voigt.

The neutrons of a pulse rise as exp(αx) and decay as exp(−βx); the instrument and the sample add a symmetric
broadening (Von Dreele, Jorgensen & Windsor (1982) J. Appl. Cryst. 15, 581; GSAS profile function 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erfc, erfcx, exp1

from anatase.errors import PhysicsError
from anatase.pattern.profile import thompson_cox_hastings

__all__ = [
    "TofLineShape",
    "TofProfile",
    "TofSlopes",
    "back_to_back",
    "back_to_back_value",
    "shape_columns",
    "scaled_exponential_integral",
]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

FWHM_PER_SIGMA = float(np.sqrt(8.0 * np.log(2.0)))
# plain arithmetic, which takes arrays where it is not compiled
pseudo_voigt_widths = cast("Callable[[Array, Array], tuple[Array, ...]]", thompson_cox_hastings.py_func)
SERIES_FROM = 50.0  # |z| beyond which twenty-four terms of the asymptotic series err by less than 1e-16
SERIES_TERMS = 24


class TofLineShape(NamedTuple):
    """The shape of lines: α and β in 1/µs, Gaussian variance σ² in µs², Lorentzian FWHM γ in µs, each (n,)."""

    alpha: Array
    beta: Array
    variance: Array
    gamma: Array


class TofSlopes(NamedTuple):
    """Derivatives (n,) of a profile by the line's position, α, β, σ² and γ."""

    position: Array
    alpha: Array
    beta: Array
    variance: Array
    gamma: Array


@dataclass(frozen=True)
class TofProfile:
    """How the shape of lines varies with d on one bank.

    α = α0 + α1/d, β = β0 + β1/d⁴ + βq/d², σ² = σ0 + σ1 d² + σ2 d⁴ + σq d, γ = γ0 + γ1 d + γ2 d². The terms βq and σq
    are those that GSAS-II added. A microstrain ε (FWHM of Δd/d) makes γ1 = ε DIFC, a crystallite size D in Å makes
    γ2 = K DIFC/D with the Scherrer constant K.

    Parameters
    ----------
    alpha
        α0, α1: 1/µs, Å/µs.
    beta
        β0, β1, βq: 1/µs, Å⁴/µs, Å²/µs.
    variance
        σ0, σ1, σ2, σq: µs², µs²/Å², µs²/Å⁴, µs²/Å.
    gamma
        γ0, γ1, γ2: µs, µs/Å, µs/Å².

    Examples
    --------
    >>> sepd = TofProfile(alpha=(0.0, 0.5971), beta=(0.04221, 0.00946), variance=(3.0, 40.0, 2.0))
    >>> [round(float(p[0]), 4) for p in sepd.at([1.0])]
    [0.5971, 0.0517, 45.0, 0.0]
    """

    alpha: tuple[float, float] = (0.0, 1.0)
    beta: tuple[float, float] | tuple[float, float, float] = (0.03, 0.0)
    variance: tuple[float, float, float] | tuple[float, float, float, float] = (0.0, 50.0, 0.0)
    gamma: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def at(self, d_spacing: ArrayLike) -> TofLineShape:
        """Return the shape of the lines at d (n,) in Å.

        Raises
        ------
        PhysicsError
            Where α, β or the width is not positive, or σ² or γ negative.
        """
        d = np.asarray(d_spacing, dtype=float)
        columns = shape_columns(d)
        alpha, beta, variance, gamma = (
            np.tensordot(np.array(c), column[: len(c)], axes=1)
            for c, column in zip((self.alpha, self.beta, self.variance, self.gamma), columns, strict=True)
        )
        for name, value in (("alpha", alpha), ("beta", beta), ("sigma²", variance), ("gamma", gamma)):
            bad = ~np.isfinite(value) | ((value <= 0.0) if name in ("alpha", "beta") else (value < 0.0))
            if np.any(bad):
                raise PhysicsError(f"{name} = {value[bad].flat[0]:g} at d = {d[bad].flat[0]:g} Å; it must be positive")
        if np.any((variance == 0.0) & (gamma == 0.0)):
            raise PhysicsError("sigma² and gamma are both 0: a line must have a width")
        return TofLineShape(alpha, beta, variance, gamma)


def shape_columns(d: Array) -> tuple[Array, Array, Array, Array]:
    """Return the powers of d (k, n) that the coefficients of α, β, σ² and γ multiply: their derivatives."""
    one = np.ones_like(d)
    return (
        np.stack([one, 1.0 / d]),
        np.stack([one, d**-4.0, d**-2.0]),
        np.stack([one, d**2, d**4, d]),
        np.stack([one, d, d**2]),
    )


def scaled_exponential_integral(z: Complex) -> Complex:
    """Return F(z) = e^z E1(z) (n,), E1 the exponential integral (Abramowitz & Stegun 5.1.1), safe for any |z|.

    Beyond |z| = 50, where e^z and E1 over- and underflow, the asymptotic series 5.1.51 is exact to rounding.
    F′(z) = F(z) − 1/z.
    """
    far = np.abs(z) > SERIES_FROM
    near = np.where(far, 1.0 + 0.0j, z)
    result = np.asarray(np.exp(near) * exp1(near))
    if np.any(far):
        inverse = 1.0 / z[far]
        series = np.ones_like(inverse)
        for k in range(SERIES_TERMS, 0, -1):
            series = 1.0 - k * inverse * series
        result[far] = series * inverse
    return result


def _gaussian_sides(x: Array, alpha: Array, beta: Array, variance: Array) -> tuple[Array, Array]:
    """Return e^u erfc y of the rising and of the falling exponential, convoluted with a Gaussian.

    y = (ασ² + x)/(√2 σ) and u = α(ασ²/2 + x), so that u − y² = −x²/(2σ²); for positive y the term is
    e^(u − y²) erfcx y, which neither over- nor underflows. For the falling one α becomes β and x becomes −x.
    """
    bell = np.exp(-0.5 * x * x / variance)

    def side(rate: Array, shift: Array) -> Array:
        y = (rate * variance + shift) / np.sqrt(2.0 * variance)
        u = rate * (0.5 * rate * variance + shift)
        left = np.exp(np.minimum(u, 0.0)) * erfc(np.minimum(y, 0.0))
        return np.asarray(np.where(y > 0.0, bell * erfcx(np.maximum(y, 0.0)), left))

    return side(alpha, x), side(beta, -x)


def _gaussian_slopes(x: Array, alpha: Array, beta: Array, variance: Array) -> tuple[Array, TofSlopes]:
    """Return αβ/(2(α+β)) times the sum of the two sides, and its derivatives by x, α, β, σ² (γ: none)."""
    sigma = np.sqrt(variance)
    bell = np.exp(-0.5 * x * x / variance)
    rise, fall = _gaussian_sides(x, alpha, beta, variance)

    def by_rate(side: Array, rate: Array, shift: Array) -> Array:
        return np.asarray(side * (rate * variance + shift) - np.sqrt(2.0 / np.pi) * sigma * bell)

    def by_variance(side: Array, rate: Array, shift: Array) -> Array:
        return np.asarray(
            0.5 * rate**2 * side - bell * (rate * variance - shift) / (np.sqrt(2.0 * np.pi) * variance * sigma)
        )

    total, both = alpha + beta, rise + fall
    norm = 0.5 * alpha * beta / total
    slopes = TofSlopes(
        norm * (alpha * rise - beta * fall),
        0.5 * (beta / total) ** 2 * both + norm * by_rate(rise, alpha, x),
        0.5 * (alpha / total) ** 2 * both + norm * by_rate(fall, beta, -x),
        norm * (by_variance(rise, alpha, x) + by_variance(fall, beta, -x)),
        np.zeros_like(x),
    )
    return norm * both, slopes


def _lorentzian_sides(x: Array, alpha: Array, beta: Array, gamma: Array) -> tuple[Complex, ...]:
    """Return p = α(x + iγ/2), q = β(−x + iγ/2), F(p), F(q) with F(z) = e^z E1(z)."""
    p, q = (np.asarray(rate * (shift + 0.5j * gamma), dtype=np.complex128) for rate, shift in ((alpha, x), (beta, -x)))
    return p, q, scaled_exponential_integral(p), scaled_exponential_integral(q)


def _lorentzian_slopes(x: Array, alpha: Array, beta: Array, gamma: Array) -> tuple[Array, TofSlopes]:
    """Return −αβ/(π(α+β)) Im[F(p) + F(q)] and its derivatives by x, α, β, γ (σ²: none)."""
    p, q, rise, fall = _lorentzian_sides(x, alpha, beta, gamma)
    rise_slope, fall_slope = rise - 1.0 / p, fall - 1.0 / q
    total, both = alpha + beta, (rise + fall).imag
    norm = -alpha * beta / (np.pi * total)
    slopes = TofSlopes(
        norm * (alpha * rise - beta * fall).imag,
        -((beta / total) ** 2) / np.pi * both + norm * (rise_slope * p).imag / alpha,
        -((alpha / total) ** 2) / np.pi * both + norm * (fall_slope * q).imag / beta,
        np.zeros_like(x),
        norm * 0.5 * (alpha * rise_slope + beta * fall_slope).real,
    )
    return norm * both, slopes


def back_to_back_value(x: Array, shape: TofLineShape) -> Array:
    """Return the profile (n,) of ``back_to_back`` without its derivatives; x (n,) and the shape's arrays (n,)."""
    alpha, beta, variance, gamma = shape
    fwhm, eta = pseudo_voigt_widths(FWHM_PER_SIGMA * np.sqrt(variance), gamma)[:2]
    rise, fall = _gaussian_sides(x, alpha, beta, (fwhm / FWHM_PER_SIGMA) ** 2)
    value = (1.0 - eta) * 0.5 * (rise + fall)
    tailed = np.flatnonzero(eta > 0.0)
    if tailed.size:
        _, _, lorentz_rise, lorentz_fall = _lorentzian_sides(x[tailed], alpha[tailed], beta[tailed], fwhm[tailed])
        value[tailed] -= eta[tailed] / np.pi * (lorentz_rise + lorentz_fall).imag
    return np.asarray(alpha * beta / (alpha + beta) * value)


def back_to_back(
    x: ArrayLike, alpha: ArrayLike, beta: ArrayLike, variance: ArrayLike, gamma: ArrayLike
) -> tuple[Array, TofSlopes]:
    """Return the profile (n,) of unit area, in 1/µs, and its derivatives, at x (n,) = t − t_line in µs.

    Back-to-back exponentials (rise α, decay β, 1/µs) convoluted with the pseudo-Voigt η L + (1 − η) G that
    Thompson, Cox & Hastings (1987) J. Appl. Cryst. 20, 79 give for a Gaussian of variance σ² (µs²) and a Lorentzian
    of FWHM γ (µs), of which at least one is positive. Arguments broadcast.

    Examples
    --------
    >>> value, slopes = back_to_back([0.0], 0.5, 0.05, 40.0, 5.0)
    >>> round(float(value[0]), 5)
    0.01979
    """
    x_, a, b, v, g = np.broadcast_arrays(*(np.asarray(q, dtype=np.float64) for q in (x, alpha, beta, variance, gamma)))
    gauss = FWHM_PER_SIGMA * np.sqrt(v)
    fwhm, eta, fwhm_gauss, fwhm_gamma, eta_gauss, eta_gamma = pseudo_voigt_widths(gauss, g)
    bell, bell_slopes = _gaussian_slopes(x_, a, b, (fwhm / FWHM_PER_SIGMA) ** 2)
    cauchy, cauchy_slopes = _lorentzian_slopes(x_, a, b, fwhm)
    mixed = [eta * c + (1.0 - eta) * s for c, s in zip(cauchy_slopes, bell_slopes, strict=True)]
    # σ² of the Gaussian component is FWHM²/(8 ln 2)
    by_fwhm = eta * cauchy_slopes.gamma + (1.0 - eta) * bell_slopes.variance * 2.0 * fwhm / FWHM_PER_SIGMA**2
    by_gauss = by_fwhm * fwhm_gauss + (cauchy - bell) * eta_gauss
    by_gamma = by_fwhm * fwhm_gamma + (cauchy - bell) * eta_gamma
    gauss_variance = FWHM_PER_SIGMA**2 / (2.0 * np.maximum(gauss, 1e-12))
    slopes = TofSlopes(-mixed[0], mixed[1], mixed[2], by_gauss * gauss_variance, by_gamma)
    return eta * cauchy + (1.0 - eta) * bell, slopes

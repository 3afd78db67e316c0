"""Profiles of time-of-flight lines: back-to-back exponentials convoluted with a pseudo-Voigt.

The neutrons of a pulse rise as exp(αx) and decay as exp(−βx); the instrument and the sample add a symmetric
broadening (Von Dreele, Jorgensen & Windsor (1982) J. Appl. Cryst. 15, 581; GSAS profile function 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError
from anatase.pattern.exponential_integral import ASYMPTOTIC_FROM, ASYMPTOTIC_TERMS, scaled_exponential_integral
from anatase.pattern.profile import thompson_cox_hastings

__all__ = [
    "TofLineShape",
    "TofProfile",
    "TofSlopes",
    "back_to_back",
    "sample_back_to_back",
    "shape_columns",
]

Array = NDArray[np.float64]

FWHM_PER_SIGMA = float(np.sqrt(8.0 * np.log(2.0)))
SQRT_PI = float(np.sqrt(np.pi))
GAUSS_REACH = 9.0  # σ beyond which a Gaussian is nothing, e^(−40)
EXPONENTIAL_REACH = 40.0  # likewise of an exponential, in units of 1/rate
FEW_FROM, FEW = 120.0, 11  # |z| from which so many terms of a series in 1/z do
FEWEST_FROM, FEWEST = 1000.0, 6


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
    are those that GSAS-II added. A microstrain e (half the FWHM of Δd/d) makes γ1 = 2 e DIFC, a crystallite size D in Å
    makes γ2 = K DIFC/D with the Scherrer constant K.

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

    def by_d(self, d_spacing: ArrayLike) -> TofLineShape:
        """Return the derivatives by d (n,) of α, β, σ² and γ at d (n,) in Å."""
        d = np.asarray(d_spacing, dtype=float)
        none, one = np.zeros_like(d), np.ones_like(d)
        columns = (
            np.stack([none, -(d**-2.0)]),
            np.stack([none, -4.0 * d**-5.0, -2.0 * d**-3.0]),
            np.stack([none, 2.0 * d, 4.0 * d**3, one]),
            np.stack([none, one, 2.0 * d]),
        )
        given = (self.alpha, self.beta, self.variance, self.gamma)
        return TofLineShape(*(np.array(c) @ column[: len(c)] for c, column in zip(given, columns, strict=True)))


def shape_columns(d: Array) -> tuple[Array, Array, Array, Array]:
    """Return the powers of d (k, n) that the coefficients of α, β, σ² and γ multiply: their derivatives."""
    one = np.ones_like(d)
    return (
        np.stack([one, 1.0 / d]),
        np.stack([one, d**-4.0, d**-2.0]),
        np.stack([one, d**2, d**4, d]),
        np.stack([one, d, d**2]),
    )


@njit(cache=True, error_model="numpy", nogil=True)
def _gaussian_side(rate: float, shift: float, variance: float, sigma: float, bell: float) -> tuple[float, float, float]:
    """Return e^u erfc y of an exponential convoluted with a Gaussian, and its derivatives by the rate and by σ².

    y = (ασ² + x)/(√2 σ) and u = α(ασ²/2 + x), so that u − y² = −x²/(2σ²) and the term is ``bell`` times the scaled
    erfcx y = e^(y²) erfc y where y is positive, which neither over- nor underflows.
    """
    lean = rate * variance + shift
    y = lean / (np.sqrt(2.0) * sigma)
    if y > 8.0:  # asymptotic series 7.1.23 of Abramowitz & Stegun, to 1e-16
        q = 1.0 / (2.0 * y * y)
        total = 1.0
        for k in range(15, 0, -1):
            total = 1.0 - (2 * k - 1) * q * total
        value = bell * total / (SQRT_PI * y)
    elif y > 0.0:
        value = bell * np.exp(y * y) * erfc(y)
    else:
        value = np.exp(rate * (0.5 * rate * variance + shift)) * erfc(y)
    by_rate = value * lean - np.sqrt(2.0 / np.pi) * sigma * bell
    by_variance = 0.5 * rate * rate * value - bell * (rate * variance - shift) / (
        np.sqrt(2.0 * np.pi) * variance * sigma
    )
    return value, by_rate, by_variance


@njit(cache=True, error_model="numpy", nogil=True)
def _add_gaussian(
    x: Array, alpha: float, beta: float, variance: float, share: float, with_slopes: bool, out: Array
) -> None:
    """Add share · αβ/(2(α+β)) [e^u erfc y + e^v erfc z] to out[0], its derivatives by x, α, β, σ² to out[1:5]."""
    sigma, total = np.sqrt(variance), alpha + beta
    norm = 0.5 * share * alpha * beta / total
    by_alpha, by_beta = 0.5 * share * (beta / total) ** 2, 0.5 * share * (alpha / total) ** 2
    low = -GAUSS_REACH * sigma - EXPONENTIAL_REACH / alpha
    high = GAUSS_REACH * sigma + EXPONENTIAL_REACH / beta
    for j in range(x.size):
        if x[j] < low or x[j] > high:
            continue
        bell = np.exp(-0.5 * x[j] * x[j] / variance)
        rise, rise_rate, rise_variance = _gaussian_side(alpha, x[j], variance, sigma, bell)
        fall, fall_rate, fall_variance = _gaussian_side(beta, -x[j], variance, sigma, bell)
        out[0, j] += norm * (rise + fall)
        if with_slopes:
            out[1, j] += norm * (alpha * rise - beta * fall)
            out[2, j] += by_alpha * (rise + fall) + norm * rise_rate
            out[3, j] += by_beta * (rise + fall) + norm * fall_rate
            out[4, j] += norm * (rise_variance + fall_variance)


@njit(cache=True, error_model="numpy", nogil=True)
def _moments(alpha: float, beta: float, by: Array) -> None:
    """Fill by (4, terms) with the moments of the exponentials, (k + 1) times them, their derivatives by α and by β."""
    total = alpha + beta
    norm, by_alpha, by_beta = alpha * beta / total, (beta / total) ** 2, (alpha / total) ** 2
    left, right = 1.0 / alpha, 1.0 / beta  # (−1)^k k!/α^(k+1), k!/β^(k+1)
    for k in range(by.shape[1]):
        by[0, k] = norm * (left + right)
        by[1, k] = (k + 1) * by[0, k]
        by[2, k] = by_alpha * (left + right) - norm * (k + 1) * left / alpha
        by[3, k] = by_beta * (left + right) - norm * (k + 1) * right / beta
        left *= -(k + 1) / alpha
        right *= (k + 1) / beta


@njit(cache=True, error_model="numpy", nogil=True)
def _add_lorentzian(
    x: Array, alpha: float, beta: float, gamma: float, share: float, with_slopes: bool, out: Array
) -> None:
    """Add share · −αβ/(π(α+β)) Im[F(p) + F(q)] to out[0], its derivatives by x, α, β, γ to out[1:4] and out[5].

    p = α(x + iγ/2), q = β(−x + iγ/2), F(z) = e^z E1(z). Far away both F are their series in 1/z, which add up to that
    of the Lorentzian in moments of the exponentials.
    """
    total = alpha + beta
    norm = -share * alpha * beta / (np.pi * total)
    by_alpha, by_beta = -share * (beta / total) ** 2 / np.pi, -share * (alpha / total) ** 2 / np.pi
    moments = np.empty((4, ASYMPTOTIC_TERMS))
    _moments(alpha, beta, moments)
    slow, far = min(alpha, beta), -share / np.pi
    for j in range(x.size):
        place = complex(x[j], 0.5 * gamma)
        distance = slow * abs(place)
        if distance > ASYMPTOTIC_FROM:
            r = 1.0 / place
            terms = FEWEST if distance > FEWEST_FROM else FEW if distance > FEW_FROM else ASYMPTOTIC_TERMS
            s0 = s1 = s2 = s3 = complex(0.0, 0.0)
            for k in range(terms - 1, -1, -1):
                s0 = s0 * r + moments[0, k]
                if with_slopes:
                    s1, s2, s3 = s1 * r + moments[1, k], s2 * r + moments[2, k], s3 * r + moments[3, k]
            out[0, j] += far * (s0 * r).imag
            if with_slopes:
                slope = -s1 * r * r
                out[1, j] += far * slope.imag
                out[2, j] += far * (s2 * r).imag
                out[3, j] += far * (s3 * r).imag
                out[5, j] += far * 0.5 * slope.real
            continue
        p, q = alpha * place, beta * complex(-x[j], 0.5 * gamma)
        rise, fall = scaled_exponential_integral(p), scaled_exponential_integral(q)
        both = rise.imag + fall.imag
        out[0, j] += norm * both
        if with_slopes:
            rise_slope, fall_slope = rise - 1.0 / p, fall - 1.0 / q
            out[1, j] += norm * (alpha * rise.imag - beta * fall.imag)
            out[2, j] += by_alpha * both + norm * (rise_slope * p).imag / alpha
            out[3, j] += by_beta * both + norm * (fall_slope * q).imag / beta
            out[5, j] += norm * 0.5 * (alpha * rise_slope.real + beta * fall_slope.real)


@njit(cache=True, error_model="numpy", nogil=True)
def sample_back_to_back(
    x: Array, alpha: float, beta: float, variance: float, gamma: float, with_slopes: bool, out: Array
) -> None:
    """Fill out (6, n) with the profile at x (n,) and, if asked, its derivatives by position, α, β, σ² and γ."""
    gauss = FWHM_PER_SIGMA * np.sqrt(variance)
    fwhm, eta, fwhm_gauss, fwhm_gamma, eta_gauss, eta_gamma = thompson_cox_hastings(gauss, gamma)
    n = x.size
    bell, cauchy = np.zeros((6, n)), np.zeros((6, n))
    _add_gaussian(x, alpha, beta, (fwhm / FWHM_PER_SIGMA) ** 2, 1.0, with_slopes, bell)
    if with_slopes or eta > 0.0:
        _add_lorentzian(x, alpha, beta, fwhm, 1.0, with_slopes, cauchy)
    for j in range(n):
        out[0, j] = eta * cauchy[0, j] + (1.0 - eta) * bell[0, j]
    if not with_slopes:
        return
    # σ² of the Gaussian component is FWHM²/(8 ln 2); the slope by σ² of the argument goes through its FWHM
    widening = 2.0 * fwhm / FWHM_PER_SIGMA**2
    gauss_variance = FWHM_PER_SIGMA**2 / (2.0 * max(gauss, 1e-12))
    for j in range(n):
        by_fwhm = eta * cauchy[5, j] + (1.0 - eta) * bell[4, j] * widening
        mixed = cauchy[0, j] - bell[0, j]
        for k in range(1, 4):
            out[k, j] = eta * cauchy[k, j] + (1.0 - eta) * bell[k, j]
        out[1, j] = -out[1, j]
        out[4, j] = (by_fwhm * fwhm_gauss + mixed * eta_gauss) * gauss_variance
        out[5, j] = by_fwhm * fwhm_gamma + mixed * eta_gamma


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
    x_, *shape = np.broadcast_arrays(*(np.asarray(q, dtype=np.float64) for q in (x, alpha, beta, variance, gamma)))
    out = np.empty((6, x_.size))
    for j, point in enumerate(zip(*(part.flat for part in shape), strict=True)):
        a, b, v, g = point
        sample_back_to_back(x_.ravel()[j : j + 1], a, b, v, g, True, out[:, j : j + 1])
    value, *slopes = out.reshape(6, *x_.shape)
    return value, TofSlopes(*slopes)

"""Counting: what a detector makes of an ideal intensity, and the standard uncertainty that it deserves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from anatase.errors import InputError, PhysicsError
from anatase.pattern.pattern import Pattern

__all__ = ["Detector", "count_pattern"]

Array = NDArray[np.float64]

MOST_COUNTS = 1e15  # in a point: what Poisson's distribution is drawn for
LEAST_LIVE = 0.02  # share of the time; with less nothing of the rate is left in the counts


@dataclass(frozen=True, slots=True)
class Detector:
    """A detector that counts: dead time (s, non-paralysable), dark counts per second, readout noise (counts, σ).

    Raises
    ------
    PhysicsError
        When one of the three is negative.
    """

    dead_time: float = 0.0
    dark_rate: float = 0.0
    readout: float = 0.0

    def __post_init__(self) -> None:
        if min(self.dead_time, self.dark_rate, self.readout) < 0.0:
            raise PhysicsError(f"dead time, dark rate and readout noise of {self} must not be negative")


def count_pattern(
    pattern: Pattern,
    rng: np.random.Generator,
    *,
    time: float = 1.0,
    maximum: float | None = None,
    detector: Detector | None = None,
    correct: bool = True,
) -> Pattern:
    """Return the pattern as it would be counted, with s.u. estimated from the counts as an experimenter would.

    The expected count is μ = time · (intensity · scale + dark rate). Without dead time the counts are Poisson. With a
    dead time τ after each count they are a renewal process of mean μ/(1 + μτ/T) and variance close to
    μ/(1 + μτ/T)³ (Müller (1973) Nucl. Instrum. Methods 112, 47), drawn from its exact distribution. Correction
    takes N to N/(1 − Nτ/T), its s.u. to √N/(1 − Nτ/T). The dark counts stay in the pattern.

    Parameters
    ----------
    pattern
        Ideal intensities, none negative: counts per second unless ``maximum`` is given.
    rng
        The source of randomness; the same state gives the same counts.
    time
        Counting time per point, s.
    maximum
        Expected counts of the highest point, to which the intensities are scaled first.
    detector
        An ideal one unless given.
    correct
        Whether the counts are corrected for the dead time.

    Raises
    ------
    PhysicsError
        For negative intensities, a time that is not positive, a pattern without intensity to scale, or a detector dead
        for 98 % of the time whose counts are to be corrected.

    Examples
    --------
    >>> x = np.linspace(10.0, 20.0, 5)
    >>> ideal = Pattern(x, np.full(5, 400.0), np.ones(5))
    >>> count_pattern(ideal, np.random.default_rng(1)).sigma.round(0).tolist()
    [20.0, 20.0, 21.0, 20.0, 20.0]
    """
    device = Detector() if detector is None else detector
    highest = float(pattern.intensity.max())
    if not 0.0 < time < np.inf:
        raise PhysicsError(f"a counting time of {time:g} s is impossible; give a positive one")
    if pattern.intensity.min() < 0.0 or not np.isfinite(highest):
        raise PhysicsError(f"an ideal intensity of {pattern.intensity.min():g} cannot be counted; add the background")
    if maximum is not None and not (maximum > 0.0 and highest > 0.0):
        raise PhysicsError(f"a pattern of height {highest:g} cannot be scaled to {maximum:g} counts")
    scale = 1.0 if maximum is None else maximum / (highest * time)
    expected = time * (pattern.intensity * scale + device.dark_rate)
    if expected.max() > MOST_COUNTS:
        raise PhysicsError(
            f"{expected.max():.2g} counts in a point; give a time or a maximum for at most {MOST_COUNTS:.0g}"
        )
    dead = device.dead_time / time
    counts = np.asarray(rng.poisson(expected), dtype=float) if dead == 0.0 else _dead_counts(expected, dead, rng)
    if device.readout > 0.0:
        counts = counts + rng.normal(0.0, device.readout, counts.size)
    live = 1.0 - counts * dead if correct else np.ones_like(counts)
    if live.min() < LEAST_LIVE:
        raise PhysicsError(
            f"{expected.max():.3g} expected counts in {time:g} s saturate a dead time of {device.dead_time:g} s; "
            "lower the rate or take correct=False"
        )
    # the process is narrower than Poisson's by the live share, and the correction widens it by its square
    spread = np.sqrt(np.maximum(counts, 1.0)) * (1.0 if correct else 1.0 - counts * dead) / live
    spread = np.hypot(spread, device.readout / live**2)
    told = {"counting_time": time, "dead_time": device.dead_time, "dark_rate": device.dark_rate, "scale": scale * time}
    metadata = pattern.metadata | told
    return replace(pattern, intensity=counts / live, sigma=spread, metadata=metadata)


def _dead_counts(expected: Array, dead: float, rng: np.random.Generator) -> Array:
    """Return counts (n,) with a dead time of ``dead`` counting times after each, the detector being ready at first.

    N ≥ k when k exponential waits fit beside k − 1 dead times: P(N ≥ k) = P(k, μ(1 − (k − 1)τ/T)), the
    incomplete gamma function; inverted for uniform random numbers by bisection over k.
    """
    most = np.floor(1.0 / dead) + 1.0
    if most > 1e15:
        raise InputError(f"a dead time of {dead:.1g} of the counting time", "give 0 for an ideal detector")
    chance = rng.random(expected.size)
    low = np.zeros_like(expected)
    high = np.minimum(most, np.ceil(expected + 12.0 * np.sqrt(expected) + 20.0)) + 1.0
    while np.any(high - low > 1.0):
        middle = np.floor((low + high) / 2.0)
        left = 1.0 - (middle - 1.0) * dead
        reached = (gammainc(np.maximum(middle, 1.0), expected * np.maximum(left, 0.0)) > chance) & (left > 0.0)
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)
    return low

"""A first look at the candidates of a large library: which of them deserve that all their lines are compared.

Each entry's twelve strongest lines are scored as ``retrieve`` scores all its lines, in two rounds: the first takes the
highest intensity within the whole range of strains for what is seen at a line, the second that within half a step of
a coarser grid of strains. So a candidate looks rather better than it is than worse.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from anatase.library.fingerprint import LOG_D_STEP, LOWEST_LOG, N_STRONGEST, Fingerprints
from anatase.scattering.lorentz_polarization import lorentz_polarization
from anatase.scattering.radiation import Radiation

__all__ = ["FirstLook", "Residual"]

Array = NDArray[np.float64]

SHIFT_STEP = 5  # steps of the residual's grid
N_PIVOTS = 3
BLOCK = 20_000  # candidates scored at a time on one core


@dataclass(frozen=True)
class Residual:
    """What is left to explain, on a grid of ln(1/d) that begins at ``first`` and goes by ``step``.

    ``available`` (n,) is the intensity that a line may find there, ``noise`` (n,) its s.u., ``resolution`` (n,) the
    distance below which lines are one; ``total`` is the sum of its maxima.
    """

    first: float
    step: float
    available: Array
    noise: Array
    resolution: Array
    total: float


@dataclass(frozen=True)
class FirstLook:
    """A residual as the strongest lines of entries are compared with it, strains up to ``n_shift`` grid steps allowed.

    What a line lacks counts ``miss_penalty`` times.
    """

    fingerprints: Fingerprints
    residual: Residual
    radiation: Radiation
    n_shift: int
    miss_penalty: float

    def best(self, entries: NDArray[np.int64], number: int, scored: int) -> NDArray[np.int64]:
        """Return the ``number`` most promising entries, in their order; the second round takes ``scored`` of them."""
        left = _largest(entries, self.scores(entries, 2 * self.n_shift + 1), scored)
        return _largest(left, self.scores(left, SHIFT_STEP), number)

    def scores(self, entries: NDArray[np.int64], shift_step: int) -> NDArray[np.float32]:
        """Return the share of the residual (m,) that the strongest lines of each entry (m,) explain at best."""
        left, n_shift = self.residual, self.n_shift
        u = left.first + left.step * np.arange(-n_shift, left.available.size + n_shift)
        sine = np.minimum(0.5 * self.radiation.wavelength * np.exp(u), 0.9999)
        # strengths hold d² for a rough Lorentz factor: put the true one in its place
        lorentz = lorentz_polarization(2.0 * np.degrees(np.arcsin(sine)), self.radiation) * np.exp(2.0 * u)
        available = maximum_filter1d(np.pad(left.available, n_shift), shift_step, mode="constant").astype(np.float32)
        allowance = np.pad(2.0 * left.noise, n_shift).astype(np.float32)
        shifts = np.arange(-n_shift + shift_step // 2, n_shift + 1, shift_step)

        def block(start: int) -> NDArray[np.float32]:
            return _score(
                entries[start : start + BLOCK],
                self.fingerprints.place,
                self.fingerprints.strength,
                (LOWEST_LOG - u[0]) / left.step,
                LOG_D_STEP / left.step,
                available,
                allowance,
                lorentz.astype(np.float32),
                n_shift,
                shifts,
                np.float32(self.miss_penalty),
            )

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            parts = list(threads.map(block, range(0, entries.size, BLOCK)))
        shares = np.concatenate([np.zeros(0, np.float32), *parts])
        shares /= left.total
        return shares


def _largest(entries: NDArray[np.int64], scores: NDArray[np.float32], number: int) -> NDArray[np.int64]:
    """Return the entries of the largest scores, in the order that they came in."""
    if entries.size <= number:
        return entries
    return entries[np.sort(np.argpartition(-scores, number)[:number])]


@njit(cache=True, fastmath=True, nogil=True)
def _score(
    entries: NDArray[np.int64],
    place: NDArray[np.uint16],
    strength: NDArray[np.uint8],
    origin: float,
    scale: float,
    available: NDArray[np.float32],
    allowance: NDArray[np.float32],
    lorentz: NDArray[np.float32],
    n_shift: int,
    shifts: NDArray[np.int64],
    miss_penalty: np.float32,
) -> NDArray[np.float32]:
    """Return each entry's best score over strains, and over scales at which one of its strong lines is just there."""
    best = np.zeros(entries.size, np.float32)
    cells = np.empty(N_STRONGEST, np.int64)
    weights = np.empty(N_STRONGEST, np.float32)
    last = available.size - 1
    for k in range(entries.size):
        e = entries[k]
        n = 0
        for i in range(N_STRONGEST):
            if strength[e, i] == 0:
                break
            cell = int(origin + place[e, i] * scale + 0.5)
            if n_shift <= cell <= last - n_shift:
                cells[n] = cell
                weights[n] = strength[e, i] * lorentz[cell]
                n += 1
        top = np.float32(0.0)
        for shift in shifts:
            for pivot in range(min(n, N_PIVOTS)):
                there = available[min(cells[pivot] + shift, last)]
                if there <= np.float32(0.0):
                    continue
                factor = there / weights[pivot]
                value = np.float32(0.0)
                for i in range(n):
                    cell = min(cells[i] + shift, last)
                    predicted = factor * weights[i]
                    seen = available[cell]
                    value += min(predicted, seen)
                    value -= miss_penalty * max(np.float32(0.0), predicted - seen - allowance[cell])
                top = max(top, value)
        best[k] = top
    return best

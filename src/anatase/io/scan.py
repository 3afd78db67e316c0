"""One scan as a reader found it, and the checks that make it a `Pattern`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.io.sigma import counting_sigma, usable_sigma
from anatase.io.source import Source
from anatase.io.wavelength import assumed_radiation
from anatase.pattern.pattern import Axis, Pattern
from anatase.scattering.radiation import Radiation

__all__ = ["Scan", "pattern_of"]

Array = NDArray[np.float64]
LIMITS: dict[str, tuple[float, float]] = {
    "two_theta": (-180.0, 180.5),
    "q": (-1e-9, 1e3),
    "d": (0.0, 1e4),
    "tof": (0.0, 1e7),
}
SHORT_WAVELENGTH_END = 15.0  # deg; patterns of Cu Kα end well beyond
UNITS: dict[str, str] = {"two_theta": "deg", "q": "1/Å", "d": "Å", "tof": "µs"}


@dataclass
class Scan:
    """Columns and facts of one scan before any check.

    Parameters
    ----------
    x, intensity
        Positions and intensities (n,) as the file has them.
    sigma
        The file's s.u. (n,), ``None`` where it has none.
    counts_per_unit
        Counts per unit of intensity where the file says it, see `counting_sigma`.
    neutron
        True where the file says that it is neutron data, even without a wavelength.
    rows
        The 1-based line of each point (n,), for messages; empty where points have no lines.
    reversible
        Whether a falling axis may be turned round: instruments scan downwards and d falls as 2θ rises.
    trusted
        True for a file that anatase wrote: σ and radiation are taken as they stand.
    """

    x: ArrayLike
    intensity: ArrayLike
    sigma: ArrayLike | None = None
    counts_per_unit: float | Array | None = None
    axis: Axis = "two_theta"
    radiation: Radiation | None = None
    neutron: bool = False
    metadata: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    sigma_name: str = "the σ column"
    trusted: bool = False
    reversible: bool = True


def pattern_of(scan: Scan, source: Source) -> Pattern:
    """Check a scan and return it as a pattern.

    Raises
    ------
    InputError
        Fewer than 3 points, columns of different lengths, a value that is not finite, an axis that
        falls or leaves its range. Each names the file, the line where there is one, and a remedy.
    """
    x = np.asarray(scan.x, dtype=np.float64)
    intensity = np.asarray(scan.intensity, dtype=np.float64)
    sigma = None if scan.sigma is None else np.asarray(scan.sigma, dtype=np.float64)
    check_lengths(x, intensity, sigma, source)
    check_finite(x, intensity, scan, source)
    if scan.reversible and np.all(np.diff(x) < 0):
        x, intensity = x[::-1], intensity[::-1]
        sigma = None if sigma is None else sigma[::-1]
        scan.rows = scan.rows[::-1]
    warnings = scan.warnings
    counts = scan.counts_per_unit
    if sigma is None:
        sigma, said = counting_sigma(intensity, counts)
    elif scan.trusted and np.all(sigma > 0):
        said = ()
    else:
        sigma, said = usable_sigma(sigma, intensity, scan.sigma_name)
    x, intensity, sigma, merged = merge_repeats(x, intensity, sigma)
    check_axis(x, scan, source)
    warnings += said + merged
    radiation = scan.radiation
    if radiation is None and scan.axis == "two_theta" and not scan.trusted:
        if scan.neutron:
            warnings += ("the file says neutrons but names no wavelength; give it",)
        else:
            radiation, word = assumed_radiation()
            warnings += (word,)
            if x[-1] < SHORT_WAVELENGTH_END:
                warnings += (f"two_theta ends at {x[-1]:g} deg, as for a wavelength far shorter than Cu Kα",)
    metadata = {key: value for key, value in scan.metadata.items() if value not in (None, "", "\0")}
    if scan.neutron:
        metadata["probe"] = "neutron"
    return Pattern(x, intensity, sigma, scan.axis, radiation, metadata, source.name, source.sha256, warnings)


def check_lengths(x: Array, intensity: Array, sigma: Array | None, source: Source) -> None:
    """Refuse columns that do not fit together or hold too few points."""
    if x.ndim != 1 or x.shape != intensity.shape or (sigma is not None and sigma.shape != x.shape):
        raise source.error(
            f"{x.size} positions but {intensity.size} intensities", "the file looks truncated; export it again"
        )
    if x.size < 3:
        raise source.error(f"the scan has {x.size} points", "a pattern needs at least 3; the file may be truncated")


def check_finite(x: Array, intensity: Array, scan: Scan, source: Source) -> None:
    """Refuse NaN, infinities and numbers that no counter gives."""
    bad = ~(np.isfinite(x) & np.isfinite(intensity)) | (np.abs(intensity) > 1e18)
    if bad.any():
        at = int(np.argmax(bad))
        raise source.error(
            f"point {at + 1} has position {x[at]:g} and intensity {intensity[at]:g}, not finite numbers",
            "remove or repair that point",
            line=line_of(scan, at),
        )


def merge_repeats(x: Array, intensity: Array, sigma: Array) -> tuple[Array, Array, Array, tuple[str, ...]]:
    """Average neighbouring points at the same position, when they are few (rounded exports repeat some)."""
    repeated = int((np.diff(x) == 0).sum())
    if repeated == 0 or repeated > 0.2 * x.size:
        return x, intensity, sigma, ()
    first = np.flatnonzero(np.concatenate(([True], np.diff(x) != 0)))
    count = np.diff(np.append(first, x.size))
    mean = np.add.reduceat(intensity, first) / count
    su = np.sqrt(np.add.reduceat(sigma**2, first)) / count
    return x[first], mean, su, (f"{repeated} points at repeated positions were averaged",)


def check_axis(x: Array, scan: Scan, source: Source) -> None:
    """Refuse an axis that falls, stands still or leaves its physical range."""
    unit = UNITS[scan.axis]
    step = np.diff(x)
    if not np.all(step > 0):
        at = int(np.argmax(~(step > 0)))
        verb = "falls" if step[at] < 0 else "stays"
        raise source.error(
            f"{scan.axis} {verb} from {x[at]:g} to {x[at + 1]:g} {unit}",
            "sort the points by position and merge repeated ones",
            line=line_of(scan, at + 1),
        )
    low, high = LIMITS[scan.axis]
    if x[0] < low or x[-1] > high:
        raise source.error(
            f"{scan.axis} runs from {x[0]:g} to {x[-1]:g} {unit}, outside {low:g} to {high:g}",
            "check that this is a diffraction pattern and which column is the axis",
        )


def line_of(scan: Scan, point: int) -> int | None:
    """Return the line of a point, where the file has lines."""
    return scan.rows[point] if point < len(scan.rows) else None

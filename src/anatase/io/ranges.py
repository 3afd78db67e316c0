"""Several scans of one file made into the one pattern to analyse: joined, summed or the largest."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from anatase.errors import InputError
from anatase.pattern.pattern import Pattern

__all__ = ["one_pattern"]

MAX_GAP_STEPS = 10.0  # ranges further apart than this many steps are not adjacent
MAX_REPEAT_CHI2 = 3.0  # reduced χ² of repeated scans about their mean; a slow drift of the source stays below it
MAX_OVERLAP = 0.25  # of the shorter range; what is more is a repeat, not the next range


def one_pattern(scans: tuple[Pattern, ...]) -> Pattern:
    """Return one pattern from the scans of a file.

    Adjacent ranges are joined and repeated scans on one grid, which agree within their statistics, are summed,
    with σ propagated; otherwise
    the scan with the most points is taken and a warning names the others. Scans of zeros are left out.

    Raises
    ------
    InputError
        When every intensity of every scan is zero.
    """
    alive = tuple(scan for scan in scans if np.any(scan.intensity != 0))
    if not alive:
        raise InputError(
            "every intensity is zero", "check the detector and export the pattern again", file=scans[0].name
        )
    dropped: tuple[str, ...] = ()
    if len(alive) < len(scans):
        dropped = (f"{len(scans) - len(alive)} of {len(scans)} scans hold only zeros and were left out",)
    if len(alive) == 1:
        return physical(alive[0].with_warnings(*dropped))
    if alike(alive) and same_grid(alive) and consistent(alive):
        chosen = summed(alive)
    elif alike(alive) and adjacent(alive):
        chosen = joined(alive)
    else:
        chosen = largest(alive, scans)
    return physical(chosen.with_warnings(*dropped))


def physical(pattern: Pattern) -> Pattern:
    """Return a 2θ pattern without its points at or below zero, which carry no diffraction."""
    below = int((pattern.x <= 0).sum())
    if below == 0 or len(pattern) - below < 3:
        return pattern
    kept = pattern.cut(float(pattern.x[below]), float(pattern.x[-1]))
    return kept.with_warnings(f"{below} points at or below 0 on the {pattern.axis} axis were left out")


def alike(scans: tuple[Pattern, ...]) -> bool:
    """Whether scans share axis, radiation and temperature, and none is a detector bank of its own."""
    first = scans[0]
    return all(
        scan.axis == first.axis
        and scan.axis != "tof"
        and scan.radiation == first.radiation
        and scan.metadata.get("temperature") == first.metadata.get("temperature")
        and "series" not in scan.metadata
        for scan in scans
    )


def same_grid(scans: tuple[Pattern, ...]) -> bool:
    """Whether all scans stand on the grid of the first, to 2 % of its step."""
    first = scans[0]
    tolerance = 0.02 * float(np.median(np.diff(first.x)))
    return all(len(scan) == len(first) and np.allclose(scan.x, first.x, rtol=0, atol=tolerance) for scan in scans[1:])


def consistent(scans: tuple[Pattern, ...]) -> bool:
    """Whether scans on one grid agree with their mean within statistics: repeats, not a series of a changing sample."""
    intensity = np.asarray([scan.intensity for scan in scans])
    variance = np.asarray([scan.sigma**2 for scan in scans])
    residual = (intensity - intensity.mean(axis=0)) ** 2 / np.maximum(variance.mean(axis=0), 1e-300)
    return bool((residual.sum(axis=0) / (len(scans) - 1)).mean() < MAX_REPEAT_CHI2)


def adjacent(scans: tuple[Pattern, ...]) -> bool:
    """Whether the scans, sorted by their start, follow each other with little overlap and no wide gap."""
    ordered = sorted(scans, key=lambda scan: float(scan.x[0]))
    for low, high in pairwise(ordered):
        step = max(float(np.median(np.diff(low.x))), float(np.median(np.diff(high.x))))
        gap = float(high.x[0] - low.x[-1])
        shorter = min(float(np.ptp(low.x)), float(np.ptp(high.x)))
        if gap < -MAX_OVERLAP * shorter or gap > MAX_GAP_STEPS * step:
            return False
    return True


def summed(scans: tuple[Pattern, ...]) -> Pattern:
    """Return the sum of repeated scans; variances add."""
    first = scans[0]
    said = f"{len(scans)} scans on one grid were summed; --scan N takes one"
    return replace(
        first,
        intensity=np.sum([scan.intensity for scan in scans], axis=0),
        sigma=np.sqrt(np.sum([scan.sigma**2 for scan in scans], axis=0)),
        metadata=shared_metadata(scans),
        warnings=(*united_warnings(scans), said),
    )


def joined(scans: tuple[Pattern, ...]) -> Pattern:
    """Return adjacent ranges as one, brought to the counting time of the longest where times are known."""
    ordered = sorted(scans, key=lambda scan: float(scan.x[0]))
    times = [scan.metadata.get("step_time") for scan in ordered]
    reference = max(ordered, key=len).metadata.get("step_time")
    counted = all(isinstance(time, (int, float)) and time > 0 for time in times)
    scales = [float(reference) / float(time) if counted and reference and time else 1.0 for time in times]
    x = np.concatenate([scan.x for scan in ordered])
    reached = np.maximum.accumulate(x)
    keep = np.concatenate(([True], x[1:] > reached[:-1]))  # the former range keeps an overlap
    intensity = np.concatenate([scan.intensity * scale for scan, scale in zip(ordered, scales, strict=True)])
    sigma = np.concatenate([scan.sigma * scale for scan, scale in zip(ordered, scales, strict=True)])
    said = [f"{len(scans)} adjacent ranges were joined; --scan N takes one"]
    if max(scales) > 1.001 * min(scales):
        said.append(f"ranges with other counting times were scaled to {reference:g} s per step")
    return replace(
        ordered[0],
        x=x[keep],
        intensity=intensity[keep],
        sigma=sigma[keep],
        metadata=shared_metadata(scans),
        warnings=(*united_warnings(scans), *said),
    )


def largest(alive: tuple[Pattern, ...], scans: tuple[Pattern, ...]) -> Pattern:
    """Return the scan with the most points, with a warning that names the others."""
    chosen = max(alive, key=len)
    number = next(i for i, scan in enumerate(scans, 1) if scan is chosen)
    others = [f"{i}: {s.x[0]:g}-{s.x[-1]:g}, {len(s)} points" for i, s in enumerate(scans, 1) if s is not chosen]
    listed = "; ".join(others[:6]) + (f"; and {len(others) - 6} more" if len(others) > 6 else "")
    return chosen.with_warnings(
        f"took scan {number} of {len(scans)}, the longest; the others ({listed}) are read with --scan N"
    )


def shared_metadata(scans: tuple[Pattern, ...]) -> dict[str, Any]:
    """Return the facts on which all scans agree."""
    first = scans[0].metadata
    return {key: value for key, value in first.items() if all(scan.metadata.get(key) == value for scan in scans)}


def united_warnings(scans: tuple[Pattern, ...]) -> tuple[str, ...]:
    """Return the warnings of all scans, each once, in order."""
    return tuple(dict.fromkeys(warning for scan in scans for warning in scan.warnings))

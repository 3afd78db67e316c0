"""Curves of a fitted pattern, packed for the figure of the HTML report."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.identify.answer import Identification, Ticks
from anatase.pattern.pattern import Pattern
from anatase.report.document import json_ready
from anatase.report.notation import AXIS_LABELS, formula_text, space_group_text

__all__ = [
    "MAX_POINTS",
    "DrawnFit",
    "DrawnPhase",
    "drawn_identification",
    "figure_data",
    "merged_points",
    "packed_pattern",
]

MAX_POINTS = 24_000  # keeps a report of eight phases under 2 MB
SMALLEST_TICK = 0.05  # percent of the strongest: weaker reflections are left out of crowded rows
MAX_TICKS = 1_500
Array = NDArray[np.float64]


@dataclass(frozen=True)
class DrawnPhase:
    """A phase in the figure: name, formula, space-group symbol, its part (n,) of the pattern, its reflections."""

    name: str
    formula: str
    space_group: str
    profile: Array
    ticks: Ticks


@dataclass(frozen=True)
class DrawnFit:
    """A pattern with its fit as figures draw it: curves (n,) on its axis, positions (k,) of unexplained peaks."""

    name: str
    pattern: Pattern
    calculated: Array
    background: Array
    phases: tuple[DrawnPhase, ...]
    unexplained: Array


def drawn_identification(identification: Identification) -> DrawnFit:
    """Return what figures draw of an identification."""
    answer = identification
    phases = [
        DrawnPhase(one.label.name, one.label.formula, one.label.space_group_symbol, one.profile, one.ticks)
        for one in answer.phases
    ]
    peaks = np.array([peak.position for peak in answer.unexplained_peaks])
    name = answer.pattern.name or "pattern"
    return DrawnFit(name, answer.pattern, answer.y_calc, answer.background, tuple(phases), peaks)


def figure_data(identification: Identification) -> dict[str, Any]:
    """Return what the figure of an identification draws, JSON-ready."""
    fit = drawn_identification(identification)
    data = packed_pattern(fit.pattern, fit.calculated, fit.background, fit.phases)
    return data | {"unexplained": json_ready([[p.position, p.d_spacing] for p in identification.unexplained_peaks])}


def packed_pattern(
    pattern: Pattern, calculated: Array, background: Array, phases: Sequence[DrawnPhase]
) -> dict[str, Any]:
    """Return a pattern with its fit, JSON-ready.

    Curves are little-endian float32 in base64, partial profiles square-root-coded uint16. A pattern
    of more than ``MAX_POINTS`` points is averaged in groups of ``step`` neighbours, for the figure only.
    """
    step = merged_points(len(pattern))
    sigma = np.sqrt(_grouped(pattern.sigma**2, step) / step)
    curves = {
        "x": _grouped(pattern.x, step),
        "observed": _grouped(pattern.intensity, step),
        "sigma": sigma,
        "calculated": _grouped(calculated, step),
        "background": _grouped(background, step),
    }
    data: dict[str, Any] = {name: _float32(curve) for name, curve in curves.items()}
    radiation = pattern.radiation
    return data | {
        "step": step,
        "axis": pattern.axis,
        "axisLabel": list(AXIS_LABELS[pattern.axis]),
        "wavelength": None if radiation is None else radiation.wavelength,
        "phases": [_phase(phase, step) for phase in phases],
        "unexplained": [],
    }


def merged_points(points: int) -> int:
    """Return how many neighbouring points the figure averages into one."""
    return -(-points // MAX_POINTS)


def _grouped(curve: Array, step: int) -> Array:
    """Average groups of ``step`` points; the last, incomplete group is averaged over what it has."""
    if step == 1:
        return curve
    starts = np.arange(0, curve.size, step)
    counts = np.diff(np.append(starts, curve.size))
    averaged: Array = np.add.reduceat(curve, starts) / counts
    return averaged


def _float32(curve: Array) -> str:
    finite = np.nan_to_num(curve, nan=0.0, posinf=0.0, neginf=0.0)
    return base64.b64encode(finite.astype("<f4").tobytes()).decode("ascii")


def _phase(phase: DrawnPhase, step: int) -> dict[str, Any]:
    profile = np.clip(np.nan_to_num(_grouped(phase.profile, step)), 0.0, None)
    top = float(profile.max(initial=0.0))
    coded = np.rint(np.sqrt(profile / top) * 65535.0) if top > 0 else np.zeros(profile.size)
    return {
        "name": phase.name,
        "formula": formula_text(phase.formula),
        "spaceGroup": space_group_text(phase.space_group),
        "top": top,
        "profile": base64.b64encode(coded.astype("<u2").tobytes()).decode("ascii"),
        "ticks": _ticks(phase.ticks),
    }


def _ticks(ticks: Ticks) -> list[list[float]]:
    """Return rows of h, k, l, position, d (Å), multiplicity, intensity (strongest = 100)."""
    intensity = np.nan_to_num(ticks.intensity)
    keep = np.flatnonzero(intensity >= SMALLEST_TICK)
    if keep.size > MAX_TICKS:
        keep = np.sort(keep[np.argsort(-intensity[keep], kind="stable")[:MAX_TICKS]])
    return [
        [
            *(int(index) for index in ticks.hkl[k]),
            round(float(ticks.position[k]), 5),
            round(float(ticks.d_spacing[k]), 5),
            int(ticks.multiplicity[k]),
            round(float(intensity[k]), 2),
        ]
        for k in keep
    ]

"""Cells, widths and shift from which a refinement can start: lines walked onto peaks, then a quick fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Structure
from anatase.refine.least_squares import Fit
from anatase.refine.start.alignment import align, aligned_share, alignment_target
from anatase.refine.start.cell_strain import strained_lattice
from anatase.refine.start.measurement import Measurement, smooth
from anatase.refine.start.rough_fit import rough_fit, structure_lines
from anatase.refine.start.whole_pattern import PhaseLines, WholePattern, phase_curve

__all__ = ["RoughStart", "rough_start"]

Array = NDArray[np.float64]

N_POLYNOMIALS = 5  # added to the estimated background
LENGTHS = (0.0, -0.008, 0.008, -0.016, 0.016, -0.024, 0.024)  # isotropic strains from which cells are walked
BETTER = 1.03  # of the aligned share, by which a distant cell must beat the given one
SHIFTS = (0.0, *(0.06 * step for step in (-5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)))  # degrees at 2θ = 0
FARTHEST = 0.3  # of the first angle
LARGEST_SHIFT = 0.8  # degrees
MODEL_ERROR = 0.1  # of the Bragg intensity: the structures are not yet right
BACKGROUND_ERROR = 0.02
FAINT = 0.05  # of the Bragg intensity, from which a phase starts on another cell
MOVED = 0.002  # strain of 1/d² from which a walked cell counts as another start
ITERATIONS = 12


@dataclass(frozen=True)
class RoughStart:
    """What a quick fit found: cells (p), line shift (°) with its kind, Gaussian W and U (deg²), Lorentzian X, Y (°).

    ``broadening`` (p, 2) is X (∝ 1/cos θ) and Y (∝ tan θ) of each phase, ``area`` (p,) its integrated intensity.
    """

    lattices: tuple[Lattice, ...]
    measurement: Measurement
    shift: float
    gauss_w: float
    gauss_u: float
    broadening: Array
    area: Array


@dataclass(frozen=True)
class _Trial:
    model: WholePattern
    fit: Fit


def rough_start(structures: Sequence[Structure], measurement: Measurement) -> RoughStart:
    """Return where to start a refinement of structures (p) in a measured pattern; cells may be 2 % off.

    Each phase's cell is walked onto the peaks from several sizes of it; the whole pattern is then fitted with held
    relative intensities from the given cells and from the walked ones, and phase by phase the better is taken.
    """
    m = measurement
    lines = tuple(structure_lines(structure, m) for structure in structures)
    return _told(_best_trial(lines, m), lines, m)


def _best_trial(lines: tuple[PhaseLines, ...], m: Measurement) -> _Trial:
    weights = _loose_weights(m)
    given = [np.zeros(len(one.basis)) for one in lines]
    error = np.sqrt(m.sigma**2 + (BACKGROUND_ERROR * m.background) ** 2)
    walked = [_walked(one, m, m.net, error) for one in lines]
    best = _fitted(lines, given, m, weights)
    shift = _likely_shift(lines, m, error)
    if shift != 0.0:
        there = replace(m, x=m.x - shift * np.cos(np.radians(0.5 * m.x)))
        best = _better(best, _fitted(lines, [_walked(one, there, m.net, error) for one in lines], m, weights, shift))
    other = [i for i, strain in enumerate(walked) if np.abs(strain).max() > MOVED]
    if other:
        best, taken = _better(best, _fitted(lines, walked, m, weights)), list(walked)
        for i in other if len(lines) > 1 else []:
            taken[i] = given[i]
            trial = _fitted(lines, taken, m, weights)
            if trial.fit.objective < best.fit.objective:
                best = trial
            else:
                taken[i] = walked[i]
    if len(lines) > 1:
        for i in np.argsort([_area(best, i) for i in range(len(lines))]):
            best = _walked_again(best, int(i), m, weights)
    return best


def _likely_shift(lines: tuple[PhaseLines, ...], m: Measurement, error: Array) -> float:
    """Return the line shift (°) of a displaced plate at which most of the given cells' lines lie on peaks."""
    if m.shift_kind != "displacement":
        return 0.0
    best, most = 0.0, 0.0
    for shift in SHIFTS:
        if shift > FARTHEST * m.x[0]:
            continue
        there = replace(m, x=m.x - shift * np.cos(np.radians(0.5 * m.x)))
        target = alignment_target(there, m.net, error)
        share = sum(aligned_share(target, one, there, np.zeros(len(one.basis))) for one in lines)
        if share > most * (BETTER if best == 0.0 else 1.0):
            best, most = shift, share
    return best


def _area(trial: _Trial, which: int) -> float:
    return float(trial.fit.values[trial.model.offsets[which]])


def _walked_again(trial: _Trial, which: int, m: Measurement, weights: Array) -> _Trial:
    """Walk one phase's cell onto what the others leave over, and take the fit from there if it is better."""
    model, values = trial.model, trial.fit.values
    at, lines = model.offsets[which], model.phases[which]
    rest = m.y - trial.fit.model + phase_curve(model, values, which)
    others = np.maximum(trial.fit.model - m.background, 0.0)
    error = np.sqrt(m.sigma**2 + (BACKGROUND_ERROR * m.background) ** 2 + (MODEL_ERROR * others) ** 2)
    k = slice(at + 1, at + 1 + len(lines.basis))
    strain = _walked(lines, m, rest, error)
    if np.abs(strain - values[k]).max() <= MOVED:
        return trial
    start = values.copy()
    start[k] = strain
    start[at] = max(start[at], FAINT * float(values[model.offsets[:-1]].sum()))
    return _better(trial, _Trial(model, rough_fit(model, start, m, weights, ITERATIONS, LARGEST_SHIFT)))


def _better(first: _Trial, second: _Trial) -> _Trial:
    return first if first.fit.objective <= second.fit.objective else second


def _loose_weights(m: Measurement) -> Array:
    """Return weights (n,) that admit an error of the structures and count a peak's neighbouring points as one."""
    bragg = smooth(np.maximum(m.net, 0.0), m.points_per_width)
    variance = m.sigma**2 + (BACKGROUND_ERROR * m.background) ** 2 + (MODEL_ERROR * bragg) ** 2
    return 1.0 / variance / max(1.0, 0.7 * m.points_per_width)


def _walked(lines: PhaseLines, m: Measurement, net: Array, error: Array) -> Array:
    """Return the strains of 1/d² (k,) that put most of a phase's lines onto peaks of ``net`` (n,) of s.u. ``error``."""
    target = alignment_target(m, net, error)
    best, most = np.zeros(len(lines.basis)), BETTER * aligned_share(target, lines, m, np.zeros(len(lines.basis)))
    for length in LENGTHS:
        strain = align(target, lines, m, length)
        share = aligned_share(target, lines, m, strain)
        if share > most * (1.0 if length == 0.0 or best.any() else BETTER):
            best, most = strain, share
    return best


def _fitted(
    lines: tuple[PhaseLines, ...], strains: Sequence[Array], m: Measurement, weights: Array, shift: float = 0.0
) -> _Trial:
    t = np.linspace(-1.0, 1.0, m.x.size)
    polynomials = np.polynomial.chebyshev.chebvander(t, N_POLYNOMIALS - 1).T
    columns = np.ascontiguousarray(np.vstack([m.background[None], polynomials]))
    model = WholePattern(m.x, columns, m.radiation, lines, m.shift_kind, floor=0.1 * float(np.median(m.sigma)))
    total = float(np.maximum(m.net, 0.0).sum() * (m.x[-1] - m.x[0]) / m.x.size)
    blocks = [np.array([1.0, *[0.0] * N_POLYNOMIALS, shift, 0.02, (0.7 * m.fwhm) ** 2, 0.0])]
    blocks += [np.array([total / len(lines), *strain, 0.3 * m.fwhm, 0.1 * m.fwhm]) for strain in strains]
    return _Trial(model, rough_fit(model, np.concatenate(blocks), m, weights, ITERATIONS, LARGEST_SHIFT))


def _told(trial: _Trial, lines: tuple[PhaseLines, ...], m: Measurement) -> RoughStart:
    values, b = trial.fit.values, trial.model.columns.shape[0]
    lattices, broadening, area = [], [], []
    for i, phase in enumerate(lines):
        at, k = trial.model.offsets[i], len(phase.basis)
        lattices.append(strained_lattice(phase.lattice, phase.basis, values[at + 1 : at + 1 + k]))
        broadening.append(values[at + 1 + k : at + 3 + k])
        area.append(values[at])
    shift, _, w, u = values[b : b + 4]
    return RoughStart(tuple(lattices), m, float(shift), float(w), float(u), np.array(broadening), np.array(area))

"""The last fit: fresh structure factors, texture, asymmetry, and uncertainties for the phases that the search kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.estimate import Estimate
from anatase.identify.hypothesis import Hypothesis
from anatase.library import Library
from anatase.refine.least_squares import Fit
from anatase.refine.quantity.weight_fractions import phase_amounts
from anatase.refine.quantity.weight_fractions import weight_fractions as fractions_of
from anatase.refine.start.cell_strain import strained_lattice
from anatase.refine.start.measurement import Measurement
from anatase.refine.start.rough_fit import rough_fit, structure_lines
from anatase.refine.start.texture import best_texture, with_texture_axis
from anatase.refine.start.whole_pattern import WholePattern, line_profiles, phase_curve

__all__ = ["FinalFit", "cell_estimates", "final_fit", "weight_fractions"]

Array = NDArray[np.float64]

N_BACKGROUND = 8
FAINTEST = 5e-4  # weight fraction
SIGNIFICANT = 2.0  # s.u. of the weight fraction
HUMP, WIDER = 2.0, 1.4  # degrees and typical widths: lines broader than both are an amorphous halo
VAGUE = 0.03  # relative s.u. of a cell length
TEXTURE_GAIN = 0.01  # of the weighted residual that a texture axis must save to be kept


@dataclass(frozen=True)
class FinalFit:
    """The refined whole pattern: model, fit, covariance (k, k) scaled by the goodness of fit, phase curves (p, n)."""

    model: WholePattern
    fit: Fit
    covariance: Array
    structures: tuple[Structure, ...]
    curves: Array
    rwp: float
    r_exp: float

    @property
    def gof(self) -> float:
        """Goodness of fit, Rwp/Rexp."""
        return self.rwp / self.r_exp

    @property
    def background(self) -> Array:
        """Background (n,)."""
        b = self.model.columns.shape[0]
        return np.asarray(self.fit.values[:b] @ self.model.columns)


def _with_texture(model: WholePattern, fit: Fit, measurement: Measurement, weights: Array) -> tuple[WholePattern, Fit]:
    """Give each phase without one the texture axis that helps most, if it helps enough."""
    for i in np.argsort([-fit.values[model.offsets[i]] for i in range(len(model.phases))]):
        if model.phases[i].axis is not None:
            continue
        gain, axis, r = best_texture(model, fit.values, int(i), measurement.y - fit.model, weights)
        if gain < TEXTURE_GAIN * fit.objective:
            continue
        trial, start = with_texture_axis(model, fit.values, int(i), axis, r)
        trial_fit = rough_fit(trial, start, measurement, weights, 6)
        if trial_fit.objective < fit.objective * (1.0 - TEXTURE_GAIN):
            model, fit = trial, trial_fit
    return model, fit


def final_fit(hypothesis: Hypothesis, measurement: Measurement, library: Library) -> tuple[Hypothesis, FinalFit]:
    """Refine scale, cell, widths, displacement, background, asymmetry and texture of the phases found.

    A phase is dropped, and the rest refined again, when its weight fraction ends below two s.u. or below 0.05 %,
    when its lines are as broad as amorphous humps, or when its cell is not determined.
    """
    final = _refined(hypothesis, measurement, library)
    fractions = weight_fractions(final)
    faint = [f.value < max(FAINTEST, SIGNIFICANT * (f.su or 0.0)) and len(fractions) > 1 for f in fractions]
    hump = max(HUMP, WIDER * measurement.fwhm)
    doubtful = [i for i in range(len(fractions)) if faint[i] or broadest_line(final, i) > hump or _vague_cell(final, i)]
    if not doubtful:
        return hypothesis, final
    least = min(doubtful, key=lambda i: hypothesis.areas[i])
    return final_fit(hypothesis.without(least), measurement, library)


def broadest_line(final: FinalFit, which: int) -> float:
    """Return the area-weighted mean FWHM of a phase's lines, degrees."""
    _, fwhm, _, area = line_profiles(final.model, final.fit.values, which)
    total = float(area.sum())
    return float(fwhm @ area) / total if total > 0 else 0.0


def _vague_cell(final: FinalFit, which: int) -> bool:
    """Tell whether a cell length is uncertain by more than 3 %: the lines hang on nothing."""
    cell = cell_estimates(final, which)
    return any((cell[name].su or 0.0) > VAGUE * cell[name].value for name in ("a", "b", "c"))


def _refined(hypothesis: Hypothesis, measurement: Measurement, library: Library) -> FinalFit:
    m = measurement
    t = np.linspace(-1.0, 1.0, m.x.size)
    polynomials = np.polynomial.chebyshev.chebvander(t, N_BACKGROUND - 1).T
    columns = np.ascontiguousarray(np.vstack([m.background[None, :], polynomials]))
    old = hypothesis.model
    b_old = old.columns.shape[0]
    blocks = [
        hypothesis.parameters[:b_old],
        np.zeros(columns.shape[0] - b_old),
        hypothesis.parameters[b_old : b_old + 4],
    ]
    structures, phases = [], []
    for i, candidate in enumerate(hypothesis.candidates):
        block = hypothesis.parameters[old.offsets[i] : old.offsets[i + 1]]
        k = candidate.lines.basis.shape[0]
        lattice = strained_lattice(candidate.lines.lattice, candidate.lines.basis, block[1 : 1 + k])
        structure = library.structure(candidate.entry)
        structures.append(replace(structure, lattice=lattice))
        phases.append(structure_lines(replace(structure, lattice=lattice), m).with_axis(candidate.lines.axis))
        blocks.append(np.concatenate([block[:1], np.zeros(phases[-1].basis.shape[0]), block[1 + k :]]))
    floor = 0.1 * float(np.median(m.sigma))
    model = WholePattern(m.x, columns, m.radiation, tuple(phases), m.shift_kind, floor=floor, tails=m.tails)
    weights = 1.0 / m.sigma**2 / max(1.0, 0.7 * m.points_per_width)
    start = np.concatenate(blocks)
    fit = rough_fit(model, start, m, weights, 15)
    if phases:
        model = replace(model, asymmetry=m.tails is None)
        fit = rough_fit(model, fit.values, m, weights, 8)
        model, fit = _with_texture(model, fit, m, weights)
        fit = rough_fit(model, fit.values, m, weights, 15)
    curves: Array = np.array([phase_curve(model, fit.values, i) for i in range(len(phases))]).reshape(-1, m.x.size)
    w = 1.0 / m.sigma**2
    denominator = float(w @ m.y**2)
    rwp = 100.0 * np.sqrt(float(w @ (m.y - fit.model) ** 2) / denominator)
    r_exp = 100.0 * np.sqrt(max(m.x.size - fit.values.size, 1) / denominator)
    # the weights count a peak's correlated residuals once (Bérar & Lelann, 1991); scale by the misfit that is left
    misfit = max(1.0, float(w @ (m.y - fit.model) ** 2) / m.x.size)
    unit = 1.0 / np.sqrt(np.maximum(np.diag(fit.normal), 1e-300))  # parameters of one size: none is cut off as singular
    inverse = np.linalg.pinv(fit.normal * np.outer(unit, unit), hermitian=True)
    covariance: Array = np.asarray(inverse * np.outer(unit, unit) * misfit, dtype=np.float64)
    return FinalFit(model, fit, covariance, tuple(structures), curves, float(rwp), float(r_exp))


def weight_fractions(final: FinalFit) -> list[Estimate]:
    """Return the weight fractions of the crystalline phases, which sum to 1, with the s.u. of the fit alone.

    W_p ∝ S_p Z_p M_p V_p with S the Rietveld scale (Hill & Howard, 1987, J. Appl. Cryst. 20, 467). A phase's area
    here is S V² over the ``norm`` of its lines.
    """
    index = final.model.offsets[:-1]
    if not float(final.fit.values[index].sum()) > 0.0:
        return [Estimate(0.0, None)] * len(index)
    volume = np.array([structure.lattice.volume for structure in final.structures])
    mass = np.array([structure.mass_per_cell for structure in final.structures])
    unit = np.array([phase.norm for phase in final.model.phases]) / volume**2
    covariance = final.covariance[np.ix_(index, index)] * np.outer(unit, unit)
    amounts = phase_amounts(final.fit.values[index] * unit, mass, volume, covariance)
    return list(fractions_of(amounts).estimates)


def cell_estimates(final: FinalFit, which: int) -> dict[str, Estimate]:
    """Return a, b, c (Å), alpha, beta, gamma (°) and volume (Å³) of a phase with s.u. by error propagation."""
    phase = final.model.phases[which]
    at, k = final.model.offsets[which] + 1, phase.basis.shape[0]
    strain = final.fit.values[at : at + k]
    covariance = final.covariance[at : at + k, at : at + k]

    def numbers(p: Array) -> Array:
        lattice = strained_lattice(phase.lattice, phase.basis, p)
        return np.array([*lattice.parameters, lattice.volume])

    step = 1e-6
    slope = np.array([(numbers(strain + step * e) - numbers(strain - step * e)) / (2 * step) for e in np.eye(k)]).T
    su = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", slope, covariance, slope), 0.0))
    values = numbers(strain)
    names = ("a", "b", "c", "alpha", "beta", "gamma", "volume")
    return {
        name: Estimate(float(v), float(s) if s > 1e-9 else None) for name, v, s in zip(names, values, su, strict=True)
    }

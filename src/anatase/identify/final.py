"""The last fit: fresh structure factors, texture, asymmetry, and uncertainties for the phases that the search kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Structure
from anatase.estimate import Estimate
from anatase.identify.hypothesis import Hypothesis
from anatase.identify.measurement import D_MIN, Measurement
from anatase.library import Library
from anatase.refine.cell_strain import strained_lattice
from anatase.refine.least_squares import Fit, Prior, levenberg_marquardt
from anatase.refine.whole_pattern import PhaseLines, WholePattern, evaluate, phase_curve, phase_lines
from anatase.scattering.reflections import reflections

__all__ = ["FinalFit", "cell_estimates", "final_fit", "weight_fractions"]

Array = NDArray[np.float64]

N_BACKGROUND = 8
TEXTURE_AXES = ((0, 0, 1), (1, 0, 0), (0, 1, 0), (1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1), (1, 0, 4), (1, 1, 2), (0, 1, 2))
TEXTURE_STARTS = (0.4, 0.6, 0.8, 1.25, 1.7, 2.5)
NEGLIGIBLE = 3e-5  # of the strongest line
FAINTEST = 5e-4  # weight fraction
SIGNIFICANT = 2.0  # s.u. of the weight fraction
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


def _structure_lines(structure: Structure, lattice: Lattice, measurement: Measurement) -> PhaseLines:
    """Return the lines of a structure with the wavelength's own anomalous terms, on the lattice found by the search."""
    radiation = measurement.radiation
    placed = replace(structure, lattice=lattice)
    s_max = 2.0 * np.sin(np.radians(min(measurement.x[-1] + 1.0, 178.0) / 2.0)) / radiation.wavelength
    listed = reflections(placed, max(1.0 / s_max, D_MIN * 0.98), radiation.probe, radiation.wavelength)
    intensity = listed.multiplicity * listed.f_squared / lattice.volume**2
    weighted = intensity * listed.d_spacing**2  # a rough Lorentz weight
    keep = weighted > NEGLIGIBLE * weighted.max()
    return phase_lines(
        listed.hkl[keep], listed.multiplicity[keep], intensity[keep], lattice, structure.space_group, radiation
    )


def _priors(model: WholePattern, start: Array, measurement: Measurement, divergence_free: bool) -> Prior:
    b = model.columns.shape[0]
    level = float(np.median(measurement.background)) + 1.0
    width = measurement.fwhm
    mean, su = np.zeros(start.size), np.full(start.size, np.inf)
    low, high = np.full(start.size, -np.inf), np.full(start.size, np.inf)
    mean[0], su[0] = 1.0, 0.2
    su[1:b] = 0.3 * level
    mean[b : b + 4] = [0.0, 0.02, (0.7 * width) ** 2, 0.0]
    su[b : b + 4] = [0.05, 0.01 if divergence_free else 1e-9, width**2, width**2]
    low[b : b + 4] = [-0.3, 0.0, (0.15 * width) ** 2, 0.0]
    high[b : b + 4] = [0.3, 0.08, (3.0 * width) ** 2, 16.0 * width**2]
    for i, phase in enumerate(model.phases):
        at, k = model.offsets[i], phase.basis.shape[0]
        low[at] = 0.0
        su[at + 1 : at + 1 + k] = 0.01
        low[at + 1 : at + 1 + k], high[at + 1 : at + 1 + k] = -0.05, 0.05
        for j in (at + 1 + k, at + 2 + k):
            mean[j], su[j], low[j], high[j] = 0.2 * width, width, 0.0, 20.0 * width
        if phase.axis is not None:
            mean[at + 3 + k], su[at + 3 + k], low[at + 3 + k], high[at + 3 + k] = 1.0, 0.4, 0.2, 4.0
    return Prior(mean, su, low, high)


def _expand(model: WholePattern, other: WholePattern, values: Array) -> Array:
    """Carry parameters from one model to another that differs in texture axes only (March r starts at 1)."""
    b = model.columns.shape[0]
    out = [values[: b + 4]]
    for i, (old, new) in enumerate(zip(model.phases, other.phases, strict=True)):
        block = values[model.offsets[i] : model.offsets[i + 1]]
        base = block[: 3 + old.basis.shape[0]]
        r = block[-1:] if old.axis is not None and old.axis == new.axis else np.ones(1)
        out.append(base if new.axis is None else np.concatenate([base, r]))
    return np.concatenate(out)


def _run(model: WholePattern, start: Array, measurement: Measurement, weights: Array, iterations: int) -> Fit:
    prior = _priors(model, start, measurement, model.asymmetry)
    return levenberg_marquardt(
        lambda p: evaluate(model, p), start, measurement.y, weights, prior, max_iterations=iterations, tolerance=1e-4
    )


def _texture_start(
    model: WholePattern, values: Array, which: int, residual: Array, weights: Array
) -> tuple[float, tuple[int, int, int], float]:
    """Return how much of the weighted residual the best axis takes, that axis, and its March r.

    Every axis is tried at a few values of r, the phase's scale being solved for; the rest stays as it is.
    """
    plain = replace(model, asymmetry=False, floor=20.0 * model.floor)
    current = phase_curve(plain, values, which)
    target = residual + current
    before = float(weights @ residual**2)
    best = (0.0, TEXTURE_AXES[0], 1.0)
    for axis in TEXTURE_AXES:
        phases = tuple(p.with_axis(axis) if j == which else p for j, p in enumerate(model.phases))
        trial = replace(plain, phases=phases)
        trial_values = _expand(model, trial, values)
        for r in TEXTURE_STARTS:
            trial_values[trial.offsets[which + 1] - 1] = r
            curve = phase_curve(trial, trial_values, which)
            weighted = weights * curve
            scale = float(weighted @ target) / max(float(weighted @ curve), 1e-300)
            best = max(best, (before - float(weights @ (target - scale * curve) ** 2), axis, r))
    return best


def _with_texture(model: WholePattern, fit: Fit, measurement: Measurement, weights: Array) -> tuple[WholePattern, Fit]:
    """Give each phase the texture axis that helps most, if it helps enough."""
    for i in np.argsort([-fit.values[model.offsets[i]] for i in range(len(model.phases))]):
        gain, axis, r = _texture_start(model, fit.values, int(i), measurement.y - fit.model, weights)
        if gain < TEXTURE_GAIN * fit.objective:
            continue
        phases = tuple(p.with_axis(axis) if j == i else p for j, p in enumerate(model.phases))
        trial = replace(model, phases=phases)
        start = _expand(model, trial, fit.values)
        start[trial.offsets[i + 1] - 1] = r
        trial_fit = _run(trial, start, measurement, weights, 6)
        if trial_fit.objective < fit.objective * (1.0 - TEXTURE_GAIN):
            model, fit = trial, trial_fit
    return model, fit


def final_fit(
    hypothesis: Hypothesis, measurement: Measurement, library: Library
) -> tuple[Hypothesis, FinalFit]:
    """Refine scale, cell, widths, displacement, background, asymmetry and texture of the phases found.

    A phase whose weight fraction ends below two s.u. or below 0.05 % is dropped, and the rest refined again.
    """
    final = _refined(hypothesis, measurement, library)
    fractions = weight_fractions(final)
    doubtful = [
        i for i, f in enumerate(fractions) if f.value < max(FAINTEST, SIGNIFICANT * (f.su or 0.0)) and len(fractions) > 1
    ]
    if not doubtful:
        return hypothesis, final
    least = min(doubtful, key=lambda i: fractions[i].value)
    offsets = hypothesis.model.offsets
    kept = [i for i in range(len(fractions)) if i != least]
    reduced = replace(
        hypothesis,
        candidates=tuple(hypothesis.candidates[i] for i in kept),
        parameters=np.delete(hypothesis.parameters, np.s_[offsets[least] : offsets[least + 1]]),
        model=replace(hypothesis.model, phases=tuple(hypothesis.model.phases[i] for i in kept)),
        areas=hypothesis.areas[kept],
    )
    return final_fit(reduced, measurement, library)


def _refined(hypothesis: Hypothesis, measurement: Measurement, library: Library) -> FinalFit:
    m = measurement
    t = np.linspace(-1.0, 1.0, m.x.size)
    polynomials = np.polynomial.chebyshev.chebvander(t, N_BACKGROUND - 1).T
    columns = np.ascontiguousarray(np.vstack([m.background[None, :], polynomials]))
    old = hypothesis.model
    b_old = old.columns.shape[0]
    blocks = [hypothesis.parameters[:b_old], np.zeros(columns.shape[0] - b_old), hypothesis.parameters[b_old : b_old + 4]]
    structures, phases = [], []
    for i, candidate in enumerate(hypothesis.candidates):
        block = hypothesis.parameters[old.offsets[i] : old.offsets[i + 1]]
        k = candidate.lines.basis.shape[0]
        lattice = strained_lattice(candidate.lines.lattice, candidate.lines.basis, block[1 : 1 + k])
        structure = library.structure(candidate.entry)
        structures.append(replace(structure, lattice=lattice))
        phases.append(_structure_lines(structure, lattice, m))
        blocks.append(np.concatenate([block[:1], np.zeros(phases[-1].basis.shape[0]), block[1 + k : 3 + k]]))
    model = WholePattern(
        m.x, columns, m.radiation, tuple(phases), m.shift_kind, asymmetry=False, floor=0.1 * float(np.median(m.sigma))
    )
    weights = 1.0 / m.sigma**2 / max(1.0, 0.7 * m.points_per_width)
    start = np.concatenate(blocks)
    fit = _run(model, start, m, weights, 15)
    if phases:
        model = replace(model, asymmetry=True)
        fit = _run(model, fit.values, m, weights, 8)
        model, fit = _with_texture(model, fit, m, weights)
        fit = _run(model, fit.values, m, weights, 15)
    curves = np.array([phase_curve(model, fit.values, i) for i in range(len(phases))]).reshape(-1, m.x.size)
    w = 1.0 / m.sigma**2
    denominator = float(w @ m.y**2)
    rwp = 100.0 * np.sqrt(float(w @ (m.y - fit.model) ** 2) / denominator)
    r_exp = 100.0 * np.sqrt(max(m.x.size - fit.values.size, 1) / denominator)
    # the weights already count a peak's correlated residuals once (Bérar & Lelann, 1991); scale by the misfit that is left
    misfit = max(1.0, float(weights @ (m.y - fit.model) ** 2) / max(weights.size / max(1.0, 0.7 * m.points_per_width), 1.0))
    covariance = np.linalg.pinv(fit.normal, hermitian=True) * misfit
    return FinalFit(model, fit, covariance, tuple(structures), curves, rwp, r_exp)


def weight_fractions(final: FinalFit) -> list[Estimate]:
    """Return the weight fractions of the crystalline phases, which sum to 1.

    W_p = S_p ρ_p V_p² / Σ with S the Rietveld scale (Hill & Howard, 1987, J. Appl. Cryst. 20, 467: S Z M V).
    """
    n = len(final.model.phases)
    index = [final.model.offsets[i] for i in range(n)]
    factor = np.array(
        [
            phase.norm * structure.mass_per_cell / structure.lattice.volume
            for phase, structure in zip(final.model.phases, final.structures, strict=True)
        ]
    )
    mass = final.fit.values[index] * factor
    total = float(mass.sum())
    if total <= 0:
        return [Estimate(0.0, None)] * n
    fraction = mass / total
    slope = (np.diag(factor) - np.outer(fraction, factor)) / total
    covariance = slope @ final.covariance[np.ix_(index, index)] @ slope.T
    return [Estimate(float(f), float(np.sqrt(max(v, 0.0)))) for f, v in zip(fraction, np.diag(covariance), strict=True)]


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

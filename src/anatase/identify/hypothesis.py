"""Hypotheses: sets of library entries fitted to the pattern, on a noise model that admits model error."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.identify.align import align, alignment_target
from anatase.identify.evidence import LineErrors, relaxed_cost
from anatase.identify.measurement import MAX_WIDTH, Measurement, smooth
from anatase.identify.retrieve import Hits, LineTable, line_table
from anatase.library import Library
from anatase.refine.cell_strain import strained_lattice
from anatase.refine.least_squares import Prior, levenberg_marquardt
from anatase.refine.texture import best_texture, with_texture_axis
from anatase.refine.whole_pattern import (
    PhaseLines,
    WholePattern,
    evaluate,
    line_profiles,
    phase_curve,
    phase_lines,
)

__all__ = ["Candidate", "Hypothesis", "SearchSettings", "Searcher"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SearchSettings:
    """How hard and how sceptically to search."""

    max_phases: int = 6
    shortlist: int = 40
    per_group: int = 1
    joint: int = 5
    two_starts: int = 12
    model_error: float = 0.15
    background_error: float = 0.02
    n_background: int = 4
    shape_error: float = 0.05
    trusted_share: float = 0.95
    texture_gain: float = 30.0
    no_misfit: float = 0.4
    alike: float = 0.8
    alike_polymorphs: float = 0.6
    threshold: float = 20.0
    threshold_without_best: float = 12.0
    share_of_signal: float = 0.0012


@dataclass(frozen=True)
class Candidate:
    """A library entry that may be in the sample, ready to be fitted."""

    entry: int
    lines: PhaseLines
    strain: tuple[float, ...] = ()  # symmetry-allowed strains of 1/d² to start from


@dataclass(frozen=True)
class Hypothesis:
    """A set of phases with its fit. ``cost`` = −2 ln evidence up to a constant; lower is better."""

    candidates: tuple[Candidate, ...]
    parameters: Array
    cost: float
    y: Array
    model: WholePattern
    areas: Array = field(default_factory=lambda: np.zeros(0))
    misfit: float = 1.0  # cost per independent point, at least 1
    prior: float = 0.0  # what its parameters cost: strains, widths, shift

    def worse_than(self, other: Hypothesis) -> float:
        """Return by how much this hypothesis is worse, the data's part in units of the smaller misfit."""
        return (self.cost - other.cost) / min(self.misfit, other.misfit) + self.prior - other.prior


class Searcher:
    """An open search over one measurement: caches lines and fits of candidates."""

    def __init__(self, measurement: Measurement, library: Library, entries: NDArray[np.int64], settings: SearchSettings):
        self.measurement = measurement
        self.library = library
        self.settings = settings
        self.table: LineTable = line_table(library, entries, measurement)
        self._lines: dict[int, PhaseLines] = {}
        self._nothing: Hypothesis | None = None
        x = measurement.x
        t = np.linspace(-1.0, 1.0, x.size)
        polynomials = np.polynomial.chebyshev.chebvander(t, settings.n_background - 1).T
        self.columns = np.ascontiguousarray(np.vstack([measurement.background[None, :], polynomials]))
        self.base_error = np.sqrt(
            measurement.sigma**2 + (settings.background_error * measurement.background) ** 2
        )
        # neighbouring residuals inside a peak are one piece of evidence, not many
        self.correlation = max(1.0, 0.7 * measurement.points_per_width)
        # what a phase must save to pay for the many places where a candidate could have matched by chance
        self.price = 2.0 * float(np.log(20.0 * max(1, entries.size)))

    def lines(self, entry: int) -> PhaseLines:
        """Return the library lines of an entry, ready to fit."""
        if entry not in self._lines:
            lib = self.library
            part = slice(lib.line_offsets[entry], lib.line_offsets[entry + 1])
            probe = "neutron" if self.measurement.radiation.probe == "neutron" else "xray"
            hkl = lib.line_hkl[part].astype(np.int64)
            lattice = Lattice(*(float(v) for v in lib.lattices[entry]))
            group = lib.structure(entry).space_group
            self._lines[entry] = phase_lines(
                hkl,
                np.ones(len(hkl), np.int64),
                lib.line_intensity[probe][part].astype(float),
                lattice,
                group,
                self.measurement.radiation,
            )
        return self._lines[entry]

    def weights(self, bragg: Array, model_error: float | None = None) -> Array:
        """Return weights (n,) that admit model error in proportion to the Bragg intensity already explained."""
        spread = smooth(np.maximum(bragg, 0.0), self.measurement.points_per_width)
        share = self.settings.model_error if model_error is None else model_error
        return 1.0 / (self.base_error**2 + (share * spread) ** 2) / self.correlation

    def start(self) -> Hypothesis:
        """Return the hypothesis of no phase at all."""
        if self._nothing is None:
            self._nothing = self.fit((), None)
        return self._nothing

    def fit(
        self, candidates: tuple[Candidate, ...], warm: Hypothesis | None, iterations: int = 12
    ) -> Hypothesis:
        """Fit a set of candidates to the pattern, starting from a hypothesis that holds all but the last."""
        m = self.measurement
        model = WholePattern(
            m.x,
            self.columns,
            m.radiation,
            tuple(c.lines for c in candidates),
            shift_kind=m.shift_kind,
            floor=0.2 * float(np.median(self.base_error)),
        )
        start, prior = self._start(candidates, warm)
        reference = np.maximum(smooth(m.net, 2.0), 0.0)
        weights = self.weights(reference)
        fit = levenberg_marquardt(
            lambda p: evaluate(model, p), start, m.y, weights, prior, max_iterations=iterations, tolerance=2e-3
        )
        areas = np.array([fit.values[model.offsets[i]] for i in range(len(candidates))])
        precise = self.weights(reference, self.settings.shape_error)
        priors = float(((fit.values - prior.mean) ** 2 / prior.su**2).sum())
        cost, left = relaxed_cost(model, fit.values, m.y - fit.model, precise, LineErrors())
        misfit = self._misfit(precise * left**2, fit.model - fit.values[: self.columns.shape[0]] @ self.columns)
        return Hypothesis(candidates, fit.values, cost, fit.model, model, areas, misfit, priors)

    def _misfit(self, chi2: Array, bragg: Array) -> float:
        """Return the typical misfit per independent point, at least 1, where the model has Bragg intensity.

        The worst of the blocks of two peak widths are left out: an unexplained phase shall not raise the noise
        that it is measured against.
        """
        length = max(2, int(2.0 * self.measurement.points_per_width))
        n = chi2.size // length
        level = (bragg / self.base_error)[: n * length].reshape(n, length).mean(axis=1)
        blocks = chi2[: n * length].reshape(n, length).mean(axis=1) * self.correlation
        blocks = np.sort(blocks[level > 1.0])
        if blocks.size < 3:
            return 1.0
        return max(1.0, float(blocks[: max(3, int(blocks.size * self.settings.trusted_share))].mean()))

    def _start(self, candidates: tuple[Candidate, ...], warm: Hypothesis | None) -> tuple[Array, Prior]:
        b = self.columns.shape[0]
        width = self.measurement.fwhm
        w0 = (0.7 * width) ** 2
        blocks: list[tuple[float, float, float, float, float]] = [(1.0, 1.0, 0.1, -np.inf, np.inf)]
        level = float(np.median(self.base_error))
        blocks += [(0.0, 0.0, 3.0 * level + 0.02 * float(np.median(self.measurement.background)), -np.inf, np.inf)] * (b - 1)
        blocks += [
            (0.0, 0.0, 0.05, -0.3, 0.3),
            (0.02, 0.02, 0.01, 0.0, 0.1),
            (w0, w0, w0, (0.2 * width) ** 2, (2.0 * width) ** 2),
            (0.0, 0.0, w0, 0.0, 8.0 * w0),
        ]
        step = (self.measurement.x[-1] - self.measurement.x[0]) / self.measurement.x.size
        total = float(np.maximum(self.measurement.net, 0.0).sum() * step)
        for c in candidates:
            blocks.append((0.1 * total, 0.0, np.inf, 0.0, np.inf))
            for j in range(c.lines.basis.shape[0]):
                value = c.strain[j] if c.strain else 0.0
                blocks.append((value, 0.0, 0.015 if j == 0 else 0.012, -0.08, 0.08))
            widest = min(20.0 * width, MAX_WIDTH)
            blocks.append((0.3 * width, 0.3 * width, width, 0.0, widest))
            blocks.append((0.1 * width, 0.1 * width, width, 0.0, widest))
            if c.lines.axis is not None:
                blocks.append((1.0, 1.0, 0.4, 0.2, 4.0))
        table = np.array(blocks)
        start = table[:, 0].copy()
        if warm is not None:
            start[: warm.parameters.size] = warm.parameters
        prior = Prior(table[:, 1], table[:, 2], table[:, 3], table[:, 4])
        return start, prior

    def textured(self, hypothesis: Hypothesis) -> Hypothesis:
        """Return the hypothesis with preferred orientation for those of its phases whose intensities demand it."""
        m = self.measurement
        weights = self.weights(np.maximum(smooth(m.net, 2.0), 0.0), self.settings.shape_error)
        for i, candidate in enumerate(hypothesis.candidates):
            if candidate.lines.axis is not None or hypothesis.parameters[hypothesis.model.offsets[i]] <= 0:
                continue
            gain, axis, r = best_texture(hypothesis.model, hypothesis.parameters, i, m.y - hypothesis.y, weights)
            if gain < self.settings.texture_gain * hypothesis.misfit:
                continue
            model, start = with_texture_axis(hypothesis.model, hypothesis.parameters, i, axis, r)
            oriented = replace(candidate, lines=model.phases[i])
            candidates = tuple(oriented if j == i else c for j, c in enumerate(hypothesis.candidates))
            trial = self.fit(candidates, replace(hypothesis, parameters=start))
            if trial.worse_than(hypothesis) < -0.5 * self.settings.texture_gain:
                hypothesis = trial
        return hypothesis

    def screen(self, hypothesis: Hypothesis, hits: Hits) -> list[tuple[float, Candidate]]:
        """Fit each hit alone on top of the frozen hypothesis; return (cost saved, candidate), best first.

        The fit starts from the aligned cell, and for the first hits also from the isotropic strain of the retrieval.
        """
        m = self.measurement
        weights = self.weights(np.maximum(smooth(m.net, 2.0), 0.0))
        current = float(weights @ (m.y - hypothesis.y) ** 2)
        target = alignment_target(m, m.y - hypothesis.y, 1.0 / np.sqrt(weights * self.correlation))
        frozen = self._frozen(hypothesis)
        results = []
        for rank, (entry, isotropic) in enumerate(zip(hits.entries, hits.strain, strict=True)):
            lines = self.lines(int(entry))
            plain = np.zeros(lines.basis.shape[0])
            plain[0] = -2.0 * isotropic
            aligned = align(target, lines, m, float(isotropic))
            starts = [aligned]
            if rank < self.settings.two_starts and np.abs(aligned - plain).max() > 0.002:
                starts.append(plain)
            fits = [self._screen_fit(Candidate(int(entry), lines, tuple(s)), frozen, weights) for s in starts]
            objective, refined = min(fits, key=lambda f: f[0])
            results.append((current - objective - 2.0 * (lines.basis.shape[0] + 1), refined))
        results.sort(key=lambda r: -r[0])
        return results

    def _frozen(self, hypothesis: Hypothesis) -> tuple[Array, Array]:
        """Return the columns of a screening fit and the held instrument: background, a constant, the present phases."""
        b = self.columns.shape[0]
        curves = [phase_curve(hypothesis.model, hypothesis.parameters, i) for i in range(len(hypothesis.candidates))]
        base = hypothesis.parameters[:b] @ self.columns
        columns = np.vstack([base[None, :], self.columns[1:2], *[c[None, :] for c in curves]])
        return columns, hypothesis.parameters[b : b + 4]

    def _screen_fit(self, candidate: Candidate, frozen: tuple[Array, Array], weights: Array) -> tuple[float, Candidate]:
        m = self.measurement
        columns, held = frozen
        n, b = columns.shape[0], self.columns.shape[0]
        model = WholePattern(m.x, columns, m.radiation, (candidate.lines,), m.shift_kind, floor=self.floor)
        own, prior = self._start((candidate,), None)
        one = np.ones(n - 2)
        start = np.concatenate([[1.0, 0.0], one, held, own[b + 4 :]])
        mean = np.concatenate([[1.0, 0.0], one, held, prior.mean[b + 4 :]])
        su = np.concatenate([[0.02, prior.su[1]], 0.3 * one, np.full(4, 1e-9), prior.su[b + 4 :]])
        low = np.concatenate([np.full(2, -np.inf), 0.0 * one, held, prior.low[b + 4 :]])
        high = np.concatenate([np.full(n, np.inf), held, prior.high[b + 4 :]])
        fit = levenberg_marquardt(
            lambda p: evaluate(model, p),
            start,
            m.y,
            weights,
            Prior(mean, su, low, high),
            max_iterations=7,
            tolerance=5e-3,
        )
        k = candidate.lines.basis.shape[0]
        return fit.objective, replace(candidate, strain=tuple(float(v) for v in fit.values[n + 5 : n + 5 + k]))

    def background_of(self, hypothesis: Hypothesis) -> Array:
        """Return the background (n,) of a fitted hypothesis."""
        return np.asarray(hypothesis.parameters[: self.columns.shape[0]] @ self.columns)

    def gain(self, smaller: Hypothesis, larger: Hypothesis) -> tuple[float, float]:
        """Return what the last phase of ``larger`` saves against ``smaller``, and that without its best line.

        In units of the misfit that is left, less the price of one more phase.
        """
        total = smaller.worse_than(larger) - self.price
        m = self.measurement
        reference = np.maximum(smooth(m.net, 2.0), 0.0)
        weights = self.weights(reference, self.settings.shape_error)
        local = weights * ((m.y - smaller.y) ** 2 - (m.y - larger.y) ** 2) / larger.misfit
        position, fwhm, _, area = line_profiles(larger.model, larger.parameters, len(larger.candidates) - 1)
        return total, total - best_line(m.x, local, position, fwhm, area)

    def repeats(self, smaller: Hypothesis, larger: Hypothesis) -> bool:
        """Tell whether the last phase only doubles another one: their patterns are alike (cosine of the curves).

        A misfit in shape or intensity invites a second entry with nearly the same lines, as it stands or, where the
        cells are within 2 %, on the other's cell; polymorphs of one composition are held to a stricter measure.
        What saves two fifths of all the cost is no misfit.
        """
        settings = self.settings
        if smaller.cost - larger.cost > settings.no_misfit * smaller.cost:
            return False
        model, parameters = self._evenly_broad(larger)
        last = len(larger.candidates) - 1
        own = phase_curve(model, parameters, last)
        formula = self.library.formulas[larger.candidates[last].entry]
        for i in range(last):
            same = self.library.formulas[larger.candidates[i].entry] == formula
            limit = settings.alike_polymorphs if same else settings.alike
            other = phase_curve(model, parameters, i)
            moved = _on_cell_of(model, i, last)
            copies = [own] if moved is None else [own, phase_curve(moved, parameters, last)]
            if any(_cosine(other, copy) > limit for copy in copies):
                return True
        return False

    def _evenly_broad(self, hypothesis: Hypothesis) -> tuple[WholePattern, Array]:
        """Return the model on its refined cells, and parameters with strains zero and one width for all phases."""
        model, parameters = hypothesis.model, hypothesis.parameters.copy()
        phases = []
        for i, phase in enumerate(model.phases):
            at, k = model.offsets[i] + 1, phase.basis.shape[0]
            lattice = strained_lattice(phase.lattice, phase.basis, parameters[at : at + k])
            phases.append(replace(phase, lattice=lattice, inverse_d2=lattice.inverse_d_squared(phase.hkl)))
            parameters[at : at + k] = 0.0
            parameters[at + k], parameters[at + k + 1] = 0.3 * self.measurement.fwhm, 0.1 * self.measurement.fwhm
        return replace(model, phases=tuple(phases)), parameters

    def standing(self, smaller: Hypothesis, larger: Hypothesis) -> float:
        """Return the gain of the last phase, marked down for a cell far from the library's.

        A length 1 % off costs 8 % of the gain, 2 % off 32 %: entries that place the same lines equally well are
        told apart by it.
        """
        offset, k = larger.model.offsets[-2] + 1, larger.candidates[-1].lines.basis.shape[0]
        strain = larger.parameters[offset : offset + k]
        length = 0.5 * np.sqrt(float(strain[0] ** 2 + (strain[1:] ** 2).sum() / 3.0))
        return self.gain(smaller, larger)[0] * max(0.2, 1.0 - 0.5 * (length / 0.025) ** 2)

    @property
    def floor(self) -> float:
        """Intensity below which line tails do not matter."""
        return 0.2 * float(np.median(self.base_error))


def _cosine(a: Array, b: Array) -> float:
    return float(a @ b / np.sqrt(max(float((a @ a) * (b @ b)), 1e-300)))


def _on_cell_of(model: WholePattern, host: int, guest: int) -> WholePattern | None:
    """Return the model with the guest's lines on the host's cell, or None where the cells differ by over 2 %."""
    cell, phase = model.phases[host].lattice, model.phases[guest]
    ratio = np.array(phase.lattice.parameters) / np.array(cell.parameters)
    if np.abs(ratio - 1.0).max() > 0.02:
        return None
    moved = replace(phase, inverse_d2=cell.inverse_d_squared(phase.hkl))
    return replace(model, phases=tuple(moved if i == guest else p for i, p in enumerate(model.phases)))


def best_line(x: Array, local: Array, position: Array, fwhm: Array, area: Array) -> float:
    """Return the most that ``local`` (n,) sums to around one of the lines (m,), doublets taken together."""
    if not position.size:
        return 0.0
    running = np.concatenate([[0.0], np.cumsum(local)])
    strong = area > 0.005 * area.max()
    reach = 1.5 * fwhm[strong] + 0.0013 * np.tan(np.radians(position[strong] / 2.0)) * 57.3
    low = np.searchsorted(x, position[strong] - reach)
    high = np.searchsorted(x, position[strong] + reach)
    return float(np.max(running[high] - running[low], initial=0.0))

"""Judgement: whether the data demand a further phase, or it only soaks up what the models get wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.identify.hypothesis import Hypothesis
from anatase.identify.search_space import SearchSpace
from anatase.refine.start.cell_strain import strained_lattice
from anatase.refine.start.whole_pattern import WholePattern, line_profiles, phase_curve

__all__ = ["demanded", "gain", "repeats", "standing"]

Array = NDArray[np.float64]

DISTRUSTED_LENGTH = 0.025  # mismatch of a cell length at which a gain counts half
SIMILAR_CELLS = 0.02
UNUSUAL = 0.75  # what a gain counts where the chemistry is unusual


def gain(space: SearchSpace, smaller: Hypothesis, larger: Hypothesis) -> tuple[float, float]:
    """Return what the last phase of ``larger`` saves against ``smaller``, and that without its best line.

    In units of the misfit that is left, less the price of one more phase.
    """
    m = space.measurement
    total = smaller.worse_than(larger) - space.price
    local = space.noise.strict * ((m.y - smaller.y) ** 2 - (m.y - larger.y) ** 2) / larger.misfit
    position, fwhm, _, area = line_profiles(larger.model, larger.parameters, len(larger.candidates) - 1)
    return total, total - _best_line(m.x, local, position, fwhm, area)


def _best_line(x: Array, local: Array, position: Array, fwhm: Array, area: Array) -> float:
    """Return the most that ``local`` (n,) sums to around one of the lines (m,), doublets taken together."""
    if not position.size:
        return 0.0
    running = np.concatenate([[0.0], np.cumsum(local)])
    strong = area > 0.005 * area.max()
    doublet = np.degrees(0.0013 * np.tan(np.radians(position[strong] / 2.0)))  # about half of Kα2 − Kα1
    reach = 1.5 * fwhm[strong] + doublet
    low = np.searchsorted(x, position[strong] - reach)
    high = np.searchsorted(x, position[strong] + reach)
    return float(np.max(running[high] - running[low], initial=0.0))


def demanded(space: SearchSpace, nothing: Hypothesis, smaller: Hypothesis, larger: Hypothesis) -> bool:
    """Tell whether the data demand the last phase of ``larger``: on the whole, and even without its best line.

    The stronger the whole signal, the more of it the models get wrong: what a phase must save grows with the
    cost of ``nothing``, the hypothesis without phases.
    """
    settings = space.settings
    total, without_best = gain(space, smaller, larger)
    least = max(settings.threshold, settings.share_of_signal * nothing.cost / larger.misfit)
    return total > least and without_best > settings.threshold_without_best


def standing(space: SearchSpace, smaller: Hypothesis, larger: Hypothesis) -> float:
    """Return the gain of the last phase, marked down for a cell far from the library's and for unusual chemistry.

    A length 1 % off costs 8 % of the gain, 2 % off 32 %: entries that place the same lines equally well are
    told apart by it. A compound that common oxidation states do not balance, or a bare element beside compounds, counts
    three quarters.
    """
    length = larger.cell_misfit(len(larger.candidates) - 1, smaller.scale)
    trust = 1.0 if space.usual_chemistry(larger.candidates[-1].entry) else UNUSUAL
    return trust * gain(space, smaller, larger)[0] * max(0.2, 1.0 - 0.5 * (length / DISTRUSTED_LENGTH) ** 2)


def repeats(space: SearchSpace, smaller: Hypothesis, larger: Hypothesis) -> bool:
    """Tell whether the last phase only doubles another one: their patterns are alike (cosine of the curves).

    A misfit in shape or intensity invites a second entry with nearly the same lines, as it stands or, where the
    cells are within 2 %, on the other's cell; polymorphs of one composition are held to a stricter measure.
    What saves two fifths of all the cost is no misfit.
    """
    settings, formulas = space.settings, space.library.formulas
    if smaller.cost - larger.cost > settings.no_misfit * smaller.cost:
        return False
    model, parameters = _evenly_broad(space, larger)
    last = len(larger.candidates) - 1
    own = phase_curve(model, parameters, last)
    for i in range(last):
        same = formulas[larger.candidates[i].entry] == formulas[larger.candidates[last].entry]
        limit = settings.alike_polymorphs if same else settings.alike
        other = phase_curve(model, parameters, i)
        moved = _on_cell_of(model, i, last)
        copies = [own] if moved is None else [own, phase_curve(moved, parameters, last)]
        if any(_cosine(other, copy) > limit for copy in copies):
            return True
    return False


def _evenly_broad(space: SearchSpace, hypothesis: Hypothesis) -> tuple[WholePattern, Array]:
    """Return the model on its refined cells, and parameters with strains zero and one width for all phases."""
    model, parameters = hypothesis.model, hypothesis.parameters.copy()
    phases = []
    for i, phase in enumerate(model.phases):
        at, k = model.offsets[i] + 1, phase.basis.shape[0]
        lattice = strained_lattice(phase.lattice, phase.basis, parameters[at : at + k])
        phases.append(replace(phase, lattice=lattice, inverse_d2=lattice.inverse_d_squared(phase.hkl)))
        parameters[at : at + k] = 0.0
        parameters[at + k], parameters[at + k + 1] = 0.3 * space.measurement.fwhm, 0.1 * space.measurement.fwhm
    return replace(model, phases=tuple(phases)), parameters


def _on_cell_of(model: WholePattern, host: int, guest: int) -> WholePattern | None:
    """Return the model with the guest's lines on the host's cell, or None where the cells differ by over 2 %."""
    cell, phase = model.phases[host].lattice, model.phases[guest]
    ratio = np.array(phase.lattice.parameters) / np.array(cell.parameters)
    if np.abs(ratio - 1.0).max() > SIMILAR_CELLS:
        return None
    moved = replace(phase, inverse_d2=cell.inverse_d_squared(phase.hkl))
    return replace(model, phases=tuple(moved if i == guest else p for i, p in enumerate(model.phases)))


def _cosine(a: Array, b: Array) -> float:
    return float(a @ b / np.sqrt(max(float((a @ a) * (b @ b)), 1e-300)))

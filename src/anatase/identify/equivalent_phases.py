"""Other phases that a pattern cannot tell from one that was found: isostructural ones, ends of a solid solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.identify.answer import Identification
from anatase.identify.hypothesis import Candidate, Hypothesis
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.phase_label import phase_label
from anatase.identify.prior_knowledge import PriorKnowledge, satisfies
from anatase.identify.search_space import SearchSpace
from anatase.refine.start.cell_strain import strained_lattice
from anatase.refine.start.whole_pattern import PhaseLines, WholePattern, phase_curve

__all__ = ["equivalent_phases", "with_members"]

Array = NDArray[np.float64]

SIMILAR_LENGTHS = 0.02  # of a cell length between the entry and the refined cell
SIMILAR_ANGLES = 1.0  # degrees
ALIKE = 0.9  # cosine of two curves on one cell below which a fit could not be as good
TRIED, REFITTED = 40, 5  # phases drawn on the cell, and of them those fitted
AS_GOOD = 6.0  # cost of a fit above that of the phase found, −2 ln of the odds: 1 in 20


def equivalent_phases(
    space: SearchSpace, hypothesis: Hypothesis, which: int, knowledge: PriorKnowledge | None = None
) -> tuple[int, ...]:
    """Return the entries, one of each other phase, that could stand for a phase of a hypothesis, best first.

    Their cells are within 2 % of its refined one, their lines on that cell draw nearly the same curve, and put in its
    place and fitted they cost at most 6 more (odds of 1 in 20). Records of the phase itself are not among them, nor
    what would break what the user knows of the elements (``knowledge``).
    """
    near = _with_similar_cells(space, hypothesis, which)
    known = knowledge or PriorKnowledge()
    others = [candidate.entry for i, candidate in enumerate(hypothesis.candidates) if i != which]
    near = [entry for entry in near if satisfies(known, space.library, [*others, entry])]
    alike = [(cosine, entry) for entry in near if (cosine := _likeness(space, hypothesis, which, entry)) > ALIKE]
    alike.sort(key=lambda found: -found[0])
    fitted = [(_cost_instead(space, hypothesis, which, entry), entry) for _, entry in alike[:REFITTED]]
    return tuple(entry for cost, entry in sorted(fitted) if cost < AS_GOOD)


def with_members(
    answer: Identification, space: SearchSpace, hypothesis: Hypothesis, knowledge: PriorKnowledge
) -> Identification:
    """Return an answer whose phases, found as in a hypothesis of the search, name those that could stand for them."""
    library = space.library
    places = {library.ids[candidate.entry]: i for i, candidate in enumerate(hypothesis.candidates)}
    phases = []
    for phase in answer.phases:
        which = places.get(phase.label.library_id)
        found = () if which is None else equivalent_phases(space, hypothesis, which, knowledge)
        phases.append(replace(phase, members=tuple(phase_label(library, entry) for entry in found)))
    return replace(answer, phases=tuple(phases))


def _refined_cell(hypothesis: Hypothesis, which: int) -> Lattice:
    lines = hypothesis.model.phases[which]
    strain = hypothesis.parameters[hypothesis.block(which)][1 : 1 + lines.basis.shape[0]]
    return strained_lattice(lines.lattice, lines.basis, strain)


def _with_similar_cells(space: SearchSpace, hypothesis: Hypothesis, which: int) -> list[int]:
    """Return of each phase that the hypothesis does not hold the entry with the nearest cell, nearest first."""
    entries, cell = space.table.entries, np.array(_refined_cell(hypothesis, which).parameters)
    lattices = space.library.lattices[entries]
    lengths = np.abs(np.log(lattices[:, :3] / cell[:3])).max(axis=1)
    angles = np.abs(lattices[:, 3:] - cell[3:]).max(axis=1)
    near = np.flatnonzero((lengths < SIMILAR_LENGTHS) & (angles < SIMILAR_ANGLES))
    taken = {space.group(candidate.entry) for candidate in hypothesis.candidates}
    first: dict[int, int] = {}
    for i in near[np.argsort(lengths[near], kind="stable")]:
        group = space.group(int(entries[i]))
        if group not in taken:
            first.setdefault(group, int(entries[i]))
    return list(first.values())[:TRIED]


def _likeness(space: SearchSpace, hypothesis: Hypothesis, which: int, entry: int) -> float:
    """Return the cosine of the curves that the phase and an entry draw on the refined cell, untextured."""
    cell = _refined_cell(hypothesis, which)
    model = space.model(space.columns, (_on(cell, hypothesis.model.phases[which]), _on(cell, space.lines(entry))))
    fwhm = space.measurement.fwhm
    blocks = [
        np.concatenate([[1.0], np.zeros(lines.basis.shape[0]), [0.3 * fwhm, 0.1 * fwhm]]) for lines in model.phases
    ]
    own, other = _curves(model, np.concatenate([np.zeros(space.columns.shape[0]), hypothesis.instrument, *blocks]))
    return float(own @ other / np.sqrt(max(float((own @ own) * (other @ other)), 1e-300)))


def _on(cell: Lattice, lines: PhaseLines) -> PhaseLines:
    moved = replace(lines, lattice=cell, inverse_d2=cell.inverse_d_squared(lines.hkl.astype(float)))
    return moved.with_axis(None)


def _curves(model: WholePattern, parameters: Array) -> tuple[Array, Array]:
    exact = replace(model, floor=0.0)
    return phase_curve(exact, parameters, 0), phase_curve(exact, parameters, 1)


def _cost_instead(space: SearchSpace, hypothesis: Hypothesis, which: int, entry: int) -> float:
    """Return by how much a hypothesis is worse with an entry in the place of one of its phases."""
    last = hypothesis.with_last(which)
    lines = space.lines(entry).with_axis(hypothesis.model.phases[which].axis)
    candidate = Candidate(entry, lines, _strain_to(_refined_cell(hypothesis, which), lines))
    at = last.model.offsets[len(last.candidates) - 1]
    trial = fit_hypothesis(space, (*last.candidates[:-1], candidate), last.parameters[:at], last.scale)
    return trial.worse_than(hypothesis)


def _strain_to(cell: Lattice, lines: PhaseLines) -> tuple[float, ...]:
    """Return the strains of 1/d² (k,) that bring an entry's cell nearest to another one."""
    change = (cell.reciprocal_metric - lines.lattice.reciprocal_metric).ravel()
    strain, *_ = np.linalg.lstsq(lines.basis.reshape(len(lines.basis), -1).T, change, rcond=None)
    return tuple(float(v) for v in strain)

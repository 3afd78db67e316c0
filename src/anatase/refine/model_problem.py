"""The least-squares problem that a model and its free variables pose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anatase.refine.agreement import weights_of
from anatase.refine.calculation.evaluate import Listing, listing
from anatase.refine.constraint.parametrisation import Parametrisation
from anatase.refine.intensities.pawley import count_intensities, pawley_curve
from anatase.refine.least_squares import Prior
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.problem import Problem

__all__ = ["Restraints", "problem_of"]

Array = NDArray[np.float64]


class Restraints(Protocol):
    """Knowledge that counts as observations: targets (m,) with s.u. (m,), and what a model has in their place."""

    @property
    def target(self) -> Array:
        """What is known (m,)."""
        ...

    @property
    def su(self) -> Array:
        """How well (m,)."""
        ...

    def evaluate(self, model: RefinementModel, names: Sequence[str]) -> tuple[Array, Array]:
        """Return the values (m,) that a model has, and their derivatives (r, m) by the named parameters (r)."""
        ...


def problem_of(
    model: RefinementModel,
    parametrisation: Parametrisation,
    restraints: Restraints | None = None,
    listed: Listing | None = None,
) -> Problem:
    """Return the least-squares problem of a model in free variables: all histograms in order, then restraints."""
    listed = listing(model) if listed is None else listed
    values = parameter_values(model)
    start = parametrisation.variables_of(np.array([values[name] for name in parametrisation.names]))
    sizes = [len(one.pattern) for one in model.histograms]
    ends = np.concatenate([[0], np.cumsum(sizes)]).tolist()
    total = ends[-1] + (0 if restraints is None else restraints.target.size)
    own = [_rows_of(model, i, parametrisation.names) for i in range(len(sizes))]

    def evaluate(variables: Array) -> tuple[Array, Array]:
        parameters, slopes = parametrisation.at(variables)
        moved = with_values(model, dict(zip(parametrisation.names, parameters.tolist(), strict=True)))
        y, jacobian = np.empty(total), np.empty((len(parametrisation.free), total))
        for i, rows in enumerate(own):
            found = pawley_curve(moved, i, [parametrisation.names[row] for row in rows], listed)
            y[ends[i] : ends[i + 1]] = found.intensity
            jacobian[:, ends[i] : ends[i + 1]] = slopes[rows].T @ found.jacobian
        if restraints is not None:
            y[ends[-1] :], by_name = restraints.evaluate(moved, parametrisation.names)
            jacobian[:, ends[-1] :] = slopes.T @ by_name
        return y, jacobian

    def curve(variables: Array) -> Array:
        parameters, _ = parametrisation.at(variables)
        moved = with_values(model, dict(zip(parametrisation.names, parameters.tolist(), strict=True)))
        parts = [pawley_curve(moved, i, (), listed).intensity for i in range(len(sizes))]
        return np.concatenate(parts if restraints is None else [*parts, restraints.evaluate(moved, ())[0]])

    k = len(parametrisation.free)
    prior = Prior(start, np.full(k, np.inf), parametrisation.low, parametrisation.high)
    observed = np.concatenate([one.pattern.intensity for one in model.histograms])
    weights = np.concatenate(weights_of(model))
    if restraints is not None:
        observed, weights = np.append(observed, restraints.target), np.append(weights, restraints.su**-2.0)
    return Problem(
        parametrisation.free, start, evaluate, observed, weights, prior, _stretches(model, ends), curve,
        count_intensities(model),
    )  # fmt: skip


def _rows_of(model: RefinementModel, index: int, names: Sequence[str]) -> list[int]:
    """Return which parameters a histogram may depend on: all but those of other histograms."""
    others = [one.name for i, one in enumerate(model.histograms) if i != index]
    foreign = [f"{name}." for name in others] + [f"{phase.name}.{name}." for phase in model.phases for name in others]
    return [row for row, name in enumerate(names) if not name.startswith(tuple(foreign))]


def _stretches(model: RefinementModel, ends: Sequence[int]) -> tuple[tuple[int, int], ...]:
    """Return first and one past the last point of each stretch of neighbouring points in use."""
    found: list[tuple[int, int]] = []
    for start, histogram in zip(ends[:-1], model.histograms, strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], histogram.used, [False]]).astype(np.int8)))
        found += [(start + int(a), start + int(b)) for a, b in edges.reshape(-1, 2)]
    return tuple(found)

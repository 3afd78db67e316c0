"""The recipe that states where a fit ended: every value, what was free and what was tied, to go on or to share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from anatase.refine.constraint.constraints import Bound, Constraint, Equal, Linear
from anatase.refine.constraint.parametrisation import Parametrisation, follows
from anatase.refine.fit import Fitted
from anatase.refine.model import ConstantWavelength, Histogram, RefinementModel
from anatase.refine.parameters.parameters import parameter_values
from anatase.refine.recipe.recipe import BackgroundChoice, Recipe
from anatase.refine.restraint.restraints import Restraint
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = ["recipe_of"]

GEOMETRY = ("geometry", "radius", "incidence")


def recipe_of(
    fitted: Fitted, *, bounds: Sequence[Bound] = (), restraints: Sequence[Restraint] = (), title: str = ""
) -> Recipe:
    """Return the recipe whose settings lead from the same patterns and structures to the model of a fit.

    All values stand in it in full, so that the fit begins, and ends, where this one ended. Intensities of Le Bail and
    Pawley fits are not in it: they are found again. ``bounds`` and ``restraints`` of the fit are given by the caller.
    """
    model, free = fitted.model, fitted.parametrisation
    tied = follows(free)
    ridden = [motion for body in free.bodies for motion in body.body.motions]
    return Recipe(
        title=title,
        mode={phase.name: phase.mode for phase in model.phases},
        background={one.name: _background(one) for one in model.histograms},
        instrument={
            one.name: _geometry(one.beam.instrument)
            for one in model.histograms
            if isinstance(one.beam, ConstantWavelength)
        },
        sample=_samples(model),
        values=parameter_values(model),
        free=(*(name for name in free.names if name not in tied), *ridden),
        constraints=(*_relations(free), *bounds, *(body.given for body in free.bodies)),
        restraints=tuple(restraints),
        limits={one.name: (float(one.pattern.x[0]), float(one.pattern.x[-1])) for one in model.histograms},
        excluded={one.name: one.excluded for one in model.histograms if one.excluded},
    )


def _background(histogram: Histogram) -> BackgroundChoice:
    one = histogram.background
    return BackgroundChoice(
        0, one.chebyshev, one.inverse, one.nodes, one.heights, one.interpolation, one.debye, one.humps
    )


def _geometry(instrument: Instrument) -> dict[str, Any]:
    settings = {key: getattr(instrument, key) for key in GEOMETRY}
    return {key: value for key, value in settings.items() if value is not None}


def _samples(model: RefinementModel) -> dict[str, dict[str, Any]]:
    """Return the fields of each sample that are not as in an ideal powder."""
    found, ideal = {}, Sample()
    for phase in model.phases:
        for histogram, part in zip(model.histograms, phase.parts, strict=True):
            changed = {one.name: getattr(part.sample, one.name) for one in fields(Sample)
                       if getattr(part.sample, one.name) != getattr(ideal, one.name)}  # fmt: skip
            if changed:
                found[f"{phase.name}.{histogram.name}"] = changed
    return found


def _relations(free: Parametrisation) -> list[Constraint]:
    """Return the linear relations of a fit as constraints: equal ones, or sums."""
    found: list[Constraint] = []
    for name in follows(free):
        i = free.names.index(name)
        if any(i in body.rows for body in free.bodies):
            continue
        columns = np.flatnonzero(free.matrix[i])
        leads = [_name_of(free, int(j)) for j in columns]
        factors, offset = free.matrix[i, columns].tolist(), float(free.offset[i])
        if factors == [1.0] and offset == 0.0:
            found.append(Equal((leads[0], name)))
        else:
            terms = [(-factor, lead) for factor, lead in zip(factors, leads, strict=True)]
            found.append(Linear((*terms, (1.0, name)), offset))
    return found


def _name_of(free: Parametrisation, column: int) -> str:
    """Return the parameter that a variable is."""
    return next(
        name for i, name in enumerate(free.names)
        if free.matrix[i, column] == 1.0 and free.offset[i] == 0.0 and np.count_nonzero(free.matrix[i]) == 1
    )  # fmt: skip

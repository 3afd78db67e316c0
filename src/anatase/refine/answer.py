"""The answer of a refinement from its last fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError, PhysicsError
from anatase.provenance import Provenance
from anatase.refine.calculation.evaluate import Calculated, calculated
from anatase.refine.constraint.parametrisation import follows
from anatase.refine.doubts import doubts_of
from anatase.refine.fit import Fitted
from anatase.refine.intensities.partition import observed_squares, r_bragg
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.parameters import parameter_values
from anatase.refine.point_errors import point_error_doubts
from anatase.refine.quantity.quantification import Quantification
from anatase.refine.quantity.quantify import quantify
from anatase.refine.refinement import Parameter, Refinement, Step
from anatase.refine.uncertainty.serial_correlation import SerialCorrelation, serial_correlation
from anatase.refine.unrefined import unrefined_values

__all__ = ["answer_of"]

Array = NDArray[np.float64]

CONVERGED = 0.1  # |shift|/s.u. of the next step that counts as standing still
STUCK = 0.5  # the same where no step of any length lowers χ² any more


def answer_of(
    fitted: Fitted,
    *,
    steps: Sequence[Step] = (),
    warnings: Sequence[str] = (),
    given: Mapping[str, float] | None = None,
    provenance: Provenance | None = None,
) -> Refinement:
    """Return the answer that a fit gives.

    Parameters
    ----------
    fitted
        The last fit.
    steps
        How it was reached.
    warnings
        What was assumed before.
    given
        Cells and shifts before they were aligned, from ``given_values``.
    provenance
        Inputs and settings.
    """
    model = fitted.model
    serial = serial_correlation(fitted.problem, fitted.fit)
    curves = tuple(calculated(model, i) for i in range(len(model.histograms)))
    parameters = parameters_of(fitted, serial)
    shift = next_shift(fitted)
    converged = shift <= (STUCK if fitted.converged else CONVERGED)
    quantification = _quantification(model, fitted, serial)
    bragg = _r_bragg(model, curves)
    told = [*warnings, *unrefined_values(model, fitted.parametrisation.names, steps, given)]
    told += doubts_of(fitted, parameters, curves, serial, bragg, shift, converged)
    told += point_error_doubts(fitted.gof)
    if quantification is not None and len(model.phases) > 1:
        told += quantification.warnings
    return Refinement(
        model=model,
        calculated=curves,
        residuals=fitted.residuals,
        gof=fitted.gof,
        r_bragg=bragg,
        parameters=parameters,
        correlation=_correlation(fitted, [one.name for one in parameters if one.refined]),
        n_refined=len(fitted.parametrisation.free),
        n_points=fitted.residuals.n_points,
        max_shift=shift,
        converged=converged,
        serial=serial,
        quantification=quantification,
        steps=tuple(steps),
        warnings=tuple(dict.fromkeys(told)),
        fitted=fitted,
        provenance=Provenance() if provenance is None else provenance,
    )


def parameters_of(fitted: Fitted, serial: SerialCorrelation) -> tuple[Parameter, ...]:
    """Return all parameters of the model, those that were refined with s.u., raw and corrected for correlation."""
    su = dict(zip(fitted.parametrisation.names, fitted.su.tolist(), strict=True))
    slopes = fitted.parametrisation.at(fitted.fit.values)[1] != 0.0
    held = (slopes & fitted.covariance.at_bound).any(axis=1)
    bound = dict(zip(fitted.parametrisation.names, held.tolist(), strict=True))
    words = follows(fitted.parametrisation)
    found = []
    for name, value in parameter_values(fitted.model).items():
        raw = su.get(name)
        known = raw is not None and np.isfinite(raw)
        found.append(
            Parameter(
                name,
                value,
                raw if known else None,
                None if raw is None or not known else raw * serial.factor,
                name in su,
                bound.get(name, False),
                words.get(name, ""),
            )
        )
    return tuple(found)


def next_shift(fitted: Fitted) -> float:
    """Return the largest |shift|/s.u. of a parameter in the step that would come next, undamped."""
    fit, problem = fitted.fit, fitted.problem
    gradient = (fit.jacobian * problem.weights) @ (problem.observed - fit.model)
    gradient -= (fit.values - problem.prior.mean) / problem.prior.su**2
    slopes = fitted.parametrisation.at(fit.values)[1]
    shift, su = np.abs(slopes @ (fitted.covariance.matrix @ gradient)), fitted.su
    known = np.isfinite(su) & (su > 0.0)
    return float(np.max(shift[known] / su[known], initial=0.0))


def _correlation(fitted: Fitted, names: Sequence[str]) -> Array:
    """Return the correlation (r, r) of named parameters."""
    index = [fitted.parametrisation.names.index(name) for name in names]
    spread = fitted.spread[np.ix_(index, index)]
    su = np.sqrt(np.maximum(np.diag(spread), 0.0))
    scale = np.divide(1.0, su, out=np.zeros_like(su), where=su > 0.0)
    found = np.clip(spread * np.outer(scale, scale), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def _quantification(model: RefinementModel, fitted: Fitted, serial: SerialCorrelation) -> Quantification | None:
    """Return weight fractions from the scales in the first pattern; ``None`` where a phase has no structure in it."""
    phases = model.phases
    if any(phase.mode != "rietveld" or not phase.structure.sites for phase in phases):
        return None
    scales = [f"{phase.name}.{model.histograms[0].name}.scale" for phase in phases]
    names = fitted.parametrisation.names
    covariance = np.zeros((len(phases), len(phases)))
    known = [i for i, name in enumerate(scales) if name in names]
    index = [names.index(scales[i]) for i in known]
    covariance[np.ix_(known, known)] = fitted.spread[np.ix_(index, index)] * serial.factor**2
    try:
        return quantify(
            [phase.name for phase in phases],
            [phase.parts[0].scale for phase in phases],
            [phase.structure.mass_per_cell for phase in phases],
            [phase.structure.lattice.volume for phase in phases],
            covariance,
        )
    except (InputError, PhysicsError):  # all scales are zero: nothing to divide
        return None


def _r_bragg(model: RefinementModel, curves: Sequence[Calculated]) -> dict[tuple[str, str], float]:
    """Return R_Bragg (percent) by phase and histogram, of phases that are fitted by their structure."""
    found = {}
    for i, (histogram, curve) in enumerate(zip(model.histograms, curves, strict=True)):
        for j, phase in enumerate(model.phases):
            squares = observed_squares(model, i, j, curve) if phase.mode == "rietveld" else None
            if squares is not None and squares.seen.any():
                found[phase.name, histogram.name] = r_bragg(squares)
    return found

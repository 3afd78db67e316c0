"""The answer of a refinement: parameters with s.u., how it fits, how it was reached, and what to doubt."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate
from anatase.provenance import Provenance
from anatase.refine.agreement import Residuals
from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.fit import Fitted
from anatase.refine.model import RefinementModel
from anatase.refine.quantity.quantification import Quantification
from anatase.refine.uncertainty.serial_correlation import SerialCorrelation

__all__ = ["Parameter", "Refinement", "Step"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Parameter:
    """A parameter of the model.

    ``su`` is from the covariance times GOF, ``su_corrected`` also times the factor of Bérar & Lelann (1991); both
    ``None`` where the parameter is not refined, stands at a bound, or the data leave it open. ``tied_to`` tells in
    plain words what it follows, ``at_bound`` whether it stands at an end of its range.
    """

    name: str
    value: float
    su: float | None = None
    su_corrected: float | None = None
    refined: bool = False
    at_bound: bool = False
    tied_to: str = ""

    @property
    def estimate(self) -> Estimate:
        """Value with the s.u. that a reader should use: the corrected one."""
        return Estimate(self.value, self.su_corrected)


@dataclass(frozen=True)
class Step:
    """One step of the way: what was freed, why, what came of it.

    ``freed`` are the parameters that joined the fit, ``refined`` all that were free in it. ``before`` and ``after``
    are total Rwp in percent; a step that was ``reverted`` left the model as it was, and ``outcome`` says why.
    ``model`` is the state after the step, from which one can go on otherwise.
    """

    title: str
    reason: str
    freed: tuple[str, ...]
    refined: tuple[str, ...]
    before: float
    after: float
    iterations: int
    converged: bool
    reverted: bool
    outcome: str
    model: RefinementModel


@dataclass(frozen=True)
class Refinement:
    """A refined model.

    Parameters
    ----------
    model
        Patterns and phases with their refined values.
    calculated
        For each histogram: the calculated pattern, background and phases' parts.
    residuals, gof
        Rwp, Rp (percent) of each histogram and of all; √(χ²/(N − P)).
    r_bragg
        Percent, by (phase, histogram) names; R of intensities shared out after Rietveld.
    parameters
        All of the model, refined or not, in the order of ``parameter_values``.
    correlation
        Coefficients (r, r) of the refined parameters, in their order among ``parameters``.
    n_refined, n_points
        Free variables P, and points N with a weight.
    max_shift
        Largest |shift|/s.u. of the last step.
    converged
        Whether that is small.
    serial
        Serial correlation of the residuals of all histograms.
    quantification
        Weight fractions of the phases; ``None`` where no phase is fitted by its structure.
    steps
        How the answer was reached.
    warnings
        What the reader must know.
    provenance
        Program, version, inputs, settings.
    fitted
        The last fit, for bootstraps, posteriors and profiles.
    """

    model: RefinementModel
    calculated: tuple[Calculated, ...]
    residuals: Residuals
    gof: float
    r_bragg: dict[tuple[str, str], float]
    parameters: tuple[Parameter, ...]
    correlation: Array
    n_refined: int
    n_points: int
    max_shift: float
    converged: bool
    serial: SerialCorrelation
    quantification: Quantification | None
    steps: tuple[Step, ...]
    warnings: tuple[str, ...]
    fitted: Fitted
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def rwp(self) -> float:
        """Total Rwp of all histograms, percent."""
        return self.residuals.total

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)

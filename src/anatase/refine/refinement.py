"""The answer of a refinement: parameters with s.u., how it fits, how it was reached, and what to doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import free_cell_parameters
from anatase.estimate import Estimate
from anatase.faces import Shown
from anatase.provenance import Provenance
from anatase.refine.agreement import Residuals
from anatase.refine.calculation.evaluate import Calculated
from anatase.refine.fit import Fitted
from anatase.refine.model import Phase, RefinementModel
from anatase.refine.quantity.quantification import Quantification
from anatase.refine.uncertainty.serial_correlation import SerialCorrelation

__all__ = ["Parameter", "Refinement", "Step", "absent_phases"]

Array = NDArray[np.float64]

SHOWN = 3.0  # s.u. of a scale, from which a phase is shown to be present


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

    ``freed`` are the parameters that joined the fit, ``refined`` all that moved in it, those that follow others among
    them. ``before`` and ``after`` are total Rwp in percent; a step that was ``reverted`` left the model as it was, and
    ``outcome`` says why. ``model`` is the state after the step, from which one can go on otherwise. ``held``
    are parameters that the step was to refine and held where they were, each with the reason.
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
    held: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, repr=False)
class Refinement(Shown):
    """A refined model. Printed, it is the table; its ``repr`` is a line of what matters.

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
        Free variables, without those that follow others and without intensities of Pawley fits; and points N with a
        weight.
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

    @property
    def n_tied(self) -> int:
        """How many refined parameters follow the free variables beyond one for each."""
        return sum(one.refined for one in self.parameters) - self.n_refined

    @property
    def absent(self) -> tuple[str, ...]:
        """Phases that are not shown to be present: a scale of less than 3 s.u. in every pattern."""
        return absent_phases(self.model, self.parameters)

    @property
    def fractions(self) -> dict[str, Estimate]:
        """Weight fractions by phase, of those that are shown to be present; empty where there are none."""
        quantity, absent = self.quantification, self.absent
        return (
            {}
            if quantity is None
            else {one.name: one.weight_fraction for one in quantity.phases if one.name not in absent}
        )

    @property
    def impossible(self) -> tuple[str, ...]:
        """Refined parameters that end where no crystal is, by more than 3 s.u.: occupancies outside 0 to 1, U below 0.

        U of one site are those of ``u_iso`` and of the diagonal of the tensor.
        """
        return tuple(one.name for one in self.parameters if one.refined and _outside(one))

    def __repr__(self) -> str:
        phases = "; ".join(_phase_line(self, phase) for phase in self.model.phases)
        state = "converged" if self.converged else "not converged"
        warned = f", {len(self.warnings)} warnings" if self.warnings else ""
        return (
            f"<Refinement of {', '.join(one.pattern.name or one.name for one in self.model.histograms)}: "
            f"{self.n_refined} parameters, {self.n_points} points, Rwp {self.rwp:.2f} %, GOF {self.gof:.2f}, "
            f"{state}{warned}; {phases}>"
        )

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


def absent_phases(model: RefinementModel, parameters: Sequence[Parameter]) -> tuple[str, ...]:
    """Return the phases whose scale was refined and is less than 3 s.u. in every pattern."""
    by_name = {one.name: one for one in parameters}

    def shown(phase: str) -> bool:
        scales = [by_name[f"{phase}.{histogram.name}.scale"] for histogram in model.histograms]
        return not all(s.refined and (s.su_corrected is None or s.value < SHOWN * s.su_corrected) for s in scales)

    return tuple(phase.name for phase in model.phases if not shown(phase.name))


def _outside(one: Parameter) -> bool:
    """Tell whether a value is impossible by more than its error."""
    ends = {"occupancy": (0.0, 1.0)} | dict.fromkeys(("u_iso", "u11", "u22", "u33"), (0.0, np.inf))
    low, high = ends.get(one.name.rpartition(".")[2], (-np.inf, np.inf))
    margin = 1e-6 if one.su_corrected is None else SHOWN * one.su_corrected
    return not low - margin <= one.value <= high + margin


def _phase_line(refinement: Refinement, phase: Phase) -> str:
    """Return a phase with its free cell parameters: ``rutile a=4.5937(2) c=2.9587(2)``."""
    free = free_cell_parameters(phase.structure.lattice, phase.structure.space_group)[0]
    cell = [f"{name}={refinement[f'{phase.name}.{name}'].estimate}" for name in free]
    return " ".join([phase.name, *cell])

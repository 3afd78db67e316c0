"""A refinement step by step: what a step frees, whether it is kept, what is held because the data leave it open."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Protocol

import numpy as np
from scipy.special import chdtri

from anatase.crystal.displacement import isotropic_rates
from anatase.crystal.site_freedom import TENSOR
from anatase.errors import InputError, PhysicsError
from anatase.refine.agreement import residuals
from anatase.refine.calculation.evaluate import Calculated, calculated
from anatase.refine.constraint.constraints import Bound, Constraint, Fixed, Tie
from anatase.refine.constraint.parametrisation import Parametrisation, parametrise
from anatase.refine.fit import Fitted, fit
from anatase.refine.intensities.reflection_lists import check_free
from anatase.refine.model import RefinementModel
from anatase.refine.model_problem import Restraints
from anatase.refine.parameters.parameters import parameter_values
from anatase.refine.parameters.physical_limits import MEAN_SQUARES, implausible
from anatase.refine.refinement import Step
from anatase.refine.strategy.visible_lines import Visibility, visibility
from anatase.refine.uncertainty.serial_correlation import serial_correlation

__all__ = [
    "FitFunction",
    "Planner",
    "Progress",
    "Proposal",
    "Rules",
    "advance",
    "begin",
    "can_be_free",
    "last_fit",
    "refit",
]

Ties = tuple[tuple[str, ...], ...]

MOST_CORRELATED = 30.0  # points: a longer run of like residuals is a misfit of the model, not of the noise
ATTEMPTS = 4
FURTHER_FITS = 2  # after a last fit that did not converge
STEPHENS = re.compile(r"S\d{3}")
NO_GAIN = 1e-9  # of Rwp
OPEN = "is open"
LEAST_WIDTH = 1e-8  # deg², of U and W
REACH = 0.3  # Å that an atom may move in one step
BY_CHANCE = 1e-3  # how often noise alone may save as much as a step that is kept


class FitFunction(Protocol):
    """How a model is fitted: ``fit`` for Rietveld, with more for modes whose intensities are found."""

    def __call__(
        self,
        model: RefinementModel,
        names: Sequence[str],
        *,
        parametrisation: Parametrisation | None = None,
        restraints: Restraints | None = None,
        max_iterations: int = 30,
        shift_tolerance: float = 0.02,
        tick: Callable[[int, float], None] | None = None,
    ) -> Fitted:
        """Return where a fit of named parameters ended."""
        ...


@dataclass(frozen=True)
class Rules:
    """How steps are fitted.

    ``constraints`` and ``restraints`` hold in all; ``iterations`` and ``tolerance`` (largest |shift|/s.u.) are those of
    each step, ``last_iterations`` and ``last_tolerance`` of the last fit; ``announce`` is told each step's title.
    """

    fit: FitFunction = fit
    restraints: Restraints | None = None
    constraints: tuple[Constraint, ...] = ()
    iterations: int = 6
    tolerance: float = 0.3
    last_iterations: int = 30
    last_tolerance: float = 0.01
    announce: Callable[[str], None] = field(default=lambda text: None)


@dataclass(frozen=True)
class Proposal:
    """What a step would do.

    Parameters
    ----------
    title, reason
        In the words of the field.
    names
        Parameters that join the fit.
    ties
        Groups of parameters that move by the same amount; they replace those of the same parameters before. Tensor
        components move as with an isotropic displacement.
    model
        A model that has what the step needs, as an axis of texture; ``None``: as it is.
    released
        Parameters that leave the fit.
    needed
        Whether the step is kept even where the data hardly ask for it.
    gain
        Least share of χ² that it must save.
    """

    title: str
    reason: str
    names: tuple[str, ...]
    ties: Ties = ()
    model: RefinementModel | None = None
    released: tuple[str, ...] = ()
    needed: bool = False
    gain: float = 0.0


@dataclass(frozen=True)
class Progress:
    """Where a refinement stands: the model, what is free and tied, the last fit, the steps, and the first model.

    ``calibrated`` names the histograms whose instrument was given.
    """

    model: RefinementModel
    first: RefinementModel
    free: tuple[str, ...] = ()
    ties: Ties = ()
    fitted: Fitted | None = None
    steps: tuple[Step, ...] = ()
    calibrated: frozenset[str] = frozenset()

    @property
    def rwp(self) -> float:
        """Total Rwp, percent."""
        return residuals(self.model).total if self.fitted is None else self.fitted.residuals.total

    def curves(self) -> tuple[Calculated, ...]:
        """Return what the model gives for each histogram."""
        return tuple(calculated(self.model, i) for i in range(len(self.model.histograms)))

    def seen(self) -> tuple[Visibility, ...]:
        """Return what the patterns show of each phase."""
        return visibility(self.model, self.curves())


Planner = Callable[[Progress], Proposal | None]


def begin(model: RefinementModel, calibrated: Iterable[str] = ()) -> Progress:
    """Return the progress of a refinement that has not begun; ``calibrated``: histograms of known instruments."""
    return Progress(model, model, calibrated=frozenset(calibrated))


def advance(progress: Progress, proposal: Proposal, rules: Rules) -> Progress:
    """Take a step, or leave the model as it was and say why.

    A parameter that the data leave open, or that goes where no crystal or diffractometer is, is held where it was
    and the step repeated. The step is kept when it saves more of χ² than as many parameters would on noise
    (Hamilton, 1965, points that err together counted once), and leads nowhere impossible. Rwp never rises.

    Raises
    ------
    InputError, PhysicsError
        When not even the first step can be taken.
    """
    rules.announce(proposal.title)
    before = progress.rwp
    start = progress.model if proposal.model is None else proposal.model
    ties = _joined_ties(progress.ties, proposal.ties, proposal.released)
    free = tuple(name for name in progress.free if name not in proposal.released)
    new = tuple(dict.fromkeys(n for n in proposal.names if n not in free and can_be_free(start, n, rules)))
    told: list[str] = []
    held: dict[str, str] = {}
    fitted: Fitted | None = None
    settled = False
    for _ in range(ATTEMPTS):
        if not new and proposal.model is None and not proposal.ties and (free != progress.free or not proposal.needed):
            return _reverted(progress, proposal, before, "; ".join(told) or "nothing is left to free", fitted)
        try:
            fitted = refit(start, (*free, *new), ties, rules, rules.iterations, rules.tolerance)
        except (InputError, PhysicsError) as error:
            if progress.fitted is None:
                raise
            return _reverted(progress, proposal, before, str(error), fitted)
        doubts = {**_open(fitted), **implausible(fitted.model, progress.first, fitted.parametrisation.names)}
        settled = not doubts
        if settled:
            break
        if foreign := [name for name in doubts if name not in new and not doubts[name].startswith(OPEN)]:
            return _reverted(progress, proposal, before, f"{foreign[0]} {doubts[foreign[0]]}", fitted)
        told += [f"{name} {why} and is held" for name, why in doubts.items()]
        held |= doubts
        new = tuple(name for name in new if name not in doubts and not _with_doubtful(name, doubts, ties))
        free = tuple(name for name in free if name not in doubts)
    if fitted is None or not settled:
        return _reverted(progress, proposal, before, "; ".join(told), fitted)
    if why := _unworthy(progress, fitted, proposal, before):
        return _reverted(progress, proposal, before, why, fitted)
    step = Step(
        proposal.title, proposal.reason, new, (*free, *new), before, fitted.residuals.total, len(fitted.history) - 1,
        fitted.converged, False, "; ".join(told), fitted.model, tuple(held.items()),
    )  # fmt: skip
    return replace(
        progress, model=fitted.model, free=(*free, *new), ties=ties, fitted=fitted, steps=(*progress.steps, step)
    )


def can_be_free(model: RefinementModel, name: str, rules: Rules) -> bool:
    """Tell whether a parameter can be free: not held by a constraint, and not beside free intensities of its phase."""
    held = [pattern for one in rules.constraints if isinstance(one, Fixed) for pattern in one.names]
    if any(fnmatchcase(name, pattern) or name == pattern for pattern in held):
        return False
    try:
        check_free(model, [name])
    except InputError:
        return False
    return True


def refit(
    model: RefinementModel, names: Sequence[str], ties: Ties, rules: Rules, iterations: int, tolerance: float
) -> Fitted:
    """Return a fit of named parameters, some of them tied."""
    values = parameter_values(model)
    together = [*rules.constraints, *_moving_together(ties, names, values, _isotropic_rates(model))]
    free = parametrise(model, names, values, _bounds(model, names, values, rules.constraints), together)
    return rules.fit(
        model, names, parametrisation=free, restraints=rules.restraints, max_iterations=iterations,
        shift_tolerance=tolerance,
    )  # fmt: skip


def _bounds(
    model: RefinementModel, names: Sequence[str], values: Mapping[str, float], constraints: Sequence[Constraint]
) -> dict[str, tuple[float, float]]:
    """Return bounds of U and W where they are freed without V, a negative width being none, of coordinates, of U.

    A mean-square displacement is not negative unless it was so at the start, or the user bounds it otherwise.
    """
    told = [pattern for one in constraints if isinstance(one, Bound) for pattern in one.names]
    bounds = {
        name: (min(0.0, values[name]), np.inf)
        for name in names
        if name.rpartition(".")[2] in MEAN_SQUARES and not any(fnmatchcase(name, one) for one in told)
    }
    for phase in model.phases:
        edges = dict(zip("xyz", phase.structure.lattice.parameters[:3], strict=True))
        for site in phase.structure.sites:
            for axis, edge in edges.items():
                name = f"{phase.name}.{site.label}.{axis}"
                if name in names:
                    bounds[name] = (values[name] - REACH / edge, values[name] + REACH / edge)
    for one in model.histograms:
        if f"{one.name}.gauss_v" in names or values.get(f"{one.name}.gauss_v") != 0.0:
            continue
        bounds.update({f"{one.name}.gauss_{width}": (LEAST_WIDTH, np.inf) for width in "uw"})
    return bounds


def _moving_together(
    ties: Ties, names: Sequence[str], values: Mapping[str, float], rates: Mapping[str, float]
) -> list[Constraint]:
    """Return that the members of each group keep their differences from the first that is free.

    ``rates`` tells how fast a member moves; those that are not in it move at rate 1.
    """
    found: list[Constraint] = []
    for group in ties:
        first, *others = [name for name in group if name in names] or [""]
        for name in others:
            slope = rates.get(name, 1.0) / rates.get(first, 1.0)
            found.append(Tie(name, first, slope, values[name] - slope * values[first]))
    return found


def _isotropic_rates(model: RefinementModel) -> dict[str, float]:
    """Return how fast tensor components grow with an isotropic displacement, of the sites that have a tensor."""
    return {
        f"{phase.name}.{site.label}.{name}": rate
        for phase in model.phases
        for site in phase.structure.sites
        if site.u_aniso is not None
        for name, rate in zip(TENSOR, isotropic_rates(phase.structure.lattice), strict=True)
    }


def last_fit(progress: Progress, rules: Rules) -> Progress:
    """Refine all that is free until nothing moves by more than a hundredth of its s.u.; hold what the data leave open.

    Raises
    ------
    InputError, PhysicsError
        When nothing is free, or more parameters than points are, or there is no earlier fit to fall back on.
    """
    rules.announce("all together until nothing moves")
    before, free, told, held = progress.rwp, progress.free, list[str](), dict[str, str]()
    reason = "the steps stopped early; now every free parameter is refined to convergence"
    try:
        fitted = refit(progress.model, free, progress.ties, rules, rules.last_iterations, rules.last_tolerance)
    except PhysicsError as error:
        if progress.fitted is None:
            raise
        return _reverted(progress, Proposal("all together", reason, ()), before, str(error), None)
    for _ in range(ATTEMPTS):
        doubts = {**_open(fitted), **implausible(fitted.model, progress.first, fitted.parametrisation.names)}
        if not doubts or len(doubts) >= len(free):
            break
        told += [f"{name} {why} and is held" for name, why in doubts.items()]
        held |= doubts
        free = tuple(name for name in free if name not in doubts and not _with_doubtful(name, doubts, progress.ties))
        fitted = refit(progress.model, free, progress.ties, rules, rules.last_iterations, rules.last_tolerance)
    for _ in range(FURTHER_FITS):
        if fitted.converged:
            break
        if edge := [name for name in free if STEPHENS.fullmatch(name.rpartition(".")[2])]:
            told.append(f"{', '.join(edge)} stand at the edge where lines have no width, and are held")
            held |= dict.fromkeys(edge, "stands at the edge where lines have no width")
            free = tuple(name for name in free if name not in edge)
        fitted = refit(fitted.model, free, progress.ties, rules, rules.last_iterations, rules.last_tolerance)
    step = Step(
        "all together", reason, (), free, before, fitted.residuals.total, len(fitted.history) - 1, fitted.converged,
        False, "; ".join(told), fitted.model, tuple(held.items()),
    )  # fmt: skip
    return replace(progress, model=fitted.model, free=free, fitted=fitted, steps=(*progress.steps, step))


def _joined_ties(old: Ties, new: Ties, released: Sequence[str]) -> Ties:
    """Return the ties of a step: new ones, and those before whose members neither leave nor are tied anew."""
    gone = {*released, *(name for group in new for name in group)}
    return (*(group for group in old if not gone.intersection(group)), *new)


def _with_doubtful(name: str, doubts: Mapping[str, str], ties: Ties) -> bool:
    """Tell whether a parameter is tied to a doubtful one."""
    return any(name in group and any(other in group for other in doubts) for group in ties)


def _open(fitted: Fitted) -> dict[str, str]:
    """Return the parameters that the data leave open: of each singular combination one, chosen by ``Direction``."""
    parametrisation, doubts = fitted.parametrisation, {}
    widths = {row for rows, _ in parametrisation.widths for row in rows}  # at a width of 0 their variables are silent
    for direction in fitted.covariance.weak:
        if not (held := direction.to_hold):
            continue
        rows = np.flatnonzero(parametrisation.matrix[:, parametrisation.free.index(held)])
        if int(rows[0]) not in widths:
            doubts[parametrisation.names[int(rows[0])]] = f"{OPEN} ({direction})"
    return doubts


def _unworthy(progress: Progress, fitted: Fitted, proposal: Proposal, before: float) -> str:
    """Return why a step is not worth its parameters, or nothing."""
    after = fitted.residuals.total
    if after > before * (1.0 + NO_GAIN):
        return f"Rwp would rise from {before:.3f} to {after:.3f} %"
    if proposal.needed or progress.fitted is None:
        return ""
    old, new = progress.fitted.residuals.chi2, fitted.residuals.chi2
    if new > old * (1.0 - proposal.gain):
        return f"χ² falls by {100.0 * (1.0 - new / old):.2g} %, less than the {100.0 * proposal.gain:.2g} % asked of it"
    serial = serial_correlation(fitted.problem, fitted.fit)
    together = min(max(serial.length, 1.0), MOST_CORRELATED)
    n, k = fitted.residuals.n_points, len(fitted.parametrisation.free)
    added = max(k - len(progress.fitted.parametrisation.free), 1)
    saved = (old - new) / (new / max(n - k, 1)) / together
    price = float(chdtri(added, BY_CHANCE))
    if saved < price:
        return f"χ² falls by {saved:.3g} (points that err together counted once); noise alone may give {price:.3g}"
    return ""


def _reverted(progress: Progress, proposal: Proposal, before: float, why: str, fitted: Fitted | None) -> Progress:
    """Return the progress as it was, with the step that led nowhere in its history."""
    tried = before if fitted is None else fitted.residuals.total
    step = Step(
        proposal.title, proposal.reason, proposal.names, progress.free, before, tried,
        0 if fitted is None else len(fitted.history) - 1, fitted is not None and fitted.converged, True, why,
        progress.model,
    )  # fmt: skip
    return replace(progress, steps=(*progress.steps, step))

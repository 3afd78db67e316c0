"""How the parameters of a model follow the free variables of a fit: units, bounds, and what moves together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.constraint.constraints import Bound, Constraint, Equal, Fixed, linear_words
from anatase.refine.constraint.positive_widths import PositiveWidths
from anatase.refine.constraint.relations import Dependence, dependences, related
from anatase.refine.constraint.variable_bounds import given_bounds, variable_ends
from anatase.refine.model import ConstantWavelength, RefinementModel
from anatase.refine.parameters.parameters import matching
from anatase.refine.rigid_body.body import RigidBody
from anatase.refine.rigid_body.placed import PlacedBody, placed_body
from anatase.simulation.last_line import describable_angles

__all__ = ["MovedBody", "Parametrisation", "follows", "parametrise"]

Array = NDArray[np.float64]

RECIPROCAL = ("size", "size_across")  # broadening goes with 1/D, which ends where a fit finds no broadening
WIDTHS = ("gauss_u", "gauss_v", "gauss_w")
MOST_ANGLE = 170.0  # °2θ to which widths are kept positive
ANGLE_STEP = 0.25  # °2θ, of the angles that ``describable_angles`` looks at


@dataclass(frozen=True)
class MovedBody:
    """A rigid body in a fit, as ``given``: ``rows`` of its coordinates among the parameters, ``columns`` of motions.

    ``cell``: names of the free cell parameters that are refined too, with their rows, and their places in the body's
    list of cell parameters.
    """

    given: RigidBody
    body: PlacedBody
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    cell: tuple[tuple[str, int, int], ...]

    @property
    def name(self) -> str:
        """Phase and body: ``PbSO4.SO4``."""
        return f"{self.given.phase}.{self.given.name}"

    def place(self, variables: Array, p: Array, slopes: Array) -> None:
        """Set the coordinates among the parameters p (r,) and their derivatives among slopes (r, k)."""
        rows, columns = list(self.rows), list(self.columns)
        p[rows], by_motion, by_cell = self.body.at(
            variables[columns], {name: float(p[row]) for name, row, _ in self.cell}
        )
        slopes[rows] = by_cell[:, [at for _, _, at in self.cell]] @ slopes[[row for _, row, _ in self.cell]]
        slopes[np.ix_(rows, columns)] += by_motion


@dataclass(frozen=True)
class Parametrisation:
    """Parameters (r,) as functions of free variables (k,): q = M u + b, and p = q, or p = 1/q for sizes.

    ``names`` (r) of the parameters, ``free`` (k) of the variables; ``matrix`` (r, k), ``offset`` (r,), ``inverse`` (r,)
    where p = 1/q; ``low``, ``high`` (k,) are the ends of the free variables. ``widths``: the places of U, V, W that
    are freed together. ``bodies``: the coordinates that follow motions of rigid bodies; their rows of the matrix hold
    the derivatives at the start.
    """

    names: tuple[str, ...]
    free: tuple[str, ...]
    matrix: Array
    offset: Array
    inverse: NDArray[np.bool_]
    low: Array
    high: Array
    widths: tuple[tuple[tuple[int, int, int], PositiveWidths], ...] = ()
    bodies: tuple[MovedBody, ...] = ()

    def at(self, variables: Array) -> tuple[Array, Array]:
        """Return the parameters (r,) and their derivatives (r, k) by the free variables (k,)."""
        q = self.matrix @ variables + self.offset
        p = np.where(self.inverse, 1.0 / np.where(self.inverse, q, 1.0), q)
        slopes = np.where(self.inverse, -(p**2), 1.0)[:, None] * self.matrix
        for at, positive in self.widths:
            rows, columns = np.array(at), np.flatnonzero(self.matrix[list(at)].any(axis=0))
            p[rows], slopes[np.ix_(rows, columns)] = positive.at(variables[columns])
        for body in self.bodies:
            body.place(variables, p, slopes)
        return p, slopes

    def variables_of(self, parameters: Array) -> Array:
        """Return the free variables (k,) that come nearest to the parameters (r,), within their bounds."""
        q = np.where(self.inverse, 1.0 / np.where(self.inverse, parameters, 1.0), parameters)
        rows = np.setdiff1d(np.arange(len(self.names)), [row for body in self.bodies for row in body.rows])
        variables = np.linalg.lstsq(self.matrix[rows], (q - self.offset)[rows], rcond=None)[0]
        for at, positive in self.widths:
            columns = np.flatnonzero(self.matrix[list(at)].any(axis=0))
            variables[columns] = positive.variables_of(parameters[list(at)])
        for moved in self.bodies:
            cell = {name: float(parameters[row]) for name, row, _ in moved.cell}
            variables[list(moved.columns)] = moved.body.motions_of(parameters[list(moved.rows)], cell)
        return np.asarray(np.clip(variables, self.low, self.high))


def parametrise(
    model: RefinementModel,
    names: Sequence[str],
    values: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    constraints: Sequence[Constraint] = (),
) -> Parametrisation:
    """Return free variables for named parameters of given values.

    Each parameter is a variable of its own but for these cases: what constraints make it follow; coordinates of a rigid
    body, all of which follow its motions as soon as one of them is named; U, V, W of a histogram, freed together
    without constraints or bounds, by ``PositiveWidths``; S/L and H/L, freed together from one value, which the data
    hardly tell apart and which stay equal. Parameters that constraints move along with the named ones join them.
    A constraint that follows from others does no harm here; a recipe may not hold one.
    Bounds of the variables are those given, else the natural ones; a parameter that follows a single variable hands its
    bounds on to it; motions of a body have none.

    Raises
    ------
    InputError
        When constraints contradict each other, name what is not there, or leave nothing free.

    Examples
    --------
    A fixed sum of occupancies has one variable:

    >>> from anatase.refine.constraint.constraints import Linear
    >>> model, values = RefinementModel((), ()), {"A.M.Ca.occupancy": 0.4, "A.M.Sr.occupancy": 0.6}
    >>> full = Linear(((1.0, "A.M.Ca.occupancy"), (1.0, "A.M.Sr.occupancy")), 1.0)
    >>> found = parametrise(model, list(values), values, constraints=[full])
    >>> found.free, found.at(np.array([0.3]))[0].round(6).tolist()
    (('A.M.Ca.occupancy',), [0.3, 0.7])
    """
    placed = _placed_bodies(model, names, constraints)
    ridden = {name for _, body in placed for name in (*body.coordinates, *body.motions)}
    constraints = [*constraints, *_equal_heights(model, names, values, constraints)]
    moved = related(constraints, [name for name in names if name not in ridden], values)
    rules = dependences(constraints, values, strict=False)
    touched = set(rules) | {one for rule in rules.values() for _, one in rule.terms}
    given = given_bounds(constraints, values, bounds)
    if taken := sorted(ridden & (touched | set(moved) | set(given_bounds(constraints, values, None)))):
        raise InputError(
            f"{taken[0]} belongs to a rigid body and has a constraint besides", "constrain the body's motions instead"
        )
    inverse = np.array([_is_reciprocal(name, rules, touched) for name in moved], dtype=np.bool_)
    independent = [name for name in moved if name not in rules]
    if moved and not independent:
        raise InputError(f"the constraints leave none of {', '.join(moved[:4])} free", "leave one of them out")
    matrix, offset = _rows(moved, independent, rules, values)
    low, high = variable_ends(moved, inverse, matrix, offset, values, given)
    plain = Parametrisation(tuple(moved), tuple(independent), matrix, offset, inverse, low, high)
    return _with_bodies(_with_positive_widths(plain, model, touched | set(given)), placed)


def _with_positive_widths(plain: Parametrisation, model: RefinementModel, barred: set[str]) -> Parametrisation:
    """Return the parametrisation with U, V, W by positive widths wherever all are free and none is barred."""
    free, low, high, widths = list(plain.free), plain.low.copy(), plain.high.copy(), []
    for histogram in model.histograms:
        own = [f"{histogram.name}.{width}" for width in WIDTHS]
        if isinstance(histogram.beam, ConstantWavelength) and all(n in plain.free and n not in barred for n in own):
            index = (plain.names.index(own[0]), plain.names.index(own[1]), plain.names.index(own[2]))
            columns = sorted(plain.free.index(name) for name in own)
            # as far as widths are positive now, for lines outside the pattern count that far
            low_angle, high_angle = map(float, histogram.pattern.x[[0, -1]])
            real = describable_angles(histogram.beam.instrument, low_angle, high_angle)
            reached = (min(low_angle, real[0] + ANGLE_STEP), max(high_angle, real[1] - ANGLE_STEP))
            ends_of_x = np.tan(np.radians(0.5 * np.clip(reached, 0.0, MOST_ANGLE)))
            widths.append((index, PositiveWidths(float(ends_of_x[0]), float(ends_of_x[1]))))
            low[columns], high[columns] = 0.0, np.inf
            for column, label in zip(columns, ("at the start", "at the end", "between"), strict=True):
                free[column] = f"{histogram.name}: FWHM {label}"
    return replace(plain, free=tuple(free), low=low, high=high, widths=tuple(widths))


def _placed_bodies(
    model: RefinementModel, names: Sequence[str], constraints: Sequence[Constraint]
) -> list[tuple[RigidBody, PlacedBody]]:
    """Return the rigid bodies of which a coordinate or a motion is named."""
    found: list[tuple[RigidBody, PlacedBody]] = []
    owners: dict[str, str] = {}
    for one in constraints:
        if isinstance(one, RigidBody):
            body, name = placed_body(model, one), f"{one.phase}.{one.name}"
            for coordinate in body.coordinates:
                if owners.setdefault(coordinate, name) != name:
                    raise InputError(f"{coordinate} belongs to the rigid bodies {owners[coordinate]} and {name}",
                                     "give each site to one")  # fmt: skip
            if any(coordinate in names for coordinate in (*body.coordinates, *body.motions)):
                found.append((one, body))
    return found


def _with_bodies(plain: Parametrisation, placed: Sequence[tuple[RigidBody, PlacedBody]]) -> Parametrisation:
    """Return the parametrisation with the coordinates of rigid bodies, and their motions as further variables."""
    if not placed:
        return plain
    names, free, bodies = list(plain.names), list(plain.free), list[MovedBody]()
    for given, body in placed:
        cell = tuple(
            (own, plain.names.index(f"{given.phase}.{own}"), at)
            for at, own in enumerate(body.cell)
            if f"{given.phase}.{own}" in plain.names
        )
        rows = tuple(range(len(names), len(names) + len(body.coordinates)))
        columns = tuple(range(len(free), len(free) + len(body.motions)))
        bodies.append(MovedBody(given, body, rows, columns, cell))
        names += body.coordinates
        free += body.motions
    more_rows, more_columns = len(names) - len(plain.names), len(free) - len(plain.free)
    matrix = np.pad(plain.matrix, ((0, more_rows), (0, more_columns)))
    for moved in bodies:
        matrix[np.ix_(moved.rows, moved.columns)] = moved.body.at(moved.body.start_values, {})[1]
    return Parametrisation(
        tuple(names), tuple(free), matrix, np.pad(plain.offset, (0, more_rows)), np.pad(plain.inverse, (0, more_rows)),
        np.pad(plain.low, (0, more_columns), constant_values=-np.inf),
        np.pad(plain.high, (0, more_columns), constant_values=np.inf), plain.widths, tuple(bodies),
    )  # fmt: skip


def follows(parametrisation: Parametrisation) -> dict[str, str]:
    """Return in plain words what each parameter follows that is no variable of its own.

    Examples
    --------
    >>> from anatase.refine.constraint.constraints import Tie
    >>> values = {"A.O1.x": 0.2, "A.O2.x": 0.3}
    >>> follows(parametrise(RefinementModel((), ()), ["A.O1.x"], values, constraints=[
    ...     Tie("A.O2.x", "A.O1.x", -1.0, 0.5)]))
    {'A.O2.x': '-A.O1.x + 0.5'}
    """
    own = {row for at, _ in parametrisation.widths for row in at}
    words = {
        parametrisation.names[row]: f"rigid body {body.name}" for body in parametrisation.bodies for row in body.rows
    }
    for i, name in enumerate(parametrisation.names):
        if name not in parametrisation.free and i not in own and name not in words:
            row = parametrisation.matrix[i]
            terms = [(float(row[j]), parametrisation.free[j]) for j in np.flatnonzero(row)]
            words[name] = linear_words(terms, float(parametrisation.offset[i]))
    return words


def _equal_heights(
    model: RefinementModel, names: Sequence[str], values: Mapping[str, float], constraints: Sequence[Constraint]
) -> list[Constraint]:
    """Return that S/L and H/L are equal, for each histogram where both are free, equal and not constrained."""
    known = list(values)
    said = {
        name for one in constraints if isinstance(one, Fixed | Equal | Bound) for name in matching(one.names, known)
    } | {
        name
        for rule in dependences(constraints, values, strict=False).items()
        for name in (rule[0], *(n for _, n in rule[1].terms))
    }
    found: list[Constraint] = []
    for histogram in model.histograms:
        pair = (f"{histogram.name}.s_over_l", f"{histogram.name}.h_over_l")
        if all(name in names and name not in said for name in pair) and values[pair[0]] == values[pair[1]]:
            found.append(Equal(pair))
    return found


def _is_reciprocal(name: str, rules: Mapping[str, Dependence], touched: set[str]) -> bool:
    """Return whether a parameter is a size that is moved by 1/D: free, or equal to other sizes alone."""

    def is_size(one: str) -> bool:
        return one.rpartition(".")[2] in RECIPROCAL

    if not is_size(name) or name not in touched:
        return is_size(name)
    leads = rules[name].terms[0][1] if name in rules and rules[name].terms else name
    group = {one: rule for one, rule in rules.items() if one == name or any(n == leads for _, n in rule.terms)}
    return all(
        is_size(one) and rule.offset == 0.0 and len(rule.terms) == 1 and rule.terms[0][0] == 1.0
        for one, rule in group.items()
    ) and is_size(leads)


def _rows(
    moved: Sequence[str], independent: Sequence[str], rules: Mapping[str, Dependence], values: Mapping[str, float]
) -> tuple[Array, Array]:
    """Return matrix (r, k) and offset (r,) of parameters by independent ones; what is not moved enters as a number."""
    matrix, offset = np.zeros((len(moved), len(independent))), np.zeros(len(moved))
    column = {name: j for j, name in enumerate(independent)}
    for i, name in enumerate(moved):
        if name in column:
            matrix[i, column[name]] = 1.0
            continue
        offset[i] = rules[name].offset
        for factor, one in rules[name].terms:
            if one in column:
                matrix[i, column[one]] = factor
            else:
                offset[i] += factor * values[one]
    return matrix, offset

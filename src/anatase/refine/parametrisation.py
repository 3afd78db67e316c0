"""How the parameters of a model follow the free variables of a fit: units, bounds, and what moves together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.constraints import Bound, Constraint, Equal, Fixed, linear_words, matching
from anatase.refine.model import ConstantWavelength, RefinementModel
from anatase.refine.positive_widths import PositiveWidths
from anatase.refine.relations import Dependence, dependences, related

__all__ = ["Parametrisation", "follows", "natural_bounds", "on_constraints", "parametrise"]

Array = NDArray[np.float64]

RECIPROCAL = ("size", "size_across")  # broadening goes with 1/D, which ends where a fit finds no broadening
WIDTHS = ("gauss_u", "gauss_v", "gauss_w")
MOST_ANGLE = 170.0  # °2θ to which widths are kept positive

# natural ends by the last part of a name; sizes in Å
BOUNDS: dict[str, tuple[float, float]] = {
    "scale": (0.0, np.inf),
    "size": (10.0, 1e6),
    "size_across": (10.0, 1e6),
    "strain": (0.0, 0.1),
    "march_r": (0.05, 20.0),
    "s_over_l": (1e-5, 0.2),
    "h_over_l": (1e-5, 0.2),
    "lorentz_x": (0.0, 5.0),
    "lorentz_y": (0.0, 5.0),
    "lorentz_z": (0.0, 5.0),
    "u_iso": (-0.02, 0.5),
    "u11": (-0.02, 0.5),
    "u22": (-0.02, 0.5),
    "u33": (-0.02, 0.5),
    "occupancy": (-0.2, 3.0),
    "absorption": (0.0, 50.0),
    "penetration": (0.0, 10.0),
    "extinction": (0.0, 1e6),
    "displacement": (-5.0, 5.0),
    "displacement_across": (-5.0, 5.0),
}
CELL_REACH = 0.1  # of a length or angle of the cell


@dataclass(frozen=True)
class Parametrisation:
    """Parameters (r,) as functions of free variables (k,): q = M u + b, and p = q, or p = 1/q for sizes.

    ``names`` (r) of the parameters, ``free`` (k) of the variables; ``matrix`` (r, k), ``offset`` (r,), ``inverse`` (r,)
    where p = 1/q; ``low``, ``high`` (k,) are the ends of the free variables. ``widths``: the places of U, V, W that
    are freed together.
    """

    names: tuple[str, ...]
    free: tuple[str, ...]
    matrix: Array
    offset: Array
    inverse: NDArray[np.bool_]
    low: Array
    high: Array
    widths: tuple[tuple[tuple[int, int, int], PositiveWidths], ...] = ()

    def at(self, variables: Array) -> tuple[Array, Array]:
        """Return the parameters (r,) and their derivatives (r, k) by the free variables (k,)."""
        q = self.matrix @ variables + self.offset
        p = np.where(self.inverse, 1.0 / np.where(self.inverse, q, 1.0), q)
        slopes = np.where(self.inverse, -(p**2), 1.0)[:, None] * self.matrix
        for at, positive in self.widths:
            rows, columns = np.array(at), np.flatnonzero(self.matrix[list(at)].any(axis=0))
            p[rows], slopes[np.ix_(rows, columns)] = positive.at(variables[columns])
        return p, slopes

    def variables_of(self, parameters: Array) -> Array:
        """Return the free variables (k,) that come nearest to the parameters (r,), within their bounds."""
        q = np.where(self.inverse, 1.0 / np.where(self.inverse, parameters, 1.0), parameters)
        variables = np.linalg.lstsq(self.matrix, q - self.offset, rcond=None)[0]
        for at, positive in self.widths:
            columns = np.flatnonzero(self.matrix[list(at)].any(axis=0))
            variables[columns] = positive.variables_of(parameters[list(at)])
        return np.asarray(np.clip(variables, self.low, self.high))


def natural_bounds(name: str, value: float) -> tuple[float, float]:
    """Return the least and the largest sensible value of a parameter, from the last part of its name."""
    last = name.rpartition(".")[2]
    if last in ("a", "b", "c", "alpha", "beta", "gamma", "wavelength", "difc"):
        return value * (1.0 - CELL_REACH), value * (1.0 + CELL_REACH)
    low, high = BOUNDS.get(last, (-np.inf, np.inf))
    if last.startswith("march_r"):
        low, high = BOUNDS["march_r"]
    return min(low, value), max(high, value)


def parametrise(
    model: RefinementModel,
    names: Sequence[str],
    values: Mapping[str, float],
    bounds: Mapping[str, tuple[float, float]] | None = None,
    constraints: Sequence[Constraint] = (),
) -> Parametrisation:
    """Return free variables for named parameters of given values.

    Each parameter is a variable of its own but for three cases: what constraints make it follow; U, V, W of a
    histogram, freed together and not constrained, by ``PositiveWidths``; S/L and H/L, freed together from one value,
    which the data hardly tell apart and which stay equal. Parameters that constraints move along with the named ones
    join them. Bounds of the variables are those given, else the natural ones; a parameter that follows a single
    variable hands its bounds on to it.

    Raises
    ------
    InputError
        When constraints contradict each other, name what is not there, or leave nothing free.

    Examples
    --------
    A fixed sum of occupancies has one variable:

    >>> from anatase.refine.constraints import Linear
    >>> model, values = RefinementModel((), ()), {"A.M.Ca.occupancy": 0.4, "A.M.Sr.occupancy": 0.6}
    >>> full = Linear(((1.0, "A.M.Ca.occupancy"), (1.0, "A.M.Sr.occupancy")), 1.0)
    >>> found = parametrise(model, list(values), values, constraints=[full])
    >>> found.free, found.at(np.array([0.3]))[0].round(6).tolist()
    (('A.M.Ca.occupancy',), [0.3, 0.7])
    """
    constraints = [*constraints, *_equal_heights(model, names, values, constraints)]
    moved = related(constraints, names, values)
    rules = dependences(constraints, values)
    touched = set(rules) | {one for rule in rules.values() for _, one in rule.terms}
    inverse = np.array([_is_reciprocal(name, rules, touched) for name in moved], dtype=np.bool_)
    independent = [name for name in moved if name not in rules]
    if moved and not independent:
        raise InputError(f"the constraints leave none of {', '.join(moved[:4])} free", "leave one of them out")
    matrix, offset = _rows(moved, independent, rules, values)
    low, high = _ends(moved, inverse, matrix, offset, values, _given_bounds(constraints, values, bounds))
    free, widths = list(independent), []
    for histogram in model.histograms:
        own = [f"{histogram.name}.{width}" for width in WIDTHS]
        if isinstance(histogram.beam, ConstantWavelength) and all(n in independent and n not in touched for n in own):
            index = (moved.index(own[0]), moved.index(own[1]), moved.index(own[2]))
            columns = sorted(independent.index(name) for name in own)
            ends_of_x = np.tan(np.radians(0.5 * histogram.pattern.x[[0, -1]].clip(0.0, MOST_ANGLE)))
            widths.append((index, PositiveWidths(float(ends_of_x[0]), float(ends_of_x[1]))))
            low[columns], high[columns] = 0.0, np.inf
            for column, label in zip(columns, ("at the start", "at the end", "between"), strict=True):
                free[column] = f"{histogram.name}: FWHM {label}"
    return Parametrisation(moved, tuple(free), matrix, offset, inverse, low, high, tuple(widths))


def follows(parametrisation: Parametrisation) -> dict[str, str]:
    """Return in plain words what each parameter follows that is no variable of its own.

    Examples
    --------
    >>> from anatase.refine.constraints import Tie
    >>> values = {"A.O1.x": 0.2, "A.O2.x": 0.3}
    >>> follows(parametrise(RefinementModel((), ()), ["A.O1.x"], values, constraints=[
    ...     Tie("A.O2.x", "A.O1.x", -1.0, 0.5)]))
    {'A.O2.x': '-A.O1.x + 0.5'}
    """
    own = {row for at, _ in parametrisation.widths for row in at}
    words = {}
    for i, name in enumerate(parametrisation.names):
        if name not in parametrisation.free and i not in own:
            row = parametrisation.matrix[i]
            terms = [(float(row[j]), parametrisation.free[j]) for j in np.flatnonzero(row)]
            words[name] = linear_words(terms, float(parametrisation.offset[i]))
    return words


def on_constraints(
    values: Mapping[str, float], constraints: Sequence[Constraint]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the values that must change for constraints to hold, and a warning for each.

    Parameters that follow others take the values that they must have; what leads and what is held stays.

    Raises
    ------
    InputError
        As for ``parametrise``.
    """
    changed, warnings = {}, []
    for name, rule in dependences(constraints, values).items():
        value = rule.offset + sum(factor * values[one] for factor, one in rule.terms)
        if abs(value - values[name]) > 1e-9 * max(1.0, abs(value)):
            changed[name] = value
            words = linear_words(rule.terms, rule.offset)
            warnings.append(f"{name} started at {values[name]:.6g}; a constraint moved it to {value:.6g} = {words}")
    return changed, tuple(warnings)


def _equal_heights(
    model: RefinementModel, names: Sequence[str], values: Mapping[str, float], constraints: Sequence[Constraint]
) -> list[Constraint]:
    """Return that S/L and H/L are equal, for each histogram where both are free, equal and not constrained."""
    known = list(values)
    said = {
        name for one in constraints if isinstance(one, Fixed | Equal | Bound) for name in matching(one.names, known)
    } | {
        name for rule in dependences(constraints, values).items() for name in (rule[0], *(n for _, n in rule[1].terms))
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


def _given_bounds(
    constraints: Sequence[Constraint], values: Mapping[str, float], bounds: Mapping[str, tuple[float, float]] | None
) -> dict[str, tuple[float, float]]:
    """Return the bounds by name that were given as such or as constraints."""
    found = dict(bounds or {})
    for one in constraints:
        if isinstance(one, Bound):
            for name in matching(one.names, values):
                low, high = found.get(name, (-np.inf, np.inf))
                found[name] = (max(low, one.low), min(high, one.high))
    return found


def _ends(
    moved: Sequence[str],
    inverse: NDArray[np.bool_],
    matrix: Array,
    offset: Array,
    values: Mapping[str, float],
    given: Mapping[str, tuple[float, float]],
) -> tuple[Array, Array]:
    """Return the least and the largest value (k,) of each variable: where all that follows it alone is in bounds.

    Raises
    ------
    InputError
        When given bounds leave a variable no range.
    """
    k = matrix.shape[1]
    low, high = np.full(k, -np.inf), np.full(k, np.inf)
    # what was given comes first: natural bounds of what follows may not empty its range
    for i in sorted(range(len(moved)), key=lambda i: moved[i] not in given):
        columns = np.flatnonzero(matrix[i])
        if len(columns) != 1:
            continue
        j, name = int(columns[0]), moved[i]
        ends = np.array(given.get(name, natural_bounds(name, values[name])))
        ends = np.sort(((1.0 / ends if inverse[i] else ends) - offset[i]) / matrix[i, j])
        least, most = max(low[j], ends[0]), min(high[j], ends[1])
        if least < most:
            low[j], high[j] = least, most
        elif name in given:
            raise InputError(f"the bounds of {name} leave no range to what it follows", "widen the bounds")
    return low, high

"""Linear relations among parameters, solved: which follow which, and where relations contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from anatase.errors import InputError
from anatase.refine.constraint.constraints import Bound, Constraint, Equal, Fixed, Linear, Tie, described, linear_words
from anatase.refine.parameters.parameters import matching

__all__ = ["Dependence", "compatible", "dependences", "held", "on_constraints", "related"]

TINY = 1e-9  # of a coefficient, below which elimination has left none
ALIKE = 1e-6  # between totals that mean the same


@dataclass(frozen=True)
class Dependence:
    """A parameter that follows others: Σ factor · other + offset."""

    terms: tuple[tuple[float, str], ...]
    offset: float


@dataclass
class _Equation:
    """Σ factor · name = total, made of the constraints ``sources``; ``follower`` would best follow the others."""

    factors: dict[str, float]
    total: float
    sources: set[int]
    follower: str

    def reduce_by(self, other: _Equation, pivot: str) -> None:
        factor = self.factors.get(pivot, 0.0)
        if factor == 0.0:
            return
        for name, value in other.factors.items():
            left = self.factors.get(name, 0.0) - factor * value
            if abs(left) > TINY:
                self.factors[name] = left
            else:
                self.factors.pop(name, None)
        self.factors.pop(pivot, None)
        self.total -= factor * other.total
        self.sources |= other.sources


def held(constraints: Sequence[Constraint], names: Collection[str]) -> frozenset[str]:
    """Return the parameters, of those known by names, that ``Fixed`` holds."""
    patterns = [pattern for one in constraints if isinstance(one, Fixed) for pattern in one.names]
    return frozenset(matching(patterns, names))


def related(constraints: Sequence[Constraint], free: Sequence[str], names: Collection[str]) -> tuple[str, ...]:
    """Return the free parameters with all those that constraints move along with them; what is held left out.

    Freeing one of two equal parameters frees both.
    """
    fixed = held(constraints, names)
    joined = dict.fromkeys(name for name in free if name not in fixed)
    groups = [[name for name in one.factors if name not in fixed] for one in _equations(constraints, names)]
    size = -1
    while size != len(joined):
        size = len(joined)
        for group in groups:
            if any(name in joined for name in group):
                joined.update(dict.fromkeys(group))
    return tuple(joined)


def dependences(
    constraints: Sequence[Constraint], values: Mapping[str, float], *, strict: bool = True
) -> dict[str, Dependence]:
    """Return the parameters that follow others, with what they follow.

    Parameters
    ----------
    constraints
        ``Equal``, ``Linear`` and ``Tie`` relate parameters, ``Fixed`` forbids that one follows; bounds do not count.
    values
        All parameters by name; those of held ones enter the offsets.
    strict
        Whether it is an error that what is said follows from the rest.

    Raises
    ------
    InputError
        When constraints name an unknown parameter, contradict each other, leave a parameter that is not zero nothing
        but zero, or, if strict, repeat each other or run in a circle.

    Examples
    --------
    >>> sums = Linear(((1.0, "Ca"), (1.0, "Sr")), 1.0)
    >>> dependences([sums], {"Ca": 0.4, "Sr": 0.6})
    {'Sr': Dependence(terms=((-1.0, 'Ca'),), offset=1.0)}
    """
    _refuse_circles([one for one in constraints if isinstance(one, Tie)], strict)
    fixed = held(constraints, values)
    solved: dict[str, _Equation] = {}
    for equation in _equations(constraints, values):
        for pivot, other in solved.items():
            equation.reduce_by(other, pivot)
        for name in [name for name in equation.factors if name in fixed]:
            equation.total -= equation.factors.pop(name) * values[name]
            equation.sources |= {i for i, one in enumerate(constraints) if _holds(one, name, values)}
        if not equation.factors:
            _complain(equation, constraints, strict)
            continue
        names = list(equation.factors)
        pivot = equation.follower if equation.follower in equation.factors else names[-1]
        lead = equation.factors[pivot]
        equation.factors = {name: factor / lead for name, factor in equation.factors.items()}
        equation.total /= lead
        for other in solved.values():
            other.reduce_by(equation, pivot)
        solved[pivot] = equation
    _refuse_zeros(solved, constraints, values)
    return {
        name: Dependence(tuple((-factor, one) for one, factor in row.factors.items() if one != name), row.total)
        for name, row in solved.items()
    }


def on_constraints(
    values: Mapping[str, float], constraints: Sequence[Constraint]
) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return the values that must change for constraints to hold, and a warning for each.

    Parameters that follow others take the values that they must have; what leads and what is held stays, but for what
    lies outside its bounds.

    Raises
    ------
    InputError
        As for ``dependences``.
    """
    changed, warnings = dict[str, float](), []
    rules = dependences(constraints, values)
    stay = {*rules, *held(constraints, values)}
    for one in constraints:
        if isinstance(one, Bound):
            for name in matching(one.names, values):
                inside = min(max(values[name], one.low), one.high)
                if inside != values[name] and name not in stay:
                    changed[name] = inside
                    warnings.append(
                        f"{name} started at {values[name]:.6g}, outside its bounds, and moved to {inside:.6g}"
                    )
    new = {**values, **changed}
    for name, rule in rules.items():
        value = rule.offset + sum(factor * new[one] for factor, one in rule.terms)
        if abs(value - values[name]) > 1e-9 * max(1.0, abs(value)):
            changed[name] = value
            words = linear_words(rule.terms, rule.offset)
            warnings.append(f"{name} started at {values[name]:.6g}; a constraint moved it to {value:.6g} = {words}")
    return changed, tuple(warnings)


def _equations(constraints: Sequence[Constraint], names: Collection[str]) -> list[_Equation]:
    """Return the linear equations of constraints, in their order."""
    found = []
    for i, one in enumerate(constraints):
        if isinstance(one, Equal):
            first, *rest = matching(one.names, names)
            found += [_Equation({first: -1.0, name: 1.0}, 0.0, {i}, name) for name in rest]
        elif isinstance(one, Linear):
            terms: dict[str, float] = {}
            for factor, name in one.terms:
                (known,) = _single(name, names)
                terms[known] = terms.get(known, 0.0) + factor
            terms = {name: factor for name, factor in terms.items() if factor != 0.0}
            if not terms:
                raise InputError(f"'{described(one)}' relates no parameters", "give factors other than 0")
            found.append(_Equation(terms, one.total, {i}, list(terms)[-1]))
        elif isinstance(one, Tie):
            (name,), (other,) = _single(one.name, names), _single(one.other, names)
            terms = {other: -one.factor} if one.factor != 0.0 else {}
            found.append(_Equation({**terms, name: 1.0 + (terms.get(name, 0.0))}, one.offset, {i}, name))
    return found


def _single(name: str, names: Collection[str]) -> tuple[str, ...]:
    found = matching([name], names)
    if len(found) > 1:
        raise InputError(f"'{name}' means {len(found)} parameters where one is needed", "write its whole name")
    return found


def compatible(
    constraints: Sequence[Constraint], more: Sequence[Constraint], values: Mapping[str, float]
) -> tuple[tuple[Constraint, ...], tuple[str, ...]]:
    """Return those of further constraints that neither contradict nor repeat what is said, and why others do.

    ``constraints`` stand, and those of ``more`` before another go before it.
    """
    taken, told = list[Constraint](), list[str]()
    for one in more:
        try:
            dependences([*constraints, *taken, one], values)
            taken.append(one)
        except InputError as error:
            told.append(f"'{described(one)}' was left out: {error.found}")
    return tuple(taken), tuple(told)


def _refuse_circles(ties: Sequence[Tie], strict: bool) -> None:
    """Raise where a parameter follows itself by way of others; if not strict, only where it cannot."""
    follows: dict[str, Tie] = {}
    for tie in ties:
        follows.setdefault(tie.name, tie)
    for start in follows:
        path, name = list[Tie](), start
        factor, offset = 1.0, 0.0  # of what the start follows, as far as the path goes
        while name in follows and follows[name] not in path:
            tie = follows[name]
            path.append(tie)
            factor, offset, name = factor * tie.factor, offset + factor * tie.offset, tie.other
        around = abs(factor - 1.0) < TINY and abs(offset) < ALIKE
        if name == start and path and (strict or not around):
            words = ", ".join(f"'{described(tie)}'" for tie in path)
            raise InputError(f"the constraints {words} run in a circle", "leave one of them out")


def _refuse_zeros(
    solved: Mapping[str, _Equation], constraints: Sequence[Constraint], values: Mapping[str, float]
) -> None:
    """Raise where several constraints together leave a parameter that is not zero no value but zero.

    Equal displacements one of which is twice the other are no wish that both vanish.
    """
    for name, row in solved.items():
        sources = [constraints[i] for i in sorted(row.sources)]
        if len(row.factors) > 1 or abs(row.total) > TINY or abs(values[name]) <= TINY or len(sources) < 2:
            continue
        if not any(isinstance(one, Fixed) for one in sources):
            words = " and ".join(f"'{described(one)}'" for one in sources)
            raise InputError(
                f"the constraints {words} can only hold where {name} is 0, and it is {values[name]:.6g}",
                "correct or leave out one of them",
            )


def _holds(constraint: Constraint, name: str, names: Collection[str]) -> bool:
    return isinstance(constraint, Fixed) and name in matching(constraint.names, names)


def _complain(equation: _Equation, constraints: Sequence[Constraint], strict: bool) -> None:
    """Raise where elimination has left an equation without parameters, unless held values happen to satisfy it.

    One that follows from the others is an error if strict.
    """
    sources = [constraints[i] for i in sorted(equation.sources)]
    words = " and ".join(f"'{described(one)}'" for one in sources)
    if abs(equation.total) > ALIKE:
        raise InputError(f"the constraints {words} contradict each other", "correct or leave out one of them")
    if strict and not any(isinstance(one, Fixed) for one in sources):
        raise InputError(f"the constraints {words} say the same twice", "leave out what follows from the others")

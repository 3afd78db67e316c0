"""The constraints that other programs' refinement files state, as constraints of a refinement here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from anatase.io.foreign import LinearRelation, SharedShift
from anatase.refine.constraint.constraints import Constraint, Equal, Linear
from anatase.refine.constraint.relations import compatible

__all__ = ["constraints_of_foreign"]


def constraints_of_foreign(
    shared: Sequence[SharedShift], relations: Sequence[LinearRelation], values: Mapping[str, float]
) -> tuple[tuple[Constraint, ...], tuple[str, ...]]:
    """Return constraints on the parameters of a model, by their values, and warnings of what was left out.

    Parameters that share a shift, p_i = p_i(0) + f_i s, keep p_i/f_i − p_0/f_0. What symmetry already says here
    (other programs want 2x beside x to be written), and what other relations imply, is left out.

    Examples
    --------
    >>> values = {"A.O1.u_iso": 0.01, "A.O2.u_iso": 0.01}
    >>> constraints_of_foreign([SharedShift(((1.0, "A.O1.u_iso"), (1.0, "A.O2.u_iso")))], [], values)
    ((Equal(names=('A.O1.u_iso', 'A.O2.u_iso')),), ())
    """
    found: list[Constraint] = []
    warnings = []
    for one in shared:
        terms = [(factor, name) for factor, name in one.terms if name in values and factor != 0.0]
        warnings += [_left_out(name) for _, name in one.terms if name not in values]
        found += _kept_together(terms, values)
    for relation in relations:
        if missing := [name for _, name in relation.terms if name not in values]:
            warnings += [_left_out(name) for name in missing]
        else:
            found.append(Linear(relation.terms, relation.total))
    taken, told = compatible((), found, values)
    return taken, tuple(dict.fromkeys([*warnings, *told]))


def _left_out(name: str) -> str:
    return f"a relation of {name} was left out: symmetry ties or fixes it, or the model has no such parameter"


def _kept_together(terms: Sequence[tuple[float, str]], values: Mapping[str, float]) -> list[Constraint]:
    """Return the constraints that keep parameters moving at the rates (factor, name) from where they are."""
    if len(terms) < 2:
        return []
    (lead, first), rest = terms[0], terms[1:]
    if all(factor == lead and values[name] == values[first] for factor, name in rest):
        return [Equal(tuple(name for _, name in terms))]
    # rounding keeps the total of a written recipe short
    return [
        Linear(
            ((-1.0 / lead, first), (1.0 / factor, name)),
            round(values[name] / factor - values[first] / lead, 12),
        )
        for factor, name in rest
    ]

"""How a refinement's parameters are spelled in a TOPAS input file: values, ``@``, shared names, equations."""

from __future__ import annotations

import re

from anatase.io.tied_values import TiedValues

__all__ = ["flag_and_value", "macro", "spelled", "topas_number"]

FIGURES = 1e-9  # relative size below which a difference is rounding


def topas_number(value: float) -> str:
    """Return a number with twelve figures."""
    return f"{value:.12g}"


def _name(text: str) -> str:
    """Return a parameter's name in the letters that TOPAS allows."""
    name = re.sub(r"\W+", "_", text)
    return name if name[:1].isalpha() else f"p_{name}"


def flag_and_value(tied: TiedValues, target: str, *, named: bool = False) -> tuple[str, str]:
    """Return what stands before a value (``@``, a name or nothing) and the value or equation.

    With ``named`` there is always a name, as where several phases share a width.
    """
    value, name = topas_number(tied.values[target]), _name(target)
    led = any(leader == target for leader, _ in tied.leaders.values())
    summed = any(target == other for relation in tied.refinement.relations for _, other in relation.terms)
    named = named or led or summed
    leader = tied.leaders.get(target)
    equation = _following(tied, target, *leader) if leader is not None else _summed(tied, target)
    if equation:
        return name if named else "", equation
    if target not in tied.refinement.free:
        return f"!{name}" if named else "", value
    return name if named else "@", value


def spelled(tied: TiedValues, target: str, *, named: bool = False) -> str:
    """Return flag and value as they stand after a keyword; ``named`` where they stand twice."""
    return " ".join(part for part in flag_and_value(tied, target, named=named) if part)


def macro(tied: TiedValues, name: str, target: str) -> str:
    """Return a macro of flag and value: ``CS_L(@, 100)``."""
    flag, value = flag_and_value(tied, target)
    return f"{name}({flag}, {value})"


def _following(tied: TiedValues, target: str, leader: str, ratio: float) -> str:
    slope = ratio * tied.units[leader] / tied.units[target]
    start = tied.values[target] - slope * tied.values[leader]
    product = _name(leader) if abs(slope - 1.0) < FIGURES else f"{topas_number(slope)} * {_name(leader)}"
    if abs(start) <= FIGURES * max(abs(tied.values[target]), 1e-3):
        return f"= {product};"
    return f"= {topas_number(start)} + {product};"


def _summed(tied: TiedValues, target: str) -> str:
    """Return the equation of the last parameter of a linear relation, nothing for other parameters."""
    for relation in tied.refinement.relations:
        *others, (factor, last) = relation.terms
        if last != target or any(name not in tied.values for _, name in others):
            continue
        own = factor * tied.units[target]
        terms = [topas_number(relation.total / own)]
        terms += [f"{topas_number(-f * tied.units[name] / own)} * {_name(name)}" for f, name in others]
        return f"= {' + '.join(terms)};"
    return ""

"""How a refinement's parameters are spelled in a TOPAS input file: values, ``@``, shared names, equations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property

from anatase.io.foreign import ForeignRefinement

__all__ = ["Spelling", "topas_name", "topas_number"]

FIGURES = 1e-9  # relative size below which a difference is rounding


def topas_number(value: float) -> str:
    """Return a number with twelve figures."""
    return f"{value:.12g}"


def topas_name(text: str) -> str:
    """Return a parameter's name in the letters that TOPAS allows."""
    name = re.sub(r"\W+", "_", text)
    return name if name[:1].isalpha() else f"p_{name}"


@dataclass
class Spelling:
    """What is free and tied in a refinement, and the values of its parameters in TOPAS's units.

    Values are kept first, all of them, and spelled afterwards. ``units``: ∂here/∂there. ``symmetry``: what symmetry
    ties to another parameter, with its change for one unit of that.
    """

    refinement: ForeignRefinement
    values: dict[str, float] = field(default_factory=dict)
    units: dict[str, float] = field(default_factory=dict)
    symmetry: dict[str, tuple[str, float]] = field(default_factory=dict)

    def keep(self, target: str, value: float, unit: float = 1.0) -> None:
        """Keep the value of a parameter in TOPAS's units."""
        self.values[target] = value
        self.units[target] = unit

    def follow(self, target: str, value: float, leader: str, ratio: float) -> None:
        """Keep a value that symmetry ties to another parameter of the same unit."""
        self.keep(target, value)
        self.symmetry[target] = (leader, ratio)

    @cached_property
    def leaders(self) -> dict[str, tuple[str, float]]:
        """Parameters that follow another, and their change for one unit of it, in our units."""
        found: dict[str, tuple[str, float]] = {}
        for shift in self.refinement.shared:
            known = [(factor, target) for factor, target in shift.terms if target in self.values and factor != 0.0]
            for factor, target in known[1:]:
                found[target] = (known[0][1], factor / known[0][0])
        moving = self.refinement.free | found.keys()
        found |= {target: tie for target, tie in self.symmetry.items() if tie[0] in moving}
        return found

    @cached_property
    def named(self) -> frozenset[str]:
        """Parameters that need a name because equations refer to them."""
        found = {leader for leader, _ in self.leaders.values()}
        for relation in self.refinement.relations:
            found |= {target for _, target in relation.terms}
        return frozenset(found)

    def flag_and_value(self, target: str, *, named: bool = False) -> tuple[str, str]:
        """Return what stands before a value (``@``, a name or nothing) and the value or equation.

        With ``named`` there is always a name, as for widths that several phases share.
        """
        value, name = topas_number(self.values[target]), topas_name(target)
        named = named or target in self.named
        leader = self.leaders.get(target)
        equation = self._following(target, *leader) if leader is not None else self._summed(target)
        if equation:
            return name if named else "", equation
        if target not in self.refinement.free:
            return f"!{name}" if named else "", value
        return name if named else "@", value

    def spelled(self, target: str, *, named: bool = False) -> str:
        """Return flag and value as they stand after a keyword; ``named`` where they stand twice."""
        return " ".join(part for part in self.flag_and_value(target, named=named) if part)

    def macro(self, name: str, target: str) -> str:
        """Return a macro of flag and value: ``CS_L(@, 100)``."""
        flag, value = self.flag_and_value(target)
        return f"{name}({flag}, {value})"

    def _following(self, target: str, leader: str, ratio: float) -> str:
        slope = ratio * self.units[leader] / self.units[target]
        start = self.values[target] - slope * self.values[leader]
        product = topas_name(leader) if abs(slope - 1.0) < FIGURES else f"{topas_number(slope)} * {topas_name(leader)}"
        if abs(start) <= FIGURES * max(abs(self.values[target]), 1e-3):
            return f"= {product};"
        return f"= {topas_number(start)} + {product};"

    def _summed(self, target: str) -> str:
        """Return the equation of the last parameter of a linear relation, nothing for other parameters."""
        for relation in self.refinement.relations:
            *others, (factor, last) = relation.terms
            if last != target or any(name not in self.values for _, name in others):
                continue
            own = factor * self.units[target]
            terms = [topas_number(relation.total / own)]
            terms += [f"{topas_number(-f * self.units[name] / own)} * {topas_name(name)}" for f, name in others]
            return f"= {' + '.join(terms)};"
        return ""

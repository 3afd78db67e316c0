"""Two answers side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anatase.estimate import Estimate

__all__ = ["Beside", "side_by_side"]


@dataclass(frozen=True)
class Beside:
    """A parameter in two refinements, and their difference over the larger s.u.; ``None`` where neither has one.

    Both saw the same data: their s.u. are not independent, and a difference of one s.u. is a large one.
    """

    name: str
    ours: Estimate
    theirs: Estimate
    shift: float | None


def side_by_side(ours: Mapping[str, Estimate], theirs: Mapping[str, Estimate]) -> tuple[Beside, ...]:
    """Return the parameters that both refinements have, in the order of the first.

    Examples
    --------
    >>> row, = side_by_side({"A.a": Estimate(5.4310, 0.0002)}, {"A.a": Estimate(5.4312, 0.0001), "A.b": Estimate(1.0)})
    >>> row.name, str(row.ours), str(row.theirs), round(row.shift, 2)
    ('A.a', '5.4310(2)', '5.43120(10)', -1.0)
    """
    rows = []
    for name, own in ours.items():
        if name in theirs:
            other = theirs[name]
            largest = max(own.su or 0.0, other.su or 0.0)
            rows.append(Beside(name, own, other, (own.value - other.value) / largest if largest else None))
    return tuple(rows)

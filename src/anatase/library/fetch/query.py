"""Which structures are wanted: their elements, how stable they are, how many."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from anatase.errors import InputError
from anatase.library.fetch.structure_filter import spelled_out, structure_filter

__all__ = ["Query", "hull_distance"]

# eV/atom above the convex hull, as the Materials Project, Alexandria, OQMD and others name it in their answers
HULL = re.compile(r"(_[a-z0-9]+_)?(energy_above_hull|e_above_hull|hull_distance|stability)")


@dataclass(frozen=True)
class Query:
    """Which structures are wanted.

    Parameters
    ----------
    elements
        Only structures of these elements or fewer; empty for any.
    contains
        Only structures that hold all of these.
    condition
        A further condition in the OPTIMADE filter language.
    limit
        Most entries to fetch; ``None`` for all.
    max_hull
        Most energy above the convex hull, eV/atom, of entries that state one; ``None`` for any.
    """

    elements: tuple[str, ...] = ()
    contains: tuple[str, ...] = ()
    condition: str = ""
    limit: int | None = None
    max_hull: float | None = None

    def check(self) -> None:
        """Refuse a query that asks for a whole database, or for nothing."""
        if not (self.elements or self.contains or self.condition.strip() or self.limit):
            raise InputError(
                "no elements are named: this would fetch the whole database", "name elements, or set a limit"
            )
        if self.limit is not None and self.limit < 1:
            raise InputError(f"a limit of {self.limit} entries", "give 1 or more")
        if self.max_hull is not None and not self.max_hull >= 0.0:
            raise InputError(f"{self.max_hull:g} eV/atom above the hull", "give 0 or more; 0.05 keeps what may exist")

    def filters(self) -> list[str]:
        """Return the OPTIMADE filter, and the same in words that every server knows."""
        plain = structure_filter(self.elements, self.contains, self.condition)
        return [plain, spelled_out(self.elements, self.contains, self.condition)] if self.elements else [plain]

    def of_these_elements(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether an entry's elements are those asked for; a server may misread a filter."""
        attributes = entry.get("attributes")
        elements = attributes.get("elements") if isinstance(attributes, Mapping) else None
        if not isinstance(elements, list):
            return True
        there = set(map(str, elements))
        return (not self.elements or there <= set(self.elements)) and there >= set(self.contains)

    def stable_enough(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether an entry is close enough to the convex hull, or states no energy."""
        if self.max_hull is None:
            return True
        distance = hull_distance(entry.get("attributes"))
        return distance is None or distance <= self.max_hull


def hull_distance(attributes: Any) -> float | None:
    """Return the least energy above the convex hull that an entry states, eV/atom; ``None`` where it states none.

    Examples
    --------
    >>> hull_distance({"_mp_stability": {"r2scan": {"energy_above_hull": 0.01}, "gga": {"energy_above_hull": 0.02}}})
    0.01
    """
    return min(_hull_distances(attributes), default=None)


def _hull_distances(attributes: Any) -> Iterator[float]:
    for name, value in attributes.items() if isinstance(attributes, Mapping) else ():
        if isinstance(value, (int, float)) and HULL.fullmatch(str(name)):
            yield max(float(value), 0.0)  # below a hull that was drawn without it
        elif isinstance(value, Mapping):
            yield from _hull_distances(value)

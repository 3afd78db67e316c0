"""Codewords of FullProf: which number moves which parameters of a refinement, and by how much."""

from __future__ import annotations

from anatase.io.tied_values import TiedValues

__all__ = ["Codewords"]

FIGURES = 6  # decimals of a codeword's factor


class Codewords:
    """The codewords of a refinement's parameters: 10 p + |a| with the sign of a, 0 where they are fixed."""

    def __init__(self, tied: TiedValues) -> None:
        self.tied = tied
        self._leaders = dict(tied.leaders)
        self.untold: list[str] = []
        for relation in tied.refinement.relations:
            free = [(f, name) for f, name in relation.terms if name in tied.refinement.free and name in tied.values]
            if len(free) == 2 and free[1][1] not in self._leaders:
                self._leaders[free[1][1]] = (free[0][1], -free[0][0] / free[1][0])
            elif len(free) > 1:
                terms = " + ".join(f"{factor:g} {name}" for factor, name in relation.terms)
                self.untold.append(f"{terms} = {relation.total:g}")
        self._largest: dict[str, float] = {}
        for target in tied.values:
            root, factor = self._root(target)
            self._largest[root] = max(self._largest.get(root, 0.0), abs(factor))
        self._numbers: dict[str, int] = {}

    def _root(self, target: str) -> tuple[str, float]:
        """Return the parameter that a parameter follows in the end, and its change for one unit of it in the file."""
        factor, seen = 1.0, {target}
        while target in self._leaders:
            leader, ratio = self._leaders[target]
            if leader in seen or leader not in self.tied.units:
                break
            factor *= ratio * self.tied.units[leader] / self.tied.units[target]
            target = leader
            seen.add(target)
        return target, factor

    def of(self, *targets: str) -> float:
        """Return the codeword of the first of the parameters that is refined, 0 where none is."""
        for target in targets:
            root, factor = self._root(target) if target in self.tied.values else (target, 1.0)
            if root not in self.tied.refinement.free:
                continue
            number = self._numbers.setdefault(root, len(self._numbers) + 1)
            size = round(abs(factor) / self._largest.get(root, 1.0), FIGURES)
            if size > 0.0:
                return (10.0 * number + size) * (1.0 if factor > 0.0 else -1.0)
        return 0.0

    def alone(self, name: str) -> float:
        """Return the codeword of a number that has no counterpart among the parameters, as powers of a background."""
        return 10.0 * self._numbers.setdefault(name, len(self._numbers) + 1) + 1.0

    @property
    def count(self) -> int:
        """How many numbers are in use."""
        return len(self._numbers)

"""Hypotheses: sets of library entries fitted to the pattern."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from anatase.refine.start.whole_pattern import PhaseLines, WholePattern, phase_curve

__all__ = ["Candidate", "Hypothesis"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """A library entry that may be in the sample: its lines, and the strains of 1/d² (k,) from which fits start."""

    entry: int
    lines: PhaseLines
    strain: tuple[float, ...] = ()


@dataclass(frozen=True)
class Hypothesis:
    """A set of phases with its fit.

    ``cost`` is −2 ln evidence of the data up to a constant, ``prior`` what its parameters cost (strains, widths,
    shift), ``misfit`` the χ² per independent point that is typical of it, at least 1. ``scale`` is the isotropic strain
    of 1/d² that all phases share: an error of the wavelength or of the axis, not of a cell.
    """

    candidates: tuple[Candidate, ...]
    model: WholePattern
    parameters: Array
    y: Array  # (n,)
    cost: float
    prior: float
    misfit: float
    scale: float = 0.0
    lines: Array = field(default_factory=lambda: np.zeros(0))  # (p,), see ``Relaxed``
    mismatch: Array = field(default_factory=lambda: np.zeros(0))  # (p,)

    @property
    def areas(self) -> Array:
        """Integrated Bragg intensity (p,) of each phase."""
        return self.parameters[self.model.offsets[:-1]]

    @property
    def background(self) -> Array:
        """Background (n,)."""
        b = self.model.columns.shape[0]
        return np.asarray(self.parameters[:b] @ self.model.columns)

    @property
    def instrument(self) -> Array:
        """Shift, divergence, W and U (4,)."""
        b = self.model.columns.shape[0]
        return self.parameters[b : b + 4]

    def block(self, which: int) -> slice:
        """Where one phase's parameters stand."""
        return slice(self.model.offsets[which], self.model.offsets[which + 1])

    def curves(self) -> list[Array]:
        """Return each phase's part (n,) of the calculated pattern."""
        return [phase_curve(self.model, self.parameters, i) for i in range(len(self.candidates))]

    def worse_than(self, other: Hypothesis) -> float:
        """Return by how much this hypothesis is worse, the data's part in units of the smaller misfit."""
        return (self.cost - other.cost) / min(self.misfit, other.misfit) + self.prior - other.prior

    def own_strain(self, which: int) -> Array:
        """Return the strains of 1/d² (k,) of one phase less what all phases share."""
        k = self.candidates[which].lines.basis.shape[0]
        strain = self.parameters[self.block(which)][1 : 1 + k].copy()
        strain[0] -= self.scale
        return strain

    def cell_misfit(self, which: int, scale: float) -> float:
        """Return the mean relative misfit of a phase's cell lengths, less the strain of 1/d² that the others share."""
        k = self.candidates[which].lines.basis.shape[0]
        strain = self.parameters[self.block(which)][1 : 1 + k]
        return 0.5 * float(np.sqrt((strain[0] - scale) ** 2 + (strain[1:] ** 2).sum() / 3.0))

    def choose(self, order: list[int]) -> Hypothesis:
        """Return the hypothesis with only these phases, in this order; its fit is not made again."""
        head = self.parameters[: self.model.offsets[0]]
        return replace(
            self,
            candidates=tuple(self.candidates[i] for i in order),
            model=replace(self.model, phases=tuple(self.model.phases[i] for i in order)),
            parameters=np.concatenate([head, *(self.parameters[self.block(i)] for i in order)]),
            lines=self.lines[order] if self.lines.size else self.lines,
            mismatch=self.mismatch[order] if self.mismatch.size else self.mismatch,
        )

    def with_last(self, which: int) -> Hypothesis:
        """Return the same hypothesis with one phase put at the end."""
        return self.choose([i for i in range(len(self.candidates)) if i != which] + [which])

    def without(self, which: int) -> Hypothesis:
        """Return what is left when one phase is taken out, not fitted again."""
        return self.choose([i for i in range(len(self.candidates)) if i != which])

"""Everything of a refinement besides patterns and structures: modes, starts, what is free, in which steps, tied how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from anatase.pattern.background_model import DebyeTerm, Hump
from anatase.refine.constraint.constraints import Constraint, described
from anatase.refine.model import Mode
from anatase.refine.restraint.restraints import Restraint, said

__all__ = ["BackgroundChoice", "Recipe", "RecipeStep"]


@dataclass(frozen=True)
class BackgroundChoice:
    """The background of a pattern.

    ``terms`` Chebyshev terms from the level of the data, or their coefficients ``chebyshev``; coefficient of 1/x;
    ``nodes`` on the axis with ``heights``, from the level of the data where none are given; Debye terms and humps.
    """

    terms: int = 0
    chebyshev: tuple[float, ...] = ()
    inverse: float = 0.0
    nodes: tuple[float, ...] = ()
    heights: tuple[float, ...] = ()
    interpolation: Literal["linear", "cubic"] = "linear"
    debye: tuple[DebyeTerm, ...] = ()
    humps: tuple[Hump, ...] = ()


@dataclass(frozen=True)
class RecipeStep:
    """One step: parameters (names or globs) that join those already free, and why; ``hold``: those that leave them."""

    free: tuple[str, ...]
    title: str = ""
    reason: str = ""
    hold: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recipe:
    """A refinement without its data. Names of patterns, phases and parameters may be globs.

    Parameters
    ----------
    title
        For people.
    mode
        ``rietveld``, ``lebail`` or ``pawley`` by phase.
    background
        By pattern.
    instrument, sample
        Fields of ``Instrument`` by pattern, and of ``Sample`` by ``phase.pattern``: a geometry, an axis of texture.
        Of a sample, ``stephens = true`` gives it all terms that symmetry allows.
    values
        Starts of parameters by name.
    free
        Parameters that are refined in one step, after ``steps`` if there are any.
    steps
        What is freed one after the other; neither: anatase finds its own way.
    constraints, restraints, restraint_weight
        What is tied, and what is known; the weight divides the variances of all restraints.
    limits, excluded
        The range fitted and the ranges left out, by pattern, in units of its axis.
    max_iterations, shift_tolerance
        Of each fit; ``None``: the program's own.
    source, text
        The file that it came from, for messages.
    """

    title: str = ""
    mode: Mapping[str, Mode] = field(default_factory=dict)
    background: Mapping[str, BackgroundChoice] = field(default_factory=dict)
    instrument: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    sample: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    values: Mapping[str, float] = field(default_factory=dict)
    free: tuple[str, ...] = ()
    steps: tuple[RecipeStep, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    restraints: tuple[Restraint, ...] = ()
    restraint_weight: float = 1.0
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    excluded: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    max_iterations: int | None = None
    shift_tolerance: float | None = None
    source: str = field(default="", compare=False)
    text: str = field(default="", compare=False, repr=False)

    def describe(self) -> str:
        """Return the recipe in plain words, a line for each thing that it says.

        Examples
        --------
        >>> from anatase.refine.constraint.constraints import Equal
        >>> print(Recipe(free=("*.scale", "*.u_iso"), constraints=(Equal(("*.O*.u_iso",)),)).describe())
        refined: *.scale, *.u_iso
        constraint: all of *.O*.u_iso are equal
        """
        lines = [self.title] if self.title else []
        lines += [f"{phase}: {mode}" for phase, mode in self.mode.items()]
        lines += [f"background of {name}: {_background_words(one)}" for name, one in self.background.items()]
        for owners in (self.instrument, self.sample):
            for name, settings in owners.items():
                lines.append(f"{name}: {', '.join(f'{key} = {value}' for key, value in settings.items())}")
        lines += [f"{name} starts at {value:.8g}" for name, value in self.values.items()]
        lines += [f"{name}: fitted from {low:g} to {high:g}" for name, (low, high) in self.limits.items()]
        for name, ranges in self.excluded.items():
            lines.append(f"{name}: without {', '.join(f'{low:g} to {high:g}' for low, high in ranges)}")
        lines += [f"step {i + 1}: {_step_words(step)}" for i, step in enumerate(self.steps)]
        if self.free:
            lines.append(f"{'at last' if self.steps else 'refined'}: {', '.join(self.free)}")
        lines += [f"constraint: {described(one)}" for one in self.constraints]
        lines += [f"restraint: {said(one)}" for one in self.restraints]
        if self.restraint_weight != 1.0:
            lines.append(f"restraints have the weight {self.restraint_weight:g}")
        if self.max_iterations is not None:
            lines.append(f"at most {self.max_iterations} iterations")
        if self.shift_tolerance is not None:
            lines.append(f"converged at shifts below {self.shift_tolerance:g} s.u.")
        return "\n".join(lines)


def _background_words(one: BackgroundChoice) -> str:
    words = []
    if one.terms or one.chebyshev:
        words.append(f"{one.terms or len(one.chebyshev)} Chebyshev terms")
    if one.inverse:
        words.append(f"{one.inverse:g}/x")
    if one.nodes:
        words.append(f"{len(one.nodes)} nodes joined {'by lines' if one.interpolation == 'linear' else 'by a spline'}")
    words += [f"diffuse scattering of pairs at {term.distance:g} Å" for term in one.debye]
    words += [f"a hump at {hump.position:g}" for hump in one.humps]
    return ", ".join(words) or "none"


def _step_words(step: RecipeStep) -> str:
    parts = [f"{step.title}:" if step.title else "", f"free {', '.join(step.free)}" if step.free else ""]
    parts += [f"hold {', '.join(step.hold)}" if step.hold else "", f"({step.reason})" if step.reason else ""]
    return " ".join(part for part in parts if part)

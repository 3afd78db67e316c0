"""The answer to several patterns of one sample."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from anatase.estimate import Estimate
from anatase.faces import Shown
from anatase.identify.answer import Identification, PhaseLabel
from anatase.provenance import Provenance

__all__ = ["JointIdentification", "JointPhase"]


@dataclass(frozen=True)
class JointPhase:
    """One phase of a sample that was measured several times.

    ``by_pattern`` holds the weight fraction that each pattern alone gives, renormalised to the phases that it shows, or
    ``None`` where it does not show this one; ``gains`` are what the phase saves in each, 2 ln of the odds.
    ``weight_fraction`` is ``None`` where the patterns contradict each other, or none compares some of the phases.
    """

    label: PhaseLabel
    weight_fraction: Estimate | None
    by_pattern: tuple[Estimate | None, ...]
    gains: tuple[float, ...]
    probability: float | None = None


@dataclass(frozen=True, repr=False)
class JointIdentification(Shown):
    """The answer to "what is in this sample?", from all its patterns.

    ``answers`` are those of the patterns, each fitted with the phases of the whole that it shows.
    """

    phases: tuple[JointPhase, ...]  # by weight fraction, largest first
    answers: tuple[Identification, ...]
    warnings: tuple[str, ...]
    provenance: Provenance
    settings: dict[str, Any] = field(default_factory=dict)
    amorphous_fraction: Estimate | None = None  # of the whole sample, where an internal standard tells it

    def __repr__(self) -> str:
        phases = ", ".join(
            one.label.name
            if one.weight_fraction is None
            else f"{one.label.name} {100.0 * one.weight_fraction.value:.1f} wt%"
            for one in self.phases
        )
        return f"<JointIdentification of {len(self.answers)} patterns: {phases or 'no phase'}>"

"""The answer of an identification: phases, fit, what stayed unexplained, alternatives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate
from anatase.faces import Shown
from anatase.pattern.pattern import Pattern
from anatase.provenance import Provenance

__all__ = [
    "Alternative",
    "DetectionLimit",
    "Identification",
    "IdentifiedPhase",
    "PhaseLabel",
    "Ticks",
    "UnexplainedPeak",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ticks:
    """Reflection positions of one phase inside the fitted range (first wavelength only)."""

    hkl: NDArray[np.int64]  # (n, 3)
    position: Array  # (n,), on the pattern's axis
    d_spacing: Array  # (n,), Å
    multiplicity: NDArray[np.int64]  # (n,)
    intensity: Array  # (n,), relative to the phase's strongest = 100


@dataclass(frozen=True)
class PhaseLabel:
    """What a phase is called, without its fit."""

    name: str
    formula: str
    space_group_number: int
    space_group_symbol: str
    library_id: str


@dataclass(frozen=True)
class IdentifiedPhase:
    """One phase of the answer with its refined values.

    ``lattice`` maps a, b, c (Å), alpha, beta, gamma (°) and volume (Å³) to estimates. The s.u. of
    ``weight_fraction`` holds what the fit cannot know (orientation, microabsorption, the reference's own errors) beside
    the fit's own, which ``fitted_fraction`` states alone. ``probability`` is that the phase is in the sample,
    calibrated; ``None`` where no calibration applies.
    """

    label: PhaseLabel
    weight_fraction: Estimate
    probability: float | None
    lattice: dict[str, Estimate]
    source: str
    citation: str
    licence: str
    r_bragg: float  # percent
    share: float  # of the Bragg intensity that the fit explains, 0–1
    preferred_orientation: tuple[tuple[int, int, int], Estimate] | None  # March–Dollase axis and r
    crystallite_size: Estimate | None  # Å, volume-weighted apparent, None where not measurable
    equivalents: tuple[str, ...]  # library ids of entries that answer as well as this one
    ticks: Ticks
    profile: Array  # (n,), this phase's part of y_calc
    fitted_fraction: Estimate | None = None  # with the s.u. of the fit alone
    members: tuple[PhaseLabel, ...] = ()  # other phases that this pattern cannot tell from this one


@dataclass(frozen=True)
class DetectionLimit:
    """The most of a phase that the pattern could hide: below ``weight_fraction`` (0–1) with probability ``level``."""

    label: PhaseLabel
    weight_fraction: float
    level: float = 0.95


@dataclass(frozen=True)
class UnexplainedPeak:
    """A peak of the difference curve that no phase of the answer explains."""

    position: float  # on the pattern's axis
    d_spacing: float  # Å
    height: float  # in units of the intensity
    significance: float  # height over its s.u.
    share: float  # of the pattern's Bragg intensity, 0–1


@dataclass(frozen=True)
class Alternative:
    """Another set of phases that may be the truth, with its Rwp in the search and its calibrated probability."""

    phases: tuple[PhaseLabel, ...]
    rwp: float  # percent
    probability: float | None = None


@dataclass(frozen=True, repr=False)
class Identification(Shown):
    """The answer to "what is in this pattern?". Printed, it is the table; a notebook shows the fit as well.

    Curves (n,) stand on ``pattern.x``: ``y_calc`` includes ``background``. ``probability`` is that ``phases`` are
    all the crystalline phases of the sample; the answer and the first ``in_coverage`` of the ``alternatives`` hold
    the truth with probability ``coverage``, "a phase is missing from this answer" counting as one more
    hypothesis, with ``unknown_probability``. All are calibrated, or ``None``.
    """

    pattern: Pattern  # as fitted, after the range was cut
    phases: tuple[IdentifiedPhase, ...]
    y_calc: Array
    background: Array
    rwp: float  # percent
    r_exp: float  # percent
    gof: float
    displacement: Estimate | None  # sample displacement or zero, degrees 2θ, see ``settings``
    unexplained_fraction: float  # of the Bragg intensity, 0–1
    unexplained_peaks: tuple[UnexplainedPeak, ...]
    alternatives: tuple[Alternative, ...]
    warnings: tuple[str, ...]
    provenance: Provenance
    settings: dict[str, Any] = field(default_factory=dict)
    probability: float | None = None
    unknown_probability: float | None = None  # that a crystalline phase is there that no phase of the answer is
    coverage: float | None = None
    in_coverage: int = 0
    detection_limits: tuple[DetectionLimit, ...] = ()
    amorphous_fraction: Estimate | None = None  # of the whole sample, where an internal standard tells it

    def __repr__(self) -> str:
        phases = ", ".join(f"{one.label.name} {100.0 * one.weight_fraction.value:.1f} wt%" for one in self.phases)
        return (
            f"<Identification of {self.pattern.name or 'a pattern'}: {phases or 'no phase'}; Rwp {self.rwp:.2f} %, "
            f"{100.0 * self.unexplained_fraction:.1f} % unexplained>"
        )

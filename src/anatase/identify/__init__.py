"""Identification: from a pattern and a library of structures to phases, fractions and what stayed unexplained."""

from anatase.identify.answer import (
    Alternative,
    DetectionLimit,
    Identification,
    IdentifiedPhase,
    PhaseLabel,
    Ticks,
    UnexplainedPeak,
)
from anatase.identify.identify import identify
from anatase.identify.prior_knowledge import PriorKnowledge

__all__ = [
    "Alternative",
    "DetectionLimit",
    "Identification",
    "IdentifiedPhase",
    "PhaseLabel",
    "PriorKnowledge",
    "Ticks",
    "UnexplainedPeak",
    "identify",
]

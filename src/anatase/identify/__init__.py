"""Identification: from a pattern and a library of structures to phases, fractions and what stayed unexplained."""

from anatase.identify.answer import Alternative, Identification, IdentifiedPhase, PhaseLabel, Ticks, UnexplainedPeak
from anatase.identify.identify import identify

__all__ = ["Alternative", "Identification", "IdentifiedPhase", "PhaseLabel", "Ticks", "UnexplainedPeak", "identify"]

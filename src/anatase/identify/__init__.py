"""Identification: from a pattern and a library of structures to phases, fractions and what stayed unexplained."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

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
from anatase.identify.joint import identify_joint
from anatase.identify.joint_answer import JointIdentification, JointPhase
from anatase.identify.prior_knowledge import PriorKnowledge
from anatase.identify.ranking import RankedPhase, Ranker, Ranking, rank

__all__ = [
    "Alternative",
    "DetectionLimit",
    "Identification",
    "IdentifiedPhase",
    "JointIdentification",
    "JointPhase",
    "PhaseLabel",
    "PriorKnowledge",
    "RankedPhase",
    "Ranker",
    "Ranking",
    "Ticks",
    "UnexplainedPeak",
    "identify",
    "identify_joint",
    "rank",
]


class _Package(ModuleType):
    """The package, which is the verb as well: ``anatase.identify(scan)``."""

    def __call__(self, *arguments: Any, **options: Any) -> Identification:
        return identify(*arguments, **options)


sys.modules[__name__].__class__ = _Package

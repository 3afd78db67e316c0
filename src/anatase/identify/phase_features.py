"""The numbers from which calibrated probabilities of phases and of whole answers are read.

Sizes that run over decades enter as logarithms, so that a logistic table can weigh them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatase.identify.phase_evidence import PhaseEvidence
from anatase.identify.search import SearchResult
from anatase.identify.search_space import SearchSpace
from anatase.identify.unexplained import unexplained_peaks

__all__ = ["answer_features", "belief_features", "phase_features"]

NO_RIVAL = 1e4  # margin, −2 ln evidence, where nothing else was worth a fit


def _log(value: float, least: float) -> float:
    """Return ln of a value that is taken to be no less than ``least``."""
    return float(np.log(max(value, least)))


def phase_features(evidence: PhaseEvidence, space: SearchSpace, result: SearchResult) -> dict[str, float]:
    """Return the features of one phase by name."""
    return {
        "gain": _log(evidence.gain, 1.0),
        "second": _log(evidence.second, 1.0),
        "gain_of_signal": _log(evidence.gain / max(evidence.signal, 1e-300), 1e-6),
        "saved": _log(evidence.saved, 1e-4),
        "share": _log(evidence.share, 1e-4),
        "lines": _log(evidence.lines, 0.5),
        "mismatch": _log(evidence.mismatch, 0.05),
        "strain": 100.0 * evidence.strain,
        "texture": evidence.texture,
        "width": _log(evidence.width, 0.1),
        "margin": evidence.margin,
        "chemistry": float(evidence.chemistry),
        "misfit": _log(evidence.misfit, 1.0),
        "left": _log(result.best.cost / max(result.nothing.cost, 1e-300), 1e-5),
        "candidates": _log(float(space.table.entries.size), 1.0),
        "phases": float(len(result.best.candidates)),
    }


def belief_features(accepted: Sequence[float], doubted: Sequence[float]) -> dict[str, float]:
    """Return how sure an answer's phases are, and how surely those that were dropped are not there."""
    return {
        "believed": float(sum(np.log(max(p, 1e-3)) for p in accepted)),
        "doubted": float(sum(np.log(max(1.0 - p, 1e-3)) for p in doubted)),
        "accepted": float(len(accepted)),
    }


def answer_features(space: SearchSpace, result: SearchResult) -> dict[str, float]:
    """Return the features of an answer by name: what stays unexplained, the next best, its weakest phase."""
    best = result.best
    fraction, peaks = unexplained_peaks(space.measurement, best.y, best.background)
    signal = max(result.nothing.cost, 1e-300)
    cases = [result.evidence[c.entry] for c in best.candidates if c.entry in result.evidence]
    return {
        "unexplained": _log(fraction, 1e-3),
        "peaks": _log(1.0 + len(peaks), 1.0),
        "highest_peak": _log(peaks[0].significance if peaks else 1.0, 1.0),
        "left": _log(best.cost / signal, 1e-5),
        "signal": _log(signal, 1.0),
        "misfit": _log(best.misfit, 1.0),
        "next": _log(result.others[0][0] if result.others else NO_RIVAL, 1.0),
        "least_gain": _log(min((case.gain for case in cases), default=NO_RIVAL), 1.0),
        "least_margin": min((case.margin for case in cases), default=1.0),
        "worst_strain": 100.0 * max((case.strain for case in cases), default=0.0),
        "worst_mismatch": _log(max((case.mismatch for case in cases), default=0.05), 0.05),
        "unusual": float(sum(not case.chemistry for case in cases)),
        "candidates": _log(float(space.table.entries.size), 1.0),
        "phases": float(len(best.candidates)),
    }

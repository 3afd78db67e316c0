"""Whether stated probabilities are true: a reliability table of phases and of whole answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from figures import exact
from reliability import reliability
from rows import Row
from same_phase import pair_up

__all__ = ["print_reliability"]


def print_reliability(rows: Sequence[Row]) -> None:
    """Print how often phases and answers of each probability were right."""
    phases = [
        (phase.probability, match is not None)
        for row in rows
        for phase, match in zip(row.phases, pair_up(row.phases, row.true), strict=True)
        if phase.probability is not None
    ]
    answers = [(row.probability, exact(row)) for row in rows if row.probability is not None]
    for name, pairs in (("phases", phases), ("phase sets", answers)):
        if not pairs:
            continue
        stated = np.array([p for p, _ in pairs])
        right = np.array([hit for _, hit in pairs])
        bins, error = reliability(stated, right)
        brier = float(np.mean((stated - right) ** 2))
        print(f"  probabilities of {len(pairs)} {name}: Brier {brier:.3f}, calibration error {error:.3f}")
        for count, mean, share in bins:
            print(f"    {count:4d} stated at {mean:.2f}: {share:.2f} right")
    covered = [row.covered for row in rows if row.covered is not None]
    if covered:
        print(f"  sets of hypotheses that hold the truth: {100 * np.mean(covered):.1f} % of {len(covered)}")

"""What a specimen holds in all: its crystalline phases and the rest, which no phase of the model explains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.errors import PhysicsError
from anatase.estimate import Estimate
from anatase.refine.quantity.weight_fractions import NO_DOUBT, PhaseAmounts

__all__ = ["WHOLE", "AbsoluteContent", "absolute_content", "require_share", "variance_of"]

Array = NDArray[np.float64]

WHOLE = Estimate(1.0)


@dataclass(frozen=True)
class AbsoluteContent:
    """Weight fractions of the whole specimen: phases (n,), and what is left of 1.

    ``amorphous`` is everything that the phases do not explain: glass, disordered surfaces, and crystals that the
    model does not know. It may come out below 0.
    """

    fractions: PhaseAmounts
    amorphous: Estimate


def absolute_content(fractions: Array, covariance: Array | None) -> AbsoluteContent:
    """Return phases (n,) and the rest, 1 − Σ W, with its s.u."""
    rest = 1.0 - float(fractions.sum())
    if covariance is None:
        return AbsoluteContent(PhaseAmounts(fractions), Estimate(rest))
    su = float(np.sqrt(max(float(covariance.sum()), 0.0)))
    return AbsoluteContent(PhaseAmounts(fractions, covariance), Estimate(rest, su if su > NO_DOUBT else None))


def variance_of(estimate: Estimate) -> float:
    """Return the variance of a value that a user gives: 0 where no s.u. is known."""
    return 0.0 if estimate.su is None else estimate.su**2


def require_share(name: str, share: Estimate, *, whole: bool) -> None:
    """Refuse a weight fraction that is not above 0 and below 1, or 1 itself where ``whole``."""
    if not (0.0 < share.value < 1.0 or (whole and share.value == 1.0)) or not variance_of(share) < np.inf:
        raise PhysicsError(f"{name} is {share}; give a fraction above 0 and {'up to' if whole else 'below'} 1")

"""A fit whose parameters are freed in stages, as a recipe says."""

from __future__ import annotations

from collections.abc import Sequence

from anatase.refine.fit import Fitted, fit
from anatase.refine.model import RefinementModel

__all__ = ["staged"]


def staged(model: RefinementModel, stages: Sequence[Sequence[str]], iterations: int = 60) -> Fitted:
    """Return the last fit; the parameters of each stage join those before."""
    names: list[str] = []
    for stage in stages:
        names += stage
        found = fit(model, names, max_iterations=iterations)
        model = found.model
    return found

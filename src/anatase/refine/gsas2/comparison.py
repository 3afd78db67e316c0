"""A refinement here and by GSAS-II of the same start in the same steps, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.refine.gsas2.beside import Beside, side_by_side
from anatase.refine.gsas2.engine import Gsas2Answer, refine_with_gsas2
from anatase.refine.refinement import Refinement

__all__ = ["Comparison", "compared_with_gsas2"]


@dataclass(frozen=True)
class Comparison:
    """What GSAS-II found, and each parameter that both refined beside ours; our s.u. are the raw ones, as GSAS-II's."""

    theirs: Gsas2Answer
    rows: tuple[Beside, ...]


def compared_with_gsas2(refinement: Refinement, folder: Path | None = None) -> Comparison:
    """Refine with GSAS-II what a refinement refined, from its state after its first step, in the steps that it kept.

    Parameters
    ----------
    refinement
        The answer here.
    folder
        Keeps GSAS-II's project; a temporary one by default.

    Raises
    ------
    InputError
        When the refinement tells no steps, GSAS-II is not installed, or it has no place for the model.
    ConvergenceError
        When GSAS-II stops with an error.
    """
    kept = [step for step in refinement.steps if not step.reverted]
    if not kept:
        raise InputError("the refinement tells no step that was kept", "refine step by step")
    freed = [[name for name in step.freed if refinement[name].refined] for step in kept]
    theirs = refine_with_gsas2(kept[0].model, [names for names in freed if names], folder=folder)
    ours = {one.name: Estimate(one.value, one.su) for one in refinement.parameters if one.refined}
    return Comparison(theirs, side_by_side(ours, theirs.parameters))

"""GSAS-II beside anatase: the same start and recipe, refined through GSAS-II's scripting interface."""

from anatase.refine.gsas2.beside import Beside, gsas2_beside, side_by_side
from anatase.refine.gsas2.engine import Gsas2Answer, refine_with_gsas2

__all__ = ["Beside", "Gsas2Answer", "gsas2_beside", "refine_with_gsas2", "side_by_side"]

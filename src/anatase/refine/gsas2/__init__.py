"""GSAS-II beside anatase: the same start and recipe, refined through GSAS-II's scripting interface."""

from anatase.refine.gsas2.beside import Beside, side_by_side
from anatase.refine.gsas2.comparison import Comparison, compared_with_gsas2
from anatase.refine.gsas2.engine import Gsas2Answer, refine_with_gsas2

__all__ = ["Beside", "Comparison", "Gsas2Answer", "compared_with_gsas2", "refine_with_gsas2", "side_by_side"]

"""Refinement: from patterns and phases to cells, atoms, fractions and their uncertainties."""

from anatase.refine.refine import refine
from anatase.refine.refinement import Parameter, Refinement, Step

__all__ = ["Parameter", "Refinement", "Step", "refine"]

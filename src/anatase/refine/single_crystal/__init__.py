"""Refinement of crystal structures against single-crystal data."""

from anatase.refine.single_crystal.refine_crystal import refine_crystal

__all__ = ["refine_crystal"]

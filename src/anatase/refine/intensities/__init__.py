"""Intensities of reflections without a structure: Le Bail, Pawley, shares of the observed pattern."""

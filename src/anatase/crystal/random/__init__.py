"""Random crystals: any space group, Wyckoff positions filled within distance limits, exact symmetry."""

from anatase.crystal.random.many_crystals import random_crystals
from anatase.crystal.random.perturbation import jittered, strained, substituted, with_vacancies
from anatase.crystal.random.random_crystal import random_crystal
from anatase.crystal.random.settings import RandomSettings

__all__ = [
    "RandomSettings",
    "jittered",
    "random_crystal",
    "random_crystals",
    "strained",
    "substituted",
    "with_vacancies",
]

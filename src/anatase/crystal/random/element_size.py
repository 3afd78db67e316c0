"""How much room atoms need: volumes per atom and shortest contacts, and how often elements occur."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError

__all__ = ["ElementSize", "contact_distances", "element_sizes", "occurrence_weights", "volume_of_atoms"]

TABLE = Path(__file__).parent / "data" / "element_sizes.csv"
# noble gases and radioelements, thorium and uranium aside, stay out unless the user gives them a weight
UNUSUAL = frozenset(
    ("He", "Ne", "Ar", "Kr", "Xe", "Rn", "Tc", "Pm", "Po", "At", "Fr", "Ra", "Ac", "Pa", "Np", "Pu", "Am", "Cm")
)
CHALCOGENS = frozenset({"S", "Se", "Te", "I"})  # anions only where neither oxygen nor fluorine is present


@dataclass(frozen=True, slots=True)
class ElementSize:
    """The size of an element's atoms.

    Parameters
    ----------
    covalent_radius
        Å, Cordero et al. (2008) Dalton Trans. 2832, table 2.
    anion_radius
        Å, Shannon (1976) Acta Cryst. A32, 751; ``None`` for elements that form no simple anion.
    volume
        Å³ per atom in crystals, from the embedded library (``scripts/build_element_sizes.py``).
    n_formulae
        In how many formulae of that library the element occurs.
    """

    covalent_radius: float
    anion_radius: float | None
    volume: float
    n_formulae: int


@cache
def element_sizes() -> dict[str, ElementSize]:
    """Return element → size for H to Cm."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            element, covalent, anion, volume, n = line.split(";")
            found[element] = ElementSize(float(covalent), float(anion) if anion else None, float(volume), int(n))
    return found


def occurrence_weights() -> dict[str, float]:
    """Return element → how often it occurs in the embedded library, 1 at least, unusual elements left out."""
    return {e: float(max(size.n_formulae, 1)) for e, size in element_sizes().items() if e not in UNUSUAL}


def volume_of_atoms(composition: Mapping[str, int]) -> float:
    """Return the volume in Å³ that the atoms of a composition (element → count) usually take up.

    Examples
    --------
    >>> round(volume_of_atoms({"Ti": 2, "O": 4}))  # rutile's cell: 62.4 Å³
    64
    """
    return sum(count * _size(element).volume for element, count in composition.items())


def contact_distances(elements: Sequence[str], contact: float) -> NDArray[np.float64]:
    """Return the shortest distances (k, k) in Å that are allowed between atoms of k elements.

    They are ``contact`` times the sum of the covalent radii, and between anions of a compound that has other
    elements too, which do not bond to each other, ``contact`` times the sum of their ionic radii.

    Examples
    --------
    >>> contact_distances(("Ti", "O"), 0.8).round(2).tolist()
    [[2.56, 1.81], [1.81, 2.24]]
    """
    sizes = [_size(element) for element in elements]
    anions = _anions(elements)
    covalent = np.array([size.covalent_radius for size in sizes])
    ionic = np.array([size.anion_radius or 0.0 for size in sizes])
    repelling = np.outer(anions, anions) & (not all(anions))
    return np.asarray(contact * np.where(repelling, ionic[:, None] + ionic, covalent[:, None] + covalent))


def _anions(elements: Sequence[str]) -> list[bool]:
    hard = "O" in elements or "F" in elements
    return [_size(e).anion_radius is not None and not (hard and e in CHALCOGENS) for e in elements]


def _size(element: str) -> ElementSize:
    try:
        return element_sizes()[element]
    except KeyError:
        raise InputError(f"the size of '{element}' is not tabulated", "give elements from H to Cm") from None

"""The operations of a space group that are left when lattice centring and inversion are taken out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.space_group import SpaceGroup

__all__ = ["IndependentOperations", "independent_operations"]

Array = NDArray[np.float64]
INVERSION = -np.eye(3, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class IndependentOperations:
    """Representatives of the cosets of centring translations and inversion.

    Every operation of the group is one of these p, followed by a centring translation and, in a
    centrosymmetric group, by the inversion at ``centre`` or not. A sum over all operations of exp(2πi h·x)
    is then, for a reflection that the centring allows, c times the sum over the p, or 2c times
    the sum of its cosines taken from the centre.

    Parameters
    ----------
    rotations, translations
        Rotation parts (p, 3, 3) and translations (p, 3).
    centring
        The centring translations (c, 3), zero first.
    centre
        A centre of inversion (3,), fractional; zeros where there is none.
    centrosymmetric
        Whether there is one.
    """

    rotations: NDArray[np.int64]
    translations: Array
    centring: Array
    centre: Array
    centrosymmetric: bool


def independent_operations(group: SpaceGroup) -> IndependentOperations:
    """Return the independent operations of a space group, the identity first."""
    return _independent(group.hall)


@lru_cache(maxsize=1024)
def _independent(hall: str) -> IndependentOperations:
    group = SpaceGroup(0, "", hall)
    rotations, translations = group.rotations, group.translations
    centring = translations[np.all(rotations == np.eye(3, dtype=np.int64), axis=(1, 2))]
    inversions = translations[np.all(rotations == INVERSION, axis=(1, 2))]
    chosen: list[int] = []
    seen: set[bytes] = set()
    for index, rotation in enumerate(rotations):
        if rotation.tobytes() not in seen:
            chosen.append(index)
            seen.add(rotation.tobytes())
            if len(inversions):
                seen.add((-rotation).tobytes())
    centre = inversions[0] / 2.0 if len(inversions) else np.zeros(3)
    arrays = (rotations[chosen].copy(), translations[chosen].copy(), centring.copy(), centre)
    return IndependentOperations(*arrays, len(inversions) > 0)

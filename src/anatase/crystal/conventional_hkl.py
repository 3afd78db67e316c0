"""The indices under which a line is known: of those that symmetry makes equal, the ones in print."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.space_group import SpaceGroup

__all__ = ["conventional_hkl"]

Indices = NDArray[np.int64]


def conventional_hkl(hkl: Indices, space_group: SpaceGroup) -> Indices:
    """Return for reflections (n, 3) those of their Laue orbits that powder tables list: 110 for 2-10, 011 for 10-1.

    As few negative indices as can be, l and then k not among them, and of the rest the largest h, k, l in this order.

    Examples
    --------
    >>> quartz = SpaceGroup.from_number(154)
    >>> conventional_hkl(np.array([[2, -1, 0], [1, 0, -1], [1, 0, 1]]), quartz).tolist()
    [[1, 1, 0], [0, 1, 1], [1, 0, 1]]
    """
    if not len(hkl):
        return hkl
    images = np.einsum("ni,oij->noj", np.asarray(hkl, dtype=np.int64), space_group.rotations.astype(np.int64))
    images = np.concatenate([images, -images], axis=1)
    negative = images < 0
    base = 2 * int(np.abs(images).max()) + 1
    rank = -negative.sum(axis=2) * 4 - negative[:, :, 2] * 2 - negative[:, :, 1]
    for axis in range(3):
        rank = rank * base + images[:, :, axis]
    return np.take_along_axis(images, rank.argmax(axis=1)[:, None, None], axis=1)[:, 0]

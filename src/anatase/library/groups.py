"""Which entries of a library are one phase."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENANTIOMORPHS", "group_phases"]

VOLUME_TOLERANCE = 0.05
# the eleven enantiomorphic pairs (International Tables A, 1.4.2.5): a powder cannot tell them apart
ENANTIOMORPHS = {78: 76, 95: 91, 96: 92, 145: 144, 153: 151, 154: 152, 170: 169, 172: 171, 181: 180, 213: 212, 179: 178}


def group_phases(
    phase_keys: Sequence[str], space_group_numbers: Sequence[int], atom_volumes: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Return a group number (n,) per entry, counted from 0 in the order of first appearance.

    Entries of one group have the same phase key (proportions of elements), the same space group
    up to handedness, and volumes per atom (n,) in Å³ that differ by 5 % at most from the next.
    """
    families: dict[tuple[str, int], list[int]] = {}
    for i, (key, number) in enumerate(zip(phase_keys, space_group_numbers, strict=True)):
        families.setdefault((key, ENANTIOMORPHS.get(number, number)), []).append(i)
    first = np.arange(len(phase_keys), dtype=np.int64)
    for members in families.values():
        ordered = sorted(members, key=lambda i: atom_volumes[i])
        cluster = [ordered[0]]
        for i in ordered[1:]:
            if atom_volumes[i] > atom_volumes[cluster[-1]] * (1.0 + VOLUME_TOLERANCE):
                first[cluster] = min(cluster)
                cluster = []
            cluster.append(i)
        first[cluster] = min(cluster)
    numbering = {leader: group for group, leader in enumerate(np.unique(first))}
    return np.array([numbering[leader] for leader in first], dtype=np.int64)

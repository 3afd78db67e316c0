"""Which entries of a library are one phase."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENANTIOMORPHS", "group_phases"]

VOLUME_TOLERANCE = 0.05
ATOMS_TOLERANCE = 0.15
# the eleven enantiomorphic pairs (International Tables A, 1.4.2.5): a powder cannot tell them apart
ENANTIOMORPHS = {78: 76, 95: 91, 96: 92, 145: 144, 153: 151, 154: 152, 170: 169, 172: 171, 181: 180, 213: 212, 179: 178}


def group_phases(
    phase_keys: Sequence[str],
    space_group_numbers: Sequence[int],
    atom_volumes: NDArray[np.float64],
    cell_volumes: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return a group number (n,) per entry, counted from 0 in the order of first appearance.

    Entries of one group have the same phase key (proportions of elements), the same space group up to
    handedness, cells with about as many atoms (which keeps polytypes apart), and volumes per atom
    that differ by 5 % at most from the next. Volumes (n,) are in Å³.
    """
    atoms = cell_volumes / atom_volumes
    families: dict[tuple[str, int], list[int]] = {}
    for i, (key, number) in enumerate(zip(phase_keys, space_group_numbers, strict=True)):
        families.setdefault((key, ENANTIOMORPHS.get(number, number)), []).append(i)
    first = np.arange(len(phase_keys), dtype=np.int64)
    for members in families.values():
        for alike in _runs(members, atoms, ATOMS_TOLERANCE):
            for phase in _runs(alike, atom_volumes, VOLUME_TOLERANCE):
                first[phase] = min(phase)
    return np.unique(first, return_inverse=True)[1].astype(np.int64)


def _runs(members: list[int], values: NDArray[np.float64], tolerance: float) -> list[list[int]]:
    """Split members, sorted by value, where the next value is larger by more than a tolerance."""
    ordered = sorted(members, key=lambda i: float(values[i]))
    runs = [[ordered[0]]]
    for i in ordered[1:]:
        if values[i] > values[runs[-1][-1]] * (1.0 + tolerance):
            runs.append([])
        runs[-1].append(i)
    return runs

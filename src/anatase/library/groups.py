"""Which entries of a library are one phase."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["ENANTIOMORPHS", "group_phases"]

VOLUME_TOLERANCE = 0.05
ATOMS_TOLERANCE = 0.15
# the eleven enantiomorphic pairs (International Tables A, 1.4.2.5): a powder cannot tell them apart
ENANTIOMORPHS = {78: 76, 95: 91, 96: 92, 145: 144, 153: 151, 154: 152, 170: 169, 172: 171, 181: 180, 213: 212, 179: 178}


def group_phases(
    phase_keys: NDArray[np.int64],
    space_group_numbers: NDArray[np.int64],
    atom_volumes: NDArray[np.float64],
    cell_volumes: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return a group number (n,) per entry, counted from 0 in the order of first appearance.

    Entries of one group have the same phase key (proportions of elements, here as a number), the same space
    group up to handedness, cells with about as many atoms (which keeps polytypes apart), and volumes per atom
    that differ by 5 % at most from the next. Volumes (n,) are in Å³.

    Examples
    --------
    >>> key, number = np.array([0, 0, 1]), np.array([152, 154, 152])
    >>> group_phases(key, number, np.array([12.5, 12.6, 12.5]), np.array([112.5, 113.4, 112.5])).tolist()
    [0, 0, 1]
    """
    handless = np.arange(231)
    handless[list(ENANTIOMORPHS)] = list(ENANTIOMORPHS.values())
    family = phase_keys * handless.size + handless[space_group_numbers]
    alike = _runs(family, cell_volumes / atom_volumes, ATOMS_TOLERANCE)
    phase = _runs(alike, atom_volumes, VOLUME_TOLERANCE)
    first = np.full(phase.max(initial=-1) + 1, phase.size)
    np.minimum.at(first, phase, np.arange(phase.size))
    return np.unique(first[phase], return_inverse=True)[1].astype(np.int64)


def _runs(families: NDArray[np.int64], values: NDArray[np.float64], tolerance: float) -> NDArray[np.int64]:
    """Return the number (n,) of each entry's run; one ends where the next larger value differs by the tolerance."""
    order = np.lexsort((values, families))
    family, value = families[order], values[order]
    starts = np.ones(order.size, dtype=np.bool_)
    starts[1:] = (family[1:] != family[:-1]) | (value[1:] > value[:-1] * (1.0 + tolerance))
    numbers = np.empty(order.size, dtype=np.int64)
    numbers[order] = np.cumsum(starts) - 1
    return numbers

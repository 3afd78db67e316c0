"""The cell of a phase in one histogram of several: strained, or at another temperature than in the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from anatase.crystal.free_cell import free_cell_parameters
from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Structure

__all__ = ["PREFIX", "strain_names", "strained_structure"]

PREFIX = "lattice_strain_"


def strain_names(structure: Structure) -> tuple[str, ...]:
    """Return the names of the strains (c): ``lattice_strain_a`` … for each free parameter of the cell.

    Examples
    --------
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> strain_names(Structure(Lattice(4.6, 4.6, 3.0), SpaceGroup.from_number(136), ()))
    ('lattice_strain_a', 'lattice_strain_c')
    """
    return tuple([f"{PREFIX}{name}" for name in free_cell_parameters(structure.lattice, structure.space_group)[0]])


def strained_structure(structure: Structure, strain: Sequence[float]) -> Structure:
    """Return the structure with each free parameter p of its cell at p (1 + e), and what symmetry ties to it.

    ``strain`` holds e of each (c,), dimensionless; fractional coordinates stay. Empty: no strain.

    Raises
    ------
    PhysicsError
        When the cell collapses.
    """
    if not any(strain):
        return structure
    _, rates = free_cell_parameters(structure.lattice, structure.space_group)
    cell = np.array(structure.lattice.parameters)
    own = cell[np.argmax(rates != 0.0, axis=1)]
    return replace(structure, lattice=Lattice(*(cell + (own * np.array(strain)) @ rates)))

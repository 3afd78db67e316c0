"""The structure in a SHELX .ins or .res file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.displacement import equivalent_u_iso
from anatase.crystal.orbit import cell_content
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.errors import InputError
from anatase.io.shelx_code import RIDING_U, decoded
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.io.shelx_instructions import ShelxInstructions

__all__ = ["moved_onto_special_positions", "read_shelx", "shelx_structure"]

Array = NDArray[np.float64]


def read_shelx(path: Path) -> list[Structure]:
    """Read the structure in a SHELX .ins or .res file, as a list of one.

    Raises
    ------
    InputError
        When the file cannot be read as instructions, or has no atoms.
    """
    instructions = read_shelx_instructions(path)
    if not instructions.atoms:
        raise InputError("the file has no atoms", "solve the structure first", file=path)
    return [shelx_structure(instructions)]


def moved_onto_special_positions(instructions: ShelxInstructions, xyz: Array) -> Array:
    """Return positions (s, 3), those within SPEC of a special position moved onto it.

    An atom as far as that from a symmetry element is twice as far from its image. Atoms of negative parts stay.
    """
    moved = xyz.copy()
    metric, group = instructions.lattice.metric, instructions.space_group
    for index, atom in enumerate(instructions.atoms):
        if atom.part >= 0 and atom.special > 0.0:
            content = cell_content(metric, group.rotations, group.translations, xyz[index], 2.0 * atom.special)
            moved[index] = content.xyz[0]
    return moved


def shelx_structure(instructions: ShelxInstructions) -> Structure:
    """Return the structure that instructions describe; every atom is a site of its own.

    The sof of SHELX is the occupancy times the multiplicity of the site over that of the general position.
    """
    lattice, group, variables = instructions.lattice, instructions.space_group, instructions.variables

    def value(coded: float) -> float:
        return decoded(coded, len(variables)).value(variables)

    xyz = np.array([[value(number) for number in atom.xyz] for atom in instructions.atoms]).reshape(-1, 3)
    xyz = moved_onto_special_positions(instructions, xyz)
    sites, last = list[Site](), 0.05
    for atom, (x, y, z) in zip(instructions.atoms, xyz.tolist(), strict=True):
        content = cell_content(lattice.metric, group.rotations, group.translations, np.array([x, y, z]), 0.01)
        multiplicity = int(content.multiplicities[0])
        occupancy = value(atom.sof) * group.order / multiplicity
        species = (Species(instructions.scatterers[atom.scatterer - 1].element, round(occupancy, 10)),)
        u11, *rest = (value(number) for number in atom.u)
        if rest:
            tensor = (u11, rest[0], rest[1], rest[4], rest[3], rest[2])
            u_iso = last = equivalent_u_iso(tensor, lattice)
            sites.append(Site(atom.label, species, (x, y, z), u_iso, tensor, multiplicity))
            continue
        if RIDING_U[0] < atom.u[0] < RIDING_U[1]:
            u11 *= -last
        else:
            last = u11
        sites.append(Site(atom.label, species, (x, y, z), u11, None, multiplicity))
    origin = Origin("SHELX", Path(instructions.name).stem)
    return Structure(lattice, group, tuple(sites), instructions.title, origin, instructions.warnings)

"""SAME: two groups of atoms of equal bonds and angles, as equal distances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from anatase.errors import InputError
from anatase.io.shelx_instructions import ShelxInstructions, ShelxRestraint
from anatase.refine.single_crystal.atoms import CrystalAtoms
from anatase.refine.single_crystal.bonds import BondedAtom
from anatase.refine.single_crystal.restrained_atoms import restrained_atoms

__all__ = ["with_equal_distances"]

Bonds = tuple[tuple[BondedAtom, ...], ...]


def with_equal_distances(instructions: ShelxInstructions, atoms: CrystalAtoms, bonds: Bonds) -> ShelxInstructions:
    """Return instructions in which every SAME is spelt out as SADI of its 1,2 and 1,3 distances.

    SAME s1 s2 names atoms that the same number of atoms after it resemble, hydrogen left out (SHELXL manual). Which of
    the distances are 1,2 and 1,3 follows from the bonds of the atoms named.

    Raises
    ------
    InputError
        When fewer atoms follow than are named.
    """
    spelt: list[ShelxRestraint] = []
    for one in instructions.restraints:
        if one.kind == "SAME":
            spelt += _equal_distances(one, instructions, atoms, bonds)
        else:
            spelt.append(one)
    return replace(instructions, restraints=tuple(spelt))


def _equal_distances(
    one: ShelxRestraint, instructions: ShelxInstructions, atoms: CrystalAtoms, bonds: Bonds
) -> list[ShelxRestraint]:
    near = one.numbers[0] if one.numbers else instructions.default_su[0]
    far = one.numbers[1] if len(one.numbers) > 1 else 2.0 * near
    listed = instructions.atoms
    after = [i for i, atom in enumerate(listed) if atom.line > one.line and atoms.elements[i] not in ("H", "D")]
    found: list[ShelxRestraint] = []
    for named in restrained_atoms(one, instructions):
        model = [atom.index for atom in named if atom.in_place and atoms.elements[atom.index] not in ("H", "D")]
        if len(after) < len(model):
            told = f"SAME names {len(model)} atoms, and {len(after)} follow it"
            remedy = "put it before the atoms that resemble them"
            raise InputError(told, remedy, file=instructions.name, line=one.line)
        copy = after[: len(model)]
        if copy != model:
            for i, k, bonded in _pairs(model, bonds):
                labels = (atoms.labels[j].upper() for j in (model[i], model[k], copy[i], copy[k]))
                found.append(ShelxRestraint("SADI", (near if bonded else far,), tuple(labels), "", one.line))
    return found


def _pairs(model: list[int], bonds: Bonds) -> Iterator[tuple[int, int, bool]]:
    """Yield the 1,2 (true) and 1,3 (false) pairs of a list of atoms by their places in it."""
    near = [{one.index for one in bonds[i]} for i in model]
    inside = set(model)
    for i, k in combinations(range(len(model)), 2):
        if model[k] in near[i]:
            yield i, k, True
        elif near[i] & near[k] & inside:
            yield i, k, False

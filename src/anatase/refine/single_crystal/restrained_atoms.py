"""Names of atoms as SHELX restraints and constraints write them, and which atoms they mean."""

from __future__ import annotations

from dataclasses import dataclass

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.io.shelx_instructions import ShelxInstructions, ShelxRestraint

__all__ = ["RestrainedAtom", "restrained_atoms"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class RestrainedAtom:
    """An atom by its number, and the operation (R, t) of EQIV that moves it."""

    index: int
    rotation: Array
    shift: Array

    @property
    def in_place(self) -> bool:
        """Whether it stands where the file lists it."""
        return bool(np.array_equal(self.rotation, np.eye(3)) and not self.shift.any())


def restrained_atoms(restraint: ShelxRestraint, instructions: ShelxInstructions) -> list[list[RestrainedAtom]]:
    """Return the atoms that a restraint names, one list for each residue that it holds for.

    ``C1``, ``C1_2`` (residue 2), ``C1_$1`` (moved by EQIV $1), ``$C`` (all of an element), ``C1 > C6`` and ``C6 < C1``
    (all but hydrogen from one to the other), ``LAST``. Without names: all atoms but hydrogen.

    Raises
    ------
    InputError
        When there is no such atom or no such operation.
    """
    found = []
    for residue in _residues(restraint, instructions):
        names = _expanded(restraint, instructions, residue)
        found.append([one for name in names for one in _named(name, restraint, instructions, residue)])
    return found


def _residues(restraint: ShelxRestraint, instructions: ShelxInstructions) -> list[int]:
    wanted = restraint.residue.upper()
    if not wanted or wanted.startswith("$"):
        return [0]
    if wanted.isdigit():
        return [int(wanted)]
    found = dict.fromkeys(atom.residue for atom in instructions.atoms if wanted == "*" or atom.residue_class == wanted)
    return list(found) or [0]


def _light(index: int, instructions: ShelxInstructions) -> bool:
    return instructions.scatterers[instructions.atoms[index].scatterer - 1].element in ("H", "D")


def _expanded(restraint: ShelxRestraint, instructions: ShelxInstructions, residue: int) -> list[str]:
    """Return single names in place of ranges, elements and nothing at all."""
    labels = [atom.label.upper() for atom in instructions.atoms]
    if not restraint.atoms:
        return [label for i, label in enumerate(labels) if not _light(i, instructions)]
    names: list[str] = []
    words = list(restraint.atoms)
    while words:
        word = words.pop(0)
        if word in (">", "<") and names and words:
            start = _place(names[-1], restraint, instructions, residue)
            end = len(labels) - 1 if words[0] == "LAST" else _place(words[0], restraint, instructions, residue)
            words.pop(0)
            between = range(start + 1, end + 1) if word == ">" else range(start - 1, end - 1, -1)
            names += [labels[i] for i in between if not _light(i, instructions)]
        elif word.startswith("$"):
            names += _of_element(word[1:].capitalize(), instructions, residue)
        elif word == "LAST":
            names.append(labels[-1])
        else:
            names.append(word)
    return names


def _of_element(element: str, instructions: ShelxInstructions, residue: int) -> list[str]:
    return [
        atom.label.upper()
        for atom in instructions.atoms
        if instructions.scatterers[atom.scatterer - 1].element == element and (not residue or atom.residue == residue)
    ]


def _place(name: str, restraint: ShelxRestraint, instructions: ShelxInstructions, residue: int) -> int:
    return _named(name, restraint, instructions, residue)[0].index


def _named(name: str, restraint: ShelxRestraint, instructions: ShelxInstructions, residue: int) -> list[RestrainedAtom]:
    base, _, tail = name.partition("_")
    operation = gemmi.Op("x,y,z")
    if "$" in tail:
        tail, _, number = tail.partition("$")
        triplet = instructions.equivalents.get(f"${number}")
        if triplet is None:
            raise InputError(
                f"{restraint.kind} names {name}, and there is no EQIV ${number}", "add it",
                file=instructions.name, line=restraint.line,
            )  # fmt: skip
        operation = gemmi.Op(triplet)
    own = f"{base}_{tail}" if tail and tail != "*" else f"{base}_{residue}" if residue else base
    found = [i for i, atom in enumerate(instructions.atoms) if atom.label.upper() == own]
    if not found and tail and not tail.isdigit():  # a class of residues, or all of them
        found = [
            i for i, atom in enumerate(instructions.atoms)
            if atom.label.upper().partition("_")[0] == base and tail in ("*", atom.residue_class)
        ]  # fmt: skip
    found = found or [i for i, atom in enumerate(instructions.atoms) if atom.label.upper() == name]
    if not found:
        raise InputError(
            f"{restraint.kind} names {name}, and there is no such atom", "correct the name",
            file=instructions.name, line=restraint.line,
        )  # fmt: skip
    rotation = np.array(operation.rot, dtype=float) / gemmi.Op.DEN
    shift = np.array(operation.tran, dtype=float) / gemmi.Op.DEN
    return [RestrainedAtom(index, rotation, shift) for index in found]

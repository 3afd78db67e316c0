"""Atoms, scattering factors and restraints as SHELX instruction lines write them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import isfinite

import gemmi

from anatase.errors import InputError
from anatase.io.shelx_instructions import Nine, ShelxAtom, ShelxRestraint, ShelxScatterer, Three

__all__ = ["atom_of_words", "element_of_label", "restraint_of_words", "scatterers_of_words"]

LARGEST_DISTANCE = 15.0  # numbers before the atoms of a restraint; more than that no distance or s.u. is
EXPLICIT = 14  # a1 b1 … a4 b4 c f′ f″ μ r weight


def element_of_label(label: str) -> str:
    """Return the element that a label of SFAC or DISP begins with, or nothing: ``$C``, ``CU2+``, ``O1``."""
    letters = re.match(r"\$?([A-Za-z]{1,2})", label)
    for length in (2, 1):
        name = letters.group(1)[:length].capitalize() if letters else ""
        if len(name) == length and gemmi.Element(name).atomic_number > 0:
            return name
    return ""


def numbers_of(words: Sequence[str]) -> tuple[float, ...]:
    """Return words as numbers.

    Raises
    ------
    InputError
        When one is none.
    """
    values = []
    for word in words:
        try:
            values.append(float(word))
        except ValueError as error:
            raise InputError(f"'{word}' stands where a number is due", "write it as in 0.25") from error
        if not isfinite(values[-1]):
            raise InputError(f"{word} is no finite number", "write it as in 0.25")
    return tuple(values)


def scatterers_of_words(words: Sequence[str]) -> list[ShelxScatterer]:
    """Return the entries of one SFAC instruction: elements, or one with the numbers of its form factor.

    Raises
    ------
    InputError
        When an element is unknown or the numbers are not 14.
    """
    if len(words) > 2 and _is_number(words[1]):
        values = numbers_of(words[1:])
        if len(values) not in (EXPLICIT, EXPLICIT - 1, EXPLICIT - 3):
            raise InputError(f"{len(values)} numbers for the scatterer {words[0]}", "give a1 b1 ... c f' f'' mu r wt")
        nine: Nine = values[:9]  # type: ignore[assignment]
        return [ShelxScatterer(words[0].lstrip("$"), element_of_label(words[0]), nine, (values[9], values[10]))]
    found = []
    for word in words:
        element = element_of_label(word)
        if not element:
            raise InputError(f"'{word}' is no chemical element", "give an element symbol, as in 'Ti'")
        found.append(ShelxScatterer(word.lstrip("$"), element))
    return found


def atom_of_words(
    words: Sequence[str],
    *,
    scatterers: int,
    residue: tuple[int, str],
    part: tuple[int, float],
    afix: tuple[int, float, float, float],
    special: float,
    line: int,
) -> ShelxAtom:
    """Return the atom of a line ``name sfac x y z [sof [U …]]``.

    ``residue`` is number and class, ``part`` number and sof (0: the atom's own), ``afix`` mn, distance, sof and U.

    Raises
    ------
    InputError
        When numbers are missing, or the scatterer is not on SFAC.
    """
    name, values = words[0], numbers_of(words[1:])
    if len(values) < 4 or values[0] != int(values[0]):
        raise InputError(f"'{name}' is neither an instruction nor an atom", "write an atom as 'C1 1 x y z 11 U'")
    scatterer = int(values[0])
    if not 1 <= scatterer <= scatterers:
        raise InputError(f"atom {name} is of scatterer {scatterer}, and SFAC has {scatterers}", "correct its number")
    if len(values) not in (4, 5, 6, 7, 11):
        raise InputError(f"atom {name} has {len(values) - 5} displacement parameters", "give U_iso or six U")
    sof = values[4] if len(values) > 4 else 11.0
    sof = part[1] or afix[2] or sof
    u = values[5:6] if len(values) in (6, 7) else values[5:] or (0.05,)
    if afix[3] and len(u) == 1:
        u = (afix[3],)
    label = f"{name}_{residue[0]}" if residue[0] else name
    xyz: Three = values[1:4]  # type: ignore[assignment]
    return ShelxAtom(label, scatterer, xyz, sof, u, part[0], int(afix[0]), afix[1], residue[1], special, line)


def restraint_of_words(words: Sequence[str], line: int) -> ShelxRestraint:
    """Return a restraint: its keyword (with ``_residue``), then numbers, then names of atoms (``>`` for a range)."""
    kind, _, residue = words[0].partition("_")
    numbers, atoms = [], list[str]()
    for word in words[1:]:
        if not atoms and _is_number(word) and abs(float(word)) < LARGEST_DISTANCE * 10.0:
            numbers.append(float(word))
        else:
            atoms.append(word.upper())
    return ShelxRestraint(kind.upper()[:4], tuple(numbers), tuple(atoms), residue, line)


def _is_number(word: str) -> bool:
    try:
        return isfinite(float(word))
    except ValueError:
        return False

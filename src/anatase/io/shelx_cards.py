"""The instructions of a SHELX file, one by one: what each puts in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gemmi
import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.errors import InputError
from anatase.io.shelx_atoms import element_of_label, numbers_of, scatterers_of_words
from anatase.io.shelx_instructions import (
    UNIT_MATRIX,
    Nine,
    ShelxAtom,
    ShelxInstructions,
    ShelxReflectionFile,
    ShelxRestraint,
    ShelxScatterer,
    ShelxTwin,
)
from anatase.io.source import Source

__all__ = ["INSTRUCTIONS", "Reading"]

Words = tuple[str, ...]
LARGEST_ENTRY = 50.0  # of a matrix on hkl
VOLUME_CHANGE = 0.1  # of the cell by a twin law, which pseudo-symmetry may round to


@dataclass
class Reading:
    """What has been read so far, and what is in force for the atoms that follow."""

    source: Source
    values: dict[str, Any] = field(default_factory=dict)
    atoms: list[ShelxAtom] = field(default_factory=list)
    scatterers: list[ShelxScatterer] = field(default_factory=list)
    dispersion: dict[str, tuple[float, float]] = field(default_factory=dict)
    variables: list[float] = field(default_factory=list)
    fractions: list[float] = field(default_factory=list)
    symm: list[str] = field(default_factory=list)
    restraints: list[ShelxRestraint] = field(default_factory=list)
    equivalents: dict[str, str] = field(default_factory=dict)
    omitted: list[tuple[int, int, int]] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    latt: int = 1
    residue: tuple[int, str] = (0, "")
    part: tuple[int, float] = (0, 0.0)
    afix: tuple[int, float, float, float] = (0, 0.0, 0.0, 0.0)
    special: float = 0.2
    anisotropic: int = 0
    made_anisotropic: set[int] = field(default_factory=set)
    named_anisotropic: set[str] = field(default_factory=set)
    move: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 1.0)


def _cell(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:])
    if len(values) != 7 or not values[0] > 0.0:
        raise InputError(f"CELL has {len(values)} numbers", "give wavelength, a, b, c, alpha, beta, gamma")
    reading.values["wavelength"], reading.values["lattice"] = values[0], Lattice(*values[1:])


def _zerr(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:])
    if values:
        reading.values["formula_units"] = values[0]
        reading.values["cell_su"] = (*values[1:7], *(0.0,) * (7 - len(values)))


def _latt(words: Words, reading: Reading) -> None:
    reading.latt = int(numbers_of(words[1:2])[0]) if words[1:] else 1


def _symm(words: Words, reading: Reading) -> None:
    reading.symm.append("".join(words[1:]))


def _sfac(words: Words, reading: Reading) -> None:
    reading.scatterers += scatterers_of_words(words[1:])


def _disp(words: Words, reading: Reading) -> None:
    values = numbers_of(words[2:])
    if len(words) < 3:
        raise InputError("DISP names no element or gives no f'", "write it as in 'DISP Fe 0.3463 0.8444'")
    label = words[1].lstrip("$").upper()
    known = {one.label.upper() for one in reading.scatterers} | {one.element.upper() for one in reading.scatterers}
    if label not in known and not element_of_label(label):
        raise InputError(f"DISP is for '{words[1]}', which is no element", "name one of SFAC")
    reading.dispersion[label] = (values[0], values[1] if len(values) > 1 else 0.0)


def _weighting(words: Words, reading: Reading) -> None:
    given = numbers_of(words[1:])
    usual = (0.1, 0.0, 0.0, 0.0, 0.0, 1.0 / 3.0)
    six = (*given, *usual[len(given) :])[:6]
    # .33333 is how the third is written
    reading.values["weighting"] = (*six[:5], 1.0 / 3.0 if abs(six[5] - 1.0 / 3.0) < 1e-4 else six[5])


def _exti(words: Words, reading: Reading) -> None:
    reading.values["extinction"] = numbers_of(words[1:2])[0] if words[1:] else 0.0


def _twin(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:])
    matrix: Nine = values[:9] if len(values) >= 9 else ShelxTwin().matrix  # type: ignore[assignment]
    rest = values[9:] if len(values) >= 9 else values
    if len(rest) > 1:
        raise InputError(f"TWIN has {len(values)} numbers", "give nine of the matrix and the number of domains")
    if max(abs(entry) for entry in matrix) > LARGEST_ENTRY:
        raise InputError("the matrix of TWIN is no rotation of a lattice", "correct its nine numbers")
    determinant = float(np.linalg.det(np.array(matrix).reshape(3, 3)))
    if abs(abs(determinant) - 1.0) > VOLUME_CHANGE:
        raise InputError(
            f"the matrix of TWIN has the determinant {determinant:.3g}", "give a rotation or inversion of the lattice"
        )
    reading.values["twin"] = ShelxTwin(matrix, int(rest[0]) if rest else 2)


def _hklf(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:])
    kind = int(values[0]) if values else 4
    if kind not in (4, 5):
        raise InputError(f"HKLF {kind} is not read", "give F squared as HKLF 4, or 5 for overlapped twins")
    matrix: Nine = values[2:11] if len(values) >= 11 else UNIT_MATRIX  # type: ignore[assignment]
    weight = values[11] if len(values) > 11 else 1.0
    reading.values["reflections"] = ShelxReflectionFile(kind, values[1] if len(values) > 1 else 1.0, matrix, weight)


def _omit(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:]) if all(_looks_numeric(word) for word in words[1:]) else ()
    if len(values) == 3:
        h, k, l = (round(value) for value in values)
        reading.omitted.append((h, k, l))
    elif values:
        reading.values["omit_sigma"] = values[0]
        reading.values["two_theta_limit"] = values[1] if len(values) > 1 else 180.0
    elif len(words) > 1:
        reading.warnings.append("OMIT of atoms from maps is not applied")


def _looks_numeric(word: str) -> bool:
    return word.lstrip("+-").replace(".", "", 1).isdigit()


def _shel(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:])
    low, high = (*values, *(float("inf"), 0.0)[len(values) :])[:2]
    reading.values["resolution"] = (max(low, high), min(low, high))


def _part(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:])
    reading.part = (int(values[0]) if values else 0, values[1] if len(values) > 1 else 0.0)


def _afix(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:])
    code, *rest = values or (0.0,)
    bond, sof, u = (*rest, 0.0, 0.0, 0.0)[:3]
    if bond >= 10.0:  # AFIX mn sof: without a distance
        bond, sof, u = 0.0, bond, sof
    reading.afix = (int(code), bond, sof, u)


def _resi(words: Words, reading: Reading) -> None:
    number = next((int(word) for word in words[1:] if word.lstrip("-").isdigit()), 0)
    name = next((word.upper() for word in words[1:] if not word.lstrip("-").isdigit()), "")
    reading.residue = (number, name)


def _anis(words: Words, reading: Reading) -> None:
    if len(words) == 1:
        reading.anisotropic = -1
    elif words[1].isdigit():
        reading.anisotropic = int(words[1])
    else:
        reading.named_anisotropic |= {word.upper() for word in words[1:]}


def _move(words: Words, reading: Reading) -> None:
    values = (*numbers_of(words[1:]), 0.0, 0.0, 0.0, 1.0)
    shift = numbers_of(words[1:])
    reading.move = (values[0], values[1], values[2], shift[3] if len(shift) > 3 else 1.0)


def _eqiv(words: Words, reading: Reading) -> None:
    if len(words) < 3 or not words[1].startswith("$"):
        raise InputError("EQIV names no operation", "write it as in 'EQIV $1 -x, y, -z+1/2'")
    triplet = "".join(words[2:]).lower()
    try:
        gemmi.Op(triplet)
    except (RuntimeError, ValueError) as error:
        raise InputError(f"'{triplet}' is no symmetry operation", "write it as in '-x, y, -z+1/2'") from error
    reading.equivalents[words[1]] = triplet


def _free(words: Words, reading: Reading) -> None:
    if len(words) == 3:
        reading.removed.append((words[1].upper(), words[2].upper()))


def _defs(words: Words, reading: Reading) -> None:
    values = numbers_of(words[1:])
    reading.values["default_su"] = (*values[:4], *ShelxInstructions.default_su[len(values[:4]) :])


def _cycles(words: Words, reading: Reading) -> None:
    reading.values["cycles"] = int(numbers_of(words[1:2])[0]) if words[1:] else 0


def _first_number(name: str, kind: type[int] | type[float], default: float) -> Callable[[Words, Reading], None]:
    def take(words: Words, reading: Reading) -> None:
        reading.values[name] = kind(numbers_of(words[1:2])[0]) if words[1:] else kind(default)

    return take


def _special(words: Words, reading: Reading) -> None:
    reading.special = numbers_of(words[1:2])[0] if words[1:] else 0.2


INSTRUCTIONS: dict[str, Callable[[Words, Reading], None]] = {
    "TITL": lambda words, reading: reading.values.__setitem__("title", " ".join(words[1:])),
    "CELL": _cell,
    "ZERR": _zerr,
    "LATT": _latt,
    "SYMM": _symm,
    "SFAC": _sfac,
    "DISP": _disp,
    "UNIT": lambda words, reading: reading.values.__setitem__("content", numbers_of(words[1:])),
    "FVAR": lambda words, reading: reading.variables.extend(numbers_of(words[1:])),
    "BASF": lambda words, reading: reading.fractions.extend(numbers_of(words[1:])),
    "WGHT": _weighting,
    "EXTI": _exti,
    "TWIN": _twin,
    "HKLF": _hklf,
    "MERG": _first_number("merge", int, 2),
    "TEMP": _first_number("temperature", float, 20.0),
    "NEUT": lambda words, reading: reading.values.__setitem__("neutrons", True),
    "OMIT": _omit,
    "SHEL": _shel,
    "PART": _part,
    "AFIX": _afix,
    "RESI": _resi,
    "ANIS": _anis,
    "MOVE": _move,
    "EQIV": _eqiv,
    "FREE": _free,
    "DEFS": _defs,
    "SPEC": _special,
    "L.S.": _cycles,
    "CGLS": _cycles,
}

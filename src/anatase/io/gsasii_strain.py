"""Strains of GSAS-II projects: Stephens' terms of a phase, and its cell in one histogram."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from anatase.crystal.free_cell import free_cell_parameters
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.io.gsasii_phases import ProjectPhase
from anatase.pattern.stephens import QUARTIC, stephens_terms

__all__ = ["MILLIONTH", "cell_strain_of_gsasii", "stephens_of_gsasii"]

MILLIONTH = 1e-6
# coefficients (i, j) of 1/d² that each D of GSAS-II multiplies, by Laue class; others have one for each coefficient
DIAGONAL = (((0, 0),), ((1, 1),), ((2, 2),))
OBLIQUE = {"a": (((1, 2),),), "b": (((0, 2),),), "c": (((0, 1),),)}
ALL_OBLIQUE = (((0, 1),), ((0, 2),), ((1, 2),))
HEXAGONAL = (((0, 0), (1, 1), (0, 1)), ((2, 2),))
TETRAGONAL = (((0, 0), (1, 1)), ((2, 2),))
ALIKE = ((0, 0), (1, 1), (2, 2))
RHOMBOHEDRAL = (ALIKE, ((0, 1), (0, 2), (1, 2)))
CELL_SHAPES = {
    "m3": (ALIKE,), "m3m": (ALIKE,), "mmm": DIAGONAL, "3R": RHOMBOHEDRAL, "3mR": RHOMBOHEDRAL,
    **dict.fromkeys(("6/m", "6/mmm", "3m1", "31m", "3"), HEXAGONAL), **dict.fromkeys(("4/m", "4/mmm"), TETRAGONAL),
}  # fmt: skip
# names of Stephens' terms in GSAS-II by Laue class, in its order; 2/m adds those of its unique axis
NAMES: dict[str, tuple[str, ...]] = {
    "m3": ("S400", "S220"), "m3m": ("S400", "S220"),
    "6/m": ("S400", "S004", "S202"), "6/mmm": ("S400", "S004", "S202"), "3m1": ("S400", "S004", "S202"),
    "31m": ("S400", "S004", "S202", "S211"), "3": ("S400", "S004", "S202", "S211"),
    "3R": ("S400", "S220", "S310", "S211"), "3mR": ("S400", "S220", "S310", "S211"),
    "4/m": ("S400", "S004", "S220", "S022"), "4/mmm": ("S400", "S004", "S220", "S022"),
}  # fmt: skip
ORTHORHOMBIC = ("S400", "S040", "S004", "S220", "S202", "S022")
MONOCLINIC = {"a": ("S013", "S031", "S211"), "b": ("S301", "S103", "S121"), "c": ("S130", "S310", "S112")}
TRICLINIC = ("S310", "S103", "S031", "S130", "S301", "S013", "S211", "S121", "S112")
# of a term with such indices: 3 h²k², 2 h³k, 4 h²kl
TIMES = {(4,): 1.0, (2, 2): 3.0, (1, 3): 2.0, (1, 1, 2): 4.0}


def stephens_of_gsasii(group: SpaceGroup, symmetry: Mapping[str, Any], values: list[float]) -> tuple[float, ...] | None:
    """Return S_HKL (Å⁻⁴) here of the terms that GSAS-II lists for a space group, ``None`` where they do not agree.

    GSAS-II multiplies h²k² by 3, h³k by 2 and h²kl by 4 (Stephens (1999) J. Appl. Cryst. 32, 281) and counts in
    millionths, of which the square enters.
    """
    laue = str(symmetry.get("SGLaue", ""))
    if laue in NAMES:
        names = NAMES[laue]
    elif laue in ("mmm", "2/m"):
        names = (*ORTHORHOMBIC, *(MONOCLINIC.get(str(symmetry.get("SGUniq", "b")), ()) if laue == "2/m" else ()))
    else:
        names = (*ORTHORHOMBIC, *TRICLINIC)
    forms = stephens_terms(group)
    if not len(names) == len(values) == len(forms):
        return None
    exponents = [tuple(int(digit) for digit in name[1:]) for name in names]
    matrix = np.array([[form[QUARTIC.index(one)] for form in forms] for one in exponents])
    times = [TIMES[tuple(sorted(n for n in one if n))] for one in exponents]
    if np.linalg.matrix_rank(matrix) < len(forms):
        return None
    solved = np.linalg.solve(matrix, np.array(times) * np.array(values)) * MILLIONTH**2
    return tuple(float(value) for value in solved)


def cell_strain_of_gsasii(phase: ProjectPhase, data: Any, warnings: list[str]) -> tuple[tuple[float, ...], list[str]]:
    """Return the strain of each free parameter of the cell, and the names of the free ones.

    GSAS-II adds D_ij to the coefficients of 1/d² = A_0 h² + A_1 k² + A_2 l² + A_3 hk + A_4 hl + A_5 kl, one for each
    that the Laue class leaves free, and a last one of another kind in cubic crystals.
    """
    values, flags = [float(value) for value in data[0]], [bool(flag) for flag in data[1]]
    if not any(values) and not any(flags):
        return (), []
    laue, unique = str(phase.symmetry.get("SGLaue", "")), str(phase.symmetry.get("SGUniq", "b"))
    shapes = CELL_SHAPES.get(laue) or (*DIAGONAL, *(OBLIQUE[unique] if laue == "2/m" else ALL_OBLIQUE))
    if any(values[len(shapes) :]) or any(flags[len(shapes) :]):
        warnings.append("the cubic strain eA is not taken over")
    structure = phase.structure
    metric = structure.lattice.reciprocal_metric.copy()
    for value, shape in zip(values, shapes, strict=False):
        for i, j in shape:
            metric[i, j] += value / (1.0 if i == j else 2.0)
            metric[j, i] = metric[i, j]
    strained = np.array(Lattice.from_metric(np.linalg.inv(metric)).parameters)
    names, rates = free_cell_parameters(structure.lattice, structure.space_group)
    which = np.argmax(np.asarray(rates) != 0.0, axis=1)
    changes = strained[which] / np.array(structure.lattice.parameters)[which] - 1.0
    free = [f"lattice_strain_{name}" for name in names] if any(flags[: len(shapes)]) else []
    return tuple(float(change) for change in changes), free

"""Phases of a GSAS-II project: cell, space group, atoms, and which of their parameters are refined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import gemmi
import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Structure
from anatase.errors import InputError
from anatase.io.gsasii_tree import reading
from anatase.io.listed_atoms import ListedAtom, listed_species, sites_of_atoms, spelled_group
from anatase.io.plain_names import plain_name
from anatase.io.source import Source
from anatase.io.tied_parameters import structure_parameters

__all__ = ["ATOM_TERMS", "ProjectPhase", "phase_of_project"]

# GSAS-II's names of atomic parameters, and ours; coordinates are refined as shifts
ATOM_TERMS = {
    "dAx": "x", "dAy": "y", "dAz": "z", "Ax": "x", "Ay": "y", "Az": "z", "AUiso": "u_iso",
    **{f"AU{ij}": f"u{ij}" for ij in ("11", "22", "33", "12", "13", "23")},
}  # fmt: skip
TENSOR = ("u11", "u22", "u33", "u12", "u13", "u23")
CELL = ("a", "b", "c", "alpha", "beta", "gamma")


@dataclass(frozen=True)
class ProjectPhase:
    """A phase: its random identifier, name here, structure, site and element of each atom by identifier, what is free.

    ``parts`` hold what the project says of it in each histogram, by the histogram's name there, ``symmetry`` how it
    describes the space group.
    """

    identifier: Any
    name: str
    structure: Structure
    places: dict[Any, tuple[str, str]]
    free: frozenset[str]
    parts: Mapping[str, Any]
    symmetry: Mapping[str, Any]
    pawley: bool
    warnings: tuple[str, ...] = ()

    def parameter(self, atom: Any, variable: str) -> str | None:
        """Return the name here of an atom's ``dAx``, ``AUiso`` or ``Afrac``, ``None`` where there is none."""
        if atom not in self.places:
            return None
        site, element = self.places[atom]
        term = f"{element}.occupancy" if variable == "Afrac" else ATOM_TERMS.get(variable)
        return None if term is None else f"{self.name}.{site}.{term}"


def phase_of_project(source: Source, title: str, data: Any, taken: set[str]) -> ProjectPhase:
    """Return a phase of a project from its data there.

    Raises
    ------
    InputError
        When its data have another shape than GSAS-II gives them.
    """
    with reading(source, f"phase '{title}'"):
        general = data["General"]
        refined, *cell = general["Cell"][:7]
        lattice = Lattice(*(float(value) for value in cell))
        group = _space_group(general["SGData"])
        rows = _atom_rows(general, data.get("Atoms", []))
        listed = {key: _atom(source, row) for key, row in rows.items()}
        sites, places = sites_of_atoms(list(listed.values()), lattice, group)
        structure = Structure(lattice, group, sites, title, Origin("GSAS-II", source.name))
        name = plain_name(title, "phase", taken)
        located = dict(zip(listed, places, strict=True))
        pawley, parts = bool(general.get("doPawley", False)), data.get("Histograms", {})
        none: frozenset[str] = frozenset()
        phase = ProjectPhase(
            data.get("ranId"), name, structure, located, none, parts, general["SGData"], pawley,
            _told(name, general, data),
        )  # fmt: skip
        return replace(phase, free=_free(phase, rows, bool(refined)))


def _told(name: str, general: Any, data: Any) -> tuple[str, ...]:
    """Return what of a phase is not taken over."""
    warnings = []
    if general.get("Type") not in ("nuclear", "macromolecular"):
        warnings.append(f"phase {name} is {general.get('Type')}: its atoms alone are taken over")
    if any(models for models in (data.get("RBModels") or {}).values()):
        warnings.append(f"the rigid bodies of {name} are taken over as atoms")
    isotopes = [f"{e}-{i}" for e, i in (general.get("Isotope") or {}).items() if i != "Nat. Abund."]
    if isotopes:
        warnings.append(f"isotopes of {name} are not taken over: {', '.join(isotopes)}")
    return tuple(warnings)


def _space_group(data: Any) -> SpaceGroup:
    """Return the group of the operations that GSAS-II lists, or of its symbol where they are missing."""
    if "SGOps" not in data:
        return spelled_group(str(data["SpGrp"]))
    signs = (1, -1) if data.get("SGInv") else (1,)
    triplets = set()
    for operation in data["SGOps"]:
        for centre in data.get("SGCen", [[0.0, 0.0, 0.0]]):
            for sign in signs:
                op = gemmi.Op()
                op.rot = (sign * gemmi.Op.DEN * np.rint(np.asarray(operation[0], dtype=float)).astype(int)).tolist()
                shift = sign * np.asarray(operation[1], dtype=float) + np.asarray(centre, dtype=float)
                op.tran = np.rint(gemmi.Op.DEN * shift).astype(int).tolist()
                triplets.add(op.wrap().triplet())
    if "x,y,z" not in triplets:
        raise InputError("the operations of the space group lack the identity", "save the project again")
    return SpaceGroup.from_operations(sorted(triplets))


def _atom_rows(general: Any, atoms: Any) -> dict[Any, dict[str, Any]]:
    """Return what the rows of the list of atoms hold, by the atom's identifier."""
    cx, ct, cs, cia = general["AtomPtrs"]
    rows = {}
    for number, row in enumerate(atoms):
        key = row[cia + 8] if len(row) > cia + 8 else number
        rows[key] = {
            "label": str(row[ct - 1]),
            "type": str(row[ct]),
            "flags": str(row[ct + 1]),
            "xyz": tuple(float(value) for value in row[cx : cx + 3]),
            "occupancy": float(row[cx + 3]),
            "aniso": row[cia] == "A",
            "u_iso": float(row[cia + 1]),
            "u": tuple(float(value) for value in row[cia + 2 : cia + 8]),
            "site": str(row[cs]),
        }
    return rows


def _atom(source: Source, row: Mapping[str, Any]) -> ListedAtom:
    species = listed_species(row["type"], row["occupancy"])
    if species is None:
        raise source.error(f"'{row['type']}' is no atom type", "give an element or an ion, as Fe+3")
    displacement = row["u"] if row["aniso"] else (row["u_iso"],)
    if len(row["xyz"]) != 3 or not np.all(np.isfinite([*row["xyz"], row["occupancy"], *displacement])):
        raise source.error(f"atom '{row['label']}' lacks a finite coordinate, occupancy or U", "correct the atom there")
    if row["aniso"]:
        return ListedAtom(row["label"], species, row["xyz"], u_aniso=row["u"])
    return ListedAtom(row["label"], species, row["xyz"], u_iso=row["u_iso"])


def _free(phase: ProjectPhase, rows: Mapping[Any, Mapping[str, Any]], cell: bool) -> frozenset[str]:
    """Return what is flagged as refined and symmetry leaves free."""
    wanted = {f"{phase.name}.{axis}" for axis in CELL} if cell else set()
    for key, row in rows.items():
        site, element = phase.places[key]
        terms = [*("xyz" if "X" in row["flags"] else "")]
        if "F" in row["flags"]:
            terms.append(f"{element}.occupancy")
        if "U" in row["flags"]:
            terms += TENSOR if row["aniso"] else ("u_iso",)
        wanted |= {f"{phase.name}.{site}.{term}" for term in terms}
    return frozenset(wanted & structure_parameters(phase.name, phase.structure))

"""The parameters of a structure by name: free cell parameters, coordinates, displacements, occupancies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from anatase.crystal.free_cell import free_cell_parameters
from anatase.crystal.lattice import Lattice
from anatase.crystal.site_freedom import TENSOR, site_freedom
from anatase.crystal.structure import Site, Structure
from anatase.errors import InputError

__all__ = ["structure_values", "with_structure_values"]

Values = Mapping[str, float]


def structure_values(structure: Structure) -> dict[str, float]:
    """Return the free parameters of a structure: cell (Å, degrees), ``Ti1.x``, ``Ti1.u_iso``, ``Ti1.Ti.occupancy``."""
    names, rates = free_cell_parameters(structure.lattice, structure.space_group)
    cell = np.array(structure.lattice.parameters)
    values = {name: float(cell[int(np.argmax(row != 0.0))]) for name, row in zip(names, rates, strict=True)}
    for index, site in enumerate(structure.sites):
        free = site_freedom(structure, index)
        values.update({f"{site.label}.{axis}": float(site.xyz["xyz".index(axis)]) for axis in free.axes})
        if site.u_aniso is None:
            values[f"{site.label}.u_iso"] = float(site.u_iso or 0.0)
        else:
            values.update({f"{site.label}.{u}": float(site.u_aniso[TENSOR.index(u)]) for u in free.tensor})
        values.update({f"{site.label}.{one.element}.occupancy": one.occupancy for one in site.species})
    return values


def with_structure_values(structure: Structure, values: Values) -> Structure:
    """Return a structure with new values of some of its free parameters; what symmetry ties to them follows.

    Raises
    ------
    InputError
        When symmetry fixes the parameter, or there is none of that name.
    PhysicsError
        When the cell collapses.
    """
    lattice, atoms = structure.lattice, dict[str, dict[str, float]]()
    names, rates = free_cell_parameters(lattice, structure.space_group)
    cell = np.array(lattice.parameters)
    for name, value in values.items():
        if name in names:
            row = rates[names.index(name)]
            cell += (value - cell[int(np.argmax(row != 0.0))]) * row
        else:
            label, dot, rest = name.partition(".")
            if not dot:
                raise InputError(f"{name} is no free parameter of the cell", f"give one of {', '.join(names)}")
            atoms.setdefault(label, {})[rest] = value
    labels = [site.label for site in structure.sites]
    if missing := [label for label in atoms if label not in labels]:
        raise InputError(f"{missing[0]} is no site of {structure.name or structure.formula}", f"give {labels}")
    sites = tuple(
        _moved(structure, index, site, atoms[site.label]) if site.label in atoms else site
        for index, site in enumerate(structure.sites)
    )
    moved = Lattice(*cell) if any(name in names for name in values) else lattice
    return replace(structure, lattice=moved, sites=sites)


def _moved(structure: Structure, index: int, site: Site, values: Values) -> Site:
    """Return a site with new coordinates, displacements and occupancies."""
    changes: dict[str, Any] = {}
    xyz = np.array(site.xyz)
    tensor = None if site.u_aniso is None else np.array(site.u_aniso)
    free = site_freedom(structure, index)
    for name, value in values.items():
        if name in free.axes:
            xyz += (value - xyz["xyz".index(name)]) * free.directions[free.axes.index(name)]
        elif name == "u_iso" and tensor is None:
            changes["u_iso"] = value
        elif tensor is not None and name in free.tensor:
            tensor += (value - tensor[TENSOR.index(name)]) * free.tensor_directions[free.tensor.index(name)]
        elif name.endswith(".occupancy") and any(name == f"{one.element}.occupancy" for one in site.species):
            species = changes.get("species", site.species)
            element = name.removesuffix(".occupancy")
            changes["species"] = tuple(
                replace(one, occupancy=value) if one.element == element else one for one in species
            )
        else:
            raise InputError(
                f"{site.label}.{name} is no free parameter of this site",
                f"symmetry leaves {', '.join((*free.axes, *free.tensor)) or 'no coordinate'} free",
            )
    if any(name in free.axes for name in values):
        changes["xyz"] = tuple(xyz.tolist())
    if tensor is not None:
        changes["u_aniso"] = tuple(tensor.tolist())
    return replace(site, **changes)

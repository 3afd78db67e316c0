"""Read crystal structures as OPTIMADE servers send them: one entry, or a page of them, as JSON.

The standard is version 1.3 of the OPTIMADE specification; Andersen et al. (2021), Sci. Data 8, 217.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Structure
from anatase.errors import InputError, PhysicsError
from anatase.io.optimade_origin import name_of, origin_of
from anatase.io.optimade_species import group_shares, species_of_sites

__all__ = ["read_optimade", "structure_of_entry"]

Array = NDArray[np.float64]
MAX_SITES = 20_000
LEAST_VOLUME = 0.1  # Å³, less than any atom takes
RATIO_TOLERANCE = 0.05  # of all atoms: authors round, and leave solvent out; half a structure is further off
ASYMMETRIC = ("asymmetric_unit", "fundamental_domain")
HYDROGEN = frozenset({"H", "D", "T"})


def read_optimade(path: str | Path) -> list[Structure]:
    """Read every structure of a saved OPTIMADE response, ``structures/ID`` or a page of ``structures``.

    Raises
    ------
    InputError
        When the file is no such response, or an entry gives no structure that a crystal could have.
    """
    path = Path(path)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"is no readable JSON ({error})", "save the server's answer anew", file=path) from error
    data = document.get("data") if isinstance(document, dict) else None
    listed = data if isinstance(data, list) else [data]
    entries = [entry for entry in listed if isinstance(entry, dict)]
    if not entries or len(entries) < len(listed):
        raise InputError("holds no OPTIMADE entry", "save the answer of /v1/structures/ID", file=path)
    included = document.get("included")
    try:
        return [structure_of_entry(entry, included if isinstance(included, list) else ()) for entry in entries]
    except InputError as error:
        raise InputError(error.found, error.remedy, file=path) from error


def structure_of_entry(entry: Mapping[str, Any], included: Sequence[Any] = ()) -> Structure:
    """Return the crystal structure of one entry of an OPTIMADE answer.

    Positions that fill the cell come back in P 1, for ``standardize`` to find their symmetry; those of an
    asymmetric unit with the symmetry that the entry states. Vacancies lower occupancies, as do the probabilities
    of assemblies. Atoms that are only attached to others have no position and are left out with a warning.

    Parameters
    ----------
    entry
        With ``id`` and ``attributes``: ``lattice_vectors`` in Å, ``cartesian_site_positions`` in Å or
        ``fractional_site_positions``, ``species``, ``species_at_sites``.
    included
        The ``included`` objects of the same answer, where the literature references are.

    Raises
    ------
    InputError
        When something is missing or no crystal: positions, periodicity in three dimensions, known elements;
        or when the sites have another composition than the entry states.

    Examples
    --------
    >>> cscl = {
    ...     "lattice_vectors": [[4.12, 0, 0], [0, 4.12, 0], [0, 0, 4.12]],
    ...     "cartesian_site_positions": [[0, 0, 0], [2.06, 2.06, 2.06]],
    ...     "species_at_sites": ["Cs", "Cl"],
    ...     "species": [{"name": x, "chemical_symbols": [x], "concentration": [1.0]} for x in ("Cs", "Cl")],
    ... }
    >>> structure_of_entry({"id": "1", "attributes": cscl}).formula
    'CsCl'
    """
    attributes = entry.get("attributes")
    if not isinstance(attributes, Mapping):
        raise InputError("the entry has no attributes", "ask the server for the whole entry")
    _check_crystal(attributes)
    vectors = _table(attributes, "lattice_vectors")
    if vectors.shape != (3, 3):
        raise InputError(f"lattice_vectors has the shape {vectors.shape}", "three vectors of three numbers are needed")
    if abs(np.linalg.det(vectors)) < LEAST_VOLUME:
        raise InputError("lattice_vectors span no volume", "the entry's lattice is wrong at its source")
    try:
        lattice = Lattice.from_vectors(vectors)
    except PhysicsError as error:
        raise InputError(str(error), "the entry's lattice is wrong at its source") from error
    xyz = _fractional(attributes, vectors)
    species, warnings = species_of_sites(attributes, len(xyz))
    shares = group_shares(attributes, len(xyz))
    sites = []
    for number, (row, share, place) in enumerate(zip(species, shares, xyz, strict=True), 1):
        present = tuple(part.scaled(share) for part in row if part.occupancy * share > 0)
        if present:
            label = f"{present[0].element}{number}"
            sites.append(Site(label, tuple(part.species() for part in present), _triple(place)))
    group = _space_group(attributes)
    structure = Structure(lattice, group, tuple(sites), name_of(attributes), origin_of(entry, included), warnings)
    _check_composition(attributes, structure)
    return structure


def _check_crystal(attributes: Mapping[str, Any]) -> None:
    periodic = attributes.get("nperiodic_dimensions")
    if periodic is None and isinstance(attributes.get("dimension_types"), list):
        periodic = sum(1 for kind in attributes["dimension_types"] if kind == 1)
    if periodic is not None and periodic != 3:
        raise InputError(f"it is periodic in {periodic} dimensions", "only crystals, periodic in three, have a pattern")


def _table(attributes: Mapping[str, Any], name: str) -> Array:
    """Return a property that is a list of rows of numbers."""
    value = attributes.get(name)
    if not isinstance(value, list) or not value:
        raise InputError(f"the entry has no {name}", "the server keeps this structure elsewhere, or not at all")
    try:
        table = np.array(value, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} is no table of numbers", "the entry is incomplete at its source") from error
    if not np.all(np.isfinite(table)):
        raise InputError(f"{name} holds unknown values", "the entry is incomplete at its source")
    return table


def _fractional(attributes: Mapping[str, Any], vectors: Array) -> Array:
    """Return fractional positions (n, 3), in a right-handed basis."""
    cartesian = isinstance(attributes.get("cartesian_site_positions"), list)
    name = "cartesian_site_positions" if cartesian else "fractional_site_positions"
    positions = _table(attributes, name)
    if positions.ndim != 2 or positions.shape[1] != 3 or len(positions) > MAX_SITES:
        raise InputError(f"{name} has the shape {positions.shape}", f"at most {MAX_SITES} rows of three are read")
    if cartesian:
        positions = positions @ np.linalg.inv(vectors)
    if np.linalg.det(vectors) < 0:  # -a, -b, -c span the same lattice and are right-handed
        positions = -positions
    return positions - np.floor(positions)


def _triple(place: Array) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in place)
    return (x, y, z)


def _space_group(attributes: Mapping[str, Any]) -> SpaceGroup:
    """Return P 1 for positions that fill the cell, else the symmetry that fills it from an asymmetric unit."""
    span = attributes.get("site_coordinate_span")
    if span in (None, "unit_cell"):
        return SpaceGroup.from_number(1)
    if span not in ASYMMETRIC:
        raise InputError(f"its sites span '{span}', no unit cell", "only unit cells and asymmetric units are read")
    operations = attributes.get("space_group_symmetry_operations_xyz")
    if isinstance(operations, list) and operations and all(isinstance(x, str) for x in operations):
        return SpaceGroup.from_operations(operations)
    hall = attributes.get("space_group_symbol_hall")
    if isinstance(hall, str) and hall:
        return SpaceGroup.from_hall(hall)
    raise InputError("its sites are an asymmetric unit without symmetry operations", "the entry is incomplete")


def _check_composition(attributes: Mapping[str, Any], structure: Structure) -> None:
    """Refuse sites that are not the whole structure: their elements against those that the entry states.

    Hydrogen is set aside, since half of the hydrates are listed without its positions.
    """
    features = attributes.get("structure_features")
    elements, ratios = attributes.get("elements"), attributes.get("elements_ratios")
    if not isinstance(elements, list) or (isinstance(features, list) and "implicit_atoms" in features):
        return
    found = _proportions(structure.composition)
    if isinstance(ratios, list) and len(ratios) == len(elements) and all(isinstance(r, (int, float)) for r in ratios):
        stated = _proportions({str(e): float(r) for e, r in zip(elements, ratios, strict=True)})
        pairs = [(stated.get(e, 0.0), found.get(e, 0.0)) for e in {*stated, *found}]
        agrees = all(abs(a - b) <= RATIO_TOLERANCE for a, b in pairs)
    else:
        stated = dict.fromkeys((str(e) for e in elements if e not in HYDROGEN), 0.0)
        agrees = set(stated) == set(found)
    if not agrees:
        raise InputError(
            f"its sites hold {_listed(found)}, where the entry states {_listed(stated)}",
            "sites are missing at the source, or are those of an asymmetric unit",
        )


def _proportions(composition: Mapping[str, float]) -> dict[str, float]:
    heavy = {e: n for e, n in composition.items() if e not in HYDROGEN and n > 0}
    total = sum(heavy.values())
    return {e: n / total for e, n in sorted(heavy.items())}


def _listed(proportions: Mapping[str, float]) -> str:
    return " ".join(f"{e}{n:.2f}" if n else e for e, n in proportions.items()) or "nothing"

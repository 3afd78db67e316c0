"""Sites from the atoms that a refinement program lists: those at one place share a site."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import gemmi
import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import nearest_images
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.io.plain_names import plain_name

__all__ = [
    "ListedAtom",
    "likelier_origin",
    "listed_lattice",
    "listed_species",
    "sites_of_atoms",
    "spelled_group",
    "written_group",
]

SAME_PLACE = 0.01  # Å: programs that list the elements of a mixed site one by one repeat its coordinates
FARTHEST = 100.0  # cells
LONGEST = 1e4  # Å, of a cell's edge
Six = tuple[float, float, float, float, float, float]
SPECIES = re.compile(r"(\d*)([A-Za-z]{1,2})[A-Za-z]*(?:([+-])(\d)|(\d)([+-]))?.*")
# H and R ask for axes, 1 and 2 (S, Z) for origins: as FullProf, TOPAS and GSAS write them after the symbol
CHOICE = re.compile(r"(.*?)\s*(?::\s*([12HRSZhrsz])|\s([HR]))?\s*")


@dataclass(frozen=True)
class ListedAtom:
    """An atom of a list: label, species, fractional coordinates, U in Å² (one of the two, or none).

    Raises
    ------
    InputError
        When a coordinate is farther off than any cell that a file may mean.
    """

    label: str
    species: Species
    xyz: tuple[float, float, float]
    u_iso: float | None = None
    u_aniso: Six | None = None

    def __post_init__(self) -> None:
        if not max(abs(value) for value in self.xyz) < FARTHEST:
            raise InputError(f"atom {self.label} lies at {self.xyz}", "give fractions of the cell's edges")


def listed_species(text: str, occupancy: float = 1.0) -> Species | None:
    """Return the species of a type such as ``CA+2``, ``Fe3+``, ``O-2``, ``PB`` or ``7Li``; ``None`` where it is none.

    Two letters are taken together wherever they name an element, as these programs do: ``CO`` is cobalt.

    Examples
    --------
    >>> listed_species("PB+2")
    Species(element='Pb', occupancy=1.0, charge=2, isotope=0)
    """
    match = SPECIES.fullmatch(text.strip())
    if match is None:
        return None
    isotope, letters, sign, digit, digit_first, sign_last = match.groups()
    for symbol in (letters.capitalize(), letters[0].upper()):
        if gemmi.Element(symbol).atomic_number > 0:
            charge = int(f"{sign or sign_last or ''}{digit or digit_first or 0}") if len(symbol) == len(letters) else 0
            return Species(symbol, occupancy, charge, int(isotope or 0))
    return None


def listed_lattice(a: float, b: float, c: float, alpha: float, beta: float, gamma: float) -> Lattice:
    """Return the lattice of a cell that a file lists, in Å and degrees.

    Raises
    ------
    PhysicsError
        When no crystal has such a cell.
    """
    if not max(a, b, c) <= LONGEST:
        raise PhysicsError(f"no cell has a, b, c = {a:g}, {b:g}, {c:g} Å")
    return Lattice(a, b, c, alpha, beta, gamma)


def spelled_group(text: str) -> SpaceGroup:
    """Return the space group of a symbol or number as refinement programs write it: ``P m n b``, ``I41/amd:2``, ``62``.

    Without a mark, groups of two origins stand at the second, rhombohedral ones on hexagonal axes.

    Raises
    ------
    InputError
        When it is no space group.

    Examples
    --------
    >>> spelled_group("F_D_-3_M").hall == spelled_group("Fd-3m:2").hall == spelled_group("Fd-3mZ").hall
    True
    """
    words = text.strip().strip('"').replace("_", " ").strip()
    if words.isdigit():
        return SpaceGroup.from_number(int(words))
    match = CHOICE.fullmatch(words)
    symbol, mark = (match.group(1), (match.group(2) or match.group(3) or "").upper()) if match else (words, "")
    if not mark and symbol[-1:] in ("S", "Z", "H", "R") and len(symbol) > 2:  # TOPAS: Fd-3mZ, R-3cH
        symbol, mark = symbol[:-1].strip(), symbol[-1]
    mark = {"S": "1", "Z": "2"}.get(mark, mark)
    cased = symbol[:1].upper() + symbol[1:].lower()
    for name in (f"{cased}:{mark}",) if mark else (f"{cased}:2", f"{cased}:H", cased):
        group = cast("gemmi.SpaceGroup | None", gemmi.find_spacegroup_by_name(name))
        if group is not None:
            return SpaceGroup.from_gemmi(group)
    plain = cast("gemmi.SpaceGroup | None", gemmi.find_spacegroup_by_name(cased)) if mark in ("1", "2", "H") else None
    if plain is None:
        raise InputError(f"'{text}' is no space group symbol", "give a Hermann-Mauguin symbol, as in 'P 63/m'")
    return SpaceGroup.from_gemmi(plain)


def written_group(group: SpaceGroup) -> str:
    """Return the symbol of a group that ``spelled_group`` and other programs read, without the mark of hexagonal axes.

    Raises
    ------
    InputError
        When the group stands in a setting that has no symbol.
    """
    try:
        known = spelled_group(group.symbol) == group
    except InputError:
        known = False
    if not known:
        raise InputError(
            f"space group {group.symbol} stands in a setting without a symbol",
            "bring the structure to the standard setting",
        )
    return group.symbol.removesuffix(":H")


def likelier_origin(
    group: SpaceGroup, text: str, atoms: Sequence[ListedAtom], lattice: Lattice
) -> tuple[SpaceGroup, str]:
    """Return the origin that keeps atoms farther apart where a symbol names neither of two, and a warning of it."""
    mark = text.strip().strip('"').upper()[-2:]
    if not group.symbol.endswith(":2") or ":" in mark or mark.endswith(("S", "Z")):
        return group, ""
    other = SpaceGroup.from_symbol(group.symbol[:-1] + "1")
    chosen = other if _room(other, atoms, lattice) > 1.05 * _room(group, atoms, lattice) else group
    return chosen, f"{text} names no origin: choice {chosen.symbol[-1]} taken"


def _room(group: SpaceGroup, atoms: Sequence[ListedAtom], lattice: Lattice) -> float:
    """Return the shortest distance in Å between different places in the cell; 0 without atoms."""
    sites = tuple(Site(atom.label, (atom.species,), atom.xyz) for atom in atoms)
    positions = Structure(lattice, group, sites).cell_positions[1] if sites else np.empty((0, 3))
    shortest = np.inf
    for position in positions:
        distance = nearest_images(lattice.metric, positions, position)[1]
        shortest = min(shortest, float(distance[distance > SAME_PLACE].min(initial=np.inf)))
    return shortest if np.isfinite(shortest) else 0.0


def sites_of_atoms(
    atoms: Sequence[ListedAtom], lattice: Lattice, group: SpaceGroup
) -> tuple[tuple[Site, ...], tuple[tuple[str, str], ...]]:
    """Return the sites, and for each atom (n,) the label of its site and its element there.

    Atoms that repeat the coordinates and the displacement of another are further species of its site. Labels that stand
    twice are told apart by a number.
    """
    sites: list[Site] = []
    places: list[tuple[str, str]] = []
    taken: set[str] = set()
    for atom in atoms:
        points = np.array([site.xyz for site in sites]).reshape(-1, 3)
        distance = nearest_images(lattice.metric, points, atom.xyz)[1]
        alike = [(site.u_iso, site.u_aniso) == (atom.u_iso, atom.u_aniso) for site in sites]
        near = [index for index, d in enumerate(distance) if d < SAME_PLACE and alike[index]]
        held = {(species.element, species.charge) for index in near for species in sites[index].species}
        if near and (atom.species.element, atom.species.charge) not in held:
            index = near[0]
            sites[index] = replace(sites[index], species=(*sites[index].species, atom.species))
        else:
            index = len(sites)
            label = plain_name(atom.label, "X", taken)
            sites.append(Site(label, (atom.species,), atom.xyz, atom.u_iso, atom.u_aniso))
        places.append((sites[index].label, atom.species.element))
    if not sites:
        return (), ()
    counts = Structure(lattice, group, tuple(sites)).cell_content.multiplicities
    counted = (replace(site, multiplicity=int(n)) for site, n in zip(sites, counts, strict=True))
    return tuple(counted), tuple(places)

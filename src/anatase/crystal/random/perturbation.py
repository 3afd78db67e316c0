"""Small changes of a crystal that keep its space group: strain, shifted atoms, vacancies, substitution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError

__all__ = ["jittered", "strained", "substituted", "with_vacancies"]


def strained(structure: Structure, rng: np.random.Generator, spread: float) -> Structure:
    """Return the crystal with a random homogeneous strain of its cell that the crystal system allows.

    A symmetric strain ε with normal components of standard deviation ``spread`` (0.01 is 1 % in length) takes the
    basis A to A(1 + ε); its metric is averaged over the rotations R of the group, G = ⟨RᵀG'R⟩.

    Raises
    ------
    PhysicsError
        When the strain leaves no cell.
    """
    draw = rng.normal(0.0, spread, (3, 3))
    vectors = structure.lattice.vectors @ (np.eye(3) + (draw + draw.T) / 2.0)
    rotations = structure.space_group.rotations
    metric = np.mean(rotations.transpose(0, 2, 1) @ (vectors @ vectors.T) @ rotations, axis=0)
    return replace(structure, lattice=Lattice.from_metric(metric))


def jittered(structure: Structure, rng: np.random.Generator, spread: float) -> Structure:
    """Return the crystal with its sites shifted at random, each within its Wyckoff position.

    Shifts are normal with a standard deviation of ``spread`` Å along each axis, averaged over the site symmetry:
    a site without free coordinates stays. Distances are not looked at.
    """
    to_fractional = np.linalg.inv(structure.lattice.vectors)
    sites = []
    for site, orbit in zip(structure.sites, structure.orbits, strict=True):
        shift = rng.normal(0.0, spread, 3) @ to_fractional
        stabilizer = structure.space_group.rotations[orbit.stabilizer]
        x, y, z = (float(v) for v in (orbit.xyz + stabilizer.mean(axis=0) @ shift) % 1.0)
        sites.append(replace(site, xyz=(x, y, z)))
    return replace(structure, sites=tuple(sites))


def with_vacancies(structure: Structure, element: str, fraction: float) -> Structure:
    """Return the crystal with a fraction (0–1) of an element's atoms missing, at random over all of its sites.

    Raises
    ------
    InputError
        When the crystal does not hold the element.
    PhysicsError
        When the fraction is not above 0 and below 1.

    Examples
    --------
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> sites = (Site("Na1", (Species("Na"),), (0, 0, 0)), Site("Cl1", (Species("Cl"),), (0.5, 0.5, 0.5)))
    >>> halite = Structure(Lattice(5.64, 5.64, 5.64), SpaceGroup.from_number(225), sites)
    >>> with_vacancies(halite, "Na", 0.1).name
    'Na0.9Cl'
    """
    return _exchanged(structure, element, fraction, None)


def substituted(structure: Structure, element: str, by: str, fraction: float) -> Structure:
    """Return the crystal with a fraction (0–1) of an element's atoms replaced by another, at random over its sites.

    The cell stays: strain it for the other size.

    Raises
    ------
    InputError
        When the crystal does not hold the element, or the two are the same.
    PhysicsError
        When the fraction is not above 0 and below 1.
    """
    if by == element:
        raise InputError(f"{element} cannot replace itself", "name another element")
    return _exchanged(structure, element, fraction, by)


def _exchanged(structure: Structure, element: str, fraction: float, by: str | None) -> Structure:
    if not 0.0 < fraction < 1.0:
        raise PhysicsError(f"a fraction of {fraction:g} of the {element} atoms: give one above 0 and below 1")
    if element not in structure.elements:
        raise InputError(f"{structure.formula} holds no {element}", f"choose from {', '.join(structure.composition)}")
    sites = tuple(_mixed(site, element, fraction, by) for site in structure.sites)
    changed = replace(structure, sites=sites)
    return replace(changed, name=changed.formula)


def _mixed(site: Site, element: str, fraction: float, by: str | None) -> Site:
    """Take a fraction of an element off a site, and put as much of another on it."""
    occupancies = {(s.element, s.charge): s.occupancy for s in site.species}
    moved = sum(s.occupancy for s in site.species if s.element == element) * fraction
    if moved == 0.0:
        return site
    species = [
        replace(s, occupancy=s.occupancy * (1.0 - fraction)) if s.element == element else s for s in site.species
    ]
    if by is not None:
        if (by, 0) in occupancies:
            species = [
                replace(s, occupancy=s.occupancy + moved) if (s.element, s.charge) == (by, 0) else s for s in species
            ]
        else:
            species.append(Species(by, moved))
    return replace(site, species=tuple(species))

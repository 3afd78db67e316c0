"""A random crystal: legal distances, usual volume, exactly the symmetry of its space group."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from anatase.crystal.random.accidental_symmetry import has_accidental_symmetry
from anatase.crystal.random.element_size import contact_distances, volume_of_atoms
from anatase.crystal.random.filling import draw_filling, draw_units
from anatase.crystal.random.packed_sites import has_symmetry, pack, sites_of
from anatase.crystal.random.primitive_orbits import PrimitiveOrbits, primitive_orbits
from anatase.crystal.random.random_cell import random_metric
from anatase.crystal.random.random_formula import draw_formula
from anatase.crystal.random.settings import RandomSettings
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Structure
from anatase.errors import InputError, PhysicsError

__all__ = ["random_crystal"]

NO_FILLING = "its Wyckoff positions hold no such numbers of atoms"
NARROW = "no cell is wide enough for an atom beside its own translate"
CROWDED = "the atoms find no room"
OTHER_SYMMETRY = "the atoms have a higher symmetry or a smaller cell"
MAX_GROUPS = 200  # groups tried where the user names none
PATIENCE = 5  # times ``tries`` for all of them together
SOURCE = "anatase random crystal"


def random_crystal(
    rng: np.random.Generator,
    space_group: SpaceGroup | int | None = None,
    composition: Mapping[str, int] | None = None,
    n_atoms: tuple[int, int] = (4, 60),
    settings: RandomSettings | None = None,
) -> Structure:
    """Return a random crystal.

    A group and a formula are drawn where none is given; the atoms fill random Wyckoff positions whose
    multiplicities make up the formula; the cell has the volume that such atoms usually take up; atoms that are
    too close are pushed apart with the symmetry kept, or the cell grows. What fails is drawn again.

    Parameters
    ----------
    rng
        Source of random numbers: the same state gives the same crystal.
    space_group
        The group, in any setting of gemmi's table, or its number.
    composition
        The formula, element → atoms (``{"Ti": 1, "O": 2}``); the number of formula units is free.
    n_atoms
        Least and most atoms in the primitive cell.
    settings
        Distances, volumes, weights of groups and elements.

    Raises
    ------
    InputError
        When an argument cannot be used.
    PhysicsError
        When no crystal with that group, formula and number of atoms was found; the message says why.

    Examples
    --------
    >>> crystal = random_crystal(np.random.default_rng(1), 136, {"Ti": 1, "O": 2})
    >>> crystal.formula, crystal.space_group.symbol
    ('TiO2', 'P 42/m n m')
    """
    settings = settings or RandomSettings()
    formula = None if composition is None else _checked(composition)
    if not 1 <= n_atoms[0] <= n_atoms[1]:
        raise InputError(f"n_atoms = {n_atoms} is no range", "give the least and the most atoms in the primitive cell")
    reasons: Counter[str] = Counter()
    for _ in range(MAX_GROUPS if space_group is None else 1):
        if reasons.total() > PATIENCE * settings.tries:
            break
        group = _chosen_group(rng, space_group, settings)
        orbits = primitive_orbits(group)
        for _ in range(settings.tries):
            found = propose(rng, group, orbits, formula, n_atoms, settings)
            if isinstance(found, Structure):
                return found
            reasons[found] += 1
            if found == NO_FILLING and formula is not None:
                break  # no draw can change that
    raise PhysicsError(_failure(space_group, formula, n_atoms, reasons))


def propose(
    rng: np.random.Generator,
    group: SpaceGroup,
    orbits: PrimitiveOrbits,
    formula: Mapping[str, int] | None,
    n_atoms: tuple[int, int],
    settings: RandomSettings,
) -> Structure | str:
    """Return a crystal from one draw, or the reason why it is none."""
    if formula is None:
        formula = draw_formula(rng, settings.element_weights, settings.n_elements, n_atoms[1])
    n = draw_units(rng, orbits, tuple(formula.values()), n_atoms)
    if n is None:
        return NO_FILLING
    elements = tuple(formula)
    filling = draw_filling(rng, orbits, tuple(n * k for k in formula.values()))
    if filling is None:
        return NO_FILLING
    if settings.verify and has_accidental_symmetry(orbits, filling):
        return OTHER_SYMMETRY
    contacts = contact_distances(elements, settings.contact)
    usual = volume_of_atoms({e: n * k for e, k in formula.items()})
    volume = usual * math.exp(rng.normal(0.0, settings.packing_spread))
    conventional = volume / abs(float(np.linalg.det(orbits.basis)))
    metric = random_metric(rng, group, conventional, orbits.basis, float(np.diag(contacts).max()))
    if metric is None:
        return NARROW
    packed = pack(rng, orbits, filling, metric, contacts, settings.max_volume * usual / volume)
    if packed is None:
        return CROWDED
    if settings.verify and not has_symmetry(packed, group, settings.symprec):
        return OTHER_SYMMETRY
    sites = sites_of(packed, elements)
    if settings.u_iso is not None:
        low, high = np.log(settings.u_iso)
        sites = tuple(replace(site, u_iso=math.exp(rng.uniform(low, high))) for site in sites)
    crystal = Structure(packed.lattice, group, sites, origin=Origin(_source(rng)))
    return replace(crystal, name=crystal.formula)


def _chosen_group(
    rng: np.random.Generator, space_group: SpaceGroup | int | None, settings: RandomSettings
) -> SpaceGroup:
    if isinstance(space_group, SpaceGroup):
        return space_group
    if space_group is not None:
        return SpaceGroup.from_number(space_group)
    if settings.group_weights is None:
        return SpaceGroup.from_number(int(rng.integers(1, 231)))
    weights = np.cumsum(settings.group_weights)
    return SpaceGroup.from_number(1 + int(np.searchsorted(weights, rng.random() * weights[-1], side="right")))


def _checked(composition: Mapping[str, int]) -> dict[str, int]:
    """Return the formula without common divisors."""
    if not composition or any(n < 1 or n != int(n) for n in composition.values()):
        raise InputError(f"{dict(composition)} is no formula", "give whole numbers of atoms, as in {'Ti': 1, 'O': 2}")
    volume_of_atoms(composition)  # refuses elements whose size is unknown
    divisor = math.gcd(*(int(n) for n in composition.values()))
    return {element: int(n) // divisor for element, n in composition.items()}


def _failure(
    space_group: SpaceGroup | int | None,
    formula: Mapping[str, int] | None,
    n_atoms: tuple[int, int],
    reasons: Counter[str],
) -> str:
    number = space_group.symbol if isinstance(space_group, SpaceGroup) else space_group
    group = "any space group" if space_group is None else f"space group {number}"
    content = "" if formula is None else "of " + "".join(f"{e}{n if n > 1 else ''}" for e, n in formula.items()) + " "
    causes = ", ".join(f"{reason} ({count} of {reasons.total()} draws)" for reason, count in reasons.most_common())
    return (
        f"no crystal {content}in {group} with {n_atoms[0]} to {n_atoms[1]} atoms in the primitive cell: {causes}; "
        "widen n_atoms, or lower contact or raise max_volume in the settings"
    )


def _source(rng: np.random.Generator) -> str:
    """Name the seed of the generator, and which of its children it is."""
    seed = rng.bit_generator.seed_seq
    if not isinstance(seed, np.random.SeedSequence):
        return SOURCE
    number = f", number {', '.join(map(str, seed.spawn_key))}" if seed.spawn_key else ""
    return f"{SOURCE}, seed {seed.entropy}{number}"

"""Solid solutions between two isostructural end members: Vegard's rule for the cell, mixed sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from anatase.crystal.displacement import equivalent_u_iso
from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import nearest_images
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.errors import InputError, PhysicsError

__all__ = ["solid_solution"]

Array = NDArray[np.float64]

FARTHEST = 0.8  # Å between an atom and its partner in the other end member


def solid_solution(
    first: Structure, second: Structure, fraction: float, bowing: float | Sequence[float] = 0.0
) -> Structure:
    """Return the structure between two end members, ``fraction`` of the second in it.

    p(x) = (1 − x) p₁ + x p₂ − b x (1 − x) for each free cell parameter (Vegard (1921) Z. Phys. 5, 17, with the
    bowing b as for semiconductors); coordinates and displacements run linearly between partners; each site
    holds the species of both end members with occupancies 1 − x and x.

    Parameters
    ----------
    first, second
        End members of one space group in one setting, with as many sites, near to each other.
    fraction
        Amount x of the second, 0–1.
    bowing
        b of the cell lengths in Å, one number or three, or six for a, b, c, α, β, γ.

    Raises
    ------
    PhysicsError
        For a fraction outside 0–1, or a cell that the bowing makes impossible or less symmetric.
    InputError
        When the end members are not isostructural.

    Examples
    --------
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> def metal(element, a):
    ...     site = Site(element, (Species(element),), (0.0, 0.0, 0.0), multiplicity=4)
    ...     return Structure(Lattice(a, a, a), SpaceGroup.from_number(225), (site,))
    >>> alloy = solid_solution(metal("Cu", 3.615), metal("Au", 4.078), 0.25)
    >>> alloy.formula, round(alloy.lattice.a, 4)
    ('AuCu3', 3.7308)
    """
    if not 0.0 <= fraction <= 1.0:
        raise PhysicsError(f"a fraction of {fraction:g} of the second end member is none; give a number from 0 to 1")
    if first.space_group.hall != second.space_group.hall:
        raise InputError(
            f"{first.space_group.symbol} and {second.space_group.symbol} are not one space group in one setting",
            "standardise both structures first",
        )
    lattice = _between(first, second, fraction, bowing)
    partners = _partners(first, second)
    sites = [
        _mixed(site, second.sites[j], moved, fraction, first, second)
        for site, (j, moved) in zip(first.sites, partners, strict=True)
    ]
    warnings = _exchanged(first, second, [j for j, _ in partners])
    name = f"{first.name or first.formula} with {fraction:.1%} {second.name or second.formula}"
    origin = Origin(
        source=f"solid solution of {first.origin.source or 'a structure'} and {second.origin.source or 'a structure'}"
    )
    return Structure(
        lattice, first.space_group, tuple(sites), name, origin, first.warnings + second.warnings + warnings
    )


def _between(first: Structure, second: Structure, x: float, bowing: float | Sequence[float]) -> Lattice:
    """Return the lattice between the end members."""
    b = np.zeros(6)
    given = np.atleast_1d(np.asarray(bowing, dtype=float))
    if given.size not in (1, 3, 6):
        raise InputError(f"{given.size} bowing parameters", "give one, three or six")
    b[: max(given.size, 3)] = given
    ends = np.array([first.lattice.parameters, second.lattice.parameters])
    lattice = Lattice(*(float(p) for p in (1.0 - x) * ends[0] + x * ends[1] - b * x * (1.0 - x)))
    if not first.space_group.fits(lattice):
        raise PhysicsError(
            f"the cell {lattice.parameters} has not the symmetry of {first.space_group.symbol}; "
            "give equal bowings to equal lengths"
        )
    return lattice


def _partners(first: Structure, second: Structure) -> list[tuple[int, Array]]:
    """Return for each site of the first its partner's index in the second, and the partner's nearest image (3,)."""
    n = len(first.sites)
    if n != len(second.sites):
        raise InputError(f"the end members have {n} and {len(second.sites)} sites", "give isostructural ones")
    distances = np.full((n, n), 1e6)
    nearest = np.zeros((n, n, 3))
    for i, site in enumerate(first.sites):
        for j, orbit in enumerate(second.orbits):
            if orbit.multiplicity != first.orbits[i].multiplicity:
                continue
            vectors, lengths = nearest_images(first.lattice.metric, orbit.images, site.xyz)
            k = int(np.argmin(lengths))
            distances[i, j], nearest[i, j] = lengths[k], np.asarray(site.xyz) + vectors[k]
    rows, columns = linear_sum_assignment(distances)
    worst = int(np.argmax(distances[rows, columns]))
    if distances[rows[worst], columns[worst]] > FARTHEST:
        raise InputError(
            f"site {first.sites[rows[worst]].label} has no partner of its multiplicity within {FARTHEST} Å",
            "give isostructural end members on the same origin",
        )
    return [(int(j), nearest[i, j]) for i, j in zip(rows, columns, strict=True)]


def _mixed(site: Site, other: Site, moved: Array, x: float, first: Structure, second: Structure) -> Site:
    """Return the site between two partners."""
    xyz = (1.0 - x) * np.asarray(site.xyz) + x * moved
    occupancies: dict[Species, float] = {}
    for weight, end in ((1.0 - x, site), (x, other)):
        for species in end.species:
            kind = replace(species, occupancy=1.0)
            occupancies[kind] = occupancies.get(kind, 0.0) + weight * species.occupancy
    mixed = tuple(replace(kind, occupancy=share) for kind, share in occupancies.items() if share > 0.0)
    u = _interpolated(_u_iso(site, first.lattice), _u_iso(other, second.lattice), x)
    label = site.label if site.label == other.label else f"{site.label}/{other.label}"
    place = (float(xyz[0]), float(xyz[1]), float(xyz[2]))
    return replace(site, label=label, species=mixed, xyz=place, u_iso=u, u_aniso=None)


def _u_iso(site: Site, lattice: Lattice) -> float | None:
    """Return U_iso, or U_eq of the tensor: tensors of two cells are not averaged."""
    if site.u_iso is None and site.u_aniso is not None:
        return equivalent_u_iso(site.u_aniso, lattice)
    return site.u_iso


def _interpolated(u: float | None, v: float | None, x: float) -> float | None:
    if u is None or v is None:
        return u if v is None else v
    return (1.0 - x) * u + x * v


def _exchanged(first: Structure, second: Structure, partners: list[int]) -> tuple[str, ...]:
    """Return a warning for each element that both end members have, but nowhere on one site."""
    shared = sorted(first.elements & second.elements)
    together = {
        species.element
        for site, j in zip(first.sites, partners, strict=True)
        for species in site.species
        if species.element in {other.element for other in second.sites[j].species}
    }
    lost = ", ".join(element for element in shared if element not in together)
    return (f"{lost} sits on different sites of the end members; are they on the same origin?",) if lost else ()

"""Sites of a random crystal placed in its primitive cell: packed, checked for symmetry, written out."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.random.packing import push_apart
from anatase.crystal.random.primitive_orbits import PrimitiveOrbits
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species

__all__ = ["PackedSites", "has_symmetry", "pack", "sites_of"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PackedSites:
    """Sites at legal distances in the primitive cell of a group.

    Parameters
    ----------
    orbits
        The Wyckoff positions of the group.
    filling
        For each site the number of its element and that of its position.
    metric
        Metric tensor (3, 3) of the conventional cell, Å².
    points
        Conventional fractional coordinates (s, 3).
    basis
        Row vectors (3, 3) of the primitive cell, Å.
    atoms, elements
        Primitive fractional coordinates (m, 3) of all atoms, and the number (m,) of their element.
    """

    orbits: PrimitiveOrbits
    filling: list[tuple[int, int]]
    metric: Array
    points: Array
    basis: Array
    atoms: Array
    elements: NDArray[np.int64]

    @property
    def lattice(self) -> Lattice:
        """The conventional lattice, without the last bits of arithmetic."""
        a, b, c, alpha, beta, gamma = (round(x, 9) for x in Lattice.from_metric(self.metric).parameters)
        return Lattice(a, b, c, alpha, beta, gamma)


def pack(
    rng: np.random.Generator,
    orbits: PrimitiveOrbits,
    filling: list[tuple[int, int]],
    metric: Array,
    contacts: Array,
    growth: float,
) -> PackedSites | None:
    """Place sites at random in their positions and push them apart; ``None`` where they find no room.

    Parameters
    ----------
    rng
        Source of random numbers.
    orbits, filling
        The positions of the group, and for each site the number of its element and that of its position.
    metric
        Metric tensor (3, 3) of the conventional cell, Å².
    contacts
        Shortest distances (k, k) in Å between atoms of the elements.
    growth
        Volume up to which the cell may grow, over that of the metric.
    """
    chosen = [position for _, position in filling]
    elements = np.array([element for element, _ in filling], dtype=np.int64)
    start = (orbits.linear[chosen] @ rng.random((len(chosen), 3, 1)))[:, :, 0] + orbits.shifts[chosen]
    points = np.ascontiguousarray(start @ orbits.inverse.T)
    rotations = np.concatenate([orbits.rotations[p] for p in chosen])
    translations = np.concatenate([orbits.translations[p] for p in chosen])
    owners = np.repeat(np.arange(len(chosen)), orbits.multiplicities[chosen])
    basis: Array = np.ascontiguousarray(np.linalg.cholesky(orbits.basis.T @ metric @ orbits.basis), dtype=np.float64)
    limits = np.ascontiguousarray(contacts[np.ix_(elements, elements)])
    inverse: Array = np.ascontiguousarray(np.linalg.inv(basis), dtype=np.float64)
    projectors = np.ascontiguousarray(orbits.primitive_projectors[chosen])
    most = max(growth, 1.0) ** (1.0 / 3.0)
    scale, worst = push_apart(points, projectors, basis, inverse, rotations, translations, owners, limits, most)
    if worst < 1.0:
        return None
    return PackedSites(
        orbits=orbits,
        filling=filling,
        metric=metric * scale**2,
        points=points @ orbits.basis.T,
        basis=basis * scale,
        atoms=(rotations @ points[owners][:, :, None])[:, :, 0] + translations,
        elements=elements[owners],
    )


def has_symmetry(packed: PackedSites, group: SpaceGroup, symprec: float) -> bool:
    """Tell whether moyo finds the very group within ``symprec`` Å, and no smaller primitive cell."""
    import moyopy

    cell = moyopy.Cell(packed.basis.tolist(), packed.atoms.tolist(), (packed.elements + 1).tolist())
    try:
        found = moyopy.MoyoDataset(cell, symprec=symprec, setting=moyopy.Setting.standard())
    except ValueError:  # it finds no group at this tolerance
        return False
    return found.number == group.number and len(found.prim_std_cell.numbers) == len(packed.atoms)


def sites_of(packed: PackedSites, symbols: tuple[str, ...]) -> tuple[Site, ...]:
    """Return the sites in the conventional cell, labels numbered by element."""
    orbits = packed.orbits
    chosen = [position for _, position in packed.filling]
    # onto the special positions again, from which rounding may have led
    shifts = orbits.shifts[chosen]
    exact = (orbits.projectors[chosen] @ (packed.points - shifts)[:, :, None])[:, :, 0] + shifts
    # what lies within 1e-12 of 1 becomes 0
    wrapped = np.maximum(exact - np.floor(exact + 1e-12), 0.0).tolist()
    numbers: Counter[str] = Counter()
    sites = []
    for (element, letter), (x, y, z) in zip(packed.filling, wrapped, strict=True):
        position, symbol = orbits.positions[letter], symbols[element]
        numbers[symbol] += 1
        label = f"{symbol}{numbers[symbol]}"
        sites.append(
            Site(label, (Species(symbol),), (x, y, z), multiplicity=position.multiplicity, wyckoff=position.letter)
        )
    return tuple(sites)

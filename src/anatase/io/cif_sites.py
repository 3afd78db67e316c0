"""Sites of the asymmetric unit from the atoms that a file lists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import nearest_images, orbit_of
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species
from anatase.errors import InputError
from anatase.io.cif_atoms import AtomRow

__all__ = ["sites_from_rows"]

SAME_POSITION = 0.05  # Å: atoms nearer than this share one site
MERGE_FULL = 0.2  # Å: images of a fully occupied site this near are one atom, as no two atoms are
MERGE_PARTIAL = 0.03  # Å: images of a half-empty site may be alternatives of one atom
TOO_CLOSE = 0.6  # Å: two full atoms this near mean a wrong origin or setting (H-H is 0.74)
MAX_POSITIONS = 100_000


def sites_from_rows(
    rows: list[AtomRow], groups: list[SpaceGroup], lattice: Lattice
) -> tuple[SpaceGroup, tuple[Site, ...], list[str]]:
    """Return the group that fits the atoms best, the sites under it, and warnings.

    The first group without atoms on top of each other is taken; where all have some, the first.
    """
    warnings: list[str] = []
    if len(rows) * groups[0].order > MAX_POSITIONS:
        raise InputError(
            f"{len(rows)} atoms under {groups[0].order} operations are more than {MAX_POSITIONS} positions",
            "give a structure of small molecules or inorganic",
        )
    chosen = groups[0]
    if len(groups) > 1:
        fitting = [group for group in groups if not _collides(rows, group, lattice)]
        chosen = fitting[0] if fitting else groups[0]
        if chosen != groups[0]:
            warnings.append(f"atoms overlap in {groups[0].symbol}: read as {chosen.symbol}")
    sites, merged = _merged(rows, chosen, lattice)
    return chosen, sites, warnings + merged


def _collides(rows: list[AtomRow], group: SpaceGroup, lattice: Lattice) -> bool:
    """Tell whether full atoms of this setting lie nearer than any bond."""
    points, owners, elements = [], [], {}
    for index, row in enumerate(rows):
        if row.occupancy < 0.7:
            continue
        orbit = orbit_of(lattice.metric, group.rotations, group.translations, row.xyz, MERGE_FULL)
        points.append(orbit.images)
        owners += [index] * orbit.multiplicity
        elements[index] = row.element
        everything = np.concatenate(points)
        distance = nearest_images(lattice.metric, everything, orbit.images[0])[1]
        near = (distance < TOO_CLOSE) & (distance > SAME_POSITION)
        if near.any() and not (row.element in ("H", "D")):
            return True
    return False


def _merged(rows: list[AtomRow], group: SpaceGroup, lattice: Lattice) -> tuple[tuple[Site, ...], list[str]]:
    sites: list[Site] = []
    images: NDArray[np.float64] = np.empty((0, 3))
    owners: list[int] = []
    repeated = 0
    shared: list[str] = []
    for row in rows:
        near = nearest_images(lattice.metric, images, row.xyz)[1] if len(images) else np.empty(0)
        if len(near) and near.min() < SAME_POSITION:
            index = owners[int(np.argmin(near))]
            joined, duplicate = _joined(sites[index], row)
            repeated += duplicate
            if joined.occupancy > 1.05:
                joined = _shared(joined)
                shared.append(joined.label)
            sites[index] = joined
            continue
        merge = MERGE_FULL if row.occupancy > 0.55 else MERGE_PARTIAL
        orbit = orbit_of(lattice.metric, group.rotations, group.translations, row.xyz, merge)
        owners += [len(sites)] * orbit.multiplicity
        images = np.concatenate([images, orbit.images])
        x, y, z = (float(value) for value in orbit.xyz)
        species = (Species(row.element, row.occupancy, row.charge),)
        sites.append(Site(row.label, species, (x, y, z), row.u_iso, row.u_aniso, orbit.multiplicity))
    warnings = []
    if repeated:
        warnings.append(f"{repeated} atoms repeat symmetry images of others: left out")
    if shared:
        warnings.append(f"occupancies at {', '.join(shared[:5])} add to more than 1: scaled to 1")
    return tuple(sites), warnings


def _joined(site: Site, row: AtomRow) -> tuple[Site, bool]:
    """Put an atom onto a site that is there already; True when it is only an image of what it holds."""
    same = [k for k, s in enumerate(site.species) if (s.element, s.charge) == (row.element, row.charge)]
    species = list(site.species)
    if same:
        held = species[same[0]]
        if site.occupancy + row.occupancy > 1.05 or abs(held.occupancy - row.occupancy) < 1e-4:
            return site, True
        species[same[0]] = Species(held.element, held.occupancy + row.occupancy, held.charge)
    else:
        species.append(Species(row.element, row.occupancy, row.charge))
    u_iso = site.u_iso if site.u_iso is not None else row.u_iso
    return Site(
        site.label, tuple(species), site.xyz, u_iso, site.u_aniso or row.u_aniso, site.multiplicity, site.wyckoff
    ), False


def _shared(site: Site) -> Site:
    total = site.occupancy
    species = tuple(Species(s.element, s.occupancy / total, s.charge) for s in site.species)
    return Site(site.label, species, site.xyz, site.u_iso, site.u_aniso, site.multiplicity, site.wyckoff)

"""Sites of the asymmetric unit from the atoms that a file lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.formula import formula_of, formula_units
from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import nearest_images, orbit_of
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species
from anatase.errors import InputError
from anatase.io.cif_atoms import AtomRow
from anatase.io.cif_centring import lost_centring
from anatase.io.cif_symmetry import other_origins

__all__ = ["sites_from_rows"]

SAME_POSITION = 0.05  # Å: atoms nearer than this share one site
MERGE_FULL = 0.2  # Å: images of a fully occupied site this near are one atom, as no two atoms are
MERGE_PARTIAL = 0.03  # Å: images of a half-empty site may be alternatives of one atom
TOO_CLOSE = 0.6  # Å: two full atoms this near mean a wrong origin or setting (H-H is 0.74)
MISFIT = 0.04  # of the atomic fractions: beyond it the atoms contradict the formula
FAR_MOVE = 0.05  # Å: an atom that moves farther onto a special position is told of
MAX_POSITIONS = 100_000
SCALED = ": scaled to 1"


def sites_from_rows(
    rows: list[AtomRow], groups: list[SpaceGroup], lattice: Lattice, formula: Mapping[str, float] | None, repair: bool
) -> tuple[SpaceGroup, tuple[Site, ...], list[str]]:
    """Return the group that fits atoms and stated formula best, the sites under it, and warnings.

    With ``repair`` atoms that share a position share one occupancy; without it theirs add up.
    """
    group, sites, warnings = _best_reading(rows, groups, lattice, formula)
    if repair:
        return group, sites, warnings
    return group, _merged(rows, group, lattice, share=False)[0], [w for w in warnings if not w.endswith(SCALED)]


def _best_reading(
    rows: list[AtomRow], groups: list[SpaceGroup], lattice: Lattice, formula: Mapping[str, float] | None
) -> tuple[SpaceGroup, tuple[Site, ...], list[str]]:
    """Return group, sites and warnings of the reading that fits best.

    The first group holds unless its atoms lie on top of each other or contradict the formula while another
    reading (the other origin, the listed atoms as the whole cell) does not.
    """
    if len(rows) * groups[0].order > MAX_POSITIONS:
        raise InputError(
            f"{len(rows)} atoms under {groups[0].order} operations are more than {MAX_POSITIONS} positions",
            "give a smaller structure",
        )
    first = _Reading(groups[0], *_merged(rows, groups[0], lattice))
    if first.misfit(formula) < MISFIT and (len(groups) == 1 or not _collides(rows, groups[0], lattice)):
        centred = lost_centring(first.sites, first.group, lattice)
        if centred is None:
            return first.group, first.sites, first.warnings
        sites, warnings = _merged(rows, centred, lattice)
        note = f"half the cell is empty in {first.group.symbol}: centring restored, read as {centred.symbol}"
        return centred, sites, [note, *warnings]
    others = list(dict.fromkeys([*groups[1:], *other_origins(groups[0]), SpaceGroup.from_number(1)]))
    for group in others:
        if not group.fits(lattice):
            continue
        reading = _Reading(group, *_merged(rows, group, lattice))
        repeats = len(first.sites) < len(reading.sites)
        if group.order == 1 and (formula is None or not repeats or not reading.filled(lattice)):
            continue
        if reading.misfit(formula) < MISFIT and not _collides(rows, group, lattice):
            note = f"atoms do not fit {groups[0].symbol}: read as {group.symbol}"
            return group, reading.sites, [note, *reading.warnings]
    if first.misfit(formula) >= MISFIT and formula is not None:
        given, have = formula_of(formula), formula_of(first.composition, formula_units(first.composition, first.counts))
        first.warnings.append(f"the formula says {given}, the sites hold {have}")
    return first.group, first.sites, first.warnings


@dataclass(frozen=True)
class _Reading:
    """The sites under one of the groups that the file may mean."""

    group: SpaceGroup
    sites: tuple[Site, ...]
    warnings: list[str]

    @property
    def counts(self) -> list[int]:
        return [site.multiplicity for site in self.sites]

    @property
    def composition(self) -> dict[str, float]:
        atoms: dict[str, float] = {}
        for site in self.sites:
            for species in site.species:
                atoms[species.element] = atoms.get(species.element, 0.0) + site.multiplicity * species.occupancy
        return atoms

    def misfit(self, formula: Mapping[str, float] | None) -> float:
        """Largest difference of the atomic fractions from the formula's, hydrogen left out: files often lack it."""
        if formula is None:
            return 0.0
        have = {e: n for e, n in self.composition.items() if e not in ("H", "D")}
        want = {e: n for e, n in formula.items() if e not in ("H", "D")}
        if not have or not want:
            return 0.0
        n, m = sum(have.values()), sum(want.values())
        return max(abs(have.get(e, 0.0) / n - want.get(e, 0.0) / m) for e in have.keys() | want.keys())

    def filled(self, lattice: Lattice) -> bool:
        """Tell whether the cell holds as many atoms as solids do: 5 to 35 Å³ for each but hydrogen."""
        heavy = sum(n for e, n in self.composition.items() if e not in ("H", "D"))
        return heavy > 0 and 5.0 < lattice.volume / heavy < 35.0


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
        if near.any() and row.element not in ("H", "D"):
            return True
    return False


def _merged(
    rows: list[AtomRow], group: SpaceGroup, lattice: Lattice, share: bool = True
) -> tuple[tuple[Site, ...], list[str]]:
    sites: list[Site] = []
    images: NDArray[np.float64] = np.empty((0, 3))
    owners: list[int] = []
    listed: list[tuple[float, float, float]] = []
    repeated = 0
    shared: list[str] = []
    moved: list[str] = []
    for row in rows:
        near = nearest_images(lattice.metric, images, row.xyz)[1] if len(images) else np.empty(0)
        if len(near) and near.min() < SAME_POSITION:
            index = owners[int(np.argmin(near))]
            joined, duplicate = _joined(sites[index], row, np.abs(np.subtract(row.xyz, listed[index])).max() < 1e-6)
            repeated += duplicate
            if share and joined.occupancy > 1.05:
                joined = _shared(joined)
                shared.append(joined.label)
            sites[index] = joined
            continue
        merge = MERGE_FULL if row.occupancy > 0.55 else MERGE_PARTIAL
        orbit = orbit_of(lattice.metric, group.rotations, group.translations, row.xyz, merge)
        owners += [len(sites)] * orbit.multiplicity
        images = np.concatenate([images, orbit.images])
        listed.append(row.xyz)
        x, y, z = (float(value) for value in orbit.xyz)
        away = float(nearest_images(lattice.metric, [row.xyz], orbit.xyz)[1][0])
        if away > FAR_MOVE:
            moved.append(f"{row.label} by {away:.2f} Å")
        species = (Species(row.element, row.occupancy, row.charge, row.isotope),)
        sites.append(Site(row.label, species, (x, y, z), row.u_iso, row.u_aniso, orbit.multiplicity))
    warnings = []
    if moved:
        warnings.append(f"moved onto special positions: {', '.join(moved[:5])}")
    if repeated:
        warnings.append(f"{repeated} atoms repeat symmetry images of others: left out")
    if shared:
        warnings.append(f"occupancies at {', '.join(shared[:5])} add to more than 1{SCALED}")
    return tuple(sites), warnings


def _joined(site: Site, row: AtomRow, identical: bool) -> tuple[Site, bool]:
    """Put an atom onto a site that is there already; True when it is only an image of what it holds.

    ``identical`` says that both rows give the same coordinates, as two halves of one atom do.
    """
    kind = (row.element, row.charge, row.isotope)
    same = [k for k, s in enumerate(site.species) if (s.element, s.charge, s.isotope) == kind]
    species = list(site.species)
    if same:
        held = species[same[0]]
        if site.occupancy + row.occupancy > 1.05 or not identical:
            return site, True
        species[same[0]] = replace(held, occupancy=held.occupancy + row.occupancy)
    else:
        species.append(Species(row.element, row.occupancy, row.charge, row.isotope))
    u_iso = site.u_iso if site.u_iso is not None else row.u_iso
    return Site(
        site.label, tuple(species), site.xyz, u_iso, site.u_aniso or row.u_aniso, site.multiplicity, site.wyckoff
    ), False


def _shared(site: Site) -> Site:
    total = site.occupancy
    species = tuple(replace(s, occupancy=s.occupancy / total) for s in site.species)
    return Site(site.label, species, site.xyz, site.u_iso, site.u_aniso, site.multiplicity, site.wyckoff)

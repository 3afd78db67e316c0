"""Find the true symmetry of a structure and bring it to the standard setting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.displacement import cell_tensor, site_tensor
from anatase.crystal.lattice import Lattice
from anatase.crystal.orbit import Orbit, nearest_images, orbit_of
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Structure
from anatase.errors import InputError

if TYPE_CHECKING:
    import moyopy

__all__ = ["standardize"]

Array = NDArray[np.float64]
MAX_VOLUME = 2000.0  # Å³ for a position; the search in cells that are all but empty may never end
MAX_POSITIONS = 4000  # the search is about quadratic; beyond this the file's symmetry is kept


def standardize(structure: Structure, symprec: float = 0.01) -> Structure:
    """Return the structure in the standard setting of its true space group, with Wyckoff letters.

    The structure is expanded by the operations it declares and searched anew, so that a structure
    written in P1 finds its symmetry. Settings: axis b and cell choice 1, hexagonal axes, origin choice 2.
    Atoms with other elements, charges or occupancies are never equivalent. Displacement tensors turn with
    the axes. When the search finds less symmetry than declared, or none, the declared symmetry is kept
    and a warning says so.

    Parameters
    ----------
    structure
        Any structure.
    symprec
        Largest distance in Å between an atom and the image that replaces it; a third and a tenth of it
        are tried where the search fails.
    """
    owners, positions = structure.cell_positions
    if len(positions) > MAX_POSITIONS:
        return _kept(structure, f"the cell has more than {MAX_POSITIONS} positions: symmetry not sought")
    if structure.lattice.volume > MAX_VOLUME * len(positions):
        return _kept(structure, f"the cell has only {len(positions)} positions: symmetry not sought")
    contents: dict[object, int] = {}
    numbers = [contents.setdefault(_content(structure.sites[i]), len(contents) + 1) for i in owners]
    declared = structure.space_group.order / structure.lattice.volume
    for tolerance in (symprec, symprec / 3.0, symprec / 10.0):
        dataset = _search(structure.lattice, positions, numbers, tolerance)
        if dataset is None:
            continue
        group = _standard_group(dataset.hall_number)
        lattice = Lattice.from_vectors(dataset.std_cell.basis)
        if group.order / lattice.volume > declared * 0.99:
            return _Mapping(structure, dataset, lattice, group, np.asarray(numbers), tolerance).structure()
    return _kept(structure, f"no search within {symprec:g} Å found the stated symmetry {structure.space_group.symbol}")


def _search(lattice: Lattice, positions: Array, numbers: list[int], symprec: float) -> moyopy.MoyoDataset | None:
    """Search the symmetry; ``None`` where moyo gives up at this tolerance."""
    import moyopy

    cell = moyopy.Cell(lattice.vectors.tolist(), positions.tolist(), numbers)
    try:
        return moyopy.MoyoDataset(cell, symprec=symprec, setting=moyopy.Setting.standard())
    except ValueError:
        return None


@lru_cache(maxsize=530)
def _standard_group(hall_number: int) -> SpaceGroup:
    import moyopy

    # spglib and moyo write " as = inside a Hall symbol
    return SpaceGroup.from_hall(moyopy.HallSymbolEntry(hall_number).hall_symbol.replace("=", '"'))


def _content(site: Site) -> tuple[tuple[str, int, int, float], ...]:
    return tuple(sorted((s.element, s.isotope, s.charge, round(s.occupancy, 3)) for s in site.species))


def _kept(structure: Structure, warning: str) -> Structure:
    sites = tuple(
        replace(site, multiplicity=orbit.multiplicity)
        for site, orbit in zip(structure.sites, structure.orbits, strict=True)
    )
    return replace(structure, sites=sites, warnings=(*structure.warnings, warning))


@dataclass(frozen=True)
class _Mapping:
    """From the positions of the declared cell to the sites of the standard one."""

    given: Structure
    dataset: moyopy.MoyoDataset
    lattice: Lattice
    group: SpaceGroup
    numbers: NDArray[np.int64]
    tolerance: float

    def structure(self) -> Structure:
        owners, positions = self.given.cell_positions
        orbits = np.asarray(self.dataset.orbits)
        found: list[Site] = []
        for first in np.unique(orbits):
            members = np.flatnonzero(orbits == first)
            # a site that the file lists itself, so that its label and its tensor need no image
            chosen = next((int(m) for m in members if m == 0 or owners[m] != owners[m - 1]), int(first))
            found.append(self._site(chosen, members, owners, positions))
        return replace(self.given, lattice=self.lattice, space_group=self.group, sites=_relabelled(found))

    def _site(self, chosen: int, members: NDArray[np.int64], owners: NDArray[np.int64], positions: Array) -> Site:
        site = self.given.sites[owners[chosen]]
        to_standard = np.linalg.inv(np.asarray(self.dataset.std_linear))
        selected = to_standard @ (positions[chosen] - np.asarray(self.dataset.std_origin_shift))
        orbit = orbit_of(
            self.lattice.metric, self.group.rotations, self.group.translations, self._refined(selected, chosen), 1e-3
        )
        image = min(range(orbit.multiplicity), key=lambda k: _readability(orbit.images[k], self.group))
        isotropic = [u for u in (self.given.sites[i].u_iso for i in owners[members]) if u is not None]
        standard: Site = replace(
            site,
            xyz=_tidy(orbit.images[image]),
            u_iso=float(np.mean(isotropic)) if isotropic else None,
            u_aniso=self._tensor(site, to_standard, orbit, image),
            multiplicity=orbit.multiplicity,
            wyckoff=self.dataset.wyckoffs[chosen],
        )
        return standard

    def _refined(self, selected: Array, chosen: int) -> Array:
        """Take the symmetrised coordinates of the same atom from the standard cell."""
        standard = self.dataset.std_cell
        same = np.flatnonzero(np.asarray(standard.numbers) == self.numbers[chosen])
        candidates = np.asarray(standard.positions)[same]
        distances = nearest_images(self.lattice.metric, candidates, selected)[1]
        return np.asarray(candidates[np.argmin(distances)])

    def _tensor(
        self, site: Site, to_standard: Array, orbit: Orbit, image: int
    ) -> tuple[float, float, float, float, float, float] | None:
        if site.u_aniso is None:
            return None
        tensor = to_standard @ cell_tensor(site.u_aniso, self.given.lattice) @ to_standard.T
        stabilizer = self.group.rotations[orbit.stabilizer]
        tensor = np.mean(stabilizer @ tensor @ stabilizer.transpose(0, 2, 1), axis=0)
        turn = self.group.rotations[orbit.operations[image]]
        return site_tensor(turn @ tensor @ turn.T, self.lattice)


def _tidy(position: Array) -> tuple[float, float, float]:
    """Wrap a position to 0 ≤ x < 1 without the last bits of arithmetic."""
    x, y, z = (round(float(value), 10) % 1.0 + 0.0 for value in position)
    return (x, y, z)


def _readability(xyz: Array, group: SpaceGroup) -> tuple[float, ...]:
    """Order images as tables print them: (x, x, x) first in cubic groups, else the smallest sum, (x, x, 0)."""
    distinct = len({round(float(x), 5) for x in xyz}) if group.crystal_system == "cubic" else 0
    return (distinct, round(float(np.sum(xyz)), 5), *(-round(float(x), 5) for x in xyz))


def _relabelled(sites: list[Site]) -> tuple[Site, ...]:
    """Make labels unique: a second O1 becomes O1a."""
    seen: set[str] = set()
    result = []
    for site in sites:
        label, suffix = site.label, 0
        while label in seen:
            suffix += 1
            label = f"{site.label}_{suffix}"
        seen.add(label)
        result.append(replace(site, label=label))
    if not result:
        raise InputError("the structure has no sites", "give at least one atom")
    return tuple(result)

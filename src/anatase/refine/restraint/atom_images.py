"""Images of the sites of a structure: by a symmetry code, or the nearest to another, with Cartesian positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.crystal.site_freedom import site_freedom
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.refine.cartesian_axes import axes_slopes

__all__ = ["AtomImage", "coded_image", "equivalent_neighbours", "images_within", "nearest_image", "positions"]

Array = NDArray[np.float64]

SAME = 1e-3  # Å, between two images of one place
TIE = 1e-3  # Å, within which the image that is written down goes before others


@dataclass(frozen=True)
class AtomImage:
    """The image W x + w of a site, by its number in the structure; W rows and w in fractions of the cell."""

    site: int
    rotation: tuple[tuple[int, int, int], tuple[int, int, int], tuple[int, int, int]] = (
        (1, 0, 0), (0, 1, 0), (0, 0, 1),
    )  # fmt: skip
    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def place(self, structure: Structure) -> Array:
        """Return the fractional position (3,)."""
        return np.asarray(np.array(self.rotation) @ structure.sites[self.site].xyz + self.translation)

    @property
    def inverse(self) -> AtomImage:
        """The image that stands to the site as the site stands to this one."""
        back = np.linalg.inv(np.array(self.rotation, dtype=float))
        return _image(self.site, back, -back @ self.translation)

    @property
    def code(self) -> str:
        """The symmetry code, ``-x,y+1/2,z``; empty for the site itself."""
        operation = gemmi.Op()
        operation.rot = [[gemmi.Op.DEN * v for v in row] for row in self.rotation]
        operation.tran = [round(gemmi.Op.DEN * t) for t in self.translation]
        return "" if operation == gemmi.Op() else operation.triplet()


def coded_image(structure: Structure, site: int, code: str) -> AtomImage:
    """Return the image of a site by a symmetry code, as in ``-x,1/2+y,z``; whole translations are allowed.

    Raises
    ------
    InputError
        When the code cannot be read, or is no operation of the space group.
    """
    try:
        operation = gemmi.Op(code.lower())
    except (RuntimeError, ValueError) as error:
        raise InputError(f"'{code}' is no symmetry code", "write it as in -x,1/2+y,z") from error
    rotation = np.array(operation.rot) / gemmi.Op.DEN
    translation = np.array(operation.tran) / gemmi.Op.DEN
    group = structure.space_group
    gaps = group.translations - translation
    known = (group.rotations == rotation).all(axis=(1, 2)) & (np.abs(gaps - np.round(gaps)) < 1e-6).all(axis=1)
    if not known.any():
        raise InputError(f"'{code}' is no operation of {group.symbol}", "take one of the group, and whole translations")
    return _image(site, rotation, translation)


def _image(site: int, rotation: Array, translation: Array) -> AtomImage:
    rows = tuple((int(row[0]), int(row[1]), int(row[2])) for row in np.round(rotation))
    moved = (float(translation[0]), float(translation[1]), float(translation[2]))
    return AtomImage(site, (rows[0], rows[1], rows[2]), moved)


def images_within(structure: Structure, site: int, place: Array, radius: float) -> list[tuple[float, AtomImage]]:
    """Return distance (Å) and image of a site, for each within a radius of a fractional place (3,), nearest first.

    The place itself is left out. Of images at one position, the one with the site itself or the first operation stays.
    """
    group, axes = structure.space_group, structure.lattice.vectors
    spacings = 1.0 / np.sqrt(np.diag(structure.lattice.reciprocal_metric))
    reach = np.ceil(radius / spacings).astype(int) + 1
    cells = np.array(list(product(*(range(-n, n + 1) for n in reach))), dtype=float)
    moved = group.rotations @ np.array(structure.sites[site].xyz) + group.translations
    base = group.translations - np.round(moved - place)
    translations = (base[:, None] + cells).reshape(-1, 3)
    operation = np.repeat(np.arange(len(moved)), len(cells))
    points = (group.rotations[operation] @ np.array(structure.sites[site].xyz)) + translations
    lengths = np.linalg.norm((points - place) @ axes, axis=1)
    inside = np.flatnonzero((lengths <= radius) & (lengths > SAME))
    plain = (group.rotations[operation] == np.eye(3, dtype=int)).all(axis=(1, 2)) & (translations == 0.0).all(axis=1)
    order = inside[np.lexsort((operation[inside], ~plain[inside], np.round(lengths[inside] / TIE)))]
    found: list[int] = []
    for i in order.tolist():
        if not found or np.linalg.norm((points[i] - points[found]) @ axes, axis=1).min() > SAME:
            found.append(i)
    return [(float(lengths[i]), _image(site, group.rotations[operation[i]], translations[i])) for i in found]


def nearest_image(structure: Structure, site: int, places: Sequence[Array], apart: Sequence[Array] = ()) -> AtomImage:
    """Return the image of a site that is nearest to any of several places (3,), and at none of them nor of ``apart``.

    Raises
    ------
    InputError
        When every image is at one of the places.
    """
    axes, taken = structure.lattice.vectors, [*places, *apart]
    longest = float(np.abs(axes).sum(axis=0).max()) * 2.0
    radius = 2.0
    while True:
        near: list[tuple[int, bool, int, AtomImage]] = []
        for place in places:
            for length, image in images_within(structure, site, place, radius):
                at = image.place(structure)
                if np.linalg.norm((at - np.array(taken)) @ axes, axis=1).min() > SAME:
                    near.append((round(length / TIE), image.code != "", len(near), image))
                    break
        if near:
            return min(near, key=lambda one: one[:3])[3]
        if radius > longest:
            label = structure.sites[site].label
            raise InputError(f"{label} has no image apart from the atoms named with it", "name another")
        radius *= 2.0


def equivalent_neighbours(structure: Structure, site: int, neighbours: Sequence[AtomImage]) -> list[list[int]]:
    """Return how each operation that leaves a site in place permutes neighbours (n): rows of n numbers.

    An operation that takes a neighbour to none of them is left out.
    """
    group, axes, centre = structure.space_group, structure.lattice.vectors, np.array(structure.sites[site].xyz)
    points = np.array([image.place(structure) for image in neighbours]).reshape(-1, 3)
    found = []
    for operation in np.flatnonzero(structure.cell_content.stabilizers[site]):
        rotation, translation = group.rotations[operation], group.translations[operation]
        shift = translation + np.round(centre - rotation @ centre - translation)
        moved = points @ rotation.T + shift
        gaps = np.linalg.norm((moved[:, None] - points) @ axes, axis=2)
        if len(points) and np.all(gaps.min(axis=1) < 0.05):
            found.append(gaps.argmin(axis=1).tolist())
    return found


def positions(
    structure: Structure, phase: str, images: Sequence[AtomImage], rows: Mapping[str, int]
) -> tuple[Array, Array]:
    """Return Cartesian positions (n, 3) in Å, and their derivatives (r, n, 3) by the parameters with rows (r).

    ``phase`` is the name that stands before those of coordinates and cell parameters.
    """
    axes = structure.lattice.vectors
    rotations = np.array([image.rotation for image in images], dtype=float).reshape(-1, 3, 3)
    sites = np.array([structure.sites[image.site].xyz for image in images]).reshape(-1, 3)
    places = np.einsum("nij,nj->ni", rotations, sites) + np.array([i.translation for i in images]).reshape(-1, 3)
    slopes = np.zeros((len(rows), len(images), 3))
    if rows:
        for name, slope in zip(*axes_slopes(structure), strict=True):
            row = rows.get(f"{phase}.{name}")
            if row is not None:
                slopes[row] += places @ slope
        owners = np.array([image.site for image in images])
        for site in np.unique(owners).tolist():
            free, own = site_freedom(structure, site), np.flatnonzero(owners == site)
            for axis, direction in zip(free.axes, free.directions, strict=True):
                row = rows.get(f"{phase}.{structure.sites[site].label}.{axis}")
                if row is not None:
                    slopes[row, own] += (rotations[own] @ direction) @ axes
    return np.asarray(places @ axes), slopes

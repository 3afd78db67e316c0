"""A rigid body in its crystal: the coordinates of its sites by its motions, symmetry and cell included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.site_freedom import site_freedom
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.refine.cartesian_axes import axes_slopes
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.structure_parameters import with_structure_values
from anatase.refine.restraint.atom_images import AtomImage, nearest_image
from anatase.refine.rigid_body.allowed_motions import allowed_motions, on_special_positions
from anatase.refine.rigid_body.body import CENTRE, RigidBody
from anatase.refine.rigid_body.internal_coordinates import cartesian_of
from anatase.refine.rigid_body.kinematics import Turns, moved_places
from anatase.refine.rigid_body.rotation import superposition

__all__ = ["PlacedBody", "placed_body"]

Array = NDArray[np.float64]

WORST_SHAPE = 1.0  # Å r.m.s., between a given shape and the sites it stands for
CLOSE_ENOUGH = 1e-12  # in fractions of the cell, when motions are sought for coordinates
MOST_STEPS = 30


@dataclass(frozen=True)
class PlacedBody:
    """A rigid body at the start of a fit.

    Parameters
    ----------
    structure
        Of its phase, at the start.
    images
        Where each site (n) stands beside the others.
    shape
        Cartesian positions (n, 3) in Å about the origin, as oriented at the start.
    turns
        For each torsion: the ends of its bond, and what it moves, by number.
    start
        All motions (6 + t) at the start: fractions of the cell, then degrees, 0.
    motions
        The free ones (m): ``PbSO4.SO4.tx``.
    directions
        How all motions follow the free ones, (m, 6 + t), at rate 1 for their own.
    coordinates
        The names of the sites' free coordinates (c), and for each the number of its site and axis.
    cell
        The names of the free cell parameters.
    """

    structure: Structure
    images: tuple[AtomImage, ...]
    shape: Array
    turns: Turns
    start: Array
    motions: tuple[str, ...]
    directions: Array
    coordinates: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    cell: tuple[str, ...]

    @property
    def start_values(self) -> Array:
        """The free motions (m,) at the start."""
        return np.asarray(self.start[[int(np.argmax(row != 0.0)) for row in self.directions]])

    def at(self, motions: Array, cell: Mapping[str, float]) -> tuple[Array, Array, Array]:
        """Return the coordinates (c,), and their derivatives by the motions (c, m) and the free cell parameters (c, k).

        ``cell``: values of cell parameters other than at the start, by their names in the structure.
        """
        structure = with_structure_values(self.structure, cell) if cell else self.structure
        _, by_axes = axes_slopes(structure)
        every = self.start + (motions - self.start_values) @ self.directions
        places, by_motion, turned = moved_places(self.shape, self.turns, every, structure.lattice.vectors)
        back = np.linalg.inv(structure.lattice.vectors)
        by_cell = -np.einsum("nc,cd,kde,ef->knf", turned, back, by_axes, back)
        own = [np.linalg.inv(np.array(image.rotation, dtype=float)) for image in self.images]
        values, slopes, cells = [], [], []
        for site, axis in self.places:
            row = own[site][axis]
            values.append(row @ (places[site] - self.images[site].translation))
            slopes.append(by_motion[:, site] @ row)
            cells.append(by_cell[:, site] @ row)
        return np.array(values), np.array(slopes) @ self.directions.T, np.array(cells)

    def motions_of(self, coordinates: Array, cell: Mapping[str, float]) -> Array:
        """Return the motions (m,) that come nearest to coordinates (c,), by Gauss–Newton steps from the start."""
        motions = self.start_values
        for _ in range(MOST_STEPS):
            values, slopes, _ = self.at(motions, cell)
            step = np.linalg.lstsq(slopes, coordinates - values, rcond=1e-10)[0]
            motions = motions + step
            if np.abs(slopes @ step).max(initial=0.0) < CLOSE_ENOUGH:
                break
        return motions


def placed_body(model: RefinementModel, body: RigidBody) -> PlacedBody:
    """Return a rigid body at the start of a fit of a model, with the motions that its sites' symmetry allows.

    Raises
    ------
    InputError
        When phase or sites are not there, a given shape is far from theirs, or a named motion is not allowed.
    """
    phases = [phase for phase in model.phases if phase.name == body.phase]
    if not phases:
        known = ", ".join(phase.name for phase in model.phases)
        raise InputError(f"'{body.phase}' of the rigid body {body.name} is no phase", f"give one of {known}")
    structure = phases[0].structure
    labels = [site.label for site in structure.sites]
    if missing := [label for label in body.sites if label not in labels]:
        raise InputError(
            f"'{missing[0]}' of the rigid body {body.name} is no site of {body.phase}", f"it has {', '.join(labels)}"
        )
    # on the special positions themselves: coordinates of four digits would seem to forbid what symmetry allows
    settled = structure.cell_content.xyz.tolist()
    structure = replace(structure, sites=tuple(
        replace(site, xyz=tuple(place)) for site, place in zip(structure.sites, settled, strict=True)
    ))  # fmt: skip
    sites = [labels.index(label) for label in body.sites]
    images = _side_by_side(structure, sites)
    places = np.array([image.place(structure) for image in images])
    axes = structure.lattice.vectors
    turns = _turns(body)
    own = _own_shape(body, places @ axes)
    if body.cartesian or body.bonds:
        own = on_special_positions(structure, images, own)
    shape, start = own - _origin_of(body, own), np.zeros(6 + len(body.torsions))
    start[:3] = _origin_of(body, own) @ np.linalg.inv(axes)
    named, at = _coordinates(structure, body.phase, sites)
    directions = allowed_motions(structure, body, images, (places - _origin_of(body, places)) @ axes, turns)
    motions = tuple(f"{body.phase}.{body.name}.{body.all_motions[int(np.argmax(row != 0.0))]}" for row in directions)
    cell, _ = axes_slopes(structure)
    return PlacedBody(structure, images, shape, turns, start, motions, directions, named, at, cell)


def _side_by_side(structure: Structure, sites: Sequence[int]) -> tuple[AtomImage, ...]:
    """Return the images of sites that stand together: each time the one nearest to those that are placed."""
    placed = {sites[0]: AtomImage(sites[0])}
    while len(placed) < len(sites):
        there = [image.place(structure) for image in placed.values()]
        near = []
        for site in sites:
            if site not in placed:
                image = nearest_image(structure, site, there)
                gaps = (image.place(structure) - np.array(there)) @ structure.lattice.vectors
                near.append((float(np.linalg.norm(gaps, axis=1).min()), site, image))
        _, site, image = min(near, key=lambda one: one[0])
        placed[site] = image
    return tuple(placed[site] for site in sites)


def _own_shape(body: RigidBody, points: Array) -> Array:
    """Return the Cartesian positions (n, 3) of the body's shape, laid over those of the sites at the start.

    Its hand is that of the sites: a tetrahedron of which symmetry makes one corner has none to a user's eye.
    """
    if not body.cartesian and not body.bonds:
        return points
    by_site = cartesian_of(body.bonds) if body.bonds else dict(zip(body.sites, np.array(body.cartesian), strict=True))
    shape = np.array([by_site[site] for site in body.sites])
    shape, (matrix, misfit) = min(
        ((hand, superposition(hand, points)) for hand in (shape, shape * [1.0, 1.0, -1.0])), key=lambda one: one[1][1]
    )
    if misfit > WORST_SHAPE:
        raise InputError(
            f"the shape of the rigid body {body.name} is {misfit:.2f} Å r.m.s. from its sites",
            "check its coordinates and the order of sites, or start from nearer",
        )
    return np.asarray((shape - shape.mean(axis=0)) @ matrix.T + points.mean(axis=0))


def _origin_of(body: RigidBody, points: Array) -> Array:
    if body.origin == CENTRE:
        return np.asarray(points.mean(axis=0))
    return np.asarray(points[body.sites.index(body.origin or body.sites[0])])


def _turns(body: RigidBody) -> Turns:
    """Return the torsions by numbers of sites; one that turns the bond of another must stand before it."""
    number = {site: i for i, site in enumerate(body.sites)}
    for i, outer in enumerate(body.torsions):
        carried, on_axis = set(outer.moves), set(outer.bond)
        for inner in body.torsions[i + 1 :]:
            bond, moved = set(inner.bond), set(inner.moves)
            beyond = moved <= carried and bond <= carried | on_axis
            aside = not moved & carried and not bond & carried
            if moved & on_axis or not (beyond or aside):
                raise InputError(
                    f"the torsions about {' – '.join(outer.bond)} and {' – '.join(inner.bond)} of {body.name} move "
                    "each other",
                    "list the one that carries the other first, with all that it carries",
                )
    return tuple(
        (number[one.bond[0]], number[one.bond[1]], tuple(number[site] for site in one.moves)) for one in body.torsions
    )


def _coordinates(
    structure: Structure, phase: str, sites: Sequence[int]
) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """Return the names of the sites' free coordinates, and for each the number of its site in the body and its axis."""
    names, places = [], []
    for i, site in enumerate(sites):
        for axis in site_freedom(structure, site).axes:
            names.append(f"{phase}.{structure.sites[site].label}.{axis}")
            places.append((i, "xyz".index(axis)))
    return tuple(names), tuple(places)

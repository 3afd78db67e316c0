"""Which motions of a rigid body leave its sites on their special positions, and a shape brought onto them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.free_cell import echelon
from anatase.crystal.site_freedom import site_freedom
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.refine.restraint.atom_images import AtomImage
from anatase.refine.rigid_body.body import RigidBody
from anatase.refine.rigid_body.kinematics import Turns, moved_places

__all__ = ["allowed_motions", "on_special_positions"]

Array = NDArray[np.float64]

ALLOWED = 1e-5  # of a motion, that may lead off a special position
NEARNESS = 1e-3  # weight of staying near the sites, beside coming onto their special positions
MOST_STEPS = 30


def allowed_motions(
    structure: Structure,
    body: RigidBody,
    images: Sequence[AtomImage],
    points: Array,
    turns: Turns,
) -> Array:
    """Return the motions (m, 6 + t), in echelon form, that leave each site on its special position and move any."""
    every = body.all_motions
    _, slopes, _ = moved_places(points, turns, np.zeros(len(every)), structure.lattice.vectors)
    leading_off = [np.zeros((len(every), 0))]
    for i, image in enumerate(images):
        free = site_freedom(structure, image.site)
        moved = slopes[:, i] @ np.linalg.inv(np.array(image.rotation, dtype=float)).T
        axes = ["xyz".index(axis) for axis in free.axes]
        leading_off.append(moved - moved[:, axes] @ free.directions)
    off, moving = np.hstack(leading_off), slopes.reshape(len(every), -1)
    wanted = [every.index(motion) for motion in body.motions or every]
    directions = _undisturbing(off, moving, wanted)
    if body.motions and (stuck := [m for m in body.motions if not directions[:, every.index(m)].any()]):
        rows = _undisturbing(off, moving, list(range(len(every))))
        allowed = ", ".join(every[int(np.argmax(row != 0.0))] for row in rows) or "no motion"
        raise InputError(
            f"{stuck[0]} of the rigid body {body.name} moves nothing, or a site off its special position",
            f"symmetry allows {allowed}",
        )
    if not len(directions):
        raise InputError(f"symmetry allows the rigid body {body.name} no motion", "leave it out")
    return directions


def _undisturbing(off: Array, moving: Array, wanted: Sequence[int]) -> Array:
    """Return the combinations (m, 6 + t) of wanted motions that lead nothing off its place, in echelon form.

    ``off`` (6 + t, o): how motions lead off; ``moving`` (6 + t, 3 n): how they move. What moves nothing, as the turn of
    two atoms about their line, is left out.
    """
    sizes = np.maximum(np.linalg.norm(moving[wanted], axis=1), 1e-9)
    _, lengths, vectors = np.linalg.svd((off[wanted] / sizes[:, None]).T)
    rank = int(np.count_nonzero(lengths > ALLOWED))
    kept: list[Array] = []
    for row in echelon(vectors[rank:] / sizes, ALLOWED / float(sizes.max())):
        direction = np.zeros(len(off))
        direction[wanted] = row
        moves = np.array([*kept, direction]) @ moving
        lengths = np.linalg.svd(moves / np.maximum(np.linalg.norm(moves, axis=1), 1e-9)[:, None])[1]
        if lengths[-1] > ALLOWED:
            kept.append(direction)
    return np.array(kept).reshape(-1, len(off))


def on_special_positions(structure: Structure, images: Sequence[AtomImage], points: Array) -> Array:
    """Return Cartesian positions (n, 3) of a shape moved as a whole so that its sites come onto special positions.

    Where that leaves a choice, the place nearest to the sites is taken; found again from there, it is the same.
    """
    axes, motions, origin = structure.lattice.vectors, np.zeros(6), points.mean(axis=0)
    motions[:3] = origin @ np.linalg.inv(axes)
    turned = points
    for _ in range(MOST_STEPS):
        places, slopes, turned = moved_places(points - origin, (), motions, axes)
        gaps, rows = list[Array](), list[Array]()
        for place, slope, image in zip(places, slopes.transpose(1, 0, 2), images, strict=True):
            back = np.linalg.inv(np.array(image.rotation, dtype=float))
            gap, moved = back @ (place - image.place(structure)), slope @ back.T
            free = site_freedom(structure, image.site)
            own = ["xyz".index(axis) for axis in free.axes]
            gaps += [gap - gap[own] @ free.directions, NEARNESS * gap]
            rows += [moved - moved[:, own] @ free.directions, NEARNESS * moved]
        step = np.linalg.lstsq(np.hstack(rows).T, np.concatenate(gaps), rcond=1e-12)[0]
        motions = motions - step
        if np.abs(step).max() < 1e-10:
            break
    return np.asarray(turned + motions[:3] @ axes)

"""The shape of a body from bond lengths, angles and torsions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.refine.rigid_body.body import Bond

__all__ = ["cartesian_of"]

Array = NDArray[np.float64]


def cartesian_of(bonds: Sequence[Bond]) -> dict[str, Array]:
    """Return Cartesian positions (3,) in Å by site.

    The torsion is that of site – to – angle_to – torsion_to (Klyne & Prelog (1960) Experientia 16, 521): positive where
    the first bond turns clockwise onto the last, seen along to → angle_to.

    Raises
    ------
    InputError
        When a bond builds on a site that is not yet there, or on three in a line.

    Examples
    --------
    >>> water = [Bond("O"), Bond("H1", "O", 0.96), Bond("H2", "O", 0.96, "H1", 104.5)]
    >>> round(float(np.linalg.norm(cartesian_of(water)["H1"] - cartesian_of(water)["H2"])), 3)
    1.518
    """
    places: dict[str, Array] = {}
    for n, bond in enumerate(bonds):
        needed = (bond.to, bond.angle_to, bond.torsion_to)[: min(n, 3)]
        if missing := [site or "nothing" for site in needed if site not in places]:
            raise InputError(f"the bond of {bond.site} builds on {missing[0]}", "name sites that stand above it")
        if len(set(needed)) < len(needed) or (n and not 0.1 <= bond.length <= 100.0):
            raise InputError(
                f"the bond of {bond.site} has no length between 0.1 and 100 Å, or a site twice", "correct it"
            )
        places[bond.site] = _placed(bond, [places[site] for site in needed])
    return places


def _placed(bond: Bond, known: Sequence[Array]) -> Array:
    angle, torsion = np.radians([bond.angle, bond.torsion])
    if not known:
        return np.zeros(3)
    if len(known) == 1:
        return np.asarray(known[0] + [bond.length, 0.0, 0.0])
    axis = (known[1] - known[0]) / np.linalg.norm(known[1] - known[0])
    third = known[2] - known[1] if len(known) == 3 else np.array([0.0, 1.0, 0.0])
    side = third - (third @ axis) * axis
    if np.linalg.norm(side) < 1e-6:
        raise InputError(f"the torsion of {bond.site} is about three sites in a line", "build it on others")
    side /= np.linalg.norm(side)
    up = np.cross(side, axis)
    across = np.cos(torsion) * side + np.sin(torsion) * up
    return np.asarray(known[0] + bond.length * (np.cos(angle) * axis + np.sin(angle) * across))

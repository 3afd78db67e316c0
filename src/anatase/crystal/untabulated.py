"""Name a space group that is given by its operations in a setting outside the tables."""

from __future__ import annotations

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError

__all__ = ["identify_setting"]

DEN = gemmi.Op.DEN  # translations count in 24ths of the cell


def identify_setting(group: gemmi.GroupOps, listed: set[str] | None = None) -> tuple[int, str, str]:
    """Return number, symbol and Hall symbol with its change of basis for a group in any setting.

    ``listed`` holds the triplets that a file gave; they must be the whole group.

    Raises
    ------
    InputError
        When the operations are no group or have no name.
    """
    operations = [gemmi.Op(triplet) for triplet in sorted(listed)] if listed else list(group)
    if len(operations) > 192 * 4:
        raise InputError(f"{len(operations)} symmetry operations are more than a cell can have", "check the list")
    rotations = np.array([op.rot for op in operations], dtype=np.int64) // DEN
    translations = np.array([op.tran for op in operations], dtype=np.int64) % DEN
    _check_closed(rotations, translations)
    number, hall, linear, shift = _standard_setting(rotations, translations)
    wanted = {op.wrap().triplet() for op in operations}
    symbol = gemmi.get_spacegroup_reference_setting(number).xhm()
    base, own_shift = _without_shift(hall)
    for matrix, vector in ((linear, shift), _inverse(linear, shift)):
        tail = _change_of_basis(matrix, vector + matrix @ own_shift)
        if tail and {op.wrap().triplet() for op in gemmi.symops_from_hall(f"{base} {tail}")} == wanted:
            return number, f"{symbol} {_change_of_basis(matrix, vector)}", f"{base} {tail}"
    raise InputError(
        f"the {len(operations)} symmetry operations make space group {number} in a setting that has no Hall symbol",
        "transform the structure to a standard setting",
    )


def _keys(rotations: NDArray[np.int64], translations: NDArray[np.int64]) -> set[bytes]:
    rows = np.concatenate([rotations.reshape(len(rotations), 9), translations % DEN], axis=1)
    return {row.tobytes() for row in np.ascontiguousarray(rows)}


def _check_closed(rotations: NDArray[np.int64], translations: NDArray[np.int64]) -> None:
    known = _keys(rotations, translations)
    for rotation, translation in zip(rotations, translations, strict=True):
        products = np.einsum("ij,njk->nik", rotation, rotations)
        moved = np.einsum("ij,nj->ni", rotation, translations) + translation
        if not _keys(products, moved) <= known:
            raise InputError(
                f"the {len(rotations)} symmetry operations are no group: a product of two is not in the list",
                "complete the list",
            )


def _standard_setting(
    rotations: NDArray[np.int64], translations: NDArray[np.int64]
) -> tuple[int, str, NDArray[np.float64], NDArray[np.float64]]:
    """Return number, Hall symbol, and x_cell = linear · x_standard + shift."""
    import moyopy

    identity = np.eye(3, dtype=np.int64)
    centring = translations[(rotations == identity).all(axis=(1, 2))]
    primitive = _lattice_basis(np.concatenate([identity * DEN, centring])).T / DEN  # columns
    inverse = np.linalg.inv(primitive)
    reduced: dict[bytes, tuple[list[list[int]], list[float]]] = {}
    for rotation, translation in zip(rotations, translations / DEN, strict=True):
        turned = np.rint(inverse @ rotation @ primitive).astype(int)
        reduced.setdefault(turned.tobytes(), (turned.tolist(), (inverse @ translation % 1.0).tolist()))
    metric = np.einsum("nji,njk->ik", rotations, rotations).astype(float)
    basis = (np.linalg.cholesky(metric).T @ primitive).T
    try:
        found = moyopy.SpaceGroup(
            [r for r, _ in reduced.values()],
            [t for _, t in reduced.values()],
            basis=basis.tolist(),
            setting=moyopy.Setting.standard(),
        )
    except ValueError as error:
        raise InputError(f"the symmetry operations are no space group ({error})", "check the list") from error
    entry = moyopy.HallSymbolEntry(found.hall_number)
    # found.linear leads to the primitive standard basis, the centring from there to the conventional one
    linear = primitive @ np.array(found.linear) @ np.array(entry.centering.linear)
    return found.number, entry.hall_symbol.replace("=", '"'), linear, primitive @ np.array(found.origin_shift)


def _lattice_basis(generators: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return a basis (3, 3) of the integer lattice that rows generate (Hermite normal form)."""
    rows = generators.copy()
    for column in range(3):
        while np.count_nonzero(rows[column:, column]) > 1:
            below = column + np.flatnonzero(rows[column:, column])
            pivot = below[np.argmin(np.abs(rows[below, column]))]
            for other in below[below != pivot]:
                rows[other] -= rows[pivot] * (rows[other, column] // rows[pivot, column])
        pivot = column + np.flatnonzero(rows[column:, column])[0]
        rows[[column, pivot]] = rows[[pivot, column]]
    return rows[:3]


def _without_shift(hall: str) -> tuple[str, NDArray[np.float64]]:
    """Split ``P 31 2 (0 0 4)`` into its symbol and its origin shift (3,); such a shift counts in twelfths."""
    base, _, tail = hall.partition(" (")
    return base, np.array([int(word) for word in tail.rstrip(")").split()] or [0, 0, 0]) / 12.0


def _inverse(
    linear: NDArray[np.float64], shift: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    inverse = np.asarray(np.linalg.inv(linear), dtype=np.float64)
    return inverse, -inverse @ shift


def _change_of_basis(linear: NDArray[np.float64], shift: NDArray[np.float64]) -> str:
    """Write x' = linear · x + shift as ``(x-y,x+y,z+1/4)``, or nothing where 24ths cannot express it."""
    rotation, translation = np.rint(linear * DEN), np.rint(shift * DEN)
    if np.abs(rotation - linear * DEN).max() > 1e-4 or np.abs(translation - shift * DEN).max() > 1e-4:
        return ""
    operation = gemmi.Op()
    operation.rot = [[int(x) for x in row] for row in rotation]
    operation.tran = [int(x) % DEN for x in translation]
    return f"({operation.triplet()})"

"""Which parameters of another program's file are free, and which move together: by shared names or codewords."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from anatase.crystal.free_cell import CELL_NAMES, free_cell_parameters
from anatase.crystal.site_freedom import TENSOR, site_freedom
from anatase.crystal.structure import Structure
from anatase.io.foreign import SharedShift

__all__ = ["Use", "free_and_shared", "structure_parameters"]


@dataclass(frozen=True)
class Use:
    """Where a refined number of a file goes: its key there (name, codeword), the parameter here, ∂here/∂there."""

    key: str
    target: str
    factor: float = 1.0


def structure_parameters(name: str, structure: Structure) -> frozenset[str]:
    """Return the parameters of a phase's cell and sites that symmetry leaves free, by their names here.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> empty = Structure(Lattice(4.6, 4.6, 3.0), SpaceGroup.from_number(136), ())
    >>> sorted(structure_parameters("rutile", empty))
    ['rutile.a', 'rutile.c']
    """
    found = {f"{name}.{axis}" for axis in free_cell_parameters(structure.lattice, structure.space_group)[0]}
    for index, site in enumerate(structure.sites):
        freedom = site_freedom(structure, index)
        terms = [*freedom.axes, *(("u_iso",) if site.u_aniso is None else freedom.tensor)]
        terms += [f"{species.element}.occupancy" for species in site.species]
        found |= {f"{name}.{site.label}.{term}" for term in terms}
    return frozenset(found)


def free_and_shared(
    uses: Iterable[Use], phases: Collection[tuple[str, Structure]]
) -> tuple[frozenset[str], tuple[SharedShift, ...]]:
    """Return the free parameters, and those that move together because one key moves them.

    What the symmetry of a phase ties to another parameter or holds is left out: the model here does so by itself.
    """
    structural = frozenset().union(*(structure_parameters(name, structure) for name, structure in phases))
    names = [name for name, _ in phases]
    groups: dict[str, dict[str, float]] = {}
    for use in uses:
        if use.target in structural or not _is_structural(use.target, names):
            groups.setdefault(use.key, {}).setdefault(use.target, use.factor)
    free = frozenset(target for group in groups.values() for target in group)
    # two patterns of one phase give it one key each: those that name the same parameters are one
    shared = {
        tuple(sorted((target, factor) for target, factor in group.items()))
        for group in groups.values()
        if len(group) > 1
    }
    return free, tuple(_shift(terms) for terms in sorted(shared))


def _shift(terms: tuple[tuple[str, float], ...]) -> SharedShift:
    """Return terms as a shared shift, in units of the one that moves most, the first one upwards."""
    most = max(abs(factor) for _, factor in terms) * (1.0 if terms[0][1] > 0.0 else -1.0)
    return SharedShift(tuple((float(f"{factor / most:.9g}"), target) for target, factor in terms))


def _is_structural(target: str, names: list[str]) -> bool:
    """Tell whether a name is of the kind that a structure's parameters have."""
    last = target.rpartition(".")[2]
    if last in CELL_NAMES:
        return any(target == f"{name}.{last}" for name in names)
    return last in ("x", "y", "z", "u_iso", "occupancy", *TENSOR)

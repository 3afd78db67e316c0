"""Keys of another program's file: what they free here, and what they tie."""

from __future__ import annotations

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.io.foreign import SharedShift
from anatase.io.tied_parameters import Use, free_and_shared, structure_parameters

RUTILE = Structure(
    Lattice(4.594, 4.594, 2.959),
    SpaceGroup.from_number(136),
    (
        Site("Ti", (Species("Ti"),), (0.0, 0.0, 0.0), 0.006),
        Site("O", (Species("O"),), (0.305, 0.305, 0.0), None, (0.01, 0.01, 0.01, 0.0, 0.0, 0.0)),
    ),
)


def test_what_symmetry_leaves_free() -> None:
    found = structure_parameters("p", RUTILE)
    assert found == {
        "p.a",
        "p.c",
        "p.Ti.u_iso",
        "p.Ti.Ti.occupancy",
        "p.O.x",
        "p.O.u11",
        "p.O.u33",
        "p.O.u12",
        "p.O.O.occupancy",
    }


def test_keys_free_and_tie() -> None:
    uses = [
        Use("1", "p.a"),
        Use("1", "p.b"),  # tied by symmetry: said by the cell
        Use("2", "p.O.x"),
        Use("2", "p.O.y"),
        Use("3", "p.Ti.u_iso", 0.5),
        Use("3", "p.abc.scale", -1.0),  # begins like p.a, and is none
        Use("4", "p.Ti.x"),  # held by symmetry
    ]
    free, shared = free_and_shared(uses, [("p", RUTILE)])
    assert free == {"p.a", "p.O.x", "p.Ti.u_iso", "p.abc.scale"}
    assert shared == (SharedShift(((0.5, "p.Ti.u_iso"), (-1.0, "p.abc.scale"))),)


def test_a_phase_in_two_patterns_is_tied_once() -> None:
    uses = [Use(key, target) for key in "12" for target in ("p.Ti.u_iso", "p.O.x")]
    assert len(free_and_shared(uses, [("p", RUTILE)])[1]) == 1

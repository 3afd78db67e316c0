"""Which atoms names, globs and codes mean."""

from __future__ import annotations

import pytest

from anatase.errors import InputError
from anatase.refine.restraint.bonded import (
    angles_around,
    atom_label,
    bonds_around,
    chain,
    coordinations,
    sites_of,
)


def test_names_globs_and_codes(model):
    assert sites_of(model, "PbSO4.S") == [(0, 1, "")]
    assert sites_of(model, "PbSO4.O3 x,1/2-y,z") == [(0, 4, "x,1/2-y,z")]
    assert [site for _, site, _ in sites_of(model, "PbSO4.O*")] == [2, 3, 4]
    with pytest.raises(InputError, match=r"did you mean Al2O3\.Al"):
        sites_of(model, "Al2O3.Al1 -x,y,z")


def test_a_chain_takes_each_atom_next_to_those_before(model):
    phase, images = chain(model, ["P1bar.C1", "P1bar.C2", "P1bar.C3", "P1bar.C4"])
    assert phase == 1
    assert [atom_label(model, phase, image) for image in images] == ["C1", "C2", "C3", "C4"]
    # the same atom twice is another image of it
    _, twice = chain(model, ["PbSO4.O3", "PbSO4.S", "PbSO4.O3"], around=1)
    assert [atom_label(model, 0, image) for image in twice] == ["O3", "S", "O3 x,-y+1/2,z"]


def test_bonds_and_angles_that_symmetry_makes_equal_count_once(model):
    assert len(bonds_around(model, ["Al2O3.Al", "Al2O3.O"], 2.2)) == 2
    assert len(bonds_around(model, ["Al2O3.*", "Al2O3.*"], 2.2)) == 2  # named from both ends
    assert len(angles_around(model, ["Al2O3.O", "Al2O3.Al", "Al2O3.O"], 1.9)) == 1
    assert len(angles_around(model, ["PbSO4.O1", "PbSO4.S", "PbSO4.O3"], 1.8)) == 1


def test_a_coordination_counts_every_atom(model):
    ((_, images),) = coordinations(model, "Al2O3.Al", 2.2)
    assert len(images) == 7


def test_codes_and_lengths_do_not_go_together(model):
    with pytest.raises(InputError, match="beside 'within'"):
        bonds_around(model, ["PbSO4.S", "PbSO4.O3 x,1/2-y,z"], 1.8)

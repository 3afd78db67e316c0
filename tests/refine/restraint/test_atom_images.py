"""Images of atoms: distances against gemmi's search of nearest images, codes, positions' derivatives."""

from __future__ import annotations

import gemmi
import numpy as np
import pytest

from anatase.errors import InputError
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.restraint.atom_images import (
    AtomImage,
    coded_image,
    equivalent_neighbours,
    images_within,
    nearest_image,
    positions,
)


def in_gemmi(structure):
    found = gemmi.SmallStructure()
    found.cell.set(*structure.lattice.parameters)
    found.spacegroup_hall = structure.space_group.hall
    found.determine_and_set_spacegroup("H")
    found.setup_cell_images()
    assert len(found.cell.images) == len(structure.space_group.rotations) - 1
    return found


@pytest.mark.parametrize("number", [0, 1, 2])
def test_nearest_images_are_those_of_gemmi(model, number):
    structure = model.phases[number].structure
    other = in_gemmi(structure)
    cell = other.cell
    for i, first in enumerate(structure.sites):
        for j, second in enumerate(structure.sites):
            expected = cell.find_nearest_image(
                cell.orthogonalize(gemmi.Fractional(*first.xyz)),
                cell.orthogonalize(gemmi.Fractional(*second.xyz)),
                gemmi.Asu.Different if i == j else gemmi.Asu.Any,
            ).dist()
            place = AtomImage(i).place(structure)
            image = nearest_image(structure, j, [place])
            gap = image.place(structure) - place
            length = float(np.sqrt(gap @ structure.lattice.metric @ gap))
            if i != j or expected > 1e-3:
                assert length == pytest.approx(expected, abs=1e-6)
            # a longer list agrees on its nearest
            assert images_within(structure, j, place, length + 0.01)[0][0] == pytest.approx(length, abs=1e-9)


def test_coordination_of_aluminium_in_corundum(model):
    # three at 1.855 and three at 1.972 Å (Lewis, Schwarzenbach & Flack (1982) Acta Cryst. A38, 733)
    structure = model.phases[2].structure
    near = images_within(structure, 1, AtomImage(0).place(structure), 2.2)
    assert [length for length, _ in near] == pytest.approx(3 * [1.855] + 3 * [1.972], abs=0.002)
    permuted = equivalent_neighbours(structure, 0, [image for _, image in near])
    assert len(permuted) == 3
    assert all(sorted(row) == list(range(6)) and {*row[:3]} == {0, 1, 2} for row in permuted)


def test_codes_there_and_back(model):
    structure = model.phases[0].structure
    image = coded_image(structure, 4, "x,1/2-y,z-1")
    assert image.code == "x,-y+1/2,z-1"
    assert image.place(structure) == pytest.approx([0.081, 0.474, -0.191])
    assert image.inverse.code == "x,-y+1/2,z+1"
    assert AtomImage(3).code == ""
    with pytest.raises(InputError, match="no operation of P n m a"):
        coded_image(structure, 4, "y,x,z")
    with pytest.raises(InputError, match="no symmetry code"):
        coded_image(structure, 4, "x,q,z")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_positions_follow_cell_and_coordinates(model, number):
    phase = model.phases[number]
    names = [n for n in parameter_values(model) if n.startswith(f"{phase.name}.") and "lab" not in n]
    rows = {name: i for i, name in enumerate(names)}
    images = [AtomImage(i) for i in range(len(phase.structure.sites))]
    images += [nearest_image(phase.structure, 0, [one.place(phase.structure)]) for one in images]
    _, slopes = positions(phase.structure, phase.name, images, rows)
    values = parameter_values(model)
    for name, row in rows.items():
        step = 1e-5
        ends = [
            positions(with_values(model, {name: values[name] + s}).phases[number].structure, phase.name, images, {})[0]
            for s in (step, -step)
        ]
        np.testing.assert_allclose(slopes[row], (ends[0] - ends[1]) / (2 * step), atol=1e-7)

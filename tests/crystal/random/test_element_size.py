"""Sizes of atoms against the published radii and the cells of well-known crystals."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.random.element_size import (
    contact_distances,
    element_sizes,
    occurrence_weights,
    volume_of_atoms,
)
from anatase.errors import InputError


def test_radii_are_the_published_ones():
    sizes = element_sizes()
    # Cordero et al. (2008), table 2; Shannon (1976), coordination VI
    assert {e: sizes[e].covalent_radius for e in ("H", "O", "Ti", "Cs", "Pb")} == {
        "H": 0.31, "O": 0.66, "Ti": 1.60, "Cs": 2.44, "Pb": 1.46,
    }  # fmt: skip
    assert {e: sizes[e].anion_radius for e in ("O", "F", "Cl", "S", "Ti")} == {
        "O": 1.40, "F": 1.33, "Cl": 1.81, "S": 1.84, "Ti": None,
    }  # fmt: skip
    assert len(sizes) == 96


@pytest.mark.parametrize(
    ("composition", "volume"),
    [
        # Å³ of the cells: rutile 4.594² × 2.959, halite 5.640³, copper 3.615³, spinel 8.083³, cassiterite, CsCl 4.12³
        ({"Ti": 2, "O": 4}, 62.4),
        ({"Na": 4, "Cl": 4}, 179.4),
        ({"Cu": 4}, 47.2),
        ({"Mg": 8, "Al": 16, "O": 32}, 528.1),
        ({"Sn": 2, "O": 4}, 71.5),
        ({"Cs": 1, "Cl": 1}, 69.9),
    ],
)
def test_volumes_are_those_of_crystals(composition: dict[str, int], volume: float):
    # the library scatters by 13.5 % about the sums: two standard deviations here
    assert volume_of_atoms(composition) == pytest.approx(volume, rel=0.27)


def test_anions_keep_apart_only_beside_other_elements():
    assert contact_distances(("Ti", "O"), 1.0) == pytest.approx(np.array([[3.20, 2.26], [2.26, 2.80]]))
    assert contact_distances(("O",), 1.0) == pytest.approx(np.array([[1.32]]))
    # S is no anion beside O: the S–O bond of a sulfate, 1.47 Å, is legal
    assert contact_distances(("Ba", "S", "O"), 0.8)[1, 2] == pytest.approx(0.8 * (1.05 + 0.66))
    assert contact_distances(("Zn", "S"), 1.0)[1, 1] == pytest.approx(3.68)


def test_elements_without_a_size_are_refused():
    with pytest.raises(InputError, match="'Og' is not tabulated"):
        volume_of_atoms({"Og": 1})
    assert "Og" not in occurrence_weights()
    assert "Xe" not in occurrence_weights()
    assert occurrence_weights()["O"] > occurrence_weights()["Ti"] > 0

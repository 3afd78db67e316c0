"""Random crystals: symmetry found again by moyo, distances sought anew, formulae as asked."""

from __future__ import annotations

import itertools
from collections import Counter

import gemmi
import moyopy
import numpy as np
import pytest

from anatase.crystal.random.element_size import contact_distances, volume_of_atoms
from anatase.crystal.random.random_crystal import random_crystal
from anatase.crystal.random.settings import RandomSettings
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError

OFFSETS = np.array(list(itertools.product((-2, -1, 0, 1, 2), repeat=3)), dtype=float)


@pytest.fixture(scope="module")
def crystals() -> list[Structure]:
    """Two crystals of every space group."""
    return [random_crystal(np.random.default_rng((7, n, k)), n) for n in range(1, 231) for k in range(2)]


def _shortest_over_limit(crystal: Structure) -> float:
    """Look at all images of all atoms in 125 cells around each site."""
    owners, positions = crystal.cell_positions
    elements = [site.species[0].element for site in crystal.sites]
    unique = sorted(set(elements))
    index = np.array([unique.index(e) for e in elements])
    limits = contact_distances(unique, 0.8)
    worst = np.inf
    for i, site in enumerate(crystal.sites):
        difference = positions - np.array(site.xyz)
        vectors = (difference[:, None] - np.round(difference)[:, None] + OFFSETS) @ crystal.lattice.vectors
        distances = np.linalg.norm(vectors, axis=2)
        distances[distances < 1e-4] = np.inf  # the atom itself
        worst = min(worst, float((distances.min(axis=1) / limits[index[i], index[owners]]).min()))
    return worst


def test_moyo_finds_the_groups_again(crystals: list[Structure]):
    # independent of generation: the whole conventional cell, and a tolerance ten times finer
    right = 0
    for crystal in crystals:
        owners, positions = crystal.cell_positions
        numbers = [gemmi.Element(crystal.sites[i].species[0].element).atomic_number for i in owners]
        cell = moyopy.Cell(crystal.lattice.vectors.tolist(), positions.tolist(), numbers)
        found = moyopy.MoyoDataset(cell, symprec=1e-3, setting=moyopy.Setting.standard())
        volume = abs(np.linalg.det(np.array(found.std_cell.basis)))
        # the same volume of the standard cell: no translation was missed
        right += found.number == crystal.space_group.number and abs(volume / crystal.lattice.volume - 1) < 1e-3
    assert right >= 0.99 * len(crystals)


def test_no_atoms_are_too_close(crystals: list[Structure]):
    assert min(_shortest_over_limit(crystal) for crystal in crystals) >= 1.0 - 1e-6


def test_sites_are_what_they_say(crystals: list[Structure]):
    for crystal in crystals:
        assert crystal.space_group.fits(crystal.lattice, 1e-7)
        assert [o.multiplicity for o in crystal.orbits] == [s.multiplicity for s in crystal.sites]
        assert all(0.0 <= x < 1.0 for site in crystal.sites for x in site.xyz)
        assert crystal.name == crystal.formula
        labels = [site.label for site in crystal.sites]
        assert len(set(labels)) == len(labels)
        centring = sum((r == np.eye(3)).all() for r in crystal.space_group.rotations)
        assert 4 <= crystal.n_atoms / centring <= 60
        usual = volume_of_atoms({e: round(n) for e, n in crystal.composition.items()})
        assert crystal.lattice.volume <= 1.6 * usual * (1 + 1e-6)


@pytest.mark.parametrize(
    ("group", "formula"),
    [
        (136, {"Ti": 1, "O": 2}),
        (225, {"Na": 1, "Cl": 1}),
        (62, {"Ca": 1, "Ti": 1, "O": 3}),
        (227, {"Mg": 1, "Al": 2, "O": 4}),
    ],
)
def test_the_formula_is_the_one_asked_for(group: int, formula: dict[str, int]):
    for seed in range(5):
        crystal = random_crystal(np.random.default_rng(seed), group, formula)
        units = crystal.composition[next(iter(formula))] / formula[next(iter(formula))]
        assert crystal.composition == {e: n * units for e, n in sorted(formula.items())}
        assert crystal.space_group.number == group


def test_a_formula_with_a_common_divisor_is_the_same_formula():
    asked = [random_crystal(np.random.default_rng(4), 136, f) for f in ({"Ti": 1, "O": 2}, {"Ti": 2, "O": 4})]
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    "symbol", ["P 1 21/n 1", "R -3 m:R", "F d -3 m:1", "I 1 2/a 1", "B 1 1 2/b", "P c m n", "C -1"]
)
def test_other_settings(symbol: str):
    group = SpaceGroup.from_symbol(symbol)
    crystal = random_crystal(np.random.default_rng(1), group)
    assert crystal.space_group == group
    assert [o.multiplicity for o in crystal.orbits] == [s.multiplicity for s in crystal.sites]


def test_settings_are_followed():
    settings = RandomSettings(
        group_weights=tuple(float(n in (62, 225)) for n in range(1, 231)),
        element_weights={"Ti": 1.0, "O": 2.0, "Fe": 0.0},
        n_elements=(2, 2),
        u_iso=(0.004, 0.02),
    )
    crystals = [random_crystal(np.random.default_rng(k), n_atoms=(2, 30), settings=settings) for k in range(60)]
    numbers = Counter(c.space_group.number for c in crystals)
    assert set(numbers) == {62, 225}
    assert min(numbers.values()) > 14  # 30 expected, 4 standard deviations of 3.9
    assert {c.elements for c in crystals} == {frozenset({"Ti", "O"})}
    u = np.array([site.u_iso for c in crystals for site in c.sites])
    assert 0.004 <= u.min() < 0.0045
    assert 0.018 < u.max() <= 0.02


def test_the_seed_is_told():
    assert random_crystal(np.random.default_rng(12), 2).origin.source == "anatase random crystal, seed 12"


def test_impossible_requests_say_why():
    with pytest.raises(PhysicsError, match=r"no crystal of TiO2 in space group 230 with 3 to 12 .* positions hold no"):
        random_crystal(np.random.default_rng(0), 230, {"Ti": 1, "O": 2}, (3, 12))
    # one atom in a primitive cell of P1 is at a centre of inversion: no crystal has just this symmetry
    with pytest.raises(PhysicsError, match="higher symmetry or a smaller cell"):
        random_crystal(np.random.default_rng(0), 1, {"Cu": 1}, (1, 2), RandomSettings(tries=20))
    with pytest.raises(PhysicsError, match="find no room"):
        random_crystal(np.random.default_rng(0), 62, {"Cu": 1}, (20, 40), RandomSettings(contact=2.0, tries=5))


@pytest.mark.parametrize("composition", [{}, {"Ti": 0}, {"Ti": 1.5}, {"Xx": 1}])
def test_what_is_no_formula_is_refused(composition: dict[str, int]):
    with pytest.raises(InputError):
        random_crystal(np.random.default_rng(0), 1, composition)


def test_what_is_no_range_is_refused():
    with pytest.raises(InputError, match="n_atoms"):
        random_crystal(np.random.default_rng(0), 1, n_atoms=(5, 2))

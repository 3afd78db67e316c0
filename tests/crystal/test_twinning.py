"""Twin laws: known cases, gemmi's search as reference, obliquities, intensities."""

from __future__ import annotations

import gemmi
import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.twinning import lattice_rotations, twin_laws, twinned
from anatase.errors import InputError, PhysicsError

CELLS: dict[str, tuple[float, ...]] = {
    "triclinic": (5, 6, 7, 80, 95, 105),
    "monoclinic": (5, 6, 7, 90, 105, 90),
    "orthorhombic": (5, 6, 7),
    "tetragonal": (5, 5, 7),
    "cubic": (5, 5, 5),
}


def laws_of(symbol: str, **kwargs: bool) -> list[str]:
    group = SpaceGroup.from_symbol(symbol)
    cell = CELLS.get(group.crystal_system, (5, 5, 7, 90, 90, 120))
    return [law.symbol for law in twin_laws(Lattice(*cell), group, **kwargs)]


def test_known_laws():
    # International Tables C, 1.3: 4, rhombohedral 3̄, 6 and 23 have one law each; 3 on a primitive lattice has three
    assert laws_of("P 4") == ["k,h,-l"]
    assert laws_of("R -3 :H") == ["k,h,-l"]
    assert laws_of("P 6") == ["k,h,-l"]
    assert len(laws_of("P 2 3")) == 1
    assert sorted(laws_of("P 3")) == ["-h,-k,l", "-k,-h,-l", "k,h,-l"]
    assert laws_of("P 6/m m m") == laws_of("F m -3 m") == laws_of("P b c a") == laws_of("P 1 2/c 1") == []
    assert len(laws_of("P 3 2 1")) == len(laws_of("P 3 1 2")) == 1


def test_twins_of_the_other_hand():
    # P 3: 6/mmm has 24 operations, 3 has 3: eight domains; quartz, 321: 24/6 = 4 domains (Dauphiné, Brazil, both)
    assert len(laws_of("P 3", inversion=True)) == 7
    assert len(laws_of("P 31 2 1", inversion=True)) == 3
    assert len(laws_of("P 31 2 1")) == 1


@pytest.mark.parametrize("number", range(1, 231, 3))
def test_as_many_as_gemmi_finds(number: int):
    # gemmi.find_twin_laws searches twofold axes of the lattice after Le Page and takes cosets
    group = SpaceGroup.from_number(number)
    cell = Lattice(*CELLS.get(group.crystal_system, (5, 5, 7, 90, 90, 120)))
    reference = gemmi.find_twin_laws(
        gemmi.UnitCell(*cell.parameters), gemmi.get_spacegroup_reference_setting(number), 1e-3, False
    )
    assert len(twin_laws(cell, group)) == len(reference)


@pytest.mark.parametrize(
    ("cell", "symbol"),
    [
        ((5.0, 8.6, 7.0, 90, 90, 90), "C 2 2 21"),
        ((7.1, 7.0, 7.05, 90, 90.3, 90), "P 1 21 1"),
        ((10.0, 10.1, 7.0, 90, 90, 120.2), "P 1"),
        ((5.05, 5.0, 7.1, 90, 90, 90), "F m m m"),
        ((5.0, 6.0, 7.0, 90, 90.5, 90), "P 1 21/c 1"),
    ],
)
def test_pseudo_merohedry_as_gemmi_finds(cell: tuple[float, ...], symbol: str):
    laws = twin_laws(Lattice(*cell), SpaceGroup.from_symbol(symbol), 3.0)
    reference = gemmi.find_twin_laws(gemmi.UnitCell(*cell), gemmi.find_spacegroup_by_name(symbol), 3.0, False)
    assert len(laws) == len(reference) > 0


def test_obliquity_by_hand():
    # β = 90.5°: a twofold about a keeps the plane (100), whose normal a* stands 0.5° off a
    laws = twin_laws(Lattice(5.0, 6.0, 7.0, 90.0, 90.5, 90.0), SpaceGroup.from_number(14), 2.0)
    assert [law.obliquity for law in laws] == pytest.approx([0.5], abs=1e-9)
    assert not laws[0].merohedral
    # orthorhombic a = 5.05, b = 5: [110] and the normal of (110) stand atan(5.05/5) − atan(5/5.05) = 0.5701° apart
    laws = twin_laws(Lattice(5.05, 5.0, 7.1), SpaceGroup.from_symbol("P m m m"), 2.0)
    assert [law.obliquity for law in laws] == pytest.approx([0.5701], abs=1e-4)


def test_a_cubic_metric_in_a_monoclinic_setting():
    # the six-fold pseudo-cell: every rotation of the 24 leaves the volume and, within its obliquity, the metric
    matrices, obliquity = lattice_rotations(Lattice(5.0, 5.0, 5.02, 90.0, 90.1, 90.0), "P", 1.0)
    assert len(matrices) == 24
    assert obliquity.max() < 0.5
    np.testing.assert_allclose(np.linalg.det(matrices), 1.0, atol=1e-9)


def test_intensities_of_a_twin():
    # P4 and law k,h,-l: the twin's 120 is a mixture of 12 and 21, here with made |F|² = 100 h² + k + l²
    (law,) = twin_laws(Lattice(5.0, 5.0, 7.0), SpaceGroup.from_symbol("P 4"))

    def f_squared(hkl: np.ndarray) -> np.ndarray:
        return 100.0 * hkl[:, 0] ** 2 + hkl[:, 1] + hkl[:, 2] ** 2

    total, slopes = twinned(f_squared, [[1, 2, 0], [3, 3, 1]], [law], [0.25])
    assert total == pytest.approx([0.75 * 102.0 + 0.25 * 401.0, 904.0])
    assert slopes[0] == pytest.approx([299.0, 0.0])
    half, _ = twinned(f_squared, [[1, 2, 0], [2, 1, 0]], [law], [0.5])
    assert half[0] == half[1]  # a perfect twin has the lattice's symmetry


def test_misuse_is_refused():
    group = SpaceGroup.from_symbol("P 4")
    (law,) = twin_laws(Lattice(5.0, 5.0, 7.0), group)

    def f_squared(hkl: np.ndarray) -> np.ndarray:
        return np.ones(len(hkl))

    with pytest.raises(PhysicsError, match="fractions"):
        twinned(f_squared, [[1, 2, 0]], [law], [1.2])
    with pytest.raises(InputError, match="one fraction per law"):
        twinned(f_squared, [[1, 2, 0]], [law], [0.2, 0.2])
    with pytest.raises(PhysicsError, match="obliquity"):
        twin_laws(Lattice(5.0, 5.0, 7.0), group, 20.0)
    with pytest.raises(PhysicsError, match="symmetry"):
        twin_laws(Lattice(5.0, 6.0, 7.0), group)
    # a twin by rotation about [110] of a C-centred cell with b ≈ √3 a takes absent reflections off the lattice
    centred = twin_laws(Lattice(5.0, 8.6, 7.0), SpaceGroup.from_symbol("C 2 2 21"), 3.0)
    assert np.all(twinned(f_squared, [[1, 1, 0], [2, 0, 1]], centred, [0.3, 0.3])[0] == 1.0)
    with pytest.raises(InputError, match="off the lattice"):
        twinned(f_squared, [[1, 0, 0]], centred, [0.3, 0.3])

"""Merging of equivalents, absences, limits; domains of twins."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gemmi
import numpy as np
import pytest

from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError
from anatase.io.shelx_hkl import ShelxReflections
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.io.shelx_instructions import ShelxInstructions, ShelxReflectionFile, ShelxTwin
from anatase.refine.single_crystal.merging import asymmetric_indices, merge_reflections, systematically_absent
from anatase.refine.single_crystal.twin_domains import domain_matrices, twin_domains


@pytest.fixture
def instructions(crystals: dict[str, str], tmp_path: Path) -> ShelxInstructions:
    path = tmp_path / "a.ins"
    path.write_text(crystals["centrosymmetric"])
    return read_shelx_instructions(path)


def reflections(rows: list[tuple[float, ...]]) -> ShelxReflections:
    table = np.array(rows, dtype=float)
    batch = table[:, 5].astype(np.int64) if table.shape[1] > 5 else np.zeros(len(table), np.int64)
    return ShelxReflections(table[:, :3].astype(np.int64), table[:, 3], table[:, 4], batch)


def test_equivalents_by_hand(instructions: ShelxInstructions):
    # 2/m: (1 2 3), (-1 2 -3), (-1 -2 -3) are one; weights Fo²/σ² = 25, 22, 12.5 (I > 3σ)
    found = merge_reflections(
        reflections([(1, 2, 3, 100, 2), (-1, 2, -3, 88, 2), (-1, -2, -3, 50, 2), (1, 2, -3, 5, 2)]), instructions
    )
    assert len(found) == 2
    mean = (25 * 100 + 22 * 88 + 12.5 * 50) / 59.5
    row = int(np.argmax(found.f_squared))
    assert found.f_squared[row] == pytest.approx(mean)
    spread = abs(100 - mean) + abs(88 - mean) + abs(50 - mean)
    assert found.sigma[row] == pytest.approx(spread / (3 * np.sqrt(2)))  # larger than 2/√3 of counting
    assert found.r_int == pytest.approx(spread / 238)
    assert found.sigma[1 - row] == 2.0
    assert found.r_sigma == pytest.approx((spread / (3 * np.sqrt(2)) + 2) / (mean + 5))
    assert found.measured == 4


@pytest.mark.parametrize(("merge", "count"), [(0, 4), (1, 3), (2, 2), (3, 1), (4, 1)])
def test_kinds_of_merging(merge: int, count: int, crystals: dict[str, str], tmp_path: Path):
    path = tmp_path / "a.ins"
    path.write_text(crystals["polar"])
    polar = replace(read_shelx_instructions(path), merge=merge)
    found = merge_reflections(
        reflections([(1, 2, 3, 100, 2), (1, 2, 3, 90, 2), (-1, 2, -3, 88, 2), (1, -2, 3, 50, 2)]), polar
    )
    assert len(found) == count
    assert found.friedel_merged is (merge >= 3)


GROUPS = ("P 1", "P 21/c", "P 21 21 21", "I 41/a", "P 31", "R -3 c", "P 63/m m c", "F d -3 m", "I -4 3 d")


@pytest.mark.parametrize("symbol", GROUPS)
def test_absences_and_equivalents_as_gemmi_has_them(symbol: str):
    group = SpaceGroup.from_symbol(symbol)
    ops = gemmi.symops_from_hall(group.hall)
    hkl = np.random.default_rng(0).integers(-6, 7, (400, 3))
    hkl = hkl[np.any(hkl != 0, axis=1)]
    expected = [ops.is_systematically_absent(row) for row in hkl.tolist()]
    assert systematically_absent(hkl, group).tolist() == expected
    asu = gemmi.ReciprocalAsu(gemmi.find_spacegroup_by_ops(ops))
    theirs = [tuple(asu.to_asu(row, ops)[0]) for row in hkl.tolist()]
    ours = [tuple(row) for row in asymmetric_indices(hkl, group, friedel=True).tolist()]
    assert len(set(ours)) == len(set(theirs)) == len(set(zip(ours, theirs, strict=True)))


def test_absent_reflections_are_told_when_strong(instructions: ShelxInstructions):
    found = merge_reflections(reflections([(1, 0, 1, 50, 2), (3, 0, 1, 0, 2), (1, 1, 1, 50, 2)]), instructions)
    assert found.hkl.tolist() == [[1, 1, 1]]
    assert found.warnings == ("1 of 2 systematic absences are above 3 sigma",)


def test_scale_matrix_and_weight_of_hklf(instructions: ShelxInstructions):
    setting = ShelxReflectionFile(4, 2.0, (0, 1, 0, 1, 0, 0, 0, 0, -1), 4.0)
    found = merge_reflections(reflections([(1, 2, -3, 50, 3)]), replace(instructions, reflections=setting))
    assert found.hkl.tolist() in ([[2, 1, 3]], [[2, -1, 3]])
    assert found.f_squared.tolist() == [100.0]
    assert found.sigma.tolist() == [3.0]  # times the scale of 2, over the root of the weight of 4


def test_omit_and_shel(instructions: ShelxInstructions):
    rows = [(1, 1, 1, -9, 2), (1, 2, 1, 1, 2), (1, 3, 1, 50, 2), (6, 0, 0, 50, 2), (1, 2, 3, 50, 2)]
    negative = merge_reflections(reflections(rows), instructions)
    assert negative.f_squared.min() == -2.0  # OMIT -2 by default: never below -σ
    assert negative.used.all()
    positive = merge_reflections(
        reflections(rows), replace(instructions, omit_sigma=4.0, two_theta_limit=30.0, omitted=((-1, 2, -3),))
    )
    assert len(positive) == 4
    by_hkl = {tuple(row): bool(used) for row, used in zip(positive.hkl.tolist(), positive.used, strict=True)}
    assert by_hkl[1, 3, 1]
    assert not by_hkl[6, 0, 0]  # at 2θ = 35.9°
    assert sum(by_hkl.values()) == 1
    assert len(merge_reflections(reflections(rows), replace(instructions, resolution=(5.0, 2.0)))) == 4
    with pytest.raises(InputError, match="leave no reflection"):
        merge_reflections(reflections(rows), replace(instructions, resolution=(0.5, 0.4)))


def test_overlapped_lines_make_one_observation(instructions: ShelxInstructions):
    five = replace(instructions, reflections=ShelxReflectionFile(5))
    rows = [(1, 1, 1, 50, 2, -2), (2, 1, 1, 50, 2, 1), (3, 1, 1, 20, 2, 2), (1, 2, 3, 70, 3, 1)]
    found = merge_reflections(reflections(rows), five)
    assert found.f_squared.tolist() == [50.0, 20.0, 70.0]
    assert found.members is not None
    assert found.members[1].tolist() == [0, 0, 1, 2]
    assert found.members[2].tolist() == [1, 0, 1, 0]
    domains = twin_domains(found, five)
    assert len(domains.members) == 2
    unique = domains.hkl
    f_squared = np.arange(1.0, len(unique) + 1)
    value = {tuple(row): f for row, f in zip(unique.tolist(), f_squared, strict=True)}

    def of(h: int, k: int, l: int) -> float:
        return value[tuple(asymmetric_indices(np.array([[h, k, l]]), instructions.space_group)[0].tolist())]

    mixed = domains.mixed(np.array([0.3])) @ f_squared
    expected = [0.7 * of(2, 1, 1) + 0.3 * of(1, 1, 1), 0.3 * of(3, 1, 1), 0.7 * of(1, 2, 3)]
    np.testing.assert_allclose(mixed, expected)
    slope = domains.by_fraction(f_squared)
    np.testing.assert_allclose(slope, [[of(1, 1, 1) - of(2, 1, 1), of(3, 1, 1), -of(1, 2, 3)]])
    with pytest.raises(InputError, match="not complete"):
        merge_reflections(reflections(rows[:1]), five)


def test_matrices_of_several_domains():
    third = (0.0, 1.0, 0.0, -1.0, -1.0, 0.0, 0.0, 0.0, 1.0)
    three = domain_matrices(ShelxTwin(third, 3))
    assert len(three) == 3
    np.testing.assert_allclose(three[2] @ np.array(third).reshape(3, 3), np.eye(3))
    six = domain_matrices(ShelxTwin(third, -6))
    np.testing.assert_allclose(six[3], -np.eye(3))
    np.testing.assert_allclose(six[5], -three[2])
    for wrong in (1, -3, 0):
        with pytest.raises(InputError, match="TWIN has"):
            domain_matrices(ShelxTwin(third, wrong))


def test_batches_of_one_crystal_have_scales_of_their_own(instructions: ShelxInstructions):
    scaled = replace(instructions, batch_fractions=(0.8,))
    rows = [(1, 1, 1, 50, 2, 1), (1, 1, 1, 40, 2, 2), (1, 2, 3, 70, 3, 2)]
    found = merge_reflections(reflections(rows), scaled)
    assert len(found) == 3
    domains = twin_domains(found, scaled)
    assert not domains.complement
    f_squared = np.array([10.0, 20.0])
    assert sorted((domains.mixed(np.array([0.8])) @ f_squared).tolist()) in ([8.0, 10.0, 16.0], [8.0, 16.0, 20.0])

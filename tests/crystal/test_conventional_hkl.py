"""The indices in print of lines."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.conventional_hkl import conventional_hkl
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.scattering.unique_hkl import unique_hkl

# the first lines of powder data files: corundum PDF 10-173, rutile PDF 21-1276, quartz PDF 33-1161 (which names one of
# 101 and 011, 102 and 012, 201 and 021 that share a line)
LISTED = {
    (167, Lattice(4.758, 4.758, 12.991, 90, 90, 120), 1.40): "012 104 110 006 113 202 024 116 211 122 018 214",
    (136, Lattice(4.5933, 4.5933, 2.9592), 1.345): "110 101 200 111 210 211 220 002 310 221 301 112",
    (154, Lattice(4.9133, 4.9133, 5.4053, 90, 90, 120), 1.815): "100 101 011 110 102 012 111 200 201 021 112",
}


@pytest.mark.parametrize("case", LISTED)
def test_indices_of_powder_tables(case):
    number, lattice, d_min = case
    group = SpaceGroup.from_number(number)
    hkl, _, d = unique_hkl(lattice, group, d_min)
    found = conventional_hkl(hkl, group)
    assert {"".join(map(str, row)) for row in found.tolist()} == set(LISTED[case].split())
    # the same line: d holds to rounding
    assert np.allclose(lattice.d_spacing(found), d, rtol=1e-12)


def test_monoclinic_takes_the_sign_off_l():
    group = SpaceGroup.from_number(14)
    found = conventional_hkl(np.array([[1, 1, -1], [1, 0, -2], [1, 1, 1]]), group)
    assert found.tolist() == [[-1, 1, 1], [-1, 0, 2], [1, 1, 1]]


def test_no_reflections():
    assert conventional_hkl(np.empty((0, 3), np.int64), SpaceGroup.from_number(1)).shape == (0, 3)

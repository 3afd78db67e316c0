"""Systematic absences against gemmi, reflection conditions against International Tables A."""

from __future__ import annotations

from itertools import product

import gemmi
import numpy as np
import pytest

from anatase.crystal.extinction import is_absent, reflection_conditions
from anatase.crystal.space_group import SpaceGroup

HKL = np.array(list(product(range(-4, 5), repeat=3)))


def test_absences_agree_with_gemmi_in_all_settings():
    for entry in gemmi.spacegroup_table():
        expected = gemmi.symops_from_hall(entry.hall).systematic_absences(HKL.astype(np.int32))
        assert np.array_equal(is_absent(SpaceGroup.from_gemmi(entry), HKL), expected), entry.xhm()


# International Tables A (2005), "Reflection conditions, general" of each group
PRINTED = {
    "P 1 21/c 1": ["h0l: l=2n", "0k0: k=2n", "00l: l=2n"],
    "P n m a": ["0kl: k+l=2n", "hk0: h=2n", "h00: h=2n", "0k0: k=2n", "00l: l=2n"],
    "I 41/a m d:2": [
        "hkl: h+k+l=2n", "hk0: h,k=2n", "0kl: k+l=2n", "hhl: 2h+l=4n", "00l: l=4n", "h00: h=2n", "hh0: h=2n",
    ],
    "R -3 c:H": ["hkil: -h+k+l=3n", "h-h0l: h+l=3n, l=2n", "hh-2hl: l=3n", "000l: l=6n"],
    "F d -3 m:2": ["hkl: h+k,h+l,k+l=2n", "0kl: k+l=4n, k,l=2n", "hhl: h+l=2n", "h00: h=4n"],
    "P 63/m": ["000l: l=2n"],
    "I a -3 d": ["hkl: h+k+l=2n", "0kl: k,l=2n", "hhl: 2h+l=4n", "h00: h=4n"],
    "P m -3 m": [],
}  # fmt: skip


@pytest.mark.parametrize("symbol", PRINTED)
def test_conditions_read_as_in_international_tables(symbol: str):
    assert [str(c) for c in reflection_conditions(SpaceGroup.from_symbol(symbol))] == PRINTED[symbol]

"""Names of phases as a model starts with them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatase.refine.start.starting_model import named_structures


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("Rutile", "Rutile"),
        ("sg136", "TiO2"),  # a space group alone
        ("O2 Ti", "TiO2"),  # the sum of a CIF
        ("O4 Ti2", "TiO2"),
        ("Ti1.8 O4", "Ti1_8_O4"),  # no such share of titanium
        ("rutile of 1991", "rutile_of_1991"),
        ("", "TiO2"),
    ],
)
def test_a_phase_bears_a_name_that_says_something(titania, stated, name):
    assert named_structures([replace(titania[0], name=stated)])[0][0] == name


def test_a_cell_alone_keeps_its_name(titania):
    bare = replace(titania[0], name="sg136", sites=())
    assert named_structures([bare], mode="lebail")[0][0] == "sg136"

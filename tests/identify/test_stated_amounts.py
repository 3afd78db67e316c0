"""Grain sizes and a weighed standard as a user writes them."""

from __future__ import annotations

import pytest

from anatase.errors import InputError
from anatase.identify.stated_amounts import stated_amounts, with_standard


def test_nothing_said_is_nothing():
    assert stated_amounts() is None
    assert with_standard("rutile", None) == ("rutile",)


def test_sizes_of_all_and_by_phase():
    assert stated_amounts(["3"]).particle_size == 3.0
    assert stated_amounts(["magnetite=3.5", "x/CIF_1=2"]).particle_size == {"magnetite": 3.5, "x/CIF_1": 2.0}
    assert stated_amounts(fine=True).microabsorption is False


def test_a_standard_is_a_phase_that_is_there():
    said = stated_amounts(standard=("corundum", 20.0))
    assert said.internal_standard.phase == "corundum"
    assert said.internal_standard.weight_fraction.value == pytest.approx(0.2, abs=1e-15)  # percent to fraction
    assert said.microabsorption
    assert with_standard(["rutile", "corundum"], said) == ("rutile", "corundum")
    assert with_standard((), said) == ("corundum",)


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"grains": ["big"]}, "'big' states no diameter"),
        ({"grains": ["magnetite=-1"]}, "'magnetite=-1' states no diameter"),
        ({"grains": ["nan"]}, "states no diameter"),
        ({"grains": ["3", "magnetite=2"]}, "for all phases and for some"),
        ({"grains": ["a=3", "a=2"]}, "two grain sizes are given for a"),
        ({"grains": ["3"], "fine": True}, "fine and to have a size"),
        ({"standard": ("corundum", 120.0)}, "120 is no weight percent of the standard corundum"),
    ],
)
def test_mistakes_are_told(arguments, found):
    with pytest.raises(InputError, match=found):
        stated_amounts(**arguments)

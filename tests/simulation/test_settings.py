"""Instruments and samples that cannot be are refused where they are made."""

from __future__ import annotations

import pytest

from anatase.errors import AnataseError
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"zero": float("nan")}, "zero"),
        ({"displacement": float("inf")}, "displacement"),
        ({"radius": 0.0}, "radius"),
        ({"s_over_l": 0.02}, "axial"),
        ({"geometry": "guinier"}, "guinier"),
        ({"displacement_across": 0.1}, "displacement_across"),
        ({"geometry": "debye_scherrer", "penetration": 0.1}, "penetration"),
    ],
)
def test_instruments(changes, message):
    with pytest.raises(AnataseError, match=message):
        Instrument(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"texture_axis": (0, 0, 0), "march_r": 0.8}, "texture_axis 000"),
        ({"texture_axis": (0, 0, 1), "march_r": 1e-9}, "March r"),
        ({"march_r": 0.8}, "texture_axis"),
        ({"size_across": 100.0}, "size_across"),
        ({"strain_gauss_share": 1.5}, "strain_gauss_share"),
    ],
)
def test_samples(changes, message):
    with pytest.raises(AnataseError, match=message):
        Sample(**changes)

"""Other radiations and axes than Cu Kα in 2θ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.identify import identify
from anatase.scattering.radiation import Radiation

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"
FLUORITE = "ncrystal/CaF2_sg225_CalciumFlouride"

NEUTRON = Radiation("neutron", ((1.594, 1.0),), 0.0, name="1.594 Å")
SYNCHROTRON = Radiation("xray", ((0.4, 1.0),), 0.0, name="0.4 Å")
D2B = {"radiation": NEUTRON, "limits": (10.0, 150.0), "step": 0.05, "fwhm": 0.3, "counts": 3000.0}
BEAMLINE = {"radiation": SYNCHROTRON, "limits": (3.0, 28.0), "step": 0.005, "fwhm": 0.02}

CASES = [
    ({RUTILE: 0.6, FLUORITE: 0.4}, {"radiation": "MoKa", "limits": (8.0, 45.0)}, ["Ti", "O", "Ca", "F"]),
    ({RUTILE: 0.5, ZINCITE: 0.5}, {"radiation": "CoKa", "limits": (20.0, 100.0)}, ["Ti", "O", "Zn"]),
    ({CORUNDUM: 0.5, ZINCITE: 0.5}, BEAMLINE, ["Al", "O", "Zn"]),
    ({CORUNDUM: 0.6, RUTILE: 0.4}, D2B, ["Al", "Ti", "O"]),
]


def edge(answer, library_id: str) -> float:
    return next(p for p in answer.phases if p.label.library_id == library_id).lattice["a"].value


@pytest.mark.parametrize(("fractions", "beam", "elements"), CASES, ids=["Mo", "Co", "synchrotron", "neutron"])
def test_radiations(library, simulate, fractions, beam, elements):
    answer = identify(simulate(fractions, seed=11, **beam), library, elements=elements)
    got = {p.label.library_id: p.weight_fraction.value for p in answer.phases}
    assert got == pytest.approx(fractions, abs=0.015)
    for library_id in fractions:
        true = library.structure(library.index_of(library_id)).lattice.a
        assert edge(answer, library_id) == pytest.approx(true, rel=5e-4)
    assert answer.gof < 1.1
    # a flat laboratory specimen may be displaced; of a neutron or synchrotron pattern only the zero may be off
    laboratory = isinstance(beam["radiation"], str)
    assert answer.settings["shift"] == ("displacement" if laboratory else "zero")


def test_neutrons_of_unstated_wavelength(library, simulate):
    pattern = simulate({CORUNDUM: 0.6, FLUORITE: 0.4}, seed=9, **D2B)
    unstated = replace(pattern, radiation=replace(NEUTRON, lines=((1.5, 1.0),), name="", assumed=True))
    answer = identify(unstated, library, elements=["Al", "O", "Ca", "F"])
    assert {p.label.library_id for p in answer.phases} == {CORUNDUM, FLUORITE}
    assert answer.pattern.radiation is not None
    # the library's own cell gives the scale: its resolution in d is 0.04 %
    assert answer.pattern.radiation.wavelength == pytest.approx(1.594, rel=1e-3)
    assert answer.pattern.radiation.assumed
    assert any("wavelength is not known" in w and "--wavelength" in w for w in answer.warnings)


def test_stated_wavelength_is_kept(library, simulate):
    pattern = simulate({CORUNDUM: 1.0}, seed=9, **D2B)
    stated = replace(pattern, radiation=replace(NEUTRON, lines=((1.6, 1.0),)))  # a user's wrong calibration
    answer = identify(stated, library, elements=["Al", "O"])
    assert answer.pattern.radiation is not None
    assert answer.pattern.radiation.wavelength == 1.6
    true = library.structure(library.index_of(CORUNDUM)).lattice.a
    assert edge(answer, CORUNDUM) == pytest.approx(true * 1.6 / 1.594, rel=5e-4)  # Bragg's law


@pytest.mark.parametrize("axis", ["q", "d"])
def test_other_axes(library, simulate, axis):
    pattern = simulate({RUTILE: 1.0}, radiation="CuKa1", seed=21)
    q = 4.0 * np.pi * np.sin(np.radians(pattern.x / 2.0)) / 1.5405929  # Hölzer et al. (1997)
    order = slice(None) if axis == "q" else slice(None, None, -1)
    converted = replace(
        pattern,
        x=q if axis == "q" else 2.0 * np.pi / q[::-1],
        intensity=pattern.intensity[order],
        sigma=pattern.sigma[order],
        axis=axis,
        radiation=None,
    )
    answer = identify(converted, library, elements=["Ti", "O"])
    assert [p.label.library_id for p in answer.phases] == [RUTILE]
    true = library.structure(library.index_of(RUTILE)).lattice.a
    assert edge(answer, RUTILE) == pytest.approx(true, rel=5e-4)


def test_time_of_flight_is_refused(library, simulate):
    pattern = replace(simulate({RUTILE: 1.0}, seed=21), axis="tof", radiation=None)
    with pytest.raises(InputError, match=r"simulated\.xy: the axis is time of flight.*DIFC"):
        identify(pattern, library)


def test_an_assumed_wavelength_is_told(library, simulate):
    answer = identify(replace(simulate({RUTILE: 1.0}, seed=21), radiation=None), library, elements=["Ti", "O"])
    assert answer.pattern.radiation is not None
    assert answer.pattern.radiation.assumed
    assert any("wavelength" in w for w in answer.warnings)

"""Other radiations and axes than Cu Kα in 2θ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.identify import identify
from anatase.io import read
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.instrument_file import read_instrument
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.incident_spectrum import incident_spectrum
from anatase.scattering.radiation import Radiation, electron_wavelength, radiation_from_name, synchrotron_radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.rings import simulate_rings
from anatase.simulation.time_of_flight import simulate_time_of_flight

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"
FLUORITE = "ncrystal/CaF2_sg225_CalciumFlouride"

NEUTRON = Radiation("neutron", ((1.594, 1.0),), 0.0, name="1.594 Å")
SYNCHROTRON = Radiation("xray", ((0.4, 1.0),), 0.0, name="0.4 Å")
D2B = {"radiation": NEUTRON, "limits": (10.0, 150.0), "step": 0.05, "fwhm": 0.3, "counts": 3000.0}
BEAMLINE = {"radiation": SYNCHROTRON, "limits": (3.0, 28.0), "step": 0.005, "fwhm": 0.02}

LONG = {**D2B, "radiation": Radiation("neutron", ((2.4, 1.0),), 0.0, name="2.4 Å"), "limits": (15.0, 160.0)}
SHORT = {"radiation": synchrotron_radiation(0.165, 0.99), "limits": (0.8, 11.5), "step": 0.004, "fwhm": 0.03}
SHORTER = {"radiation": synchrotron_radiation(0.1), "limits": (0.5, 7.0), "step": 0.003, "fwhm": 0.02}
LONGER = {"radiation": synchrotron_radiation(0.7), "limits": (6.0, 50.0), "step": 0.008, "fwhm": 0.03}
KV200 = {"radiation": radiation_from_name("200 kV", "electron"), "limits": (0.2, 1.75), "step": 0.001, "fwhm": 0.012}
KV80 = {"radiation": radiation_from_name("80 kV", "electron"), "limits": (0.3, 2.9), "step": 0.002, "fwhm": 0.02}

CASES = {
    "Mo": ({RUTILE: 0.6, FLUORITE: 0.4}, {"radiation": "MoKa", "limits": (8.0, 45.0)}, ["Ti", "O", "Ca", "F"]),
    "Ag": ({ZINCITE: 0.3, CORUNDUM: 0.7}, {"radiation": "AgKa", "limits": (6.0, 38.0)}, ["Zn", "O", "Al"]),
    "Co": ({RUTILE: 0.5, ZINCITE: 0.5}, {"radiation": "CoKa", "limits": (20.0, 100.0)}, ["Ti", "O", "Zn"]),
    "Cr": ({FLUORITE: 0.4, CORUNDUM: 0.6}, {"radiation": "CrKa", "limits": (25.0, 140.0)}, ["Ca", "F", "Al", "O"]),
    "0.4 Å": ({CORUNDUM: 0.5, ZINCITE: 0.5}, BEAMLINE, ["Al", "O", "Zn"]),
    "0.165 Å": ({RUTILE: 0.3, FLUORITE: 0.7}, SHORT, ["Ti", "O", "Ca", "F"]),
    "0.1 Å": ({CORUNDUM: 0.4, ZINCITE: 0.6}, SHORTER, ["Al", "O", "Zn"]),
    "0.7 Å": ({CORUNDUM: 0.4, FLUORITE: 0.6}, LONGER, ["Al", "O", "Ca", "F"]),
    "neutron": ({CORUNDUM: 0.6, RUTILE: 0.4}, D2B, ["Al", "Ti", "O"]),
    "neutron, 2.4 Å": ({CORUNDUM: 0.5, ZINCITE: 0.5}, LONG, ["Al", "Zn", "O"]),
    "200 kV": ({RUTILE: 0.5, ZINCITE: 0.5}, KV200, ["Ti", "O", "Zn"]),
    "80 kV": ({FLUORITE: 0.6, CORUNDUM: 0.4}, KV80, ["Ca", "F", "Al", "O"]),
}


def edge(answer, library_id: str) -> float:
    return next(p for p in answer.phases if p.label.library_id == library_id).lattice["a"].value


@pytest.mark.parametrize(("fractions", "beam", "elements"), CASES.values(), ids=CASES)
def test_radiations(library, simulate, fractions, beam, elements):
    pattern = simulate(fractions, seed=11, **beam)
    answer = identify(pattern, library, elements=elements)
    got = {p.label.library_id: p.weight_fraction.value for p in answer.phases}
    assert got == pytest.approx(fractions, abs=0.02)
    for library_id in fractions:
        true = library.structure(library.index_of(library_id)).lattice.a
        assert edge(answer, library_id) == pytest.approx(true, rel=6e-4)
    assert answer.gof < 1.1
    # a flat laboratory specimen may be displaced; of a neutron or synchrotron pattern only the zero may be off
    laboratory = isinstance(beam["radiation"], str)
    assert answer.settings["shift"] == ("displacement" if laboratory else "zero")
    # the answer stands on the measured axis
    assert answer.pattern.radiation == pattern.radiation
    assert pattern.x[0] <= answer.pattern.x[0] < answer.pattern.x[-1] <= pattern.x[-1]
    near = np.interp(answer.pattern.x, pattern.x, pattern.intensity)
    assert np.corrcoef(near, answer.y_calc)[0, 1] > 0.97


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
    answer = identify(on_axis(pattern, axis, 1.5405929), library, elements=["Ti", "O"])  # Hölzer et al. (1997)
    assert [p.label.library_id for p in answer.phases] == [RUTILE]
    true = library.structure(library.index_of(RUTILE)).lattice.a
    assert edge(answer, RUTILE) == pytest.approx(true, rel=5e-4)
    assert answer.pattern.axis == axis
    ticks = answer.phases[0].ticks
    expected = 2.0 * np.pi / ticks.d_spacing if axis == "q" else ticks.d_spacing
    np.testing.assert_allclose(ticks.position, expected, rtol=1e-3)  # up to the zero shift
    assert answer.displacement is None


@pytest.mark.parametrize("axis", ["q", "d"])
def test_electrons_on_other_axes(library, simulate, axis):
    pattern = on_axis(simulate({ZINCITE: 0.6, FLUORITE: 0.4}, seed=5, **KV200), axis, electron_wavelength(200.0))
    electrons = replace(pattern, radiation=KV200["radiation"])
    answer = identify(electrons, library, elements=["Zn", "O", "Ca", "F"])
    got = {p.label.library_id: p.weight_fraction.value for p in answer.phases}
    assert got == pytest.approx({ZINCITE: 0.6, FLUORITE: 0.4}, abs=0.02)
    assert answer.pattern.axis == axis


def on_axis(pattern: Pattern, axis: str, wavelength: float) -> Pattern:
    """Return a pattern in 2θ on a q or d axis, of unstated radiation."""
    q = 4.0 * np.pi * np.sin(np.radians(pattern.x / 2.0)) / wavelength
    order = slice(None) if axis == "q" else slice(None, None, -1)
    return replace(
        pattern,
        x=q if axis == "q" else 2.0 * np.pi / q[::-1],
        intensity=pattern.intensity[order],
        sigma=pattern.sigma[order],
        axis=axis,
        radiation=None,
    )


def test_averaged_rings_of_electrons(library):
    camera = DetectorGeometry.facing(0.5, (99.5, 99.5), 1e-4, (200, 200))  # 0.5 m; 100 µm pixels: to 1.6°
    beam = Instrument(gauss_w=4e-4)
    frame = simulate_rings(
        library.structure(library.index_of(FLUORITE)), KV200["radiation"], camera, instrument=beam, scale=1.0
    )
    # the mean over each ring of one pixel's width
    ring = (camera.two_theta / 0.0115).astype(int)
    inside = (camera.two_theta > 0.25) & (camera.two_theta < 1.1)
    count = np.bincount(ring[inside])
    kept = count > 0
    x = (np.flatnonzero(kept) + 0.5) * 0.0115
    mean = np.bincount(ring[inside], frame.image[inside])[kept] / count[kept]
    y = np.random.default_rng(2).poisson(200.0 + 5000.0 * mean / mean.max()).astype(float)
    rings = Pattern(x, y, np.sqrt(np.maximum(y, 1.0)), radiation=KV200["radiation"])
    answer = identify(rings, library, elements=["Ca", "F", "O", "Zn"])
    assert [p.label.library_id for p in answer.phases] == [FLUORITE]


def test_time_of_flight_is_refused_without_its_constants(library, simulate):
    pattern = replace(simulate({RUTILE: 1.0}, seed=21), axis="tof", radiation=None)
    with pytest.raises(InputError, match=r"simulated\.xy: the axis is time of flight.*instrument file.*DIFC"):
        identify(pattern, library)


def test_time_of_flight(library):
    bank = TofBank(5074.11, -2.1, 0.0, 3.29, 151.0, 10.33)
    profile = TofProfile((0.0, 0.6), (0.035, 0.008), (0.0, 90.0, 0.0))
    lit = ("exponential", (2.0, 300.0, 0.5))  # 27 times as bright at the shortest times as at the longest
    tof = np.geomspace(3500.0, 23000.0, 4000)
    pattern = simulate_time_of_flight(
        [library.structure(library.index_of(i)) for i in (CORUNDUM, FLUORITE)],
        bank,
        profile,
        tof,
        weight_fractions=[0.3, 0.7],
        spectrum=incident_spectrum(tof, *lit),
    )
    level = 300.0 * incident_spectrum(tof, *lit) / 100.0
    y = np.random.default_rng(4).poisson(level + 20000.0 * pattern.intensity / pattern.intensity.max()).astype(float)
    pattern = replace(pattern, intensity=y, sigma=np.sqrt(np.maximum(y, 1.0)))
    answer = identify(
        pattern,
        library,
        elements=["Ca", "F", "Al", "O"],
        instrument=InstrumentBank(1, ForeignBank(bank, profile, lit)),
    )
    got = {p.label.library_id: p.weight_fraction.value for p in answer.phases}
    assert got == pytest.approx({CORUNDUM: 0.3, FLUORITE: 0.7}, abs=0.02)
    true = library.structure(library.index_of(FLUORITE)).lattice.a
    assert edge(answer, FLUORITE) == pytest.approx(true, rel=5e-4)
    assert answer.pattern.axis == "tof"
    ticks = next(p for p in answer.phases if p.label.library_id == FLUORITE).ticks
    np.testing.assert_allclose(ticks.position, bank.time_of_flight(ticks.d_spacing), rtol=5e-3)
    assert np.all(np.diff(answer.pattern.x) > 0)


def test_weighed_sample_by_time_of_flight(library, shared_data):
    """CPD 1A by HIPD: 94.8 % fluorite, 4.0 % zincite, 1.2 % corundum (Madsen et al., 2001)."""
    folder = shared_data / "powder" / "cpd_roundrobin" / "tof_neutron"
    pattern = read(folder / "6722.dat", scan=1)
    answer = identify(
        pattern, library, elements=["Al", "Ca", "F", "Zn", "O"], instrument=read_instrument(folder / "I22jan99.prm", 1)
    )
    got = {p.label.library_id: p.weight_fraction.value for p in answer.phases}
    assert {FLUORITE, ZINCITE} <= got.keys() <= {FLUORITE, ZINCITE, CORUNDUM}
    assert got[ZINCITE] == pytest.approx(0.04, abs=0.015)


def test_an_assumed_wavelength_is_told(library, simulate):
    answer = identify(replace(simulate({RUTILE: 1.0}, seed=21), radiation=None), library, elements=["Ti", "O"])
    assert answer.pattern.radiation is not None
    assert answer.pattern.radiation.assumed
    assert any("wavelength" in w for w in answer.warnings)

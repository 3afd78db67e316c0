"""Several patterns of one sample: what one radiation hardly sees or confuses, the other tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.identify import identify
from anatase.identify.joint import NO_PROBABILITIES, identify_joint
from anatase.identify.quantify import Quantify
from anatase.io import read
from anatase.io.instrument_file import read_instrument
from anatase.refine.quantity.internal_standard import InternalStandard
from anatase.scattering.radiation import Radiation

THORIANITE = "ncrystal/ThO2_sg225_ThoriumDioxide"
DIAMOND = "ncrystal/C_sg227_Diamond"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"
FLUORITE = "ncrystal/CaF2_sg225_CalciumFlouride"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"
PERICLASE = "ncrystal/MgO_sg225_Periclase"
NEUTRON = Radiation("neutron", ((1.594, 1.0),), 0.0, name="1.594 Å")
D2B = {"radiation": NEUTRON, "limits": (10.0, 150.0), "step": 0.05, "fwhm": 0.3, "counts": 3000.0}


@pytest.fixture(scope="module")
def both(simulate):
    """Return ``both(fractions, seed)``: an X-ray and a neutron pattern of a sample."""

    def draw(fractions, seed=1, other=None):
        neutrons = simulate(other or fractions, seed=seed + 7, **D2B)
        return replace(simulate(fractions, seed=seed), name="xray.xy"), replace(neutrons, name="neutron.xy")

    return draw


def ids(answer) -> set[str]:
    return {phase.label.library_id for phase in answer.phases}


def test_neutrons_show_what_xrays_do_not(library, both):
    fractions = {THORIANITE: 0.97, DIAMOND: 0.03}  # Z = 90 beside 6, lengths 10.3 beside 6.6 fm
    xrays, neutrons = both(fractions)
    assert ids(identify(xrays, library, elements=["Th", "O", "C"])) == {THORIANITE}
    answer = identify_joint([xrays, neutrons], library, elements=["Th", "O", "C"])
    assert {p.label.library_id: p.weight_fraction.value for p in answer.phases} == pytest.approx(fractions, abs=0.01)
    diamond = next(p for p in answer.phases if p.label.library_id == DIAMOND)
    assert diamond.gains[1] > 100.0 > abs(diamond.gains[0])
    assert diamond.by_pattern[1] is not None
    assert any("diamond (C) does not show in xray.xy" in w for w in answer.warnings)
    assert not any("contradict" in w for w in answer.warnings)
    assert answer.warnings[-1].startswith("no calibrated probabilities for joint answers")
    assert all(phase.probability is None for phase in answer.phases)


def test_what_single_patterns_find_is_weighed_in_both(library, both):
    fractions = {CORUNDUM: 0.3, PERICLASE: 0.3, FLUORITE: 0.4}
    xrays, neutrons = both(fractions, seed=4)
    elements = ["Al", "O", "Ca", "F", "Mg", "H", "S"]
    answer = identify_joint([xrays, neutrons], library, elements=elements)
    assert {p.label.library_id: p.weight_fraction.value for p in answer.phases} == pytest.approx(fractions, abs=0.02)
    assert answer.warnings == (NO_PROBABILITIES,)
    for phase in answer.phases:
        single = [estimate.su for estimate in phase.by_pattern if estimate is not None]
        assert len(single) == 2
        assert phase.weight_fraction.su < min(single)
    assert [a.pattern.radiation.probe for a in answer.answers] == ["xray", "neutron"]
    for one in answer.answers:
        assert ids(one) == ids(answer)
        assert one.gof < 1.1
    assert set(answer.provenance.inputs) == {"xray.xy", "neutron.xy"}


def test_patterns_of_different_samples_are_told(library, both):
    patterns = both({CORUNDUM: 0.2, FLUORITE: 0.8}, seed=2, other={CORUNDUM: 0.8, FLUORITE: 0.2})
    answer = identify_joint(patterns, library, elements=["Al", "O", "Ca", "F"])
    assert ids(answer) == {CORUNDUM, FLUORITE}
    told = [w for w in answer.warnings if "disagree on the weight fraction" in w]
    assert told
    assert "by xray.xy" in told[0]
    assert "by neutron.xy" in told[0]
    assert answer.phases[0].weight_fraction.su > 0.1  # 20 beside 80 %


def test_patterns_without_a_common_phase_contradict_each_other(library, both):
    patterns = both({CORUNDUM: 0.4, PERICLASE: 0.6}, seed=8, other={FLUORITE: 0.7, ZINCITE: 0.3})
    answer = identify_joint(patterns, library, elements=["Al", "O", "Ca", "F", "Mg", "Zn"])
    assert ids(answer) == {CORUNDUM, PERICLASE, FLUORITE, ZINCITE}
    assert answer.warnings[0].startswith("these patterns contradict each other: not one sample?")
    for name in ("corundum (Al2O3) is 4", "periclase (MgO) is ", "fluorite (CaF2) is ", "zincite (ZnO) is "):
        assert name in answer.warnings[0]
    assert [phase.weight_fraction for phase in answer.phases] == [None] * 4
    assert all(sum(one is not None for one in phase.by_pattern) == 1 for phase in answer.phases)


def test_a_phase_that_one_pattern_would_see_contradicts(library, both):
    patterns = both({CORUNDUM: 0.7, FLUORITE: 0.3}, seed=9, other={CORUNDUM: 1.0})
    answer = identify_joint(patterns, library, elements=["Al", "O", "Ca", "F"])
    assert "not one sample? fluorite (CaF2) is " in answer.warnings[0]
    assert "corundum (Al2O3) is " not in answer.warnings[0]


def test_wavelengths_that_do_not_fit_are_told(library, both):
    xrays, neutrons = both({CORUNDUM: 1.0})
    wrong = replace(neutrons, radiation=replace(NEUTRON, lines=((1.61, 1.0),)))
    answer = identify_joint([xrays, wrong], library, elements=["Al", "O"])
    assert ids(answer) == {CORUNDUM}
    assert any("disagree on a" in w and "wavelengths" in w for w in answer.warnings)


def test_a_pattern_without_peaks_says_nothing(library, both, simulate):
    xrays, _ = both({CORUNDUM: 1.0})
    empty = replace(simulate({}, seed=5, **D2B), name="empty.xy")
    answer = identify_joint([empty, xrays], library, elements=["Al", "O"])
    assert ids(answer) == {CORUNDUM}
    assert answer.answers[0].phases == ()
    nothing = identify_joint([empty, replace(empty, name="again.xy")], library, elements=["Al", "O"])
    assert nothing.phases == ()
    assert any("no phase of the library explains" in w for w in nothing.warnings)


def test_a_phase_that_is_said_to_be_there_is_kept(library, both):
    patterns = both({CORUNDUM: 0.6, FLUORITE: 0.4}, seed=6)
    answer = identify_joint(patterns, library, elements=["Al", "O"], present=["fluorite"])
    assert ids(answer) == {CORUNDUM, FLUORITE}
    weighed_in = Quantify(internal_standard=InternalStandard("fluorite", Estimate(0.3)))
    spiked = identify_joint(patterns, library, elements=["Al", "O"], quantify=weighed_in)
    assert ids(spiked) == {CORUNDUM, FLUORITE}
    # 40 % fluorite of what is crystalline is 30 % of all: a quarter is amorphous
    assert spiked.amorphous_fraction is not None
    assert spiked.amorphous_fraction.value == pytest.approx(0.25, abs=0.04)
    assert sum(p.weight_fraction.value for p in spiked.phases) == pytest.approx(0.75, abs=0.04)
    missing = identify_joint(patterns, library, elements=["Al", "O", "Ca", "F"], required=["Zn"])
    assert any("Zn" in w for w in missing.warnings)


def test_anglesite(shared_data, library):
    """PbSO4 by X-rays and neutrons, the round robin of Hill (1992): one phase in both."""
    folder = shared_data / "refine" / "pbso4"
    answer = identify_joint(
        [folder / "PBSO4.XRA", folder / "PBSO4.CWN"],
        library,
        instruments=[folder / "INST_XRY.PRM", folder / "inst_d1a.prm"],
        elements="Pb,S,O",
    )
    assert [p.label.formula for p in answer.phases] == ["PbSO4"]
    assert all(gain > 1000.0 for gain in answer.phases[0].gains)
    a, b = (one.phases[0].lattice["a"].value for one in answer.answers)
    assert a == pytest.approx(b, rel=2e-3)  # as far as the stated neutron wavelength goes
    assert {answer.answers[0].pattern.radiation.probe, answer.answers[1].pattern.radiation.probe} == {"xray", "neutron"}


def test_four_banks_show_what_one_does_not(shared_data, library):
    """CPD 1A by HIPD: 94.81 % fluorite, 4.04 % zincite, 1.15 % corundum (Madsen et al., 2001)."""
    folder = shared_data / "powder" / "cpd_roundrobin" / "tof_neutron"
    banks = (1, 2, 3, 4)
    answer = identify_joint(
        [replace(read(folder / "6722.dat", scan=bank), name=f"bank {bank}") for bank in banks],
        library,
        instruments=[read_instrument(folder / "I22jan99.prm", bank) for bank in banks],
        elements="Al,O,Zn,Ca,F",
    )
    found = {p.label.library_id: p.weight_fraction for p in answer.phases}
    weighed = {FLUORITE: 0.9481, ZINCITE: 0.0404, CORUNDUM: 0.0115}
    assert found.keys() == weighed.keys()
    for library_id, value in weighed.items():
        assert found[library_id].value == pytest.approx(value, abs=0.008)
        assert abs(found[library_id].value - value) < 3.0 * found[library_id].su


def test_one_pattern_is_no_joint_identification(library, both):
    xrays, neutrons = both({CORUNDUM: 1.0})
    with pytest.raises(InputError, match="two or more"):
        identify_joint([xrays], library)
    with pytest.raises(InputError, match="2 patterns and 1 instruments"):
        identify_joint([xrays, neutrons], library, instruments=[None])

"""The decay of a neutron pulse that nothing tells."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.identify import identify
from anatase.identify.prior_knowledge import permitted, prior_knowledge
from anatase.identify.unknown_pulse import equivalent_with_pulse
from anatase.io import read
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_bank import InstrumentBank
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.time_of_flight import simulate_time_of_flight

FLUORITE = "ncrystal/CaF2_sg225_CalciumFlouride"
BANK = TofBank(7476.91, -1.54, 0.0, -9.2, 144.845)


@pytest.fixture(scope="module")
def drawn(library):
    """Return ``drawn(decay)``: fluorite by pulses of that mean decay (µs), its bank in the metadata."""

    def draw(decay: float) -> Pattern:
        tof = np.arange(6100.0, 28000.0, 6.0)
        profile = TofProfile((0.0, 0.6), (1.0 / decay, 0.0), (0.0, 60.0, 0.0))
        pattern = simulate_time_of_flight(library.structure(library.index_of(FLUORITE)), BANK, profile, tof)
        expected = 100.0 + 5000.0 * pattern.intensity / pattern.intensity.max()
        y = np.random.default_rng(3).poisson(expected).astype(float)
        return replace(pattern, intensity=y, sigma=np.sqrt(np.maximum(y, 1.0)))

    return draw


@pytest.mark.parametrize("decay", [10.0, 30.0])
def test_the_decay_is_found(library, drawn, decay):
    entries = permitted(library, prior_knowledge("Ca,F"))
    found = equivalent_with_pulse(drawn(decay), None, library, entries)
    assert found.calibration is not None
    assert found.calibration.decay == pytest.approx(decay, rel=0.5)  # as fine as the decays that are tried


def test_what_a_file_tells_is_kept(library, drawn):
    entries = permitted(library, prior_knowledge("Ca,F"))
    instrument = InstrumentBank(1, ForeignBank(BANK, TofProfile()))
    found = equivalent_with_pulse(drawn(30.0), instrument, library, entries)
    assert found.calibration is not None
    assert found.calibration.file is instrument.beam
    assert not any("pulse" in w for w in found.pattern.warnings)


def test_other_patterns_have_no_pulse(library, simulate):
    pattern = simulate({FLUORITE: 1.0}, radiation=radiation_from_name("CuKa"))
    assert equivalent_with_pulse(pattern, None, library, np.arange(3)).pattern is pattern


def test_silicon_without_its_instrument_file(library, shared_data):
    """SEPD, Argonne: a = 5.43146 Å in the file of the sample; DIFC, DIFA and ZERO as refined with it."""
    pattern = read(shared_data / "powder" / "easydiffraction" / "sepd.xye")
    stated = {"difc": 7476.91, "difa": -1.54, "zero": -9.2, "two_theta": 144.845}
    answer = identify(replace(pattern, metadata=stated), library, elements=["Si"])
    assert [phase.label.formula for phase in answer.phases] == ["Si"]
    assert answer.phases[0].lattice["a"].value == pytest.approx(5.43146, abs=0.003)
    assert any("decay of 20 µs" in w for w in answer.warnings)

"""Experiment files of GSAS as written here, read back."""

from __future__ import annotations

from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.io.foreign import (
    ForeignBank,
    ForeignDiffractometer,
    ForeignHistogram,
    ForeignPart,
    ForeignPhase,
    ForeignRefinement,
    LinearRelation,
    SharedShift,
)
from anatase.io.gsas_cards import read_cards
from anatase.io.gsas_exp import read_exp
from anatase.io.gsas_exp_histograms import beam_of, phase_profile
from anatase.io.gsas_profile import CW_FUNCTIONS
from anatase.io.gsas_write_exp import exp_text, write_exp
from anatase.io.source import Source
from anatase.pattern.background_model import BackgroundModel, Hump
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.line_widths import widths_without_hkl
from anatase.simulation.sample import Sample

TUBE = Radiation("xray", ((1.5405, 1.0), (1.5443, 0.5)), 0.8, name="CuKa")
ELLIPSOID = (6e-3, 6e-3, 4e-3, 1e-3, 0.0, 0.0)
RUTILE = Structure(
    Lattice(4.594, 4.594, 2.959),
    SpaceGroup.from_number(136),
    (
        Site("Ti1", (Species("Ti", 0.9, 4), Species("Nb", 0.1, 5)), (0.0, 0.0, 0.0), None, ELLIPSOID),
        Site("O1", (Species("O"),), (0.305, 0.305, 0.0), 0.007),
    ),
)  # fmt: skip
CORUNDUM = Structure(
    Lattice(4.759, 4.759, 12.992, 90.0, 90.0, 120.0),
    SpaceGroup.from_symbol("R -3 c:H"),
    (Site("Al", (Species("Al"),), (0.0, 0.0, 0.3522), 0.003), Site("O", (Species("O"),), (0.3063, 0.0, 0.25), 0.004)),
)


def back(refinement: ForeignRefinement, folder: Path) -> ForeignRefinement:
    path = folder / "written.EXP"
    write_exp(refinement, path)
    lines = path.read_text().splitlines()
    assert {len(line) for line in lines} == {80}
    return read_exp(path)


def mixture(**changes: object) -> ForeignRefinement:
    """Return two phases in an X-ray histogram, the first in a time-of-flight bank as well."""
    instrument = Instrument(
        gauss_u=2e-3, gauss_v=-1e-3, gauss_w=4e-3, lorentz_x=0.01, lorentz_y=0.02, s_over_l=0.02, h_over_l=0.03,
        zero=-0.025, displacement=0.05, penetration=0.1,
    )  # fmt: skip
    bank = TofBank(5074.11, -2.1, 0.0, 3.29, 151.0, 0.0, "PLUS_153")
    profile = TofProfile((0.0, 1.2), (0.03, 0.004), (2.0, 30.0, 4.0), (0.5, 0.6, 0.7))
    histograms = (
        ForeignHistogram(
            "mix", ForeignDiffractometer(TUBE, instrument), BackgroundModel((10.0, 120.0), (50.0, 4.0, -3.0)),
            "mix.gsa", limits=(12.0, 118.0), excluded=((30.0, 31.5),),
        ),
        ForeignHistogram(
            "tof", ForeignBank(bank, profile, ("flat", ())),
            BackgroundModel((3e3, 24e3), nodes=(3e3, 13.5e3, 24e3), heights=(1.0, 2.0, 1.5)), "tof.gsa", 3,
            limits=(3e3, 24e3), excluded=((9e3, 9.5e3),),
        ),
    )  # fmt: skip
    plate = Sample(shape_factor=1.0, texture_axis=(1, 1, 0), march_r=0.8)
    fine = Sample(size=1500.0, shape_factor=1.0, strain=4e-4, textures=(((0, 0, 1), 0.7, 0.4), ((1, 0, 4), 1.5, 0.3)))
    phases = (
        ForeignPhase("rutile", RUTILE, {"mix": ForeignPart(2e-4, plate, 5000.0), "tof": ForeignPart(6.0, Sample())}),
        ForeignPhase("corundum", CORUNDUM, {"mix": ForeignPart(1e-4, fine)}, "lebail"),
    )
    free = {
        "rutile.a", "rutile.c", "rutile.Ti1.u11", "rutile.Ti1.u33", "rutile.Ti1.Ti.occupancy",
        "rutile.Ti1.Nb.occupancy", "rutile.O1.x", "corundum.Al.u_iso", "corundum.O.u_iso", "corundum.O.x",
        "mix.wavelength", "mix.zero", "mix.gauss_u", "mix.lorentz_x", "mix.displacement", "mix.background.chebyshev_0",
        "mix.background.chebyshev_1", "mix.background.chebyshev_2", "rutile.mix.scale", "rutile.mix.march_r",
        "rutile.mix.extinction", "corundum.mix.scale", "corundum.mix.strain", "corundum.mix.march_r0",
        "corundum.mix.march_share1", "tof.difc", "tof.zero", "tof.variance_1", "tof.gamma_1", "rutile.tof.scale",
    }  # fmt: skip
    found = ForeignRefinement(phases, histograms, frozenset(free), title="a mixture")
    return replace(found, **changes)


def test_structures_come_back(tmp_path: Path):
    found = back(mixture(), tmp_path)
    assert (found.title, [phase.name for phase in found.phases]) == ("a mixture", ["rutile", "corundum"])
    assert [phase.mode for phase in found.phases] == ["rietveld", "lebail"]
    for phase, structure in zip(found.phases, (RUTILE, CORUNDUM), strict=True):
        assert phase.structure.lattice == structure.lattice
        assert phase.structure.space_group == structure.space_group
        assert [replace(site, multiplicity=0) for site in phase.structure.sites] == list(structure.sites)


def test_histograms_come_back(tmp_path: Path):
    written = mixture()
    for ours, expected in zip(back(written, tmp_path).histograms, written.histograms, strict=True):
        assert replace(ours, beam=expected.beam) == expected
        if isinstance(expected.beam, ForeignBank):
            assert ours.beam == expected.beam
        else:
            assert isinstance(ours.beam, ForeignDiffractometer)
            assert ours.beam.radiation.lines == TUBE.lines
            assert ours.beam.radiation.polarization == pytest.approx(0.8, rel=1e-6)
            assert astuple(ours.beam.instrument)[1:-1] == pytest.approx(
                astuple(expected.beam.instrument)[1:-1], abs=1e-7
            )


def test_parts_come_back(tmp_path: Path):
    written = mixture()
    found = back(written, tmp_path)
    for ours, expected in zip(found.phases, written.phases, strict=True):
        assert ours.parts.keys() == expected.parts.keys()
        for name, part in expected.parts.items():
            assert ours.parts[name].scale == pytest.approx(part.scale, rel=1e-6)
            assert ours.parts[name].extinction == pytest.approx(part.extinction, rel=1e-6)
            sample = ours.parts[name].sample
            assert (sample.texture_axis, sample.march_r) == (part.sample.texture_axis, part.sample.march_r)
            assert sample.textures == part.sample.textures
    # the first phase is as sharp as the instrument, so that size and strain of the second are kept apart
    fine = found.phases[1].parts["mix"].sample
    assert (fine.size, fine.strain) == pytest.approx((1500.0, 4e-4), rel=1e-6)


def test_what_is_free_comes_back(tmp_path: Path):
    written = mixture()
    # the strain of one phase adds to the coefficient that the other has from the instrument
    assert back(written, tmp_path).free == written.free | {"corundum.mix.size"}


def test_constraints_come_back(tmp_path: Path):
    shared = SharedShift(((1.0, "corundum.Al.u_iso"), (0.5, "corundum.O.u_iso")))
    total = LinearRelation(((1.0, "rutile.Ti1.Ti.occupancy"), (1.0, "rutile.Ti1.Nb.occupancy")), 1.0)
    scales = SharedShift(((1.0, "rutile.mix.scale"), (1.0, "rutile.tof.scale")))
    written = mixture(shared=(shared, scales), relations=(total,))
    opposite = SharedShift(((1.0, "rutile.Ti1.Ti.occupancy"), (-1.0, "rutile.Ti1.Nb.occupancy")))
    found = back(written, tmp_path)
    assert {shared, opposite} <= set(found.shared)
    assert "not written: constraint of rutile.mix.scale" in exp_text(written)
    # U of the instrument is one number for both phases
    assert "LEQV PF 1 11  ALL,1" in exp_text(mixture(free=frozenset({"mix.gauss_u"})))


def test_what_has_no_card_is_told():
    phases = mixture().phases
    part = ForeignPart(
        1e-4, Sample(size=100.0, size_across=200.0, size_axis=(0, 0, 1), absorption=0.5), 0.0, (1e-4, 0.0)
    )
    humps = BackgroundModel((10.0, 120.0), (50.0,), humps=(Hump(100.0, 20.0, 8.0),))
    histogram = replace(mixture().histograms[0], background=humps)
    text = exp_text(ForeignRefinement((replace(phases[0], parts={"mix": part}),), (histogram,)))
    told = " ".join(line[12:].strip() for line in text.splitlines() if line.startswith("    HSTRY"))
    for what in ("size along an axis", "absorption", "strain of the cell", "background with other terms"):
        assert what in told


@given(st.floats(100.0, 1e4), st.floats(1e-5, 2e-3), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_widths_are_those_of_instrument_and_crystallites(size: float, strain: float, g: float, h: float):
    """GSAS has one set of widths for both: lines are as wide as before."""
    instrument = Instrument(gauss_u=2e-3, gauss_v=-1e-3, gauss_w=4e-3, lorentz_x=0.01, lorentz_y=0.02)
    sample = Sample(size=size, strain=strain, size_gauss_share=g, strain_gauss_share=h)
    histogram = ForeignHistogram("mix", ForeignDiffractometer(TUBE, instrument), BackgroundModel((10.0, 120.0), (1.0,)))
    phase = ForeignPhase("rutile", RUTILE, {"mix": ForeignPart(1e-4, sample)})
    text = exp_text(ForeignRefinement((phase,), (histogram,)))
    cards = read_cards(Source("written.EXP", text.encode(), ""))
    beam, _, _ = beam_of(cards, 1, "PXC", [phase_profile(cards, 1, 1, CW_FUNCTIONS)])
    assert isinstance(beam, ForeignDiffractometer)
    for two_theta in (20.0, 70.0, 140.0):
        ours = widths_without_hkl(two_theta, 1.5405, 0.0, beam.instrument, Sample())
        expected = widths_without_hkl(two_theta, 1.5405, 0.0, instrument, sample)
        assert ours == pytest.approx(expected, rel=2e-5, abs=1e-6)


def test_files_of_gsas_come_back(shared_data: Path, tmp_path: Path):
    for name in ("PbSO4/PBSO4N.EXP", "two phase/A_SI3N4X.EXP", "garnet/GARNET.EXP", "fluroapatite/FAP.EXP"):
        found = read_exp(shared_data / "powder" / "gsas2" / name)
        again = back(found, tmp_path)
        assert {n for n in again.free if "background" not in n} == {n for n in found.free if "background" not in n}
        assert again.shared == found.shared
        for one, other in zip(again.phases, found.phases, strict=True):
            assert one.structure.sites == other.structure.sites
            for key, part in other.parts.items():
                assert one.parts[key].scale == pytest.approx(part.scale, rel=1e-5)
                assert astuple(one.parts[key].sample) == astuple(part.sample)
        x = np.linspace(*(found.histograms[0].limits or (0, 1)), 300)
        level = found.histograms[0].background
        assert level is not None
        assert again.histograms[0].background is not None
        assert again.histograms[0].background.intensity(x) == pytest.approx(level.intensity(x), rel=0.02)


def test_what_gsas_cannot_hold_is_refused():
    whole = mixture()
    phase, histogram = whole.phases[0], whole.histograms[0]
    broad = ForeignDiffractometer(radiation_from_name("CuKa4"), Instrument())
    oblique = SpaceGroup.from_hall("-P 4 2 (x+y,y,z)")
    first_origin = SpaceGroup.from_symbol("F d -3 m:1")
    for refinement, message in (
        (ForeignRefinement((), (histogram,)), "needs a phase and a histogram"),
        (ForeignRefinement((phase,), ()), "needs a phase and a histogram"),
        (ForeignRefinement((phase,) * 10, (histogram,)), "10 phases"),
        (mixture(phases=(replace(phase, structure=replace(RUTILE, space_group=oblique)),)), "GSAS has no setting"),
        (mixture(phases=(replace(phase, structure=replace(RUTILE, space_group=first_origin)),)), "GSAS has no setting"),
        (mixture(histograms=(replace(histogram, beam=broad),)), "no xray radiation of 4 lines"),
        (mixture(histograms=(replace(histogram, beam=ForeignBank(TofBank(5e3, difb=1.0))),)), "no DIFB"),
    ):
        with pytest.raises(InputError, match=message):
            exp_text(refinement)

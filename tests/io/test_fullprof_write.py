"""FullProf control files as they are written: what is read back is what was written."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
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
from anatase.io.fullprof_pcr import read_fullprof
from anatase.io.fullprof_write import fullprof_pcr, write_fullprof
from anatase.io.phase_widths import sample_widths
from anatase.io.tied_parameters import structure_parameters
from anatase.pattern.background_model import BackgroundModel, Hump
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.lorentz_polarization import lorentz_polarization
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

several = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LIMITS = (12.0, 112.0)


def rutile(**numbers: float) -> Structure:
    """Return niobian rutile with an anisotropic oxygen at x, x, 0."""
    x, u, share, a = (numbers.get(name, value) for name, value in (("x", 0.305), ("u", 0.01), ("s", 0.1), ("a", 4.59)))
    tensor = (u, u, 0.7 * u, 0.2 * u, 0.0, 0.0)
    sites = (
        Site("Ti", (Species("Ti", 1.0 - share, 4), Species("Nb", share, 5)), (0.0, 0.0, 0.0), 0.5 * u),
        Site("O", (Species("O", 0.9, -2),), (x, x, 0.0), None, tensor),
    )
    return Structure(Lattice(a, a, 0.64 * a), SpaceGroup.from_number(136), sites, "rutile")


def simple(**changes: object) -> ForeignRefinement:
    """Return rutile measured with copper, with changes of the refinement."""
    beam = ForeignDiffractometer(radiation_from_name("CuKa"), Instrument())
    histogram = ForeignHistogram("scan", beam, BackgroundModel(LIMITS, (100.0, 5.0)), "scan.xy", limits=LIMITS)
    phase = ForeignPhase("rutile", rutile(), {"scan": ForeignPart(1e-3)})
    return replace(ForeignRefinement((phase,), (histogram,)), **changes)  # type: ignore[arg-type]


@st.composite
def refinements(draw: st.DrawFn) -> ForeignRefinement:
    """Return one or two patterns of rutile, with numbers drawn at random."""
    phases_parts: dict[str, ForeignPart] = {}
    histograms = []
    names = set()
    structure = rutile(
        x=draw(st.floats(0.1, 0.4)), u=draw(st.floats(0.001, 0.1)), s=draw(st.floats(0.1, 0.9)), a=draw(st.floats(3, 9))
    )
    for number in range(draw(st.integers(1, 2))):
        name = f"scan{number}"
        widths = [draw(st.floats(0.0, 0.1)) for _ in range(5)]
        geometry = draw(st.sampled_from(["bragg_brentano", "debye_scherrer"]))
        instrument = Instrument(
            geometry,  # type: ignore[arg-type]
            *widths,
            0.0,
            *(draw(st.floats(0.001, 0.1)), draw(st.floats(0.001, 0.1)), draw(st.floats(-0.1, 0.1))),
            draw(st.floats(-0.5, 0.5)),
        )
        if geometry == "bragg_brentano":
            ratio = draw(st.floats(0.1, 0.9))
            lines = ((1.54056, 1.0), (1.54439, ratio))
            radiation = Radiation("xray", lines, draw(st.floats(0.1, 1.0)), draw(st.floats(0.0, 30.0)))
        else:
            radiation = Radiation("neutron", ((draw(st.floats(1.0, 2.5)), 1.0),), 0.0)
        powers = draw(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6))
        background = BackgroundModel(LIMITS, tuple(powers))
        if draw(st.booleans()):
            background = BackgroundModel(LIMITS, nodes=(12.0, 30.0, 70.0, 110.0), heights=(5.0, 4.0, 3.0, 7.0))
        beam = ForeignDiffractometer(radiation, instrument)
        excluded = ((20.0, 21.5), (50.0, 51.0))
        histograms.append(ForeignHistogram(name, beam, background, f"{name}.xye", limits=LIMITS, excluded=excluded))
        sample = Sample(texture_axis=(0, 0, 1), march_r=draw(st.floats(0.3, 0.9)))
        if geometry == "debye_scherrer":
            sample = replace(sample, absorption=draw(st.floats(0.1, 2.0)))
        phases_parts[name] = ForeignPart(draw(st.floats(1e-5, 1e3)), sample)
        names |= {f"{name}.{word}" for word in ("zero", "displacement", "gauss_u", "gauss_w", "lorentz_x", "s_over_l")}
        names |= {f"rutile.{name}.{word}" for word in ("scale", "march_r")}
    names |= structure_parameters("rutile", structure)
    free = draw(st.frozensets(st.sampled_from(sorted(names)), min_size=1))
    return ForeignRefinement((ForeignPhase("rutile", structure, phases_parts),), tuple(histograms), free)


@several
@given(refinements())
def test_what_is_written_is_read(tmp_path: Path, refinement: ForeignRefinement) -> None:
    path = tmp_path / "a.pcr"
    write_fullprof(refinement, path)
    found = read_fullprof(path)
    assert found.free == refinement.free
    assert found.shared == ()
    structure, expected = found.phases[0].structure, refinement.phases[0].structure
    assert structure.lattice.parameters == pytest.approx(expected.lattice.parameters, rel=1e-9)
    for site, other in zip(structure.sites, expected.sites, strict=True):
        assert site.xyz == pytest.approx(other.xyz, abs=1e-9)
        assert [s.occupancy for s in site.species] == pytest.approx([s.occupancy for s in other.species], abs=1e-8)
        assert (site.u_iso or 0.0) == pytest.approx(other.u_iso or 0.0, rel=1e-8)
        assert (site.u_aniso or ()) == pytest.approx(other.u_aniso or (), rel=1e-8)
    for histogram, wanted in zip(found.histograms, refinement.histograms, strict=True):
        same_histogram(histogram, wanted)
        part, sought = found.phases[0].parts[histogram.name], refinement.phases[0].parts[histogram.name]
        assert part.scale == pytest.approx(sought.scale, rel=1e-9)
        assert part.sample.march_r == pytest.approx(sought.sample.march_r, rel=1e-9)
        assert (part.sample.absorption or 0.0) == pytest.approx(sought.sample.absorption or 0.0, abs=1e-6)


def same_histogram(found: ForeignHistogram, expected: ForeignHistogram) -> None:
    assert (found.data_file, found.limits, found.excluded) == (expected.data_file, expected.limits, expected.excluded)
    beam, wanted = found.beam, expected.beam
    assert isinstance(beam, ForeignDiffractometer)
    assert isinstance(wanted, ForeignDiffractometer)
    for word in ("gauss_u", "gauss_v", "gauss_w", "lorentz_x", "lorentz_y", "s_over_l", "h_over_l"):
        assert getattr(beam.instrument, word) == pytest.approx(getattr(wanted.instrument, word), abs=1e-9)
    assert beam.instrument.geometry == wanted.instrument.geometry
    assert beam.instrument.zero == pytest.approx(wanted.instrument.zero, abs=1e-8)
    assert beam.instrument.displacement == pytest.approx(wanted.instrument.displacement, abs=1e-7)
    assert [x for line in beam.radiation.lines for x in line] == pytest.approx(
        [x for line in wanted.radiation.lines for x in line], abs=1e-7
    )
    angles = np.array([20.0, 60.0, 100.0])
    assert lorentz_polarization(angles, beam.radiation) == pytest.approx(
        lorentz_polarization(angles, wanted.radiation), rel=1e-7
    )
    assert found.background is not None
    assert expected.background is not None
    places = np.linspace(*LIMITS, 50)
    height = np.abs(expected.background.intensity(places)).max()
    assert found.background.intensity(places) == pytest.approx(
        expected.background.intensity(places), abs=1e-7 * max(height, 1.0)
    )


def test_crystallites_become_widths_of_the_phase(tmp_path: Path) -> None:
    """U takes the square of a Gaussian strain, GauSiz that of a Gaussian size, X and Y the Lorentzian parts."""
    sample = Sample(size=300.0, size_gauss_share=0.4, strain=0.002, strain_gauss_share=0.5)
    refinement = simple()
    phase = replace(refinement.phases[0], parts={"scan": ForeignPart(1.0, sample)})
    path = tmp_path / "a.pcr"
    write_fullprof(replace(refinement, phases=(phase,)), path)
    found = read_fullprof(path)
    beam, wanted = found.histograms[0].beam, refinement.histograms[0].beam
    assert isinstance(beam, ForeignDiffractometer)
    assert isinstance(wanted, ForeignDiffractometer)
    widths = sample_widths(beam.instrument, found.phases[0].parts["scan"].sample, 1.5405929)
    other = sample_widths(wanted.instrument, sample, 1.5405929)
    assert widths.gauss_u == pytest.approx(other.gauss_u + other.strain_gauss**2, rel=1e-8)
    assert widths.size_gauss == pytest.approx(other.size_gauss, rel=1e-6)
    assert widths.lorentz_x == pytest.approx(other.lorentz_x + other.size_lorentz, rel=1e-8)
    assert widths.lorentz_y == pytest.approx(other.lorentz_y + other.strain_lorentz, rel=1e-8)


def test_ties_and_sums_are_codewords(tmp_path: Path) -> None:
    shared = (SharedShift(((1.0, "rutile.O.u11"), (0.25, "rutile.Ti.u_iso"))),)
    occupancies = ("rutile.Ti.Nb.occupancy", "rutile.Ti.Ti.occupancy")
    relation = LinearRelation(((1.0, occupancies[0]), (1.0, occupancies[1])), 1.0)
    free = frozenset({"rutile.O.u11", "rutile.Ti.u_iso", "rutile.O.x", "rutile.a", *occupancies})
    text = fullprof_pcr(simple(free=free, shared=shared, relations=(relation,)))
    assert "       4    !Number of refined parameters" in text
    path = tmp_path / "a.pcr"
    path.write_text(text)
    found = read_fullprof(path)
    assert found.free == free
    terms = {target: factor for shift in found.shared for factor, target in shift.terms}
    # a factor keeps six decimals in a codeword
    assert terms["rutile.Ti.u_iso"] / terms["rutile.O.u11"] == pytest.approx(0.25, rel=1e-4)
    assert terms[occupancies[0]] / terms[occupancies[1]] == pytest.approx(-1.0)


def test_what_fullprof_has_no_words_for_is_told() -> None:
    refinement = simple()
    names = [f"rutile.{word}" for word in ("O.x", "Ti.Nb.occupancy", "Ti.Ti.occupancy")]
    relation = LinearRelation(tuple((1.0, name) for name in names), 1.3)
    background = BackgroundModel(LIMITS, (1.0,), humps=(Hump(100.0, 30.0, 8.0),))
    beam = ForeignDiffractometer(radiation_from_name("CuKa5"), Instrument(lorentz_z=0.01))
    histogram = replace(refinement.histograms[0], background=background, beam=beam)
    part = ForeignPart(1.0, Sample(size=100.0, size_across=50.0, size_axis=(0, 0, 1)), extinction=5.0)
    phase = replace(refinement.phases[0], parts={"scan": part}, mode="pawley")
    changed = replace(
        refinement, histograms=(histogram,), phases=(phase,), relations=(relation,), free=frozenset(names)
    )
    told = [line for line in fullprof_pcr(changed).splitlines() if line.startswith("! not written")]
    for words in ("relation", "background", "emission lines", "constant Lorentzian", "extinction", "size", "Pawley"):
        assert any(words in line for line in told), words


def test_a_background_that_is_no_polynomial_is_written_as_points(tmp_path: Path) -> None:
    model = BackgroundModel(LIMITS, (50.0,), humps=(Hump(2000.0, 40.0, 30.0),))
    refinement = simple()
    path = tmp_path / "a.pcr"
    write_fullprof(replace(refinement, histograms=(replace(refinement.histograms[0], background=model),)), path)
    found = read_fullprof(path).histograms[0].background
    assert found is not None
    places = np.linspace(*LIMITS, 200)
    # straight lines between 40 points of a hump 30° wide
    assert found.intensity(places) == pytest.approx(model.intensity(places), abs=0.5)


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="no pattern"):
        fullprof_pcr(simple(histograms=()))
    untabulated = replace(rutile(), space_group=SpaceGroup.from_hall("-P 4n 2n (x+1/8,y,z)"))
    phase = replace(simple().phases[0], structure=untabulated)
    with pytest.raises(InputError, match="setting without a symbol"):
        fullprof_pcr(simple(phases=(phase,)))


def test_time_of_flight(tmp_path: Path) -> None:
    """A bank beside a pattern of constant wavelength, with profile function 9."""
    profile = TofProfile((0.1, 0.6), (0.04, 0.009), (3.0, 40.0, 2.0), (0.3, 0.2, 0.1))
    bank = ForeignBank(TofBank(7476.91, -1.54, 0.0, -9.2, 144.845), profile)
    background = BackgroundModel((2000.0, 30000.0), (10.0, 3.0, -1.0))
    histogram = ForeignHistogram("tof", bank, background, "tof.xye", limits=(2000.0, 30000.0), excluded=((5e3, 6e3),))
    names = ("zero", "difc", "difa", "alpha_1", "beta_0", "variance_1", "gamma_2")
    free = frozenset({*(f"tof.{name}" for name in names), "rutile.tof.scale", "rutile.a", "scan.zero"})
    for histograms in ((histogram,), (simple().histograms[0], histogram)):
        parts = {one.name: ForeignPart(0.5) for one in histograms}
        phase = replace(simple().phases[0], parts=parts)
        here = free if len(histograms) == 2 else free - {"scan.zero"}
        path = tmp_path / "a.pcr"
        write_fullprof(simple(histograms=histograms, phases=(phase,), free=here), path)
        found = read_fullprof(path)
        assert found.free == here
        beam = found.histograms[-1].beam
        assert isinstance(beam, ForeignBank)
        assert (beam.profile, replace(beam.bank, name="")) == (profile, bank.bank)
        assert found.phases[0].parts["tof"].scale == 0.5
        same = found.histograms[-1]
        assert (same.data_file, same.limits, same.excluded) == ("tof.xye", (2000.0, 30000.0), ((5e3, 6e3),))
        assert same.background is not None
        assert same.background.chebyshev == pytest.approx(background.chebyshev, rel=1e-6)


def test_crystallites_by_time_of_flight(tmp_path: Path) -> None:
    """γ2 takes K DIFC/D, γ1 takes 2 e DIFC."""
    bank = ForeignBank(TofBank(5000.0), TofProfile(gamma=(0.0, 1.0, 2.0)))
    histogram = ForeignHistogram("tof", bank, None, "tof.xye", limits=(2000.0, 30000.0))
    part = ForeignPart(1.0, Sample(size=450.0, strain=0.001))
    phase = replace(simple().phases[0], parts={"tof": part})
    path = tmp_path / "a.pcr"
    write_fullprof(simple(histograms=(histogram,), phases=(phase,)), path)
    beam = read_fullprof(path).histograms[0].beam
    assert isinstance(beam, ForeignBank)
    assert beam.profile is not None
    assert beam.profile.gamma == pytest.approx((0.0, 1.0 + 2.0 * 0.001 * 5000.0, 2.0 + 0.9 * 5000.0 / 450.0))

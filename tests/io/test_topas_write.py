"""TOPAS files as they are written: what is read back is what was written."""

from __future__ import annotations

from dataclasses import replace
from math import cos, radians
from pathlib import Path

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
from anatase.io.tied_parameters import structure_parameters
from anatase.io.topas_inp import read_topas, read_topas_structures
from anatase.io.topas_write import topas_inp, write_topas
from anatase.io.topas_write_phase import topas_str
from anatase.pattern.background_model import BackgroundModel, Hump
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

small = st.floats(0.001, 0.1)
signed = st.floats(-0.1, 0.1)
fraction = st.floats(0.05, 0.45)
several = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def structures(draw: st.DrawFn) -> Structure:
    """Return a spinel-like, rutile-like or triclinic structure: sites tied in different ways."""
    a, u = draw(st.floats(3.0, 12.0)), draw(small)
    x, y, z = draw(fraction), draw(fraction), draw(fraction)
    kind = draw(st.sampled_from(["P m n b", "P 42/m n m", "R -3 c:H", "P -1"]))
    lattice = {
        "P m n b": Lattice(a, 1.3 * a, 0.8 * a),
        "P 42/m n m": Lattice(a, a, 0.6 * a),
        "R -3 c:H": Lattice(a, a, 2.7 * a, 90.0, 90.0, 120.0),
        "P -1": Lattice(a, 1.2 * a, 1.1 * a, 88.0, 95.0, 101.5),
    }[kind]
    place = (x, x, 0.0) if kind == "P 42/m n m" else (0.0, 0.0, z) if kind == "R -3 c:H" else (x, y, z)
    share = draw(st.floats(0.1, 0.9))
    mixed = (Species("Fe", share, 3), Species("Al", 1.0 - share, 3))
    anisotropic = (0.01, 0.012, 0.02, 0.001, 0.002, -0.003) if kind == "P -1" else None
    sites = (
        Site("M1", mixed, (0.0, 0.0, 0.0), u),
        Site("O1", (Species("O", 1.0, -2),), place, None if anisotropic else 2.0 * u, anisotropic),
    )
    return Structure(lattice, SpaceGroup.from_symbol(kind), sites, "phase")


@st.composite
def refinements(draw: st.DrawFn) -> ForeignRefinement:
    """Return one pattern of one or two phases."""
    height = draw(small)
    instrument = Instrument(
        "bragg_brentano",
        *(draw(small), draw(signed), draw(small), draw(small), draw(small), 0.0, height, height, draw(signed)),
        draw(signed),
        radius=draw(st.floats(100.0, 300.0)),
    )
    radiation = replace(radiation_from_name("CuKa5"), polarization=draw(st.floats(0.0, 1.0)))
    coefficients = draw(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8))
    background = BackgroundModel((12.5, 110.0), tuple(coefficients), draw(st.floats(0.0, 1e3)))
    beam = ForeignDiffractometer(radiation, instrument)
    histogram = ForeignHistogram("scan", beam, background, "scan.xye", limits=(12.5, 110.0), excluded=((20.0, 21.5),))
    phases = []
    for number in range(draw(st.integers(1, 2))):
        sample = Sample(
            size=draw(st.floats(50.0, 5000.0)),
            size_gauss_share=draw(st.sampled_from([0.0, 1.0, 0.3])),
            shape_factor=1.0,
            strain=draw(st.floats(1e-4, 0.01)),
            strain_gauss_share=draw(st.sampled_from([0.0, 1.0, 0.7])),
            texture_axis=(0, 0, 1),
            march_r=draw(st.floats(0.3, 2.0)),
        )
        part = ForeignPart(draw(st.floats(1e-6, 1e3)), sample)
        structure = draw(structures())
        phases.append(ForeignPhase(f"p{number}", replace(structure, name=f"p{number}"), {"scan": part}))
    names = {"scan.zero", "scan.displacement", "scan.gauss_u", "scan.lorentz_x"}
    for phase in phases:
        names |= structure_parameters(phase.name, phase.structure)
        names |= {f"{phase.name}.scan.{word}" for word in ("scale", "size", "strain", "march_r")}
    free = draw(st.frozensets(st.sampled_from(sorted(names)), min_size=1))
    if draw(st.booleans()):  # TOPAS refines all coefficients or none
        free |= {f"scan.background.chebyshev_{k}" for k in range(len(coefficients))}
    return ForeignRefinement(tuple(phases), (histogram,), free)


def same_structure(found: Structure, expected: Structure) -> None:
    assert found.space_group == expected.space_group
    assert found.lattice.parameters == pytest.approx(expected.lattice.parameters, rel=1e-10)
    for one, other in zip(found.sites, expected.sites, strict=True):
        assert one.label == other.label
        assert one.xyz == pytest.approx(other.xyz, abs=1e-11)
        assert [(s.element, s.charge) for s in one.species] == [(s.element, s.charge) for s in other.species]
        assert [s.occupancy for s in one.species] == pytest.approx([s.occupancy for s in other.species], abs=1e-10)
        assert (one.u_iso is None, one.u_aniso is None) == (other.u_iso is None, other.u_aniso is None)
        assert (one.u_iso or 0.0) == pytest.approx(other.u_iso or 0.0, rel=1e-10)
        assert (one.u_aniso or ()) == pytest.approx(other.u_aniso or (), rel=1e-10)


@several
@given(refinements())
def test_what_is_written_is_read(tmp_path: Path, refinement: ForeignRefinement) -> None:
    path = tmp_path / "a.inp"
    write_topas(refinement, path)
    found = read_topas(path)
    assert found.free == refinement.free
    assert found.shared == ()
    assert found.warnings == ()
    (histogram,), (expected,) = found.histograms, refinement.histograms
    assert (histogram.data_file, histogram.limits, histogram.excluded) == ("scan.xye", (12.5, 110.0), ((20.0, 21.5),))
    assert histogram.background is not None
    assert expected.background is not None
    assert histogram.background.chebyshev == pytest.approx(expected.background.chebyshev, rel=1e-10)
    assert histogram.background.inverse == pytest.approx(expected.background.inverse, rel=1e-10)
    beam, wanted = histogram.beam, expected.beam
    assert isinstance(beam, ForeignDiffractometer)
    assert isinstance(wanted, ForeignDiffractometer)
    for word in ("gauss_u", "gauss_v", "gauss_w", "lorentz_x", "lorentz_y", "s_over_l", "h_over_l", "zero"):
        assert getattr(beam.instrument, word) == pytest.approx(getattr(wanted.instrument, word), rel=1e-9)
    assert beam.instrument.displacement == pytest.approx(wanted.instrument.displacement, rel=1e-9)
    assert [x for line in beam.radiation.lines for x in line] == pytest.approx(
        [x for line in wanted.radiation.lines for x in line], rel=1e-10
    )
    assert beam.radiation.line_widths == pytest.approx(wanted.radiation.line_widths, rel=1e-10)
    angle = radians(beam.radiation.monochromator_two_theta)
    assert beam.radiation.polarization * cos(angle) ** 2 == pytest.approx(wanted.radiation.polarization, abs=1e-9)
    for phase, other in zip(found.phases, refinement.phases, strict=True):
        same_structure(phase.structure, other.structure)
        part, sought = phase.parts["scan"], other.parts["scan"]
        assert part.scale == pytest.approx(sought.scale, rel=1e-10)
        for word in ("size", "size_gauss_share", "strain", "strain_gauss_share", "march_r"):
            assert getattr(part.sample, word) == pytest.approx(getattr(sought.sample, word), rel=1e-9)


@several
@given(structures())
def test_structure_files(tmp_path: Path, structure: Structure) -> None:
    path = tmp_path / "a.str"
    path.write_text(topas_str(structure))
    (found,) = read_topas_structures(path)
    same_structure(found, structure)


def simple(**changes: object) -> ForeignRefinement:
    """Return rutile measured with copper, refined in part, with changes of the refinement."""
    sites = (
        Site("Ti", (Species("Ti", 0.9, 4), Species("Nb", 0.1, 5)), (0.0, 0.0, 0.0), 0.006),
        Site("O", (Species("O", 1.0, -2),), (0.305, 0.305, 0.0), 0.008),
    )
    rutile = Structure(Lattice(4.594, 4.594, 2.959), SpaceGroup.from_number(136), sites, "rutile")
    beam = ForeignDiffractometer(radiation_from_name("CuKa"), Instrument())
    background = BackgroundModel((10.0, 90.0), (100.0, 5.0))
    histogram = ForeignHistogram("scan", beam, background, "scan.xy", limits=(10.0, 90.0))
    phase = ForeignPhase("rutile", rutile, {"scan": ForeignPart(1e-3)})
    return replace(ForeignRefinement((phase,), (histogram,)), **changes)  # type: ignore[arg-type]


def test_ties_and_sums_are_written_as_equations(tmp_path: Path) -> None:
    shared = (SharedShift(((0.5, "rutile.O.u_iso"), (1.0, "rutile.Ti.u_iso"))),)
    occupancies = ("rutile.Ti.Nb.occupancy", "rutile.Ti.Ti.occupancy")
    relation = LinearRelation(((2.0, occupancies[1]), (2.0, occupancies[0])), 2.0)
    free = frozenset({"rutile.O.u_iso", "rutile.Ti.u_iso", "rutile.O.x", "rutile.a", *occupancies})
    text = topas_inp(simple(free=free, shared=shared, relations=(relation,)))
    assert "y = rutile_O_x;" in text  # x, x, 0: TOPAS ties special positions by equations alone
    assert "b = rutile_a;" in text
    path = tmp_path / "a.inp"
    path.write_text(text)
    found = read_topas(path)
    assert found.free == free
    assert shared[0] in found.shared
    assert SharedShift(((1.0, occupancies[0]), (-1.0, occupancies[1]))) in found.shared
    assert found.phases[0].structure.sites[0].occupancy == pytest.approx(1.0)


def test_a_background_keeps_its_meaning_on_another_range(tmp_path: Path) -> None:
    refinement = simple()
    histogram = replace(refinement.histograms[0], limits=(20.0, 70.0))
    path = tmp_path / "a.inp"
    write_topas(replace(refinement, histograms=(histogram,)), path)
    found = read_topas(path).histograms[0].background
    assert found is not None
    assert found.limits == (20.0, 70.0)
    # a straight line: 100 + 5 (x − 50)/40
    assert found.chebyshev == pytest.approx((100.0 + 5.0 * -5.0 / 40.0, 5.0 * 25.0 / 40.0))


def test_modes_neutrons_and_capillaries(tmp_path: Path) -> None:
    refinement = simple()
    beam = ForeignDiffractometer(Radiation("neutron", ((1.494, 1.0),), 0.0), Instrument("debye_scherrer"))
    histogram = replace(refinement.histograms[0], beam=beam)
    phases = []
    for mode in ("lebail", "pawley"):
        part = ForeignPart(1.0, Sample(absorption=0.4))
        phases.append(ForeignPhase(mode, refinement.phases[0].structure, {"scan": part}, mode))  # type: ignore[arg-type]
    free = frozenset({"scan.wavelength"})
    path = tmp_path / "a.inp"
    write_topas(ForeignRefinement(tuple(phases), (histogram,), free), path)
    found = read_topas(path)
    assert [phase.mode for phase in found.phases] == ["lebail", "pawley"]
    assert found.free == free
    assert isinstance(found.histograms[0].beam, ForeignDiffractometer)
    assert found.histograms[0].beam.radiation.probe == "neutron"
    assert found.histograms[0].beam.instrument.geometry == "debye_scherrer"
    assert found.phases[0].parts["scan"].sample.absorption == 0.4


def test_what_topas_has_no_words_for_is_told() -> None:
    refinement = simple()
    background = BackgroundModel((10.0, 90.0), (1.0, 2.0), humps=(Hump(1.0, 20.0, 5.0),))
    histogram = replace(refinement.histograms[0], background=background)
    part = ForeignPart(1.0, Sample(size=100.0, size_across=50.0, size_axis=(0, 0, 1)), extinction=5.0)
    phase = replace(refinement.phases[0], parts={"scan": part})
    free = frozenset({"scan.background.chebyshev_0"})
    text = topas_inp(replace(refinement, histograms=(histogram,), phases=(phase,), free=free))
    head = text.split("iters")[0]
    for words in ("all or none", "humps", "anisotropic size", "extinction"):
        assert words in head


def test_what_is_refused() -> None:
    with pytest.raises(InputError, match="no pattern"):
        topas_inp(simple(histograms=()))
    histogram = ForeignHistogram("scan", ForeignBank(TofBank(5000.0)))
    with pytest.raises(InputError, match="scan is a time-of-flight pattern"):
        topas_inp(simple(histograms=(histogram,)))


def test_the_fit_is_told_where_it_is_known() -> None:
    assert "r_wp" not in topas_inp(simple())
    assert "r_wp 8.4 r_exp 5.6 gof 1.5\n" in topas_inp(replace(simple(), r_wp=8.4, gof=1.5))  # r_wp = gof · r_exp

"""Refinements from a cold start: simulated mixtures with known answers, measured standards, and bad input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.read import read
from anatase.io.structure_files import read_structure
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.refine import Refinement, refine
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.sample import Sample

TiO2 = tuple[Structure, Structure]
Scan = Callable[..., Pattern]
Stretched = Callable[[Structure, float], Structure]


@pytest.fixture(scope="module")
def answer(titania: TiO2, scan: Scan, stretched: Stretched) -> Refinement:
    """Refine a mixture of 30 % rutile and 70 % anatase from cells that are 1 % too large and too small."""
    rutile, anatase = titania
    pattern = scan([rutile, anatase], fractions=[0.3, 0.7])
    return refine(pattern, [replace(stretched(rutile, 1.01), name="rutile"), stretched(anatase, 0.99)])


def test_a_mixture_comes_back(answer, titania, crystallites):
    rutile, anatase = titania
    assert answer.converged
    assert 0.9 < answer.gof < 1.1  # counting noise alone is left
    for name, value in (("rutile.a", rutile.lattice.a), ("rutile.c", rutile.lattice.c), ("TiO2.a", anatase.lattice.a)):
        found = answer[name]
        assert found.su is not None
        assert abs(found.value - value) < 3.0 * found.su < 2e-3
    size = answer["TiO2.xray.size"]
    assert size.su is not None
    assert abs(size.value - crystallites.size) < 3.0 * size.su
    fractions = {one.name: one.weight_fraction for one in answer.quantification.phases}
    assert fractions["rutile"].value == pytest.approx(0.3, abs=3.0 * fractions["rutile"].su)
    assert fractions["rutile"].su < 0.01


def test_steps_tell_what_was_done_and_rwp_never_rises(answer):
    taken = [step for step in answer.steps if not step.reverted]
    assert [step.title for step in taken][:3] == ["scale and background", "cell and line shift", "size and strain"]
    assert taken[-1].title == "all together"
    for step in taken:
        assert step.after <= step.before * (1.0 + 1e-6)
        assert step.reason
    for before, after in pairwise(taken):
        assert after.before == pytest.approx(before.after, rel=1e-12)
    refused = [step for step in answer.steps if step.reverted]
    assert refused
    assert all(step.outcome for step in refused)


def test_the_answer_does_not_depend_on_the_start(answer, titania, scan, stretched):
    rutile, anatase = titania
    pattern = scan([rutile, anatase], fractions=[0.3, 0.7])
    other = refine(pattern, [replace(stretched(rutile, 0.985), name="rutile"), stretched(anatase, 1.015)])
    assert other.rwp == pytest.approx(answer.rwp, rel=1e-4)
    assert other["rutile.a"].value == pytest.approx(answer["rutile.a"].value, abs=0.1 * answer["rutile.a"].su)


def test_what_is_not_refined_has_no_su(answer):
    assert answer["rutile.O.x"].su is None
    assert not answer["rutile.O.x"].refined
    assert answer["xray.s_over_l"].refined
    assert "xray.s_over_l" in answer["xray.h_over_l"].tied_to
    assert answer.correlation.shape == (sum(one.refined for one in answer.parameters),) * 2
    assert answer.provenance.settings["preset"] == "laboratory"


def test_texture_is_found(titania, scan, crystallites):
    rutile, _ = titania
    textured = replace(crystallites, texture_axis=(0, 0, 1), march_r=0.6)
    answer = refine(scan([rutile], sample=textured, seed=3), rutile)
    part = answer.model.phases[0].parts[0]
    assert part.sample.texture_axis == (0, 0, 1)
    found = answer["TiO2.xray.march_r"]
    assert abs(found.value - 0.6) < 4.0 * found.su


def test_an_absent_phase_is_told(titania, scan):
    rutile, anatase = titania
    answer = refine(scan([rutile], seed=4), [rutile, anatase])
    assert any("TiO2_2" in text and "not shown to be present" in text for text in answer.warnings)


def test_an_unknown_phase_leaves_peaks(titania, scan):
    rutile, anatase = titania
    answer = refine(scan([rutile, anatase], fractions=[0.7, 0.3], seed=5), rutile)
    told = [text for text in answer.warnings if text.startswith("no phase explains the peaks")]
    assert len(told) == 1
    assert "25.2" in told[0]  # (101) of anatase, the strongest: 25.30° less the displacement's 0.03°


def test_le_bail_finds_cells_without_atoms(titania, scan):
    rutile, _ = titania
    answer = refine(scan([rutile], seed=6), replace(rutile, sites=(), name="rutile"), mode="lebail")
    assert answer.quantification is None
    assert answer.rwp < 10.0
    assert answer["rutile.a"].value == pytest.approx(rutile.lattice.a, abs=1e-3)
    assert not any("scale" in name for name in answer.steps[-1].refined)


def test_fluorapatite_from_a_cold_start(shared_data):
    folder = shared_data / "powder" / "gsas2" / "fluroapatite"
    apatite = read_structure(shared_data / "library" / "profex_str" / "Phosphate" / "Apatite-F.str")
    answer = refine(folder / "FAP.XRA", apatite, wavelength="CuKa")
    assert answer.rwp < 9.76  # GSAS-II's with the recipe that its authors wrote by hand
    assert answer.converged


def test_lanthanum_hexaboride_has_its_certified_cell(shared_data):
    answer = refine(shared_data / "refine/lab6/nist_srm660c_100a.cif", shared_data / "refine/lab6/cod_1000055.cif")
    # NIST certificate of SRM 660c: 4.156826 Å at 22.5 °C
    assert answer.model.phases[0].structure.lattice.a == pytest.approx(4.156826, rel=40e-6)


def test_joint_refinement_frees_the_wavelength_of_neutrons(shared_data):
    folder = shared_data / "refine" / "pbso4"
    answer = refine(
        [folder / "PBSO4.XRA", folder / "PBSO4.CWN"],
        folder / "PbSO4-Wyckoff.cif",
        instrument=[folder / "INST_XRY.PRM", folder / "inst_d1a.prm"],
    )
    assert [one.name for one in answer.model.histograms] == ["xray", "neutron"]
    assert answer.rwp < 5.5
    # refined beside X-ray cells by others as well: 1.9114 Å against the nominal 1.909
    assert answer["neutron.wavelength"].value == pytest.approx(1.9114, abs=5e-4)


def _short(titania: TiO2, scan: Scan) -> Pattern:
    return scan([titania[0]], limits=(20.0, 60.0))


def test_patterns_need_phases(titania, scan):
    with pytest.raises(InputError, match="0 phases"):
        refine(_short(titania, scan), [])


def test_a_phase_without_a_line_in_the_range_is_refused(titania, scan):
    with pytest.raises(InputError, match="no line of TiO2 lies in the measured range"):
        refine(_short(titania, scan).cut(30.0, 34.0), titania[0])


def test_time_of_flight_needs_its_instrument(titania):
    x = np.linspace(5000.0, 20000.0, 500)
    with pytest.raises(InputError, match="DIFC"):
        refine(Pattern(x, np.ones(500), np.ones(500), axis="tof", name="run.gsa"), titania[0])


def test_more_parameters_than_points_are_refused(titania, scan):
    few = _short(titania, scan)
    every = slice(None, None, 40)
    few = replace(few, x=few.x[every], intensity=few.intensity[every], sigma=few.sigma[every])
    with pytest.raises(InputError):
        refine(few, titania[0], background=40)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "guess"}, "'guess' is no mode"),
        ({"preset": "kitchen"}, "'kitchen' is no preset"),
        ({"wavelenght": 1.54}, "no option 'wavelenght'"),
        ({"instrument": [None, None]}, "2 instruments for 1 patterns"),
        ({"excluded": [(0.0, 180.0)]}, "leave no point"),
        ({"probe": "neutron", "wavelength": "CuKa"}, "not one of neutrons"),
    ],
)
def test_settings_that_mean_nothing_are_refused(titania, options, message, scan):
    with pytest.raises(InputError, match=message):
        refine(_short(titania, scan), titania[0], **options)


def test_a_recipe_that_names_an_unknown_parameter_is_refused(titania, tmp_path: Path, scan):
    recipe = tmp_path / "wrong.toml"
    recipe.write_text('free = ["*.sclae"]\n')
    with pytest.raises(InputError, match=r"wrong\.toml.*sclae"):
        refine(_short(titania, scan), titania[0], recipe=recipe)


def test_a_recipe_is_carried_out(titania, tmp_path: Path, scan, stretched):
    file = tmp_path / "two.toml"
    file.write_text('free = ["*.scale", "*.background.chebyshev_*", "*.a", "*.c"]\n')
    answer = refine(_short(titania, scan), stretched(titania[0], 1.002), recipe=file)
    assert answer["TiO2.a"].refined
    assert not answer["xray.displacement"].refined


def test_a_negative_occupancy_is_told(titania, scan):
    rutile, _ = titania
    oxygen = rutile.sites[1]
    wrong = replace(oxygen, species=(replace(oxygen.species[0], occupancy=-0.05),))
    answer = refine(_short(titania, scan), replace(rutile, sites=(rutile.sites[0], wrong)))
    assert any("occupancy" in text and "outside 0 to 1" in text for text in answer.warnings)


def test_excluded_points_do_not_count(titania, scan):
    pattern = _short(titania, scan)
    spoilt = replace(pattern, intensity=pattern.intensity + np.where(np.abs(pattern.x - 33.0) < 0.5, 5e4, 0.0))
    answer = refine(spoilt, titania[0], excluded=[(32.0, 34.0)])
    assert answer.gof < 1.2
    assert answer.n_points == np.count_nonzero(np.abs(pattern.x - 33.0) > 1.0)


def test_a_file_is_read(titania, tmp_path: Path, scan):
    pattern = _short(titania, scan)
    file = tmp_path / "scan.xye"
    np.savetxt(file, np.column_stack([pattern.x, pattern.intensity, pattern.sigma]), fmt="%.5f")
    answer = refine(file, titania[0], wavelength="CuKa")
    assert answer.provenance.inputs == {"scan.xye": read(file).sha256}
    assert not any("no wavelength" in text for text in answer.warnings)


def test_progress_tells_the_steps(titania, scan):
    told: list[str] = []
    refine(_short(titania, scan), titania[0], progress=told.append)
    assert told[0] == "cells, widths and background from the peaks"
    assert "size and strain" in told


def test_a_pattern_upside_down_is_refused(titania, scan):
    pattern = scan([titania[0]])
    with pytest.raises(InputError, match="point down"):
        refine(replace(pattern, intensity=-pattern.intensity), titania[0])


def test_ideal_samples_do_not_break(titania, scan):
    """Sharp lines, five points wide: the sizes end at their bound, and the answer stands."""
    answer = refine(scan([titania[0]], sample=Sample(), seed=8), titania[0])
    assert answer.gof < 1.2


def test_silicon_by_time_of_flight(shared_data, stretched):
    pattern = replace(read(shared_data / "refine" / "easydiff" / "sepd.xye"), axis="tof", radiation=None)
    bank = TofBank(7476.91, -1.54, two_theta=144.845)
    profile = TofProfile((0.0, 0.5971), (0.04221, 0.00946), (3.0, 40.0, 2.0))
    silicon = stretched(read_structure(shared_data / "refine" / "easydiff" / "si.cif"), 1.01)
    answer = refine(pattern, silicon, instrument=InstrumentBank(1, ForeignBank(bank, profile)))
    assert answer.rwp < 6.5
    assert answer["tof.zero"].refined
    assert any("rest on DIFC" in text for text in answer.warnings)
    # silicon at room temperature has 5.4312 Å; DIFC of the file is good to 1e-4
    assert answer.model.phases[0].structure.lattice.a == pytest.approx(5.4312, rel=1e-4)


def test_strain_that_has_directions_is_found(titania, scan):
    rutile, _ = titania
    directed = Sample(size=2000.0, stephens=(2e-8, 4e-7, 3e-8, 4e-8))  # S400, S004, S220, S202
    answer = refine(scan([rutile], sample=directed, counts=20000.0, seed=9), rutile)
    assert answer.gof < 1.2
    along, across = answer["TiO2.xray.S004"], answer["TiO2.xray.S400"]
    assert along.su is not None
    assert abs(along.value - 4e-7) < 4.0 * along.su
    assert along.value > 5.0 * across.value

from __future__ import annotations

from dataclasses import replace

import gemmi
import numpy as np
import pytest

from anatase.io.cif import read_structures
from anatase.io.read import read_scans
from anatase.io.structure_files import read_structure
from anatase.report.cif_checklist import CHECKLIST, absent_items
from anatase.report.cif_items import item, loop, word
from anatase.report.refinement_cif import AUTHORS, refinement_cif, write_refinement_cif


@pytest.fixture(scope="module")
def written(mixture, tmp_path_factory):
    path = tmp_path_factory.mktemp("cif") / "answer.cif"
    write_refinement_cif(mixture, path)
    return path


@pytest.fixture(scope="module")
def document(written):
    return gemmi.cif.read(str(written))


def values(block, tag):
    return [gemmi.cif.as_string(value) for value in block.find_values(tag)]


def test_structures_come_back(mixture, written):
    """Coordinates, cells, occupancies and tensors to the digits that their s.u. leave, 1/2 of the last one."""
    found = read_structures(written)
    assert [one.formula for one in found] == ["TiO2", "TiO2"]
    for structure, phase in zip(found, mixture.model.phases, strict=True):
        assert structure.space_group.hall == phase.structure.space_group.hall
        assert structure.lattice.parameters == pytest.approx(phase.structure.lattice.parameters, abs=5e-5)
        for mine, site in zip(structure.sites, phase.structure.sites, strict=True):
            assert mine.label == site.label
            assert mine.xyz == pytest.approx(site.xyz, abs=5e-5)
            if site.u_aniso is not None:
                assert mine.u_aniso == pytest.approx(site.u_aniso, abs=5e-4)
            else:
                assert mine.u_iso == pytest.approx(site.u_iso, abs=5e-4)
    assert found[0].sites[0].species[0].charge == 4


@pytest.mark.parametrize("which", ["joint", "flight"])
def test_patterns_come_back(which, request, tmp_path):
    answer, path = request.getfixturevalue(which), tmp_path / "answer.cif"
    write_refinement_cif(answer, path)
    scans = read_scans(path)
    for scan, histogram in zip(scans, answer.model.histograms, strict=True):
        for attribute in ("axis", "x", "intensity", "sigma"):
            assert np.all(getattr(scan, attribute) == getattr(histogram.pattern, attribute))
        assert scan.radiation == getattr(histogram.beam, "radiation", None)
    assert read_structure(path).formula == "TiO2"


def test_points_tell_the_whole_fit(mixture, document):
    """Rwp from the columns of the file is that of the refinement: 7 digits are written."""
    block = document[-1]
    columns = [
        np.array([float(v) for v in block.find_values(tag)])
        for tag in ("_pd_meas_2theta_scan", "_pd_meas_intensity_total", "_pd_calc_intensity_total",
                    "_pd_proc_ls_weight", "_pd_proc_intensity_bkg_calc", "_pd_calc_intensity_net")
    ]  # fmt: skip
    x, observed, fitted, weight, background, net = columns
    rwp = np.sqrt(weight @ (observed - fitted) ** 2 / (weight @ observed**2))
    assert rwp == pytest.approx(mixture.rwp / 100.0, rel=1e-5)
    assert float(block.find_value("_pd_proc_ls_prof_wR_factor")) == pytest.approx(rwp, abs=1e-6)
    assert np.allclose(background + net, fitted, rtol=1e-5)
    assert np.all((weight == 0.0) == ((x >= 50.0) & (x <= 51.0)))
    assert values(block, "_pd_proc_info_excluded_regions") == ["50 to 51 deg 2theta"]


def test_reflections_belong_to_their_phase(mixture, document):
    block = document[-1]
    phase = np.array([int(v) for v in block.find_values("_pd_refln_phase_id")])
    assert set(phase) == {1, 2}
    hkl = np.array([[int(v) for v in block.find_values(f"_refln_index_{h}")] for h in "hkl"]).T
    d = np.array([float(v) for v in block.find_values("_refln_d_spacing")])
    for number, one in enumerate(mixture.model.phases, 1):
        mine = phase == number
        assert d[mine] == pytest.approx(one.structure.lattice.inverse_d_squared(hkl[mine]) ** -0.5, abs=2e-6)
    # rutile 110 at d = 3.248 Å with |F|² of the model; its strongest line, seen to a few percent
    first = np.flatnonzero((phase == 1) & (np.abs(hkl) == [1, 1, 0]).all(axis=1))[0]
    measured = float(values(block, "_refln_F_squared_meas")[first])
    assert measured == pytest.approx(float(values(block, "_refln_F_squared_calc")[first]), rel=0.1)


def test_blocks_are_linked(document):
    """Phases that a pattern names are the identifiers of blocks that are there."""
    identifiers = [gemmi.cif.as_string(block.find_value("_pd_block_id")) for block in document]
    assert len(set(identifiers)) == len(document) == 4
    assert values(document[-1], "_pd_phase_block_id") == identifiers[1:3]
    assert values(document[0], "_pd_phase_block_id") == identifiers[1:3]
    assert values(document[0], "_pd_block_diffractogram_id") == identifiers[3:]
    shares = [gemmi.cif.as_number(v) for v in document[-1].find_values("_pd_phase_mass_%")]
    assert sum(shares) == pytest.approx(100.0, abs=0.2)


def test_only_refined_values_have_su(document):
    rutile = document[1]
    assert "(" in rutile.find_value("_cell_length_b")
    assert rutile.find_value("_cell_angle_alpha") == "90"
    assert [("(" in v) for v in rutile.find_values("_atom_site_fract_x")] == [False, True]
    assert [("(" in v) for v in rutile.find_values("_atom_site_occupancy")] == [False, False]
    assert "(" in rutile.find_values("_atom_site_aniso_U_22")[0]  # equal to U11 by symmetry


def test_bonds_have_su_of_all_that_they_follow(mixture, document):
    """Ti–O of rutile: 4 of √2 (1/2 − x) a and 2 of √2 x a; s.u. of the latter from x and a with their covariance."""
    table = document[1].find("_geom_bond_", ["atom_site_label_1", "atom_site_label_2", "distance", "site_symmetry_2"])
    rows = [list(row) for row in table]
    assert len([row for row in rows if row[:2] == ["Ti1", "O1"]]) == 2
    a, x = mixture["rutile.a"].value, mixture["rutile.O1.x"].value
    distances = sorted(gemmi.cif.as_number(row[2]) for row in rows if row[:2] == ["Ti1", "O1"])
    short = np.hypot(np.sqrt(2) * (0.5 - x) * a, mixture["rutile.c"].value / 2)
    assert distances == pytest.approx(sorted([short, np.sqrt(2) * x * a]), abs=2e-3)
    names = mixture.fitted.parametrisation.names
    at = [names.index("rutile.a"), names.index("rutile.O1.x")]
    spread = mixture.fitted.spread[np.ix_(at, at)] * mixture.serial.factor**2
    slope = np.sqrt(2) * np.array([x, a])
    text = next(row[2] for row in rows if row[3] == ".")
    decimals = len(text.partition(".")[2].partition("(")[0])
    su = int(text.partition("(")[2].rstrip(")")) * 10.0**-decimals
    assert su == pytest.approx(np.sqrt(slope @ spread @ slope), rel=0.3)  # printed with one or two digits


def test_symmetry_codes_lead_to_the_bonded_atom(mixture, document):
    """The second atom moved by its code stands as far away as the file says."""
    block = document[2]
    operations = [gemmi.Op(text) for text in values(block, "_space_group_symop_operation_xyz")]
    structure = mixture.model.phases[1].structure
    places = {site.label: np.array(site.xyz) for site in structure.sites}
    for first, second, length, code in block.find(
        "_geom_bond_", ["atom_site_label_1", "atom_site_label_2", "distance", "site_symmetry_2"]
    ):
        moved = places[second]
        if code != ".":
            number, _, shift = code.partition("_")
            moved = np.array(operations[int(number) - 1].apply_to_xyz(moved.tolist()))
            moved = moved + [int(digit) - 5 for digit in shift]
        gap = (moved - places[first]) @ structure.lattice.vectors
        assert np.linalg.norm(gap) == pytest.approx(gemmi.cif.as_number(length), abs=2e-3)


def test_one_phase_in_one_pattern_is_one_block(single):
    document = gemmi.cif.read_string(refinement_cif(single))
    assert len(document) == 1
    assert float(document[0].find_value("_refine_ls_R_I_factor")) == pytest.approx(
        single.r_bragg["rutile", "xray"] / 100.0, abs=1e-6
    )
    assert gemmi.make_small_structure_from_block(document[0]).sites[1].label == "O1"


@pytest.mark.parametrize("which", ["single", "mixture", "joint", "flight"])
def test_only_the_author_is_asked(which, request):
    """Nothing of the checklist is absent but what no file and no fit knows."""
    measured = {"_diffrn_ambient_temperature", "_diffrn_measurement_device_type"}  # where the data file does not say
    text = refinement_cif(request.getfixturevalue(which))
    assert set(absent_items(text)) <= {*AUTHORS, *measured}
    assert set(AUTHORS) <= set(CHECKLIST)


@pytest.mark.parametrize(
    ("radius", "metadata", "stated"),
    [(200.0, {}, "?"), (173.0, {}, "173"), (145.0, {"goniometer_radius": 145.0}, "145")],
)
def test_a_radius_that_nobody_stated_is_not_written(single, radius, metadata, stated):
    histogram = single.model.histograms[0]
    beam = replace(histogram.beam, instrument=replace(histogram.beam.instrument, radius=radius))
    histogram = replace(histogram, beam=beam, pattern=replace(histogram.pattern, metadata=metadata))
    text = refinement_cif(replace(single, model=single.model.with_histogram(0, histogram)))
    assert f"_pd_instr_dist_spec/detc {stated}\n" in text


def test_hostile_text_stays_a_value(mixture):
    name = "x'; data_evil\n;\nloop_ _a # \u2028"
    warned = replace(mixture, warnings=(name, "plain"))
    block = gemmi.cif.read_string(refinement_cif(warned))
    assert len(block) == 4
    assert len(values(block[0], "_anatase_warning")) == 2


def test_items_and_loops():
    assert item("_a", "x" * 100).count("\n;") == 2
    assert item("_a", float("nan")) == "_a ?"
    assert loop(["_a"], []) == []
    assert gemmi.cif.read_string("data_x\n" + "\n".join(loop(["_a"], [[word("λ of Cu Kα = 1.54 Å, it's")]])))

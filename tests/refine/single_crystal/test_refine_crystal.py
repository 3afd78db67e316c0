"""Refinements of simulated crystals: R values of the model that made the data, parameters, s.u."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import gemmi
import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.io.cif import read_structure
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.io.shelx_structure import shelx_structure
from anatase.refine.single_crystal.crystal_files import crystal_cif, crystal_fcf, crystal_res
from anatase.refine.single_crystal.crystal_refinement import CrystalRefinement
from anatase.refine.single_crystal.refine_crystal import refine_crystal

R1_BAR = 0.001  # 0.1 %, within which R1 is to be that of the model that made the data
Crystals = dict[str, str]
Simulate = Callable[..., Any]
Shifted = Callable[..., str]


def worst_deviation(refined: CrystalRefinement, truth: str, path: Path) -> float:
    """Return the largest |refined − true|/s.u. of the free numbers of the atoms."""
    path.write_text(truth)
    true = shelx_structure(read_shelx_instructions(path))
    numbers = np.array(
        [[*site.xyz, 0.0, *(site.u_aniso or (site.u_iso or 0.0, 0.0, 0.0, 0.0, 0.0, 0.0))] for site in true.sites]
    )
    difference = refined.numbers - numbers
    if true.space_group.number == 4:
        # the origin along b floats; the mean position of the electrons is held where it was at the start
        electrons = [gemmi.Element(site.species[0].element).atomic_number for site in true.sites]
        difference[:, 1] -= np.average(difference[:, 1], weights=electrons)
    free = refined.su > 1e-7
    free[:, 3] = False
    return float(np.max(np.abs(difference[free]) / refined.su[free]))


@pytest.mark.parametrize("name", ["centrosymmetric", "polar", "trigonal"])
def test_a_crystal_comes_back_from_noisy_data(
    name: str, crystals: Crystals, simulate: Simulate, shifted: Shifted, tmp_path: Path
):
    files = simulate(crystals[name])
    generating = refine_crystal(files.ins, cycles=0).figures
    files.ins.write_text(shifted(crystals[name]))
    refined = refine_crystal(files.ins)
    assert refined.converged
    assert refined.figures.r1 == pytest.approx(generating.r1, abs=R1_BAR)
    assert refined.figures.wr2 < generating.wr2
    assert 0.85 < refined.figures.goof < 1.1  # SHELXL's σ of merged reflections is the larger of two estimates
    # of some 40 parameters the worst is beyond 4 s.u. in 0.3 % of all cases
    assert worst_deviation(refined, crystals[name], tmp_path / "truth.ins") < 4.0
    assert refined.difference.peaks[0].height < 0.5
    assert refined.max_shift_over_su < 0.01
    assert refined.warnings == ()


def test_wr2_never_rises(crystals: Crystals, simulate: Simulate, shifted: Shifted):
    files = simulate(crystals["centrosymmetric"], shifted(crystals["centrosymmetric"], by=0.006))
    refined = refine_crystal(files.ins)
    tracks = [cycle.wr2 for cycle in refined.cycles]
    assert refined.converged
    assert len(tracks) > 2
    assert all(after <= before * (1 + 1e-9) for before, after in pairwise(tracks))


def test_no_cycles_leave_the_model_as_it_is(crystals: Crystals, simulate: Simulate):
    files = simulate(crystals["polar"])
    files.ins.write_text(crystals["polar"].replace("L.S. 10", "L.S. 0"))
    refined = refine_crystal(files.ins)
    assert refined.cycles == ()
    assert refined.structure.sites[0].xyz == (0.1234, 0.2345, 0.3456)


@pytest.mark.parametrize("x", [0.0, 0.3, 1.0])
def test_flack_parameter(x: float, crystals: Crystals, simulate: Simulate):
    files = simulate(crystals["polar"], noise=0.01, twin=(-np.eye(3), x), keep=lambda hkl: hkl[:, 2] > -99)
    refined = refine_crystal(files.ins)
    hand = refined.absolute_structure
    assert hand is not None
    assert hand.parsons is not None
    assert hand.n_quotients > 200
    for estimate in (hand.flack, hand.parsons):
        assert estimate.su is not None
        assert estimate.su < 0.03
        assert estimate.value == pytest.approx(x, abs=4 * estimate.su)
    told = {0.0: "", 0.3: "inversion twin", 1.0: "invert the structure"}[x]
    assert told in "".join(refined.warnings)
    assert bool(refined.warnings) is bool(told)


def test_an_inversion_twin_is_refined_with_its_fraction(crystals: Crystals, simulate: Simulate):
    start = crystals["polar"].replace("FVAR", "TWIN\nBASF 0.5\nFVAR")
    files = simulate(crystals["polar"], start, noise=0.01, twin=(-np.eye(3), 0.3), keep=lambda hkl: hkl[:, 2] > -99)
    refined = refine_crystal(files.ins)
    fraction = refined.value("twin_fraction_2")
    assert fraction.su is not None
    assert fraction.value == pytest.approx(0.3, abs=4 * fraction.su)
    assert refined.absolute_structure is not None
    assert refined.absolute_structure.flack == fraction
    assert refined.warnings == ()


def test_a_crystal_with_a_centre_has_no_flack_parameter(crystals: Crystals, simulate: Simulate):
    assert refine_crystal(simulate(crystals["centrosymmetric"]).ins).absolute_structure is None


def test_a_twin_by_merohedry(crystals: Crystals, simulate: Simulate, shifted: Shifted, tmp_path: Path):
    law = np.array([[0, 1, 0], [1, 0, 0], [0, 0, -1]])
    twinned = crystals["trigonal"].replace("FVAR", "TWIN 0 1 0 1 0 0 0 0 -1 2\nBASF 0.3\nFVAR")
    files = simulate(crystals["trigonal"], twinned, twin=(law, 0.3))
    generating = refine_crystal(files.ins, cycles=0).figures
    files.ins.write_text(shifted(twinned).replace("BASF 0.3", "BASF 0.45"))
    refined = refine_crystal(files.ins)
    fraction = refined.value("twin_fraction_2")
    assert fraction.su is not None
    assert fraction.su < 0.005
    assert fraction.value == pytest.approx(0.3, abs=4 * fraction.su)
    assert refined.figures.r1 == pytest.approx(generating.r1, abs=R1_BAR)
    assert worst_deviation(refined, crystals["trigonal"], tmp_path / "truth.ins") < 4.0
    # the map is that of one domain: without sharing Fo² out it would show peaks of several e/Å³
    assert refined.difference.peaks[0].height < 0.5


def test_overlapped_reflections_of_a_twin(overlapped: Any, crystals: Crystals, tmp_path: Path):
    text = overlapped.ins.read_text()
    overlapped.ins.write_text(text.replace("BASF 0.4", "BASF 0.35"))
    generating = refine_crystal(overlapped.ins, cycles=0).figures
    overlapped.ins.write_text(text)
    refined = refine_crystal(overlapped.ins)
    fraction = refined.value("twin_fraction_2")
    assert fraction.su is not None
    assert fraction.value == pytest.approx(0.35, abs=4 * fraction.su)
    assert refined.figures.r1 == pytest.approx(generating.r1, abs=R1_BAR)
    assert refined.figures.n_reflections == len(refined.reflections.hkl)
    assert worst_deviation(refined, crystals["trigonal"], tmp_path / "truth.ins") < 4.0


def test_riding_hydrogen(crystals: Crystals, simulate: Simulate, shifted: Shifted, tmp_path: Path):
    files = simulate(crystals["molecule"], keep=lambda hkl: np.all(hkl >= 0, axis=1))
    generating = refine_crystal(files.ins, cycles=0).figures
    files.ins.write_text(shifted(crystals["molecule"], by=0.002))
    refined = refine_crystal(files.ins)
    assert refined.converged
    assert refined.figures.r1 == pytest.approx(generating.r1, abs=R1_BAR)
    assert worst_deviation(refined, crystals["molecule"], tmp_path / "truth.ins") < 4.0
    assert abs(refined.value("H7A.torsion").value) < 4 * (refined.value("H7A.torsion").su or 0.0)
    names = {one.name for one in refined.parameters}
    assert "H2.x" not in names
    assert "H2.u_iso" not in names
    carbon, hydrogen = refined.structure.sites[1:3]
    assert hydrogen.u_iso == pytest.approx(1.2 * (carbon.u_iso or 0.0))
    bond = (np.array(hydrogen.xyz) - carbon.xyz) @ refined.structure.lattice.vectors
    assert np.linalg.norm(bond) == pytest.approx(0.95, abs=1e-6)  # aromatic C-H at -173 °C


def test_standard_uncertainties_are_honest(crystals: Crystals, simulate: Simulate):
    # 15 measurements of 39 parameters: 68.3 ± 2 % inside 1 s.u., were they independent; they are correlated in part
    deviations = []
    for seed in range(15):
        files = simulate(crystals["centrosymmetric"], seed=seed, shortest=0.95, keep=lambda hkl: _one_of_each(hkl))
        instructions = files.instructions()
        refined = refine_crystal(files.ins)
        true = shelx_structure(instructions)
        for one in refined.parameters:
            label, _, number = one.name.partition(".")
            if number in ("x", "y", "z"):
                site = next(site for site in true.sites if site.label == label)
                assert one.estimate.su is not None
                deviations.append((one.estimate.value - site.xyz["xyz".index(number)]) / one.estimate.su)
    z = np.array(deviations)
    assert z.size == 15 * 21
    assert np.mean(np.abs(z) < 1.0) == pytest.approx(0.683, abs=0.07)
    assert np.mean(np.abs(z) < 2.0) == pytest.approx(0.954, abs=0.035)


def _one_of_each(hkl: np.ndarray) -> np.ndarray:
    """Keep one of the equivalents in 2/m: without merging σ is that of counting alone."""
    h, k, l = hkl.T
    return (k >= 0) & ((l > 0) | ((l == 0) & (h >= 0)))


def test_disorder_with_a_free_variable(crystals: Crystals, simulate: Simulate):
    text = crystals["centrosymmetric"].replace("FVAR 0.70711", "FVAR 0.70711 0.65")
    text = text.replace(
        "O1 2 0.6 0.15 0.1 11.0 0.05\n",
        "PART 1\nO1A 2 0.6 0.15 0.1 21.0 0.04\nPART 2\nO1B 2 0.64 0.19 0.12 -21.0 0.04\nPART 0\nEADP O1A O1B\n",
    )
    files = simulate(text, text.replace("0.70711 0.65", "0.70711 0.5"))
    refined = refine_crystal(files.ins)
    share = refined.value("free_variable_2")
    assert share.su is not None
    assert share.value == pytest.approx(0.65, abs=4 * share.su)
    a, b = (site for site in refined.structure.sites if site.label.startswith("O1"))
    assert a.occupancy + b.occupancy == pytest.approx(1.0)
    assert a.u_iso == b.u_iso
    assert "O1B.u_iso" not in {one.name for one in refined.parameters}


def test_extinction_is_found(crystals: Crystals, simulate: Simulate):
    # data weakened by 1/√(1 + 0.001 x Fc² λ³/sin 2θ) on Fc² itself, with x = 0.05
    files = simulate(crystals["centrosymmetric"], noise=0.01)
    instructions = files.instructions()
    from anatase.io.shelx_hkl import ShelxReflections, read_hkl, write_hkl

    measured = read_hkl(files.hkl)
    sine = 0.5 * instructions.wavelength / instructions.lattice.d_spacing(measured.hkl)
    strength = 1e-3 * instructions.wavelength**3 / np.sin(2 * np.arcsin(sine))
    weak = 1.0 / np.sqrt(1.0 + 0.05 * strength * np.maximum(measured.f_squared, 0.0) / 0.5)
    assert weak.min() < 0.9
    write_hkl(ShelxReflections(measured.hkl, measured.f_squared * weak, measured.sigma, measured.batch), files.hkl)
    files.ins.write_text(crystals["centrosymmetric"].replace("FVAR", "EXTI 0.0\nFVAR"))
    found = refine_crystal(files.ins).value("extinction")
    assert found.su is not None
    assert found.su < 0.01
    assert found.value == pytest.approx(0.05, abs=4 * found.su)


def test_a_missing_atom_is_the_highest_peak(crystals: Crystals, simulate: Simulate):
    text = crystals["centrosymmetric"]
    files = simulate(text, text.replace("C4 1 0.2234 0.5845 0.6056 11.0 0.04\n", ""))
    refined = refine_crystal(files.ins)
    first, second = refined.difference.peaks[:2]
    images = refined.structure.space_group.rotations @ np.array([0.2234, 0.5845, 0.6056])
    images = images + refined.structure.space_group.translations - first.xyz
    images -= np.round(images)
    assert np.linalg.norm(images @ refined.structure.lattice.vectors, axis=1).min() < 0.1
    # carbon's Gaussians give Σ a (4π/(b + 8π²U))^1.5 = 13.4 e/Å³ at U = 0.04 Å², and d > 0.85 Å lets less of it through
    assert 5.0 < first.height < 13.4
    assert first.height > 2.0 * second.height


def test_files_of_the_answer(crystals: Crystals, simulate: Simulate, tmp_path: Path):
    start = crystals["molecule"].replace("WGHT 0.0 0.0", "WGHT 0.02 0.1")
    files = simulate(crystals["molecule"], start, keep=lambda hkl: np.all(hkl >= 0, axis=1))
    refined = refine_crystal(files.ins)
    again = tmp_path / "again.res"
    again.write_text(crystal_res(refined))
    second = refine_crystal(again, files.hkl, cycles=0)
    assert second.figures.wr2 == pytest.approx(refined.figures.wr2, abs=1e-5)
    assert len(read_shelx_instructions(again).peaks) == 20
    cif = tmp_path / "molecule.cif"
    cif.write_text(crystal_cif(refined))
    structure = read_structure(cif)
    assert structure.formula == refined.structure.formula
    assert structure.warnings == ()
    block = gemmi.cif.read(str(cif)).sole_block()
    assert len(block.find_loop("_refln_index_h")) == refined.figures.n_reflections
    assert float(block.find_value("_refine_ls_R_factor_gt")) == pytest.approx(refined.figures.r1, abs=5e-5)
    fcf = gemmi.cif.read_string(crystal_fcf(refined)).sole_block()
    assert len(fcf.find_loop("_refln_F_squared_calc")) == refined.figures.n_reflections
    data = json.loads(json.dumps(refined.as_dict()))
    assert data["r1"] == refined.figures.r1
    assert len(data["parameters"]) == refined.figures.n_parameters


def test_same_files_same_answer(crystals: Crystals, simulate: Simulate):
    files = simulate(crystals["polar"], shortest=1.0)
    first, second = (json.dumps(refine_crystal(files.ins).as_dict()) for _ in range(2))
    assert first == second


def test_more_parameters_than_reflections(crystals: Crystals, simulate: Simulate):
    files = simulate(crystals["centrosymmetric"], shortest=3.0)
    with pytest.raises(InputError, match=r"39 parameters for \d+ reflections"):
        refine_crystal(files.ins)


def test_fractions_must_fit_the_domains(overlapped: Any, crystals: Crystals, simulate: Simulate):
    domains = "TWIN 0 1 0 1 0 0 0 0 -1 -4\nBASF 0.1\nFVAR"
    files = simulate(crystals["trigonal"], crystals["trigonal"].replace("FVAR", domains))
    with pytest.raises(InputError, match="1 fractions for 4 domains"):
        refine_crystal(files.ins)
    overlapped.ins.write_text(overlapped.ins.read_text().replace("BASF 0.4\n", ""))
    assert "no BASF" in "".join(refine_crystal(overlapped.ins).warnings)


def test_a_missing_reflection_file_is_named(crystals: Crystals, tmp_path: Path):
    path = tmp_path / "alone.ins"
    path.write_text(crystals["polar"])
    with pytest.raises(InputError, match=r"alone\.hkl: there is no such file"):
        refine_crystal(path)


def test_absences_and_impossible_displacements_are_told(crystals: Crystals, simulate: Simulate):
    # data of the acentric crystal read as centrosymmetric P 21/c: h0l with odd l are not absent
    files = simulate(crystals["polar"].replace("1.54178", "0.71073"), crystals["centrosymmetric"])
    told = "; ".join(refine_crystal(files.ins, cycles=1).warnings)
    assert "systematic absences are above 3 sigma" in told
    assert "not converged" in told


def test_two_atoms_of_one_name_are_refused(crystals: Crystals, simulate: Simulate):
    files = simulate(crystals["polar"], crystals["polar"].replace("C2 1", "C1 1"))
    with pytest.raises(InputError, match="atom C1 is on line 13 too") as caught:
        refine_crystal(files.ins)
    assert caught.value.line == 14


def test_the_last_good_state_is_kept(crystals: Crystals, simulate: Simulate):
    # U of the wrong sign: Fc² overflows unless such steps are refused
    files = simulate(crystals["polar"], crystals["polar"].replace("11.0 0.05\n", "11.0 -0.3\n"))
    refined = refine_crystal(files.ins)
    assert np.isfinite(refined.figures.wr2)
    impossible = "11.0 0.05\nC9 1 0.1 0.1 0.1 11.0 0.03 -0.9 0.03 0 0 0\n"
    files.ins.write_text(crystals["polar"].replace("11.0 0.05\n", impossible))
    with pytest.raises(PhysicsError, match=r"atom C9 has a mean square displacement of -0\.9"):
        refine_crystal(files.ins)


def test_a_wrong_structure_is_told(crystals: Crystals, simulate: Simulate, shifted: Shifted):
    files = simulate(crystals["centrosymmetric"], shifted(crystals["centrosymmetric"], by=0.2))
    refined = refine_crystal(files.ins)
    assert refined.figures.r1 > 0.3
    assert refined.difference.peaks[0].height > 2.0


def test_a_rigid_ring_finds_its_place(crystals: Crystals, simulate: Simulate):
    # the ring of the molecule is a regular hexagon to three digits: turned by 4 degrees, it comes back
    text = crystals["molecule"].replace("FVAR 0.70711\n", "FVAR 0.70711\nAFIX 66\n")
    for label in ("C3", "C4", "C6"):
        text = text.replace(f"AFIX 0\n{label}", f"AFIX 65\n{label}")
    files = simulate(crystals["molecule"], text, keep=lambda hkl: np.all(hkl >= 0, axis=1))
    generating = refine_crystal(files.ins, cycles=0).figures
    instructions = files.instructions()
    refined = refine_crystal(files.ins)
    assert refined.converged
    assert refined.warnings == ()
    assert refined.figures.n_parameters == refine_crystal(files.ins, cycles=0).figures.n_parameters
    assert refined.figures.r1 == pytest.approx(generating.r1, abs=R1_BAR)
    turn = refined.value("C1.rotation_z")
    assert turn.su is not None
    assert turn.su < 0.5
    assert abs(turn.value) < 4 * turn.su
    before = shelx_structure(instructions)
    for one, other in ((0, 4), (1, 8)):  # C1 to C3, C2 to C6 by their place in the list
        lengths = [
            np.linalg.norm((np.array(s.sites[one].xyz) - s.sites[other].xyz) @ s.lattice.vectors)
            for s in (before, refined.structure)
        ]
        assert lengths[0] == pytest.approx(lengths[1], abs=0.01)

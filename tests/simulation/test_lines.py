"""Powder lines through the public function: against direct sums, GSAS-II, and with rounded coordinates."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import PhysicsError
from anatase.io.structure_files import read_structure
from anatase.scattering.form_factors import xray_f0
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.reflections import Reflections
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import f_squared
from anatase.simulation.lines import simulate_lines

NAMES = (
    *("1001294", "1008170", "1010589", "1010994", "1100269", "1535768", "1574667", "2238573", "4070914", "4114629"),
    *("4117621", "4129524", "4327898", "4328958", "4517465", "7040275", "7241349", "8107565", "Aluminium", "BEA"),
    *("CHA_SI", "Ca2RuO4", "FAU_SI", "Graphite", "Rutile", "triclinic"),
)


def disagreement(two_theta: np.ndarray, intensity: np.ndarray, reference: np.ndarray, expected: np.ndarray) -> float:
    """Return R = Σ|ΔI|/ΣI after merging lines closer than 1e-3°."""
    angle, change = np.concatenate([two_theta, reference]), np.concatenate([intensity, -expected])
    order = np.argsort(angle)
    group = np.concatenate([[0], np.cumsum(np.diff(angle[order]) > 1e-3)])
    return float(np.abs(np.bincount(group, weights=change[order])).sum() / expected.sum())


@pytest.mark.parametrize("name", NAMES)
def test_lines_are_the_direct_sums(shared_data: Path, name: str):
    # refine/sticks: m |F|² LP of Cu 1.54056 Å with U = 0 and gemmi's IT92 tables, eight digits
    lines = simulate_lines(read_structure(shared_data / "refine" / "cifs" / f"{name}.cif"))
    sticks = np.loadtxt(shared_data / "refine" / "sticks" / f"{name}.csv", delimiter=",", ndmin=2)
    assert len(lines) == len(sticks)
    assert disagreement(lines.two_theta, lines.intensity, sticks[:, 5], sticks[:, 7]) < 1e-6


@pytest.mark.parametrize("name", NAMES)
def test_coordinates_of_four_digits_stay_on_their_special_positions(shared_data: Path, name: str):
    exact = read_structure(shared_data / "refine" / "cifs" / f"{name}.cif")
    typed = replace(exact, sites=tuple(replace(s, xyz=tuple(np.round(s.xyz, 4))) for s in exact.sites))  # type: ignore[arg-type]
    assert [o.multiplicity for o in typed.orbits] == [o.multiplicity for o in exact.orbits]
    # the rounded structure by brute force: each atom averaged over the site symmetry of the exact one
    lines = simulate_lines(typed)
    total = np.zeros(len(lines), complex)
    stol2 = 0.25 / lines.d_spacing**2
    rotations, translations = exact.space_group.rotations, exact.space_group.translations
    for site, orbit in zip(typed.sites, exact.orbits, strict=True):
        given = np.array(site.xyz)
        moved = rotations[orbit.stabilizer] @ given + translations[orbit.stabilizer]
        settled = given + np.mean(moved - given - np.round(moved - given), axis=0)
        images = rotations[orbit.operations] @ settled + translations[orbit.operations]
        phases = np.exp(2j * np.pi * (lines.hkl @ images.T)).sum(axis=1)
        total += site.occupancy * xray_f0(site.species[0].element, stol2) * phases
    expected = lines.intensity / lines.f_squared * np.abs(total) ** 2
    assert disagreement(lines.two_theta, lines.intensity, lines.two_theta, np.nan_to_num(expected)) < 1e-6


def lead_sulfate(folder: Path) -> Structure:
    refined = json.loads((folder / "gsas2_joint_test_scriptref_stage4.json").read_text())
    sites = tuple(Site(a[0], (Species(a[1], a[5]),), tuple(a[2:5]), a[6]) for a in refined["atoms"])
    return Structure(Lattice(*refined["cell"][:6]), SpaceGroup.from_symbol("P n m a"), sites)


@pytest.mark.parametrize(
    ("name", "model", "per_unit", "limit"),
    [
        # GSAS-II writes neutron |F|² in (1e-12 cm)², 100 fm²; its list is one shift of the parameters old
        ("cwn", ScatteringModel("neutron"), 100.0, 1e-3),
        # its f′ and f″ of lead are from another source, 1 electron of 82 apart
        ("xra", ScatteringModel("xray", 1.5405), 1.0, 6e-3),
    ],
)
def test_absolute_structure_factors_of_gsas_ii(shared_data: Path, name, model, per_unit, limit):
    folder = shared_data / "refine" / "pbso4"
    listed = np.loadtxt(folder / f"gsas2_{name}_reflist.csv", delimiter=",")
    found = f_squared(lead_sulfate(folder), listed[:, :3].astype(np.int64), model) / per_unit
    assert np.abs(found - listed[:, 9]).sum() / listed[:, 9].sum() < limit


def silicon() -> Structure:
    site = Site("Si1", (Species("Si"),), (0.125, 0.125, 0.125))
    return Structure(Lattice(5.43102, 5.43102, 5.43102), SpaceGroup.from_number(227), (site,))


def test_arrays_of_the_public_answer():
    lines = simulate_lines(silicon(), wavelength=1.54056, two_theta=(5.0, 90.0), probe="xray")
    assert isinstance(lines, Reflections)
    assert lines.hkl.shape == (len(lines), 3)
    for name in ("d_spacing", "two_theta", "multiplicity", "f_squared", "intensity"):
        assert getattr(lines, name).shape == (len(lines),)
    # NIST SRM 640: 111 at 28.442, 422 at 88.03 deg of Cu Kα1
    assert lines.two_theta[0] == pytest.approx(28.442, abs=2e-3)
    assert lines.two_theta[-1] == pytest.approx(88.03, abs=5e-3)
    assert lines.multiplicity[:3].tolist() == [8, 12, 24]
    theta = np.radians(lines.two_theta / 2.0)
    factor = (1.0 + np.cos(2.0 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta))
    np.testing.assert_allclose(lines.intensity, lines.multiplicity * lines.f_squared * factor, rtol=1e-12)


def test_the_range_includes_its_ends():
    d = 5.43102 / np.sqrt(3.0)
    angle = 2.0 * np.degrees(np.arcsin(1.54056 / 2.0 / d))
    assert simulate_lines(silicon(), two_theta=(angle, angle + 1.0)).hkl.tolist() == [[1, 1, 1]]
    assert simulate_lines(silicon(), two_theta=(0.0, angle)).hkl.tolist() == [[1, 1, 1]]


def test_displacement_and_dispersion_are_the_callers_choice():
    rest = simulate_lines(silicon())
    moving = simulate_lines(replace(silicon(), sites=(replace(silicon().sites[0], u_iso=0.006),)))
    np.testing.assert_allclose(
        moving.f_squared, rest.f_squared * np.exp(-4.0 * np.pi**2 * 0.006 / rest.d_spacing**2), rtol=1e-12
    )
    assert simulate_lines(silicon(), dispersion=True).f_squared[0] > 1.01 * rest.f_squared[0]


def test_a_radiation_by_name_and_whole():
    named = simulate_lines(silicon(), "CoKa1")
    whole = simulate_lines(silicon(), radiation_from_name("CoKa1"))
    np.testing.assert_array_equal(named.intensity, whole.intensity)
    assert named.radiation is not None
    assert named.radiation.wavelength == pytest.approx(1.78900, abs=1e-4)


@pytest.mark.parametrize("two_theta", [(90.0, 5.0), (-1.0, 20.0), (5.0, 190.0), (5.0, float("nan"))])
def test_impossible_ranges(two_theta):
    with pytest.raises(PhysicsError, match="range"):
        simulate_lines(silicon(), two_theta=two_theta)


def test_huge_cells_are_refused():
    with pytest.raises(PhysicsError, match="reflections"):
        simulate_lines(replace(silicon(), lattice=Lattice(2000.0, 2000.0, 2000.0)))


CIF = """data_wrong
_cell_length_a {a}
_cell_length_b 4.0
_cell_length_c 4.0
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_space_group_name_H-M_alt 'P 1'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
{atoms}
"""


@pytest.mark.parametrize(
    ("a", "atoms", "message"),
    [
        ("4.0", "Fe1 Fe 0 0 0 1.5", "Fe1.*1.5"),
        ("4.0", "Fe1 Fe 0 0 0 -0.5", "Fe1.*-0.5"),
        ("4.0", "Fe1 Fe 0 0 0 1\nO2 O 0 0 0 1", "Fe1.*2"),
        ("4.0", "Fe1 Fe 0 0 0 1\nO2 O 0.03 0 0 1", "Fe1 and O2"),
        ("-4.0", "Fe1 Fe 0 0 0 1", "-4"),
        ("0.0", "Fe1 Fe 0 0 0 1", "0 Å"),
        ("1e6", "Fe1 Fe 0 0 0 1", "1e"),
    ],
)
def test_impossible_files(tmp_path: Path, a: str, atoms: str, message: str):
    file = tmp_path / "wrong.cif"
    file.write_text(CIF.format(a=a, atoms=atoms))
    with pytest.raises(PhysicsError, match=message):
        simulate_lines(read_structure(file))


def test_unknown_species_in_a_file(tmp_path: Path):
    file = tmp_path / "wrong.cif"
    file.write_text(CIF.format(a="4.0", atoms="Qq1 Qq 0 0 0 1"))
    with pytest.raises(PhysicsError, match="Qq1"):
        simulate_lines(read_structure(file))


def test_a_range_without_lines_is_empty():
    lines = simulate_lines(silicon(), two_theta=(5.0, 10.0), dispersion=True)
    assert len(lines) == 0
    assert lines.hkl.shape == (0, 3)
    assert lines.intensity.size == 0

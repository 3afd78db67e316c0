"""What restraints do to a refinement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.refine.single_crystal.atoms import atoms_of_instructions
from anatase.refine.single_crystal.bonds import bonded_atoms
from anatase.refine.single_crystal.crystal_refinement import CrystalRefinement
from anatase.refine.single_crystal.refine_crystal import refine_crystal
from anatase.refine.single_crystal.same_geometry import with_equal_distances

Crystals = dict[str, str]
Simulate = Callable[..., Any]


def refined_with(lines: str, crystals: Crystals, simulate: Simulate) -> CrystalRefinement:
    text = crystals["molecule"].replace("FVAR", f"{lines}\nFVAR")
    return refine_crystal(simulate(crystals["molecule"], text, keep=lambda hkl: np.all(hkl >= 0, axis=1)).ins)


def distance(refined: CrystalRefinement, one: str, other: str) -> float:
    xyz = {site.label: np.array(site.xyz) for site in refined.structure.sites}
    return float(np.linalg.norm((xyz[one] - xyz[other]) @ refined.structure.lattice.vectors))


def test_a_strong_distance_is_reached_and_a_weak_one_is_not(crystals: Crystals, simulate: Simulate):
    free = distance(refined_with("REM", crystals, simulate), "C1", "C7")
    assert free == pytest.approx(1.51, abs=0.02)
    strong = refined_with("DFIX 1.54 0.0001 C1 C7", crystals, simulate)
    assert distance(strong, "C1", "C7") == pytest.approx(1.54, abs=0.001)
    assert strong.figures.n_restraints == 1
    weak = distance(refined_with("DFIX 1.54 0.5 C1 C7", crystals, simulate), "C1", "C7")
    assert weak == pytest.approx(free, abs=0.001)


def test_equal_distances_and_a_plane(crystals: Crystals, simulate: Simulate):
    refined = refined_with("SADI 0.0001 C1 C2 C2 C3 C3 C4\nFLAT 0.0001 C1 > C6", crystals, simulate)
    lengths = [distance(refined, f"C{i}", f"C{i + 1}") for i in (1, 2, 3)]
    assert np.ptp(lengths) < 0.001
    ring = np.array([s.xyz for s in refined.structure.sites if s.label in ("C1", "C2", "C3", "C4", "C5", "C6")])
    points = ring @ refined.structure.lattice.vectors
    assert np.linalg.svd(points - points.mean(axis=0), compute_uv=False)[2] < 0.001


@pytest.mark.parametrize(
    "lines", ["SIMU 0.0001 0.0001 1.6 C1 > C6", "DELU 0.00001 0.00001 C1 > C6", "ISOR 0.0001 0.0001 C1"]
)
def test_displacements_become_alike(lines: str, crystals: Crystals, simulate: Simulate):
    refined = refined_with(lines, crystals, simulate)
    u = {site.label: np.array(site.u_aniso) for site in refined.structure.sites if site.u_aniso}
    if lines.startswith("SIMU"):
        assert max(np.abs(u[f"C{i}"] - u["C1"]).max() for i in range(2, 7)) < 1e-3
    elif lines.startswith("ISOR"):  # the cell is orthogonal
        assert np.ptp(u["C1"][:3]) < 1e-3
        assert np.abs(u["C1"][3:]).max() < 1e-3
    else:
        xyz = {site.label: np.array(site.xyz) for site in refined.structure.sites}
        bond = (xyz["C2"] - xyz["C1"]) @ refined.structure.lattice.vectors
        along = bond / np.linalg.norm(bond)
        one, two = (np.array([[v[0], v[3], v[4]], [v[3], v[1], v[5]], [v[4], v[5], v[2]]]) for v in (u["C1"], u["C2"]))
        assert along @ (one - two) @ along == pytest.approx(0.0, abs=1e-4)
    assert refined.figures.n_restraints > 0


def test_same_is_spelt_out(crystals: Crystals, tmp_path: Path):
    path = tmp_path / "same.ins"
    path.write_text(crystals["molecule"].replace("C4     1", "SAME 0.01 0.02 C1 C2 C3\nC4     1"))
    instructions = read_shelx_instructions(path)
    atoms = atoms_of_instructions(instructions)
    found = with_equal_distances(instructions, atoms, bonded_atoms(atoms)).restraints
    assert [(one.kind, one.numbers, one.atoms) for one in found] == [
        ("SADI", (0.01,), ("C1", "C2", "C4", "C5")),
        ("SADI", (0.02,), ("C1", "C3", "C4", "C6")),
        ("SADI", (0.01,), ("C2", "C3", "C5", "C6")),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("DFIX 1.5 C1 C99", "names C99, and there is no such atom"),
        ("DFIX 1.5 C1", "DFIX has 1 atoms"),
        ("DFIX C1 C2", "DFIX gives no distance"),
        ("FLAT C1 C2 C3", "FLAT has 3 atoms"),
        ("DFIX 1.5 C1 C2_$3", r"no EQIV \$3"),
        ("SUMP 1 0.01 1 4", "free variable 4"),
        ("SUMP 1", "SUMP has 1 numbers"),
        ("ISOR 0.1 0 C1", "ISOR has an s.u. that is not positive"),
        ("DFIX 1.5 -0.02 C1 C2", "DFIX has an s.u. that is not positive"),
        ("SADI C1 C2 C3", "SADI has 3 atoms"),
        ("EADP C1 C77", "C77"),
    ],
)
def test_impossible_restraints_name_their_line(line: str, message: str, crystals: Crystals, simulate: Simulate):
    with pytest.raises(InputError, match=message) as caught:
        refined_with(line, crystals, simulate)
    assert caught.value.file == "crystal.ins"
    assert caught.value.line == 12

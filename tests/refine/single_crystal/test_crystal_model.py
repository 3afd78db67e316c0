"""Derivatives of Fc² and of restraints, against central differences; structure factors against the powder side's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from anatase.io.shelx_hkl import ShelxReflections
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.io.shelx_structure import shelx_structure
from anatase.refine.single_crystal.atoms import CrystalAtoms
from anatase.refine.single_crystal.crystal_model import CrystalModel, calculated, model_at, restraint_rows
from anatase.refine.single_crystal.refine_crystal import prepared_crystal
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import structure_factors

Crystals = dict[str, str]

# one of each kind of parameter: U and xyz, free variables, ties, extinction, a twin fraction, turning groups
FULL = {
    "polar": (
        "FVAR 0.7",
        "EXTI 0.02\nTWIN -1 0 0 0 -1 0 0 0 -1 2\nBASF 0.2\nISOR 0.05 C1 S1\nSIMU 0.05 0.1 9 S1 O2\nFVAR 0.7",
    ),
    "trigonal": (
        "FVAR 0.70711",
        "TWIN 0 1 0 1 0 0 0 0 -1 2\nBASF 0.2\nDFIX 1.9 C1 O1\nEQIV $1 -y,x-y,z\nDFIX 1.9 C1 C1_$1\nFVAR 0.70711",
    ),
    "molecule": (
        "FVAR 0.70711",
        "EXTI 0.01\nFLAT C1 > C6 C8\nDANG 2.4 C1 C3\nSADI C1 C2 C2 C3 C3 C4\nSIMU C1 > C6\nRIGU\nDELU\nFVAR 0.70711",
    ),
    "disorder": (
        "O1 2 0.6 0.15 0.1 11.0 0.05\n",
        "PART 1\nO1A 2 0.6 0.15 0.1 21.0 0.04\nPART 2\nO1B 2 0.64 0.19 0.12 -21.0 0.04\nPART 0\n"
        "EADP O1A O1B\nEXYZ C1 C2\nSUMP 1.0 0.01 1.0 2 0.5 3\n",
    ),
}
FULL["rigid"] = ("AFIX 0\nC4", "AFIX 65\nC4")


def model_of(name: str, crystals: Crystals, tmp_path: Path) -> CrystalModel:
    text = crystals[{"disorder": "centrosymmetric", "rigid": "molecule"}.get(name, name)]
    old, new = FULL[name]
    text = text.replace(old, new)
    if name == "rigid":
        for label in ("C3", "C6"):
            text = text.replace(f"AFIX 0\n{label}", f"AFIX 65\n{label}")
        text = text.replace("FVAR 0.70711\n", "DFIX 3.0 C1 C8\nFVAR 0.70711\nAFIX 66\n")
    if name == "disorder":
        text = text.replace("FVAR 0.70711", "FVAR 0.70711 0.6 0.3")
    path = tmp_path / "full.ins"
    path.write_text(text)
    instructions = read_shelx_instructions(path)
    rng = np.random.default_rng(4)
    hkl = np.unique(rng.integers(-6, 7, (260, 3)), axis=0)
    measured = ShelxReflections(
        hkl[np.any(hkl != 0, axis=1)], *(np.ones(int(np.any(hkl != 0, axis=1).sum())) * x for x in (10.0, 1.0)),
        np.zeros(int(np.any(hkl != 0, axis=1).sum()), np.int64),
    )  # fmt: skip
    model, _ = prepared_crystal(replace(instructions, merge=0), measured)
    return model


@pytest.mark.parametrize("name", FULL)
def test_jacobian_against_central_differences(name: str, crystals: Crystals, tmp_path: Path):
    model = model_of(name, crystals, tmp_path)
    p = model.parameters.start.copy()
    p += 1e-3 * np.random.default_rng(0).normal(size=p.size)
    at = calculated(model, p)
    rows = restraint_rows(model, at, p)
    assert len(rows[0]) > 0
    for index, parameter in enumerate(model.parameters.names):
        step = 1e-3 if parameter.endswith(("torsion", "rotation_x", "rotation_y", "rotation_z")) else 1e-5
        ends = []
        for sign in (1.0, -1.0):
            q = p.copy()
            q[index] += sign * step
            other = calculated(model, q)
            ends.append((other.f_squared * q[model.parameters.scale] ** 2, restraint_rows(model, other, q)[0]))
        for found, plus, minus in zip((at.by_parameter[index], rows[3][index]), *ends, strict=True):
            expected = (plus - minus) / (2.0 * step)
            scale = np.abs(expected).max(initial=0.0)
            np.testing.assert_allclose(found, expected, atol=2e-6 * scale + 1e-9, err_msg=parameter)


@pytest.mark.parametrize("name", ["centrosymmetric", "polar", "trigonal", "molecule"])
def test_structure_factors_are_those_of_the_structure(name: str, crystals: Crystals, simulate: Callable[..., Any]):
    instructions = simulate(crystals[name]).instructions()
    hkl = np.random.default_rng(2).integers(-5, 6, (50, 3))
    hkl = hkl[np.any(hkl != 0, axis=1)]
    one = np.ones(len(hkl))
    model, _ = prepared_crystal(replace(instructions, merge=0), ShelxReflections(
        np.repeat(hkl, 3, axis=0), *(np.repeat(x * one, 3) for x in (1.0, 1.0)), np.zeros(3 * len(hkl), np.int64)
    ))  # fmt: skip
    at = calculated(model, model.parameters.start)
    reference = structure_factors(
        shelx_structure(instructions), model.domains.hkl, ScatteringModel("xray", instructions.wavelength)
    )
    tolerance = 2e-2 if name == "molecule" else 1e-6  # the file's five digits of hydrogen positions, ideal or not
    np.testing.assert_allclose(at.f, reference, atol=tolerance * np.abs(reference).max())


def test_a_molecule_has_the_parameters_that_its_codes_leave(crystals: Crystals, tmp_path: Path):
    model = model_of("disorder", crystals, tmp_path)
    names = set(model.parameters.names)
    assert {"scale", "free_variable_2", "free_variable_3", "O1A.u_iso", "O1B.x", "C1.x", "C2.u_iso"} <= names
    assert not {"O1B.u_iso", "C2.x", "O1A.sof", "S1.sof"} & names
    atoms, _ = model.parameters.values_at(model.parameters.start, model.atoms)
    a, b = atoms.labels.index("O1A"), atoms.labels.index("O1B")
    assert atoms.values[[a, b], 3] == pytest.approx([0.6, 0.4])
    c1, c2 = atoms.labels.index("C1"), atoms.labels.index("C2")
    np.testing.assert_array_equal(atoms.values[c1, :3], atoms.values[c2, :3])


def test_special_positions_leave_what_symmetry_leaves(crystals: Crystals, tmp_path: Path):
    model = model_of("trigonal", crystals, tmp_path)
    iron_and_oxygen = [name for name in model.parameters.names if name.startswith(("Fe1", "O2"))]
    # Fe on -3; O on 3: z free, U11 = U22 = 2 U12 and U33
    assert iron_and_oxygen == ["Fe1.u_iso", "O2.z", "O2.u11", "O2.u33"]


def test_the_origin_of_a_polar_crystal_is_held_once(crystals: Crystals, tmp_path: Path):
    model = model_of("polar", crystals, tmp_path)
    assert model.origin.shape == (1, 10 * len(model.atoms))
    path = tmp_path / "fixed.ins"
    path.write_text(crystals["polar"].replace("S1 3 0.1234 0.2345", "S1 3 0.1234 10.2345"))
    fixed = read_shelx_instructions(path)
    merged = model.merged
    again, _ = prepared_crystal(fixed, ShelxReflections(merged.hkl, merged.f_squared, merged.sigma, merged.batch))
    assert again.origin.shape[0] == 0
    assert "S1.y" not in again.parameters.names


def test_a_rigid_ring_keeps_its_shape(crystals: Crystals, tmp_path: Path):
    model = model_of("rigid", crystals, tmp_path)
    names = model.parameters.names
    assert {"C1.x", "C1.rotation_x", "C1.rotation_y", "C1.rotation_z", "C7.x"} <= set(names)
    assert not {"C2.x", "C6.z", "H5.x", "C8.rotation_x"} & set(names)
    p = model.parameters.start.copy()
    p[names.index("C1.rotation_x")] = 11.0
    p[names.index("C1.rotation_z")] = -7.0
    p[names.index("C1.y")] += 0.02
    before, after = (model.parameters.values_at(q, model.atoms)[0] for q in (model.parameters.start, p))
    ring = [before.labels.index(label) for label in ("C1", "C2", "H2", "C3", "C4", "C5", "H5", "C6")]

    def distances(atoms: CrystalAtoms) -> np.ndarray:
        xyz = atoms.values[ring, :3] @ atoms.lattice.vectors
        return np.linalg.norm(xyz[:, None] - xyz[None], axis=2)

    heavy = [i for i, index in enumerate(ring) if before.elements[index] == "C"]
    np.testing.assert_allclose(
        distances(after)[np.ix_(heavy, heavy)], distances(before)[np.ix_(heavy, heavy)], atol=1e-12
    )
    again, _ = model_at(model, p).parameters.values_at(p, model.atoms)
    np.testing.assert_allclose(distances(again), distances(before), atol=5e-3)  # hydrogen put back to its ideal place
    assert np.abs(after.values[ring[3], :3] - before.values[ring[3], :3]).max() > 0.01

"""SHELX instruction files: what they say, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.io.shelx_code import decoded
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.io.shelx_instructions import ShelxInstructions
from anatase.io.shelx_structure import read_shelx, shelx_structure
from anatase.io.shelx_symmetry import latt_and_symm, space_group_of_latt
from anatase.io.shelx_write import ins_text
from anatase.io.structure_files import read_structure
from anatase.scattering.structure_factor import f_squared

HEAD = """TITL urea! keeps its mark
CELL 0.71073 5.565 5.565 4.684 90 90 90
ZERR 2 0.001 0.001 0.001 0 0 0
LATT -1
SYMM -X, -Y, Z
SYMM Y, -X, -Z
SYMM -Y, X, -Z
SYMM 0.5-X, 0.5+Y, -Z
SYMM 0.5+X, 0.5-Y, -Z
SYMM 0.5-Y, 0.5-X, Z
SYMM 0.5+Y, 0.5+X, Z
"""
UREA = (
    HEAD
    + """SFAC C H N O
UNIT 2 8 4 2
REM SYMM X, Y, Z would be a comment
  WGHT 9 9 and this too
L.S. 4
WGHT 0.05 0.2 ! two numbers
FVAR 0.5 0.25
C1   1  10.0000 10.5000  0.3260 10.25000 0.0147 0.0147 =
  0.0065  0.0 0.0 0.0001
O1   4  10.0000 10.5000  0.5953 10.25000 0.03
N1   3   0.1459  0.6459  0.1766 20.50000 0.02 0.02 0.01 0.0 0.0 0.0
AFIX 93
H1A  2   0.2575  0.7575  0.2827 10.50000 -1.2
AFIX 0
HKLF 4 1 0 1 0 1 0 0 0 0 -1
END
WGHT 0.0420 0.1000
Q1   1  0.1234 0.2345 0.3456 11.00000 0.05 0.31
Q2   1  10.5000 0.1 0.2 11.00000 0.05 0.11
"""
)


def read(tmp_path: Path, text: str, name: str = "urea.ins") -> ShelxInstructions:
    path = tmp_path / name
    path.write_text(text)
    return read_shelx_instructions(path)


def test_a_whole_file(tmp_path: Path):
    found = read(tmp_path, UREA)
    assert found.title == "urea! keeps its mark"
    assert found.wavelength == 0.71073
    assert found.lattice.parameters == (5.565, 5.565, 4.684, 90.0, 90.0, 90.0)
    assert found.space_group.symbol == "P -4 21 m"
    assert [one.element for one in found.scatterers] == ["C", "H", "N", "O"]
    assert found.weighting == (0.05, 0.2, 0.0, 0.0, 0.0, 1 / 3)
    assert found.variables == (0.5, 0.25)
    assert [atom.label for atom in found.atoms] == ["C1", "O1", "N1", "H1A"]
    assert found.atoms[0].u == (0.0147, 0.0147, 0.0065, 0.0, 0.0, 0.0001)
    assert found.atoms[3].afix == 93
    assert found.cycles == 4
    assert found.reflections.matrix == (0, 1, 0, 1, 0, 0, 0, 0, -1)
    assert found.warnings == ()
    assert [(peak.label, peak.height) for peak in found.peaks] == [("Q1", 0.31), ("Q2", 0.11)]
    assert found.peaks[1].xyz == (0.5, 0.1, 0.2)


def test_the_structure_has_codes_resolved(tmp_path: Path):
    structure = shelx_structure(read(tmp_path, UREA))
    carbon, _, nitrogen, hydrogen = structure.sites
    assert carbon.xyz == (0.0, 0.5, 0.326)
    assert carbon.occupancy == pytest.approx(1.0)  # sof 1/4 on a site of multiplicity 2 of 8
    assert nitrogen.occupancy == pytest.approx(0.25)  # 0.5 fv(2) on a site of multiplicity 4 of 8: 0.125 · 2
    assert structure.sites[1].u_iso == 0.03
    # U12 and U13, U23 stand in the other order in the file
    assert carbon.u_aniso == (0.0147, 0.0147, 0.0065, 0.0001, 0.0, 0.0)
    # U_eq of a tetragonal cell is a third of the trace
    assert hydrogen.u_iso == pytest.approx(1.2 * 0.05 / 3)


@pytest.mark.parametrize(
    ("coded", "value"),
    [(0.25, 0.25), (10.25, 0.25), (9.75, -0.25), (21.0, 0.6), (20.5, 0.3), (-21.0, 0.4), (-20.5, 0.2), (31.0, 0.1)],
)
def test_codes(coded: float, value: float):
    # SHELXL manual, chapter 2.8, with fv(2) = 0.6 and fv(3) = 0.1
    assert decoded(coded, 3).value((1.0, 0.6, 0.1)) == pytest.approx(value)


@pytest.mark.parametrize("number", [*range(1, 231)])
def test_latt_and_symm_give_every_group_back(number: int):
    group = SpaceGroup.from_number(number)
    latt, symm = latt_and_symm(group)
    again = space_group_of_latt(latt, symm)
    assert set(again.triplets) == set(group.triplets)
    lattice_points = {1: 1, 2: 2, 3: 3, 4: 4, 5: 2, 6: 2, 7: 2}[abs(latt)]
    assert (len(symm) + 1) * lattice_points * (2 if latt > 0 else 1) == group.order


def test_scatterers_of_every_form(tmp_path: Path):
    text = UREA.replace("SFAC C H N O\n", "SFAC C\nSFAC H 0.49 20.7 0.26 7.7 0.2 49.6 0.05 2.2 0.0013 =\n")
    text = text.replace(
        "0.0013 =\n", "0.0013 =\n 0 0 0.6 0.32 1.008\nSFAC $N O\nDISP $O 0.011 0.006\nDISP N 0.006 0.003\n"
    )
    found = read(tmp_path, text).scatterers
    assert [one.element for one in found] == ["C", "H", "N", "O"]
    assert found[1].gaussians == (0.49, 20.7, 0.26, 7.7, 0.2, 49.6, 0.05, 2.2, 0.0013)
    assert found[1].dispersion == (0.0, 0.0)
    assert found[2].dispersion == (0.006, 0.003)
    assert found[3].dispersion == (0.011, 0.006)
    assert found[0].dispersion is None


MANY = """TITL many
CELL 0.71073 10 11 12 90 95 90
LATT 1
SFAC C H
UNIT 8 8
TEMP -173.0
EQIV $1 1-X, Y, 1/2-Z
DFIX 1.54 0.01 C1 C2
SADI_2 C1 C2 C3 C4
FLAT C1 > C4
ISOR 0.01 C1
OMIT -3 50
OMIT 1 2 -3
SHEL 999 0.84
MERG 3
TWIN 0 1 0 1 0 0 0 0 -1 -4
BASF 0.1 0.2
BASF 0.3
EXTI 0.01
BUMP 0.02
FVAR 1.0 0.6
MOVE 1 1 1 -1
C1 1 0.1 0.2 0.3
MOVE 0 0 0 1
PART 1 21.0
C2 1 0.2 0.3 0.4 11.0 0.04
PART 2 -21.0
C2 1 0.21 0.31 0.41 11.0 0.04
PART 0
AFIX 43 0.95 10.5 -1.3
H2 2 0.3 0.3 0.4 11.0 0.05
AFIX 0
RESI 2 THF
ANIS 1
C3 1 0.5 0.5 0.6 11.0 0.03
C4 1 0.55 0.5 0.6 11.0 0.03
HKLF 5
"""


def test_the_rest_of_the_instructions(tmp_path: Path):
    found = read(tmp_path, MANY)
    by_name = {(atom.label, atom.part): atom for atom in found.atoms}
    assert by_name["C1", 0].xyz == (0.9, 0.8, 0.7)
    assert by_name["C1", 0].u == (0.05,)
    assert (by_name["C2", 1].sof, by_name["C2", 2].sof) == (21.0, -21.0)
    hydrogen = by_name["H2", 0]
    assert (hydrogen.afix, hydrogen.bond, hydrogen.sof, hydrogen.u) == (43, 0.95, 10.5, (-1.3,))
    assert by_name["C3_2", 0].residue_class == "THF"
    # a sphere of U_iso 0.03 in a monoclinic cell: U13 = U cos β*, β* = 85°
    assert by_name["C3_2", 0].u == pytest.approx((0.03, 0.03, 0.03, 0.0, 0.03 * np.cos(np.radians(85)), 0.0), abs=1e-9)
    assert len(by_name["C4_2", 0].u) == 1
    assert found.temperature == -173.0
    assert found.equivalents == {"$1": "1-x,y,1/2-z"}
    assert [one.kind for one in found.restraints] == ["DFIX", "SADI", "FLAT", "ISOR"]
    assert found.restraints[0].numbers == (1.54, 0.01)
    assert found.restraints[1].residue == "2"
    assert found.restraints[2].atoms == ("C1", ">", "C4")
    assert (found.omit_sigma, found.two_theta_limit, found.omitted) == (-3.0, 50.0, ((1, 2, -3),))
    assert found.resolution == (999.0, 0.84)
    assert found.merge == 3
    assert found.twin is not None
    assert found.twin.domains == -4
    assert found.batch_fractions == (0.1, 0.2, 0.3)
    assert found.extinction == 0.01
    assert found.warnings == ("BUMP on line 20 is not applied",)
    assert found.reflections.kind == 5


def edited(old: str, new: str) -> str:
    assert old in UREA
    return UREA.replace(old, new)


REFUSED = {
    "no cell": (edited("CELL 0.71073 5.565 5.565 4.684 90 90 90\n", ""), "there is no CELL", None),
    "short cell": (edited("CELL 0.71073 5.565 5.565 4.684 90 90 90", "CELL 0.71073 5.5"), "CELL has 2 numbers", 2),
    "flat cell": (edited("4.684 90 90 90", "4.684 90 90 180"), "no cell has", 2),
    "wrong cell": (edited("5.565 5.565 4.684", "5.565 6.565 4.684"), "has not the symmetry", None),
    "no element": (edited("SFAC C H N O", "SFAC C H N Xx"), "'Xx' is no chemical element", 12),
    "no sfac": (edited("SFAC C H N O\n", ""), "SFAC has 0", 18),
    "unknown word": (edited("L.S. 4", "FOO 4"), "neither an instruction nor an atom", 16),
    "scatterer": (edited("O1   4 ", "O1   7 "), "scatterer 7", 21),
    "number": (edited("0.5953", "0.59x3"), "'0.59x3'", 21),
    "five U": (edited("10.25000 0.03", "10.25000 0.03 0.02 0.01"), "displacement parameters", 21),
    "free variable": (edited("20.50000", "40.50000"), "free variable 4", 22),
    "code": (edited("20.50000", "-10.5000"), "neither a value nor tied", 22),
    "equivalent": (edited("L.S. 4", "EQIV $1 x,y"), "no symmetry operation", 16),
    "infinite": (edited("0.5953", "inf"), "no finite number", 21),
    "twin law": (edited("L.S. 4", "TWIN 2 0 0 0 1 0 0 0 1"), "determinant 2", 16),
    "operation": (edited("SYMM -X, -Y, Z", "SYMM -X, -W, Z"), "no symmetry operation", None),
    "include": (edited("L.S. 4", "+other.ins"), "includes another file", 16),
    "hklf": (edited("HKLF 4", "HKLF 3"), "HKLF 3", 26),
    "open end": (edited("END\n", "END =\n").split("WGHT 0.0420")[0], "continued line", 27),
    "latt": (edited("LATT -1", "LATT 9"), "LATT 9", None),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_names_file_and_line(tmp_path: Path, name: str):
    text, message, line = REFUSED[name]
    with pytest.raises(InputError, match=message) as caught:
        read(tmp_path, text)
    assert caught.value.file == "urea.ins"
    if line is not None:
        assert caught.value.line == line


def test_a_file_without_atoms_is_no_structure(tmp_path: Path):
    path = tmp_path / "empty.ins"
    path.write_text(HEAD + "SFAC C\nHKLF 4\nEND\n")
    with pytest.raises(InputError, match="no atoms"):
        read_shelx(path)


@pytest.mark.parametrize("name", ["urea", "many"])
def test_a_written_file_means_the_same_structure(tmp_path: Path, name: str):
    structure = shelx_structure(read(tmp_path, {"urea": UREA, "many": MANY}[name]))
    again = written_and_read(structure, tmp_path)
    hkl = np.array([[1, 2, 3], [0, 1, 1], [2, 0, -3], [1, 1, 1], [3, -1, 0]])
    # six digits of coordinates and five of U leave 1e-4 of |F|²
    np.testing.assert_allclose(f_squared(again, hkl), f_squared(structure, hkl), rtol=3e-4, atol=1e-3)
    assert again.formula == structure.formula


def written_and_read(structure: Structure, tmp_path: Path) -> Structure:
    path = tmp_path / "written.ins"
    path.write_text(ins_text(structure, 0.71073))
    return read_shelx(path)[0]


def test_a_list_of_atoms_without_displacements_is_a_structure(tmp_path: Path):
    # as programs of structure prediction write it: names repeat, and nothing but the cell, SFAC and atoms
    path = tmp_path / "rutile.res"
    path.write_text(
        "TITL rutile 0.0 56.6 -99.9\nCELL 1.54180 4.594 4.594 2.959 90 90 90\nLATT -1\nSFAC Ti O\n"
        "Ti 1 0 0 0 1.0\nTi 1 0.5 0.5 0.5 1.0\nO 2 0.305 0.305 0 1.0\nO 2 0.695 0.695 0 1.0\n"
        "O 2 0.195 0.805 0.5 1.0\nO 2 0.805 0.195 0.5 1.0\nEND\n"
    )
    structure = read_structure(path)
    assert structure.formula == "TiO2"
    assert structure.formula_units_per_cell == 2
    assert structure.density == pytest.approx(4.25, abs=0.01)  # rutile: 4.25 g/cm³

"""POSCAR: fractional and Cartesian coordinates, scales, and bad files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anatase.crystal.standardize import standardize
from anatase.errors import InputError
from anatase.io.poscar import read_poscar, structure_from_poscar_text

# rutile: a = 4.5937, c = 2.9587 Å, x(O) = 0.3049 (Abrahams & Bernstein, 1971, J. Chem. Phys. 55, 3206)
RUTILE = """TiO2 rutile
1.0
4.5937 0.0 0.0
0.0 4.5937 0.0
0.0 0.0 2.9587
Ti O
2 4
Direct
0.0 0.0 0.0
0.5 0.5 0.5
0.3049 0.3049 0.0
0.6951 0.6951 0.0
0.1951 0.8049 0.5
0.8049 0.1951 0.5
"""


def test_rutile_finds_its_symmetry(tmp_path: Path) -> None:
    path = tmp_path / "POSCAR"
    path.write_text(RUTILE)
    (structure,) = read_poscar(path)
    assert structure.formula == "TiO2"
    assert standardize(structure).space_group.number == 136


def test_cartesian_selective_and_negative_scale() -> None:
    direct = structure_from_poscar_text(RUTILE)
    lines = RUTILE.splitlines()
    rows = [[float(w) for w in line.split()] for line in lines[8:]]
    # Cartesian coordinates in units of the scale; vectors halved, the volume -62.43 Å³ brings them back
    cartesian = [f"{x * 4.5937 / 2} {y * 4.5937 / 2} {z * 2.9587 / 2} T T F" for x, y, z in rows]
    vectors = ["2.29685 0 0", "0 2.29685 0", "0 0 1.47935"]
    text = "\n".join(["x", f"{-(4.5937**2) * 2.9587}", *vectors, "Ti O", "2 4", "Selective", "Cartesian", *cartesian])
    structure = structure_from_poscar_text(text)
    assert structure.lattice.volume == pytest.approx(direct.lattice.volume, rel=1e-9)
    assert np.allclose([s.xyz for s in structure.sites], [s.xyz for s in direct.sites], atol=1e-9)


def test_vasp4_takes_elements_from_the_comment() -> None:
    lines = RUTILE.splitlines()
    structure = structure_from_poscar_text("\n".join(["Ti O", *lines[1:5], *lines[6:]]))
    assert structure.composition == {"O": 4.0, "Ti": 2.0}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Ti O\n", "Ti Oq\n", "line 6: 'Oq' is no chemical element"),
        ("2 4\n", "2\n", "line 7: '2' gives no number of atoms for Ti O"),
        ("1.0\n", "0.0\n", "line 2: the scale is 0.0"),
        ("0.0 4.5937 0.0", "4.5937 0.0 0.0", "line 3: no cell has"),
        ("0.8049 0.1951 0.5\n", "", "the file ends too early"),
        ("0.5 0.5 0.5", "0.5 nan 0.5", "where 3 numbers stand"),
        ("2 4\n", "2 400000\n", "400002 atoms"),
    ],
)
def test_bad_files(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "CONTCAR"
    path.write_text(RUTILE.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_poscar(path)
    assert message in str(caught.value)
    assert str(path) in str(caught.value)

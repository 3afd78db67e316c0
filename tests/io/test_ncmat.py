"""NCMAT: cells, positions, mixtures, displacements from phonons, bad files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.io.ncmat import read_ncmat
from anatase.io.ncmat_displacement import u_iso_from_debye, u_iso_from_vdos

ALUMINIUM = """NCMAT v5
# Aluminium (cubic), a test
@CELL
  cubic 4.0495
@SPACEGROUP
  225
@ATOMPOSITIONS
  Al 0 0 0
  Al 0 1/2 1/2
  Al 1/2 0 1/2
  Al 1/2 1/2 0
@DYNINFO
  element Al
  fraction 1
  type vdosdebye
  debye_temp 410.4
"""


def test_aluminium(tmp_path: Path) -> None:
    path = tmp_path / "Al.ncmat"
    path.write_text(ALUMINIUM)
    (structure,) = read_ncmat(path)
    assert structure.space_group.number == 225
    assert structure.name == "Aluminium"
    assert len(structure.sites) == 1
    # compilations of B(Al) at room temperature range from 0.78 to 0.90 Å² (Butt et al., 1988, Acta Cryst. A44, 396)
    u_iso = structure.sites[0].u_iso
    assert u_iso is not None
    assert 0.75 < 8 * np.pi**2 * u_iso < 0.95


def test_repeated_lengths_and_mixtures(tmp_path: Path) -> None:
    text = ALUMINIUM.replace("cubic 4.0495", "lengths 4.0495 !! !!\n angles 90 90 90").replace("  Al ", "  X1 ")
    path = tmp_path / "mix.ncmat"
    path.write_text(text + "@ATOMDB\n  X1 is 0.75 Al 0.25 Mg\n")
    (structure,) = read_ncmat(path)
    assert structure.composition == {"Al": 3.0, "Mg": 1.0}


@pytest.mark.parametrize(
    ("name", "element", "isotope"), [("Li6", "Li", 6), ("D", "D", 0), ("H2", "D", 0), ("T", "H", 3), ("Al", "Al", 0)]
)
def test_isotopes(tmp_path: Path, name: str, element: str, isotope: int) -> None:
    path = tmp_path / "isotope.ncmat"
    path.write_text(ALUMINIUM.replace("  Al ", f"  {name} ").replace("element Al", f"element {name}"))
    (structure,) = read_ncmat(path)
    assert [(s.element, s.isotope) for s in structure.sites[0].species] == [(element, isotope)]


def test_wrong_space_group_is_said(tmp_path: Path) -> None:
    path = tmp_path / "x.ncmat"
    path.write_text(ALUMINIUM.replace("  225", "  229"))
    (structure,) = read_ncmat(path)
    assert "the positions have space group 225, the file states 229" in structure.warnings


def test_debye_limits() -> None:
    # classical limit 3ħ²T/(m k θ²): Å² with m in g/mol, T and θ in K: 145.5265 T/(m θ²) (ħ²/k = 48.5088 Å² K u)
    assert u_iso_from_debye(100.0, 27.0, 5000.0) == pytest.approx(145.5265 * 5000.0 / (27.0 * 1e4), rel=1e-3)
    # zero point: 3ħ²/(4 m k θ)
    assert u_iso_from_debye(400.0, 27.0, 0.0) == pytest.approx(145.5265 / (4 * 27.0 * 400.0), rel=1e-4)


def test_phonons_of_a_debye_solid_give_the_debye_value() -> None:
    energy = 8.617333e-5 * 400.0  # kθ in eV
    grid = np.linspace(energy / 500, energy, 500)
    from_phonons = u_iso_from_vdos([grid[0], grid[-1]], grid**2, 27.0, 293.15)
    assert from_phonons == pytest.approx(u_iso_from_debye(400.0, 27.0, 293.15), rel=2e-3)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("NCMAT v5", "HELLO", "the first line is not 'NCMAT v1' to 'NCMAT v7'"),
        ("@CELL\n  cubic 4.0495\n", "", "there is no @CELL section"),
        ("Al 0 1/2 1/2", "Al 0 1/0 1/2", "line 9: '1/0' divides by zero"),
        ("Al 0 1/2 1/2", "Al 0 1/2", "line 9: 3 words"),
        ("Al 0 1/2 1/2", "Qx 0 1/2 1/2", "line 9: 'Qx' is no element"),
        ("cubic 4.0495", "lengths 4 4", "no three lengths"),
    ],
)
def test_bad_files(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "x.ncmat"
    path.write_text(ALUMINIUM.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_ncmat(path)
    assert message in str(caught.value)

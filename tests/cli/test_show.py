"""``anatase show`` prints the same answer for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from anatase.cli.show import show
from anatase.errors import InputError

# rutile: Howard, Sabine & Dickson (1991) Acta Cryst. B47, 462, written in P 1
RUTILE = """data_rutile
_chemical_name_mineral Rutile
_cell_length_a 4.5937
_cell_length_b 4.5937
_cell_length_c 2.9587
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Ti1 0 0 0
Ti2 .5 .5 .5
O1 .3048 .3048 0
O2 .6952 .6952 0
O3 .1952 .8048 .5
O4 .8048 .1952 .5
"""


@pytest.fixture
def rutile(tmp_path: Path) -> Path:
    path = tmp_path / "rutile.cif"
    path.write_text(RUTILE)
    return path


def test_json_of_rutile(rutile: Path):
    answer = json.loads(CliRunner().invoke(show, [str(rutile), "--json"], catch_exceptions=False).output)
    assert answer["schema"] == "anatase.structure/1"
    assert (answer["space_group"]["number"], answer["stated"]["space_group"]["number"]) == (136, 1)
    assert (answer["formula"], answer["formula_units_per_cell"]) == ("TiO2", 2)
    # calculated density of rutile 4.25 g/cm³ (Handbook of Mineralogy)
    assert answer["density"] == pytest.approx(4.25, abs=0.01)
    # Wyckoff positions of rutile: Ti 2a, O 4f with x = 0.3048
    assert [(s["label"], s["multiplicity"], s["wyckoff"]) for s in answer["sites"]] == [("Ti1", 2, "a"), ("O1", 4, "f")]
    assert answer["sites"][1]["xyz"] == pytest.approx([0.3048, 0.3048, 0.0])
    # International Tables A, No. 136
    conditions = {c["zone"]: c["condition"] for c in answer["reflection_conditions"]}
    assert conditions == {"0kl": "k+l=2n", "00l": "l=2n", "h00": "h=2n"}
    assert {"4_2", "-4", "n", "m"} <= {e["name"] for e in answer["symmetry_elements"]}


def test_table_names_what_matters(rutile: Path):
    output = CliRunner().invoke(show, [str(rutile)], catch_exceptions=False).output
    for text in ("TiO2", "P 42/m n m (No. 136)", "the file states P 1", "0kl: k+l=2n", "4_2", "4f"):
        assert text in output


def test_as_is_keeps_the_setting(rutile: Path):
    answer = json.loads(CliRunner().invoke(show, [str(rutile), "--as-is", "--json"], catch_exceptions=False).output)
    assert answer["space_group"]["number"] == 1
    assert len(answer["sites"]) == 6


def test_rubbish_is_an_input_error(tmp_path: Path):
    path = tmp_path / "x.cif"
    path.write_bytes(b"\x00\x01\x02")
    with pytest.raises(InputError):
        CliRunner().invoke(show, [str(path)], catch_exceptions=False)

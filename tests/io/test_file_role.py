from __future__ import annotations

import pytest

from anatase.errors import InputError
from anatase.io.file_role import file_role

ATOMS = "loop_\n_atom_site_label\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nA 0 0 0\n"
POINTS = "loop_\n_pd_meas_2theta_scan\n_pd_meas_counts_total\n1 2\n3 4\n"


@pytest.mark.parametrize(
    ("text", "role"), [(ATOMS, "structure"), (POINTS, "pattern"), (ATOMS + POINTS, "both"), ("", "structure")]
)
def test_a_cif_is_what_it_holds(tmp_path, text, role):
    path = tmp_path / "x.CIF"
    path.write_text(f"data_x\n{text}")
    assert file_role(path) == role


def test_a_missing_cif_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        file_role(tmp_path / "none.cif")


NAMES = {
    "pattern": ("a.raw", "scan", "a.xrdml"),
    "structure": ("a.ncmat", "POSCAR", "a.str"),
    "refinement": ("a.GPX", "a.pcr", "a.sav", "a.inp", "a.exp"),
    "crystal": ("a.res", "a.INS"),
    "reflections": ("a.hkl",),
}


@pytest.mark.parametrize("role", NAMES)
def test_other_files_tell_by_their_names(role):
    assert {file_role(name) for name in NAMES[role]} == {role}

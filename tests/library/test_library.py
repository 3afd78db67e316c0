"""The library: indexing of folders, the arrays that search uses, selection by elements, grouping."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.library import Library, intake, open_library
from anatase.library.index_file import index_file
from anatase.library.opening import refusals_of

RUTILE = """data_rutile
_chemical_name_mineral Rutile
_cell_length_a {a}
_cell_length_b {a}
_cell_length_c 2.9587
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'P 42/m n m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Ti Ti 0 0 0
O O 0.3049 0.3049 0
"""
HALITE = """data_halite
_cell_length_a 5.6402
_cell_length_b 5.6402
_cell_length_c 5.6402
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_symmetry_space_group_name_H-M 'F m -3 m'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
Na Na 0 0 0
Cl Cl 0.5 0.5 0.5
"""


def index_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spare the start of worker processes; ``test_worker_pool`` covers those."""
    monkeypatch.setattr(
        intake, "index_files", lambda tasks: [list(index_file(t.path, t.file, t.library_id)) for t in tasks]
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two structures that can be used and one that cannot, under a cache of their own."""
    monkeypatch.setenv("ANATASE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ANATASE_HOME", str(tmp_path / "home"))
    index_in_this_process(monkeypatch)
    place = tmp_path / "cifs"
    (place / "oxides").mkdir(parents=True)
    (place / "oxides" / "rutile.cif").write_text(RUTILE.format(a=4.5937))
    (place / "halite.cif").write_text(HALITE)
    (place / "empty.cif").write_text("data_nothing\n_cell_length_a 4\n")
    return place


def test_folder_is_indexed_and_refusals_have_reasons(folder: Path) -> None:
    library = open_library(folder)
    assert library.ids == ["halite", "oxides/rutile"]
    assert library.names == ["halite", "Rutile"]  # the second from its file, the first from the table of names
    assert library.formulas == ["NaCl", "TiO2"]
    assert library.space_group_numbers.tolist() == [225, 136]
    refused = refusals_of(library.paths[0])
    assert [r.file for r in refused] == ["empty.cif"]
    assert "_cell_length_b" in refused[0].reason


def test_lines_of_halite(folder: Path) -> None:
    library = open_library(folder)
    first, last = library.line_offsets[0], library.line_offsets[1]
    d = library.structure(0).lattice.d_spacing(library.line_hkl[first:last])
    assert np.all(np.diff(d) <= 1e-9)
    # a = 5.6402 Å: 111 at a/√3, 200 at a/2; ICDD 5-628 gives 100 to 200 and 13 to 111
    assert d[0] == pytest.approx(5.6402 / np.sqrt(3), abs=1e-4)
    assert d[1] == pytest.approx(2.8201, abs=1e-4)
    xray, neutron = (library.line_intensity[probe][first:last] for probe in ("xray", "neutron"))
    assert np.argmax(xray * d**2) == 1
    # b(Na) = 3.63 fm, b(Cl) = 9.577 fm (Sears, 1992): F(111) = 4(b_Cl - b_Na), F(200) = 4(b_Cl + b_Na), no damping
    assert (neutron[0] / 8) / (neutron[1] / 6) == pytest.approx((5.947 / 13.207) ** 2, rel=0.05)
    assert d.min() >= 0.80


def test_cache_follows_the_folder(folder: Path) -> None:
    before = open_library(folder)
    stamp = before.paths[0].stat().st_mtime_ns
    assert open_library(folder).paths[0].stat().st_mtime_ns == stamp  # nothing changed, nothing written
    (folder / "halite.cif").unlink()
    (folder / "empty.cif").write_text(RUTILE.format(a=4.62))
    after = open_library(folder)
    assert after.ids == ["empty", "oxides/rutile"]
    assert after.sha256 != before.sha256
    assert refusals_of(after.paths[0]) == []


def test_structures_come_back_as_they_were_indexed(folder: Path) -> None:
    structure = open_library(folder).structure(1)
    assert structure.space_group.number == 136
    assert {site.wyckoff for site in structure.sites} == {"a", "f"}
    assert structure.density == pytest.approx(4.25, abs=0.01)  # g/cm³, Handbook of Mineralogy: 4.23-4.25


def test_select_by_elements(folder: Path) -> None:
    library = open_library(folder)
    assert library.select(allowed=["Ti", "O", "Zn"]).tolist() == [1]
    assert library.select(required=["Na"]).tolist() == [0]
    assert library.select(excluded=["Cl"]).tolist() == [1]
    assert library.select().tolist() == [0, 1]
    assert library.n_elements.tolist() == [2, 2]
    assert np.flatnonzero(library.elements[1]).tolist() == [7, 21]  # O and Ti, column Z - 1
    with pytest.raises(InputError, match="'Xx' is no chemical element"):
        library.select(allowed=["Xx"])


def test_groups_join_cells_within_five_percent(folder: Path) -> None:
    (folder / "b.cif").write_text(RUTILE.format(a=4.65))  # volume + 2.5 %
    (folder / "c.cif").write_text(RUTILE.format(a=4.95))  # + 16 %
    library = open_library(folder)
    group = dict(zip(library.ids, library.groups.tolist(), strict=True))
    assert group["b"] == group["oxides/rutile"]
    assert len({group["b"], group["c"], group["halite"]}) == 3


def test_polytypes_are_other_phases() -> None:
    library = open_library()
    carbides = [
        i for i in range(len(library)) if library.formulas[i] == "SiC" and library.space_group_numbers[i] == 186
    ]
    cells = {round(float(library.lattices[i, 2])) for i in carbides}
    assert {5, 10, 15} <= cells  # 2H, 4H, 6H: c = 5.05, 10.05, 15.08 Å
    assert len(set(library.groups[carbides])) == len(cells)


def test_folder_without_structures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANATASE_CACHE", str(tmp_path / "cache"))
    index_in_this_process(monkeypatch)
    with pytest.raises(InputError, match="holds no structure file"):
        open_library(tmp_path)
    with pytest.raises(InputError, match="there is no such library"):
        open_library(tmp_path / "absent")
    (tmp_path / "broken.cif").write_text("data_x\n")
    with pytest.raises(InputError, match="none of the 1 structure files can be used"):
        open_library(tmp_path)


def test_newer_schema_is_refused(folder: Path) -> None:
    path = open_library(folder).paths[0]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")
    with pytest.raises(InputError, match=r"schema 99.*update anatase"):
        open_library(path)


def test_other_databases_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE t (x)")
    with pytest.raises(InputError, match="no library of anatase"):
        open_library(path)


def test_two_processes_index_one_folder(folder: Path) -> None:
    code = f"from anatase.library import open_library; print(len(open_library({str(folder)!r})))"
    both = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    assert [process.communicate(timeout=120)[0].strip() for process in both] == ["2", "2"]
    leftovers = [p.name for p in Path(open_library(folder).paths[0]).parent.iterdir() if p.name.endswith(".new")]
    assert leftovers == []


def test_a_changed_library_is_noticed(folder: Path) -> None:
    library = open_library(folder)
    (folder / "halite.cif").write_text(HALITE.replace("5.6402", "5.65"))
    open_library(folder)
    with pytest.raises(InputError, match="open it again"):
        library.structure(0)


def test_library_repr_names_its_files(folder: Path) -> None:
    library = open_library(folder)
    assert isinstance(library, Library)
    assert repr(library).startswith("Library(2 entries, folder-")

"""Large libraries are mapped: the same answers as read ones, whatever happens to the file of the index."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.library import Library, open_library, opening
from anatase.library.additions import add_to_library
from anatase.library.catalogue import read_catalogue, written
from anatase.library.fingerprint import LOG_D_STEP, LOWEST_LOG
from anatase.library.mapped_index import map_index
from anatase.library.opening import EMBEDDED


@pytest.fixture
def mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """The embedded library with a user's one of two entries, opened as a large one."""
    monkeypatch.setenv("ANATASE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ANATASE_HOME", str(tmp_path))
    cell = "4.286 0 0\n0 4.286 0\n0 0 4.286"
    (tmp_path / "CsBr.vasp").write_text(f"CsBr\n1\n{cell}\nCs Br\n1 1\nDirect\n0 0 0\n.5 .5 .5\n")
    add_to_library([str(tmp_path / "CsBr.vasp")])
    monkeypatch.setattr(opening, "INDEXED_FROM", 100)
    return open_library(None)


def index_file(tmp_path: Path) -> Path:
    (found,) = (tmp_path / "cache").glob("library-*.index")
    return found


def test_same_as_read(mapped: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "INDEXED_FROM", 10**6)
    read = open_library(None)
    assert read.fingerprints is None
    assert len(mapped) == len(read) == len(open_library(EMBEDDED)) + 1
    for name in ("ids", "names", "formulas", "space_group_symbols", "licences"):
        assert list(getattr(mapped, name)) == getattr(read, name), name
        assert getattr(mapped, name)[40] == getattr(read, name)[40]
        assert getattr(mapped, name)[-2:] == getattr(read, name)[-2:]
    for name in ("space_group_numbers", "elements", "lattices", "line_offsets", "line_hkl", "groups"):
        assert np.array_equal(getattr(mapped, name), getattr(read, name)), name
    for probe in ("xray", "neutron"):
        assert np.array_equal(mapped.line_intensity[probe], read.line_intensity[probe])
    assert mapped.sha256 == read.sha256
    for i in (0, 300, len(read) - 1):
        assert mapped.entry(i) == read.entry(i)
        assert mapped.structure(i) == read.structure(i)
        assert mapped.index_of(read.ids[i]) == i
    assert mapped.select(required=["Cs", "Br"]).tolist() == read.select(required=["Cs", "Br"]).tolist()


def test_opened_again_it_is_not_written_again(mapped: Library, tmp_path: Path) -> None:
    index = index_file(tmp_path)
    before = index.stat().st_mtime_ns
    assert len(open_library(None)) == len(mapped)
    assert index.stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["cut", "other", "header"])
def test_a_damaged_index_is_written_anew(mapped: Library, tmp_path: Path, damage: str) -> None:
    index = index_file(tmp_path)
    whole = index.read_bytes()
    index.unlink()  # a mapped file must not be cut: its readers would be killed
    index.write_bytes({"cut": whole[:-1000], "other": b"something else", "header": whole[:16] + b"{" * 5000}[damage])
    assert open_library(None).lattices[5].tolist() == mapped.lattices[5].tolist()
    assert index.read_bytes() == whole


def test_a_changed_library_gets_a_new_index(mapped: Library, tmp_path: Path) -> None:
    with written(tmp_path / "library.sqlite") as writer:
        assert writer.remove(["CsBr"]) == 1
    after = open_library(None)
    assert len(after) == len(mapped) - 1
    assert list((tmp_path / "cache").glob(".*")) == []
    assert map_index(index_file(tmp_path), mapped.sha256) is None
    with pytest.raises(InputError, match="open it again"):
        mapped.structure(len(mapped) - 1)
    assert mapped.lattices[-1, 0] == pytest.approx(4.286)  # what was mapped stays


def test_a_mapped_index_cannot_be_written_to(mapped: Library) -> None:
    with pytest.raises(ValueError, match="read-only"):
        mapped.lattices[0, 0] = 1.0


def test_fingerprints_hold_the_strongest_lines(mapped: Library) -> None:
    i = mapped.index_of("ncrystal/TiO2_sg136_Rutile")
    assert mapped.fingerprints is not None
    found = mapped.fingerprints["xray"]
    d = np.exp(-(LOWEST_LOG + LOG_D_STEP * found.place[i].astype(float)))
    # ICDD 21-1276, rutile: 110 at 3.247 Å is the strongest, 211 at 1.6874 and 101 at 2.487 Å come next
    assert d[0] == pytest.approx(3.247, rel=0.002)
    assert found.strength[i, 0] == 255
    assert sorted(d[1:3].round(2).tolist()) == [1.69, 2.49]
    assert np.all(np.diff(found.strength[i].astype(int)) <= 0)


def test_catalogue_counts_entries() -> None:
    assert len(read_catalogue(EMBEDDED)) == len(open_library(EMBEDDED))

from __future__ import annotations

import pytest

from anatase.errors import InputError
from anatase.io.text_file import write_text


def test_file_is_replaced_whole_and_nothing_is_left_beside(tmp_path):
    path = tmp_path / "deep" / "report.html"
    write_text(path, "old")
    write_text(path, "α\n")
    assert path.read_bytes() == "α\n".encode()
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]


def test_failure_keeps_the_old_file(tmp_path):
    path = tmp_path / "report.html"
    write_text(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "\ud800")  # a lone surrogate has no UTF-8
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["report.html"]


def test_folder_in_the_way_is_an_input_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="choose another"):
        write_text(tmp_path / "file" / "report.html", "x")
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InputError, match="choose another"):
        write_text(tmp_path / "report.html", "x")

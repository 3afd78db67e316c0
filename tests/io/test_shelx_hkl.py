"""SHELX reflection files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.io.shelx_hkl import ShelxReflections, read_hkl, write_hkl


def read(tmp_path: Path, text: str) -> ShelxReflections:
    path = tmp_path / "a.hkl"
    path.write_text(text)
    return read_hkl(path)


def test_columns_that_touch(tmp_path: Path):
    found = read(tmp_path, "  -1 -12-13412345.67 1234.56  -2\n   0   0   0    0.00    0.00   0\n   9   9   9 1 1\n")
    assert found.hkl.tolist() == [[-1, -12, -134]]
    assert found.f_squared.tolist() == [12345.67]
    assert found.sigma.tolist() == [1234.56]
    assert found.batch.tolist() == [-2]


def test_free_format_and_missing_batch(tmp_path: Path):
    found = read(tmp_path, "1 2 -3 12.5 0.5\n1 2 3 -0.25 0.5\n0 0 0 0 0\n")
    assert found.hkl.tolist() == [[1, 2, -3], [1, 2, 3]]
    assert found.f_squared.tolist() == [12.5, -0.25]
    assert found.batch.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("   1   2   3   12.50    0.50\n   1   2   x   12.50    0.50\n", 2),
        ("   1   2   3\n", 1),
        ("   1   2   3     nan    0.50\n", 1),
        ("_loop\n", 1),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, text: str, line: int):
    with pytest.raises(InputError, match="is no reflection") as caught:
        read(tmp_path, text)
    assert caught.value.line == line


@pytest.mark.parametrize("text", ["   0   0   0    0.00    0.00\n", "   1   2   3   12.50    0.00\n"])
def test_files_without_usable_reflections(tmp_path: Path, text: str):
    with pytest.raises(InputError, match="no reflection"):
        read(tmp_path, text)


index = st.integers(-999, 999)
value = st.floats(-99999.0, 999999.0).map(lambda x: round(x, 1))
row = st.tuples(index, index, index, value, st.floats(0.01, 9999.0).map(lambda x: round(x, 2)), st.integers(-9, 9))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(rows=st.lists(row.filter(lambda one: any(one[:3])), min_size=1, max_size=5))
def test_what_is_written_is_read(tmp_path: Path, rows: list[tuple[float, ...]]):
    table = np.array(rows)
    given_ = ShelxReflections(table[:, :3].astype(np.int64), table[:, 3], table[:, 4], table[:, 5].astype(np.int64))
    write_hkl(given_, tmp_path / "b.hkl")
    found = read_hkl(tmp_path / "b.hkl")
    np.testing.assert_array_equal(found.hkl, given_.hkl)
    np.testing.assert_allclose(found.f_squared, given_.f_squared, atol=0.051)  # eight columns: one decimal at 100 000
    np.testing.assert_allclose(found.sigma, given_.sigma, atol=0.0051)
    np.testing.assert_array_equal(found.batch, given_.batch)


def test_what_eight_columns_cannot_hold(tmp_path: Path):
    one = np.ones(1)
    for bad in (
        ShelxReflections(np.array([[1000, 0, 0]]), one, one, np.zeros(1, np.int64)),
        ShelxReflections(np.array([[1, 0, 0]]), 1e9 * one, one, np.zeros(1, np.int64)),
    ):
        with pytest.raises(InputError, match=r"does not fit|beyond 999"):
            write_hkl(bad, tmp_path / "c.hkl")

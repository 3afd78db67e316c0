"""``anatase find_peaks`` as a user calls it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from anatase.cli.find_peaks import find_peaks


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """Three Gaussian lines at 30, 45 and 60°, 800 counts on 50, Cu Kα1 only."""
    x = np.arange(20.0, 70.0, 0.02)
    y = 50.0 + sum(800.0 * np.exp(-np.log(2.0) * ((x - c) / 0.06) ** 2) for c in (30.0, 45.0, 60.0))
    path = tmp_path / "scan.xy"
    np.savetxt(path, np.column_stack([x, np.random.default_rng(0).poisson(y)]), fmt="%.4f")
    return path


def test_json(scan: Path) -> None:
    result = CliRunner().invoke(find_peaks, [str(scan), "--wavelength", "CuKa1", "--json"])
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    assert answer["schema"] == "anatase/peaks/1"
    assert answer["wavelength"] == 1.5405929
    assert np.allclose([p["position"]["value"] for p in answer["peaks"]], [30.0, 45.0, 60.0], atol=0.005)
    # Bragg: 1.5405929 / (2 sin 15°)
    assert abs(answer["peaks"][0]["d"]["value"] - 2.97620) < 5e-4


def test_csv_and_table(scan: Path) -> None:
    rows = CliRunner().invoke(find_peaks, [str(scan), "--wavelength", "CuKa1", "--csv"]).stdout.splitlines()
    assert rows[0].startswith("position,position_su,d,d_su,height")
    assert len(rows) == 4
    table = CliRunner().invoke(find_peaks, [str(scan), "--wavelength", "CuKa1"]).stdout
    assert "FWHM" in table
    assert "(" in table.splitlines()[1]


def test_no_peaks_is_an_answer(tmp_path: Path) -> None:
    path = tmp_path / "glass.xy"
    x = np.arange(20.0, 70.0, 0.02)
    np.savetxt(path, np.column_stack([x, np.random.default_rng(1).poisson(100.0, x.size)]), fmt="%.4f")
    result = CliRunner().invoke(find_peaks, [str(path), "--wavelength", "CuKa"])
    assert result.exit_code == 0
    assert "no peaks" in result.stdout


def test_json_and_csv_exclude_each_other(scan: Path) -> None:
    result = CliRunner().invoke(find_peaks, [str(scan), "--json", "--csv"])
    assert result.exit_code != 0
    assert "give one of them" in str(result.exception)

"""Reading files: paths, packing, scans into one pattern, robustness, and the measured evaluation data."""

import csv
import gzip
import hashlib
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.io import read, read_scans
from anatase.io.ranges import one_pattern
from anatase.io.read import patterns_of
from anatase.io.source import Source
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import radiation_from_name

TEXT = "".join(f"{10 + 0.02 * i:.2f} {100 + i % 7}\n" for i in range(60))


def scan(start, stop, step=0.1, level=100.0, **metadata):
    x = np.arange(start, stop, step)
    y = np.full(x.size, level)
    return Pattern(x, y, np.sqrt(np.maximum(y, 1)), radiation=radiation_from_name("CuKa"), metadata=metadata, name="s")


def test_a_file_keeps_its_name_and_digest_and_may_be_packed(tmp_path):
    (tmp_path / "a.xy").write_text(TEXT)
    (tmp_path / "b.gz").write_bytes(gzip.compress(TEXT.encode()))
    pattern = read(tmp_path / "a.xy")
    assert pattern.name == "a.xy"
    assert pattern.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    np.testing.assert_array_equal(read(tmp_path / "b.gz").intensity, pattern.intensity)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x1f\x8b\x08\0rubbish", "gzip"),
        (gzip.compress(TEXT.encode(), mtime=0)[:40], "gzip"),
    ],
)
def test_empty_and_damaged_files_are_refused(tmp_path, data, words):
    (tmp_path / "a.raw").write_bytes(data)
    with pytest.raises(InputError, match=words):
        read(tmp_path / "a.raw")


def test_missing_file_folder_and_zeros_are_refused(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.xy")
    with pytest.raises(InputError, match="folder"):
        read(tmp_path)
    (tmp_path / "zero.xy").write_text("".join(f"{10 + 0.02 * i:.2f} 0\n" for i in range(60)))
    with pytest.raises(InputError, match="every intensity is zero"):
        read(tmp_path / "zero.xy")


def test_scan_numbers_count_from_one(tmp_path):
    (tmp_path / "two.xy").write_text(TEXT + TEXT.replace(" 10", " 20"))
    assert read(tmp_path / "two.xy", scan=2).intensity[0] == 200.0
    with pytest.raises(InputError, match="scans 1 to 2"):
        read(tmp_path / "two.xy", scan=3)


def test_repeated_scans_are_summed_with_their_variances():
    pattern = one_pattern((scan(10, 20), scan(10, 20)))
    assert pattern.intensity[0] == 200.0
    assert pattern.sigma[0] == pytest.approx(np.sqrt(200.0))  # variances add
    assert any("summed" in warning for warning in pattern.warnings)


def test_scans_that_differ_beyond_their_statistics_are_a_series_and_not_summed():
    pattern = one_pattern((scan(10, 20), scan(10, 20, level=200.0)))
    assert pattern.intensity[0] == 100.0
    assert any("took scan 1 of 2" in warning for warning in pattern.warnings)


def test_adjacent_ranges_are_joined_at_one_counting_time():
    pattern = one_pattern((scan(20.0, 30.0, step_time=2.0, level=200.0), scan(10.0, 20.0, step_time=1.0)))
    assert (pattern.x[0], round(float(pattern.x[-1]), 6)) == (10.0, 29.9)
    assert pattern.intensity[0] == pytest.approx(pattern.intensity[-1])  # both 100 counts a second
    assert pattern.sigma[0] / pattern.intensity[0] == pytest.approx(0.1)  # 100 counts: 10 %


def test_small_overlaps_go_to_the_former_range():
    pattern = one_pattern((scan(10.0, 20.0), scan(19.05, 30.0, level=300.0)))
    assert np.all(np.diff(pattern.x) > 0)
    assert pattern.intensity[np.searchsorted(pattern.x, 19.85)] == 100.0


def test_other_scans_are_named_and_the_longest_is_taken():
    pattern = one_pattern((scan(10, 12), scan(40, 60), scan(10, 20, temperature=100.0)))
    assert pattern.x[0] == 40.0
    assert any("took scan 2 of 3" in warning and "--scan N" in warning for warning in pattern.warnings)


def test_series_at_other_temperatures_is_not_summed():
    assert one_pattern((scan(10, 20, temperature=100.0), scan(10, 20, temperature=200.0))).intensity[0] == 100.0


def test_points_at_and_below_zero_are_left_out():
    pattern = one_pattern((scan(-1.0, 20.0),))
    assert pattern.x[0] > 0
    assert any("at or below 0" in warning for warning in pattern.warnings)


SEEDS = [
    TEXT.encode(),
    b"title\nBANK 1 8 1 CONST 2000 2 0 0 STD\n" + b"".join(b"%8d" % y for y in range(100, 108)) + b"\n",
    b"title\nTIME_MAP 1 7 1 TIME_MAP 100\n 1 1000 10 5 1040 20 1120\nBANK 1 8 1 TIME_MAP 1 STD\n" + b"     100" * 8,
    b"_FILEVERSION=2\n_DRIVE='COUPLED'\n_STEPTIME=2.0\n_STEPSIZE=0.02\n_START=20.0\n_COUNTS\n1 2 3 4 5 6 7 8\n",
    b"*TYPE = Raw\n*BEGIN\n*START = 20.0\n*STEP = 0.02\n*COUNT = 4\n1, 2, 3, 4\n*END\n",
    b'{"two_theta": [1, 2, 3, 4], "intensity": [4, 5, 6, 7], "wavelength": 1.54}',
    b"data_a\nloop_\n_pd_meas_2theta_scan\n_pd_meas_counts_total\n1 5\n2 6\n3 7\n4 8\n",
    b"frame\n 2-Theta\n Intensity\n 4\n 1 2\n 2 3\n 3 4\n 4 5\n",
    b"HRPT\nlambda= 1.494\n 20 1 27\n 1 2 3 4 5 6 7 8\n 1 1 1 1 1 1 1 1\n",
    b"RAW1.01\0" + bytes(704) + b"\x30\x01\0\0\x08\0\0\0" + bytes(296) + bytes(32),
    b"RAW4.00" + bytes(300),
    b"RAW_1.06Powdat" + bytes(1500),
]


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False), st.binary(max_size=24))
def test_mutated_bytes_give_a_pattern_or_an_input_error(seed, rng: random.Random, insert):
    data = bytearray(seed)
    for _ in range(rng.randrange(4)):
        data[rng.randrange(len(data))] = rng.randrange(256)
    at = rng.randrange(len(data))
    data[at : at + rng.randrange(6)] = insert
    try:
        patterns = patterns_of(Source("mutant", bytes(data), ""))
    except InputError:
        return
    assert all(np.all(pattern.sigma > 0) and np.all(np.isfinite(pattern.intensity)) for pattern in patterns)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_give_a_pattern_or_an_input_error(data):
    try:
        patterns = patterns_of(Source("noise", data, ""))
    except InputError:
        return
    assert patterns


def format_rows(shared_data):
    with (shared_data / "formats" / "manifest.csv").open(newline="") as stream:
        return list(csv.DictReader(stream))


NOT_PATTERNS = (".instprm", ".PRM", ".mar2300")  # parameter files and a frame: diffraction, but no pattern


def test_measured_files_of_every_format_are_read_or_refused_as_they_should(shared_data):
    wrong = []
    for row in format_rows(shared_data):
        path = shared_data / "formats" / row["path"]
        wanted = row["diffraction"].startswith("yes") and path.suffix not in NOT_PATTERNS
        if path.stat().st_size > 1_000_000:
            continue  # the benchmark reads these
        try:
            read(path)
            got = True
        except InputError:
            got = False
        if got != wanted:
            wrong.append(row["path"])
    assert wrong == []


def test_the_same_scan_in_two_formats_has_the_same_numbers(shared_data):
    folder = shared_data / "formats"
    raw, xy = read(folder / "raw" / "powdR_D5000_3.RAW"), read(folder / "xy" / "powdR_D5000_3.xy")
    np.testing.assert_allclose(raw.x, xy.x, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(raw.intensity, xy.intensity)
    raw, js = read(folder / "raw" / "xrdpattern_bruker.raw"), read(folder / "json" / "xrdpattern_aimat.json")
    np.testing.assert_allclose(raw.x, js.x, rtol=0, atol=1e-6)  # the JSON has six decimals
    np.testing.assert_array_equal(raw.intensity, js.intensity)


def test_time_of_flight_clock_puts_fluorite_where_it_belongs(shared_data):
    pattern = read_scans(shared_data / "formats" / "dat" / "gsas_tof_6722.dat")[0]
    d = 5.46305 / np.sqrt(8)  # CaF2 (220), a of the round robin's fluorite
    near = np.abs(pattern.x / 5074.11 - d) < 0.02  # DIFC of bank 1 in I22jan99.prm
    density = pattern.intensity / np.gradient(pattern.x)
    assert pattern.x[near][np.argmax(density[near])] / 5074.11 == pytest.approx(d, rel=5e-3)  # moderator's lag

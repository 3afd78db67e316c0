"""Detector geometries in pyFAI's files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.io.poni import poni_text, read_poni
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.scattering.radiation import radiation_from_name

# as pyFAI 2024.5 writes it
VERSION_2 = """# Nota: C-Order, 1 refers to the Y axis, 2 to the X axis
# Calibration done at Mon Jun 10 10:00:00 2024
poni_version: 2.1
Detector: Pilatus1M
Detector_config: {"orientation": 3}
Distance: 0.1583
Poni1: 0.0914
Poni2: 0.0829
Rot1: 0.0066
Rot2: -0.0024
Rot3: 1.2e-10
Wavelength: 1e-10
"""
VERSION_1 = """PixelSize1: 0.000172
PixelSize2: 0.0001
Distance: 0.1
Poni1: 0.05
Poni2: 0.06
Rot1: 0
Rot2: 0
Rot3: 0
"""

lengths, turns = st.floats(1e-3, 10.0), st.floats(-1.5, 1.5)


def written(folder: Path, text: str) -> Path:
    path = folder / "detector.poni"
    path.write_text(text)
    return path


def test_a_named_detector_needs_pixel_and_shape(tmp_path: Path):
    path = written(tmp_path, VERSION_2)
    geometry, wavelength = read_poni(path, 172e-6, (1043, 981))
    assert geometry == DetectorGeometry(
        0.1583, 0.0914, 0.0829, 172e-6, 172e-6, (1043, 981), 0.0066, -0.0024, 1.2e-10
    )  # fmt: skip
    assert wavelength == pytest.approx(1.0, rel=1e-12)
    with pytest.raises(InputError, match=r"pixels of the detector Pilatus1M are not stated; give --pixel"):
        read_poni(path)
    with pytest.raises(InputError, match="give --shape"):
        read_poni(path, 172e-6)


def test_version_1(tmp_path: Path):
    geometry, wavelength = read_poni(written(tmp_path, VERSION_1), shape=(100, 200))
    assert (geometry.pixel1, geometry.pixel2, geometry.shape) == (172e-6, 1e-4, (100, 200))
    assert wavelength is None


def test_the_last_of_several_calibrations_counts(tmp_path: Path):
    geometry, _ = read_poni(written(tmp_path, VERSION_2 + VERSION_2.replace("0.1583", "0.2")), 1e-4, (10, 10))
    assert geometry.distance == 0.2


@settings(max_examples=30, deadline=None)
@given(lengths, lengths, lengths, st.tuples(turns, turns, turns))
def test_round_trip(tmp_path_factory, distance, poni1, poni2, rotations):
    geometry = DetectorGeometry(distance, poni1, poni2, 75e-6, 172e-6, (20, 30), *rotations)
    path = written(tmp_path_factory.mktemp("poni"), poni_text(geometry, radiation_from_name("0.4131")))
    back, wavelength = read_poni(path)
    assert back == geometry
    assert wavelength == pytest.approx(0.4131, rel=1e-14)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("Distance: 0.1583\n", ""), "this is no .poni file"),
        (("0.0914", "far"), "line 7: poni1 is 'far'"),
        (("0.0914", "nan"), "line 7: poni1 is 'nan'"),
        (('{"orientation": 3}', '{"orientation": 1}'), "orientation 1"),
        (('{"orientation": 3}', "{orientation}"), "Detector_config is no JSON"),
        (('{"orientation": 3}', "[1]"), "no JSON object"),
    ],
)
def test_errors_say_what_and_where(tmp_path: Path, change, message):
    with pytest.raises(InputError, match=message):
        read_poni(written(tmp_path, VERSION_2.replace(*change)), 172e-6, (10, 10))


def test_measured_geometries(shared_data: Path):
    files = sorted((shared_data / "images").rglob("*.poni"))
    assert files
    for file in files:
        geometry, wavelength = read_poni(file, 172e-6, (1043, 981))
        assert 0.01 < geometry.distance < 10.0
        assert wavelength is None or 0.05 < wavelength < 3.0

"""TIFF: the fields and pixels stand where TIFF 6.0 says."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.io.tiff import tiff_bytes


def test_fields_and_pixels():
    image = np.arange(12.0).reshape(3, 4) / 7.0
    data = tiff_bytes(image)
    order, magic, at = struct.unpack("<2sHI", data[:8])
    assert (order, magic) == (b"II", 42)
    (count,) = struct.unpack("<H", data[at : at + 2])
    fields = {}
    for i in range(count):
        tag, kind, number, value = struct.unpack("<HHII", data[at + 2 + 12 * i : at + 14 + 12 * i])
        assert number == 1
        assert kind in (3, 4)
        fields[tag] = value
    assert list(fields) == sorted(fields)  # TIFF 6.0: entries ascend by tag
    assert (fields[256], fields[257], fields[258], fields[259], fields[339]) == (4, 3, 32, 1, 3)
    strip = data[fields[273] : fields[273] + fields[279]]
    # float32 holds 24 bits
    assert np.allclose(np.frombuffer(strip, "<f4").reshape(3, 4), image, rtol=2.0**-24, atol=0.0)
    assert len(data) == at + 2 + 12 * count + 4


def test_another_program_reads_it():
    pillow = pytest.importorskip("PIL.Image")
    image = np.random.default_rng(1).random((5, 7)) * 1e5
    read = np.array(pillow.open(io.BytesIO(tiff_bytes(image))))
    assert np.array_equal(read, image.astype(np.float32))


def test_nothing_is_no_image():
    with pytest.raises(InputError, match="0 × 3"):
        tiff_bytes(np.zeros((0, 3)))

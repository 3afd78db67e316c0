"""PNG: written here, read back by the specification."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anatase.report.png import grey_png


def decoded(data):
    """Read a grey PNG of filter types 0 and 2, checking signature, checksums and header."""
    assert data[:8] == bytes([137, 80, 78, 71, 13, 10, 26, 10])
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + length
    columns, rows, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour, rest) == (8, 0, [0, 0, 0])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(rows, columns + 1)
    image, above = [], np.zeros(columns, np.int64)
    for line in lines:
        above = (line[1:] + (above if line[0] == 2 else 0)) % 256
        image.append(above)
    assert list(chunks)[-1] == b"IEND"
    return np.array(image)


@settings(max_examples=50, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20))))
def test_round_trip(levels):
    assert np.array_equal(decoded(grey_png(levels)), levels)


def test_smooth_images_are_packed():
    levels = np.tile(np.arange(256, dtype=np.uint8), (256, 1))
    assert len(grey_png(levels)) < levels.size / 20

"""Frames as TIFF: one uncompressed grey image of 32-bit floating-point numbers, which every viewer of frames reads."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError

__all__ = ["tiff_bytes"]

SHORT, LONG = 3, 4  # types of a field
HEADER = 8  # bytes
LARGEST = 2**32 - 2**16  # bytes that the offsets of a TIFF reach


def tiff_bytes(image: NDArray[np.float64]) -> bytes:
    r"""Return an image (rows, columns) as the bytes of a TIFF, row 0 first (TIFF 6.0, 1992, sections 2 and 3).

    Raises
    ------
    InputError
        When the image is empty or larger than a TIFF holds.

    Examples
    --------
    >>> tiff_bytes(np.zeros((2, 3)))[:4], len(tiff_bytes(np.zeros((2, 3))))
    (b'II*\x00', 158)
    """
    rows, columns = image.shape
    pixels = np.ascontiguousarray(image, dtype="<f4").tobytes()
    if not 0 < len(pixels) < LARGEST:
        raise InputError(f"an image of {rows} × {columns} pixels is no TIFF", "write it as .npy")
    fields = (
        (256, LONG, columns),  # ImageWidth
        (257, LONG, rows),  # ImageLength
        (258, SHORT, 32),  # BitsPerSample
        (259, SHORT, 1),  # Compression: none
        (262, SHORT, 1),  # PhotometricInterpretation: 0 is black
        (273, LONG, HEADER),  # StripOffsets
        (277, SHORT, 1),  # SamplesPerPixel
        (278, LONG, rows),  # RowsPerStrip
        (279, LONG, len(pixels)),  # StripByteCounts
        (339, SHORT, 3),  # SampleFormat: IEEE floating point
    )
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    directory = struct.pack("<H", len(fields)) + entries + struct.pack("<I", 0)
    return struct.pack("<2sHI", b"II", 42, HEADER + len(pixels)) + pixels + directory

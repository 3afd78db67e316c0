"""Grey images as PNG."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["grey_png"]


def grey_png(levels: NDArray[np.uint8]) -> bytes:
    r"""Return grey levels (rows, columns), 0 black and 255 white, as the bytes of a PNG, row 0 at the top.

    Eight bits, filter "up" (PNG specification, third edition, W3C 2025, sections 5, 9 and 11).

    Examples
    --------
    >>> grey_png(np.zeros((2, 3), np.uint8))[:4]
    b'\x89PNG'
    """
    rows, columns = levels.shape
    above = np.vstack([np.zeros((1, columns), np.uint8), levels[:-1]])
    lines = np.empty((rows, columns + 1), np.uint8)
    lines[:, 0] = 2
    np.subtract(levels, above, out=lines[:, 1:])  # modulo 256
    header = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )

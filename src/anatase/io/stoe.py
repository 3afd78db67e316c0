"""STOE powder RAW files (``RAW_1.0x``).

512-byte records: a file header that lists the record of each range header, then per range a header
record and its counts as 16- or 32-bit integers, divided by a counting factor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.io.bruker_raw import steps, text_at, unpack
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import tube_radiation
from anatase.scattering.radiation import Radiation

__all__ = ["read_stoe"]

RECORD = 512
GERMANIUM_111 = (0.300, 0.312)  # d* = 1/d of Ge(111) is 0.3061 Å⁻¹; such a monochromator passes Kα1 only


def read_stoe(source: Source) -> tuple[Scan, ...]:
    """Read every measured range of a STOE powder file."""
    (done,) = unpack("H", source, 378)
    heads = [record for record in unpack("8H", source, 480)[: min(done, 8) or 1] if record > 0]
    offsets = [(record - 1) * RECORD for record in heads]
    offsets = [offset for offset in offsets if plausible_range(source, offset)] or search(source)
    if not offsets:
        raise source.error("no range header in the STOE file", "it is truncated or no two_theta scan; export it again")
    radiation = radiation_of(source)
    return tuple(read_range(source, offset, radiation) for offset in offsets)


def radiation_of(source: Source) -> Radiation | None:
    """Return the tube's lines."""
    alpha1, alpha2, d_star = unpack("fff", source, 322)
    if 0 < alpha2 < alpha1:
        alpha1, alpha2 = alpha2, alpha1
    return tube_radiation(alpha1, alpha2, 0.5, alpha1_only=GERMANIUM_111[0] < d_star < GERMANIUM_111[1])


def plausible_range(source: Source, offset: int) -> bool:
    """Whether a range header stands at an offset: its point count fits begin, end and step."""
    if offset < RECORD or offset + 2 * RECORD > len(source.data) + RECORD - 1:
        return False
    (count,) = unpack("H", source, offset + 34)
    begin, _, end, _, step, _ = unpack("6f", source, offset + 44)
    numbers = np.asarray([begin, end, step])
    if count < 3 or not np.all(np.isfinite(numbers)) or not (0 < step < 10 and -180 < begin < end < 181):
        return False
    return bool(abs((end - begin) / step + 1 - count) <= 2)


def search(source: Source) -> list[int]:
    """Return the offsets of all records that look like a range header."""
    return [offset for offset in range(RECORD, len(source.data) - RECORD, RECORD) if plausible_range(source, offset)][
        :8
    ]


def read_range(source: Source, offset: int, radiation: Radiation | None) -> Scan:
    """Return the range whose header stands at an offset."""
    (count,) = unpack("H", source, offset + 34)
    (factor,) = unpack("f", source, offset + 40)
    begin, _, _, _, step, _, time = unpack("7f", source, offset + 44)
    kelvin = unpack("f", source, offset + 84)[0]
    counts = stored_counts(source, offset, count)
    scale = factor if 1.0 < factor < 1e9 else 1.0
    metadata = {
        "format": "STOE RAW",
        "sample": text_at(source, 32, 80),
        "date": text_at(source, offset, 16),
        "step_time": float(time) if 0 < time < 1e7 else None,
        "temperature": float(kelvin) if 0 < kelvin < 5000 else None,
    }
    x = steps(begin, step, count, source, offset)
    return Scan(
        x, counts / scale, counts_per_unit=scale if scale != 1.0 else None, radiation=radiation, metadata=metadata
    )


def stored_counts(source: Source, offset: int, count: int) -> NDArray[np.float64]:
    """Return the counts of a range: the integer width whose extremes are those of the header, else 32 bits."""
    low, high = unpack("ii", source, offset + 120)
    start = offset + RECORD
    for kind in ("<i4", "<i2"):
        width = np.dtype(kind).itemsize
        if start + width * count > len(source.data):
            continue
        counts = np.frombuffer(source.data, dtype=kind, count=count, offset=start).astype(np.float64)
        if counts.min() == low and counts.max() == high:
            return counts
    if start + 4 * count > len(source.data):
        raise source.error(f"the file ends before the {count} counts of the range at byte {offset}", "it is truncated")
    return np.frombuffer(source.data, dtype="<i4", count=count, offset=start).astype(np.float64)

"""Siemens and Bruker RAW files of versions 1, 2 and 3.

Layouts after the DIFFRAC-AT and DIFFRAC-plus XCH manuals (appendix A): little-endian, a file header,
then per range a header and one float32 per step. Offsets below count from the header's start.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import tube_radiation

__all__ = ["float32s", "read_raw1", "read_raw2", "read_raw3", "steps", "text_at", "unpack"]

MAX_STEPS = 10_000_000


def unpack(layout: str, source: Source, offset: int) -> tuple[Any, ...]:
    """Return the little-endian values at an offset, or say that the file ends before them."""
    try:
        return struct.unpack_from("<" + layout, source.data, offset)
    except struct.error as error:
        raise truncated(source, offset) from error


def truncated(source: Source, offset: int) -> Exception:
    size = len(source.data)
    return source.error(
        f"the file ends at byte {size}, before what its header at byte {offset} announces",
        "it is truncated; copy it again",
    )


def text_at(source: Source, offset: int, length: int) -> str:
    """Return a NUL-ended text field."""
    return source.data[offset : offset + length].split(b"\0", 1)[0].decode("latin-1").strip()


def float32s(source: Source, offset: int, count: int, stride: int = 4) -> NDArray[np.float64]:
    """Return ``count`` float32 values that lie ``stride`` bytes apart."""
    if stride < 4 or count < 0 or offset + count * stride > len(source.data):
        raise truncated(source, offset)
    records = np.frombuffer(source.data, dtype=np.uint8, count=count * stride, offset=offset).reshape(count, stride)
    with np.errstate(invalid="ignore"):  # a signalling NaN; the check of the values names it
        return np.ascontiguousarray(records[:, :4]).view("<f4")[:, 0].astype(np.float64)


def steps(start: float, step: float, count: int, source: Source, offset: int) -> NDArray[np.float64]:
    """Return ``count`` positions from a start and a step."""
    if not (abs(start) < 1e3 and 0 < step < 100 and 0 < count <= MAX_STEPS):
        raise source.error(
            f"the range header at byte {offset} has start {start:g}, step {step:g} and {count} points",
            "the file is damaged or its scan axis is not two_theta",
        )
    return start + step * np.arange(count, dtype=np.float64)


def read_raw1(source: Source) -> tuple[Scan, ...]:
    """Read a version 1 file (``RAW ``): 156-byte range headers, each followed by its counts."""
    scans: list[Scan] = []
    offset, following = 4, 1
    while following > 0:
        if source.data[offset : offset + 4] == b"RAW ":
            offset += 4
        count, time, step, _mode, _, start = unpack("IffIIf", source, offset)
        x = steps(start, step, count, source, offset)
        alpha1, alpha2 = unpack("ff", source, offset + 68)
        (following,) = unpack("I", source, offset + 148)
        facts = {"format": "Bruker RAW 1", "sample": text_at(source, offset + 36, 32), "step_time": time}
        scans.append(
            Scan(x, float32s(source, offset + 152, count), radiation=tube_radiation(alpha1, alpha2), metadata=facts)
        )
        offset += 152 + 4 * count
    return tuple(scans)


def read_raw2(source: Source) -> tuple[Scan, ...]:
    """Read a version 2 file (``RAW2``): a 256-byte header, then range headers that state their length."""
    (ranges,) = unpack("H", source, 4)
    alpha1, alpha2, ratio = unpack("fff", source, 190)
    radiation = tube_radiation(alpha1, alpha2, ratio, text_at(source, 188, 2))
    facts = {"format": "Bruker RAW 2", "sample": text_at(source, 8, 32), "date": text_at(source, 168, 20)}
    scans: list[Scan] = []
    offset = 256
    for _ in range(ranges):
        length, count, _a, time, step, start = unpack("HHIfff", source, offset)
        (kelvin,) = unpack("H", source, offset + 46)
        if length < 48:
            raise source.error(f"the range header at byte {offset} states a length of {length}", "the file is damaged")
        x = steps(start, step, count, source, offset)
        metadata = {**facts, "step_time": time, "temperature": float(kelvin) if 0 < kelvin < 5000 else None}
        scans.append(Scan(x, float32s(source, offset + length, count), radiation=radiation, metadata=metadata))
        offset += length + 4 * count
    return tuple(scans)


def read_raw3(source: Source) -> tuple[Scan, ...]:
    """Read a version 3 file (``RAW1.01``): a 712-byte header, then 304-byte range headers."""
    (ranges,) = unpack("I", source, 12)
    if ranges > 100_000:
        raise source.error(f"the header announces {ranges} ranges", "the file is damaged")
    _mean, alpha1, alpha2, _beta, ratio = unpack("5d", source, 616)
    radiation = tube_radiation(alpha1, alpha2, ratio, text_at(source, 608, 4))
    facts = {
        "format": "Bruker RAW 3",
        "sample": text_at(source, 326, 60),
        "comment": text_at(source, 386, 160),
        "date": f"{text_at(source, 16, 10)} {text_at(source, 26, 10)}".strip(),
    }
    scans: list[Scan] = []
    offset = 712
    for _ in range(ranges):
        length, count = unpack("II", source, offset)
        _theta, start = unpack("dd", source, offset + 8)
        (step,) = unpack("d", source, offset + 176)
        (time,) = unpack("f", source, offset + 192)
        (temperature,) = unpack("f", source, offset + 212)
        record, extra = unpack("II", source, offset + 252)
        if length < 304 or extra > len(source.data):
            raise source.error(f"the range header at byte {offset} states a length of {length}", "the file is damaged")
        x = steps(start, step, count, source, offset)
        stride = record if record in (4, 8, 12, 16) else 4
        values = float32s(source, offset + length + extra, count, stride)
        metadata = {**facts, "step_time": time, "temperature": temperature if 0 < temperature < 5000 else None}
        scans.append(Scan(x, values, radiation=radiation, metadata=metadata))
        offset += length + extra + stride * count
    return tuple(scans)

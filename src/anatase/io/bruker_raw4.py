"""Bruker RAW files of version 4 (``RAW4.00``).

A 61-byte header, then segments (type, length, content): 10 holds a named text, 30 the tube. A segment
of type 0 or 160 is a range: a 160-byte header, its own segments, then one record per step whose first
float32 is the intensity.
"""

from __future__ import annotations

from typing import Any

from anatase.io.bruker_raw import float32s, steps, text_at, unpack
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import tube_radiation
from anatase.scattering.radiation import Radiation

__all__ = ["read_raw4"]

RANGE_TYPES = (0, 160)
RANGE_HEADER = 160
TWO_THETA_SCANS = ("locked", "unlocked", "2theta", "two", "detector", "psd", "coupled", "theta", "")


def read_raw4(source: Source) -> tuple[Scan, ...]:
    """Read every range of a version 4 file."""
    radiation, facts, offset = read_segments(source)
    scans: list[Scan] = []
    while offset + RANGE_HEADER <= len(source.data) and unpack("I", source, offset)[0] in RANGE_TYPES:
        scan, offset = read_range(source, offset, radiation, facts)
        scans.append(scan)
    if not scans:
        raise source.error(f"no range header at byte {offset}", "the file is truncated; copy it again")
    return tuple(scans)


def read_segments(source: Source) -> tuple[Radiation | None, dict[str, Any], int]:
    """Return radiation, facts and the offset of the first range."""
    radiation: Radiation | None = None
    facts: dict[str, Any] = {
        "format": "Bruker RAW 4",
        "date": f"{text_at(source, 12, 12)} {text_at(source, 24, 10)}".strip(),
    }
    names = {"SAMPLEID": "sample", "COMMENT": "comment", "USER": "user", "SITE": "site"}
    offset = 61
    while True:
        kind, length = unpack("II", source, offset)
        if kind in RANGE_TYPES:
            return radiation, facts, offset
        if length < 8:
            raise source.error(f"the segment at byte {offset} states a length of {length}", "the file is damaged")
        if kind == 10 and length >= 36:
            name = text_at(source, offset + 12, 24)
            if name in names:
                facts[names[name]] = text_at(source, offset + 36, length - 36)
        elif kind == 30 and length >= 120:
            _mean, alpha1, alpha2, _beta, ratio = unpack("5d", source, offset + 72)
            radiation = tube_radiation(alpha1, alpha2, ratio, text_at(source, offset + 116, 4))
        offset += length


def read_range(source: Source, offset: int, radiation: Radiation | None, facts: dict[str, Any]) -> tuple[Scan, int]:
    """Return the range at an offset and the offset behind it."""
    kind = text_at(source, offset + 32, 24)
    start, step, count, time = unpack("ddIf", source, offset + 72)
    record, extra = unpack("II", source, offset + 136)
    if not kind.lower().startswith(TWO_THETA_SCANS):
        raise source.error(f"the scan at byte {offset} is a '{kind}' scan", "give a two_theta scan")
    x = steps(start, step, count, source, offset)
    if not 4 <= record <= 4096 or extra > len(source.data):
        raise source.error(f"the range at byte {offset} has records of {record} bytes", "the file is damaged")
    values = float32s(source, offset + RANGE_HEADER + extra, count, record)
    metadata = {**facts, "scan_type": kind, "step_time": time / 1000.0}  # stored in ms
    scan = Scan(x, values, radiation=radiation, metadata=metadata)
    return scan, offset + RANGE_HEADER + extra + record * count

"""Bruker UXD: ``_KEY=value`` lines, then counts under a key that names their columns."""

from __future__ import annotations

import re

import numpy as np

from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import tube_radiation
from anatase.io.xml_tree import number_of
from anatase.scattering.radiation import Radiation

__all__ = ["is_uxd", "read_uxd"]

ENTRY = re.compile(r"^_([A-Za-z0-9_]+)\s*=\s*'?(.*?)'?\s*$")
# the columns that each data key announces
COLUMNS: dict[str, tuple[str, ...]] = {
    "COUNTS": ("y",),
    "CPS": ("y",),
    "COUNTSTIME": ("y", "time"),
    "2THETACOUNTS": ("x", "y"),
    "2THETACPS": ("x", "y"),
    "2THETACOUNTSTIME": ("x", "y", "time"),
    "2THETA_COUNTS": ("x", "y"),
    "2THETA_CPS": ("x", "y"),
}
STILL_DRIVES = ("OMEGA", "THETA", "PHI", "KHI", "CHI", "X", "Y", "Z")


def is_uxd(source: Source) -> bool:
    """Whether the text is UXD: a file version and a data key."""
    head = source.head.decode("latin-1")
    return "_FILEVERSION" in head or ("_STEPSIZE" in head and "_DRIVE" in head)


def read_uxd(source: Source) -> tuple[Scan, ...]:
    """Read every range of a UXD file."""
    scans: list[Scan] = []
    entries: dict[str, str] = {}
    columns: tuple[str, ...] = ()
    key, values, first = "", [], 0
    for number, line in enumerate((*source.lines, "_END"), 1):
        stripped = line.strip()
        if columns and stripped and stripped[0] not in "_;":
            try:
                values += [float(word) for word in re.split(r"[\s,;]+", stripped) if word]
            except ValueError as error:
                raise source.error(
                    f"'{stripped[:60]}' is no row of numbers", "the file is damaged", line=number
                ) from error
        elif stripped.startswith("_"):
            if columns:
                scans.append(uxd_scan(entries, key, columns, values, first, source))
                columns = ()
            key = stripped[1:].upper()
            if key in COLUMNS:
                columns, values, first = COLUMNS[key], [], number + 1
            elif entry := ENTRY.match(stripped):
                entries[entry.group(1).upper()] = entry.group(2)
    if not scans:
        raise source.error(
            "no counts follow the header", "the file is truncated; export it again", line=len(source.lines)
        )
    return tuple(scans)


def radiation_of(entries: dict[str, str]) -> Radiation | None:
    """Return the tube's lines."""
    scale = {"nm": 10.0, "a": 1.0}.get(entries.get("WL_UNIT", "A").lower(), 1.0)
    return tube_radiation(
        scale * number_of(entries.get("WL1", "")),
        scale * number_of(entries.get("WL2", "")),
        number_of(entries.get("WLRATIO", ""), 0.5),
        entries.get("ANODE", ""),
    )


def uxd_scan(
    entries: dict[str, str], key: str, columns: tuple[str, ...], values: list[float], first: int, source: Source
) -> Scan:
    """Return one range from its entries and values."""
    drive = entries.get("DRIVE", "COUPLED").upper()
    if drive in STILL_DRIVES:
        raise source.error(f"the range is scanned along {drive}", "give a two_theta scan", line=first)
    if len(values) % len(columns) or not values:
        raise source.error(f"{len(values)} values under _{key}", "the file is truncated; export it again", line=first)
    table = np.asarray(values).reshape(-1, len(columns))
    y = table[:, columns.index("y")]
    start, step = (
        number_of(entries.get("START", entries.get("2THETA", "")), np.nan),
        number_of(entries.get("STEPSIZE", ""), np.nan),
    )
    x = table[:, 0] if columns[0] == "x" else start + step * np.arange(len(y))
    step_time = number_of(entries.get("STEPTIME", ""))
    time = table[:, columns.index("time")] if "time" in columns else np.full(len(y), step_time)
    sigma_scale = None
    if "CPS" in key and np.all(time > 0):
        sigma_scale = time
    radiation = radiation_of(entries)
    facts = {
        "format": "UXD",
        "sample": entries.get("SAMPLE", ""),
        "date": entries.get("DATEMEASURED", ""),
        "step_time": step_time or None,
        "temperature": number_of(entries.get("TEMPERATURE", "")) or None,
    }
    if "time" in columns and np.all(time > 0) and np.ptp(time) > 1e-6 * time.mean():
        reference = float(time.mean())
        facts["step_time"] = reference
        return Scan(x, y * reference / time, counts_per_unit=time / reference, radiation=radiation, metadata=facts)
    rows = tuple(range(first, first + len(y))) if columns[0] == "x" else ()
    return Scan(x, y, counts_per_unit=sigma_scale, radiation=radiation, metadata=facts, rows=rows)

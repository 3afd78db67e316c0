"""Bruker BRML: a zip of XML documents, one ``RawData*.xml`` per measurement."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.archive import member, open_archive
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import tube_radiation
from anatase.io.xml_tree import Element, attribute, find, find_all, number_of, numbers_of, parse_xml, text_of
from anatase.scattering.radiation import Radiation

__all__ = ["is_brml", "read_brml"]

Array = NDArray[np.float64]
RAW_DATA = re.compile(r"(?:^|/)RawData(\d*)\.xml$", re.IGNORECASE)


def is_brml(names: list[str]) -> bool:
    """Whether the member names of a zip are those of a BRML file."""
    return any(RAW_DATA.search(name) for name in names)


def read_brml(source: Source) -> tuple[Scan, ...]:
    """Read the measured scans of all raw-data documents."""
    scans: list[Scan] = []
    with open_archive(source) as archive:
        names = [name for name in archive.namelist() if RAW_DATA.search(name)]
        for name in sorted(names, key=number_in):
            root = parse_xml(member(archive, name, source), source, name)
            scans += read_raw_data(root, source, name)
    if not scans:
        raise source.error("the BRML file holds no two_theta scan", "give a two_theta measurement")
    return tuple(scans)


def number_in(name: str) -> tuple[str, int]:
    """Sort key: folder, then the number of the raw-data document."""
    match = RAW_DATA.search(name)
    return name.rpartition("/")[0], int(match.group(1) or 0) if match else 0


def read_raw_data(root: Element, source: Source, name: str) -> list[Scan]:
    """Return the scans of one raw-data document: its measured routes, else all."""
    routes = find_all(root, "DataRoute")
    measured = [route for route in routes if attribute(route, "RouteFlag") in ("Measured", "")] or routes
    radiation = radiation_of(root)
    facts: dict[str, Any] = {
        "format": "BRML",
        "date": text_of(root, "TimeStampStarted"),
        "sample": next(
            (attribute(i, "Value") for i in find_all(root, "InfoItem") if attribute(i, "Name") == "SampleName"), ""
        ),
        "goniometer_radius": radius_of(root),
    }
    scans = []
    for route in measured:
        scan = read_route(route, radiation, facts, source, name)
        if scan is not None:
            scans.append(scan)
    return scans


def radius_of(root: Element) -> float | None:
    """Return the goniometer's radius from sample to detector, mm; ``None`` where the file states none."""
    stated = find(root, "SecondaryTracks", "TrackInfoData", "Radius")
    radius = number_of(attribute(stated, "Value"))
    return radius if radius > 0.0 and attribute(stated, "Unit") in ("", "mm") else None


def radiation_of(root: Element) -> Radiation | None:
    """Return the tube's lines."""
    tube = find(root, "Tube")
    values = [
        number_of(attribute(find(root, tag), "Value"))
        for tag in ("WaveLengthAlpha1", "WaveLengthAlpha2", "WaveLengthRatio")
    ]
    return tube_radiation(
        values[0], values[1], values[2] or 0.5, text_of(tube, "TubeMaterial") or text_of(root, "TubeMaterial")
    )


def read_route(
    route: Element, radiation: Radiation | None, facts: dict[str, Any], source: Source, name: str
) -> Scan | None:
    """Return one route's scan; ``None`` where two_theta is not scanned."""
    rows = [numbers_of(datum.text or "", source, f"{name}: Datum") for datum in find_all(route, "Datum")]
    if not rows:
        return None
    if len({len(row) for row in rows}) != 1:
        raise source.error(f"{name}: data rows of different lengths", "the file is damaged; export it again")
    table = np.asarray(rows)
    time_at, factor_at, axis_at, counts_at, channels = layout(route, table.shape[1])
    axis = two_theta_axis(route)
    if table.shape[0] == 1 or channels > 1:
        return snapshot(table, counts_at, axis, radiation, facts, source, name)
    if axis_at is None:
        return None
    time = table[:, time_at] if time_at is not None else np.empty(0)
    factor = table[:, factor_at] if factor_at is not None else np.ones(len(table))
    factor = np.where(factor > 0, factor, 1.0)
    metadata = {**facts, "scan_type": attribute(find(route, "ScanInformation"), "VisibleName")}
    metadata["step_time"] = float(np.median(time)) if time.size else None
    return Scan(
        table[:, axis_at],
        table[:, counts_at],  # already corrected for the absorber
        counts_per_unit=None if np.all(factor == 1.0) else 1.0 / factor,
        radiation=radiation,
        metadata=metadata,
    )


def layout(route: Element, width: int) -> tuple[int | None, int | None, int | None, int, int]:
    """Return the columns of time, absorption factor, two_theta and counts, and the number of channels."""
    time_at = factor_at = axis_at = None
    counts_at, channels = width - 1, 1
    for view in find_all(route, "RawDataView"):
        start = int(number_of(attribute(view, "Start"), 0))
        logic = attribute(view, "LogicName")
        if logic in ("MeasuredTime", "PlannedTime") and time_at is None:
            time_at = start
        elif logic == "AbsorptionFactor":
            factor_at = start
        elif attribute(view, "type") == "VaryingRawDataView":
            fields = [
                attribute(field, "FieldName") or attribute(field, "AxisId")
                for field in find_all(view, "FieldDefinitions")
            ]
            if "TwoTheta" in fields:
                axis_at = start + fields.index("TwoTheta")
        elif attribute(view, "type") == "RecordedRawDataView":
            counts_at, channels = start, max(int(number_of(attribute(view, "Length"), 1)), 1)
    if axis_at is None and not find_all(route, "RawDataView") and width >= 4:
        axes = [attribute(info, "AxisId") or attribute(info, "AxisName") for info in find_all(route, "ScanAxisInfo")]
        if "TwoTheta" in axes:
            axis_at, time_at = 2 + axes.index("TwoTheta"), 0
    used = [column for column in (time_at, factor_at, axis_at, counts_at) if column is not None]
    if any(not 0 <= column < width for column in used):
        return None, None, None, width - 1, 1
    return time_at, factor_at, axis_at, counts_at, channels


def two_theta_axis(route: Element) -> tuple[float, float] | None:
    """Return start and increment of the 2θ axis in degrees, where the file states them."""
    for info in find_all(route, "ScanAxisInfo"):
        if "TwoTheta" in (attribute(info, "AxisId"), attribute(info, "AxisName")):
            return number_of(text_of(info, "Start"), np.nan), number_of(text_of(info, "Increment"), np.nan)
    return None


def snapshot(
    table: Array,
    counts_at: int,
    axis: tuple[float, float] | None,
    radiation: Radiation | None,
    facts: dict[str, Any],
    source: Source,
    name: str,
) -> Scan | None:
    """Return a fixed position-sensitive exposure, whose row holds all channels."""
    if axis is None or table.shape[0] > 1:
        if table.shape[0] > 1:
            raise source.error(f"{name}: each step holds a whole detector image", "integrate it to a pattern first")
        return None
    counts = table[0, counts_at:]
    return Scan(axis[0] + axis[1] * np.arange(counts.size), counts, radiation=radiation, metadata=facts)

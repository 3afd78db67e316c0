"""Rigaku's formats: RAS (text), RASX (zip) and ASC (text).

RAS and RASX rows hold position, intensity and attenuator factor; ASC holds plain counts in groups.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.archive import member, open_archive
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import tube_radiation
from anatase.io.xml_tree import Element, attribute, find, find_all, number_of, parse_xml, text_of

__all__ = ["is_rasx", "read_asc", "read_ras", "read_rasx"]

PROFILE = re.compile(r"(?:^|/)Profile(\d+)\.txt$", re.IGNORECASE)
RAS_ENTRY = re.compile(r'^\*([A-Z0-9_\-]+)\s+"?(.*?)"?\s*$')
OTHER_AXES = ("omega", "phi", "chi", "thetas", "ts", "z", "x", "y", "beta", "alpha")


def attenuated_scan(rows: list[tuple[float, ...]], lines: tuple[int, ...], unit: str, time: float, scan: Scan) -> Scan:
    """Fill a scan from rows of position, intensity, attenuator; intensity is multiplied by the attenuator."""
    table = np.asarray(rows, dtype=np.float64)
    factor = table[:, 2] if table.shape[1] > 2 else np.ones(len(table))
    factor = np.where(factor > 0, factor, 1.0)
    scan.x, scan.intensity, scan.rows = table[:, 0], table[:, 1] * factor, lines
    if time > 0 and (unit.lower() in ("cps", "c/s") or is_rate(table[:, 1], time)):
        scan.counts_per_unit = time / factor
    elif not np.all(factor == 1.0):
        scan.counts_per_unit = 1.0 / factor
    if time > 0:
        scan.metadata["step_time"] = time
    return scan


def is_rate(values: NDArray[np.float64], time: float) -> bool:
    """Whether fractions become whole numbers times the counting time: counts per second, whatever their name."""
    fractional = np.abs(values - np.round(values)) > 1e-3
    counts = values * time
    return bool(fractional.mean() > 0.5 and np.all(np.abs(counts - np.round(counts)) < 1e-3 * np.maximum(time, 1.0)))


def data_row(line: str, number: int, source: Source) -> tuple[float, ...]:
    """Return the two or three numbers of a data line."""
    words = line.replace(",", " ").split()
    try:
        values = tuple(float(word) for word in words[:3])
    except ValueError as error:
        raise source.error(
            f"'{line.strip()[:60]}' is no data row ({error})", "the file is damaged", line=number
        ) from error
    if len(values) < 2:
        raise source.error(f"'{line.strip()[:60]}' has fewer than two numbers", "the file is damaged", line=number)
    return (*values, 1.0) if len(values) == 2 else values


def read_ras(source: Source) -> tuple[Scan, ...]:
    """Read every scan of a RAS file."""
    scans: list[Scan] = []
    header: dict[str, str] = {}
    rows: list[tuple[float, ...]] | None = None
    first = 0
    for number, line in enumerate(source.lines, 1):
        if line.startswith("*RAS_INT_START"):
            rows, first = [], number + 1
        elif line.startswith("*RAS_INT_END"):
            if not rows:
                raise source.error("a scan without data rows", "the file is truncated; export it again", line=number)
            scans.append(ras_scan(header, rows, first, source))
            rows = None
        elif line.startswith("*RAS_HEADER_START"):
            header = {}
        elif rows is not None:
            if line.strip():
                rows.append(data_row(line, number, source))
        elif entry := RAS_ENTRY.match(line):
            header[entry.group(1)] = entry.group(2)
    if rows is not None or not scans:
        raise source.error(
            "the data end without *RAS_INT_END", "the file is truncated; export it again", line=len(source.lines)
        )
    return tuple(scans)


def ras_scan(header: dict[str, str], rows: list[tuple[float, ...]], first: int, source: Source) -> Scan:
    """Return one RAS scan from its header and rows."""
    axis = header.get("MEAS_SCAN_AXIS_X_INTERNAL", header.get("MEAS_SCAN_AXIS_X", ""))
    if axis.lower() in OTHER_AXES:
        raise source.error(f"the scan runs along {axis}, a rocking curve or an alignment", "give a two_theta scan")
    radiation = tube_radiation(
        number_of(header.get("HW_XG_WAVE_LENGTH_ALPHA1", "")),
        number_of(header.get("HW_XG_WAVE_LENGTH_ALPHA2", "")),
        0.5,
        header.get("HW_XG_TARGET_NAME", ""),
        alpha1_only=only_alpha1(header.get("MEAS_COND_XG_WAVE_TYPE", header.get("HW_XG_WAVE_TYPE", ""))),
    )
    time = counting_time(
        number_of(header.get("MEAS_SCAN_STEP", "")),
        number_of(header.get("MEAS_SCAN_SPEED", "")),
        header.get("MEAS_SCAN_SPEED_UNIT", ""),
    )
    facts: dict[str, Any] = {
        "format": "RAS",
        "sample": header.get("FILE_SAMPLE", ""),
        "instrument": header.get("HW_GONIOMETER_NAME", ""),
        "date": header.get("MEAS_SCAN_START_TIME", ""),
        "scan_axis": axis,
    }
    unit = header.get("MEAS_SCAN_UNIT_Y", header.get("DISP_UNIT_Y", ""))
    lines = tuple(range(first, first + len(rows)))
    return attenuated_scan(rows, lines, unit, time, Scan((), (), radiation=radiation, metadata=facts))


def only_alpha1(wave_type: str) -> bool:
    """Whether the header says that only Kα1 is used."""
    return re.sub(r"[\s\-_]", "", wave_type).lower() in ("ka1", "kalpha1")


def counting_time(step: float, speed: float, unit: str) -> float:
    """Return seconds per step from step (deg) and speed, 0 where unknown."""
    unit = unit.lower()
    if speed <= 0:
        return 0.0
    if "min" in unit:
        return 60.0 * step / speed
    if unit in ("deg/s", "deg/sec", "deg./s"):
        return step / speed
    return speed if unit.startswith("s") else 0.0


def is_rasx(names: list[str]) -> bool:
    """Whether the member names of a zip are those of a RASX file."""
    return any(PROFILE.search(name) for name in names)


def read_rasx(source: Source) -> tuple[Scan, ...]:
    """Read every profile of a RASX file with its measurement conditions."""
    scans: list[Scan] = []
    with open_archive(source) as archive:
        names = set(archive.namelist())
        profiles = sorted((int(match.group(1)), name) for name in names if (match := PROFILE.search(name)))
        for index, name in profiles:
            text = member(archive, name, source).decode("utf-8-sig", errors="replace")
            rows = [data_row(line, number, source) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
            if not rows:
                raise source.error(f"{name} is empty", "export the file again")
            folder = name.rpartition("/")[0]
            conditions = f"{folder}/MesurementConditions{index}.xml"  # the format spells it so
            root = parse_xml(member(archive, conditions, source), source, conditions) if conditions in names else None
            scans.append(rasx_scan(root, rows, source))
    return tuple(scans)


def rasx_scan(root: Element | None, rows: list[tuple[float, ...]], source: Source) -> Scan:
    """Return one RASX scan from its conditions and rows."""
    if root is None:
        return attenuated_scan(rows, (), "", 0.0, Scan((), (), metadata={"format": "RASX"}))
    tube = find(root, "XrayGenerator")
    radiation = tube_radiation(
        number_of(text_of(tube, "WavelengthKalpha1")),
        number_of(text_of(tube, "WavelengthKalpha2")),
        0.5,
        text_of(tube, "TargetName"),
        alpha1_only=only_alpha1(text_of(tube, "WaveType")),
    )
    information = find(root, "ScanInformation")
    axis = text_of(information, "AxisName")
    if axis.lower() in OTHER_AXES:
        raise source.error(f"the scan runs along {axis}, a rocking curve or an alignment", "give a two_theta scan")
    facts: dict[str, Any] = {
        "format": "RASX",
        "sample": text_of(root, "GeneralInformation", "SampleName"),
        "instrument": text_of(root, "GeneralInformation", "SystemName"),
        "date": text_of(information, "StartTime"),
        "scan_axis": axis,
    }
    for condition in find_all(root, "Axis"):
        if attribute(condition, "Name") == "Omega" and axis.lower() in ("twotheta", "twothetab"):
            facts["omega"] = number_of(attribute(condition, "Position"), np.nan)
    time = counting_time(
        number_of(text_of(information, "Step")),
        number_of(text_of(information, "Speed")),
        text_of(information, "SpeedUnit"),
    )
    unit = text_of(information, "IntensityUnit")
    return attenuated_scan(rows, (), unit, time, Scan((), (), radiation=radiation, metadata=facts))


def read_asc(source: Source) -> tuple[Scan, ...]:
    """Read every group of a Rigaku ASC file (``*TYPE = Raw`` … ``*BEGIN`` … ``*END``)."""
    scans: list[Scan] = []
    common: dict[str, str] = {}
    group: dict[str, str] | None = None
    values: list[float] = []
    for number, line in enumerate(source.lines, 1):
        stripped = line.strip()
        if stripped.startswith("*BEGIN"):
            group, values = dict(common), []
        elif stripped.startswith("*END") and group is not None:
            scans.append(asc_scan(group, values, source, number))
            group = None
        elif stripped.startswith("*"):
            key, _, value = stripped[1:].partition("=")
            (common if group is None else group)[key.strip().upper()] = value.strip()
        elif stripped and not stripped.startswith("#") and group is not None:
            try:
                values += [float(word) for word in stripped.replace(",", " ").split()]
            except ValueError as error:
                raise source.error(
                    f"'{stripped[:60]}' is no row of counts", "the file is damaged", line=number
                ) from error
    if group is not None or not scans:
        raise source.error(
            "the data end without *END", "the file is truncated; export it again", line=len(source.lines)
        )
    return tuple(scans)


def asc_scan(group: dict[str, str], values: list[float], source: Source, line: int) -> Scan:
    """Return one ASC group as a scan."""
    start, step = number_of(group.get("START", ""), np.nan), number_of(group.get("STEP", ""), np.nan)
    count = number_of(group.get("COUNT", ""), len(values))
    if count != len(values):
        raise source.error(f"*COUNT says {count:g} points, {len(values)} follow", "the file is truncated", line=line)
    radiation = tube_radiation(
        number_of(group.get("WAVE_LENGTH1", "")), number_of(group.get("WAVE_LENGTH2", "")), 0.5, group.get("TARGET", "")
    )
    unit = group.get("YUNIT", group.get("Y_UNIT", "")).lower()
    time = counting_time(step, number_of(group.get("SPEED", "")), group.get("SPEED_UNIT", group.get("SPEED_DIM", "")))
    facts = {
        "format": "Rigaku ASC",
        "sample": group.get("SAMPLE", ""),
        "date": group.get("DATE", ""),
        "step_time": time or None,
    }
    counts_per_unit = time if "cps" in unit and time > 0 else None
    x = start + step * np.arange(len(values))
    return Scan(x, values, counts_per_unit=counts_per_unit, radiation=radiation, metadata=facts)

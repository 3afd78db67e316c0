"""Small text formats with a header and equidistant counts or pairs: Sietronics CPI, Philips UDF, FIT2D CHI."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import radiation_from_number, tube_radiation
from anatase.io.xml_tree import number_of
from anatase.pattern.pattern import Axis

__all__ = ["is_chi", "read_chi", "read_cpi", "read_udf"]


def numbers_below(source: Source, index: int) -> list[float]:
    """Return the numbers of all lines below an index; a trailing ``/`` ends them."""
    values: list[float] = []
    for number, line in enumerate(source.lines[index:], index + 1):
        body, slash, _ = line.partition("/")
        try:
            values += [float(word) for word in body.replace(",", " ").split()]
        except ValueError as error:
            raise source.error(
                f"'{line.strip()[:60]}' is no row of counts", "the file is damaged", line=number
            ) from error
        if slash:
            break
    return values


def read_cpi(source: Source) -> tuple[Scan, ...]:
    """Read a Sietronics scan: start, stop, step, anode, wavelength, …, ``SCANDATA``, one count per line."""
    lines = [line.strip() for line in source.lines]
    if "SCANDATA" not in lines or lines.index("SCANDATA") < 4:
        raise source.error("no SCANDATA line", "the file is truncated; export it again", line=len(lines))
    at = lines.index("SCANDATA")
    start, stop, step = (number_of(text, np.nan) for text in lines[1:4])
    values = numbers_below(source, at + 1)
    expected = (stop - start) / step + 1 if step > 0 else np.nan
    if not abs(expected - len(values)) <= 1.5:
        raise source.error(
            f"{start:g} to {stop:g} by {step:g} but {len(values)} counts follow", "the file is truncated", line=at + 2
        )
    header = [*lines[4:at], "", "", "", ""]
    radiation = tube_radiation(0.0, anode=header[0]) or radiation_from_number(number_of(header[1]))[0]
    metadata: dict[str, Any] = {"format": "CPI", "date": header[2], "sample": header[4]}
    return (Scan(start + step * np.arange(len(values)), values, radiation=radiation, metadata=metadata),)


def read_udf(source: Source) -> tuple[Scan, ...]:
    """Read a Philips UDF scan: ``Key,value,/`` lines, ``RawScan``, counts, ``/``."""
    entries: dict[str, str] = {}
    at = None
    for index, line in enumerate(source.lines):
        if line.strip() == "RawScan":
            at = index + 1
            break
        key, _, value = line.partition(",")
        entries[key.strip()] = value.strip().rstrip("/").strip().rstrip(",").strip()
    if at is None:
        raise source.error("no RawScan line", "the file is truncated; export it again", line=len(source.lines))
    bounds = [number_of(word, np.nan) for word in entries.get("DataAngleRange", "").split(",")]
    step = number_of(entries.get("ScanStepSize", ""), np.nan)
    values = numbers_below(source, at)
    if len(bounds) < 2 or not abs((bounds[1] - bounds[0]) / step + 1 - len(values)) <= 1.5:
        raise source.error(
            f"{len(values)} counts do not fill DataAngleRange {bounds} by {step:g}", "the file is truncated", line=at
        )
    wavelengths = [number_of(word) for word in entries.get("LabdaAlpha1", "0").split(",")]
    radiation = tube_radiation(
        wavelengths[0],
        number_of(entries.get("LabdaAlpha2", "")),
        number_of(entries.get("RatioAlpha21", ""), 0.5),
        entries.get("Anode", ""),
    )
    metadata = {
        "format": "UDF",
        "sample": entries.get("SampleIdent", ""),
        "step_time": number_of(entries.get("ScanStepTime", "")) or None,
    }
    return (Scan(bounds[0] + step * np.arange(len(values)), values, radiation=radiation, metadata=metadata),)


def is_chi(source: Source) -> bool:
    """Whether the text has FIT2D's header: title, axis label, ordinate label, number of points."""
    lines = source.lines[:5]
    if len(lines) < 5 or re.fullmatch(r"\s*\d+(\s+\d+)?\s*", lines[3]) is None:
        return False
    return re.search(r"theta|angle|\bq\b|intensity|d-?spacing", f"{lines[1]} {lines[2]}", re.IGNORECASE) is not None


def read_chi(source: Source) -> tuple[Scan, ...]:
    """Read a FIT2D one-dimensional output."""
    label = source.lines[1]
    announced = int(number_of(source.lines[3].split()[0]))
    rows, numbers = [], []
    for number, line in enumerate(source.lines[4:], 5):
        if not line.strip():
            continue
        try:
            row = [float(word) for word in line.replace(",", " ").split()]
        except ValueError as error:
            raise source.error(f"'{line.strip()[:60]}' is no data row", "the file is damaged", line=number) from error
        if len(row) < 2:
            raise source.error(
                f"'{line.strip()[:60]}' has fewer than two numbers", "the file is truncated", line=number
            )
        rows.append(row[:3])
        numbers.append(number)
    if len({len(row) for row in rows}) != 1:
        raise source.error("the rows have different numbers of columns", "the file is damaged", line=5)
    table = np.asarray(rows)
    axis: Axis = "two_theta"
    x = table[:, 0]
    if re.search(r"\bq\b|nm\^?-1|[AÅ]\^?-1", label, re.IGNORECASE):
        axis, x = "q", x / 10.0 if re.search(r"nm", label) else x
    elif re.search(r"radian", label, re.IGNORECASE):
        x = np.rad2deg(x)
    elif re.search(r"d-?spacing", label, re.IGNORECASE):
        axis = "d"
    if len(rows) < announced:
        raise source.error(
            f"the header announces {announced} points, {len(rows)} follow",
            "the file is truncated",
            line=len(source.lines),
        )
    sigma = table[:, 2] if table.shape[1] > 2 else None
    metadata = {"format": "CHI", "sample": source.lines[0].strip()}
    return (Scan(x, table[:, 1], sigma, axis=axis, metadata=metadata, rows=tuple(numbers)),)

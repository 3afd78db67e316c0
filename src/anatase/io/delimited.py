"""Columns of text: xy, xye, csv, tsv and the like, with or without names, comments and a wavelength."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.column_names import NamedAxis, axis_of, is_intensity, is_sigma
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.text_table import TextTable, read_table, split_fields
from anatase.io.wavelength import plausible, radiation_from_header, radiation_from_number
from anatase.pattern.pattern import Axis
from anatase.scattering.radiation import Radiation

__all__ = ["OWN_HEADER", "read_delimited"]

Array = NDArray[np.float64]
OWN_HEADER = "anatase-pattern:"  # the header line of our own writer, followed by JSON
FOREIGN_WORDS = re.compile(
    r"(kinetic energy|binding energy|\bXPS\b|\bUPS\b|\bAuger\b|\bEXAFS\b|\bXANES\b|\bXAS\b|raman|infrared|\bFT-?IR\b"
    r"|UV-?vis|luminescence|mass spectr|\bNMR\b|chromatogra|calorimetr|thermogravi)",
    re.IGNORECASE,
)
MIN_RUN = 50  # points that make a run of positions a scan of its own
MIN_RETURN = 2.5  # steps that the positions go back where a new run starts
MIN_WIDE = 20  # columns from which rows can be patterns


@dataclass(frozen=True)
class Roles:
    """Which columns are what."""

    x: int
    y: int
    sigma: int | None
    axis: NamedAxis | None
    names: tuple[str, ...]


def read_delimited(source: Source) -> tuple[Scan, ...]:
    """Read a table of text columns as one or more scans."""
    table = read_table(source)
    own = own_header(table)
    if own is not None:
        return (own_scan(table, own),)
    if is_wide(table):
        return wide_scans(table, source)
    roles = column_roles(table, source)
    check_method(table, roles, source)
    check_swap(table, roles, source)
    scan = scan_of(table, roles, source)
    return split_restarts(scan)


def column_names(table: TextTable) -> tuple[str, ...]:
    """Return the names of the columns from the lines above the table; empty where none fit."""
    width = table.values.shape[1]
    best: tuple[str, ...] = ()
    for line in table.header[-6:]:
        for delimiter in dict.fromkeys((table.delimiter, "\t", ",", ";", None)):
            names = tuple(name.strip("\"' ") for name in split_fields(line, delimiter))
            if len(names) < 2 or (len(names) < width and len(names) > 4) or len(names) > 4 * width + 20:
                continue
            if any(axis_of(name) is not None for name in names) and (not best or len(names) >= len(best)):
                best = names
                break
            if not best and len(names) == width and sum(is_intensity(name) for name in names) == 1:
                best = names
                break
    return best


def column_roles(table: TextTable, source: Source) -> Roles:
    """Decide which columns are axis, intensity and s.u."""
    width = table.values.shape[1]
    names = column_names(table)[:width]
    axes = [(index, found) for index, name in enumerate(names) if (found := axis_of(name)) is not None]
    diffraction = [(index, found) for index, found in axes if found.axis is not None]
    if not diffraction:
        if axes and axes[0][0] == 0:
            raise source.error(f"the first column '{names[0]}' is {axes[0][1].foreign}", "give a diffraction pattern")
        label = next((found for line in table.header[-6:] if (found := axis_of(line)) is not None and found.axis), None)
        return Roles(0, 1, 2 if width == 3 and not any(map(is_intensity, names[2:])) else None, label, names)
    x, axis = diffraction[0]
    free = [index for index in range(width) if index not in {index for index, _ in axes}]
    y = next((index for index in free if index < len(names) and is_intensity(names[index])), None)
    if y is None:
        y = next(
            (index for index in free if index > x and not (index < len(names) and is_sigma(names[index]))),
            1 - min(x, 1),
        )
    sigma = next((index for index in free if index != y and index < len(names) and is_sigma(names[index])), None)
    if sigma is None and width == 3 and len(names) == 2:
        sigma = next((index for index in range(3) if index not in (x, y)), None)
    return Roles(x, y, sigma, axis, names)


def check_method(table: TextTable, roles: Roles, source: Source) -> None:
    """Refuse files whose comments speak of another method, unless they name a diffraction axis."""
    if roles.axis is not None:
        return
    match = FOREIGN_WORDS.search("\n".join(table.header))
    if match is not None:
        raise source.error(
            f"the header speaks of '{match.group(1)}': a spectrum of another method", "give a diffraction pattern"
        )


def check_swap(table: TextTable, roles: Roles, source: Source) -> None:
    """Refuse a file with intensity first and the axis second."""
    x, y = table.values[:, roles.x], table.values[:, roles.y]
    if len(x) < 5 or np.all(np.diff(x) > 0) or not np.all(np.diff(y) > 0) or np.all(np.diff(x) < 0):
        return
    raise source.error(
        f"column {roles.x + 1} is no axis, but column {roles.y + 1} increases from {y[0]:g} to {y[-1]:g}: "
        "the columns are swapped",
        "put the positions first",
        line=table.rows[0],
    )


def scan_of(table: TextTable, roles: Roles, source: Source) -> Scan:
    """Return the table's columns as one scan."""
    x = table.values[:, roles.x]
    if roles.axis is not None and roles.axis.axis is not None:
        axis, scale, said = roles.axis.axis, roles.axis.scale, table.warnings
    else:
        axis, said = unlabelled_axis(x, table, source)
        scale, said = 1.0, (*table.warnings, *said)
    sigma = None if roles.sigma is None else table.values[:, roles.sigma]
    scan = Scan(x * scale, table.values[:, roles.y], sigma, axis=axis, rows=table.rows, warnings=said)
    scan.reversible = axis == "d"  # in plain columns a falling axis is more likely a mistake
    scan.sigma_name = f"column {(roles.sigma or 0) + 1}"
    used = {roles.x, roles.y, roles.sigma}
    unused = [
        roles.names[i] if i < len(roles.names) else str(i + 1) for i in range(table.values.shape[1]) if i not in used
    ]
    if unused and not roles.names:
        scan.warnings += (f"columns {', '.join(unused[:8])} were not used",)
    scan.metadata = {"format": "columns", "sample": title(table)}
    if axis == "two_theta":
        scan.radiation, scan.neutron, said = radiation_of(table, roles)
        scan.warnings += said
    return scan


def title(table: TextTable) -> str:
    """Return the first header line that is no list of column names."""
    for line in table.header[:5]:
        if line and not any(axis_of(name) for name in split_fields(line, table.delimiter)):
            return line[:120]
    return ""


def unlabelled_axis(x: Array, table: TextTable, source: Source) -> tuple[Axis, tuple[str, ...]]:
    """Decide the axis of positions without a name, by their range."""
    low, high = float(np.min(x)), float(np.max(x))
    if not np.isfinite(low + high) or high <= 180.5:
        if 0 <= low < 2 and high <= 7 and len(x) >= 50:
            return "q", (f"positions {low:g} to {high:g} have no name; took them as q in 1/Å",)
        return "two_theta", ()
    if low >= 200 and high > 1000 and high > 1.5 * low and table.values.shape[1] == 3:
        return "tof", (f"positions {low:g} to {high:g} have no name; took them as time of flight in µs",)
    raise source.error(
        f"positions run from {low:g} to {high:g}, beyond two_theta: an energy, a wavelength, a time or a channel",
        "name the column (two_theta, q, d, tof) if this is diffraction",
        line=table.rows[0],
    )


def radiation_of(table: TextTable, roles: Roles) -> tuple[Radiation | None, bool, tuple[str, ...]]:
    """Return the radiation from the header, a lone number above the table, or a second axis beside two_theta."""
    radiation, neutron, said = radiation_from_header("\n".join(table.header[:200]))
    if radiation is not None:
        return radiation, neutron, said
    for single in table.singles:
        if re.fullmatch(r"\d+[.,]\d+", single) and plausible(float(single.replace(",", "."))):
            radiation, said = radiation_from_number(float(single.replace(",", ".")))
            return radiation, neutron, said
    for index, name in enumerate(roles.names):
        other = axis_of(name)
        if other is None or other.axis not in ("d", "q") or index == roles.x:
            continue
        sine = np.sin(np.deg2rad(table.values[:, roles.x] / 2))
        d = (
            table.values[:, index] * other.scale
            if other.axis == "d"
            else 2 * np.pi / (table.values[:, index] * other.scale)
        )
        wavelength = float(np.round(np.median(2 * d * sine), 4))
        if plausible(wavelength):
            radiation, said = radiation_from_number(wavelength)
            return (
                radiation,
                neutron,
                (*said, f"the wavelength {wavelength:g} Å follows from the columns two_theta and {name}"),
            )
    return None, neutron, ()


def split_restarts(scan: Scan) -> tuple[Scan, ...]:
    """Return one scan per run of positions: repeats that jump back to the start, or ranges that overlap a little."""
    x, intensity = np.asarray(scan.x), np.asarray(scan.intensity)
    drops = np.flatnonzero(np.diff(x) < 0) + 1
    if drops.size == 0 or np.any(np.diff(np.concatenate(([0], drops, [x.size]))) < MIN_RUN):
        return (scan,)
    if np.any(x[drops - 1] - x[drops] < MIN_RETURN * np.median(np.abs(np.diff(x)))):
        return (scan,)  # neighbours in the wrong order, not a new range
    parts = []
    for low, high in zip([0, *drops], [*drops, x.size], strict=True):
        sigma = None if scan.sigma is None else np.asarray(scan.sigma)[low:high]
        part = Scan(x[low:high], intensity[low:high], sigma, None, scan.axis, scan.radiation, scan.neutron)
        part.metadata, part.warnings, part.rows, part.sigma_name = (
            dict(scan.metadata),
            scan.warnings,
            scan.rows[low:high],
            scan.sigma_name,
        )
        parts.append(part)
    return tuple(parts)


def is_wide(table: TextTable) -> bool:
    """Whether rows are patterns: the first row increases along many columns, the first columns do not increase."""
    values = table.values
    if values.shape[1] < MIN_WIDE or len(values) < 2:
        return False
    return bool(np.all(np.diff(values[0]) > 0)) and not np.all(np.diff(values[:, 0]) > 0)


def wide_scans(table: TextTable, source: Source) -> tuple[Scan, ...]:
    """Return one scan per row below the first, which holds the positions."""
    x = table.values[0]
    axis, said = unlabelled_axis(x, table, source)
    facts: dict[str, Any] = {"format": "rows of intensities", "series": len(table.values) - 1}
    return tuple(
        Scan(x, row, axis=axis, metadata={**facts, "row": index}, warnings=said)
        for index, row in enumerate(table.values[1:], 1)
    )


def own_header(table: TextTable) -> dict[str, Any] | None:
    """Return what our own writer said about the pattern, ``None`` for other files."""
    for line in table.header:
        if line.startswith(OWN_HEADER):
            try:
                said = json.loads(line[len(OWN_HEADER) :])
            except ValueError:
                return None
            return said if isinstance(said, dict) else None
    return None


def own_scan(table: TextTable, own: dict[str, Any]) -> Scan:
    """Return a pattern of our own writer as it was."""
    from anatase.io.write import radiation_from_dict

    sigma = table.values[:, 2] if table.values.shape[1] > 2 else None
    axis = own.get("axis") if own.get("axis") in ("two_theta", "q", "d", "tof") else "two_theta"
    scan = Scan(table.values[:, 0], table.values[:, 1], sigma, axis=axis, rows=table.rows, trusted=True)  # type: ignore[arg-type]
    scan.radiation = radiation_from_dict(own.get("radiation"))
    metadata = own.get("metadata")
    scan.metadata = metadata if isinstance(metadata, dict) else {}
    return scan

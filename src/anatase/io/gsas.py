"""The GSAS family of raw powder data: STD, ESD, ALT, FXYE and FXY in banks of CONST, SLOG, RALF or TIME_MAP bins.

Formats after the GSAS manual (Larson & Von Dreele, LAUR 86-748): a title, then per bank a line
``BANK number nchan nrec bintype coefficients type``. Constant-wavelength axes are in centidegrees,
time-of-flight axes in µs (ALT: 1/32 µs; TIME_MAP: ticks of its clock).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import radiation_from_header
from anatase.pattern.pattern import Axis

__all__ = ["is_gsas", "read_gsas"]

Array = NDArray[np.float64]
BANK_LINE = re.compile(r"^BANK\s+\d+\s+\d+", re.IGNORECASE)
BIN_TYPES = ("CONST", "CONS", "SLOG", "RALF", "TIME_MAP", "LOG6", "EDS", "LPSD", "COND")
DATA_TYPES = ("STD", "ESD", "ALT", "FXYE", "FXY")
ALT_TICKS_PER_MICROSECOND = 32.0
CHANNELS_PER_RECORD = 10
LEAST_COUNTS = 20.0  # of which a Poisson count is 0 in 2 of 10⁹


NUMBER = r"\s*[=:]?\s*(\d+\.?\d*(?:e[+-]?\d+)?)"
CALIBRATION = {
    "difc": re.compile(r"\bDIFC" + NUMBER, re.IGNORECASE),
    "two_theta": re.compile(r"\btth" + NUMBER, re.IGNORECASE),
    "flight_path": re.compile(r"total flight path" + NUMBER, re.IGNORECASE),
}


@dataclass(frozen=True)
class Bank:
    """One BANK line: its number, channels, bin type, coefficients, data type and line."""

    number: int
    channels: int
    bins: str
    coefficients: tuple[float, ...]
    data: str
    line: int


def is_gsas(source: Source) -> bool:
    """Whether a BANK line follows a title."""
    return any(BANK_LINE.match(line) for line in source.lines[:2000])


def read_gsas(source: Source) -> tuple[Scan, ...]:
    """Read every bank of a GSAS file."""
    banks = [parse_bank(line, number, source) for number, line in enumerate(source.lines, 1) if BANK_LINE.match(line)]
    header = [line for line in source.lines[: banks[0].line - 1] if not line.startswith("TIME_MAP")]
    radiation, neutron, said = radiation_from_header("\n".join(header[:200]))
    maps = time_maps(source)
    ends = [bank.line - 1 for bank in banks[1:]] + [len(source.lines)]
    scans = []
    for bank, end in zip(banks, ends, strict=True):
        x, intensity, sigma, axis = bank_data(bank, source.lines[bank.line : end], maps, source)
        facts: dict[str, Any] = {
            "format": f"GSAS {bank.data}",
            "sample": header[0].strip() if header else "",
            "bank": bank.number,
        }
        padded = padding(intensity) if bank.data == "STD" else 0
        if padded:
            x, intensity = x[:-padded], intensity[:-padded]
            sigma = None if sigma is None else sigma[:-padded]
        scan = Scan(x, intensity, sigma, axis=axis, metadata=facts, sigma_name="the esd column")
        if axis == "two_theta":
            scan.radiation, scan.neutron, scan.warnings = radiation, neutron, said
        else:
            facts["intensity_unit"] = "counts per bin"
            facts.update(stated_calibration(source.lines[: bank.line - 1]))
        if padded:
            scan.warnings += (f"the last {padded} channels hold 0 counts, which fill the record, and were left out",)
        scans.append(scan)
    return tuple(scans)


def stated_calibration(lines: tuple[str, ...]) -> dict[str, float]:
    """Return DIFC (µs/Å), 2θ (degrees) and flight path (m) of the comment lines at the end of some lines.

    Mantid writes ``# Total flight path 63.18m, tth 90deg, DIFC 22586.1`` above each bank.
    """
    facts: dict[str, float] = {}
    for line in reversed(lines):
        if not line.lstrip().startswith("#"):
            break
        for name, pattern in CALIBRATION.items():
            if name not in facts and (found := pattern.search(line)) and float(found.group(1)) > 0.0:
                facts[name] = float(found.group(1))
    return facts if "difc" in facts else {}


def padding(intensity: Array) -> int:
    """Return how many zeros fill up the last record of ten channels, after counts that cannot fall to 0 by chance."""
    counted = np.flatnonzero(intensity > 0.0)
    zeros = intensity.size - 1 - int(counted[-1]) if counted.size else 0
    before = intensity[counted[-5:]].mean() if counted.size else 0.0
    return zeros if 0 < zeros < CHANNELS_PER_RECORD and before > LEAST_COUNTS else 0


def parse_bank(line: str, number: int, source: Source) -> Bank:
    """Return what a BANK line says; the data type is STD where it names none."""
    words = line.split()
    bins = next((word.upper() for word in words[3:] if word.upper() in BIN_TYPES), "")
    data = next((word.upper() for word in reversed(words[3:]) if word.upper() in DATA_TYPES), "STD")
    if not bins or bins in ("LOG6", "EDS", "LPSD", "COND"):
        raise source.error(
            f"the bank has bins of type '{bins or line.strip()}'",
            "give CONST, SLOG, RALF or TIME_MAP bins",
            line=number,
        )
    coefficients = []
    at = [word.upper() for word in words].index(bins)
    for word in words[at + 1 :]:
        try:
            coefficients.append(float(word))
        except ValueError:
            break
    if len(words[2]) > 9 or int(words[2]) < 3:
        raise source.error(f"the bank announces {words[2]} channels", "the file is damaged", line=number)
    return Bank(int(words[1]), int(words[2]), "CONST" if bins == "CONS" else bins, tuple(coefficients), data, number)


def bank_data(
    bank: Bank, lines: tuple[str, ...], maps: dict[int, Array], source: Source
) -> tuple[Array, Array, Array | None, Axis]:
    """Return positions, intensities, s.u. (or ``None``) and the axis of one bank."""
    if bank.data in ("FXYE", "FXY", "ALT"):
        return explicit_data(bank, lines, source)
    widths = (2, 6) if bank.data == "STD" else (8, 8)
    pairs = fixed_pairs(lines, widths, bank, source)
    intensity = pairs[:, 1] if bank.data == "STD" else pairs[:, 0]
    sigma = None if bank.data == "STD" else pairs[:, 1]
    if bank.data == "STD" and np.any(pairs[:, 0] > 1):  # the mean of several counters: σ² = y / n
        sigma = np.sqrt(np.maximum(intensity, 1.0) / np.maximum(pairs[:, 0], 1.0))
    x, axis = bin_positions(bank, maps, source)
    return x, intensity, sigma, axis


def explicit_data(bank: Bank, lines: tuple[str, ...], source: Source) -> tuple[Array, Array, Array | None, Axis]:
    """Return the data of a bank that lists its positions."""
    columns = 2 if bank.data == "FXY" else 3
    numbers = free_numbers(lines)
    if bank.data == "ALT" and numbers.size != columns * bank.channels:
        numbers = np.asarray([fixed for line in lines for fixed in alt_fields(line, bank, source)])
    if numbers.size < columns * bank.channels:
        raise short(bank, numbers.size // columns, source)
    table = numbers[: columns * bank.channels].reshape(-1, columns)
    x = table[:, 0]
    axis: Axis = "two_theta" if bank.bins == "CONST" and x[-1] <= 18_050 else "tof"
    if bank.data == "ALT":
        x = x / ALT_TICKS_PER_MICROSECOND
    elif axis == "two_theta":
        x = x / 100.0
    return x, table[:, 1], table[:, 2] if columns == 3 else None, axis


def alt_fields(line: str, bank: Bank, source: Source) -> list[float]:
    """Return the numbers of an ALT line by its fixed columns 4(F8, F7, F5)."""
    fields = []
    for start in range(0, len(line.rstrip()) - 8, 20):
        cuts = (line[start : start + 8], line[start + 8 : start + 15], line[start + 15 : start + 20])
        fields += [as_number(cut, bank, source) for cut in cuts]
    return fields


def free_numbers(lines: tuple[str, ...]) -> Array:
    """Return all numbers of a bank's lines up to the first line that is not numeric."""
    numbers: list[float] = []
    for line in lines:
        if line.lstrip().startswith("#"):
            continue
        try:
            numbers += [float(word) for word in line.replace(",", " ").split()]
        except ValueError:
            break
    return np.asarray(numbers)


def fixed_pairs(lines: tuple[str, ...], widths: tuple[int, int], bank: Bank, source: Source) -> Array:
    """Return pairs (n, 2) from 80-column records of fixed fields, or from free numbers where those fit better."""
    free = free_numbers(lines)
    per_point = 1 if bank.data == "STD" else 2
    if free.size == per_point * bank.channels:
        return np.column_stack((np.ones(free.size), free)) if per_point == 1 else free.reshape(-1, 2)
    size = sum(widths)
    pairs: list[tuple[float, float]] = []
    for number, line in enumerate(lines, bank.line + 1):
        if len(pairs) >= bank.channels:
            break
        if line.lstrip().startswith("#") or not line.strip():
            continue
        for start in range(0, len(line.rstrip()), size):
            first = as_number(line[start : start + widths[0]], bank, source, number)
            second = as_number(line[start + widths[0] : start + size], bank, source, number)
            pairs.append((first, second))
    if len(pairs) < bank.channels:
        raise short(bank, len(pairs), source)
    return np.asarray(pairs[: bank.channels])


def as_number(field: str, bank: Bank, source: Source, line: int | None = None) -> float:
    """Return a fixed field as a number; blank is zero, as in Fortran."""
    try:
        return float(field) if field.strip() else 0.0
    except ValueError as error:
        raise source.error(f"'{field}' in bank {bank.number} is no number", "the file is damaged", line=line) from error


def short(bank: Bank, found: int, source: Source) -> Exception:
    return source.error(
        f"bank {bank.number} announces {bank.channels} channels, {found} follow",
        "the file is truncated; copy it again",
        line=bank.line,
    )


def bin_positions(bank: Bank, maps: dict[int, Array], source: Source) -> tuple[Array, Axis]:
    """Return the positions (channels,) of a bank without a position column."""
    c, n = bank.coefficients, np.arange(bank.channels, dtype=np.float64)
    needed = {"CONST": 2, "SLOG": 3, "RALF": 4, "TIME_MAP": 1}[bank.bins]
    if len(c) < needed:
        raise source.error(
            f"the bank line has {len(c)} coefficients, {bank.bins} needs {needed}",
            "the file is damaged",
            line=bank.line,
        )
    if bank.bins == "CONST":
        x = c[0] + c[1] * n
        return (x / 100.0, "two_theta") if x[-1] <= 18_050 else (x, "tof")
    if bank.bins == "SLOG":
        return c[0] * np.exp(np.log1p(abs(c[2])) * n), "tof"
    if bank.bins == "RALF":
        return ralf_positions(c, bank.channels), "tof"
    edges = next(iter(maps.values())) if len(maps) == 1 else maps.get(int(c[0]))
    if edges is None or edges.size <= bank.channels:
        raise source.error(
            f"there is no TIME_MAP {c[0]:g} with {bank.channels} channels", "the file is truncated", line=bank.line
        )
    return (edges[: bank.channels] + edges[1 : bank.channels + 1]) / 2, "tof"


def ralf_positions(c: tuple[float, ...], channels: int) -> Array:
    """Return RALF positions in µs: steps constant up to a time, then growing in proportion to it."""
    x = [c[0]]
    while len(x) < channels:
        x.append(x[-1] + (c[1] if x[-1] < c[2] else max(c[1], c[3] * x[-1])))
    return np.asarray(x) / ALT_TICKS_PER_MICROSECOND


def time_maps(source: Source) -> dict[int, Array]:
    """Return the bin edges (µs) of every TIME_MAP: triples of channel, time and width in clock ticks."""
    maps: dict[int, Array] = {}
    for at, line in enumerate(source.lines):
        match = re.match(r"^TIME_MAP\s*(\d+)\s+(\d+)\s+(\d+)\s+TIME_MAP\s+(\d+)", line)
        if match is None:
            continue
        number, values, records, clock = (int(group[:9]) for group in match.groups())
        words = " ".join(source.lines[at + 1 : at + 1 + records]).split()
        try:
            table = np.asarray([float(word) for word in words[:values]])
        except ValueError as error:
            raise source.error(
                f"TIME_MAP {number} holds no numbers ({error})", "the file is damaged", line=at + 2
            ) from error
        if table.size != values or values < 4:
            raise source.error(
                f"TIME_MAP {number} announces {values} values, {table.size} follow",
                "the file is truncated",
                line=at + 1,
            )
        maps[number] = map_edges(table, number, source, at + 1) * clock / 1000.0
    return maps


def map_edges(table: Array, number: int, source: Source, line: int) -> Array:
    """Return the bin edges in ticks from triples (first channel, time, width) and the final time."""
    count = (table.size - 1) // 3
    triples = table[: 3 * count].reshape(-1, 3)
    times = np.append(triples[:, 1], table[-1])
    if not (np.all(np.diff(times) > 0) and np.all(triples[:, 2] > 0)) or times[-1] > 1e9 * triples[:, 2].min():
        raise source.error(f"TIME_MAP {number} does not increase", "the file is damaged", line=line)
    if ((times[-1] - times[0]) / triples[:, 2].min()) > 1e7:
        raise source.error(f"TIME_MAP {number} has more than 10 million bins", "the file is damaged", line=line)
    edges = [
        np.arange(start, stop, width) for start, stop, width in zip(times[:-1], times[1:], triples[:, 2], strict=True)
    ]
    return np.append(np.concatenate(edges), times[-1])

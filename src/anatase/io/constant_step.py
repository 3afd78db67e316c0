"""Text files with one line ``start step stop`` and then intensities: FullProf, DBWS, RIET7, ILL D1A5, PSI DMC/HRPT.

PSI and ILL list the s.u. behind the intensities; ILL and PSI data are neutron data.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import neutron_radiation, radiation_from_header

__all__ = ["is_constant_step", "read_constant_step"]

HEADER_LINES = 10
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
NEUTRON_TITLE = re.compile(r"^\s*(D1A5|D1A|D1B|D2B|D20|HRPT|DMC|3T2|G4\.?[12])\b")


@dataclass(frozen=True)
class Steps:
    """The line that states the axis: its index, start, step and number of points."""

    index: int
    start: float
    step: float
    count: int


def leading_numbers(line: str) -> list[float]:
    """Return the numbers at the start of a line, up to the first word that is none."""
    numbers = []
    for word in line.replace(",", " ").split():
        if NUMBER.fullmatch(word) is None:
            break
        numbers.append(float(word))
    return numbers


def steps_line(source: Source) -> Steps | None:
    """Return the ``start step stop`` line, if the numbers behind it are as many as it announces."""
    for index, line in enumerate(source.lines[:HEADER_LINES]):
        numbers = leading_numbers(line)
        if len(numbers) < 3:
            continue
        start, step, stop = numbers[:3]
        if not (1e-6 < step < 10 and -180 < start < stop <= 360):
            continue
        count = (stop - start) / step + 1
        if (
            count < 4
            or abs(count - round(count)) > 0.02
            or len(leading_numbers(next_line(source, index))) in (0, len(numbers))
        ):
            continue
        return Steps(index, start, step, round(count))
    return None


def next_line(source: Source, index: int) -> str:
    """Return the next line that is not blank."""
    return next((line for line in source.lines[index + 1 : index + 5] if line.strip()), "")


def is_constant_step(source: Source) -> bool:
    """Whether a ``start step stop`` line stands at the top with another kind of line below it."""
    return steps_line(source) is not None


def read_constant_step(source: Source) -> tuple[Scan, ...]:
    """Read intensities on a constant step, and their s.u. where the file lists them."""
    found = steps_line(source)
    if found is None:
        raise source.error("no line 'start step stop' at the top", "check the format")
    header = "\n".join(source.lines[: found.index + 1])
    values: list[float] = []
    for line in source.lines[found.index + 1 :]:
        numbers = leading_numbers(line)
        if line.strip() and not numbers:
            if values:
                break
            continue
        values += numbers
    if len(values) < found.count:
        raise source.error(
            f"the axis has {found.count} points, {len(values)} intensities follow",
            "the file is truncated; copy it again",
            line=len(source.lines),
        )
    table = np.asarray(values)
    sigma = table[found.count : 2 * found.count] if len(values) >= 2 * found.count else None
    radiation, neutron, said = radiation_from_header(header)
    if NEUTRON_TITLE.match(source.lines[0]) and radiation is not None and radiation.probe == "xray":
        radiation, said = neutron_radiation(radiation.wavelength), ()
    scan = Scan(found.start + found.step * np.arange(found.count), table[: found.count], sigma, radiation=radiation)
    scan.neutron = neutron or NEUTRON_TITLE.match(source.lines[0]) is not None
    scan.warnings = said
    scan.metadata = {
        "format": "start step stop",
        "sample": source.lines[0].strip() if found.index else "",
        **temperature(header),
    }
    scan.sigma_name = "the list of s.u."
    return (scan,)


def temperature(header: str) -> dict[str, float]:
    """Return the temperature that a header states as ``T=  2.500``, in K, if it is positive."""
    match = re.search(r"\bT\s*=\s*(\d+\.?\d*)", header)
    return {"temperature": float(match.group(1))} if match and float(match.group(1)) > 0 else {}

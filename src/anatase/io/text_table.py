"""Rows of numbers in a text file: any delimiter, decimal point or comma, with comments and header lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anatase.io.source import Source

__all__ = ["TextTable", "read_table", "split_fields"]

Array = NDArray[np.float64]
COMMENT_MARKS = ("#", "!", "%", "//", "'", ";", "@", "/*")
# delimiter (None: blanks) and decimal mark, in the order in which ties are decided
DIALECTS: tuple[tuple[str | None, str], ...] = (
    ("\t", "."), (";", "."), ("|", "."), (None, "."), (",", "."),
    ("\t", ","), (";", ","), ("|", ","), (None, ","),
)  # fmt: skip
SAMPLE_LINES = 400
MAX_STRAY_SHARE = 0.2  # of the numeric lines may lie outside the table


@dataclass(frozen=True)
class TextTable:
    """The table of a text file.

    Parameters
    ----------
    values
        The numbers (n, columns).
    rows
        The 1-based line of each row (n,).
    header
        The lines above the table, freed of comment marks, and comment lines inside it.
    delimiter
        What separates the columns, ``None`` for blanks.
    singles
        Header lines that hold one number only, as text.
    warnings
        What had to be guessed.
    """

    values: Array
    rows: tuple[int, ...]
    header: tuple[str, ...]
    delimiter: str | None
    singles: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def split_fields(line: str, delimiter: str | None) -> list[str]:
    """Return the fields of a line, without the empty ones at its end."""
    fields = [field.strip() for field in line.split(delimiter)]
    while fields and not fields[-1]:
        fields.pop()
    return fields


def leading_numbers(line: str, delimiter: str | None, decimal: str) -> list[float]:
    """Return the numbers at the start of a line, up to the first field that is none."""
    numbers: list[float] = []
    for field in split_fields(line, delimiter):
        if decimal == ",":
            if "." in field:
                break
            field = field.replace(",", ".")
        if "_" in field:
            break
        try:
            numbers.append(float(field))
        except ValueError:
            try:
                numbers.append(float(field.replace("D", "E").replace("d", "e")))
            except ValueError:
                break
    return numbers


def dialect_of(lines: list[str]) -> tuple[str | None, str]:
    """Return the delimiter and decimal mark under which most sample lines are rows of two or more numbers."""
    middle = max(len(lines) // 2 - SAMPLE_LINES // 2, 0)
    sample = (
        lines[:SAMPLE_LINES]
        if len(lines) <= 2 * SAMPLE_LINES
        else lines[:SAMPLE_LINES] + lines[middle : middle + SAMPLE_LINES]
    )

    def score(dialect: tuple[str | None, str]) -> int:
        return sum(len(leading_numbers(line, *dialect)) >= 2 for line in sample)

    return max(DIALECTS, key=score)  # max returns the first of equals


def read_table(source: Source) -> TextTable:
    """Return the table that a text file holds.

    Raises
    ------
    InputError
        No table, a single column, rows broken by a line that is no row, or a last row cut short.
    """
    stripped = [line.strip() for line in source.lines]
    content = [line for line in stripped if line and not line.startswith(COMMENT_MARKS)]
    delimiter, decimal = dialect_of(content)
    parsed: list[tuple[int, list[float]]] = []
    others: list[tuple[int, str]] = []
    for number, line in enumerate(stripped, 1):
        if not line:
            continue
        numbers = [] if line.startswith(COMMENT_MARKS) else leading_numbers(line, delimiter, decimal)
        if numbers:
            parsed.append((number, numbers))
        else:
            others.append((number, line))
    width = usual_width(parsed, source)
    split = 0
    if width == 2 and delimiter is None:
        parsed, split = unglued(parsed, source)
    rows = [(number, numbers[:width]) for number, numbers in parsed if len(numbers) >= width]
    check_strays(parsed, rows, width, source)
    first = rows[0][0]
    check_breaks(rows, others + [(number, stripped[number - 1]) for number, few in parsed if len(few) < width], source)
    singles = tuple(stripped[number - 1] for number, numbers in parsed if number < first and len(numbers) == 1)
    header = tuple(line.lstrip("#!%;@/*' \t\"") for number, line in others if number < first or line.startswith("#"))
    values = np.asarray([numbers for _, numbers in rows], dtype=np.float64)
    said = (f"{split} rows without a blank between their columns were split by position",) if split else ()
    return TextTable(values, tuple(number for number, _ in rows), header, delimiter, singles, said)


def unglued(parsed: list[tuple[int, list[float]]], source: Source) -> tuple[list[tuple[int, list[float]]], int]:
    """Split rows of fixed columns that ran together, where the first column usually ends; return how many.

    ``14.1185 1697`` may be followed by ``14.168110228``: the seventh character ends the position.
    """
    raw = source.lines
    ends = [
        len(line) - len(line.lstrip()) + len(line.split()[0])
        for number, two in parsed
        if len(two) == 2
        for line in [raw[number - 1]]
    ]
    if not ends or len(ends) == len(parsed):
        return parsed, 0
    end = int(np.argmax(np.bincount(ends)))
    result: list[tuple[int, list[float]]] = []
    split = 0
    for number, numbers in parsed:
        line = raw[number - 1].rstrip()
        if len(numbers) == 1 and result and len(result[-1][1]) == 2 and len(line) > end:
            pair = leading_numbers(f"{line[:end]} {line[end:]}", None, ".")
            if len(pair) == 2 and pair[0] > result[-1][1][0] and "." in line[:end]:
                numbers, split = pair, split + 1
        result.append((number, numbers))
    return result, split


def usual_width(parsed: list[tuple[int, list[float]]], source: Source) -> int:
    """Return the number of columns that most numeric lines have."""
    if not parsed:
        raise source.error("no line holds numbers", "this is no pattern; give columns of two_theta and intensity")
    widths = np.bincount([len(numbers) for _, numbers in parsed])
    if widths[1] * 2 > len(parsed):
        raise source.error(
            f"the file holds a single column of {widths[1]} numbers",
            "give positions and intensities in two columns",
            line=next(number for number, numbers in parsed if len(numbers) == 1),
        )
    return int(np.argmax(widths[2:])) + 2


def check_strays(
    parsed: list[tuple[int, list[float]]], rows: list[tuple[int, list[float]]], width: int, source: Source
) -> None:
    """Refuse a file whose numbers lie mostly outside the table, or whose last row is cut short."""
    number, last = parsed[-1]
    if len(last) < width and number == rows[-1][0] + 1 and len(rows) > 3:
        raise source.error(
            f"the last row has {len(last)} of {width} numbers",
            "the file is truncated; copy or export it again",
            line=number,
        )
    strays = [number for number, numbers in parsed if len(numbers) < width and number > rows[0][0]]
    if len(strays) > MAX_STRAY_SHARE * len(parsed):
        raise source.error(
            f"{len(strays)} lines have fewer than {width} numbers", "give one table with equal columns", line=strays[0]
        )


def check_breaks(rows: list[tuple[int, list[float]]], others: list[tuple[int, str]], source: Source) -> None:
    """Refuse a line between two rows that is neither a comment nor the head of another scan."""
    words = {number: line for number, line in others if not line.startswith(COMMENT_MARKS)}
    for (before, low), (after, high) in pairwise(rows):
        if after == before + 1:
            continue
        for number in range(before + 1, after):
            if number in words and high[0] > low[0]:
                raise source.error(
                    f"'{words[number][:60]}' stands between two rows", "repair or remove that line", line=number
                )

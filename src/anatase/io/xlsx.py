"""Spreadsheets (Office Open XML): the cells of each sheet as the rows of a text table."""

from __future__ import annotations

import re
from dataclasses import replace

from anatase.io.archive import member, open_archive
from anatase.io.delimited import read_delimited
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.xml_tree import Element, find, find_all, parse_xml, text_of

__all__ = ["is_xlsx", "read_xlsx"]

SHEET = re.compile(r"^xl/worksheets/sheet(\d+)\.xml$")
MAX_COLUMN = 16_384


def is_xlsx(names: list[str]) -> bool:
    """Whether the member names of a zip are those of a spreadsheet."""
    return any(SHEET.match(name) for name in names)


def read_xlsx(source: Source) -> tuple[Scan, ...]:
    """Read the first sheet that holds columns of numbers."""
    with open_archive(source) as archive:
        names = archive.namelist()
        shared: list[str] = []
        if "xl/sharedStrings.xml" in names:
            root = parse_xml(member(archive, "xl/sharedStrings.xml", source), source, "sharedStrings.xml")
            shared = ["".join(part.text or "" for part in find_all(item, "t")) for item in find_all(root, "si")]
        sheets = sorted((int(match.group(1)), name) for name in names if (match := SHEET.match(name)))
        texts = [sheet_text(parse_xml(member(archive, name, source), source, name), shared) for _, name in sheets]
    text = max(texts, key=len)
    if not text.strip():
        raise source.error("the spreadsheet has no cells", "give columns of two_theta and intensity")
    scans = read_delimited(replace(source, data=text.encode()))
    for scan in scans:
        scan.metadata["format"] = "XLSX"
    return scans


def sheet_text(root: Element, shared: list[str]) -> str:
    """Return a sheet as lines of cells parted by tabs; line numbers are row numbers."""
    lines: list[str] = []
    for row in find_all(root, "row"):
        number = int(row.get("r", "") or 0) if (row.get("r") or "0").isdigit() else 0
        while len(lines) < min(number - 1, len(lines) + 1000):
            lines.append("")
        cells: list[str] = []
        for cell in find_all(row, "c"):
            at = column_index(cell.get("r") or "")
            while len(cells) < min(at, MAX_COLUMN):
                cells.append("")
            cells.append(cell_text(cell, shared))
        lines.append("\t".join(cells))
    return "\n".join(lines)


def column_index(reference: str) -> int:
    """Return the 0-based column of a cell reference such as ``AB12``; 0 where there is none."""
    index = 0
    for letter in reference:
        if not "A" <= letter <= "Z" or index > MAX_COLUMN:
            break
        index = 26 * index + ord(letter) - 64
    return max(index - 1, 0)


def cell_text(cell: Element, shared: list[str]) -> str:
    """Return a cell's text: a shared string, an inline string or a number."""
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in find_all(cell, "t")).replace("\t", " ")
    value = text_of(find(cell, "v"))
    if cell.get("t") == "s":
        value = shared[int(value)] if value.isdigit() and int(value) < len(shared) else ""
    return value.replace("\t", " ").replace("\n", " ")

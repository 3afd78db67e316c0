"""The table of pattern readers: name, how the content is recognised, how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from zipfile import ZipFile

from anatase.io.archive import ZIP_MAGIC, open_archive
from anatase.io.brml import is_brml, read_brml
from anatase.io.bruker_raw import read_raw1, read_raw2, read_raw3
from anatase.io.bruker_raw4 import read_raw4
from anatase.io.constant_step import is_constant_step, read_constant_step
from anatase.io.counted_text import is_chi, read_chi, read_cpi, read_udf
from anatase.io.delimited import read_delimited
from anatase.io.gsas import is_gsas, read_gsas
from anatase.io.jade import read_jade
from anatase.io.json_pattern import is_json, read_json
from anatase.io.nexus import HDF5_MAGIC, read_nexus
from anatase.io.pdcif import is_cif, read_pdcif
from anatase.io.refused import refuse_known, unknown_format
from anatase.io.rigaku import is_rasx, read_asc, read_ras, read_rasx
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.stoe import read_stoe
from anatase.io.uxd import is_uxd, read_uxd
from anatase.io.xlsx import is_xlsx, read_xlsx
from anatase.io.xrdml import read_xrdml

__all__ = ["READERS", "Reader", "scans_of"]


@dataclass(frozen=True)
class Reader:
    """One format: its name, the test of the content, the reader."""

    name: str
    recognise: Callable[[Source], bool]
    read: Callable[[Source], tuple[Scan, ...]]


def starts(*marks: bytes) -> Callable[[Source], bool]:
    """Return a test for the first bytes, after a byte-order mark and blanks."""
    return lambda source: source.head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(marks)


def text_that(test: Callable[[Source], bool]) -> Callable[[Source], bool]:
    """Return a test that holds only for text."""
    return lambda source: source.is_text and test(source)


def xml_with(tag: str) -> Callable[[Source], bool]:
    """Return a test for an XML document with a tag near its start."""
    pattern = re.compile(rf"<(\w+:)?{tag}[\s>]")
    return lambda source: source.is_text and "<" in source.text[:200] and pattern.search(source.text[:4096]) is not None


def zip_with(test: Callable[[list[str]], bool]) -> Callable[[Source], bool]:
    """Return a test for the member names of a zip container."""

    def recognise(source: Source) -> bool:
        if not source.data.startswith(ZIP_MAGIC):
            return False
        with open_archive(source) as archive:
            return test(member_names(archive))

    return recognise


def member_names(archive: ZipFile) -> list[str]:
    """Return the member names with forward slashes."""
    return [name.replace("\\", "/") for name in archive.namelist()]


# tried in this order; the first that recognises the content reads it
READERS: tuple[Reader, ...] = (
    Reader("Bruker RAW 4", starts(b"RAW4.00"), read_raw4),
    Reader("Bruker RAW 3", starts(b"RAW1.01"), read_raw3),
    Reader("Bruker RAW 2", starts(b"RAW2"), read_raw2),
    Reader("STOE RAW", starts(b"RAW_1."), read_stoe),
    Reader("Bruker RAW 1", starts(b"RAW "), read_raw1),
    Reader("BRML", zip_with(is_brml), read_brml),
    Reader("RASX", zip_with(is_rasx), read_rasx),
    Reader("XLSX", zip_with(is_xlsx), read_xlsx),
    Reader("NeXus", starts(HDF5_MAGIC), read_nexus),
    Reader("XRDML", xml_with("xrdMeasurements?"), read_xrdml),
    Reader("Jade", xml_with("Jadex"), read_jade),
    Reader("RAS", text_that(starts(b"*RAS_")), read_ras),
    Reader("Rigaku ASC", text_that(starts(b"*TYPE")), read_asc),
    Reader("UXD", text_that(is_uxd), read_uxd),
    Reader("CPI", text_that(starts(b"SIETRONICS XRD SCAN")), read_cpi),
    Reader("UDF", text_that(starts(b"SampleIdent")), read_udf),
    Reader("pdCIF", text_that(is_cif), read_pdcif),
    Reader("JSON", text_that(is_json), read_json),
    Reader("GSAS", text_that(is_gsas), read_gsas),
    Reader("CHI", text_that(is_chi), read_chi),
    Reader("start step stop", text_that(is_constant_step), read_constant_step),
    Reader("columns", lambda source: source.is_text and not source.text.lstrip().startswith("<"), read_delimited),
)


def scans_of(source: Source) -> tuple[Scan, ...]:
    """Return the scans of a source, read by the first reader that recognises it.

    Raises
    ------
    InputError
        When the file is of a kind without a pattern, of no known kind, or damaged.
    """
    refuse_known(source)
    for reader in READERS:
        if reader.recognise(source):
            scans = reader.read(source)
            if not scans:
                raise source.error(f"the {reader.name} file announces no scan", "the file is damaged or empty")
            return scans
    if source.data.startswith(ZIP_MAGIC):
        raise source.error("the zip container holds no BRML, RASX or XLSX data", "unpack it and give the pattern in it")
    if source.is_text:
        raise source.error("this XML is of no known pattern format", "export the scan as xy, xye or XRDML")
    raise unknown_format(source)

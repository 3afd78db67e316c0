"""Files that are no one-dimensional diffraction pattern, recognised so that the refusal can say what they are."""

from __future__ import annotations

import re
import struct

from anatase.errors import InputError
from anatase.io.source import Source

__all__ = ["refuse_known", "unknown_format"]

FRAME = "a two-dimensional detector frame"
INTEGRATE = "integrate it to a pattern first"
OTHER = "give a diffraction pattern"
# (what, remedy, pattern at the start of the bytes)
MAGIC: tuple[tuple[str, str, bytes], ...] = (
    (f"{FRAME} (TIFF)", INTEGRATE, rb"(II\*\0|MM\0\*|II\+\0|MM\0\+)"),
    (f"{FRAME} (CBF)", INTEGRATE, rb"###CBF"),
    (f"{FRAME} (mar345)", INTEGRATE, rb"(\xd2\x04\0\0|\0\0\x04\xd2)"),
    (f"{FRAME} (EDF)", INTEGRATE, rb"\{\s*(EDF_|HeaderID|Header_?ID)"),
    (f"{FRAME} (SMV)", INTEGRATE, rb"\{\s*HEADER_BYTES"),
    (f"{FRAME} (Bruker)", INTEGRATE, rb"FORMAT\s*:\s*\d+"),
    (f"{FRAME} (Rigaku R-AXIS)", INTEGRATE, rb"(RAXIS|R-AXIS)"),
    (f"{FRAME} (FIT2D)", INTEGRATE, rb"\\\s*FIT2D"),
    (
        "a picture (PNG or JPEG)",
        "give the measured numbers, not a figure",
        rb"(\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0\0\0\0)",
    ),
    ("a PDF document", "give the measured numbers", rb"%PDF"),
    ("an HTML page", "the download may have failed; fetch the file again", rb"\s*<(!doctype html|html)"),
    ("a VAMAS surface-analysis spectrum", OTHER, rb"VAMAS Surface Chemical"),
    ("a JCAMP-DX spectrum", OTHER, rb"\s*##TITLE="),
    ("a legacy Excel workbook or other OLE document", "save it as xlsx or csv", rb"\xd0\xcf\x11\xe0"),
    ("a GSAS-II instrument parameter file", "give the pattern it belongs to", rb"#GSAS-II instrument parameter"),
    ("a pickled GSAS-II project or other pickle", "export the histogram as xye or cif", rb"\x80[\x02-\x05]"),
    ("a Git LFS pointer, not the file itself", "run git lfs pull", rb"version https://git-lfs"),
)


def refuse_known(source: Source) -> None:
    """Raise an error that names the kind of file, if it is one that holds no pattern.

    Raises
    ------
    InputError
        For detector frames, pictures, spectra of other methods, instrument and structure files.
    """
    head = source.head
    for what, remedy, pattern in MAGIC:
        if re.match(pattern, head, re.IGNORECASE | re.DOTALL):
            raise source.error(f"this is {what}", remedy)
    what = binary_spectrum(source)
    if what:
        raise source.error(f"this is {what}", OTHER)
    if source.is_text:
        refuse_text(source)


def refuse_text(source: Source) -> None:
    """Refuse text files of other kinds."""
    head = source.text[:20_000]
    if re.search(r"^INS\s+(BANK|HTYPE|\d+\s+ICONS)", head, re.MULTILINE):
        raise source.error("this is a GSAS instrument parameter file", "give the pattern it belongs to")
    if re.search(r"<Sample\b[^>]*\blexsyg|<Curve\b[^>]*curveType", head, re.IGNORECASE):
        raise source.error("this is a luminescence measurement (XSYG)", OTHER)
    if re.match(r"\s*Fischer\d*\s*$", source.lines[0]):
        raise source.error("this is a spectrum of fluorescence channels (Fischer)", OTHER)
    if re.search(r"^\$?(SPEC_ID|\$DATE_MEA|<<PMCA SPECTRUM>>)", head, re.MULTILINE):
        raise source.error("this is a multichannel-analyser spectrum", OTHER)
    if re.match(r"\s*(TITL\s[^\n]*\n(.*\n)*?CELL\s)", head):
        raise source.error("this is a SHELX structure", "give a pattern")


def binary_spectrum(source: Source) -> str:
    """Return what kind of binary spectrum the bytes are by their structure; empty for none."""
    data = source.data
    if len(data) >= 4100:
        width, kind = struct.unpack_from("<H", data, 42)[0], struct.unpack_from("<h", data, 108)[0]
        height, frames = struct.unpack_from("<H", data, 656)[0], struct.unpack_from("<i", data, 1446)[0]
        size = {0: 4, 1: 4, 2: 2, 3: 2, 5: 8, 6: 1, 8: 4}.get(kind, 0)
        if size and width and height and 0 < frames < 1e6 and len(data) == 4100 + size * width * height * frames:
            return "an optical spectrum of a CCD camera (Princeton Instruments SPE)"
    if data[:2] == b"\0\x04" and data[4:6] == b"\x04\x04":
        return "a gamma spectrum (Canberra CNF)"
    if (
        len(data) >= 512
        and len(data) % 512 == 0
        and data[:512].count(b" ") > 0
        and re.search(rb"\0\0\0[\s\S]*\0\0\0", data[:512])
    ):
        counts = struct.unpack_from(f"<{(len(data) - 512) // 4}i", data, 512) if len(data) > 1024 else ()
        if counts and sum(0 <= count < 2**26 for count in counts) > 0.9 * len(counts):
            return "a multichannel-analyser spectrum (Canberra MCA or alike)"
    return ""


def unknown_format(source: Source) -> InputError:
    """Return the error for bytes that no reader knows."""
    start = source.data[:8].hex(" ")
    return source.error(
        f"the {len(source.data)} bytes are binary data of no known pattern format (they start with {start})",
        "export the scan as xy, xye or the instrument's exchange format",
    )

"""Read a pattern, or every scan, of a file in any known format."""

from __future__ import annotations

from pathlib import Path

from anatase.errors import InputError
from anatase.io.ranges import one_pattern
from anatase.io.registry import scans_of
from anatase.io.scan import pattern_of
from anatase.io.source import Source, open_source
from anatase.pattern.pattern import Pattern

__all__ = ["patterns_of", "read", "read_scans"]


def read(path: str | Path, *, scan: int | None = None) -> Pattern:
    """Read the pattern of a file; the format is recognised by content, gzip is unpacked.

    Parameters
    ----------
    scan
        The 1-based number of the scan to take. Without it adjacent ranges are joined, repeated scans
        on one grid are summed, and otherwise the longest scan is taken, with a warning.

    Returns
    -------
    Pattern
        With wavelengths and σ from the file where it states them, and warnings for what was assumed.

    Raises
    ------
    InputError
        When the file cannot be used; the message says where, what was found and what to do.
    """
    patterns = read_scans(path)
    if scan is None:
        return one_pattern(patterns)
    if not 1 <= scan <= len(patterns):
        raise InputError(f"there is no scan {scan}", f"the file has scans 1 to {len(patterns)}", file=Path(path).name)
    return one_pattern((patterns[scan - 1],))


def read_scans(path: str | Path) -> tuple[Pattern, ...]:
    """Read every scan, range or bank of a file as a pattern of its own.

    Raises
    ------
    InputError
        When the file cannot be used.
    """
    return patterns_of(open_source(path))


def patterns_of(source: Source) -> tuple[Pattern, ...]:
    """Return the checked patterns of a source."""
    scans = scans_of(source)
    if len(scans) > 1:
        for number, scan in enumerate(scans, 1):
            scan.metadata.setdefault("scan", number)
    return tuple(pattern_of(scan, source) for scan in scans)

"""SHELX reflection files: HKLF 4 (h k l Fo² σ) and HKLF 5 (overlapping reflections of twins)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.io.source import Source, open_source
from anatase.io.text_file import write_text

__all__ = ["ShelxReflections", "read_hkl", "write_hkl"]

FIELDS = ((0, 4), (4, 8), (8, 12), (12, 20), (20, 28), (28, 32))  # FORMAT(3I4, 2F8.2, I4)
WIDEST = 99999999.0


@dataclass(frozen=True)
class ShelxReflections:
    """Measured reflections (n): hkl (n, 3), Fo² and its σ (n,), batch numbers (n,), 0 where the file gives none.

    In HKLF 5 the lines of one overlapped spot follow each other, all but the last with a negative batch number.
    """

    hkl: NDArray[np.int64]
    f_squared: NDArray[np.float64]
    sigma: NDArray[np.float64]
    batch: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.hkl)


def read_hkl(path: str | Path) -> ShelxReflections:
    """Read a SHELX .hkl file up to its line of zeros; fields by their columns, or by blanks where these fail.

    Raises
    ------
    InputError
        When a line holds no reflection, or there is none in the file.
    """
    source = open_source(path)
    rows: list[tuple[float, ...]] = []
    for number, line in enumerate(source.lines, 1):
        if not line.strip():
            if rows:
                break
            continue
        row = _row(line, source, number)
        if row[0] == row[1] == row[2] == 0:
            break
        rows.append(row)
    if not rows:
        raise source.error("there is no reflection", "give a file of h k l Fo^2 sigma")
    table = np.array(rows)
    if not (table[:, 4] > 0.0).any():
        raise source.error("no reflection has a positive sigma", "give the s.u. of Fo^2 in columns 21 to 28")
    return ShelxReflections(
        table[:, :3].astype(np.int64), table[:, 3].copy(), table[:, 4].copy(), table[:, 5].astype(np.int64)
    )


def _row(line: str, source: Source, number: int) -> tuple[float, ...]:
    columns = [line[start:end].strip() for start, end in FIELDS]
    for words in (columns, line.split()[:6]):
        try:
            h, k, l = (int(word) for word in words[:3])
            value, sigma = (float(word) for word in words[3:5])
            batch = int(words[5]) if len(words) > 5 and words[5] else 0
        except (ValueError, IndexError):
            continue
        if np.isfinite(value) and np.isfinite(sigma):
            return (h, k, l, value, sigma, batch)
    raise source.error(f"'{line[:40].strip()}' is no reflection", "write h k l Fo^2 sigma as 3I4, 2F8.2", number)


def write_hkl(reflections: ShelxReflections, path: str | Path) -> None:
    """Write a .hkl file, as many decimals as eight columns hold.

    Raises
    ------
    InputError
        When an index has more than four characters, or the file cannot be written.
    """
    if np.abs(reflections.hkl).max(initial=0) > 999:
        raise InputError("an index is beyond 999", "SHELX has four columns for an index", file=path)
    batched = bool(np.any(reflections.batch != 0))
    lines = []
    for (h, k, l), value, sigma, batch in zip(
        reflections.hkl.tolist(),
        reflections.f_squared.tolist(),
        reflections.sigma.tolist(),
        reflections.batch.tolist(),
        strict=True,
    ):
        tail = f"{batch:4d}" if batched else ""
        lines.append(f"{h:4d}{k:4d}{l:4d}{_eight(value)}{_eight(sigma)}{tail}")
    lines.append(f"{0:4d}{0:4d}{0:4d}{_eight(0.0)}{_eight(0.0)}" + (f"{0:4d}" if batched else ""))
    write_text(Path(path), "\n".join(lines) + "\n")


def _eight(value: float) -> str:
    """Return a number in eight columns, the first blank where that leaves two decimals."""
    for decimals in (2, 1, 0):
        text = f"{value:8.{decimals}f}"
        if len(text) <= 8:
            return text
    if abs(value) > WIDEST:
        raise InputError(f"Fo^2 of {value:g} does not fit eight columns", "scale the intensities down")
    return f"{value:8.0f}"[:8]

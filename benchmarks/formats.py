"""How many files of each format are read right: run ``python benchmarks/formats.py [DATA]``.

Goes over ``formats/manifest.csv`` and ``powder/manifest.csv`` of the evaluation data and prints the
share of diffraction patterns read, the oracle pairs (one scan in two formats) that agree, and the
files of other kinds refused. Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from anatase.errors import InputError
from anatase.io import read, read_scans
from anatase.pattern.pattern import Pattern

BAR = 0.95
# diffraction files that hold no one-dimensional pattern: refusing them is right
NO_PATTERN = (".instprm", ".prm", ".mar2300", ".exp")
# one scan in two formats with the same numbers, besides the manifest's own pairs whose files are there
TWINS = (
    ("raw/powdR_D5000_3.RAW", "xy/powdR_D5000_3.xy"),
    ("raw/powdR_D5000_4.RAW", "xy/powdR_D5000_4.xy"),
    ("raw/xrdpattern_bruker.raw", "json/xrdpattern_aimat.json"),
    ("raw/xylib_Cu3Au-1.raw", "raw/matterviz_Cu3Au-1.raw"),
)


@dataclass
class Tally:
    """Counts of one folder."""

    read: int = 0
    wanted: int = 0
    refused: int = 0
    unwanted: int = 0


def try_read(path: Path) -> Pattern | str:
    """Return the pattern, or the message of the refusal."""
    try:
        return read(path)
    except InputError as error:
        return str(error)


def go_over(folder: Path, *, verbose: bool) -> Tally:
    """Read every file of a folder's manifest once."""
    tally = Tally()
    with (folder / "manifest.csv").open(newline="") as stream:
        rows = {row["path"]: row for row in csv.DictReader(stream)}
    for name, row in rows.items():
        path = folder / name
        if not path.is_file():
            print(f"  absent: {name}")
            continue
        wanted = not row.get("diffraction", "yes").startswith("no") and path.suffix.lower() not in NO_PATTERN
        answer = try_read(path)
        good = isinstance(answer, Pattern)
        tally.wanted += wanted
        tally.unwanted += not wanted
        tally.read += wanted and good
        tally.refused += not wanted and not good
        if good != wanted:
            print(f"  wrong: {name}: {'read' if good else answer}")
        elif verbose and isinstance(answer, str):
            print(f"  refused: {answer}")
    return tally


def agree(first: Path, second: Path) -> bool:
    """Whether two files hold the same scan: positions to 1e-3, intensities to 1e-6 of the highest."""
    a, b = read_scans(first)[0], read_scans(second)[0]
    if len(a) != len(b):
        return False
    tolerance = 1e-6 * float(np.abs(a.intensity).max())
    return bool(
        np.allclose(a.x, b.x, rtol=0, atol=1e-3) and np.allclose(a.intensity, b.intensity, rtol=0, atol=tolerance)
    )


def main() -> int:
    """Print the figures; return 1 when one misses its bar."""
    verbose = "-v" in sys.argv
    named = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    default = os.environ.get("ANATASE_DATA", str(Path(__file__).parents[2] / "shared" / "data"))
    data = Path(named[0] if named else default)
    passed = True
    for folder in ("formats", "powder"):
        start = time.perf_counter()
        tally = go_over(data / folder, verbose=verbose)
        seconds = time.perf_counter() - start
        share = tally.read / max(tally.wanted, 1)
        print(
            f"{folder}: {tally.read} of {tally.wanted} patterns read ({100 * share:.1f} %), "
            f"{tally.refused} of {tally.unwanted} other files refused, {seconds:.1f} s"
        )
        passed &= share >= BAR and tally.refused == tally.unwanted
    pairs = [(data / "formats" / a, data / "formats" / b) for a, b in TWINS]
    agreeing = sum(agree(*pair) for pair in pairs)
    print(f"pairs of formats that agree: {agreeing} of {len(pairs)}")
    return 0 if passed and agreeing == len(pairs) else 1


if __name__ == "__main__":
    sys.exit(main())

"""How often identification is right: run ``python benchmarks/identify [DATA] [options]``.

Identifies the measured patterns of ``DATA/powder/truth.json`` (time of flight left out) with their true elements given,
blind, and with the entries of one true phase taken out of the library (``removed``; ``removed-all``: of every one), and
amorphous patterns; prints what was found beside the bars. A true phase is found when an answered one has its elements
in its ratio (hydrogen set aside, 5 % per element) and, where the truth states any, one of its space-group numbers, or
bears one of its mineral names. A pattern without an answer counts as one without phases. Exit code 1 when a bar is
missed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON", "NUMBA"):
    os.environ.setdefault(f"{name}_NUM_THREADS", "1")
sys.path[1:1] = [str(Path(__file__).parents[1] / "forward_model")]


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    from asking import MODES
    from known_patterns import HALVES

    default = os.environ.get("ANATASE_DATA", str(Path(__file__).parents[3] / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=default, type=Path)
    parser.add_argument("--library", help="library to search; DATA/library without it")
    parser.add_argument("--mode", action="append", choices=MODES, help="may be repeated; elements, blind and removed")
    parser.add_argument("--half", choices=HALVES, help="only samples of this half")
    parser.add_argument("--source", action="append", help="only patterns whose path begins so, as in dara; amorphous")
    parser.add_argument("--pattern", help="only patterns whose path holds this text")
    parser.add_argument("--every", type=int, default=1, help="only every so many patterns")
    parser.add_argument("--jobs", type=int, default=2, help="workers; times are honest with no more than cores")
    parser.add_argument("--processes", action="store_true", help="a whole process each, as a user starts it")
    parser.add_argument("--timeout", type=float, default=120.0, help="seconds of a whole process")
    parser.add_argument("--out", type=Path, help="append each row to this file as a line of JSON")
    parser.add_argument("--rows", type=Path, help="print the table of such a file, run nothing")
    parser.add_argument("--verbose", "-v", action="store_true", help="print every set that is not exact")
    return parser.parse_args()


def main() -> int:
    """Print the figures; return 1 when one misses its bar."""
    from tables import collect, print_tables

    return 0 if print_tables(collect(arguments())) else 1


if __name__ == "__main__":
    sys.exit(main())

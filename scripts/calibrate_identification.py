"""Calibrate the probabilities of identification on simulated mixtures, and on the tuning half of measured patterns.

``python scripts/calibrate_identification.py run LIBRARY… --tested truth.json --out ROWS [--count N] [--seed S]``
searches simulated mixtures of the entries of each library (other phases than the tested ones) and appends a line of
JSON each: the features of every phase, whether it is right, and those of the answer. A run that was stopped goes on
where it was. ``… measured DATA LIBRARY --out ROWS`` does the same for the tuning half of the measured patterns.
``… fit ROWS… --out calibration.json`` fits the calibration to the measured rows and two thirds of the simulated ones,
and prints how reliable it is on the last third.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON", "NUMBA"):
    os.environ.setdefault(f"{name}_NUM_THREADS", "1")
sys.path.insert(1, str(Path(__file__).parents[1] / "benchmarks" / "identify"))


def run(wanted: argparse.Namespace) -> int:
    """Search the cases that the file lacks."""
    from rows import TruePhase

    from anatase.errors import AnataseError
    from anatase.library import open_library
    from calibration_mixtures import Source, draw_case
    from calibration_rows import searched

    rows = json.loads(wanted.tested.read_text("utf-8")).values()
    tested = {(p["formula"], tuple(p["numbers"]), tuple(p["names"])) for row in rows for p in row["phases"]}
    sources = [Source(open_library(path), [TruePhase(*one) for one in sorted(tested)]) for path in wanted.libraries]
    done = set()
    if wanted.out.exists():
        done = {json.loads(line)["index"] for line in wanted.out.read_text("utf-8").splitlines()}
    with wanted.out.open("a", encoding="utf-8") as file:
        for index in range(wanted.count):
            if index in done:
                continue
            source = sources[index % len(sources)]
            start = time.perf_counter()
            try:
                row = searched(draw_case(source, wanted.seed, index), source.library)
            except AnataseError as error:
                row = {"error": str(error)}
            told = {"index": index, "seed": wanted.seed, "library": source.library.sha256}
            file.write(json.dumps(told | row | {"seconds": time.perf_counter() - start}) + "\n")
            file.flush()
    return 0


def measured(wanted: argparse.Namespace) -> int:
    """Search the patterns of the tuning half."""
    from anatase.errors import AnataseError
    from anatase.library import open_library
    from calibration_measured import measured_cases
    from calibration_rows import searched

    library = open_library(wanted.library)
    with wanted.out.open("w", encoding="utf-8") as file:
        for index, (name, case) in enumerate(measured_cases(wanted.data, library)):
            try:
                row = searched(case, library)
            except AnataseError as error:
                row = {"error": str(error)}
            told = {"index": index, "measured": name, "seed": 0, "library": library.sha256}
            file.write(json.dumps(told | row) + "\n")
            file.flush()
    return 0


def fit(wanted: argparse.Namespace) -> int:
    """Fit the calibration and say how reliable it is."""
    from calibration_fit import fit_calibration, print_check

    rows = [json.loads(line) for path in wanted.rows for line in path.read_text("utf-8").splitlines()]
    rows = [row for row in rows if "error" not in row]
    table = fit_calibration(rows)
    print_check(rows, table)
    if wanted.out:
        wanted.out.write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    return 0


def main() -> int:
    """Run or fit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    search = commands.add_parser("run", help="search simulated mixtures")
    search.add_argument("libraries", type=Path, nargs="+")
    search.add_argument("--tested", type=Path, required=True, help="truth.json, whose phases are left out")
    search.add_argument("--out", type=Path, required=True)
    search.add_argument("--count", type=int, default=1000)
    search.add_argument("--seed", type=int, default=1)
    search.set_defaults(call=run)
    real = commands.add_parser("measured", help="search the tuning half of the measured patterns")
    real.add_argument("data", type=Path)
    real.add_argument("library", type=Path)
    real.add_argument("--out", type=Path, required=True)
    real.set_defaults(call=measured)
    fitting = commands.add_parser("fit", help="fit the calibration to rows")
    fitting.add_argument("rows", type=Path, nargs="+")
    fitting.add_argument("--out", type=Path)
    fitting.set_defaults(call=fit)
    wanted = parser.parse_args()
    return int(wanted.call(wanted))


if __name__ == "__main__":
    sys.exit(main())

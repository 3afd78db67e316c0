"""Time and memory of opening a large library and of retrieving candidates from it, in a process that does nothing else.

usage: python benchmarks/library/speed.py LIBRARY PATTERN [--wavelength CuKa] [--repeat 5]

Each repetition is a new process: it reads the pattern, then opens the library, selects every entry, and ranks them by
the whole pattern. Printed are the time from opening to the ranking, that of the imports, and the peak of memory.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

BARS = {"open and retrieve (s)": 0.5, "peak memory (GB)": 1.5}
ONCE = """
import json, resource, sys, time
start = time.perf_counter()
from dataclasses import replace
from pathlib import Path
from anatase.identify.plausible import plausible
from anatase.identify.retrieve import line_table, retrieve
from anatase.io.read import read
from anatase.library import open_library
from anatase.refine.start.measurement import prepare
from anatase.scattering.radiation import radiation_from_name
imported = time.perf_counter()
measurement = prepare(replace(read(Path(sys.argv[2])), radiation=radiation_from_name(sys.argv[3])))
began = time.perf_counter()
library = open_library(Path(sys.argv[1]))
opened = time.perf_counter()
entries = plausible(library, library.select(), None)
selected = time.perf_counter()
table = line_table(library, entries, measurement)
hits = retrieve(table, measurement, measurement.net, measurement.sigma, 240)
done = time.perf_counter()
hits = retrieve(table, measurement, measurement.net, measurement.sigma, 240)
again = time.perf_counter()
print(json.dumps({
    "entries": len(library), "imports (s)": imported - start, "open (s)": opened - began,
    "select (s)": selected - opened, "retrieve (s)": done - selected, "retrieve again (s)": again - done,
    "open and retrieve (s)": done - began,
    "peak memory (GB)": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
    "first": library.ids[int(hits.entries[0])],
}))
"""


def main() -> None:
    """Print the median of each figure beside its bar."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("library", type=Path)
    parser.add_argument("pattern", type=Path)
    parser.add_argument("--wavelength", default="CuKa")
    parser.add_argument("--repeat", type=int, default=5)
    a = parser.parse_args()
    command = [sys.executable, "-c", ONCE, str(a.library), str(a.pattern), a.wavelength]
    # the first process writes the index and compiles; it is not counted
    rows = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(a.repeat + 1)][
        1:
    ]
    for name in rows[0]:
        values = sorted(row[name] for row in rows)
        bar = f"  (bar {BARS[name]})" if name in BARS else ""
        middle = values[len(values) // 2]
        print(f"{name:24s}{middle if isinstance(middle, str) else round(middle, 3)}{bar}")


if __name__ == "__main__":
    main()

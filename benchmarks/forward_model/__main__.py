"""The forward model beside its rivals: run ``python benchmarks/forward_model [DATA] [--only SECTION] [--quick]``.

In one process and on one thread, sections print figures and bars: ``sticks`` (powder lines beside gemmi, phasesmith,
xrd-rust and pymatgen), ``agreement`` (with direct sums, coordinates rounded too), ``profiles`` (whole patterns and
their derivatives beside phasesmith), ``library`` (every CIF of the library to its lines, two workers), ``memory``,
``start`` (first call after an install) and ``random`` (random crystals). Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON", "NUMBA"):
    os.environ[f"{name}_NUM_THREADS"] = "1"

SECTIONS = ("sticks", "agreement", "profiles", "library", "memory", "start", "random")


def main() -> int:
    """Run the sections that are asked for."""
    from sections import run_sections

    default = os.environ.get("ANATASE_DATA", Path(__file__).parents[3] / "shared" / "data")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=default, type=Path, help="folder of the evaluation data")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="a section; may be repeated")
    parser.add_argument("--per-band", type=int, default=50, help="structures of the library in each band of cell sizes")
    parser.add_argument("--quick", action="store_true", help="less time for each rival and fewer structures")
    arguments = parser.parse_args()
    if not (arguments.data / "refine" / "cifs").is_dir():
        print(f"no evaluation data in {arguments.data}; name their folder, or set ANATASE_DATA")
        return 1
    return run_sections(arguments.data, arguments.only or SECTIONS, arguments.per_band, arguments.quick)


if __name__ == "__main__":
    sys.exit(main())

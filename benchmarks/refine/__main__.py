"""Refinements beside their bars: run ``python benchmarks/refine [DATA] [--only SECTION] [--rivals PYTHON] [--quick]``.

In one process and on one thread, each section prints figures and bars: ``fluorapatite`` and ``lead-sulfate`` (beside
GSAS-II's fits), ``standards`` (certified cells), ``neutrons`` (constant wavelength and time of flight), ``cold-start``
(every held pattern whose phases the library has), ``mixtures`` (weighed fractions), ``coverage`` (s.u. against the
truth over simulated patterns), ``bootstrap``, ``series``, ``single-crystals`` and ``rivals`` (rietx and easydiffraction
on the same data, each in a process of the Python that ``--rivals`` names). Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "RAYON", "NUMBA"):
    os.environ[f"{name}_NUM_THREADS"] = "1"
sys.path[1:1] = [str(Path(__file__).parents[1] / "forward_model"), str(Path(__file__).parents[1])]


def main() -> int:
    """Run the sections that are asked for."""
    from sections import SECTIONS, Settings, run_sections

    default = os.environ.get("ANATASE_DATA", Path(__file__).parents[3] / "shared" / "data")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=default, type=Path, help="folder of the evaluation data")
    parser.add_argument("--only", action="append", choices=tuple(SECTIONS), help="a section; may be repeated")
    parser.add_argument("--rivals", default=sys.executable, help="a Python that has rietx and easydiffraction")
    parser.add_argument("--quick", action="store_true", help="fewer patterns where there are many")
    arguments = parser.parse_args()
    if not (arguments.data / "refine" / "fap").is_dir():
        print(f"no evaluation data in {arguments.data}; name their folder, or set ANATASE_DATA")
        return 1
    settings = Settings(arguments.data, arguments.rivals, arguments.quick)
    return run_sections(tuple(arguments.only or SECTIONS), settings)


if __name__ == "__main__":
    sys.exit(main())

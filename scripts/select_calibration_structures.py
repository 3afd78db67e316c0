"""Choose structures to calibrate identification on: ``python scripts/select_calibration_structures.py DATA FOLDER``.

Writes CIFs of compounds of common elements near their convex hull from the tables in ``DATA/structures`` (Materials
Project, CC-BY-4.0) into a folder, without those that ``DATA/powder/truth.json`` holds: what tests identification must
not have set its probabilities. ``anatase library build FOLDER -o DB`` makes their library. Needs ``pip install
pyarrow``.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(1, str(Path(__file__).parents[1] / "benchmarks" / "identify"))

TABLES = ("mp20_biternary_val.parquet", "mpts52_val.parquet", "mp20_mini.parquet")
COMMON = frozenset(
    re.findall(
        "[A-Z][a-z]?",
        "HLiBCNOFNaMgAlSiPSClKCaTiVCrMnFeCoNiCuZnGaGeSrYZrNbMoAgInSnSbBaLaCeHfTaWPbBi",
    )
)
ABOVE_HULL = 0.03  # eV per atom


def tested_formulas(data: Path) -> list[str]:
    """Return the formulae of all phases that the measured patterns hold."""
    truth = json.loads((data / "powder" / "truth.json").read_text("utf-8"))
    return sorted({phase["formula"] for row in truth.values() for phase in row["phases"]})


def is_wanted(row: dict[str, Any], tested: list[str]) -> bool:
    """Tell whether a compound is of common elements, near its hull, and none of those tested."""
    from same_phase import same_ratio

    from anatase.crystal.formula import parse_formula

    stated = re.search(r"_chemical_formula_sum\s+'?([^'\n]+)", row["cif"])
    formula = stated.group(1).replace(" ", "") if stated else ""
    atoms = parse_formula(formula)
    above = row.get("e_above_hull", row.get("energy_above_hull"))
    if atoms is None or not set(atoms) <= COMMON or len(atoms) == 1 or not (above is None or above <= ABOVE_HULL):
        return False
    return not any(same_ratio(formula, other) for other in tested)


def main() -> int:
    """Write the CIFs."""
    import pyarrow.parquet

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("folder", type=Path)
    wanted = parser.parse_args()
    tested = tested_formulas(wanted.data)
    seen: set[str] = set()
    for name in TABLES:
        for row in pyarrow.parquet.read_table(wanted.data / "structures" / name).to_pylist():
            identifier = str(row["material_id"])
            if identifier in seen or not is_wanted(row, tested):
                continue
            seen.add(identifier)
            wanted.folder.mkdir(parents=True, exist_ok=True)
            (wanted.folder / f"{identifier}.cif").write_text(row["cif"], "utf-8")
    print(f"{len(seen)} structures in {wanted.folder}")
    return 0 if seen else 1


if __name__ == "__main__":
    sys.exit(main())

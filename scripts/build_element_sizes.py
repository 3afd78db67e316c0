"""Write src/anatase/crystal/random/data/element_sizes.csv: how large atoms are and how often they occur.

usage: python scripts/build_element_sizes.py

Covalent radii: Cordero et al. (2008) Dalton Trans. 2832, table 2, as gemmi carries them. Radii of anions:
Shannon (1976) Acta Cryst. A32, 751, coordination VI (N: IV). Volumes per atom: least squares of the cell volumes
of the ordered structures in the embedded library, every formula with one vote, drawn for rare elements to a
straight line in r³ of the covalent radius. Counts: in how many of these formulae an element occurs.
"""

from __future__ import annotations

from pathlib import Path

import gemmi
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import lsq_linear

from anatase.crystal.structure import Structure
from anatase.library import open_library

Array = NDArray[np.float64]
OUTPUT = Path(__file__).parents[1] / "src" / "anatase" / "crystal" / "random" / "data" / "element_sizes.csv"
HEADER = "# element;covalent radius (Å);radius as anion (Å);volume per atom (Å³);formulae of the embedded library"
LAST = 96  # Cm, the last of Cordero's table
ANION_RADII = {
    "N": 1.46, "O": 1.40, "F": 1.33, "S": 1.84, "Cl": 1.81, "Se": 1.98, "Br": 1.96, "Te": 2.21, "I": 2.20,
}  # fmt: skip
MAX_ATOMS = 200
PRIOR = 0.35  # spread that a volume per atom may have about the line, of its value
NOISE = 0.12  # spread of a cell's volume about the sum, of its value
OUTLIER = 0.4


def main() -> None:
    """Fit the volumes and write the table."""
    symbols = [gemmi.Element(z).name for z in range(1, LAST + 1)]
    radii = np.array([gemmi.Element(s).covalent_r for s in symbols])
    structures = ordered_structures(set(symbols))
    counts = np.array([[s.composition.get(symbol, 0.0) for symbol in symbols] for s in structures])
    cells = np.array([s.lattice.volume for s in structures])
    formulae = [s.formula for s in structures]
    # 150 zeolites are one formula
    votes = np.array([1.0 / formulae.count(formula) for formula in formulae])
    volumes = fitted_volumes(counts, cells, radii, votes)
    occurrences = np.rint(votes @ (counts > 0)).astype(int)
    rows = [HEADER]
    for symbol, radius, volume, n in zip(symbols, radii, volumes, occurrences, strict=True):
        anion = f"{ANION_RADII[symbol]:.2f}" if symbol in ANION_RADII else ""
        rows.append(f"{symbol};{radius:.2f};{anion};{volume:.2f};{n}")
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text("\n".join(rows) + "\n", encoding="utf-8")
    ratio = np.log(cells / (counts @ volumes))[votes > 0.1]
    spread = np.subtract(*np.quantile(ratio, [0.841, 0.159])) / 2.0
    print(f"{len(cells)} structures of {len(set(formulae))} formulae")
    print(f"ln(V / sum of volumes): median {np.median(ratio):+.3f}, spread {spread:.3f}")


def ordered_structures(symbols: set[str]) -> list[Structure]:
    """Return the fully occupied structures of the embedded library."""
    library = open_library(None)
    structures = (library.structure(i) for i in range(len(library.ids)))
    return [
        s
        for s in structures
        if s.elements <= symbols
        and s.n_atoms <= MAX_ATOMS
        and all(abs(x.species[0].occupancy - 1) < 1e-6 for x in s.sites)
    ]


def fitted_volumes(counts: Array, cells: Array, radii: Array, votes: Array) -> Array:
    """Return the volume per atom (elements,) in Å³, outliers such as zeolites and molecules left out."""
    anions = np.array([gemmi.Element(z).name in ANION_RADII for z in range(1, LAST + 1)])
    # the line: a + b r³, with a constant of its own for anions
    shape = np.stack([np.ones(LAST), radii**3, anions.astype(float)], axis=1)
    used = np.ones(len(cells), dtype=bool)
    volumes = np.full(LAST, 12.0)
    for _ in range(6):
        weight = np.sqrt(votes[used]) / NOISE
        relative = counts[used] / cells[used, None] * weight[:, None]
        line = np.maximum(shape @ lsq_linear(relative @ shape, weight).x, 2.0)
        system = np.concatenate([relative, np.diag(1.0 / (PRIOR * line))])
        target = np.concatenate([weight, np.full(LAST, 1.0 / PRIOR)])
        volumes = lsq_linear(system, target, bounds=(1.0, 150.0)).x
        used = np.abs(np.log(cells / (counts @ volumes))) < OUTLIER
    return volumes


if __name__ == "__main__":
    main()

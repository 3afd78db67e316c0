"""Write a library of half a million entries, as large as the COD: real structures with other cells and elements.

usage: python benchmarks/library/simulate_library.py OUTPUT [--entries 500000] [--library DB_OR_FOLDER] [--seed 1]

The entries of the given library come first, as they are. Each of the others is one of them with its cell stretched by
up to a third within its crystal system, its elements swapped for others, and its intensities changed by a factor of
1.6 either way (1 s.u.); three in ten keep their elements and their cell to within half a percent, as the many records
of one phase do in a real database. Diffraction lines follow the new cell. The file is a library like any other.
"""

from __future__ import annotations

import argparse
import json
import time
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import gemmi
import numpy as np
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.reciprocal_metrics import reciprocal_metrics
from anatase.library import Library, open_library
from anatase.library.catalogue import connect, written
from anatase.library.elements import element_masks
from anatase.library.entry import Record
from anatase.library.phase_key import phase_key
from anatase.library.powder_lines import D_MIN

FOREIGN = {2, 10, 18, 36, 43, 54, 61, *range(84, 90), 91}  # noble gases, and what no library of crystals is full of
SYMBOLS = [gemmi.Element(z).name for z in range(1, 93) if z not in FOREIGN]
RECORDS_OF_ONE_PHASE = 0.3
LARGEST_STRETCH = 1.33
INTENSITY_SPREAD = 0.5  # of the logarithm


def main() -> None:
    """Write the library and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("output", type=Path)
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    start = time.perf_counter()
    write_simulated(arguments.output, open_library(arguments.library), arguments.entries, arguments.seed)
    megabytes = arguments.output.stat().st_size / 1e6
    print(f"{arguments.entries} entries, {megabytes:.0f} MB, {time.perf_counter() - start:.0f} s")


def write_simulated(output: Path, library: Library, entries: int, seed: int) -> None:
    """Write a library of so many entries grown out of another."""
    rng = np.random.default_rng(seed)
    sources = [_record(library, i) for i in range(min(len(library), entries))]
    with written(output, anew=True) as writer:
        for source in sources:
            writer.add(source)
        for number in range(len(sources), entries):
            source = sources[int(rng.integers(len(sources)))]
            writer.add(_relative(source, f"simulated/{number:07d}", rng))


def _record(library: Library, i: int) -> Record:
    """Return the row of an entry as it was written."""
    part = slice(library.line_offsets[i], library.line_offsets[i + 1])
    path = library.paths[-1]
    query = "SELECT phase_key, atom_volume, structure FROM entry JOIN content USING (n) WHERE library_id = ?"
    for path in reversed(library.paths):
        connection = connect(path)
        row = connection.execute(query, (library.ids[i],)).fetchone()
        connection.close()
        if row is not None:
            break
    masks = library.element_masks[i]
    lines = (library.line_hkl[part], *(library.line_intensity[probe][part] for probe in ("xray", "neutron")))
    return Record(library.entry(i), (int(masks[0]), int(masks[1])), row[0], row[1], *lines, row[2])


def _relative(source: Record, library_id: str, rng: np.random.Generator) -> Record:
    """Return an entry of the same structure type."""
    document: dict[str, Any] = json.loads(zlib.decompress(source.structure))
    same_phase = rng.random() < RECORDS_OF_ONE_PHASE
    cell = _stretched(source, 1.005 if same_phase else LARGEST_STRETCH, rng)
    composition = _composition(document)
    swapped = {e: e for e in composition}
    if not same_phase:
        swapped = dict(zip(composition, rng.choice(SYMBOLS, len(composition), replace=False), strict=True))
    document["cell"] = [round(x, 7) for x in cell]
    for site in document["sites"]:
        for species in site[1]:
            species[0] = str(swapped[species[0]])
    elements = {str(swapped[e]): n for e, n in composition.items()}
    lattice = Lattice(*cell)
    volume_ratio = lattice.volume / source.entry.lattice.volume
    lines = _lines(source, cell, rng)
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, sort_keys=True)
    formula = "".join(f"{e}{n:g}" for e, n in sorted(elements.items()))
    entry = replace(
        source.entry, library_id=library_id, name=formula, formula=formula, lattice=lattice, source="simulated"
    )
    atom_volume = source.atom_volume * volume_ratio
    key = phase_key(elements)[0]
    return Record(entry, element_masks(elements), key, atom_volume, *lines, zlib.compress(text.encode(), 3))


def _stretched(source: Record, largest: float, rng: np.random.Generator) -> list[float]:
    """Return the cell with its free lengths changed, and β where it is free."""
    a, b, c, *angles = source.entry.lattice.parameters
    fa, fb, fc = np.exp(rng.uniform(-1.0, 1.0, 3) * np.log(largest))
    number = source.entry.space_group_number
    if number >= 195 or (143 <= number <= 167 and angles[2] != 120.0):
        fb = fc = fa
    elif number >= 75:
        fb = fa
    if 3 <= number <= 15:
        angles[1] += float(rng.uniform(-1.0, 1.0)) * (largest - 1.0) * 10.0
    return [float(v) for v in (a * fa, b * fb, c * fc)] + angles


def _composition(document: dict[str, Any]) -> dict[str, float]:
    """Return the elements of a stored structure with their numbers."""
    found: dict[str, float] = {}
    for site in document["sites"]:
        for element, occupancy, *_ in site[1]:
            found[element] = found.get(element, 0.0) + occupancy * (site[5] or 1)
    return found


def _lines(
    source: Record, cell: list[float], rng: np.random.Generator
) -> tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]:
    """Return the lines in the new cell, with changed intensities, in descending d."""
    h = source.hkl.astype(float)
    inverse_d_squared = np.einsum("ni,ij,nj->n", h, reciprocal_metrics(np.array([cell]))[0], h)
    order = np.argsort(inverse_d_squared, kind="stable")
    order = order[inverse_d_squared[order] < 1.0 / D_MIN**2]
    factors = np.exp(rng.normal(0.0, INTENSITY_SPREAD, (2, order.size)))
    return (
        np.ascontiguousarray(source.hkl[order]),
        (source.xray[order] * factors[0]).astype(np.float32),
        (source.neutron[order] * factors[1]).astype(np.float32),
    )


if __name__ == "__main__":
    main()

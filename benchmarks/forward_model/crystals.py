"""The structures of the evaluation data, as the benchmarks take them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from anatase.crystal.structure import Structure
from anatase.errors import AnataseError
from anatase.io.cif import read_structure
from anatase.simulation.lines import simulate_lines

__all__ = ["BANDS", "Crystal", "at_rest", "band_of", "named_crystals", "read_library", "sample"]

BANDS = (20, 60, 150)  # atoms in the cell, the upper end of a band of cell sizes


@dataclass(frozen=True, slots=True)
class Crystal:
    """A structure of neutral atoms at rest, with its name and the band of its cell."""

    name: str
    structure: Structure
    band: int


def band_of(structure: Structure) -> int:
    """Return 0 for cells of up to 20 positions, 1 up to 60, 2 up to 150, 3 beyond."""
    return int(np.searchsorted(BANDS, len(structure.cell_positions[0])))


def band_name(band: int) -> str:
    """Return how a band of cell sizes prints."""
    return f"≤ {BANDS[band]} atoms" if band < len(BANDS) else f"> {BANDS[-1]} atoms"


def at_rest(structure: Structure) -> Structure:
    """Return the structure of neutral atoms at U = 0, which every rival can calculate."""
    sites = tuple(
        replace(s, u_iso=0.0, u_aniso=None, species=tuple(replace(p, charge=0, isotope=0) for p in s.species))
        for s in structure.sites
    )
    return replace(structure, sites=sites)


def named_crystals(data: Path) -> list[Crystal]:
    """Return the structures of refine/cifs."""
    structures = [(path.stem, at_rest(read_structure(path))) for path in sorted((data / "refine/cifs").glob("*.cif"))]
    return [Crystal(name, structure, band_of(structure)) for name, structure in structures]


def read_library(data: Path) -> tuple[list[tuple[str, Structure]], list[str]]:
    """Return every CIF of the library with its path, and the paths of those that are refused.

    A structure that the forward model refuses, for sites on top of each other say, is among the latter.
    """
    read: list[tuple[str, Structure]] = []
    refused: list[str] = []
    for path in sorted((data / "library").rglob("*.cif")):
        name = str(path.relative_to(data / "library"))
        try:
            structure = read_structure(path)
            simulate_lines(structure, two_theta=(5.0, 10.0))
            read.append((name, replace(structure)))  # a copy: nothing that was calculated stays cached
        except AnataseError:
            refused.append(name)
    return read, refused


def sample(structures: list[tuple[str, Structure]], per_band: int, seed: int = 0) -> list[Crystal]:
    """Return so many structures of each band of cell sizes, drawn with a seed, in the order of the draw."""
    rng = np.random.default_rng(seed)
    taken = [0] * (len(BANDS) + 1)
    drawn = []
    for index in rng.permutation(len(structures)):
        name, structure = structures[index]
        band = band_of(structure)
        if taken[band] < per_band:
            taken[band] += 1
            drawn.append(Crystal(name, at_rest(structure), band))
    return drawn

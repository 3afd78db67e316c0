"""SHELX sets simulated with noise: R1 of the refined model beside that of the model that made them."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from bars import Bar
from settings import Settings

from anatase.io.shelx_hkl import ShelxReflections, write_hkl
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.io.shelx_structure import shelx_structure
from anatase.refine.single_crystal.refine_crystal import refine_crystal
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import structure_factors

__all__ = ["check_single_crystals"]

HEAD = """TITL simulated
CELL 0.71073 {cell}
ZERR 4 0.001 0.001 0.001 0 0.01 0
LATT {latt}
{symm}SFAC C N O S
UNIT 16 4 8 4
L.S. 15
WGHT 0.0 0.0
FVAR 0.70711
"""
# cell, LATT, operations, sites, resolution (Å)
SETS = {
    "P 21/c, 12 sites": ("7.1 9.3 8.4 90 103.2 90", 1, ("-X, 0.5+Y, 0.5-Z",), 12, 0.80),
    "P 21 21 21, 10 sites": ("6.2 8.8 11.3 90 90 90", -1,
                             ("0.5-X, -Y, 0.5+Z", "-X, 0.5+Y, 0.5-Z", "0.5+X, 0.5-Y, -Z"), 10, 0.80),
    "P -1, 20 sites": ("7.4 8.9 10.2 81 96 104", 1, (), 20, 0.80),
    "P 21/c, 50 sites": ("10.5 13.2 16.1 90 100 90", 1, ("-X, 0.5+Y, 0.5-Z",), 50, 0.90),
}  # fmt: skip
NOISE, FLOOR, APART, SHIFT = 0.03, 0.02, 1.3, 0.003
CLOSE = 0.1  # %, of R1


def _instructions(name: str, rng: np.random.Generator) -> tuple[str, str]:
    """Return the true .ins, and one whose coordinates are shaken and whose displacements start alike."""
    cell, latt, symm, n, _ = SETS[name]
    edges = np.array([float(one) for one in cell.split()[:3]])
    places: list[np.ndarray] = []
    while len(places) < n:
        xyz = rng.uniform(0.02, 0.48 if len(symm) else 0.98, 3)
        apart = [(xyz - other - np.round(xyz - other)) * edges for other in places]
        if all(np.linalg.norm(one) > APART for one in apart):
            places.append(xyz)
    head = HEAD.format(cell=cell, latt=latt, symm="".join(f"SYMM {one}\n" for one in symm))
    true, start = head, head
    for i, xyz in enumerate(places):
        element, kind = ("S", 4) if i < 2 else (("C", 1), ("N", 2), ("O", 3))[i % 3]
        u = rng.uniform(0.02, 0.05, 3)
        moved = xyz + rng.normal(0.0, SHIFT, 3)
        for text, at, widths in ((0, xyz, u), (1, moved, np.full(3, 0.03))):
            line = f"{element}{i + 1} {kind} " + " ".join(f"{one:.6f}" for one in at) + " 11.0 " + " ".join(
                f"{one:.5f}" for one in widths[:2]) + f" =\n {widths[2]:.5f} 0.0 0.0 0.0\n"  # fmt: skip
            true, start = (true + line, start) if text == 0 else (true, start + line)
    return true + "HKLF 4\nEND\n", start + "HKLF 4\nEND\n"


def _measured(path: Path, d_min: float, rng: np.random.Generator) -> None:
    """Write the .hkl that belongs to an .ins: a hemisphere with errors of 3 % and of 2 % of the mean."""
    told = read_shelx_instructions(path)
    most = [int(np.ceil(edge / d_min)) for edge in told.lattice.parameters[:3]]
    hkl = np.stack(np.meshgrid(*[np.arange(-n, n + 1) for n in most], indexing="ij"), -1).reshape(-1, 3)
    half = (hkl[:, 2] > 0) | ((hkl[:, 2] == 0) & ((hkl[:, 1] > 0) | ((hkl[:, 1] == 0) & (hkl[:, 0] > 0))))
    hkl = hkl[half]
    hkl = hkl[told.lattice.d_spacing(hkl) >= d_min]
    f = structure_factors(shelx_structure(told), hkl, ScatteringModel("xray", told.wavelength))
    squares = 0.5 * np.abs(f) ** 2
    sigma = np.hypot(NOISE * squares, FLOOR * squares.mean())
    observed = squares + sigma * rng.normal(size=sigma.size)
    write_hkl(ShelxReflections(hkl, observed, sigma, np.zeros(len(hkl), int)), path.with_suffix(".hkl"))


def check_single_crystals(settings: Settings) -> list[Bar]:
    """Simulate, shake, refine, and compare R1 (strong reflections) with that of the true model."""
    worst = 0.0
    names = list(SETS)[:2] if settings.quick else list(SETS)
    for i, name in enumerate(names):
        rng = np.random.default_rng((660, i))
        true, start = _instructions(name, rng)
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / "crystal.ins"
            path.write_text(true)
            _measured(path, SETS[name][4], rng)
            made = refine_crystal(path, cycles=0).figures.r1
            path.write_text(start)
            began = time.process_time()
            found = refine_crystal(path)
        seconds = time.process_time() - began
        print(f"  {name}: R1 {_percent(found.figures.r1):.3f} % (made by {_percent(made):.3f} %), "
              f"{found.figures.n_parameters} parameters, {seconds:.1f} s CPU")  # fmt: skip
        worst = max(worst, _percent(found.figures.r1) - _percent(made))
    return [Bar("SHELX sets, R1 above the true model's", worst, CLOSE, False, " %")]


def _percent(r1: float) -> float:
    return 100.0 * r1

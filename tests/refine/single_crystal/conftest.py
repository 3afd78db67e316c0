"""Crystals made by hand, and measurements of them simulated with noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.crystal.lattice import Lattice
from anatase.io.shelx_hkl import ShelxReflections, write_hkl
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.io.shelx_instructions import ShelxInstructions
from anatase.io.shelx_structure import shelx_structure
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import structure_factors

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

CENTROSYMMETRIC = """TITL centrosymmetric
CELL 0.71073 7.1 9.3 8.4 90 103.2 90
ZERR 4 0.001 0.001 0.001 0 0.01 0
LATT 1
SYMM -X, 0.5+Y, 0.5-Z
SFAC C O S
UNIT 16 8 4
L.S. 10
WGHT 0.0 0.0
FVAR 0.70711
S1 3 0.1234 0.2345 0.3456 11.0 0.03 0.04 =
  0.035 0.002 0.005 -0.003
C1 1 0.3234 0.2845 0.3056 11.0 0.04
C2 1 0.4234 0.1845 0.2056 11.0 0.04
C3 1 0.1 0.4 0.45 11.0 0.04
C4 1 0.2234 0.5845 0.6056 11.0 0.04
O1 2 0.6 0.15 0.1 11.0 0.05
O2 2 0.7 0.45 0.7 11.0 0.05 0.04 0.03 0.0 0.01 0.0
HKLF 4
END
"""
POLAR = (
    CENTROSYMMETRIC.replace("TITL centrosymmetric", "TITL polar")
    .replace("LATT 1", "LATT -1")
    .replace("SYMM -X, 0.5+Y, 0.5-Z", "SYMM -X, 0.5+Y, -Z")
    .replace("CELL 0.71073", "CELL 1.54178")
)
# P -3 with Fe on the centre and an oxygen on the threefold axis; k, h, -l is a twin law by merohedry
TRIGONAL = """TITL trigonal
CELL 0.71073 9.1 9.1 8.4 90 90 120
LATT 1
SYMM -Y, X-Y, Z
SYMM -X+Y, -X, Z
SFAC C O Fe
UNIT 12 12 1
L.S. 10
WGHT 0.0 0.0
FVAR 0.70711
Fe1 3 0.0 0.0 0.0 10.166667 0.02
C1 1 0.3234 0.2845 0.3056 11.0 0.03 0.02 0.03 0 0 0.01
C2 1 0.4234 0.1845 0.2056 11.0 0.04
O1 2 0.6 0.15 0.1 11.0 0.03
O2 2 0.333333 0.666667 0.7 10.333333 0.05 0.05 0.03 0 0 0.025
HKLF 4
END
"""
# a ring with riding CH, CH2, a methyl and a hydroxyl group that turn
MOLECULE = """TITL molecule
CELL 0.71073 11.0 8.5 9.2 90 90 90
LATT -1
SYMM -X+0.5, -Y, Z+0.5
SYMM -X, Y+0.5, -Z+0.5
SYMM X+0.5, -Y+0.5, -Z
SFAC C H O
UNIT 32 40 4
TEMP -173
L.S. 10
WGHT 0.0 0.0
FVAR 0.70711
C1     1   0.177181   0.417820   0.193033   11.00000   0.02919   0.01966 =
       0.02565   0.00108   0.00186   0.00307
C2     1   0.205029   0.258869   0.178279   11.00000   0.03042   0.01946 =
       0.02495   0.00018   0.00182   0.00222
AFIX 43
H2     2   0.158839   0.194593   0.114357   11.00000  -1.20000
AFIX 0
C3     1   0.300451   0.194415   0.257162   11.00000   0.03071   0.01877 =
       0.02408   0.00091   0.00205   0.00295
AFIX 43
H3     2   0.319380   0.085896   0.247264   11.00000  -1.20000
AFIX 0
C4     1   0.368275   0.288157   0.350472   11.00000   0.03017   0.01978 =
       0.02383   0.00090   0.00186   0.00266
C5     1   0.340546   0.446898   0.365197   11.00000   0.03084   0.01935 =
       0.02491   0.00044   0.00256   0.00320
AFIX 43
H5     2   0.386827   0.511067   0.429118   11.00000  -1.20000
AFIX 0
C6     1   0.245010   0.511792   0.286316   11.00000   0.02915   0.01985 =
       0.02493   0.00064   0.00168   0.00329
AFIX 43
H6     2   0.226142   0.620329   0.296217   11.00000  -1.20000
AFIX 0
C7     1   0.073429   0.488232   0.107447   11.00000   0.02909   0.02901 =
       0.03034  -0.00021  -0.00063  -0.00047
AFIX 137
H7A    2   0.018445   0.404283   0.075679   11.00000  -1.50000
H7B    2   0.028848   0.562678   0.168885   11.00000  -1.50000
H7C    2   0.105667   0.543426   0.022237   11.00000  -1.50000
AFIX 0
C8     1   0.472093   0.217734   0.435981   11.00000   0.03052   0.03064 =
       0.02943  -0.00076   0.00013  -0.00017
AFIX 23
H8A    2   0.519085   0.306140   0.477829   11.00000  -1.20000
H8B    2   0.526159   0.164074   0.365676   11.00000  -1.20000
AFIX 0
O1     3   0.448608   0.109904   0.550458   11.00000   0.03992   0.03040 =
       0.02987  -0.00013   0.00047   0.00018
AFIX 147
H1O    2   0.481434   0.142392   0.627238   11.00000  -1.50000
AFIX 0
HKLF 4
END
"""
TWIN_LAW = np.array([[0, 1, 0], [1, 0, 0], [0, 0, -1]])


@dataclass(frozen=True)
class Measurement:
    """Files of a simulated measurement."""

    ins: Path
    hkl: Path

    def instructions(self) -> ShelxInstructions:
        return read_shelx_instructions(self.ins)


def sphere(lattice: Lattice, shortest: float) -> Indices:
    """Return all hkl (n, 3) with d ≥ ``shortest`` Å."""
    limits = [int(np.ceil(edge / shortest)) for edge in lattice.parameters[:3]]
    grid = np.stack(np.meshgrid(*[np.arange(-n, n + 1) for n in limits], indexing="ij"), axis=-1).reshape(-1, 3)
    grid = grid[np.any(grid != 0, axis=1)]
    return grid[lattice.d_spacing(grid) >= shortest]


def intensities(instructions: ShelxInstructions, hkl: Indices) -> Array:
    """Return |F|² (n,) from the structure factors of the package's powder side."""
    model = ScatteringModel("xray", instructions.wavelength)
    return np.abs(structure_factors(shelx_structure(instructions), hkl, model)) ** 2


Simulate = Callable[..., Measurement]


@pytest.fixture
def simulate(tmp_path: Path) -> Simulate:
    """Return a function that writes .ins and .hkl: ``truth`` makes the data, ``start`` is what is to be refined."""

    def make(
        truth: str,
        start: str | None = None,
        *,
        seed: int = 1,
        shortest: float = 0.85,
        noise: float = 0.02,
        keep: Callable[[Indices], NDArray[np.bool_]] = lambda hkl: hkl[:, 2] >= 0,
        twin: tuple[Array, float] | None = None,
        name: str = "crystal",
    ) -> Measurement:
        ins = tmp_path / f"{name}.ins"
        ins.write_text(truth)
        instructions = read_shelx_instructions(ins)
        hkl = sphere(instructions.lattice, shortest)
        hkl = hkl[keep(hkl)]
        exact = intensities(instructions, hkl)
        if twin is not None:
            turned = np.round(hkl @ twin[0].T).astype(np.int64)
            exact = (1.0 - twin[1]) * exact + twin[1] * intensities(instructions, turned)
        exact = instructions.variables[0] ** 2 * exact
        sigma = noise * exact + 0.01 * exact.mean()
        measured = exact + sigma * np.random.default_rng(seed).normal(size=len(exact))
        write_hkl(ShelxReflections(hkl, measured, sigma, np.zeros(len(hkl), np.int64)), ins.with_suffix(".hkl"))
        if start is not None:
            ins.write_text(start)
        return Measurement(ins, ins.with_suffix(".hkl"))

    return make


@pytest.fixture
def overlapped(tmp_path: Path, crystals: dict[str, str]) -> Measurement:
    """Return an HKLF 5 measurement of the trigonal crystal: 35 % of a second domain, some spots of one domain alone."""
    text = crystals["trigonal"].replace("HKLF 4", "HKLF 5").replace("FVAR", "BASF 0.4\nFVAR")
    ins, rng = tmp_path / "overlapped.ins", np.random.default_rng(3)
    ins.write_text(text)
    instructions = read_shelx_instructions(ins)
    hkl = sphere(instructions.lattice, 0.85)
    hkl = hkl[hkl[:, 2] >= 0]
    turned = hkl @ TWIN_LAW.T
    first, second = 0.5 * intensities(instructions, hkl), 0.5 * intensities(instructions, turned)
    kind = rng.random(len(hkl))
    rows: list[tuple[Indices, float, int]] = []
    for i in range(len(hkl)):
        exact = (0.65 * first[i] if kind[i] < 0.8 else 0.0) + (0.35 * second[i] if not 0.5 <= kind[i] < 0.8 else 0.0)
        value = exact + (0.02 * exact + 0.01 * first.mean()) * rng.normal()
        if kind[i] < 0.5:
            rows.append((turned[i], value, -2))
        rows.append((turned[i], value, 2) if kind[i] >= 0.8 else (hkl[i], value, 1))
    indices, values, batch = (np.array(column) for column in zip(*rows, strict=True))
    sigma = 0.02 * np.abs(values) + 0.01 * first.mean()
    write_hkl(ShelxReflections(indices, values, sigma, batch), ins.with_suffix(".hkl"))
    return Measurement(ins, ins.with_suffix(".hkl"))


@pytest.fixture
def shifted() -> Callable[..., str]:
    """Return a function that moves the free coordinates of a file."""
    return moved


@pytest.fixture
def crystals() -> dict[str, str]:
    """Return the files of a centrosymmetric, a polar and a trigonal crystal, and of a molecule with hydrogen."""
    return {"centrosymmetric": CENTROSYMMETRIC, "polar": POLAR, "trigonal": TRIGONAL, "molecule": MOLECULE}


def moved(text: str, seed: int = 7, by: float = 0.003) -> str:
    """Return a file whose free coordinates are off by some thousandths of the cell."""
    rng, lines = np.random.default_rng(seed), []
    for line in text.splitlines():
        words = line.split()
        if len(words) > 6 and words[0][0] in "COSNF" and words[0][1:2].isdigit():
            words[2:5] = [f"{float(x) + by * rng.normal():.6f}" if abs(float(x)) < 5 else x for x in words[2:5]]
            line = " ".join(words)
        lines.append(line)
    return "\n".join(lines) + "\n"

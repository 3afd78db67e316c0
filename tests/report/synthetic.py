"""Hand-made identifications of patterns drawn with numpy: nothing here is measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate
from anatase.identify.answer import (
    Alternative,
    Identification,
    IdentifiedPhase,
    PhaseLabel,
    Ticks,
    UnexplainedPeak,
)
from anatase.pattern.pattern import Pattern
from anatase.provenance import Provenance
from anatase.scattering.radiation import radiation_from_name

Array = NDArray[np.float64]
CU_KA1 = 1.5405929  # Å, Hölzer et al. (1997)

# name, formula, space group, cell (a, b, c, alpha, beta, gamma); cells rounded from common handbooks, to look real
CELLS: tuple[tuple[str, str, int, str, tuple[float, float, float, float, float, float]], ...] = (
    ("Anatase", "TiO2", 141, "I 41/a m d:2", (3.7845, 3.7845, 9.5143, 90, 90, 90)),
    ("Zincite", "ZnO", 186, "P 63 m c", (3.2498, 3.2498, 5.2066, 90, 90, 120)),
    ("Corundum", "Al2O3", 167, "R -3 c:H", (4.7589, 4.7589, 12.9928, 90, 90, 120)),
    ("Rutile", "TiO2", 136, "P 42/m n m", (4.5937, 4.5937, 2.9587, 90, 90, 90)),
    ("Gypsum", "CaSO4(H2O)2", 15, "I 1 2/a 1", (5.679, 15.202, 6.522, 90, 118.43, 90)),
    ("Fluorapatite", "Ca5P3O12F", 176, "P 63/m", (9.3717, 9.3717, 6.8859, 90, 90, 120)),
)


def d_spacings(cell: Sequence[float], d_min: float) -> tuple[NDArray[np.int64], Array]:
    """All hkl of a half sphere with their d, one of each d."""
    a, b, c = cell[:3]
    ca, cb, cg = np.cos(np.radians(cell[3:]))
    metric = np.array(
        [[a * a, a * b * cg, a * c * cb], [a * b * cg, b * b, b * c * ca], [a * c * cb, b * c * ca, c * c]]
    )
    limit = [int(length / d_min) + 1 for length in (a, b, c)]
    h, k, l = (axis.ravel() for axis in np.meshgrid(*(np.arange(-n, n + 1) for n in limit), indexing="ij"))
    hkl = np.stack([h, k, l], axis=1)
    hkl = hkl[(hkl @ [10000, 100, 1]) > 0]
    d = 1 / np.sqrt(np.einsum("ni,ij,nj->n", hkl, np.linalg.inv(metric), hkl))
    hkl, d = hkl[d > d_min], d[d > d_min]
    _, first = np.unique(np.round(d, 5), return_index=True)
    order = first[::-1]
    return hkl[order], d[order]


def synthetic(phases: int = 2, points: int = 4001, *, seed: int = 1, **changes: object) -> Identification:
    """An answer with 0 to 6 phases on a pattern of any length."""
    rng = np.random.default_rng(seed)
    x = np.linspace(8.0, 90.0, points)
    background = 160 + 420 * np.exp(-x / 22) + 20 * np.sin(x / 15)
    parts = [_phase(k, x, rng, phases) for k in range(phases)]
    stray = 620 * np.exp(-(((x - 41.37) / 0.09) ** 2)) if phases else np.zeros_like(x)
    y_calc = background + sum((part.profile for part in parts), np.zeros_like(x))
    intensity = rng.poisson(y_calc + stray).astype(float)
    sigma = np.sqrt(np.maximum(intensity, 1))
    weights = 1 / sigma**2
    rwp = 100 * float(np.sqrt(np.sum(weights * (intensity - y_calc) ** 2) / np.sum(weights * intensity**2)))
    r_exp = 100 * float(np.sqrt(points / np.sum(weights * intensity**2)))
    pattern = Pattern(
        x=x,
        intensity=intensity,
        sigma=sigma,
        radiation=radiation_from_name("CuKa"),
        metadata={"format": "synthetic", "sample": "TiO2 0.40, ZnO 0.60", "step_time": 0.5},
        name="TiO2_0p4-ZnO_0p6.xrdml",
        sha256="0" * 64,
    )
    values: dict[str, object] = {
        "pattern": pattern,
        "phases": tuple(parts),
        "y_calc": y_calc,
        "background": background,
        "rwp": rwp,
        "r_exp": r_exp,
        "gof": rwp / r_exp,
        "displacement": Estimate(0.0213, 0.0008),
        "unexplained_fraction": 0.031 if phases else 0.0,
        "unexplained_peaks": (UnexplainedPeak(41.37, 2.1808, 620.0, 28.4, 0.031),) if phases else (),
        "alternatives": (Alternative((parts[0].label, _label(5)), rwp + 0.42),) if phases else (),
        "warnings": ("one strong peak at 41.37° is not explained by any phase of the library",) if phases else (),
        "provenance": Provenance(
            version="0.1.0",
            inputs={"TiO2_0p4-ZnO_0p6.xrdml": "0" * 64},
            settings={"elements": ["Ti", "O", "Zn"], "max_phases": 6},
            library={"entries": 912, "sha256": "1" * 64},
            dependencies={"numpy": "2.1.0", "gemmi": "0.7.0"},
        ),
        "settings": {"range": None},
    }
    return Identification(**(values | changes))  # type: ignore[arg-type]


def _label(k: int) -> PhaseLabel:
    name, formula, number, symbol, _ = CELLS[k]
    return PhaseLabel(name, formula, number, symbol, f"openchemistry/{name.lower()}")


def _phase(k: int, x: Array, rng: np.random.Generator, count: int) -> IdentifiedPhase:
    cell = CELLS[k][4]
    hkl, d = d_spacings(cell, CU_KA1 / (2 * np.sin(np.radians(45.0))))
    position = 2 * np.degrees(np.arcsin(CU_KA1 / (2 * d)))
    strength = rng.gamma(0.45, 1.0, d.size) * np.exp(-0.6 / d)
    strength *= 4200 / strength.max() / (1 + 0.6 * k)
    profile = np.zeros_like(x)
    for place, height in zip(position, strength, strict=True):
        profile += height / (1 + ((x - place) / 0.07) ** 2)
    names = ("a", "b", "c", "alpha", "beta", "gamma")
    fixed = [value in (90, 120) for value in cell]
    lattice = {n: Estimate(v, None if f else 0.00021 * v) for n, v, f in zip(names, cell, fixed, strict=True)}
    lattice["volume"] = Estimate(136.27, 0.03)
    fractions = np.array([0.4, 0.6, 0.3, 0.2, 0.15, 0.1])[:count]
    return IdentifiedPhase(
        label=_label(k),
        weight_fraction=Estimate(float(fractions[k] / fractions.sum()), 0.0042 if count > 1 else None),
        probability=None,
        lattice=lattice,
        source="Open Chemistry structure collection",
        citation="Howard, C. J. et al. (1991) Acta Cryst. B47, 462",
        licence="public domain",
        r_bragg=4.2 + k,
        share=1 / count,
        preferred_orientation=((0, 0, 1), Estimate(0.82, 0.02)) if k == 1 else None,
        crystallite_size=Estimate(412.0, 18.0) if k == 0 else None,
        equivalents=("cod/1010942",) if k == 0 else (),
        ticks=Ticks(hkl, position, d, np.full(d.size, 4), 100 * strength / strength.max()),
        profile=profile,
    )

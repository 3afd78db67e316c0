"""How often the first look at a large library keeps the phase that is there.

usage: python benchmarks/library/recall.py LARGE SMALL [--data DATA] [--patterns 150]

LARGE was written by ``simulate_library.py`` out of SMALL. Patterns are simulated of SMALL's entries from 10° to 80°
with Cu Kα: half of them of one phase, half of 3 to 30 % beside a second phase, which is taken off but for 3 %; cells
are off by up to 1 %, line intensities by 20 %. With DATA, the phases of its measured patterns are looked up as well,
before any phase is taken off. A phase counts as lost where the comparison of all lines puts one of its records among
the first 240 and the first look had left it out.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.formula import parse_formula
from anatase.identify import retrieve as retrieval
from anatase.identify.coarse_retrieval import SHIFT_STEP
from anatase.io.read import read
from anatase.library import Library, open_library
from anatase.pattern.pattern import Pattern
from anatase.refine.start.measurement import Measurement, prepare
from anatase.scattering.lorentz_polarization import lorentz_polarization
from anatase.scattering.radiation import radiation_from_name

Array = NDArray[np.float64]

LIMIT = 240  # candidates that a search asks a retrieval for
X = np.arange(10.0, 80.0, 0.02)
FWHM = 0.12


@dataclass(frozen=True)
class Look:
    """Where a phase stood: its best record's rank in the first look, and among all that were compared line by line."""

    coarse: int
    exact: int

    @property
    def lost(self) -> bool:
        """Whether the first look left out what the comparison would have put among the first."""
        return self.coarse >= retrieval.COARSE_KEPT and self.exact < LIMIT


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("large", type=Path)
    parser.add_argument("small", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--patterns", type=int, default=150)
    arguments = parser.parse_args()
    large, small = open_library(arguments.large), open_library(arguments.small)
    rng = np.random.default_rng(7)
    chosen = rng.permutation(len(small))[: arguments.patterns]
    kinds: dict[str, list[Look]] = {"one phase": [], "beside a stronger one": []}
    for i in chosen:
        other = int(rng.integers(len(small))) if rng.random() < 0.5 else None
        measurement, residual = simulated(small, int(i), other, rng)
        if np.count_nonzero(residual > 5.0 * measurement.sigma) < 5:
            continue
        kind = "one phase" if other is None else "beside a stronger one"
        error = np.sqrt(measurement.sigma**2 + (0.1 * (measurement.net - residual)) ** 2)
        kinds[kind].append(look(large, measurement, residual, error, [large.index_of(small.ids[i])]))
    if arguments.data is not None:
        kinds["measured"] = measured(large, arguments.data)
    for kind, looks in kinds.items():
        found = [one for one in looks if one.exact < LIMIT]
        print(
            f"{kind:24s}{len(looks):4d} phases, {len(found)} of them among the first {LIMIT} by all lines, "
            f"{sum(one.lost for one in found)} of these lost; rank in the first look: median "
            f"{np.median([one.coarse for one in found]):.0f}, largest {max(one.coarse for one in found)}"
        )


def look(large: Library, measurement: Measurement, residual: Array, error: Array, true: list[int]) -> Look:
    """Return where a phase stands of which ``true`` are the records."""
    first = retrieval.first_look(large, measurement, retrieval.on_grid(measurement, residual, error))
    entries = np.arange(len(large))
    kept = first.best(entries, retrieval.COARSE_KEPT, retrieval.COARSE_SCORED)
    scores = first.scores(kept, SHIFT_STEP)
    best = first.scores(np.array(true), SHIFT_STEP).max()
    coarse = int(np.count_nonzero(scores > best)) if np.isin(true, kept).any() else len(large)
    table = retrieval.line_table(large, np.union1d(kept, true), measurement)
    hits = retrieval.retrieve(table, measurement, residual, error, table.entries.size)
    ranks = [np.flatnonzero(hits.entries == i) for i in true]
    return Look(coarse, min((int(rank[0]) for rank in ranks if rank.size), default=len(large)))


def simulated(library: Library, i: int, other: int | None, rng: np.random.Generator) -> tuple[Measurement, Array]:
    """Return the pattern of an entry, beside another where there is one, and what is left without the other."""
    weak = curve(library, i, rng)
    strong = curve(library, other, rng) if other is not None else np.zeros_like(X)
    scale = 10_000.0 if other is None else float(np.exp(rng.uniform(np.log(300.0), np.log(3_000.0))))
    expected = 200.0 + scale * weak + 10_000.0 * strong
    y = rng.poisson(expected).astype(float)
    radiation = radiation_from_name("CuKa")
    pattern = Pattern(X, y, np.sqrt(np.maximum(y, 1.0)), radiation=radiation, name="simulated", sha256="0" * 64)
    measurement = prepare(pattern)
    explained = np.interp(measurement.x, X, 10_000.0 * strong * (1.0 + 0.03 * rng.normal()))
    return measurement, measurement.net - explained


def curve(library: Library, i: int, rng: np.random.Generator) -> Array:
    """Return the pattern of an entry with its highest point at 1."""
    radiation = radiation_from_name("CuKa")
    part = slice(library.line_offsets[i], library.line_offsets[i + 1])
    owner = np.zeros(part.stop - part.start, np.int64)
    squares = retrieval.inverse_d_squared(library.lattices[i : i + 1], owner, library.line_hkl[part])
    intensity = library.line_intensity["xray"][part] * np.exp(rng.normal(0.0, 0.2, owner.size))
    s = np.sqrt(squares) * (1.0 + rng.uniform(-0.01, 0.01))
    y = np.zeros_like(X)
    for wavelength, weight in radiation.lines:
        seen = s * wavelength / 2.0 < 0.99
        two_theta = 2.0 * np.degrees(np.arcsin(s[seen] * wavelength / 2.0))
        height = weight * intensity[seen] * lorentz_polarization(two_theta, radiation)
        for place, h in zip(two_theta, height, strict=True):
            low, high = np.searchsorted(X, [place - 4.0, place + 4.0])
            u = (X[low:high] - place) / FWHM
            y[low:high] += h * (0.5 / (1.0 + 4.0 * u**2) + 0.5 * np.exp(-4.0 * np.log(2.0) * u**2))
    return y / max(float(y.max()), 1e-30)


def measured(large: Library, data: Path) -> list[Look]:
    """Return where the phases of measured patterns of one phase stand."""
    truth = json.loads((data / "powder" / "truth.json").read_text(encoding="utf-8"))
    looks = []
    for name, row in sorted(truth.items()):
        if "Cu" not in row["radiation"]:
            continue
        measurement = prepare(replace(read(data / "powder" / name), radiation=radiation_from_name("CuKa")))
        for phase in row["phases"]:
            true = records(large, set(parse_formula(phase["formula"]) or ()), set(phase["numbers"]))
            if phase["in_library"] and true:
                looks.append(look(large, measurement, measurement.net, measurement.sigma, true))
    return looks


def records(large: Library, elements: set[str], numbers: set[int]) -> list[int]:
    """Return the real entries of these elements, all of them, in these space groups."""
    listed = large.select(required=elements, allowed=[*elements, "H"])
    return [int(i) for i in listed if large.space_group_numbers[i] in numbers and is_real(large, int(i))]


def is_real(large: Library, i: int) -> bool:
    """Tell whether an entry was there before the simulated ones."""
    return not large.ids[i].startswith("simulated/")


if __name__ == "__main__":
    main()

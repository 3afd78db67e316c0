"""Powder lines beside the rivals: structures per second, by size of the cell, and ratios."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from bars import Bar, Seconds, best_of
from crystals import BANDS, Crystal, band_name
from rivals import RANGE, RIVALS, WAVELENGTH, Lines, Rival, gemmi_f_squared_alone

from anatase.crystal.structure import Structure
from anatase.simulation.lines import simulate_lines

__all__ = ["compare_sticks", "our_lines"]

REPEATS = 7
PER_CALL_BUDGET = 1.0  # s, after which one structure of one rival is not repeated
WRONG = 0.2  # R of merged intensities beyond which a rival's answer is not the pattern; tables of f0 make 0.03
MERGE = 0.01  # degrees


@dataclass(frozen=True, slots=True)
class Row:
    """What one structure took: ours, each rival's (None: not timed), and the rivals' disagreement."""

    crystal: Crystal
    ours: Seconds
    theirs: dict[str, float]
    disagreement: dict[str, float]
    failures: dict[str, str]


def our_lines(structure: Structure) -> Lines:
    """Return our 2θ (n,) and intensity (n,)."""
    lines = simulate_lines(structure, WAVELENGTH, RANGE)
    return lines.two_theta, lines.intensity


def _histogram(lines: Lines) -> np.ndarray:
    counts, _ = np.histogram(lines[0], np.arange(RANGE[0], RANGE[1] + MERGE, MERGE), weights=lines[1])
    # a line on the edge of a bin may fall to either side: a smooth weighting lets neighbours share
    return np.convolve(counts, np.array([0.25, 0.5, 0.25]))


def _disagreement(ours: Lines, theirs: Lines) -> float:
    a, b = _histogram(ours), _histogram(theirs)
    return float(np.abs(a / a.sum() - b / b.sum()).sum()) if a.sum() > 0.0 and b.sum() > 0.0 else float(a.sum() > 0.0)


def _time_rival(rival: Rival, crystal: Crystal, expected: Lines, row: Row) -> None:
    try:
        own = rival.prepare(crystal.structure)
        row.disagreement[rival.name] = _disagreement(expected, rival.lines(crystal.structure, rival.calculate(own)))
        repeats = 1 if rival.slow else REPEATS
        row.theirs[rival.name] = best_of(lambda: rival.calculate(own), repeats, PER_CALL_BUDGET).wall
    except Exception as error:  # noqa: BLE001 a rival may fail in any way; it is counted and named
        row.failures[rival.name] = f"{type(error).__name__}: {error}"


def _time(crystals: Sequence[Crystal], rivals: Sequence[Rival], budget: float) -> list[Row]:
    """Time every structure; a rival that has spent its budget (s) in a band is left out of the rest of the band."""
    spent: dict[tuple[str, int], float] = {}
    rows = []
    for crystal in crystals:
        expected = our_lines(crystal.structure)
        ours = best_of(lambda s=crystal.structure: our_lines(replace(s)), 3 * REPEATS)
        row = Row(crystal, ours, {}, {}, {})
        for rival in rivals:
            key = rival.name, crystal.band
            if spent.get(key, 0.0) > budget:
                continue
            start = time.perf_counter()
            _time_rival(rival, crystal, expected, row)
            spent[key] = spent.get(key, 0.0) + time.perf_counter() - start
        rows.append(row)
    return rows


def _ratio(rows: Sequence[Row], name: str) -> tuple[int, float, float]:
    """Return over how many structures both did, the ratio of total times and the geometric mean of ratios."""
    both = [(row.theirs[name], row.ours.wall) for row in rows if row.disagreement.get(name, np.inf) < WRONG]
    if not both:
        return 0, np.nan, np.nan
    theirs, ours = np.array(both).T
    return len(both), float(theirs.sum() / ours.sum()), float(np.exp(np.log(theirs / ours).mean()))


def _print_table(rows: Sequence[Row], rivals: Sequence[Rival]) -> None:
    print(f"  {'cell':14} {'n':>4} {'structures/s':>13} {'(cpu)':>7}", *(f"{r.name:>24}" for r in rivals))
    for band in (*range(len(BANDS) + 1), None):
        part = [row for row in rows if band is None or row.crystal.band == band]
        if not part:
            continue
        wall, cpu = (len(part) / sum(getattr(row.ours, kind) for row in part) for kind in ("wall", "cpu"))
        cells = []
        for rival in rivals:
            n, total, mean = _ratio(part, rival.name)
            cells.append(f"{total:9.1f}× {mean:7.1f}× {n:4}" if n else f"{'–':>24}")
        print(f"  {'all' if band is None else band_name(band):14} {len(part):4} {wall:13.0f} {cpu:7.0f}", *cells)


def _report_rivals(rows: Sequence[Row], rivals: Sequence[Rival]) -> None:
    for rival in rivals:
        r = [row.disagreement[rival.name] for row in rows if rival.name in row.disagreement]
        if r:
            print(f"  {rival.name}: R beside ours median {np.median(r):.1e}, largest {max(r):.1e}")
        wrong = [row.crystal.name for row in rows if row.disagreement.get(rival.name, 0.0) >= WRONG]
        failed = [f"{row.crystal.name} ({row.failures[rival.name][:70]})" for row in rows if rival.name in row.failures]
        for what, names in (("other patterns than ours, left out", wrong), ("failed", failed)):
            if names:
                print(f"  {rival.name}: {len(names)} {what}: {', '.join(names)}")


def compare_sticks(named: Sequence[Crystal], library: Sequence[Crystal], budget: float) -> list[Bar]:
    """Print tables for the named structures and for a sample of the library, and return the bars."""
    rivals = [rival for rival in RIVALS if rival.installed]
    for rival in RIVALS:
        if not rival.installed:
            print(f"  {rival.name} is not installed and is left out: pip install {rival.pip}")
    bars = []
    alone = gemmi_f_squared_alone()
    for title, crystals in (("structures of refine/cifs", named), ("library", library)):
        rows = _time(crystals, [*rivals, alone], budget)
        print(f"\n  {title}; ratios: of total times, geometric mean, over how many structures")
        _print_table(rows, [*rivals, alone])
        _report_rivals(rows, rivals)
        if crystals is named:
            bars.append(Bar("structures/s of refine/cifs", len(rows) / sum(r.ours.wall for r in rows), 1500.0, True))
        for kind, value in zip(("total times", "geometric mean"), _ratio(rows, alone.name)[1:], strict=True):
            if kind == "total times":
                bars.append(Bar(f"{title}: ratio to {alone.name}, {kind}", value, 15.0, True, "×"))
        for rival in rivals:
            for band in range(len(BANDS) + 1):
                n, total, _ = _ratio([row for row in rows if row.crystal.band == band], rival.name)
                if n:
                    bars.append(Bar(f"{title}, {band_name(band)}: ratio to {rival.name}", total, 1.0, True, "×"))
    return bars

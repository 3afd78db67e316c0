"""How often identification is right: run ``python benchmarks/identify.py [DATA] [options]``.

Runs ``anatase identify --json`` over the measured patterns of ``DATA/powder/truth.json`` (time of flight left out), a
process each with its start-up, once with the true elements given and once blind, and prints what was found beside the
bars. A true phase is found when an answered one has its elements in its ratio (hydrogen set aside, 5 % per element)
and, where the truth states any, one of its space-group numbers, or bears one of its mineral names. A pattern without
an answer counts as one without phases. Exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anatase.crystal.formula import parse_formula

RATIO_TOLERANCE = 0.05  # per element, of the larger share
PROGRAM = Path(sys.executable).with_name("anatase")


@dataclass(frozen=True)
class Answer:
    """What one process said: its document, or the last line of its error, and its wall time (s)."""

    document: dict[str, Any] | None
    error: str
    seconds: float


@dataclass
class Score:
    """Counts over many patterns, and the errors of weighed fractions (wt%)."""

    patterns: int = 0
    answered: int = 0
    singles: int = 0
    top_one: int = 0
    complete: int = 0  # patterns all of whose phases are in the library
    exact: int = 0  # of these, with exactly their phases answered
    mixtures: int = 0  # of the complete ones, dara's, which are weighed from reagents
    exact_mixtures: int = 0
    named: int = 0  # phases answered
    right: int = 0  # of these, true ones
    findable: int = 0  # true phases that are in the library
    found: int = 0  # of these, answered
    weight_errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def shares(formula: str) -> dict[str, float]:
    """Return each element's share of the atoms, hydrogen and deuterium set aside."""
    text = re.sub(r"\s*[.*]\s*(?=\d*H2O|\(H2O)", "·", formula)  # CaSO4.2H2O: a hydrate's dot, no decimal point
    atoms = parse_formula(text)
    if atoms is None:
        raise SystemExit(f"the formula {formula!r} of the truth or an answer cannot be read")
    heavy = {element: n for element, n in atoms.items() if element not in ("H", "D") and n > 0}
    total = sum(heavy.values())
    return {element: n / total for element, n in heavy.items()}


def same_ratio(first: str, second: str) -> bool:
    """Tell whether two formulae hold the same elements in the same ratio."""
    a, b = shares(first), shares(second)
    return a.keys() == b.keys() and all(abs(a[e] - b[e]) <= RATIO_TOLERANCE * max(a[e], b[e]) + 1e-9 for e in a)


def is_phase(answered: dict[str, Any], true: dict[str, Any]) -> bool:
    """Tell whether an answered phase is a true one."""
    group_fits = not true["numbers"] or answered["space_group"]["number"] in true["numbers"]
    if group_fits and same_ratio(answered["formula"], true["formula"]):
        return True
    said = answered["name"].lower()
    return any(re.search(rf"(?<![a-z]){re.escape(name.lower())}(?![a-z])", said) for name in true["names"])


def pair_up(answered: Sequence[dict[str, Any]], true: Sequence[dict[str, Any]]) -> list[int | None]:
    """Return for each answered phase the index of the true one that it is, each true one taken once."""
    left = list(range(len(true)))
    pairs: list[int | None] = []
    for phase in answered:
        match = next((i for i in left if is_phase(phase, true[i])), None)
        if match is not None:
            left.remove(match)
        pairs.append(match)
    return pairs


def add(score: Score, path: str, row: dict[str, Any], answer: Answer) -> bool:
    """Count one pattern; return whether its set of phases is exact."""
    true = row["phases"]
    answered = answer.document["phases"] if answer.document else []
    pairs = pair_up(answered, true)
    hits = [i for i in pairs if i is not None]
    exact = len(hits) == len(answered) == len(true)
    score.patterns += 1
    score.answered += answer.document is not None
    score.seconds.append(answer.seconds)
    if len(true) == 1:
        score.singles += 1
        score.top_one += bool(pairs) and pairs[0] is not None
    if all(phase["in_library"] for phase in true):
        score.complete += 1
        score.exact += exact
        score.mixtures += path.startswith("dara/") and len(true) > 1
        score.exact_mixtures += path.startswith("dara/") and len(true) > 1 and exact
    score.named += len(answered)
    score.right += len(hits)
    score.findable += sum(phase["in_library"] for phase in true)
    score.found += sum(true[i]["in_library"] for i in hits)
    for phase, i in zip(answered, pairs, strict=True):
        if i is not None and true[i]["fraction"] is not None and not true[i]["nominal"]:
            score.weight_errors.append(100.0 * abs(phase["weight_fraction"]["value"] - true[i]["fraction"]))
    return exact


def command(data: Path, path: str, row: dict[str, Any], library: str, *, blind: bool) -> list[str]:
    """Return what a user would type for a pattern, the radiation of its manifest stated."""
    words = [str(PROGRAM), "identify", str(data / "powder" / path), "--json", "--library", library]
    if not blind:
        words += ["--elements", ",".join(row["elements"])]
    radiation = row["radiation"]
    stated = re.search(r"(\d\.\d+) ?A?\b", radiation)
    if "CuKa" in radiation:
        words += ["--wavelength", "CuKa"]
    elif stated:
        words += ["--wavelength", stated.group(1)]
    if "neutron" in radiation:
        words += ["--probe", "neutron"]
    return words


def ask(words: list[str], limit: float) -> Answer:
    """Run one identification."""
    start = time.perf_counter()
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return Answer(None, f"no answer within {limit:g} s", limit)
    seconds = time.perf_counter() - start
    if done.returncode:
        return Answer(None, (done.stderr.strip().splitlines() or ["no message"])[-1], seconds)
    return Answer(json.loads(done.stdout), "", seconds)


def run(rows: dict[str, dict[str, Any]], ask_one: Callable[[str], Answer], jobs: int, *, verbose: bool) -> Score:
    """Identify every pattern and count."""
    score = Score()
    with ThreadPoolExecutor(jobs) as pool:
        for path, answer in zip(rows, pool.map(ask_one, rows), strict=True):
            exact = add(score, path, rows[path], answer)
            if answer.document is None:
                print(f"  no answer: {path}: {answer.error[:160]}")
            elif verbose and not exact:
                true = [f"{p['formula']} {p['numbers']}" for p in rows[path]["phases"]]
                said = [f"{p['formula']} {p['space_group']['number']}" for p in answer.document["phases"]]
                print(f"  {path}: {', '.join(true)} | answered {', '.join(said) or 'none'}")
    return score


def share(part: int, whole: int) -> float:
    """Return a percentage, NaN of nothing."""
    return 100.0 * part / whole if whole else float("nan")


# name, unit, value, whether more is better, bar with elements, bar blind
FIGURES: tuple[tuple[str, str, Callable[[Score], float], bool, float | None, float | None], ...] = (
    ("answered", "%", lambda s: share(s.answered, s.patterns), True, 100.0, 100.0),
    ("single phase: top-1", "%", lambda s: share(s.top_one, s.singles), True, 85.0, 65.0),
    ("exact set, all phases in the library", "%", lambda s: share(s.exact, s.complete), True, None, None),
    ("exact set, dara's mixtures", "%", lambda s: share(s.exact_mixtures, s.mixtures), True, 50.0, None),
    ("precision", "%", lambda s: share(s.right, s.named), True, 75.0, None),
    ("recall of phases in the library", "%", lambda s: share(s.found, s.findable), True, 85.0, None),
    (
        "weighed fractions: mean error",
        "wt%",
        lambda s: statistics.fmean(s.weight_errors or [float("nan")]),
        False,
        6.0,
        None,
    ),
    ("seconds: median", "s", lambda s: statistics.median(s.seconds), False, 3.0, 3.0),
    ("seconds: max", "s", lambda s: max(s.seconds), False, 20.0, 20.0),
)


def print_table(title: str, scores: dict[str, Score]) -> bool:
    """Print the figures as a table beside their bars; return whether all are met."""
    first = next(iter(scores.values()))
    print(f"\n{title}: {first.patterns} patterns, {first.singles} of one phase, {first.complete} all in the library\n")
    print("| figure | " + " | ".join(f"{mode} | bar" for mode in scores) + " |")
    print("|---|" + "---|---|" * len(scores))
    met = True
    for name, unit, value_of, more, with_elements, when_blind in FIGURES:
        cells = []
        for mode, score in scores.items():
            value, bar = value_of(score), when_blind if mode == "blind" else with_elements
            shown = "–" if value != value else f"{value:.1f} {unit}"
            cells.append(f"{shown} | " + (f"{'≥' if more else '≤'} {bar:g} {unit}" if bar else "–"))
            met &= bar is None or value != value or (value >= bar if more else value <= bar)
        print(f"| {name} | " + " | ".join(cells) + " |")
    return met


def arguments() -> argparse.Namespace:
    """Return what the command line says."""
    default = os.environ.get("ANATASE_DATA", str(Path(__file__).parents[2] / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="?", default=default, type=Path)
    parser.add_argument("--library", help="library to search; DATA/library without it")
    parser.add_argument("--mode", choices=["elements", "blind"], help="only this one of the two")
    parser.add_argument("--source", action="append", help="only patterns whose path begins so, as in dara")
    parser.add_argument("--every", type=int, default=1, help="only every so many patterns")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time; times are honest with 1")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds after which there is no answer")
    parser.add_argument("--verbose", "-v", action="store_true", help="print every set that is not exact")
    return parser.parse_args()


def main() -> int:
    """Print the figures; return 1 when one misses its bar."""
    wanted = arguments()
    truth: dict[str, dict[str, Any]] = json.loads((wanted.data / "powder" / "truth.json").read_text("utf-8"))
    chosen = [p for p in sorted(truth) if not wanted.source or p.startswith(tuple(wanted.source))]
    rows = {p: truth[p] for p in chosen if "TOF" not in truth[p]["radiation"]}
    rows = {p: rows[p] for p in list(rows)[:: wanted.every]}
    if not rows:
        raise SystemExit("no pattern is left; name another --source")
    library = wanted.library or str(wanted.data / "library")
    # index the library once, outside the times
    subprocess.run([str(PROGRAM), "library", "info", "--library", library], capture_output=True, check=True)
    scores = {}
    for mode in [wanted.mode] if wanted.mode else ["elements", "blind"]:

        def ask_one(path: str, blind: bool = mode == "blind") -> Answer:
            return ask(command(wanted.data, path, rows[path], library, blind=blind), wanted.timeout)

        scores[mode] = run(rows, ask_one, wanted.jobs, verbose=wanted.verbose)
    return 0 if print_table(", ".join(wanted.source or ["all sources"]), scores) else 1


if __name__ == "__main__":
    sys.exit(main())

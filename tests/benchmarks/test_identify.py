"""The benchmark of identification: what counts as a true phase, the halves of samples, and the figures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch):
    """Return the modules of the benchmark, which lie outside the package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS / "forward_model"))
    monkeypatch.syspath_prepend(str(BENCHMARKS / "identify"))
    import figures
    import known_patterns
    import open_set
    import rows
    import same_phase

    return SimpleNamespace(
        figures=figures, known_patterns=known_patterns, open_set=open_set, rows=rows, same_phase=same_phase
    )


def phase(bench, formula, number, fraction=0.5, su=0.02, probability=0.9):
    return bench.rows.AnsweredPhase("id", formula, formula, number, fraction, su, None, probability, 5.0, 0.5)


def row(bench, true, answered, mode="elements", removed=()):
    return bench.rows.Row("dara/a_0p5-b_0p5--2min.xrdml", "dara", "held", mode, tuple(true), removed, tuple(answered))


@pytest.mark.parametrize(
    ("answered", "true", "same"),
    [
        ("TiO2", "TiO2", True),
        ("LaH3O3", "La(OH)3", True),  # hydrogen is set aside
        ("CaSO4", "CaSO4.2H2O", False),  # the water's oxygen is not
        ("Nb8.4O21", "Nb2O5", True),  # 5 % per element
        ("Ti2O3", "TiO2", False),
    ],
)
def test_formulas_in_one_ratio(bench, answered, true, same):
    assert bench.same_phase.same_ratio(answered, true) == same


def test_a_phase_needs_its_space_group_or_its_name(bench):
    true = bench.rows.TruePhase("TiO2", (141,), ("anatase",))
    assert bench.same_phase.is_phase("x", "TiO2", 141, true)
    assert not bench.same_phase.is_phase("x", "TiO2", 136, true)
    assert bench.same_phase.is_phase("Anatase, low", "Ti0.9O2", 136, true)
    assert not bench.same_phase.is_phase("metanatasesque", "Ti0.9O2", 136, true)


def test_each_true_phase_is_taken_once(bench):
    true = [bench.rows.TruePhase("TiO2"), bench.rows.TruePhase("ZnO")]
    answered = [phase(bench, "TiO2", 141), phase(bench, "TiO2", 136), phase(bench, "ZnO", 186)]
    assert bench.same_phase.pair_up(answered, true) == [0, None, 1]


def test_scans_of_one_sample_share_a_half(bench):
    # sha256sum of "In2O3+ZnO+dara" begins with d, of "In2O3+MnCO3+dara" with 2
    assert bench.known_patterns.half_of(["ZnO", "In2O3"], "dara") == "held"
    assert bench.known_patterns.half_of(["In2O3", "ZnO"], "dara") == "held"
    assert bench.known_patterns.half_of(["In2O3", "MnCO3"], "dara") == "tuning"


def test_measured_halves(bench, shared_data):
    known = bench.known_patterns.known_patterns(shared_data)
    halves = {}
    for one in known:
        sample = (one.source, *sorted(phase.formula for phase in one.phases))
        assert halves.setdefault(sample, one.half) == one.half
    counts = [sum(one.half == half for one in known) for half in bench.known_patterns.HALVES]
    assert min(counts) > 0.4 * len(known)


def test_figures_of_hand_made_rows(bench):
    true = (bench.rows.TruePhase("TiO2", (141,), (), 0.4), bench.rows.TruePhase("ZnO", (186,), (), 0.6))
    right = row(bench, true, [phase(bench, "TiO2", 141, 0.43), phase(bench, "ZnO", 186, 0.57, 0.01)])
    wrong = row(bench, true, [phase(bench, "TiO2", 141, 0.4), phase(bench, "CuO", 15, 0.6, probability=0.3)])
    assert bench.figures.exact(right)
    assert not bench.figures.exact(wrong)
    # 3, 3 and 0 wt% off; 3 within 1.96 · 2, 3 not within 1.96 · 1, 0 within
    assert bench.figures.interval_coverage([right, wrong]) == pytest.approx(200.0 / 3.0)
    # (0.1² + 0.1² + 0.1² + 0.3²)/4
    assert bench.figures.brier_score([right, wrong]) == pytest.approx(0.03)
    named = {bar.name: bar.value for bar in bench.figures.figures_of([right, wrong])}
    assert named["dara weighed: exact set"] == 50.0
    assert named["precision"] == 75.0
    assert named["recall of phases in the library"] == 75.0
    assert named["dara weighed: mean absolute error of 3 fractions"] == pytest.approx(2.0)


def test_false_accepts_count_likely_wrong_phases(bench):
    true = (bench.rows.TruePhase("TiO2", (141,)),)
    accepted = row(bench, true, [phase(bench, "CuO", 15, probability=0.7)], "removed", (0,))
    doubted = row(bench, true, [phase(bench, "CuO", 15, probability=0.2)], "removed", (0,))
    without = replace(doubted, phases=(), flagged=True)
    values = [bar.value for bar in bench.figures.figures_of([accepted, doubted, without])]
    assert values == pytest.approx([100.0 / 3.0, 100.0 / 3.0])


def test_a_library_without_a_phase(bench):
    from anatase.library import open_library

    library = open_library(None)
    true = bench.rows.TruePhase("SiO2", (152, 154), ("quartz",))
    entries = bench.open_set.entries_of(library, true)
    assert entries.size
    reduced = bench.open_set.without_entries(library, [true])
    left = reduced.select(allowed=("Si", "O"))
    assert not set(entries) & set(left)
    assert set(library.select(allowed=("Si", "O"))) - set(left) == set(entries)
    assert reduced.formulas[int(left[0])] == library.formulas[int(left[0])]


def test_rows_survive_their_file(bench, tmp_path):
    true = (bench.rows.TruePhase("TiO2", (141,), ("anatase",), 0.4),)
    made = row(bench, true, [phase(bench, "TiO2", 141)], "removed", (0,))
    (tmp_path / "rows.jsonl").write_text(bench.rows.row_line(made) + "\n", "utf-8")
    assert bench.rows.read_rows(tmp_path / "rows.jsonl") == [made]

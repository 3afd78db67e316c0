"""The calibration of identification: cases that can be drawn again, and a regression that finds what is there."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from anatase.identify.calibration import table_of
from anatase.library import open_library

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def scripts(monkeypatch):
    """Return the modules of the scripts, which lie outside the package."""
    monkeypatch.syspath_prepend(str(SCRIPTS.parent / "benchmarks" / "identify"))
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import rows

    import calibration_fit
    import calibration_mixtures

    return SimpleNamespace(fit=calibration_fit, mixtures=calibration_mixtures, rows=rows)


def test_cases_leave_out_what_is_tested_and_what_is_removed(scripts):
    library = open_library(None)
    tested = scripts.rows.TruePhase("SiO2", (152, 154), ("quartz",))
    source = scripts.mixtures.Source(library, [tested])
    assert not any(library.formulas[i] == "SiO2" and library.space_group_numbers[i] == 154 for i in source.drawable)
    removed = 0
    for index in range(12):
        case = scripts.mixtures.draw_case(source, 5, index)
        again = scripts.mixtures.draw_case(source, 5, index)
        assert case.pattern.intensity.tobytes() == again.pattern.intensity.tobytes()
        there = {(library.formulas[i], int(library.space_group_numbers[i])) for i in case.entries}
        for i, phase in enumerate(case.true):
            # a true phase is among the candidates exactly where it was not taken out
            assert ((phase.formula, phase.numbers[0]) in there) == (i not in case.removed)
        removed += len(case.removed)
    assert removed


def test_the_regression_finds_the_coefficients_of_its_data(scripts):
    rng = np.random.default_rng(2)
    values = rng.normal(0.0, 1.0, (20_000, 2))
    right = rng.random(20_000) < 1.0 / (1.0 + np.exp(-(2.0 * values[:, 0] - values[:, 1] + 0.5)))
    coefficients, intercept = scripts.fit.logistic(values, right, np.ones(20_000))
    # s.u. of a coefficient of 20,000 cases is about 0.03
    assert coefficients == pytest.approx([2.0, -1.0], abs=0.12)
    assert intercept == pytest.approx(0.5, abs=0.1)


def test_a_case_that_counts_twice_is_two_cases(scripts):
    rng = np.random.default_rng(4)
    values, right = rng.normal(0.0, 1.0, (300, 1)), rng.random(300) < 0.5
    counts = rng.integers(1, 4, 300)
    weighed = scripts.fit.logistic(values, right, counts.astype(float))
    repeated = scripts.fit.logistic(np.repeat(values, counts, axis=0), np.repeat(right, counts), np.ones(counts.sum()))
    assert weighed[0] == pytest.approx(repeated[0], abs=1e-9)
    assert weighed[1] == pytest.approx(repeated[1], abs=1e-9)


def made_rows(scripts, count):
    """Return cases of one phase, whose gain without its best line alone tells whether it is right."""
    rng = np.random.default_rng(3)
    rows = []
    for index in range(count):
        noise = {name: float(rng.normal()) for name in (*scripts.fit.OF_PHASES, *scripts.fit.OF_ANSWERS)}
        right = bool(rng.random() < 1.0 / (1.0 + np.exp(-3.0 * noise["second"])))
        told = {"index": index, "seed": 1, "library": "x", "true": [{"significance": 100.0}]}
        phases = [{"features": noise, "match": 0 if right else None}]
        rows.append({**told, "phases": phases, "features": {name: noise[name] for name in scripts.fit.OF_ANSWERS}})
    return rows


def test_a_calibration_is_checked_on_cases_that_it_has_not_seen(scripts, capsys):
    rows = made_rows(scripts, 3000)
    calibration = scripts.fit.fit_calibration(rows)
    held = [row for row in rows if scripts.fit.is_held(row)]
    assert calibration["provenance"]["cases"] == len(rows) - len(held)
    assert len(held) == pytest.approx(1000, abs=120)
    table = table_of(calibration, "phase")
    # the truth is 1/(1 + exp(−3 second)); 2,000 cases and a penalty of the coefficients leave a tenth
    for gain in (-1.0, 0.0, 1.0):
        features = dict.fromkeys(scripts.fit.OF_PHASES, 0.0) | {"second": gain}
        assert table.probability(features) == pytest.approx(1.0 / (1.0 + np.exp(-3.0 * gain)), abs=0.1)
    scripts.fit.print_check(rows, calibration)
    assert "checked on" in capsys.readouterr().out

"""The first look at a large library: the right entry stays, and nothing changes for libraries of ordinary size."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify import retrieve as retrieval
from anatase.identify.retrieve import first_look, line_table, on_grid, retrieve
from anatase.library import Library, opening
from anatase.library.opening import open_library
from anatase.refine.start.measurement import prepare

RUTILE = "ncrystal/TiO2_sg136_Rutile"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"


@pytest.fixture(scope="module")
def large(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The embedded library, opened as if it were large."""
    patch = pytest.MonkeyPatch()
    patch.setenv("ANATASE_CACHE", str(tmp_path_factory.mktemp("cache")))
    patch.setattr(opening, "INDEXED_FROM", 100)
    opened = open_library(library.paths[0])
    patch.undo()
    return opened


@pytest.mark.parametrize("strain", [-0.017, 0.0, 0.012])
@pytest.mark.parametrize("library_id", [RUTILE, CORUNDUM])
def test_right_entry_is_among_the_best(large, simulate, library_id, strain):
    measurement = prepare(simulate({library_id: 1.0}, cells={library_id: (1.0 + strain,) * 3}, seed=3))
    first = first_look(large, measurement, on_grid(measurement, measurement.net, measurement.sigma))
    best = first.best(np.arange(len(large)), 8, 100)
    assert best.size == 8
    assert np.all(np.diff(best) > 0)
    assert large.groups[large.index_of(library_id)] in large.groups[best]


def test_scores_follow_those_of_all_lines(large, simulate):
    measurement = prepare(simulate({RUTILE: 0.7, CORUNDUM: 0.3}, seed=4))
    first = first_look(large, measurement, on_grid(measurement, measurement.net, measurement.sigma))
    entries = np.arange(len(large))
    fine = first.scores(entries, 5)
    table = line_table(large, entries, measurement)
    hits = retrieve(table, measurement, measurement.net, measurement.sigma, 10)
    rank = np.argsort(np.argsort(-fine))
    assert rank[hits.entries].max() < 40  # of 769: the ten best by all lines are among the best twentieth
    assert np.all((fine >= 0.0) & (fine < 3.0))


def test_two_stages_give_what_one_gives(large, simulate, monkeypatch):
    measurement = prepare(simulate({RUTILE: 0.7, CORUNDUM: 0.3}, seed=4))
    entries = np.arange(len(large))
    whole = retrieve(line_table(large, entries, measurement), measurement, measurement.net, measurement.sigma, 10)
    monkeypatch.setattr(retrieval, "COARSE_FROM", 200)
    monkeypatch.setattr(retrieval, "COARSE_SCORED", 300)
    monkeypatch.setattr(retrieval, "COARSE_KEPT", 100)
    table = line_table(large, entries, measurement)
    assert table.u.size == 0
    staged = retrieve(table, measurement, measurement.net, measurement.sigma, 10)
    assert staged.entries[:5].tolist() == whole.entries[:5].tolist()
    assert np.array_equal(staged.score[:5], whole.score[:5])


def test_nothing_left_to_explain(large, simulate, monkeypatch):
    monkeypatch.setattr(retrieval, "COARSE_FROM", 200)
    monkeypatch.setattr(retrieval, "COARSE_KEPT", 100)
    measurement = prepare(simulate({RUTILE: 1.0}, seed=3))
    table = line_table(large, np.arange(len(large)), measurement)
    assert retrieve(table, measurement, np.zeros(measurement.x.size), measurement.sigma, 10).entries.size == 0


def test_small_libraries_are_compared_line_by_line(library, simulate):
    measurement = prepare(simulate({RUTILE: 1.0}, seed=3))
    assert library.fingerprints is None
    table = line_table(library, np.arange(len(library)), measurement)
    assert table.u.size > 0

"""Retrieval by lines: the right entry first, with the strain of its cell."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify.retrieve import line_table, retrieve
from anatase.refine.start.measurement import prepare

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ANATASE = "ncrystal/TiO2_sg141_Anatase"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"


def test_table_holds_the_lines_in_range(library, simulate):
    entries = np.array([library.index_of(RUTILE), library.index_of(CORUNDUM)])
    table = line_table(library, entries, prepare(simulate({RUTILE: 1.0}, radiation="CuKa1")))
    assert table.entries.tolist() == entries.tolist()
    first = slice(table.offsets[0], table.offsets[1])
    assert np.all(np.diff(table.u[first]) >= 0)
    assert table.weight[first].sum() == pytest.approx(1.0)
    # rutile's 110 is its strongest: d = a/√2
    a = library.structure(entries[0]).lattice.a
    assert np.exp(-table.u[first][table.weight[first].argmax()]) == pytest.approx(a / np.sqrt(2.0), rel=1e-6)
    second = slice(table.offsets[1], table.offsets[2])
    assert table.offsets[2] == table.u.size
    # corundum's longest spacing with intensity is 012: ICDD 46-1212, 3.480 Å
    assert np.exp(-table.u[second][0]) == pytest.approx(3.480, abs=0.005)


@pytest.mark.parametrize("strain", [-0.015, 0.0, 0.012])
@pytest.mark.parametrize("library_id", [RUTILE, ANATASE, CORUNDUM])
def test_right_entry_first(library, simulate, library_id, strain):
    cells = {library_id: (1.0 + strain,) * 3}
    measurement = prepare(simulate({library_id: 1.0}, cells=cells, seed=3))
    # everything in titanium, aluminium and oxygen
    entries = library.select(allowed=["Ti", "Al", "O"])
    table = line_table(library, entries, measurement)
    hits = retrieve(table, measurement, measurement.net, measurement.sigma, 10)
    assert library.groups[hits.entries[0]] == library.groups[library.index_of(library_id)]
    assert hits.strain[0] == pytest.approx(strain, abs=0.0008)  # two steps of its grid of 0.04 %
    assert 0.7 < hits.score[0] <= 1.0
    assert hits.matched[0] > 0.8
    assert np.all(np.diff(hits.score) <= 0)


def test_nothing_to_retrieve(library, simulate):
    measurement = prepare(simulate({RUTILE: 1.0}, seed=3))
    table = line_table(library, library.select(allowed=["Ti", "O"]), measurement)
    assert retrieve(table, measurement, np.zeros(measurement.x.size), measurement.sigma, 10).entries.size == 0


def test_no_candidates(library, simulate):
    measurement = prepare(simulate({RUTILE: 1.0}, seed=3))
    table = line_table(library, np.zeros(0, np.int64), measurement)
    assert table.u.size == 0
    assert retrieve(table, measurement, measurement.net, measurement.sigma, 10).entries.size == 0

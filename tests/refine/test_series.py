"""A series of simulated patterns of rutile that expands."""

from __future__ import annotations

import csv
from dataclasses import replace

import pytest

from anatase.errors import InputError
from anatase.refine.recipe.recipe import Recipe
from anatase.refine.restraint.restraints import Distance
from anatase.refine.series import Series, refine_series
from anatase.refine.series_table import series_csv, series_dict

STRAINS = (1.0, 1.001, 1.002, 1.003)


@pytest.fixture(scope="module")
def series(titania, scan, stretched) -> Series:
    """Refine rutile at four sizes of its cell."""
    rutile = titania[0]
    patterns = [
        replace(
            scan([stretched(rutile, factor)], seed=20 + i),
            name=f"run_{300 + 100 * i}K.xy",
            metadata={"temp": 300.0 + i},
        )
        for i, factor in enumerate(STRAINS)
    ]
    return refine_series(patterns, rutile)


def test_the_cell_is_tracked(series, titania):
    track = series.track("TiO2.a")
    for found, factor in zip(track, STRAINS, strict=True):
        assert abs(found.value - factor * titania[0].lattice.a) < 4.0 * found.su
    assert [len(one.steps) for one in series.refinements[1:]] == [1, 1, 1]  # from the neighbour's end each


def test_the_variable_is_read_from_the_files(series):
    assert series.variable == "temperature"
    assert series.values == (300.0, 301.0, 302.0, 303.0)


def test_printed_it_is_a_line(series):
    assert repr(series).startswith("<Series of 4 patterns by temperature, Rwp ")
    assert len(repr(series)) < 100


def test_tables_hold_the_tracks(series):
    table = series_dict(series)
    assert table["parameters"]["TiO2.a"]["value"][2] == series.track("TiO2.a")[2].value
    rows = list(csv.DictReader(series_csv(series).splitlines()))
    assert [row["pattern"] for row in rows] == list(series.names)
    assert float(rows[3]["TiO2.a"]) == series.track("TiO2.a")[3].value
    assert float(rows[1]["temperature"]) == 301.0


def test_numbers_in_names_tell_the_variable(series, titania, scan):
    patterns = [
        replace(scan([titania[0]], limits=(20.0, 60.0), seed=i), name=f"T{100 + 50 * i}_a.xy") for i in range(2)
    ]
    found = refine_series(patterns, titania[0])
    assert (found.variable, found.values) == ("number", (100.0, 150.0))


def test_a_pattern_that_cannot_be_used_is_told(titania, scan):
    good = scan([titania[0]], limits=(20.0, 60.0))
    bad = replace(good.cut(20.0, 20.5), name="short.xy")
    found = refine_series([good, bad, good], titania[0])
    assert len(found.refinements) == 2
    assert any("short.xy" in text for text in found.warnings)


def test_restraints_of_a_recipe_count_in_every_pattern(titania, scan):
    patterns = [scan([titania[0]], limits=(20.0, 60.0), seed=i) for i in (1, 2)]
    recipe = Recipe(restraints=(Distance(("TiO2.Ti", "TiO2.O"), 1.95, 0.01),))
    found = refine_series(patterns, titania[0], recipe=recipe)
    assert [len(one.steps) for one in found.refinements[1:]] == [1]  # a warm start
    for one in found.refinements:
        assert one.fitted.problem.observed.size == len(one.model.histograms[0].pattern) + 1


def test_backwards_gives_no_worse_answer(series, titania, scan):
    patterns = [scan([titania[0]], limits=(20.0, 60.0), seed=i) for i in (1, 2)]
    forth = refine_series(patterns, titania[0])
    both = refine_series(patterns, titania[0], both_directions=True)
    assert all(b.rwp <= f.rwp for b, f in zip(both.refinements, forth.refinements, strict=True))


def test_an_empty_series_is_refused(titania):
    with pytest.raises(InputError, match="no pattern in the series"):
        refine_series([], titania[0])


def test_spinel_and_tenorite_on_cooling(shared_data):
    folder = shared_data / "powder" / "gsas2" / "SeqRefine"
    found = refine_series(
        sorted(folder.glob("OH_*.fxye"))[:3],
        [folder / "CuCr2O4.cif", folder / "CuO.cif"],
        instrument=folder / "OH_00.prm",
    )
    assert all(one.gof < 1.5 for one in found.refinements)
    assert series_dict(found)["variable"] == "number"

"""Warnings of values that look like results of least squares and are none."""

from __future__ import annotations

import pytest

from anatase.errors import InputError
from anatase.refine.recipe import BackgroundChoice, Recipe
from anatase.refine.refine import refine

BACKGROUND = "xray.background.chebyshev_*"


@pytest.fixture(scope="module")
def rutile(titania, scan, stretched):
    """Return a scan of rutile, and rutile with a cell 0.1 % too large."""
    return scan([titania[0]], seed=21), stretched(titania[0], 1.001)


def test_a_cell_that_was_only_aligned_is_told(rutile):
    pattern, larger = rutile
    found = refine(pattern, larger, recipe=Recipe(free=("TiO2.xray.scale", BACKGROUND)))
    (told,) = [text for text in found.warnings if "laid onto the peaks" in text]
    assert "TiO2.a = 4.59" in told
    assert "(given 4.59829)" in told
    assert "TiO2.c" in told
    assert "xray.displacement" in told


def test_a_refined_cell_is_no_matter(rutile):
    pattern, larger = rutile
    free = ("TiO2.xray.scale", BACKGROUND, "TiO2.a", "TiO2.c", "xray.displacement", "TiO2.xray.size")
    found = refine(pattern, larger, recipe=Recipe(free=free))
    assert not any("least-squares values" in text for text in found.warnings)


def test_wavelength_and_cell_are_not_refined_together(rutile, titania):
    pattern, larger = rutile
    free = ("TiO2.xray.scale", BACKGROUND, "TiO2.a", "TiO2.c", "xray.displacement", "xray.wavelength", "TiO2.xray.size")
    found = refine(pattern, larger, recipe=Recipe(free=free))
    assert not found["xray.wavelength"].refined
    (told,) = [text for text in found.warnings if text.startswith("held where they were")]
    assert "xray.wavelength = 1.54059, for it is open" in told
    # axial divergence is not refined: a shift of 0.01° at 40° 2θ is 0.0013 Å
    assert found["TiO2.a"].value == pytest.approx(titania[0].lattice.a, abs=0.0015)


def test_of_scale_and_all_occupancies_an_occupancy_is_held(rutile):
    pattern, larger = rutile
    free = ("TiO2.xray.scale", BACKGROUND, "TiO2.a", "TiO2.c", "xray.displacement", "TiO2.xray.size", "*.occupancy")
    found = refine(pattern, larger, recipe=Recipe(free=free))
    assert found["TiO2.xray.scale"].refined
    assert [one.refined for one in found.parameters if one.name.endswith(".occupancy")].count(False) == 1
    assert any("occupancy" in text and "held where they were" in text for text in found.warnings)


def test_a_recipe_of_which_nothing_can_be_refined_is_an_error(rutile):
    pattern, larger = rutile
    few = pattern.cut(27.0, 28.6)  # 41 points with the strongest line
    recipe = Recipe(free=("*",), background={"*": BackgroundChoice(terms=36)})
    with pytest.raises(InputError, match=r"\d+ parameters for 41 observations"):
        refine(few, larger, recipe=recipe)


def test_a_recipe_that_loses_all_it_frees_says_why(rutile):
    pattern, larger = rutile
    with pytest.raises(InputError, match=r"nothing could be refined: TiO2\.xray\.extinction is open"):
        refine(pattern, larger, recipe=Recipe(free=("TiO2.xray.extinction",)))

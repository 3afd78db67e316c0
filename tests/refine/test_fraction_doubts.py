"""Why fractions may be wrong: strong texture, displacements at zero, poor intensities, contrast of absorption."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.refine import refine
from anatase.refine.fraction_doubts import fraction_doubts


@pytest.fixture(scope="module")
def mixture(titania, scan):
    rutile, anatase = titania
    return refine(scan([rutile, anatase], fractions=[0.3, 0.7]), [rutile, anatase])


def _told(answer, r_bragg=None, **values):
    parameters = [
        replace(one, value=values.get(one.name.replace(".", "_"), one.value), refined=True) for one in answer.parameters
    ]
    return fraction_doubts(answer.model, parameters, r_bragg or {})


def test_a_sound_mixture_of_one_composition_draws_nothing(mixture):
    assert not any("weight fractions are doubtful" in text or "absorbs" in text for text in mixture.warnings)


def test_displacements_at_zero_and_poor_intensities_are_named(mixture):
    (told,) = _told(mixture, {("TiO2_2", "xray"): 23.0}, TiO2_Ti_u_iso=-0.001)
    assert "TiO2: U of Ti is negative" in told
    assert "TiO2_2: its R_Bragg is 23.0 %" in told


def test_texture_is_named(titania, scan, crystallites):
    rutile, anatase = titania
    textured = replace(crystallites, texture_axis=(0, 0, 1), march_r=0.5)
    answer = refine(scan([rutile, anatase], fractions=[0.5, 0.5], sample=textured, counts=20000.0), [rutile, anatase])
    (told,) = [text for text in answer.warnings if "weight fractions are doubtful" in text]
    assert "texture of March r 0.5" in told


def test_a_dark_phase_beside_a_light_one_is_named(titania, scan):
    """At Cu Kα μ of fluorite is 297 cm⁻¹, of rutile 536 (NIST's tables with the densities 3.18 and 4.25 g/cm³)."""
    group = SpaceGroup.from_number(225)
    sites = tuple(
        Site(element, (Species(element),), xyz, u_iso=0.005)
        for element, xyz in (("Ca", (0.0, 0.0, 0.0)), ("F", (0.25, 0.25, 0.25)))
    )
    fluorite = Structure(Lattice(5.463, 5.463, 5.463), group, sites, name="fluorite")
    rutile = replace(titania[0], name="rutile")
    answer = refine(scan([rutile, fluorite], fractions=[0.5, 0.5]), [rutile, fluorite])
    told = [text for text in answer.warnings if "microabsorption" in text]
    assert told
    assert np.all([text.startswith(("rutile absorbs", "fluorite absorbs")) for text in told])

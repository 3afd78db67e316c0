"""Where refinements start: cells far off, displaced plates, and neutrons of unknown wavelength."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase import simulate
from anatase.pattern.pattern import Pattern
from anatase.refine.start.cold_start import rough_start
from anatase.refine.start.measurement import prepare
from anatase.refine.start.neutron_wavelength import with_wavelength_of_cells
from anatase.simulation.instrument import Instrument


@pytest.mark.parametrize("factor", [0.98, 0.99, 1.01, 1.02])
def test_cells_two_percent_off_are_found(titania, scan, stretched, factor):
    rutile, anatase = titania
    measurement = prepare(scan([rutile, anatase]))
    found = rough_start([stretched(rutile, factor), stretched(anatase, 2.0 - factor)], measurement)
    for lattice, true in zip(found.lattices, (rutile.lattice, anatase.lattice), strict=True):
        # the rough fit knows no axial divergence, which shifts lines by some 0.01°
        np.testing.assert_allclose(lattice.parameters[:3], true.parameters[:3], rtol=8e-4)


def test_a_plate_that_lies_low_is_found(titania):
    pattern = simulate(list(titania), "CuKa", (20.0, 100.0), 0.04, Instrument(displacement=0.9))
    counts = np.round(pattern.intensity / pattern.intensity.max() * 5000.0 + 100.0)
    measured = replace(pattern, intensity=counts, sigma=np.sqrt(counts))
    found = rough_start(list(titania), prepare(measured))
    # −2 s cos θ/R with s = 0.9 mm and R = 200 mm is −0.516° at θ = 0
    assert found.shift == pytest.approx(-np.degrees(2.0 * 0.9 / 200.0), abs=0.02)
    np.testing.assert_allclose(found.lattices[1].parameters[:3], titania[1].lattice.parameters[:3], rtol=1e-3)


def test_the_wavelength_of_neutrons_is_found_from_cells(titania):
    pattern = simulate(list(titania), 1.594, (10.0, 150.0), 0.05, probe="neutron")
    counts = np.round(pattern.intensity / pattern.intensity.max() * 5000.0 + 200.0)
    bare = Pattern(pattern.x, counts, np.sqrt(counts), metadata={"probe": "neutron"})
    found = with_wavelength_of_cells(bare, titania)
    assert found.radiation is not None
    assert found.radiation.wavelength == pytest.approx(1.594, rel=0.005)
    assert any("wavelength is not known" in text for text in found.warnings)

"""Simulations that are doubtful say so: lines narrower than steps, textures that are negative somewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.structure import Species
from anatase.errors import PhysicsError
from anatase.scattering.radiation import Radiation
from anatase.simulation.instrument import Instrument
from anatase.simulation.lines import simulate_lines
from anatase.simulation.powder import powder_pattern, simulate, simulate_derivatives
from anatase.simulation.powder_settings import PowderSettings
from anatase.simulation.sample import Sample


def gaussian(fwhm: float) -> Instrument:
    return Instrument(gauss_u=0.0, gauss_v=0.0, gauss_w=fwhm**2, lorentz_x=0.0, lorentz_y=0.0)


def test_lines_narrower_than_the_step_are_named(silicon):
    for call in (simulate, lambda *a: simulate_derivatives(*a).pattern):
        assert "narrower than 1.5 steps" in call(silicon, "CuKa1", (20.0, 60.0), 0.02, gaussian(0.02)).warnings[0]
        assert not call(silicon, "CuKa1", (20.0, 60.0), 0.02, gaussian(0.04)).warnings
    assert not simulate(silicon).warnings
    # the step that is advised keeps the area to 1e-6: 2 exp(−2π²σ²/h²) at two steps per FWHM
    areas = [simulate(silicon, "CuKa1", (low, 29.5), 0.01, gaussian(0.02)).intensity.sum() for low in (27.0, 27.005)]
    assert areas[0] == pytest.approx(areas[1], rel=2e-6)


def test_lines_without_any_width_are_refused(silicon):
    with pytest.raises(PhysicsError, match="nothing gives the line"):
        simulate(silicon, instrument=gaussian(0.0))
    assert simulate(silicon, step=0.005, instrument=gaussian(0.0), sample=Sample(size=500.0)).intensity.max() > 0.0


def test_negative_pole_densities_are_named(corundum):
    assert "negative" in simulate(corundum, sample=Sample(harmonics=(3.0,), harmonic_order=2)).warnings[0]
    assert not simulate(corundum, sample=Sample(harmonics=(0.3,), harmonic_order=2)).warnings


@pytest.mark.parametrize("changes", [{"scale": -1.0}, {"scale": float("nan")}, {"floor": -1.0}, {"u_default": -0.1}])
def test_impossible_settings_are_refused(changes, silicon):
    with pytest.raises(PhysicsError, match=next(iter(changes))):
        powder_pattern(silicon, PowderSettings(**changes))


def test_zero_errors_of_a_quarter_turn_are_refused():
    with pytest.raises(PhysicsError, match="zero error"):
        Instrument(zero=120.0)


def test_a_line_at_180_degrees_is_left_out(silicon):
    # 2 d of 400 is the wavelength: sin θ = 1, where the Lorentz factor is infinite
    lines = simulate_lines(silicon, 5.431 / 2.0, (5.0, 180.0))
    assert np.isfinite(lines.intensity).all()
    assert [4, 0, 0] not in lines.hkl.tolist()


def test_the_strongest_line_is_put_first():
    beam = Radiation("xray", ((1.5444, 0.5), (1.5406, 1.0)), line_widths=(3e-4, 2e-4))
    assert (beam.wavelength, beam.line_widths) == (1.5406, (2e-4, 3e-4))
    for lines in (((1.5, 0.0),), ((1.5, -1.0), (1.4, 1.0)), ((-1.5, 1.0),), ((float("nan"), 1.0),)):
        with pytest.raises(PhysicsError, match="wavelengths above 0"):
            Radiation("xray", lines)


def test_ions_that_scatter_as_neutral_atoms_are_named(silicon):
    site = replace(silicon.sites[0], species=(Species("Si", charge=-4),))
    ionic = replace(silicon, sites=(site,))
    assert simulate(ionic).warnings == ("Si4- scatters as a neutral atom: IT92 has no form factor of it",)
    assert simulate(ionic, probe="neutron").warnings == ()

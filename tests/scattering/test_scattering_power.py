"""The scattering power of an atom for each probe."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.scattering.dispersion import anomalous
from anatase.scattering.electron_form_factors import electron_f
from anatase.scattering.form_factors import xray_f0
from anatase.scattering.neutron_lengths import neutron_scattering
from anatase.scattering.neutron_resonances import resonant_length
from anatase.scattering.scattering_power import ScatteringModel, scattering_power, scattering_power_slope

STOL2 = np.linspace(0.0, 1.0, 21)
CU = 1.5405929


@pytest.mark.parametrize("table", ["IT92", "WK95"])
def test_x_rays_add_dispersion_to_the_form_factor(table: str):
    real, imaginary = scattering_power("Fe", 3, 0, STOL2, ScatteringModel("xray", CU, table))
    f_prime, f_second = anomalous("Fe", CU)
    np.testing.assert_allclose(real, xray_f0("Fe", STOL2, 3, table) + f_prime, rtol=1e-12)
    assert imaginary == f_second


@pytest.mark.parametrize("model", [ScatteringModel("xray"), ScatteringModel("xray", CU, dispersion=False)])
def test_dispersion_can_be_left_out(model: ScatteringModel):
    real, imaginary = scattering_power("Fe", 0, 0, STOL2, model)
    np.testing.assert_allclose(real, xray_f0("Fe", STOL2), rtol=1e-12)
    assert imaginary == 0.0


def test_bonded_hydrogen_is_the_more_compact():
    bonded, free = (
        scattering_power("H", 0, 0, STOL2, ScatteringModel(hydrogen=kind))[0] for kind in ("bonded", "free")
    )
    assert bonded[5] > free[5] + 0.02  # sin θ/λ = 0.5 Å⁻¹
    deuterium = scattering_power("D", 0, 2, STOL2, ScatteringModel(hydrogen="free"))[0]
    np.testing.assert_array_equal(deuterium, free)  # X-rays see the electrons


def test_neutrons_see_the_isotope():
    # Sears (1992): ¹⁰B −0.1 − 1.066i fm (−0.2 in Rauch & Waschkowski 2003), ¹¹B 6.65 fm
    boron10, boron11 = (scattering_power("B", 0, mass, STOL2, ScatteringModel("neutron")) for mass in (10, 11))
    assert boron10 == pytest.approx((-0.2, 1.066), abs=0.001)
    assert boron11 == pytest.approx((6.65, 0.0), abs=0.001)


@pytest.mark.parametrize("dispersion", [True, False])  # of X-rays: it says nothing of nuclei
def test_resonant_nuclei_follow_the_wavelength_where_there_is_one(dispersion):
    model = ScatteringModel("neutron", 1.0, dispersion=dispersion)
    assert scattering_power("Gd", 0, 0, STOL2, model) == resonant_length("Gd", 0, 1.0)
    thermal = scattering_power("Gd", 0, 0, STOL2, ScatteringModel("neutron", dispersion=dispersion))
    assert thermal == (neutron_scattering("Gd").length, neutron_scattering("Gd").imaginary_length)


def test_electrons_have_no_imaginary_part():
    real, imaginary = scattering_power("Ti", 4, 0, STOL2[1:], ScatteringModel("electron", 0.0251))
    np.testing.assert_array_equal(real, electron_f("Ti", STOL2[1:], 4))
    assert imaginary == 0.0


def test_arrays_are_the_callers_own():
    first = scattering_power("Fe", 0, 0, STOL2, ScatteringModel())[0]
    first += 1.0
    assert scattering_power("Fe", 0, 0, STOL2, ScatteringModel())[0][0] == pytest.approx(first[0] - 1.0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"probe": "muon"}, "'muon' is no probe"),
        ({"table": "IT99"}, "'IT99' is no table of form factors"),
        ({"hydrogen": "loose"}, "'loose' is no kind of hydrogen"),
        ({"wavelength": 0.0}, "wavelength 0 Å is not positive"),
    ],
)
def test_unknown_choices_are_refused(changes: dict[str, object], said: str):
    with pytest.raises(InputError, match=said):
        ScatteringModel(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "model", [ScatteringModel("xray", 1.54), ScatteringModel("electron"), ScatteringModel("neutron")]
)
def test_the_slope_is_that_of_central_differences(model: ScatteringModel):
    stol2, step = np.array([0.01, 0.1, 0.4]), 1e-6
    ends = [np.broadcast_to(scattering_power("Fe", 0, 0, stol2 + s * step, model)[0], (3,)) for s in (1.0, -1.0)]
    found = np.broadcast_to(scattering_power_slope("Fe", 0, stol2, model), (3,))
    # the difference's own error: step² by the third derivative, and rounding of 1e-15/1e-6
    np.testing.assert_allclose(found, (ends[0] - ends[1]) / (2.0 * step), rtol=1e-6, atol=1e-9)

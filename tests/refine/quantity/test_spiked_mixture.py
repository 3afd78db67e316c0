"""A measured mixture with 20 wt% of corundum, of which most is left without a structure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatase.estimate import Estimate
from anatase.io.read import read
from anatase.io.structure_files import read_structure
from anatase.refine.quantity import InternalStandard, quantify_histogram
from anatase.refine.quantity.reference_intensity_ratio import corundum

FILES = {
    "quartz": "ncrystal/SiO2-alpha_sg154_AlphaQuartz.cif",
    "kaolinite": "openchemistry/clays/Al2Si2O9H4-Kaolinite.cif",
}
# Eberl (2003) USGS Open-File Report 03-78, mixture 5, as weighed; besides 0.12 smectite, which has no structure, and
# 0.44 feldspars, whose broad lines no fit tells from the smectite's: their sum runs from 0.2 to 0.6 with their size
WEIGHED = {"corundum": 0.20, "quartz": 0.20, "kaolinite": 0.04}
REST = 0.56


@pytest.fixture(scope="module")
def quantified(shared_data, fit_mixture):
    pattern = read(shared_data / "powder" / "powdr" / "mixtures" / "rockjock_Mix5.xy").cut(11.0, 65.0)
    structures = {"corundum": corundum()}
    for name, file in FILES.items():
        structure = read_structure(shared_data / "library" / file)
        sites = tuple(site if site.u_iso or site.u_aniso else replace(site, u_iso=0.01) for site in structure.sites)
        structures[name] = replace(structure, sites=sites)
    fitted = fit_mixture(pattern, structures, 12)
    spike = InternalStandard("corundum", Estimate(0.20, 0.0005))
    return quantify_histogram(fitted.model, 0, fitted.parametrisation.names, fitted.spread, internal_standard=spike)


def test_each_phase_by_itself(quantified):
    """No sum ties them: each is measured against the spike alone."""
    for phase in quantified.phases:
        # 2 wt% is what participants of round robins reach
        assert phase.weight_fraction.value == pytest.approx(WEIGHED[phase.name], abs=0.025), phase.name


def test_the_rest_is_what_has_no_structure(quantified):
    assert quantified.amorphous.value == pytest.approx(REST, abs=0.04)
    assert quantified.amorphous_in_sample.value == pytest.approx(REST / (1.0 - WEIGHED["corundum"]), abs=0.05)
    # among the phases with a structure alone the spike seems to be more than was weighed: 0.20/0.44
    assert quantified.phases[0].uncorrected.value == pytest.approx(0.455, abs=0.03)

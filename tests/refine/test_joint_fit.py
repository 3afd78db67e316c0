"""Fits of measured patterns by the recipes of other programs: what they found is the expected answer."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from anatase.io.instrument_file import read_instrument
from anatase.io.read import read
from anatase.io.structure_files import read_structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.tof_profile import TofProfile
from anatase.refine.fit import fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel, TimeOfFlight
from anatase.refine.parameters.parameters import parameter_values
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.sample import Sample

UVW = ("gauss_u", "gauss_v", "gauss_w")
SCALES = ["PbSO4.xray.scale", "PbSO4.neutron.scale"]
OTHERS = [
    *(f"PbSO4.{axis}" for axis in "abc"),
    *(f"PbSO4.neutron.lattice_strain_{axis}" for axis in "abc"),
    "PbSO4.xray.strain", "xray.displacement", "neutron.displacement", "neutron.displacement_across",
]  # fmt: skip


def histogram(folder: Path, name: str, data: str, file: str, low: float, high: float, terms: int) -> Histogram:
    """Return a pattern of lead sulfate with GSAS-II's instrument: U, V, W of the file without P, S/L + H/L = 0.002."""
    pattern, beam = read(folder / data), read_instrument(folder / file).beam
    instrument = replace(beam.instrument, s_over_l=1e-3, h_over_l=1e-3)
    if name == "xray":
        unit = 8e-4 * np.log(2.0)  # deg² of FWHM from centidegrees² of variance
        instrument = replace(instrument, gauss_u=2.0 * unit, gauss_v=-2.0 * unit, gauss_w=5.0 * unit)
    scattering = ScatteringModel("xray", beam.radiation.wavelength)
    if name == "neutron":
        scattering = ScatteringModel("neutron", dispersion=False)
    level = float(np.percentile(pattern.intensity, 5))
    background = BackgroundModel((low, high), (level, *[0.0] * (terms - 1)))
    outside = ((0.0, low - 1e-6), (high + 1e-6, 180.0))
    return Histogram(name, pattern, ConstantWavelength(beam.radiation, instrument, scattering), background, outside)


@pytest.fixture(scope="module")
def lead_sulfate(shared_data: Path) -> RefinementModel:
    """Return the joint refinement of GSAS-II's own test at its start."""
    folder = shared_data / "refine" / "pbso4"
    structure = read_structure(folder / "PbSO4-Wyckoff.cif")
    structure = replace(structure, sites=tuple(replace(one, u_iso=0.01, u_aniso=None) for one in structure.sites))
    sample = Sample(1e4, shape_factor=1.0, strain=2.5e-4)  # GSAS-II's 1 µm and 1,000 µstrain
    xray = histogram(folder, "xray", "PBSO4.XRA", "INST_XRY.PRM", 16.0, 110.0, 6)
    neutron = histogram(folder, "neutron", "PBSO4.CWN", "inst_d1a.prm", 19.0, 120.0, 3)
    parts = (PhasePart(1e-2, sample), PhasePart(1.0, sample))
    return RefinementModel((xray, neutron), (Phase("PbSO4", structure, parts),))


def steps(model: RefinementModel) -> list[list[str]]:
    """Return the 37 parameters: scales and backgrounds, cell and geometry, atoms."""
    values = parameter_values(model)
    terms = [name for name in values if ".background.chebyshev" in name]
    atoms = [name for name in values if name.startswith("PbSO4.") and name.endswith((".x", ".y", ".z", ".u_iso"))]
    return [SCALES + terms, OTHERS, atoms]


def test_lead_sulfate_of_two_radiations_is_what_gsas2_finds(shared_data, lead_sulfate):
    found = json.loads((shared_data / "refine/pbso4/gsas2_joint_test_scriptref_stage4.json").read_text())
    model, names = lead_sulfate, list[str]()
    for step in steps(model):
        names += step
        fitted = fit(model, names)
        model = fitted.model
    assert len(names) == found["npar"] == 37
    assert fitted.converged
    # profiles differ in the order in which FCJ's integral is taken and in the tables of form factors
    np.testing.assert_allclose(fitted.residuals.rwp, [found["R1"], found["R2"]], atol=0.1)
    values = parameter_values(model)
    for number, (label, _, x, y, z, _, _) in enumerate(found["atoms"]):
        for axis, position in zip("xyz", (x, y, z), strict=True):
            if f"0::dA{axis}:{number}" in found["params"]:
                su = found["params"][f"0::dA{axis}:{number}"][1]
                assert abs(values[f"PbSO4.{label}.{axis}"] - position) < 2.0 * su
    np.testing.assert_allclose([values[f"PbSO4.{axis}"] for axis in "abc"], found["cell"][:3], rtol=60e-6)


def test_all_widths_freed_at_once_from_a_cold_start_only_improve(lead_sulfate):
    # GSAS-II goes from 13.4 to 67.6 % here
    names = [name for step in steps(lead_sulfate) for name in step]
    names += [f"{one}.{width}" for one in ("xray", "neutron") for width in UVW]
    fitted = fit(lead_sulfate, names, max_iterations=60)
    assert fitted.converged
    assert np.all(np.diff(fitted.history) <= 0.0)
    assert fitted.residuals.rwp[0] < 11.0
    assert fitted.residuals.rwp[1] < 4.2


def test_silicon_by_time_of_flight_is_what_easydiffraction_finds(shared_data):
    # easydiffraction 0.11.1 with its own tutorial's parameters all free: χ² 3.191, a 5.431452(39) × 10⁻⁵,
    # zero −9.285(55), σ0 4.62(46), σ1 45.48(81), σ2 1.16(17), B 0.5235(40) Å²
    folder = shared_data / "refine" / "easydiff"
    pattern, structure = read(folder / "sepd.xye"), read_structure(folder / "si.cif")
    site = replace(structure.sites[0], u_iso=0.5 / (8.0 * np.pi**2))
    profile = TofProfile((0.0, 0.5971), (0.04221, 0.00946), (3.0, 40.0, 2.0))
    beam = TimeOfFlight(TofBank(7476.91, -1.54, two_theta=144.845), profile)
    nodes = tuple(float(one) for one in range(0, 35_000, 5_000))
    background = BackgroundModel((2e3, 3e4), nodes=nodes, heights=(200.0,) * len(nodes))
    part = Phase("Si", replace(structure, sites=(site,)), (PhasePart(4.0),))
    model = RefinementModel((Histogram("sepd", replace(pattern, axis="tof"), beam, background),), (part,))
    names = ["Si.sepd.scale", *(f"sepd.background.height_{i}" for i in range(len(nodes)))]
    for more in (["Si.a", "sepd.zero"], ["sepd.variance_0", "sepd.variance_1", "sepd.variance_2", "Si.Si.u_iso"]):
        names += more
        fitted = fit(model, names)
        model = fitted.model
    values = parameter_values(model)
    assert fitted.gof**2 == pytest.approx(3.191, rel=0.05)
    assert values["Si.a"] == pytest.approx(5.431452, abs=4e-5)
    assert values["sepd.zero"] == pytest.approx(-9.285, abs=0.06)
    assert values["sepd.variance_1"] == pytest.approx(45.48, abs=0.8)
    assert 8.0 * np.pi**2 * values["Si.Si.u_iso"] == pytest.approx(0.5235, abs=0.004)

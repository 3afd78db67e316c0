"""PbSO4, X-rays and neutrons together: the 37 parameters of GSAS-II's recipe, and all U, V, W freed at once.

As in the recipe, ranges are 16–158.4 and 19–153° cut to the measured, X-ray P is 0, S/L + H/L 0.002, and the neutron
pattern has cell strains of its own. A "cold start" of U, V, W frees them with everything else from the start.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from bars import Bar, best_of
from settings import Settings
from staged import staged

from anatase import read, read_structure
from anatase.io.instrument_file import read_instrument
from anatase.pattern.background_model import BackgroundModel
from anatase.refine.fit import Fitted, fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import parameter_values
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.sample import Sample

__all__ = ["check_lead_sulfate"]

SECONDS, RWP, WITHIN, POSITIONS = 1.0, (13.41, 6.36), 0.10, 2.0
HALF_SL = 1e-3  # S/L and H/L each: GSAS-II holds their sum at 0.002
WIDTHS = [f"{name}.gauss_{letter}" for name in ("xray", "neutron") for letter in "uvw"]


def _histogram(folder: Path, name: str, data: str, prm: str, limits: tuple[float, float], terms: int) -> Histogram:
    pattern = read(folder / data)
    beam = read_instrument(folder / prm).beam
    radiation = beam.radiation
    dispersion = radiation.probe == "xray"
    power = ScatteringModel(radiation.probe, radiation.wavelength if dispersion else None, dispersion=dispersion)
    instrument = replace(beam.instrument, s_over_l=HALF_SL, h_over_l=HALF_SL)
    background = BackgroundModel(limits, (float(np.percentile(pattern.intensity, 5)), *[0.0] * (terms - 1)))
    outside = ((0.0, limits[0] - 1e-6), (limits[1] + 1e-6, 180.0))
    return Histogram(name, pattern, ConstantWavelength(radiation, instrument, power), background, outside)


def lead_sulfate_model(folder: Path) -> RefinementModel:
    """Return where the fit starts: every U at 0.01 Å², the recipe's sizes and strains."""
    xray = _histogram(folder, "xray", "PBSO4.XRA", "INST_XRY.PRM", (16.0, 110.0), 6)
    neutron = _histogram(folder, "neutron", "PBSO4.CWN", "inst_d1a.prm", (19.0, 120.0), 3)
    structure = read_structure(folder / "PbSO4-Wyckoff.cif")
    sites = tuple(replace(site, u_iso=0.01, u_aniso=None) for site in structure.sites)
    sample = Sample(size=1e4, shape_factor=1.0, strain=2.5e-4)
    parts = (PhasePart(1e-2, sample), PhasePart(1.0, sample))
    return RefinementModel((xray, neutron), (Phase("PbSO4", replace(structure, sites=sites), parts),))


def lead_sulfate_stages(model: RefinementModel) -> list[list[str]]:
    """Return the recipe: 11 parameters, then 21, then 37."""
    atoms = [name for name in parameter_values(model) if name.endswith((".x", ".y", ".z", ".u_iso"))]
    background = [f"{name}.background.chebyshev_{i}" for name, n in (("xray", 6), ("neutron", 3)) for i in range(n)]
    return [
        ["PbSO4.xray.scale", "PbSO4.neutron.scale", *background],
        [*(f"PbSO4.{one}" for one in "abc"), "xray.displacement", "PbSO4.xray.strain", "neutron.displacement",
         "neutron.displacement_across", *(f"PbSO4.neutron.lattice_strain_{one}" for one in "abc")],
        atoms,
    ]  # fmt: skip


def _position_shifts(found: Fitted, answer: dict[str, Any]) -> dict[str, float]:
    """Return (ours − GSAS-II's) over GSAS-II's s.u. for each free coordinate."""
    values = dict(zip(found.parametrisation.names, found.values, strict=True))
    shifts = {}
    for i, (label, _, *xyz) in enumerate(answer["atoms"]):
        for axis, theirs in zip("xyz", xyz[:3], strict=True):
            su = answer["params"].get(f"0::dA{axis}:{i}")
            if su is not None and f"PbSO4.{label}.{axis}" in values:
                shifts[f"{label}.{axis}"] = (values[f"PbSO4.{label}.{axis}"] - theirs) / su[1]
    return shifts


def check_lead_sulfate(settings: Settings) -> list[Bar]:
    """Fit by the recipe and with all widths freed, and compare with GSAS-II's fit."""
    folder = settings.data / "refine" / "pbso4"
    answer = json.loads((folder / "gsas2_joint_test_scriptref_stage4.json").read_text())
    model = lead_sulfate_model(folder)
    stages = lead_sulfate_stages(model)
    found = staged(model, stages)
    seconds = best_of(lambda: staged(model, stages), 3).cpu
    rwp, shifts = found.residuals.rwp, _position_shifts(found, answer)
    print(f"  {found.n_free} parameters: Rwp {rwp[0]:.3f} / {rwp[1]:.3f} % (GSAS-II {answer['R1']:.3f} / "
          f"{answer['R2']:.3f}); {len(shifts)} coordinates")  # fmt: skip
    everything = [name for stage in stages for name in stage] + WIDTHS
    wide = fit(model, everything, max_iterations=60)
    wide_seconds = best_of(lambda: fit(model, everything, max_iterations=60), 2).cpu
    again = fit(found.model, [*found.parametrisation.names, *WIDTHS], max_iterations=60)
    for what, one in (("from the start", wide), ("after the recipe", again)):
        print(f"  U, V, W freed {what}: {one.residuals.rwp[0]:.3f} / {one.residuals.rwp[1]:.3f} %, "
              f"{len(one.history) - 1} steps, converged: {one.converged}")  # fmt: skip
    print(f"  all {wide.n_free} at once: {wide_seconds:.2f} s CPU")
    rises = sum(float(np.diff(one.history).max()) > 0.0 for one in (wide, again))
    return [
        Bar("PbSO4, CPU", seconds, SECONDS, False, " s"),
        *(Bar(f"PbSO4 {name}, Rwp from {bar}", abs(one - bar), WITHIN, False, " %")
          for name, one, bar in zip(("X-ray", "neutron"), rwp, RWP, strict=True)),
        Bar("PbSO4, largest shift of a coordinate", max(map(abs, shifts.values())), POSITIONS, False, " s.u."),
        Bar("U, V, W at once, fits not converged", sum(not one.converged for one in (wide, again)), 0, False),
        Bar("U, V, W at once, fits in which χ² rose", rises, 0, False),
    ]  # fmt: skip

"""Fluorapatite: the 20 parameters of GSAS-II's recipe in its order, and a cold start without a recipe.

The 20 are scale, six background terms, cell, displacement, size, strain, S/L + H/L and seven U. Instrument and
wavelengths are those of INST_XRY.PRM, whose P the reader spreads over U, V and W; the goniometer's radius of 250 mm
tells millimetres of displacement from degrees and nothing else.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from bars import Bar, best_of
from settings import Settings
from staged import staged

from anatase import read
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.io.instrument_file import read_instrument
from anatase.pattern.background_model import BackgroundModel
from anatase.refine import refine
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import parameter_values
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.sample import Sample

__all__ = ["apatite_model", "apatite_stages", "check_fluorapatite", "fluorapatite"]

CELL = (9.367, 9.367, 6.882, 90.0, 90.0, 120.0)  # of the exercise's starting model, 600 ppm off
SECONDS, RWP, PPM = 1.0, 9.76, 60.0
TERMS = 6


def fluorapatite(answer: dict[str, Any]) -> Structure:
    """Return the starting structure: coordinates of the recipe, every U at 0.01 Å²."""
    sites = tuple(Site(label, (Species(element),), (x, y, z), 0.01) for label, element, x, y, z, _ in answer["sites"])
    return Structure(Lattice(*CELL), SpaceGroup.from_number(176), sites, "FAP")


def apatite_model(folder: Path, answer: dict[str, Any]) -> RefinementModel:
    """Return where the fit starts."""
    pattern = read(folder / "FAP.XRA")
    beam = read_instrument(folder / "INST_XRY.PRM").beam
    instrument = replace(beam.instrument, radius=250.0)
    power = ScatteringModel("xray", beam.radiation.wavelength)
    limits = (float(pattern.x[0]), float(pattern.x[-1]))
    background = BackgroundModel(limits, (float(pattern.intensity.min()), *[0.0] * (TERMS - 1)))
    histogram = Histogram("xray", pattern, ConstantWavelength(beam.radiation, instrument, power), background)
    part = PhasePart(1e-3, Sample(size=1e4, strain=1e-4))
    return RefinementModel((histogram,), (Phase("FAP", fluorapatite(answer), (part,)),))


def apatite_stages(model: RefinementModel) -> list[list[str]]:
    """Return the recipe: what each stage frees."""
    return [
        ["FAP.xray.scale", *(f"xray.background.chebyshev_{i}" for i in range(TERMS))],
        ["FAP.a", "FAP.c", "xray.displacement"],
        ["FAP.xray.size", "FAP.xray.strain"],
        ["xray.s_over_l", "xray.h_over_l"],
        [name for name in parameter_values(model) if name.endswith("u_iso")],
    ]


def check_fluorapatite(settings: Settings) -> list[Bar]:
    """Fit with the recipe, and from a cold start, and compare with GSAS-II's fit."""
    folder = settings.data / "refine" / "fap"
    answer = json.loads((folder / "g2_fap_eq.json").read_text())
    model = apatite_model(folder, answer)
    stages = apatite_stages(model)
    found = staged(model, stages)
    seconds = best_of(lambda: staged(model, stages), 3).cpu
    theirs = answer["stages"][-1]["rwp"]
    print(f"  {found.n_free} parameters: Rwp {found.residuals.total:.3f} % (GSAS-II {theirs:.3f}), GOF {found.gof:.3f}")
    cell = found.model.phases[0].structure.lattice.parameters
    ppm = [1e6 * (cell[i] / answer["cell"][i] - 1.0) for i in (0, 2)]
    print(f"  a {cell[0]:.6f}, c {cell[2]:.6f} Å: {ppm[0]:+.1f}, {ppm[1]:+.1f} ppm from GSAS-II's")

    def cold() -> Any:
        return refine(folder / "FAP.XRA", fluorapatite(answer), instrument=folder / "INST_XRY.PRM")

    answer_cold = cold()
    cold_seconds = best_of(cold, 2).cpu
    print(f"  cold start: Rwp {answer_cold.rwp:.3f} %, {answer_cold.n_refined} parameters, {cold_seconds:.2f} s CPU")
    return [
        Bar("fluorapatite, CPU", seconds, SECONDS, False, " s"),
        Bar("fluorapatite, Rwp", found.residuals.total, RWP, False, " %"),
        Bar("fluorapatite, cell from GSAS-II's", max(map(abs, ppm)), PPM, False, " ppm"),
    ]

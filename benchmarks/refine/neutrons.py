"""Neutrons: LaBaCoO at constant wavelength (HRPT) and silicon by time of flight (SEPD), beside easydiffraction.

The reference fits are those of easydiffraction's tutorials on the same files, run by ``rivals/`` and here once for all:
reduced χ² 1.290 (LBCO) and 3.191 (Si). As there, HRPT's lines are symmetric, its range 5 to 165°, La and Ba share one
displacement (it frees both and finds them undetermined), and SEPD's α and β are held at the instrument's.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from bars import Bar, best_of
from settings import Settings
from staged import staged

from anatase import read, read_structure
from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Site, Species, Structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.tof_profile import TofProfile
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel, TimeOfFlight
from anatase.refine.parameters.parameters import with_values
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument

__all__ = ["LBCO_CHI2", "SILICON_CHI2", "check_neutrons", "lbco_model", "lbco_stages"]

LBCO_CHI2, SILICON_CHI2, WORSE = 1.2902, 3.1914, 1.05
B_TO_U = 1.0 / (8.0 * np.pi**2)
NODES = (10.0, 30.0, 50.0, 110.0, 165.0)  # degrees, as the tutorial's background
TIMES = tuple(float(t) for t in range(0, 35000, 5000))  # µs


def _lbco(folder: Path) -> Structure:
    """Return LaBaCoO with La and Ba on one site, every B at 0.5 Å²."""
    structure = read_structure(folder / "lbco.cif")
    u = 0.5 * B_TO_U
    sites = (
        Site("A", (Species("La", 0.5), Species("Ba", 0.5)), (0.0, 0.0, 0.0), u),
        Site("Co", (Species("Co"),), (0.5, 0.5, 0.5), u),
        Site("O", (Species("O"),), (0.0, 0.5, 0.5), u),
    )
    return replace(structure, lattice=Lattice(3.88, 3.88, 3.88), sites=sites)


def _scaled(model: RefinementModel, level: float) -> RefinementModel:
    """Return a model whose phase has the height of the pattern over its background."""
    histogram = model.histograms[0]
    own = calculated(model, 0).phases[0][histogram.used]
    above = histogram.pattern.intensity[histogram.used] - level
    name = f"{model.phases[0].name}.{histogram.name}.scale"
    return with_values(model, {name: float(above @ own / (own @ own))})


def lbco_model(folder: Path) -> RefinementModel:
    """Return where the fit of LBCO starts: values of the tutorial."""
    pattern = read(folder / "hrpt.xye")
    radiation = radiation_from_name("1.494", "neutron")
    instrument = Instrument("debye_scherrer", 0.1, -0.1, 0.1, 0.0, 0.1, zero=0.6)
    beam = ConstantWavelength(radiation, instrument, ScatteringModel("neutron", dispersion=False))
    background = BackgroundModel((5.0, 165.0), nodes=NODES, heights=(170.0,) * len(NODES))
    histogram = Histogram("hrpt", pattern, beam, background, ((0.0, 5.0), (165.0, 180.0)))
    return _scaled(RefinementModel((histogram,), (Phase("LBCO", _lbco(folder), (PhasePart(1.0),)),)), 170.0)


def lbco_stages() -> list[list[str]]:
    """Return what the tutorial frees, in its stages."""
    heights = [f"hrpt.background.height_{i}" for i in range(len(NODES))]
    return [
        ["LBCO.hrpt.scale", *heights, "LBCO.a", "hrpt.zero"],
        ["hrpt.gauss_u", "hrpt.gauss_v", "hrpt.gauss_w", "hrpt.lorentz_y"],
        ["LBCO.A.u_iso", "LBCO.Co.u_iso", "LBCO.O.u_iso"],
    ]


def silicon_model(folder: Path) -> RefinementModel:
    """Return where the fit of silicon starts: values of the tutorial."""
    pattern = replace(read(folder / "sepd.xye"), axis="tof", radiation=None)
    structure = read_structure(folder / "si.cif")
    site = replace(structure.sites[0], u_iso=0.5 * B_TO_U)
    structure = replace(structure, lattice=Lattice(5.431, 5.431, 5.431), sites=(site,))
    profile = TofProfile((0.0, 0.5971), (0.04221, 0.00946), (3.0, 40.0, 2.0))
    beam = TimeOfFlight(TofBank(7476.91, -1.54, two_theta=144.845), profile)
    limits = (float(pattern.x[0]), float(pattern.x[-1]))
    background = BackgroundModel(limits, nodes=TIMES, heights=(200.0,) * len(TIMES))
    histogram = Histogram("sepd", pattern, beam, background)
    return _scaled(RefinementModel((histogram,), (Phase("Si", structure, (PhasePart(1.0),)),)), 200.0)


def silicon_stages(model: RefinementModel) -> list[list[str]]:
    """Return what the tutorial frees, with the background of its last stage."""
    label = model.phases[0].structure.sites[0].label
    return [
        ["Si.sepd.scale", *(f"sepd.background.height_{i}" for i in range(len(TIMES)))],
        ["Si.a", "sepd.zero"],
        ["sepd.variance_0", "sepd.variance_1", "sepd.variance_2", f"Si.{label}.u_iso"],
    ]


def check_neutrons(settings: Settings) -> list[Bar]:
    """Fit both and compare reduced χ² with the reference's."""
    folder = settings.data / "refine" / "easydiff"
    bars = []
    silicon = silicon_model(folder)
    for name, model, stages, reference in (
        ("LBCO", lbco_model(folder), lbco_stages(), LBCO_CHI2), ("Si", silicon, silicon_stages(silicon), SILICON_CHI2),
    ):  # fmt: skip
        found = staged(model, stages)
        seconds = best_of(lambda: staged(model, stages), 2).cpu  # noqa: B023
        chi2 = found.gof**2
        print(f"  {name}: reduced χ² {chi2:.4f} (reference {reference}), Rwp {found.residuals.total:.3f} %, "
              f"{found.n_free} parameters, converged: {found.converged}, {seconds:.2f} s CPU")  # fmt: skip
        bars.append(Bar(f"{name}, reduced χ² over the reference's", chi2 / reference, WORSE, False))
    return bars

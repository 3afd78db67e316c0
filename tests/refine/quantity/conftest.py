"""Plain fits of measured mixtures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.structure import Structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.fit import Fitted, fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import parameter_values
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

CELL = ("a", "b", "c", "alpha", "beta", "gamma")


def fitted_mixture(pattern: Pattern, structures: Mapping[str, Structure], n_background: int) -> Fitted:
    """Fit scales and background, then cells, then widths: Cu Kα with a graphite monochromator behind the sample."""
    limits = float(pattern.x[0]), float(pattern.x[-1])
    radiation = replace(radiation_from_name("CuKa"), monochromator_two_theta=26.6)
    instrument = Instrument(gauss_u=0.005, gauss_v=-0.005, gauss_w=0.01, displacement=0.0, s_over_l=0.02, h_over_l=0.02)
    beam = ConstantWavelength(radiation, instrument, ScatteringModel("xray", 1.5406))
    level = float(np.percentile(pattern.intensity, 15))
    histogram = Histogram("lab", pattern, beam, BackgroundModel(limits, (level, *[0.0] * (n_background - 1))))
    phases = tuple(Phase(name, one, (PhasePart(1e-4, Sample(size=1000.0)),)) for name, one in structures.items())
    model = RefinementModel((histogram,), phases)
    free = [f"{name}.lab.scale" for name in structures]
    free += [f"lab.background.chebyshev_{i}" for i in range(n_background)]
    fitted = fit(model, free)
    free += [name for name in parameter_values(model) if name.split(".")[-1] in CELL] + ["lab.displacement"]
    fitted = fit(fitted.model, free)
    free += ["lab.gauss_u", "lab.gauss_v", "lab.gauss_w", "lab.s_over_l", *(f"{name}.lab.size" for name in structures)]
    return fit(fitted.model, free)


@pytest.fixture(scope="session")
def fit_mixture() -> Callable[..., Fitted]:
    """Return the fit of a pattern with structures by name and as many terms of background."""
    return fitted_mixture

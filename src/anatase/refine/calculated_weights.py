"""Weights from the calculated pattern in place of the counted one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.pattern.noise import moving_average
from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.model import RefinementModel

__all__ = ["intensity_per_count", "with_calculated_weights"]

Array = NDArray[np.float64]

HALF = 10  # points to either side over which intensity per count is averaged
FOLLOWS = 0.3  # of the scatter of y is left in σ²/y where σ² is that of counts


def intensity_per_count(pattern: Pattern) -> Array | None:
    """Return how much intensity (n,) one count is, where the s.u. are those of counts: σ² = y u; ``None`` elsewhere.

    With u counts are N = y/u, and σ = u √N. That s.u. come from counting shows in their noise: σ² follows every chance
    rise of y, so that σ²/y scatters from point to point far less than y does; s.u. known otherwise do not follow it.

    Examples
    --------
    >>> counts = np.random.default_rng(1).poisson(50.0, 200).astype(float)
    >>> x = np.arange(200.0)
    >>> intensity_per_count(Pattern(x, 0.1 * counts, 0.1 * np.sqrt(counts)))[:3].round(6).tolist()
    [0.1, 0.1, 0.1]
    >>> intensity_per_count(Pattern(x, counts, np.full(200, 7.0))) is None
    True
    """
    y, variance = pattern.intensity, pattern.sigma**2
    seen = y > 0.0
    if np.count_nonzero(seen) < 2 * HALF:
        return None
    unit = variance[seen] / y[seen]
    scatter, noise = (np.median(np.abs(np.diff(np.log(one)))) for one in (unit, y[seen]))
    if scatter > FOLLOWS * noise:
        return None
    smooth = np.exp(moving_average(np.log(unit), HALF))
    return np.asarray(np.interp(pattern.x, pattern.x[seen], smooth))


def with_calculated_weights(model: RefinementModel) -> RefinementModel:
    """Return the model with s.u. of the calculated counts, σ² = u max(y_calc, u), where a pattern's are of counts.

    Weights 1/y_obs give a point that is low by chance more weight than one that is high, and pull what the lines stand
    on, the background above all, down by about one count (Mighell (1999) Astrophys. J. 518, 380; weights in Rietveld
    refinement: Toraya (1998) J. Appl. Cryst. 31, 333). After a first fit the calculated counts have no such noise.
    R factors change a little with the weights.

    Examples
    --------
    >>> from anatase.pattern.background_model import BackgroundModel
    >>> from anatase.refine.fit import fit
    >>> from anatase.refine.model import ConstantWavelength, Histogram
    >>> from anatase.scattering.radiation import radiation_from_name
    >>> from anatase.scattering.scattering_power import ScatteringModel
    >>> from anatase.simulation.instrument import Instrument
    >>> counts = np.random.default_rng(2).poisson(20.0, 4000).astype(float)
    >>> pattern = Pattern(np.linspace(10.0, 90.0, 4000), counts, np.sqrt(np.maximum(counts, 1.0)))
    >>> beam = ConstantWavelength(radiation_from_name("CuKa"), Instrument(), ScatteringModel("xray", 1.5406))
    >>> flat = Histogram("xray", pattern, beam, BackgroundModel((10.0, 90.0), (15.0,)))
    >>> first = fit(RefinementModel((flat,), ()), ["xray.background.chebyshev_0"])
    >>> again = fit(with_calculated_weights(first.model), ["xray.background.chebyshev_0"])
    >>> [round(float(found.values[0]), 1) for found in (first, again)], round(float(counts.mean()), 1)
    ([18.9, 20.0], 20.0)
    """
    for i, histogram in enumerate(model.histograms):
        unit = intensity_per_count(histogram.pattern)
        if unit is not None:
            variance = unit * np.maximum(calculated(model, i).intensity, unit)
            pattern = replace(histogram.pattern, sigma=np.sqrt(variance))
            model = model.with_histogram(i, replace(histogram, pattern=pattern))
    return model

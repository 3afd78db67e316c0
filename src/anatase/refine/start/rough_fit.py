"""What a quick fit of the whole pattern knows beforehand, and the lines of a structure in it.

Relative intensities are held, one Lorentzian size and strain broadening serves each phase, and priors keep cells,
widths and background near what the pattern shows: such a fit finds its way from a cold start.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.crystal.structure import Site, Species, Structure
from anatase.refine.least_squares import Fit, Prior, levenberg_marquardt
from anatase.refine.start.electron_emphasis import xray_over_electron
from anatase.refine.start.measurement import D_MIN, MAX_WIDTH, Measurement
from anatase.refine.start.whole_pattern import PhaseLines, WholePattern, evaluate, phase_lines
from anatase.scattering.reflections import reflections

__all__ = ["rough_fit", "rough_prior", "structure_lines"]

Array = NDArray[np.float64]

LARGEST_SHIFT = 0.3  # degrees 2θ
NEGLIGIBLE = 3e-5  # of the strongest line
ANYWHERE = Site("C", (Species("C"),), (0.1234, 0.2718, 0.3931))  # a general position, to list what is allowed


def structure_lines(structure: Structure, measurement: Measurement) -> PhaseLines:
    """Return the lines of a structure in a pattern, with the anomalous terms of its wavelength.

    A crystal whose atoms are not known has |F|² of 1 for all reflections that its space group allows.
    """
    radiation = measurement.radiation
    s_max = 2.0 * np.sin(np.radians(min(measurement.x[-1] + 1.0, 178.0) / 2.0)) / radiation.wavelength
    model = measurement.scattering
    placed = structure if structure.sites else replace(structure, sites=(ANYWHERE,))
    listed = reflections(placed, max(1.0 / s_max, D_MIN * 0.98), model, u_default=TYPICAL_U_ISO)
    squared = listed.f_squared if structure.sites else np.ones(len(listed))
    intensity = listed.multiplicity * squared / structure.lattice.volume**2
    if model.probe == "electron":
        intensity *= xray_over_electron(1.0 / listed.d_spacing)
    weighted = intensity * listed.d_spacing**2  # a rough Lorentz weight
    keep = weighted > NEGLIGIBLE * weighted.max()
    return phase_lines(
        listed.hkl[keep],
        listed.multiplicity[keep],
        intensity[keep],
        structure.lattice,
        structure.space_group,
        radiation,
    )


def rough_prior(
    model: WholePattern, start: Array, measurement: Measurement, largest_shift: float = LARGEST_SHIFT
) -> Prior:
    """Return what is known of the parameters (k,) of a whole pattern before a fit; axial divergence where it has any.

    The first background column is the estimated background, which is trusted to a tenth.
    """
    b = model.columns.shape[0]
    level = float(np.median(measurement.background)) + 1.0
    width = measurement.fwhm
    mean, su = np.zeros(start.size), np.full(start.size, np.inf)
    low, high = np.full(start.size, -np.inf), np.full(start.size, np.inf)
    mean[0], su[0] = 1.0, 0.1
    su[1:b] = 0.05 * level + 3.0 * float(np.median(measurement.sigma))
    widest = min(20.0 * width, MAX_WIDTH)
    mean[b : b + 4] = [0.0, 0.02, (0.7 * width) ** 2, 0.0]
    su[b : b + 4] = [0.05, 0.01 if model.asymmetry else 1e-9, width**2, width**2]
    low[b : b + 4] = [-largest_shift, 0.0, (0.15 * width) ** 2, 0.0]
    high[b : b + 4] = [largest_shift, 0.08, (3.0 * width) ** 2, 16.0 * width**2]
    for i, phase in enumerate(model.phases):
        at, k = model.offsets[i], phase.basis.shape[0]
        low[at] = 0.0
        su[at + 1 : at + 1 + k] = 0.01
        low[at + 1 : at + 1 + k], high[at + 1 : at + 1 + k] = -0.05, 0.05
        for j in (at + 1 + k, at + 2 + k):
            mean[j], su[j], low[j], high[j] = 0.2 * width, width, 0.0, widest
        if phase.axis is not None:
            mean[at + 3 + k], su[at + 3 + k], low[at + 3 + k], high[at + 3 + k] = 1.0, 0.4, 0.25, 3.0
    return Prior(mean, su, low, high)


def rough_fit(
    model: WholePattern,
    start: Array,
    measurement: Measurement,
    weights: Array,
    iterations: int,
    largest_shift: float = LARGEST_SHIFT,
) -> Fit:
    """Fit a whole pattern from given parameters (k,) with weights (n,)."""
    return levenberg_marquardt(
        lambda p: evaluate(model, p), start, measurement.y, weights,
        rough_prior(model, start, measurement, largest_shift), max_iterations=iterations, tolerance=1e-4,
    )  # fmt: skip

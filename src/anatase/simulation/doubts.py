"""What is doubtful in a simulated pattern: untabulated ions, lines narrower than its steps, impossible textures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.pattern.draw_lines import Lines
from anatase.pattern.spherical_harmonics import negative_pole_density, symmetrised_harmonics
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.untabulated_ions import untabulated_ions
from anatase.simulation.sample import Sample

__all__ = ["doubts_about"]

Array = NDArray[np.float64]

STEPS_PER_FWHM = 1.5


def doubts_about(
    x: Array, lines: Lines, structure: Structure, sample: Sample, model: ScatteringModel
) -> tuple[str, ...]:
    """Return warnings about a phase whose lines are drawn at points x (n,), °2θ.

    A pattern holds the profile at its points, not its mean over a step h. The sum over the points is off a line's
    area by up to 2 exp(−2π² σ²/h²) of a Gaussian and 2 exp(−2π γ/h) of a Lorentzian (Poisson's sum), after where the
    points fall: 6 % and 9 % where the FWHM is one step, 0.07 % and 1.8 % at one and a half.
    """
    return (*untabulated_ions(structure, model), *_narrow(x, lines), *_texture(structure, sample))


def _narrow(x: Array, lines: Lines) -> tuple[str, ...]:
    step = float(x[-1] - x[0]) / (x.size - 1)
    # the Voigt FWHM after Olivero & Longbothum (1977) J. Quant. Spectrosc. Radiat. Transf. 17, 233, good to 0.02 %
    fwhm = 0.5346 * lines.lorentz + np.sqrt(0.2166 * lines.lorentz**2 + lines.gauss**2)
    narrow = (fwhm < STEPS_PER_FWHM * step) & (lines.position > x[0]) & (lines.position < x[-1]) & (lines.area > 0.0)
    if not narrow.any():
        return ()
    least, count = float(fwhm[narrow].min()), int(narrow.sum())
    who = "1 line is" if count == 1 else f"{count} lines are"
    return (
        f"{who} narrower than {STEPS_PER_FWHM:g} steps of {step:.2g} deg (FWHM from {least:.2g} deg), so that areas "
        f"depend on where the points fall; give a step of {0.5 * least:.1g} deg",
    )


def _texture(structure: Structure, sample: Sample) -> tuple[str, ...]:
    if not sample.harmonics:
        return ()
    basis = symmetrised_harmonics(structure.lattice, structure.space_group, sample.harmonic_order)
    return negative_pole_density(basis, sample.harmonics)

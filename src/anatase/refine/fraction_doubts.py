"""Why weight fractions may be wrong by more than their s.u.: texture, displacements at nothing, absorption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from anatase.crystal.structure import DALTON_PER_CUBIC_ANGSTROM
from anatase.errors import InputError, PhysicsError
from anatase.refine.model import ConstantWavelength, Phase, RefinementModel
from anatase.refine.parameters.physical_limits import MEAN_SQUARES
from anatase.refine.quantity.doubts import contrast_doubts
from anatase.refine.quantity.weight_fractions import phase_amounts, weight_fractions
from anatase.refine.refinement import Parameter
from anatase.scattering.attenuation import linear_attenuation

__all__ = ["fraction_doubts"]

EVEN = (0.75, 1.33)  # March r between which a texture is mild
BY_HAND = 10.0  # µm: grains are seldom smaller after grinding by hand
POOR = 10.0  # R_Bragg in percent from which on a scale stands for intensities that differ from those measured


def fraction_doubts(
    model: RefinementModel, parameters: Sequence[Parameter], r_bragg: Mapping[tuple[str, str], float]
) -> list[str]:
    """Return warnings of the weight fractions of a mixture, which come from the scales in the first pattern.

    A scale trades with what changes the intensities of a whole phase: a strong texture, displacements that would be
    negative, intensities that do not fit, and grains that absorb more than their neighbours.
    """
    if len(model.phases) < 2 or any(one.mode != "rietveld" or not one.structure.sites for one in model.phases):
        return []
    first = model.histograms[0].name
    told = []
    for phase in model.phases:
        reasons = _of_phase(phase, first, parameters)
        misfit = r_bragg.get((phase.name, first), 0.0)
        if misfit > POOR:
            reasons.append(f"its R_Bragg is {misfit:.1f} %")
        if reasons:
            told.append(f"{phase.name}: {', '.join(reasons)}")
    found = [f"the weight fractions are doubtful by more than their s.u. ({'; '.join(told)})"] if told else []
    return found + _absorption(model)


def _of_phase(phase: Phase, first: str, parameters: Sequence[Parameter]) -> list[str]:
    own = [one for one in parameters if one.refined and one.name.startswith(f"{phase.name}.")]
    reasons = [
        f"texture of March r {one.estimate}"
        for one in own
        if one.name.startswith(f"{phase.name}.{first}.march_r") and not EVEN[0] <= one.value <= EVEN[1]
    ]
    low = [one for one in own if one.name.rpartition(".")[2] in MEAN_SQUARES and one.value <= 0.0]
    if low:
        sites = dict.fromkeys(one.name.removeprefix(f"{phase.name}.").partition(".")[0] for one in low)
        negative = any(one.value < 0.0 for one in low)
        reasons.append(f"U of {', '.join(sites)} is {'negative' if negative else 'held at 0, or it would be negative'}")
    return reasons


def _absorption(model: RefinementModel) -> list[str]:
    """Return warnings of microabsorption of X-rays in the first pattern."""
    beam = model.histograms[0].beam
    scales = [phase.parts[0].scale for phase in model.phases]
    if not isinstance(beam, ConstantWavelength) or beam.radiation.probe != "xray" or not sum(scales) > 0.0:
        return []
    structures = [phase.structure for phase in model.phases]
    mass = np.array([one.mass_per_cell for one in structures])
    volume = np.array([one.lattice.volume for one in structures])
    try:
        absorption = [linear_attenuation(one, beam.radiation.wavelength) for one in structures]
    except (InputError, PhysicsError):  # no tables for an element or a wavelength: nothing is known of its absorption
        return []
    fractions = weight_fractions(phase_amounts(scales, mass, volume)).values
    density = mass / volume * DALTON_PER_CUBIC_ANGSTROM
    return contrast_doubts([phase.name for phase in model.phases], fractions, density, absorption, BY_HAND)

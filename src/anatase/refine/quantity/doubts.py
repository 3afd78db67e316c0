"""What to doubt in a quantification, in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.estimate import Estimate
from anatase.refine.quantity.microabsorption import Grains, grinding

__all__ = ["amorphous_doubts", "amount_doubts", "contrast_doubts", "grain_doubts"]

Array = NDArray[np.float64]

SIGNIFICANT = 2.0  # s.u.
NOTABLE = 0.01  # weight fraction, where no s.u. is known
SHADOWED = 0.05  # relative change of a fraction that matters
WELL_GROUND = 5.0  # µm: common after milling


def amount_doubts(names: Sequence[str], amounts: Sequence[Estimate]) -> list[str]:
    """Return warnings of phases whose amount is negative or not seen."""
    doubts = []
    for name, amount in zip(names, amounts, strict=True):
        if amount.value < 0.0:
            doubts.append(f"the scale of {name} is negative: the pattern shows none of it; leave it out")
        elif amount.su is not None and amount.value < SIGNIFICANT * amount.su:
            doubts.append(f"{name} is less than {SIGNIFICANT:g} s.u. above nothing: it may be absent")
    return doubts


def amorphous_doubts(amorphous: Estimate, spike: str = "") -> list[str]:
    """Return warnings of an amorphous share, by a spike or by an external standard, that is below 0, or not seen."""
    limit = NOTABLE if amorphous.su is None else SIGNIFICANT * amorphous.su
    text = f"{Estimate(100.0 * amorphous.value, None if amorphous.su is None else 100.0 * amorphous.su)} wt%"
    text += " of the sample without the spike" if spike else ""
    if amorphous.value < -limit:
        cause = (
            f"{spike} diffracts less than it should beside the other phases; look at its weighing and mixing, "
            "its crystallinity, microabsorption and texture"
            if spike
            else "the sample diffracts more than it can beside the external standard; look at the incident intensity, "
            "the counting time, the attenuation of the sample and the packing of both"
        )
        return [f"the amorphous fraction is negative, {text}: {cause}"]
    if amorphous.value < limit:
        return [f"the amorphous fraction, {text}, does not differ from 0"]
    return []


def grain_doubts(names: Sequence[str], grains: Grains) -> list[str]:
    """Return warnings of grains for which Brindley's model is an estimate, or fails."""
    doubts = []
    for name, thickness in zip(names, grains.thickness, strict=True):
        kind = grinding(thickness)
        if kind == "coarse":
            doubts.append(
                f"{name} is a coarse powder, μD = {thickness:.2g}: its microabsorption is corrected by estimate; "
                "grind finer or use a shorter wavelength"
            )
        elif kind == "very coarse":
            doubts.append(
                f"{name} is a very coarse powder, μD = {thickness:.2g}: no correction for microabsorption holds, and "
                "the fractions are not to be trusted; grind finer or use a shorter wavelength"
            )
    return doubts


def contrast_doubts(
    names: Sequence[str], fractions: Array, densities: Array, absorption: ArrayLike, grains: float = WELL_GROUND
) -> list[str]:
    """Return warnings of phases that microabsorption may change by 5 % though they are ground to so many µm.

    τ ≈ 1 − ¾ (μ − μ̄) D: the mean way through a sphere is ¾ of its diameter.
    """
    mu = np.asarray(absorption, dtype=float)
    volumes = np.maximum(fractions, 0.0) / densities
    mean = float(volumes @ mu / volumes.sum())
    doubts = []
    for name, one in zip(names, mu, strict=True):
        contrast = abs(one - mean)
        largest = SHADOWED / (0.75 * contrast) * 1e4 if contrast > 0.0 else np.inf
        if largest < grains:
            doubts.append(
                f"{name} absorbs {one:.0f} cm⁻¹ and the mixture {mean:.0f}: unless its grains are smaller than "
                f"{largest:.2g} µm, microabsorption changes its amount by more than 5 %; give the particle size"
            )
    return doubts

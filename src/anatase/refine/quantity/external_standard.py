"""Amorphous content from the scales themselves, put on an absolute footing by another specimen: the G-factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anatase.crystal.structure import DALTON_PER_CUBIC_ANGSTROM
from anatase.errors import PhysicsError
from anatase.estimate import Estimate
from anatase.refine.quantity.absolute_content import (
    WHOLE,
    AbsoluteContent,
    absolute_content,
    require_share,
    variance_of,
)
from anatase.refine.quantity.weight_fractions import PhaseAmounts

__all__ = ["ExternalStandard", "by_external_standard", "g_factor"]


@dataclass(frozen=True)
class ExternalStandard:
    """The diffractometer's constant, and how much the sample absorbs.

    Parameters
    ----------
    g
        G-factor of the diffractometer at the settings, the tube's age and the counting time of the sample's pattern
        (``g_factor``).
    mass_attenuation
        μ/ρ of the whole sample, amorphous matter included, cm² g⁻¹, from its elemental composition
        (``anatase.scattering.attenuation.mass_attenuation``).

    Raises
    ------
    PhysicsError
        When either is not positive.
    """

    g: Estimate
    mass_attenuation: Estimate

    def __post_init__(self) -> None:
        _require_positive("G-factor", self.g)
        _require_positive("mass attenuation", self.mass_attenuation)


def g_factor(
    scale: Estimate,
    cell_mass: float,
    cell_volume: float,
    mass_attenuation: Estimate,
    crystalline_fraction: Estimate = WHOLE,
) -> Estimate:
    """Return G = S ρ V² (μ/ρ)/W of a standard specimen measured by itself.

    O'Connor & Raven (1988) Powder Diffr. 3, 2, their K; named G by Jansen, Schäfer & Kirfel (2011) J. Appl. Cryst. 44,
    964. ρ V² is 1.66054 Z M V. It holds for thick flat plates in symmetric reflection that the beam does not leave,
    with a fixed divergence slit, and one incident intensity.

    Parameters
    ----------
    scale
        S of the standard's own refinement, with the same Lorentz–polarization factor, wavelengths and units of
        intensity (counts, or counts per second) as the sample's.
    cell_mass
        Z M, g/mol.
    cell_volume
        V, Å³.
    mass_attenuation
        μ/ρ of the standard, cm² g⁻¹.
    crystalline_fraction
        Of the standard.

    Raises
    ------
    PhysicsError
        When a number is not positive.

    Examples
    --------
    >>> print(g_factor(Estimate(2.0e-3, 1.0e-5), 611.77, 254.7, Estimate(30.9)))  # corundum at Cu Kα
    15990(80)
    """
    require_share("the crystalline fraction of the standard", crystalline_fraction, whole=True)
    for name, one in (
        ("scale", scale),
        ("cell mass", Estimate(cell_mass)),
        ("cell volume", Estimate(cell_volume)),
        ("mass attenuation", mass_attenuation),
    ):
        _require_positive(name, one)
    factors = (scale, mass_attenuation, crystalline_fraction)
    relative = sum(variance_of(one) / one.value**2 for one in factors)
    value = scale.value * mass_attenuation.value / crystalline_fraction.value
    value *= DALTON_PER_CUBIC_ANGSTROM * cell_mass * cell_volume
    return Estimate(value, value * float(np.sqrt(relative)) if relative > 0.0 else None)


def by_external_standard(amounts: PhaseAmounts, standard: ExternalStandard) -> AbsoluteContent:
    """Return the content of a specimen, W_p = S_p ρ_p V_p² (μ/ρ)/G, and what is left of 1.

    O'Connor & Raven (1988), as ``g_factor``. The s.u. carry the covariance of the amounts and the s.u. of G and μ/ρ.

    Parameters
    ----------
    amounts
        S Z M V (n,) as ``phase_amounts`` gives them: here their unit counts.
    standard
        G and the sample's attenuation.

    Examples
    --------
    >>> from anatase.refine.quantity.weight_fractions import phase_amounts
    >>> pure = phase_amounts([2.0e-3], [611.77], [254.7])
    >>> g = g_factor(Estimate(4.0e-3), 611.77, 254.7, Estimate(30.9))
    >>> round(by_external_standard(pure, ExternalStandard(g, Estimate(30.9))).amorphous.value, 3)
    0.5
    """
    g, attenuation = standard.g, standard.mass_attenuation
    factor = DALTON_PER_CUBIC_ANGSTROM * attenuation.value / g.value
    values = amounts.values * factor
    if amounts.covariance is None:
        return absolute_content(values, None)
    common = variance_of(attenuation) / attenuation.value**2 + variance_of(g) / g.value**2
    return absolute_content(values, amounts.covariance * factor**2 + np.outer(values, values) * common)


def _require_positive(name: str, one: Estimate) -> None:
    if not 0.0 < one.value < np.inf or not variance_of(one) < np.inf:
        raise PhysicsError(f"the {name} is {one}; give a number above 0")

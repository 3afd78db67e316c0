"""Amorphous content from a weighed crystalline standard that was mixed into the sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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

__all__ = ["InternalStandard", "by_internal_standard"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class InternalStandard:
    """A spike: the phase, its weighed fraction of the mixture, and how much of it is crystalline.

    Parameters
    ----------
    phase
        Its name among the phases. The sample itself must not contain it.
    weight_fraction
        Mass of the spike over that of spike and sample together; without an s.u. it is taken for exact.
    crystallinity
        Crystalline mass fraction of the spike: 0.9902(56) for alumina of SRM 676a (certificate of 2015; ± 1.11 % is
        its interval for k = 2).

    Raises
    ------
    PhysicsError
        When a fraction is impossible.
    """

    phase: str
    weight_fraction: Estimate
    crystallinity: Estimate = WHOLE

    def __post_init__(self) -> None:
        require_share(f"the weighed fraction of {self.phase}", self.weight_fraction, whole=False)
        require_share(f"the crystallinity of {self.phase}", self.crystallinity, whole=True)


def by_internal_standard(
    amounts: PhaseAmounts, index: int, standard: InternalStandard
) -> tuple[AbsoluteContent, AbsoluteContent]:
    """Return the content of the spiked specimen, and that of the sample before the spike went in.

    With a_p the phases' masses, w the weighed fraction and c the crystallinity of the standard s, in the specimen
    W_p = w c a_p/a_s, and in the sample W_p/(1 − w) without the standard: the internal standard method
    (Klug & Alexander 1974, X-Ray Diffraction Procedures, ch. 7) with Rietveld scales. What is left of 1 is amorphous
    or unknown; in the specimen it includes what of the spike is not crystalline. The s.u. carry the covariance of the
    amounts and the s.u. of w and c.

    Parameters
    ----------
    amounts
        Masses (n,) of all phases, the standard among them.
    index
        Which of them is the standard.
    standard
        What is known of it.

    Raises
    ------
    PhysicsError
        When the standard has no positive amount.

    Examples
    --------
    >>> seen = PhaseAmounts(np.array([0.5, 0.5]))  # corundum and quartz, alike in mass
    >>> specimen, sample = by_internal_standard(seen, 0, InternalStandard("corundum", Estimate(0.2)))
    >>> round(specimen.amorphous.value, 3), round(sample.amorphous.value, 3)
    (0.6, 0.75)
    """
    a, w, c = amounts.values, standard.weight_fraction.value, standard.crystallinity.value
    if not a[index] > 0.0:
        raise PhysicsError(
            f"the internal standard {standard.phase} has the amount {a[index]:g}; the pattern must show the spike"
        )
    values = w * c * a / a[index]
    by_amounts = np.eye(a.size) * (w * c / a[index])
    by_amounts[:, index] -= values / a[index]
    specimen = np.column_stack([by_amounts, values / w, values / c])
    kept = np.ones(a.size)
    kept[index] = 0.0
    before = values * kept / (1.0 - w)
    sample = specimen * kept[:, None] / (1.0 - w)
    sample[:, -2] += before / (1.0 - w)  # less of the spike leaves more of the sample
    known = None if amounts.covariance is None else _with_spike(amounts.covariance, standard)
    return (
        absolute_content(values, None if known is None else specimen @ known @ specimen.T),
        absolute_content(before, None if known is None else sample @ known @ sample.T),
    )


def _with_spike(covariance: Array, standard: InternalStandard) -> Array:
    """Return the covariance (n + 2, n + 2) of amounts, weighed fraction and crystallinity."""
    n = len(covariance)
    whole = np.zeros((n + 2, n + 2))
    whole[:n, :n] = covariance
    whole[n, n] = variance_of(standard.weight_fraction)
    whole[n + 1, n + 1] = variance_of(standard.crystallinity)
    return whole

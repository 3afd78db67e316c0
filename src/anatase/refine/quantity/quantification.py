"""The answer of a quantification: how much of each phase, and how much that no phase explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate

__all__ = ["PhaseQuantity", "Quantification"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class PhaseQuantity:
    """One phase in a specimen.

    ``weight_fraction`` is the answer: of the whole specimen where a standard was given, of its crystalline phases
    elsewhere. ``uncorrected`` is what the scales say before microabsorption, among the crystalline phases; ``tau`` and
    ``mu_d`` are its particle absorption factor and μD where grain sizes were given. ``in_sample`` is the fraction in
    the sample before a spike went in: 0 for the spike, ``None`` without one.
    """

    name: str
    weight_fraction: Estimate
    uncorrected: Estimate
    in_sample: Estimate | None = None
    tau: float | None = None
    mu_d: float | None = None


@dataclass(frozen=True)
class Quantification:
    """Weight fractions of the phases of a specimen, with how they were found and what to doubt.

    ``amorphous`` is what is left of the specimen: amorphous matter and crystals that the model does not know;
    ``amorphous_in_sample`` the same before a spike went in; ``None`` where no standard was given. ``covariance`` (n, n)
    belongs to the ``weight_fraction`` of the phases. The s.u. tell how well the pattern determines the scales, and
    what is known of standards and grains: texture, sampling and structures may add more.
    """

    phases: tuple[PhaseQuantity, ...]
    method: str
    amorphous: Estimate | None = None
    amorphous_in_sample: Estimate | None = None
    covariance: Array | None = None
    warnings: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary: fractions from 0 to 1, each as value and s.u.

        Examples
        --------
        >>> phase = PhaseQuantity("rutile", Estimate(1.0), Estimate(1.0))
        >>> Quantification((phase,), "one phase").as_dict()["phases"][0]["weight_fraction"]
        {'value': 1.0, 'su': None}
        """
        return {
            "method": self.method,
            "phases": [
                {
                    "name": phase.name,
                    "weight_fraction": _pair(phase.weight_fraction),
                    "uncorrected": _pair(phase.uncorrected),
                    "in_sample": _pair(phase.in_sample),
                    "tau": phase.tau,
                    "mu_d": phase.mu_d,
                }
                for phase in self.phases
            ],
            "amorphous": _pair(self.amorphous),
            "amorphous_in_sample": _pair(self.amorphous_in_sample),
            "covariance": None if self.covariance is None else self.covariance.tolist(),
            "warnings": list(self.warnings),
        }


def _pair(estimate: Estimate | None) -> dict[str, float | None] | None:
    return None if estimate is None else {"value": estimate.value, "su": estimate.su}

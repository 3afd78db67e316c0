"""Weight fractions of the crystalline phases from their Rietveld scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError, PhysicsError
from anatase.estimate import Estimate

__all__ = ["PhaseAmounts", "phase_amounts", "weight_fractions"]

Array = NDArray[np.float64]

NO_DOUBT = 1e-12  # an s.u. below this is rounding: a single phase is all of it whatever its scale


@dataclass(frozen=True)
class PhaseAmounts:
    """Amounts of phases (n,): masses in one arbitrary unit, or weight fractions.

    ``covariance`` (n, n) is ``None`` where the uncertainties are unknown.

    Examples
    --------
    >>> amounts = PhaseAmounts(np.array([0.7, 0.3]), np.array([[1e-4, -1e-4], [-1e-4, 1e-4]]))
    >>> [str(one) for one in amounts.estimates]
    ['0.700(10)', '0.300(10)']
    """

    values: Array
    covariance: Array | None = None

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """Each amount with its s.u."""
        if self.covariance is None:
            return tuple(Estimate(float(value)) for value in self.values)
        su = np.sqrt(np.maximum(np.diag(self.covariance), 0.0))
        return tuple(
            Estimate(float(v), float(s) if s > NO_DOUBT else None) for v, s in zip(self.values, su, strict=True)
        )


def phase_amounts(
    scales: ArrayLike, cell_masses: ArrayLike, cell_volumes: ArrayLike, covariance: ArrayLike | None = None
) -> PhaseAmounts:
    """Return the masses of the phases in the beam, S Z M V, on one arbitrary scale.

    Hill & Howard (1987) J. Appl. Cryst. 20, 467, equation 2, with S the factor before m |F|² LP and |F|² of the whole
    cell, which is the scale of ``simulate`` and of every fit here. In one pattern all phases share the unit; between
    patterns they do not.

    Parameters
    ----------
    scales
        S (n,).
    cell_masses
        Z M (n,), g/mol: ``Structure.mass_per_cell``, refined occupancies included.
    cell_volumes
        V (n,), Å³.
    covariance
        Of the scales (n, n); of scales and volumes, one after the other (2n, 2n); or of scales, volumes and masses
        (3n, 3n). What is left out is taken for exact.

    Raises
    ------
    InputError
        When the numbers of values disagree.
    PhysicsError
        When a mass or volume is not positive, or a number is not finite.

    Examples
    --------
    >>> phase_amounts([2.0, 1.0], [160.0, 320.0], [62.4, 136.3]).values.round(0).tolist()
    [19968.0, 43616.0]
    """
    s, mass, volume = (np.atleast_1d(np.asarray(one, dtype=float)) for one in (scales, cell_masses, cell_volumes))
    if s.ndim != 1 or s.size == 0 or not s.shape == mass.shape == volume.shape:
        raise InputError(
            f"{s.size} scales, {mass.size} cell masses and {volume.size} cell volumes", "give one of each for a phase"
        )
    if not np.all(np.isfinite(s)) or not np.all((mass > 0.0) & (volume > 0.0) & np.isfinite(mass * volume)):
        raise PhysicsError(
            f"scales {s.tolist()}, cell masses {mass.tolist()} g/mol and volumes {volume.tolist()} Å³: "
            "masses and volumes are above 0 and all are finite"
        )
    blocks = (np.diag(mass * volume), np.diag(s * mass), np.diag(s * volume))
    return PhaseAmounts(s * mass * volume, None if covariance is None else _propagated(covariance, blocks))


def _propagated(covariance: ArrayLike, blocks: tuple[Array, ...]) -> Array:
    """Return J C Jᵀ (n, n) for as many blocks (n, n) of the Jacobian as the covariance has."""
    c, n = np.asarray(covariance, dtype=float), len(blocks[0])
    if c.shape not in [(k * n, k * n) for k in (1, 2, 3)]:
        raise InputError(
            f"a covariance of {' × '.join(str(size) for size in c.shape)} for {n} phases",
            f"give {n} × {n} of the scales, or {2 * n} × {2 * n} of scales and volumes",
        )
    jacobian = np.hstack(blocks[: c.shape[0] // n])
    return np.asarray(jacobian @ c @ jacobian.T)


def weight_fractions(amounts: PhaseAmounts) -> PhaseAmounts:
    """Return the weight fractions (n,) among the given phases, which sum to 1.

    W_p = a_p / Σ a. What the model leaves out, amorphous or unknown, is not in the sum.

    Raises
    ------
    PhysicsError
        When the amounts add up to nothing.

    Examples
    --------
    >>> covariance = np.diag([0.01, 0.01]) ** 2
    >>> fractions = weight_fractions(phase_amounts([0.6, 0.4], [100.0, 100.0], [50.0, 50.0], covariance))
    >>> [str(one) for one in fractions.estimates]
    ['0.600(7)', '0.400(7)']
    """
    total = float(amounts.values.sum())
    if not total > 0.0:
        raise PhysicsError(
            f"phase amounts {amounts.values.tolist()} add up to {total:g}: no phase is there to be quantified"
        )
    fraction = amounts.values / total
    if amounts.covariance is None:
        return PhaseAmounts(fraction)
    jacobian = (np.eye(fraction.size) - fraction[:, None]) / total
    return PhaseAmounts(fraction, jacobian @ amounts.covariance @ jacobian.T)

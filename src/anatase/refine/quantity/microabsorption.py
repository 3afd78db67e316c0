"""Microabsorption: grains that absorb more than their neighbours hide a part of themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.structure import DALTON_PER_CUBIC_ANGSTROM
from anatase.errors import ConvergenceError, InputError, PhysicsError
from anatase.estimate import Estimate
from anatase.refine.quantity.absolute_content import variance_of
from anatase.refine.quantity.weight_fractions import PhaseAmounts

__all__ = ["GRINDING", "Grains", "Unshadowed", "grinding", "particle_absorption", "unshadowed_amounts"]

Array = NDArray[np.float64]

CM_PER_MICROMETRE = 1e-4
HALF_WAY = 90.0  # degrees 2θ: between forwards, where τ is lowest, and backwards
# upper limits of μD of the classes of powders of Brindley (1945)
GRINDING = {"fine": 0.01, "medium": 0.1, "coarse": 1.0, "very coarse": np.inf}
POINTS = 32  # along each coordinate of a grain
WAYS = 24  # that stand for all: exact for polynomials of degree 47
ITERATIONS = 200
CLOSE = 1e-12
AGREEING = 1e-6  # relative
REMEDY = "grains this coarse cannot be corrected for: grind the sample, or give smaller diameters"
THICKEST = 100.0  # μD: e^-100 of a grain's far side is not to be corrected for


@dataclass(frozen=True)
class Grains:
    """What the grains of each phase (n) are like.

    Parameters
    ----------
    absorption
        Linear absorption coefficients μ of the dense phases (n,), cm⁻¹
        (``anatase.scattering.attenuation.linear_attenuation``).
    diameters
        D of each phase's grains, µm: of the grains, not of the coherent domains that broaden lines.
    mean_absorption
        μ̄ of all the solid matter of the specimen, cm⁻¹, where it is known; ``None``: that of the phases' own mixture.

    Raises
    ------
    InputError
        When coefficients and diameters differ in number.
    PhysicsError
        When one is negative or not finite.
    """

    absorption: tuple[float, ...]
    diameters: tuple[Estimate, ...]
    mean_absorption: float | None = None

    def __post_init__(self) -> None:
        if len(self.absorption) != len(self.diameters):
            raise InputError(
                f"{len(self.absorption)} linear absorption coefficients for grains of {len(self.diameters)} phases",
                "give one for each phase",
            )
        mean = [] if self.mean_absorption is None else [self.mean_absorption]
        numbers = [*self.absorption, *mean, *(one.value for one in self.diameters)]
        if not all(0.0 <= number < np.inf for number in numbers):
            raise PhysicsError(
                f"absorption of {list(self.absorption)} cm⁻¹ and grains of {[str(d) for d in self.diameters]} µm: "
                "give numbers of 0 or more"
            )
        strongest = max((*self.absorption, *mean), default=0.0)
        if any(strongest * one.value * CM_PER_MICROMETRE > THICKEST for one in self.diameters):
            raise PhysicsError(
                f"grains of {[str(d) for d in self.diameters]} µm let no beam through; give diameters in micrometres"
            )

    @property
    def thickness(self) -> tuple[float, ...]:
        """The products μD (n)."""
        return tuple(mu * d.value * CM_PER_MICROMETRE for mu, d in zip(self.absorption, self.diameters, strict=True))


@dataclass(frozen=True)
class Unshadowed:
    """Amounts (n,) freed of microabsorption, the factors τ (n,) that did it, and the mean absorption μ̄ in cm⁻¹."""

    amounts: PhaseAmounts
    tau: Array
    mean_absorption: float


def grinding(thickness: float) -> str:
    """Return how a powder of μD is ground: fine to 0.01, medium to 0.1, coarse to 1, very coarse beyond.

    Brindley (1945) Philos. Mag. 36, 347. Fine powders need no correction, for medium ones it is good, for coarse ones
    an estimate, and beyond the model no longer holds.

    Examples
    --------
    >>> grinding(0.05)
    'medium'
    """
    return next(name for name, limit in GRINDING.items() if thickness <= limit)


def particle_absorption(contrast: ArrayLike, two_theta: float = HALF_WAY) -> Array:
    """Return Brindley's particle absorption contrast factor τ (n,) of spherical grains.

    τ = (1/V) ∫ exp[−(μ − μ̄) l] dV with l the way of the beam through the grain, to the point and from there out again
    (Brindley 1945, Philos. Mag. 36, 347), integrated numerically to 3e-6 for |x| ≤ 1. Forwards (2θ = 0) it is
    3 [2 − (z² + 2z + 2) e^−z]/z³ with z = 2x. The angle changes τ by 0.4 % at |x| = 0.1 and by 10 % at 0.5. The fits to
    Brindley's own table that other programs use, 1 − 1.450 x + 1.426 x² among them, agree within 1 % for |x| ≤ 0.1
    and 4 % for |x| ≤ 0.3; their slope at 0 is 3 % less than that of any sphere, whose mean way is 3/2 of its radius.

    Parameters
    ----------
    contrast
        x = (μ − μ̄) D/2 (n,): positive for grains that absorb more than the mean.
    two_theta
        Degrees between the beams, 0 to 180.

    Examples
    --------
    >>> particle_absorption([-0.1, 0.0, 0.1]).round(3).tolist()
    [1.165, 1.0, 0.863]
    """
    ways, weights = _ways(float(two_theta))
    x = np.asarray(contrast, dtype=float)
    return np.asarray(np.exp(-x[..., None] * ways) @ weights)


@lru_cache(maxsize=8)
def _ways(two_theta: float) -> tuple[Array, Array]:
    """Return ways through a sphere of radius 1 (m,) and the share (m,) of its volume that has each."""
    if not 0.0 <= two_theta <= 180.0:
        raise PhysicsError(f"an angle 2θ of {two_theta:g} deg; give 0 to 180")
    nodes, lengths = np.polynomial.legendre.leggauss(POINTS)
    unit, share = 0.5 * (nodes + 1.0), 0.5 * lengths
    # ρ = sin(u π/2) crowds the points at the surface, where the ways have a square root
    radius = np.sin(0.5 * np.pi * unit)[:, None, None]
    shell = (share * 0.5 * np.pi * np.cos(0.5 * np.pi * unit))[:, None, None] * radius**2
    # mirrors: the plane of the beams, whose normal is the polar axis, and what swaps way in and way out
    polar = unit[None, :, None]
    turn = (np.arange(POINTS) + 0.5) * (np.pi / POINTS) - 0.5 * np.pi
    in_plane = radius * np.sqrt(1.0 - polar**2)
    half = np.radians(two_theta) / 2.0
    along_in, along_out = in_plane * np.cos(turn + half), in_plane * np.cos(turn - half)
    rest = 1.0 - radius**2
    ways = along_in + np.sqrt(along_in**2 + rest) - along_out + np.sqrt(along_out**2 + rest)
    weights = np.broadcast_to(shell * share[None, :, None], ways.shape).ravel()
    return _condensed(ways.ravel(), weights / weights.sum())


def _condensed(points: Array, weights: Array) -> tuple[Array, Array]:
    """Return the Gaussian quadrature of a discrete measure, by Lanczos (Golub & Welsch 1969, Math. Comput. 23, 221)."""
    basis = np.zeros((WAYS, points.size))
    basis[0] = np.sqrt(weights)
    for k in range(1, WAYS):
        new = points * basis[k - 1]
        for _ in range(2):  # twice is enough to stay orthogonal
            new -= basis[:k].T @ (basis[:k] @ new)
        basis[k] = new / np.linalg.norm(new)
    nodes, vectors = np.linalg.eigh((basis * points) @ basis.T)
    return nodes, np.asarray(vectors[0] ** 2)


def unshadowed_amounts(
    amounts: PhaseAmounts, cell_masses: ArrayLike, cell_volumes: ArrayLike, grains: Grains
) -> Unshadowed:
    """Return the phases' masses after Brindley's correction, a_p/τ_p.

    μ̄ = Σ v_p μ_p, the mean by volume over the solid phases, follows from the corrected amounts, so that both are
    iterated until they agree. The covariance carries the amounts' own and the s.u. of the diameters.

    Parameters
    ----------
    amounts
        As ``phase_amounts`` gives them (n,).
    cell_masses, cell_volumes
        g/mol and Å³ (n,).
    grains
        The grains of each phase.

    Raises
    ------
    InputError
        When the numbers of phases disagree.
    PhysicsError
        When the amounts add up to nothing.
    ConvergenceError
        When amounts and mean absorption do not come to agree, or in several ways, as in very coarse powders.

    Examples
    --------
    >>> grains = Grains((126.0, 1135.0), (Estimate(1.0), Estimate(5.0)))  # corundum, magnetite
    >>> seen = PhaseAmounts(np.array([0.8, 0.2]))
    >>> unshadowed_amounts(seen, [611.8, 1852.3], [254.7, 592.0], grains).tau.round(2).tolist()
    [1.02, 0.75]
    """
    mass, volume = np.asarray(cell_masses, dtype=float), np.asarray(cell_volumes, dtype=float)
    n = amounts.values.size
    if not n == mass.size == volume.size == len(grains.absorption):
        raise InputError(
            f"{n} amounts, {mass.size} masses, {volume.size} volumes and grains of {len(grains.absorption)} phases",
            "give one of each for a phase",
        )
    if not amounts.values.sum() > 0.0:
        raise PhysicsError(f"phase amounts {amounts.values.tolist()} add up to nothing")
    density = mass / volume * DALTON_PER_CUBIC_ANGSTROM
    diameters = np.array([one.value for one in grains.diameters])

    def corrected(point: Array) -> Array:
        return _fixed_point(point[:n], density, grains, point[n:])[0]

    point = np.concatenate([amounts.values, diameters])
    if grains.mean_absorption is None:
        _require_one_answer(amounts.values, density, grains, diameters)
    values, tau, mean = _fixed_point(amounts.values, density, grains, diameters)
    if amounts.covariance is None:
        return Unshadowed(PhaseAmounts(values), tau, mean)
    known = np.zeros((2 * n, 2 * n))
    known[:n, :n] = amounts.covariance
    known[n:, n:] = np.diag([variance_of(one) for one in grains.diameters])
    scale = np.concatenate([np.full(n, amounts.values.max()), np.maximum(diameters, 0.1)])
    jacobian = _jacobian(corrected, point, 1e-5 * scale)
    return Unshadowed(PhaseAmounts(values, jacobian @ known @ jacobian.T), tau, mean)


def _fixed_point(
    seen: Array, density: Array, grains: Grains, diameters: Array, start: float | None = None
) -> tuple[Array, Array, float]:
    """Return amounts (n,), τ (n,) and μ̄ that agree with each other; the first μ̄ is ``start``, or of what is seen."""
    absorption = np.array(grains.absorption)
    tau = np.ones(seen.size)
    for _ in range(ITERATIONS):
        volumes = np.maximum(seen / tau, 0.0) / density
        mean = grains.mean_absorption
        if mean is None:
            mean = float(volumes @ absorption / volumes.sum()) if start is None else start
        last, tau = tau, particle_absorption((absorption - mean) * diameters * (0.5 * CM_PER_MICROMETRE))
        if start is None and np.all(np.abs(tau - last) <= CLOSE * tau):
            return seen / tau, tau, mean
        start = None
    raise ConvergenceError(f"microabsorption and the mean absorption do not come to agree; {REMEDY}", seen / tau)


def _require_one_answer(seen: Array, density: Array, grains: Grains, diameters: Array) -> None:
    """Refuse grains so coarse that several mixtures would look the same: from light and dark, one μ̄ must be reached."""
    ends = [
        _fixed_point(seen, density, grains, diameters, start)[2]
        for start in (min(grains.absorption), max(grains.absorption))
    ]
    if abs(ends[1] - ends[0]) > AGREEING * ends[1]:
        raise ConvergenceError(
            f"with such microabsorption mixtures of {ends[0]:.0f} and of {ends[1]:.0f} cm⁻¹ look alike; {REMEDY}", ends
        )


def _jacobian(function: Callable[[Array], Array], point: Array, steps: Sequence[float] | Array) -> Array:
    """Return ∂f/∂p (n, k) by central differences."""
    columns = []
    for i, step in enumerate(steps):
        shift = np.zeros(point.size)
        shift[i] = step
        columns.append((function(point + shift) - function(point - shift)) / (2.0 * step))
    return np.stack(columns, axis=1)

"""The phases of a powder: one or several, their samples and scales, and the pattern that they add up to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.structure import Structure
from anatase.errors import PhysicsError
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation
from anatase.simulation.arguments import as_array

__all__ = ["background_at", "gathered_parameters", "mixture_pattern", "phase_scales"]

Array = NDArray[np.float64]


def phase_scales(phases: list[Structure], fractions: Sequence[float] | None, scale: float) -> list[float]:
    """Return each phase's scale: S ∝ W/(Z M V) (Hill & Howard 1987, J. Appl. Cryst. 20, 467), together ``scale``."""
    if fractions is None and len(phases) == 1:
        return [scale]
    shares = as_array("weight_fractions", [1.0] * len(phases) if fractions is None else fractions).ravel()
    if shares.size != len(phases) or not np.all(shares >= 0.0) or not shares.sum() > 0.0:
        raise PhysicsError(
            f"weight fractions {shares.tolist()} for {len(phases)} phases; give one of 0 or more for each, not all 0"
        )
    per_weight = np.array([1.0 / (phase.mass_per_cell * phase.lattice.volume) for phase in phases])
    parts = shares * per_weight
    return [float(s) for s in scale * parts / parts.sum()]


def background_at(background: ArrayLike | None, points: int) -> Array:
    """Return the background (n,): 0, a constant, or one value for each point."""
    wanted = f"a finite number or {points} of them"
    values = as_array("the background", 0.0 if background is None else background, (), (points,), example=wanted)
    return np.full(points, values) if values.shape == () else values.copy()


def mixture_pattern(
    x: Array, intensity: Array, radiation: Radiation, phases: list[Structure], doubts: Sequence[str] = ()
) -> Pattern:
    """Return the pattern of phases at points x (n,), named and warned of after them, with doubts of its own."""
    sigma = np.sqrt(np.maximum(intensity, 1.0))
    name = " + ".join(phase.name or phase.formula for phase in phases)
    warnings = tuple(warning for phase in phases for warning in phase.warnings) + tuple(dict.fromkeys(doubts))
    return Pattern(x, intensity, sigma, radiation=radiation, name=name, warnings=warnings)


INSTRUMENTAL = ("zero", "displacement", "displacement_across", "penetration", "s_over_l", "h_over_l")
OF_A_BANK = ("difc", "difa", "difb")
WIDTHS = ("gauss_", "lorentz_", "alpha_", "beta_", "variance_", "gamma_")


def _belongs_to_instrument(name: str) -> bool:
    return name in INSTRUMENTAL or name in OF_A_BANK or name.startswith(WIDTHS)


def gathered_parameters(parts: list[tuple[list[str], Array]]) -> tuple[tuple[str, ...], Array]:
    """Return names (k) and derivatives (k, …) of all phases: what belongs to the instrument adds up.

    Names of phases' own parameters begin with ``0:``, ``1:`` where there are several phases.
    """
    if len(parts) == 1:
        return tuple(parts[0][0]), parts[0][1]
    rows: dict[str, Array] = {}
    for i, (names, jacobian) in enumerate(parts):
        for name, row in zip(names, jacobian, strict=True):
            label = name if _belongs_to_instrument(name) else f"{i}:{name}"
            rows[label] = rows[label] + row if label in rows else row
    return tuple(rows), np.array(list(rows.values()))

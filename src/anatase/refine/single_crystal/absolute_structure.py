"""Which hand a crystal without a centre has: Flack's x, and Parsons' quotients."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from anatase.estimate import Estimate
from anatase.refine.single_crystal.least_squares_cycles import State, covariance_of, least_squares_round, state_at
from anatase.refine.single_crystal.merging import asymmetric_indices
from anatase.refine.single_crystal.structure_factors import scatterer_powers
from anatase.refine.single_crystal.twin_domains import twin_domains

__all__ = ["AbsoluteStructure", "absolute_structure", "doubt_of_hand", "parsons_quotients"]

Array = NDArray[np.float64]

DOUBTFUL = 0.1  # x beyond which, and beyond 3 s.u., the hand is called into question
ROUNDS, SETTLED = 4, 0.05  # of least squares for x, and the shift over s.u. that ends them
STRONG = 3.0  # I/σ of both Friedel mates whose quotient counts


@dataclass(frozen=True)
class AbsoluteStructure:
    """Flack's x, 0 for the hand as refined and 1 for the other.

    ``flack`` refined with all other parameters as an inversion twin (Flack 1983, Acta Cryst. A39, 876); ``parsons``
    from quotients of Friedel mates (Parsons, Flack & Wagner 2013, Acta Cryst. B69, 249), ``None`` without such mates.
    """

    flack: Estimate
    parsons: Estimate | None
    n_quotients: int


def absolute_structure(state: State) -> AbsoluteStructure | None:
    """Return x of a refined crystal; ``None`` where it has a centre, nothing absorbs, or Friedel mates are averaged."""
    model, instructions = state.model, state.model.instructions
    inverted = instructions.twin is not None and np.allclose(instructions.twin.matrix, -np.eye(3).ravel())
    if inverted and len(model.domains.members) == 2 and model.parameters.fractions[0][1] >= 0:
        index = model.parameters.fractions[0][1]
        return AbsoluteStructure(Estimate(float(state.p[index]), float(covariance_of(state).su[index])), None, 0)
    plain = model.merged.members is None and instructions.twin is None and not instructions.batch_fractions
    dispersive = bool(np.any(model.powers.imaginary > 0.0)) and not instructions.neutrons
    if model.atoms.space_group.is_centrosymmetric or not plain or not dispersive or model.merged.friedel_merged:
        return None
    parameters, k = model.parameters, len(state.p)
    domains = twin_domains(model.merged, instructions, inversion=True)
    rates = csr_array(parameters.rates.tocoo(), shape=(parameters.rates.shape[0], k + 1), copy=True)
    widened = replace(
        parameters,
        names=(*parameters.names, "flack_x"),
        start=np.append(parameters.start, 0.0),
        rates=rates,
        fractions=((0.0, k),),
    )
    powers = scatterer_powers(instructions, domains.hkl)
    twin = state_at(replace(model, parameters=widened, domains=domains, powers=powers), np.append(state.p, 0.0))
    after = twin
    for _ in range(ROUNDS):
        one = least_squares_round(after)
        after = one.state
        if one.max_shift_over_su < SETTLED:
            break
    flack = Estimate(float(after.p[k]), float(covariance_of(after).su[k]))
    quotients = parsons_quotients(state)
    return AbsoluteStructure(flack, *quotients)


def doubt_of_hand(found: AbsoluteStructure | None, *, twinned: bool) -> tuple[str, ...]:
    """Return a warning where x says that the crystal is not of the hand that was refined."""
    if found is None or twinned:
        return ()
    x, su = found.flack.value, found.flack.su or 0.0
    if x < max(DOUBTFUL, 3.0 * su):
        return ()
    if x > 1.0 - max(DOUBTFUL, 3.0 * su):
        return (f"Flack's x is {found.flack}: the other hand fits better; invert the structure",)
    return (f"Flack's x is {found.flack}: an inversion twin; add TWIN and BASF",)


def parsons_quotients(state: State) -> tuple[Estimate | None, int]:
    """Return x from Q = 2 (I⁺ − I⁻)/(I⁺ + I⁻) of Friedel mates, Q(obs) = (1 − 2x) Q(calc), and how many there were."""
    merged, group = state.model.merged, state.model.atoms.space_group
    rows = {tuple(row): i for i, row in enumerate(asymmetric_indices(merged.hkl, group).tolist())}
    mates = [rows.get(tuple(row), -1) for row in asymmetric_indices(-merged.hkl, group).tolist()]
    strong = merged.f_squared > STRONG * merged.sigma
    pairs = np.array([(i, j) for i, j in enumerate(mates) if j > i and strong[i] and strong[j]], dtype=np.int64)
    if len(pairs) < 2:
        return None, len(pairs)
    first, second = pairs.T
    a, b = merged.f_squared[first], merged.f_squared[second]
    su = 4.0 * np.hypot(b * merged.sigma[first], a * merged.sigma[second]) / (a + b) ** 2
    calculated = state.at.f_squared
    observed, expected = 2.0 * (a - b) / (a + b), _quotient(calculated[first], calculated[second])
    weight = 1.0 / su**2
    strength = float((weight * expected**2).sum())
    if strength <= 0.0:
        return None, len(pairs)
    slope = float((weight * observed * expected).sum()) / strength
    chi = float((weight * (observed - slope * expected) ** 2).sum()) / (len(pairs) - 1)
    return Estimate(0.5 * (1.0 - slope), 0.5 * float(np.sqrt(max(chi, 1e-12) / strength))), len(pairs)


def _quotient(a: Array, b: Array) -> Array:
    return np.asarray(2.0 * (a - b) / np.maximum(a + b, 1e-30))

"""Diffraction along the rods of a crystal whose layers are stacked with faults.

The stacking is a Markov chain: after a layer of kind i comes one of kind j with probability α_ij, moved by the vector
R_ij. Hendricks & Teller (1942) J. Chem. Phys. 10, 147; in the recursive form of Treacy, Newsam & Deem (1991)
Proc. R. Soc. Lond. A433, 499.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError, PhysicsError

__all__ = ["layer_shares", "stacked_intensity"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]


def layer_shares(probabilities: ArrayLike) -> Array:
    """Return the share g (k,) of each kind of layer in a crystal with transition probabilities (k, k): gα = g.

    Raises
    ------
    PhysicsError
        When the rows do not each add up to 1 or hold negative numbers, or the shares are not unique.
    """
    alpha = np.atleast_2d(np.asarray(probabilities, dtype=float))
    if alpha.shape[0] != alpha.shape[1] or alpha.min() < 0.0 or np.abs(alpha.sum(axis=1) - 1.0).max() > 1e-9:
        raise PhysicsError(f"the transition probabilities {alpha.tolist()} are not rows that add up to 1")
    k = len(alpha)
    equations = np.vstack([alpha.T - np.eye(k), np.ones(k)])
    if np.linalg.matrix_rank(equations[:-1], tol=1e-9) < k - 1:
        raise PhysicsError("some kinds of layers never follow the others: the crystal is two crystals")
    return np.asarray(np.linalg.lstsq(equations, np.r_[np.zeros(k), 1.0], rcond=None)[0])


def stacked_intensity(
    hkl: ArrayLike,
    amplitudes: ArrayLike,
    probabilities: ArrayLike,
    vectors: ArrayLike,
    coherence: float = np.inf,
    spread: ArrayLike = 0.0,
) -> Array:
    """Return the mean intensity per layer (n,) at points hkl (n, 3) of reciprocal space, h and k whole, l any.

    Φ_i = F_i + Σ_j α_ij exp(2πi h·R_ij) Φ_j, I = Σ_i g_i (2 Re F_i* Φ_i − |F_i|²).

    Parameters
    ----------
    hkl
        Points (n, 3); the indices refer to the axes that the vectors are fractions of.
    amplitudes
        Structure factors of the kinds of layers (k, n), or (k,) where they are the same for all points.
    probabilities
        α_ij (k, k), rows adding up to 1.
    vectors
        R_ij (k, k, 3), in fractions of the axes.
    coherence
        Mean number of layers over which stacking is coherent: a crystal ends after each layer with probability
        1/coherence. A perfect stacking needs it, its intensity being otherwise infinite at the peaks.
    spread
        Standard deviations of the vectors' components, of a shape that fits ``vectors``: each step of the stacking
        varies so about its R_ij. (s, s, 0) with s of 1 or more is turbostratic: layers shifted at random.

    Raises
    ------
    PhysicsError
        When the probabilities are none, the coherence is below one layer, or the stacking has order without end.
    InputError
        When the arrays do not fit each other.

    Examples
    --------
    >>> one = stacked_intensity([[1, 0, 0.3]], [1.0], [[1.0]], [[[1 / 3, 2 / 3, 1.0]]], coherence=50.0)
    >>> round(float(one[0]), 3)
    0.012
    """
    points = np.atleast_2d(np.asarray(hkl, dtype=float))
    alpha = np.atleast_2d(np.asarray(probabilities, dtype=float))
    r = np.asarray(vectors, dtype=float)
    k = len(alpha)
    shares = layer_shares(alpha)
    if r.shape != (k, k, 3) or np.shape(amplitudes)[0] != k:
        raise InputError(
            f"vectors of shape {r.shape} and {np.shape(amplitudes)[0]} amplitudes for {k} kinds of layers",
            f"give vectors ({k}, {k}, 3) and one amplitude per kind",
        )
    if not coherence >= 1.0:
        raise PhysicsError(f"a coherence of {coherence:g} layers is less than a layer")
    f = np.asarray(amplitudes, dtype=complex)
    f = np.broadcast_to(f[:, None] if f.ndim == 1 else f, (k, len(points))).T
    going_on = 1.0 - 1.0 / coherence
    variance = np.einsum("nx,ijx->nij", points**2, np.broadcast_to(np.asarray(spread, dtype=float) ** 2, r.shape))
    phase = 2j * np.pi * np.einsum("nx,ijx->nij", points, r)
    transfer = going_on * alpha * np.exp(phase - 2.0 * np.pi**2 * variance)
    if np.abs(np.linalg.eigvals(transfer)).max() > 1.0 - 1e-12:
        raise PhysicsError("the stacking is ordered without end at some point; give a finite coherence")
    phi = np.linalg.solve(np.eye(k) - transfer, f[..., None])[..., 0]
    return np.asarray(np.einsum("i,ni->n", shares, 2.0 * (f.conj() * phi).real - np.abs(f) ** 2))

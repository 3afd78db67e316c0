"""The Ewald construction: when a turning crystal diffracts and where its beams go."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.lattice import Lattice
from anatase.errors import PhysicsError

__all__ = ["all_hkl", "crossings", "misorientation", "onto_sphere", "zeta"]

Array = NDArray[np.float64]

BEAM = np.array([0.0, 0.0, 1.0])  # the incident beam runs along axis 3 of the laboratory
MAX_LATTICE_POINTS = 4_000_000


def all_hkl(lattice: Lattice, d_min: float) -> NDArray[np.int64]:
    """Return every hkl (n, 3) but 000 with d ≥ d_min (Å), absent ones and Friedel mates included.

    Raises
    ------
    PhysicsError
        When d_min is not positive or the sphere holds more than four million lattice points.
    """
    if not d_min > 0.0:
        raise PhysicsError(f"no reflection has d_min = {d_min:g} Å; give a positive spacing")
    points = 4.0 / 3.0 * np.pi * lattice.volume / d_min**3
    if points > MAX_LATTICE_POINTS:
        raise PhysicsError(
            f"{points:.2g} reflections with d ≥ {d_min:g} Å in a cell of {lattice.volume:.0f} Å³ are more than "
            f"{MAX_LATTICE_POINTS}; raise d_min"
        )
    h, k, l = (np.arange(-n, n + 1) for n in np.floor(np.array(lattice.parameters[:3]) / d_min + 1e-9).astype(int))
    hkl = np.stack(np.meshgrid(h, k, l, indexing="ij"), axis=-1).reshape(-1, 3)
    inverse_d2 = lattice.inverse_d_squared(hkl)
    return np.ascontiguousarray(hkl[(inverse_d2 <= (1.0 + 1e-12) / d_min**2) & (inverse_d2 > 0.0)], dtype=np.int64)


def crossings(vectors: ArrayLike, wavelength: float, axis: ArrayLike) -> tuple[NDArray[np.int64], Array, Array]:
    """Return when reciprocal vectors (n, 3), Å⁻¹, turned right-handed about an axis, cross the Ewald sphere.

    Returned are the index of the vector (m,), the angle φ (m,) in −180 … 180 degrees and the vector then (m, 3).
    With r(φ) = r∥ + r⊥ cos φ + (a × r) sin φ and s₀ of length 1/λ the condition |s₀ + r| = |s₀| reads
    A cos φ + B sin φ = −r²/2 − s₀·r∥, A = s₀·r⊥, B = s₀·(a × r): two solutions or none
    (Milch & Minor, 1974, J. Appl. Cryst. 7, 502; Kabsch, 2010, Acta Cryst. D66, 133).
    """
    r = np.asarray(vectors, dtype=float)
    a = np.asarray(axis, dtype=float) / np.linalg.norm(axis)
    s0 = BEAM / wavelength
    parallel = (r @ a)[:, None] * a
    across, turned = r - parallel, np.cross(a, r)
    cosine, sine = across @ s0, turned @ s0
    amplitude = np.hypot(cosine, sine)
    target = -0.5 * np.einsum("ni,ni->n", r, r) - parallel @ s0
    index = np.flatnonzero(np.abs(target) < amplitude)
    centre = np.arctan2(sine[index], cosine[index])
    half = np.arccos(target[index] / amplitude[index])
    both = np.concatenate([index, index])
    phi = np.concatenate([centre - half, centre + half])
    at = parallel[both] + across[both] * np.cos(phi)[:, None] + turned[both] * np.sin(phi)[:, None]
    return both, np.degrees(np.arctan2(np.sin(phi), np.cos(phi))), at


def zeta(vectors: Array, axis: ArrayLike) -> Array:
    """Return ζ = a·(s₁ × s₀)/|s₁ × s₀| (n,) of reciprocal vectors (n, 3) on the sphere: 1/|ζ| lengthens their crossing.

    Kabsch (2010) Acta Cryst. D66, 133; positive for a reflection on its way out. s₁ × s₀ = r × s₀.
    """
    normal = np.cross(vectors, BEAM)
    a = np.asarray(axis, dtype=float) / np.linalg.norm(axis)
    return np.asarray(normal @ a / np.linalg.norm(normal, axis=1))


def misorientation(vectors: Array, wavelength: float) -> Array:
    """Return ε (n,), degrees: the smallest turn of the crystal that would bring vectors (n, 3), Å⁻¹, onto the sphere.

    Positive for a vector outside the sphere; nan for one longer than 2/λ or along the beam, which no turn brings.
    A turn in the plane of beam and vector changes the angle ω between them; it must become arccos(−λ|r|/2).
    """
    length = np.linalg.norm(vectors, axis=1)
    reach = length * wavelength / 2.0
    across = np.hypot(vectors[:, 0], vectors[:, 1])
    possible = (reach < 1.0) & (across > 1e-9 * length)
    now = np.arctan2(across, vectors[:, 2])
    wanted = np.arccos(np.where(possible, -reach, 0.0))
    return np.where(possible, np.degrees(wanted - now), np.nan)


def onto_sphere(vectors: Array, wavelength: float) -> Array:
    """Return vectors (n, 3), Å⁻¹, brought onto the Ewald sphere by the smallest turn, lengths kept."""
    square = np.einsum("ni,ni->n", vectors, vectors)
    along = -0.5 * wavelength * square
    across = np.sqrt(np.maximum(square - along**2, 0.0))
    flat = vectors[:, :2] / np.maximum(np.hypot(vectors[:, 0], vectors[:, 1]), 1e-300)[:, None]
    return np.column_stack([flat * across[:, None], along])

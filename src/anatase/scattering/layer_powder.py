"""The powder pattern of a crystal of stacked layers: its rods averaged over all orientations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Site
from anatase.errors import InputError, PhysicsError
from anatase.scattering.layer_stacking import stacked_intensity
from anatase.scattering.scattering_power import ScatteringModel, scattering_power

__all__ = ["layer_amplitudes", "layer_powder"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

XRAY = ScatteringModel()
MOST_POINTS = 20_000_000


def layer_amplitudes(
    layers: Sequence[Sequence[Site]], lattice: Lattice, hkl: ArrayLike, model: ScatteringModel = XRAY
) -> Complex:
    """Return the structure factors (k, n) of layers at points hkl (n, 3) of their rods, l any number.

    Each layer lists all its atoms in the cell (no symmetry is applied); displacements are isotropic, none where a site
    gives none. The cell's a and b span the layer.
    """
    points = np.atleast_2d(np.asarray(hkl, dtype=float))
    stol2 = lattice.inverse_d_squared(points) / 4.0
    total = np.zeros((len(layers), len(points)), dtype=complex)
    for row, layer in zip(total, layers, strict=True):
        for site in layer:
            wave = np.exp(2j * np.pi * (points @ np.asarray(site.xyz)) - 8.0 * np.pi**2 * (site.u_iso or 0.0) * stol2)
            for species in site.species:
                power, absorbed = scattering_power(species.element, species.charge, species.isotope, stol2, model)
                row += species.occupancy * (power + 1j * absorbed) * wave
    return total


def layer_powder(
    layers: Sequence[Sequence[Site]],
    lattice: Lattice,
    probabilities: ArrayLike,
    vectors: ArrayLike,
    q_edges: ArrayLike,
    *,
    coherence: float = np.inf,
    spread: ArrayLike = 0.0,
    model: ScatteringModel = XRAY,
    step: float = 0.002,
) -> Array:
    """Return Σ |F|² per layer (n − 1,) in bins of q = 4π sinθ/λ, over all directions of the reciprocal lattice.

    Each rod hk is cut in steps of l, whose intensity (``stacked_intensity``) goes to the bin of their q. What a
    stack without faults gives is the sum of m |F|² over the lines in a bin, so that Lorentz and polarization
    factors apply as for any crystal. Bands of turbostratic layers rise steeply at q_hk0 and fall slowly (Warren (1941)
    Phys. Rev. 59, 693).

    Parameters
    ----------
    layers
        Kinds of layers (k), each with all its atoms.
    lattice
        Its a and b span the layers; the vectors are in fractions of its axes.
    probabilities, vectors, coherence, spread
        As ``stacked_intensity`` takes them.
    q_edges
        Edges (n,) of the bins, Å⁻¹, increasing from above 0.
    step
        Step of l; a tenth of the width of the sharpest peak along the rods, 1/(π coherence), or less.

    Raises
    ------
    InputError
        When the edges do not increase or the step is not positive.
    PhysicsError
        When the rods have more than twenty million points.
    """
    edges = np.asarray(q_edges, dtype=float)
    if edges.ndim != 1 or edges.size < 2 or edges[0] <= 0.0 or not np.all(np.diff(edges) > 0.0) or not step > 0.0:
        raise InputError("the edges of q do not increase from above 0, or the step is not positive", "mend them")
    top = edges[-1] / (2.0 * np.pi)
    reach = np.floor(np.array(lattice.parameters[:3]) * top).astype(int)
    l = np.arange(-(int((reach[2] + 1) / step)), int((reach[2] + 1) / step) + 1) * step
    # by Friedel's law half of the rods do, each twice; the rod 00 is its own opposite
    rods = [(h, k) for h in range(reach[0] + 1) for k in range(-reach[1], reach[1] + 1) if h > 0 or k >= 0]
    if len(rods) * l.size > MOST_POINTS:
        raise PhysicsError(f"{len(rods)} rods of {l.size} points each; take a larger step or a smaller q")
    total = np.zeros(edges.size - 1)
    for h, k in rods:
        points = np.stack([np.full(l.size, float(h)), np.full(l.size, float(k)), l], axis=1)
        q = 2.0 * np.pi * np.sqrt(lattice.inverse_d_squared(points))
        inside = (q >= edges[0]) & (q < edges[-1])
        if not np.any(inside):
            continue
        amplitudes = layer_amplitudes(layers, lattice, points[inside], model)
        intensity = stacked_intensity(points[inside], amplitudes, probabilities, vectors, coherence, spread)
        total += np.histogram(q[inside], edges, weights=intensity * step * (1.0 if h == k == 0 else 2.0))[0]
    return total

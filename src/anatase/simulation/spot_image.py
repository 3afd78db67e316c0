"""Spots drawn on a detector."""

from __future__ import annotations

import math
from typing import Unpack

import numpy as np
from numba import njit
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.structure import Structure
from anatase.errors import PhysicsError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.frame import Frame
from anatase.scattering.radiation import Probe, Radiation
from anatase.simulation.arguments import ScatteringOptions, as_array, as_generator, as_kind, as_number, as_radiation
from anatase.simulation.exposure import exposed
from anatase.simulation.spots import CrystalSpread, SpotList, simulate_spots

__all__ = ["draw_spots", "simulate_rotation"]

Array = NDArray[np.float64]

WIDEST = 1e4  # pixels
REACH = 5.0  # standard deviations; beyond lies 6e-7 of a spot


@njit(cache=True, fastmath=True)
def _add_gaussians(image: Array, row: Array, column: Array, counts: Array, sigma: float) -> None:
    """Add Gaussians to an image, integrated over each pixel, so that the counts within are kept."""
    rows, columns = image.shape
    inverse = 1.0 / (math.sqrt(2.0) * sigma)
    half = math.ceil(REACH * sigma) + 1
    across = np.empty(2 * half + 1)
    for spot in range(row.size):
        y0, x0 = round(row[spot]), round(column[spot])
        for i in range(2 * half + 1):
            left = (x0 - half + i - 0.5 - column[spot]) * inverse
            across[i] = 0.5 * (math.erf(left + inverse) - math.erf(left))
        for j in range(2 * half + 1):
            y = y0 - half + j
            if y < 0 or y >= rows:
                continue
            low = (y - 0.5 - row[spot]) * inverse
            share = 0.5 * counts[spot] * (math.erf(low + inverse) - math.erf(low))
            for i in range(2 * half + 1):
                x = x0 - half + i
                if 0 <= x < columns:
                    image[y, x] += share * across[i]


def draw_spots(
    spots: SpotList,
    geometry: DetectorGeometry,
    *,
    phi: tuple[float, float] | None = None,
    fwhm: float = 2.0,
    background: ArrayLike = 0.0,
    mask: NDArray[np.bool_] | None = None,
    radiation: Radiation | None = None,
    rng: np.random.Generator | None = None,
    name: str = "",
) -> Frame:
    """Return a frame of spots, each a Gaussian integrated over the pixels.

    Parameters
    ----------
    spots, geometry
        The spots and the detector they were calculated for.
    phi
        Start and end of the frame, degrees: each spot counts by its `SpotList.partiality`. ``None``: all in full.
    fwhm
        Of a spot in pixels: size of the crystal, divergence and the detector's point spread together.
    background
        Counts per pixel, a number or an image (rows, columns).
    mask
        True (rows, columns) where the detector does not count.
    radiation
        Goes into the frame.
    rng
        Draws Poisson noise; ``None`` leaves expected counts.
    name
        Of the frame.

    Raises
    ------
    PhysicsError
        When the FWHM is not positive or the background negative.
    """
    as_kind("geometry", geometry, DetectorGeometry, "DetectorGeometry.facing(...), or anatase.io.poni.read_poni(path)")
    as_kind("spots", spots, SpotList, "what simulate_spots or simulate_still returns")
    if not 0.0 < as_number("fwhm", fwhm) <= WIDEST:
        raise PhysicsError(f"no spot has a FWHM of {fwhm:g} pixels; give a positive one, up to {WIDEST:g}")
    if phi is not None:
        start, end = as_array("phi", phi, (2,), example="its start and end in degrees").tolist()
    share = np.ones(len(spots)) if phi is None else spots.partiality(start, end)
    recorded = share > 1e-6
    row, column, counts = (
        np.ascontiguousarray(values[recorded], dtype=np.float64)
        for values in (spots.y, spots.x, spots.intensity * share)
    )
    image = np.zeros(geometry.shape)
    _add_gaussians(image, row, column, counts, fwhm / math.sqrt(8.0 * math.log(2.0)))
    metadata = {} if phi is None else {"phi": [start, end]}
    return exposed(
        image,
        geometry,
        radiation,
        background=background,
        mask=mask,
        rng=as_generator(rng),
        metadata=metadata,
        name=name,
    )


def simulate_rotation(
    structure: Structure,
    wavelength: float | str | Radiation | None,
    geometry: DetectorGeometry,
    orientation: ArrayLike,
    *,
    probe: Probe | None = None,
    phi: tuple[float, float] = (0.0, 1.0),
    axis: ArrayLike = (0.0, 1.0, 0.0),
    d_min: float | None = None,
    spread: CrystalSpread | None = None,
    scale: float = 1.0,
    fwhm: float = 2.0,
    background: ArrayLike = 0.0,
    mask: NDArray[np.bool_] | None = None,
    rng: np.random.Generator | None = None,
    **options: Unpack[ScatteringOptions],
) -> Frame:
    """Return the frame that a crystal leaves while it turns from φ start to end, partial spots in part.

    Arguments as in `simulate_spots` and `draw_spots`. For many frames of one sweep call `simulate_spots` once and
    `draw_spots` for each.
    """
    beam = as_radiation(wavelength, probe)
    spots = simulate_spots(
        structure, beam, geometry, orientation, phi=phi, axis=axis, d_min=d_min, spread=spread, scale=scale, **options
    )
    return draw_spots(
        spots,
        geometry,
        phi=phi,
        fwhm=fwhm,
        background=background,
        mask=mask,
        radiation=beam,
        rng=rng,
        name=structure.name or structure.formula,
    )

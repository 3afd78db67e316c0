"""Zone-axis patterns drawn on a camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.frame import Frame
from anatase.simulation.arguments import as_flag, as_kind, as_number
from anatase.simulation.spot_image import draw_spots
from anatase.simulation.spots import SpotList
from anatase.simulation.zone_axis import ZonePattern

__all__ = ["draw_zone_axis", "zone_spots"]


def zone_spots(pattern: ZonePattern, geometry: DetectorGeometry, counts: float = 1.0) -> SpotList:
    """Return the spots of a zone-axis pattern that fall on a camera, intensities times the incident ``counts``.

    The camera length is the geometry's distance; the beam runs along axis 3.
    """
    as_kind("pattern", pattern, ZonePattern, "what simulate_zone_axis returns")
    as_kind("geometry", geometry, DetectorGeometry, "DetectorGeometry.facing(...), or anatase.io.poni.read_poni(path)")
    if not as_number("counts", counts) > 0.0:
        raise PhysicsError(f"no exposure has {counts:g} electrons; give a positive number")
    across = np.sum(pattern.position**2, axis=1)
    along_squared = 1.0 / pattern.radiation.wavelength**2 - across
    if (along_squared <= 0.0).any():
        raise PhysicsError(
            f"reflections of d down to {pattern.d_spacing.min():g} Å leave at right angles or backwards at "
            f"λ = {pattern.radiation.wavelength:g} Å; raise d_min above λ"
        )
    along = np.sqrt(along_squared)
    row, column = geometry.pixel_of_direction(np.column_stack([pattern.position[:, ::-1], along]))
    none = np.zeros(len(pattern))
    spots = SpotList(pattern.hkl, column, row, none, counts * pattern.intensity, pattern.d_spacing, none)
    return spots.select(geometry.holds(row, column))


def draw_zone_axis(
    pattern: ZonePattern,
    geometry: DetectorGeometry,
    *,
    counts: float = 1e6,
    fwhm: float = 4.0,
    direct_beam: bool = False,
    background: ArrayLike = 0.0,
    mask: NDArray[np.bool_] | None = None,
    rng: np.random.Generator | None = None,
) -> Frame:
    """Return a frame of a zone-axis pattern: Gaussian spots of a FWHM in pixels.

    ``counts`` electrons come in; with ``direct_beam`` those that no reflection takes are drawn as the spot 000.
    Background, mask and noise as in `draw_spots`.
    """
    spots = zone_spots(pattern, geometry, counts)
    if as_flag("direct_beam", direct_beam):
        spots = _with_direct_beam(spots, geometry, counts * max(1.0 - float(pattern.intensity.sum()), 0.0))
    name = "[" + " ".join(str(index) for index in pattern.zone) + "]"
    return draw_spots(
        spots,
        geometry,
        fwhm=fwhm,
        background=background,
        mask=mask,
        radiation=pattern.radiation,
        rng=rng,
        name=name,
    ).with_warnings(*pattern.warnings)


def _with_direct_beam(spots: SpotList, geometry: DetectorGeometry, counts: float) -> SpotList:
    row, column = geometry.pixel_of_direction([[0.0, 0.0, 1.0]])
    return SpotList(
        np.vstack([spots.hkl, np.zeros((1, 3), np.int64)]),
        np.append(spots.x, column),
        np.append(spots.y, row),
        np.append(spots.phi, 0.0),
        np.append(spots.intensity, counts),
        np.append(spots.d_spacing, np.inf),
        np.append(spots.rocking_width, 0.0),
    )

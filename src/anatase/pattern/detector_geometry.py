"""Where a flat area detector stands: pixels to scattering angles and back."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import PhysicsError

__all__ = ["DetectorGeometry", "scattered_direction"]

Array = NDArray[np.float64]


def scattered_direction(two_theta: ArrayLike, chi: ArrayLike) -> Array:
    """Return unit vectors (..., 3) of beams scattered by 2θ at azimuth χ (degrees), in the laboratory frame.

    The frame is that of `DetectorGeometry`: s = (sin 2θ sin χ, sin 2θ cos χ, cos 2θ).
    """
    tt, azimuth = np.broadcast_arrays(np.radians(two_theta), np.radians(chi))
    sine = np.sin(tt)
    return np.stack([sine * np.sin(azimuth), sine * np.cos(azimuth), np.cos(tt)], axis=-1)


@dataclass(frozen=True)
class DetectorGeometry:
    """A flat detector in the PONI convention of pyFAI: lengths in metres and rotations in radians, as in .poni files.

    The laboratory frame is right-handed with the sample at its origin: axis 1 points up, axis 3 along the beam, axis 2
    = 3 × 1. Untilted, rows run along axis 1 and columns along axis 2: an image drawn with its first row at the bottom
    is what an eye at the sample sees. A point p of the detector plane lies at R₃R₂R₁ (p₁ − poni1, p₂ − poni2, distance)
    with left-handed rotations about the axes 1 and 2 and a right-handed one about axis 3 (Kieffer, Valls, Blanc &
    Hennig, 2020, J. Synchrotron Rad. 27, 558). Row i and column j are counted from pixel centres:
    p₁ = (i + ½) pixel1, p₂ = (j + ½) pixel2. 2θ and χ (from axis 2 towards axis 1) are in degrees.

    Parameters
    ----------
    distance
        From the sample to the plane of the detector, along its normal, m.
    poni1, poni2
        Foot of that normal along rows and columns, from the detector's corner, m.
    pixel1, pixel2
        Size of a pixel along axis 1 (between rows) and axis 2 (between columns), m.
    shape
        Rows and columns.
    rot1, rot2, rot3
        Rotations, radians.

    Raises
    ------
    PhysicsError
        For a distance, pixel or shape that is not positive, or a number that is not finite.

    Examples
    --------
    >>> geometry = DetectorGeometry(0.2, 0.05, 0.05, 1e-4, 1e-4, (1000, 1000))
    >>> float(geometry.two_theta.max().round(3))
    19.453
    >>> [round(float(x), 6) for x in geometry.pixel_of_angles(10.0, 90.0)]
    [852.153961, 499.5]
    """

    distance: float
    poni1: float
    poni2: float
    pixel1: float
    pixel2: float
    shape: tuple[int, int]
    rot1: float = 0.0
    rot2: float = 0.0
    rot3: float = 0.0

    def __post_init__(self) -> None:
        lengths = {"distance": self.distance, "pixel1": self.pixel1, "pixel2": self.pixel2}
        for name, value in lengths.items():
            if not (np.isfinite(value) and value > 0.0):
                raise PhysicsError(f"no detector has {name} = {value:g} m; give a positive length in metres")
        if min(self.shape) < 1:
            raise PhysicsError(f"no detector has the shape {self.shape}; give rows and columns, 1 or more")
        rest = (self.poni1, self.poni2, self.rot1, self.rot2, self.rot3)
        if not np.all(np.isfinite(rest)):
            raise PhysicsError(f"poni1, poni2, rot1, rot2, rot3 = {rest} are not all finite; give metres and radians")

    @classmethod
    def facing(
        cls, distance: float, beam: tuple[float, float], pixel: float, shape: tuple[int, int]
    ) -> DetectorGeometry:
        """Return a detector square to the beam, which hits it at (row, column) ``beam``; pixels are square."""
        return cls(distance, (beam[0] + 0.5) * pixel, (beam[1] + 0.5) * pixel, pixel, pixel, shape)

    @classmethod
    def from_axes(
        cls,
        corner: ArrayLike,
        axis1: ArrayLike,
        axis2: ArrayLike,
        pixel: tuple[float, float],
        shape: tuple[int, int],
    ) -> DetectorGeometry:
        """Return the detector whose corner (m) and unit vectors along rows' and columns' numbers are given.

        This is how imgCIF, NXmx and DIALS state a panel. All three vectors are in the laboratory frame.

        Raises
        ------
        PhysicsError
            When the axes are not at right angles or the plane is not ahead of the sample with axis1 × axis2 pointing
            away from it: such an image must be mirrored (its rows reversed, say) first.
        """
        a1, a2 = (np.asarray(a, dtype=float) / np.linalg.norm(a) for a in (axis1, axis2))
        if abs(a1 @ a2) > 1e-6:
            raise PhysicsError(f"the detector's axes are {np.degrees(np.arccos(a1 @ a2)):.4f} deg apart, not 90 deg")
        normal = np.cross(a1, a2)
        origin = np.asarray(corner, dtype=float)
        if origin @ normal <= 0.0:
            raise PhysicsError("axis1 × axis2 of the detector points to the sample; reverse the rows and axis1")
        rot1, rot2 = np.arctan2(-a2[2], normal[2]), np.arcsin(np.clip(a1[2], -1.0, 1.0))
        rotations = (float(rot1), float(rot2), float(np.arctan2(a1[1], a1[0])))
        return cls(float(origin @ normal), -float(origin @ a1), -float(origin @ a2), *pixel, shape, *rotations)

    @cached_property
    def rotation(self) -> Array:
        """R₃R₂R₁ (3, 3), from the detector's axes to those of the laboratory."""
        (c1, c2, c3), (s1, s2, s3) = (f(np.array([self.rot1, self.rot2, self.rot3])) for f in (np.cos, np.sin))
        first = np.array([[1.0, 0.0, 0.0], [0.0, c1, s1], [0.0, -s1, c1]])
        second = np.array([[c2, 0.0, -s2], [0.0, 1.0, 0.0], [s2, 0.0, c2]])
        third = np.array([[c3, -s3, 0.0], [s3, c3, 0.0], [0.0, 0.0, 1.0]])
        return np.asarray(third @ second @ first, dtype=np.float64)

    def position(self, row: ArrayLike, column: ArrayLike) -> tuple[Array, Array, Array]:
        """Return the coordinates (m) along the laboratory axes 1, 2, 3 of points at (row, column)."""
        p1 = (np.asarray(row, dtype=float) + 0.5) * self.pixel1 - self.poni1
        p2 = (np.asarray(column, dtype=float) + 0.5) * self.pixel2 - self.poni2
        t1, t2, t3 = (r[0] * p1 + (r[1] * p2 + r[2] * self.distance) for r in self.rotation)
        return t1, t2, t3

    @property
    def _pixels(self) -> tuple[Array, Array, Array]:
        return self.position(np.arange(self.shape[0])[:, None], np.arange(self.shape[1])[None, :])

    def angles(self, row: ArrayLike, column: ArrayLike) -> tuple[Array, Array]:
        """Return 2θ and χ (degrees) of points at (row, column)."""
        t1, t2, t3 = self.position(row, column)
        two_theta = np.degrees(np.arctan2(np.hypot(t1, t2), t3))
        return np.asarray(two_theta), np.asarray(np.degrees(np.arctan2(t1, t2)))

    @cached_property
    def two_theta(self) -> Array:
        """2θ (rows, columns) of the pixels' centres, degrees."""
        t1, t2, t3 = self._pixels
        return np.asarray(np.degrees(np.arctan2(np.sqrt(t1 * t1 + t2 * t2), t3)))

    @cached_property
    def chi(self) -> Array:
        """Azimuth χ (rows, columns) of the pixels' centres, −180 to 180 degrees."""
        t1, t2, _ = self._pixels
        return np.asarray(np.degrees(np.arctan2(t1, t2)))

    @property
    def two_theta_range(self) -> tuple[float, float]:
        """Smallest and largest 2θ of the pixels' centres, degrees."""
        return float(self.two_theta.min()), float(self.two_theta.max())

    @cached_property
    def solid_angle(self) -> Array:
        """Solid angle (rows, columns) of the pixels over that of one at the foot of the normal: cos³ of the incidence.

        The latter is pixel1 · pixel2 / distance², in steradian.
        """
        t1, t2, t3 = self._pixels
        square = t1 * t1 + t2 * t2 + t3 * t3
        return np.asarray(self.distance**3 / (square * np.sqrt(square)))

    @cached_property
    def two_theta_extents(self) -> tuple[Array, Array]:
        """How far 2θ changes from edge to edge of the pixels, degrees: along one side and the other, larger first.

        Seen along 2θ, a pixel is a trapezium: two boxes of these widths (rows, columns) folded with each other.
        """
        t1, t2, t3 = self._pixels
        nearest = 1e-6 * min(self.pixel1, self.pixel2)
        t1 = np.where(t1 * t1 + t2 * t2 < nearest**2, nearest, t1)  # in the beam itself χ is taken for 90°
        radius = np.sqrt(t1 * t1 + t2 * t2)
        square = radius**2 + t3**2
        changes = []
        for axis, pixel in enumerate((self.pixel1, self.pixel2)):
            e1, e2, e3 = self.rotation[:, axis] * pixel
            changes.append(np.abs(np.degrees((t3 * (t1 * e1 + t2 * e2) / radius - radius * e3) / square)))
        return np.maximum(*changes), np.minimum(*changes)

    def pixel_of_direction(self, direction: ArrayLike) -> tuple[Array, Array]:
        """Return (row, column) where rays from the sample along vectors (n, 3) meet the plane; nan where they do not.

        The plane goes on beyond the detector's edges.
        """
        ray = np.asarray(direction, dtype=float) @ self.rotation
        ahead = ray[..., 2] > 1e-12 * np.linalg.norm(ray, axis=-1)
        factor = np.where(ahead, self.distance / np.where(ahead, ray[..., 2], 1.0), np.nan)
        row = (ray[..., 0] * factor + self.poni1) / self.pixel1 - 0.5
        column = (ray[..., 1] * factor + self.poni2) / self.pixel2 - 0.5
        return row, column

    def pixel_of_angles(self, two_theta: ArrayLike, chi: ArrayLike) -> tuple[Array, Array]:
        """Return (row, column) of beams scattered to 2θ, χ (degrees); nan where they miss the detector's plane."""
        return self.pixel_of_direction(scattered_direction(two_theta, chi))

    def holds(self, row: ArrayLike, column: ArrayLike) -> NDArray[np.bool_]:
        """Tell which points lie on the detector; nan does not."""
        y, x = np.asarray(row), np.asarray(column)
        inside = (y >= -0.5) & (y < self.shape[0] - 0.5) & (x >= -0.5) & (x < self.shape[1] - 0.5)
        return np.asarray(inside, dtype=np.bool_)

"""Bragg spots of a single crystal: turning (rotation method) or at rest (stills)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from anatase.crystal.orientation_matrix import b_matrix
from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.azimuthal_polarization import azimuthal_polarization
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.scattering.radiation import Probe, Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import structure_factors
from anatase.simulation.arguments import (
    ScatteringOptions,
    as_array,
    as_kind,
    as_number,
    as_radiation,
    as_structure,
    scattering_of,
)
from anatase.simulation.ewald import BEAM, all_hkl, crossings, misorientation, onto_sphere, zeta

__all__ = ["CrystalSpread", "SpotList", "simulate_spots", "simulate_still"]

Array = NDArray[np.float64]

SMALLEST_ZETA = 0.05  # closer to the rotation axis a crossing is no Gaussian in φ any more (the blind region)
ABSENT = 1e-9  # of the strongest |F|²
REACH = 4.0  # standard deviations of the rocking curve


@dataclass(frozen=True, slots=True)
class CrystalSpread:
    """How far crystal and beam are from ideal, each the standard deviation of a Gaussian.

    Parameters
    ----------
    mosaicity
        Misorientation of the mosaic blocks about any axis, degrees.
    divergence
        Direction of the incident beam in any plane through it, degrees.
    bandwidth
        Wavelength, relative: Δλ/λ.

    Raises
    ------
    PhysicsError
        For a negative value, or three zeros: a perfect crystal in a perfect beam diffracts at no finite time.
    """

    mosaicity: float = 0.1
    divergence: float = 0.0
    bandwidth: float = 0.0

    def __post_init__(self) -> None:
        values = (self.mosaicity, self.divergence, self.bandwidth)
        if not (np.all(np.isfinite(values)) and min(values) >= 0.0 and max(values) > 0.0):
            raise PhysicsError(
                f"mosaicity, divergence and bandwidth cannot be {values}; give none below 0 and one above"
            )

    def rocking_width(self, two_theta_rad: Array) -> Array:
        """Return the standard deviation (n,), degrees, of the misorientation over which a reflection diffracts.

        A small turn of the crystal and one of the beam change s₀·r by the same |s₁ × s₀| per radian, a change of
        wavelength by r²/2 per unit of Δλ/λ: σ² = σ_M² + σ_D² + (Δλ/λ tan θ)², the quantities of Greenhough &
        Helliwell (1982) J. Appl. Cryst. 15, 338 for beams that are Gaussian.
        """
        spread = np.degrees(self.bandwidth * np.tan(two_theta_rad / 2.0))
        return np.asarray(np.sqrt(self.mosaicity**2 + self.divergence**2 + spread**2))


@dataclass(frozen=True)
class SpotList:
    """Calculated spots, one row each.

    Parameters
    ----------
    hkl
        Indices (n, 3).
    x, y
        Column and row (n,) of the spot, counted from pixel centres.
    phi
        Angle of the rotation (n,), degrees, at which the crystal diffracts most; the setting of a still.
    intensity
        Integrated intensity (n,): |F|² × Lorentz × polarization × scale; see `simulate_spots`, `simulate_still`.
    d_spacing
        Å (n,).
    rocking_width
        Standard deviation (n,) of the spot in φ, degrees; 0 for a still.
    """

    hkl: NDArray[np.int64]
    x: Array
    y: Array
    phi: Array
    intensity: Array
    d_spacing: Array
    rocking_width: Array

    def __len__(self) -> int:
        return self.x.size

    def partiality(self, start: float, end: float) -> Array:
        """Return the share (n,) of each intensity that a frame from φ = start to end (degrees) records.

        The rocking curve is a Gaussian in φ (Kabsch, 2010, Acta Cryst. D66, 133, section 2.3). A still is recorded
        whole.
        """
        turning = self.rocking_width > 0.0
        width = np.where(turning, self.rocking_width, 1.0)
        share = ndtr((end - self.phi) / width) - ndtr((start - self.phi) / width)
        return np.asarray(np.where(turning, share, 1.0))

    def select(self, keep: ArrayLike) -> SpotList:
        """Return the rows that an index or a mask (n,) keeps."""
        chosen = np.asarray(keep)
        columns = (self.x, self.y, self.phi, self.intensity, self.d_spacing, self.rocking_width)
        return SpotList(self.hkl[chosen], *(column[chosen] for column in columns))


def simulate_spots(
    structure: Structure,
    wavelength: float | str | Radiation | None,
    geometry: DetectorGeometry,
    orientation: ArrayLike,
    *,
    probe: Probe | None = None,
    phi: tuple[float, float] = (0.0, 360.0),
    axis: ArrayLike = (0.0, 1.0, 0.0),
    d_min: float | None = None,
    spread: CrystalSpread | None = None,
    scale: float = 1.0,
    **options: Unpack[ScatteringOptions],
) -> SpotList:
    """Return the spots of a crystal that turns from φ start to end, those in part before and after included.

    The reciprocal vector at φ is R(axis, φ) U B h, with U the ``orientation`` (3, 3) at φ = 0, B that of Busing & Levy
    (1967) and the turn right-handed about the ``axis`` (3,), all in the laboratory frame of the detector (1 up, 3
    along the beam). The intensity of a full crossing is scale · |F|² · P/(|ζ| sin 2θ): Lorentz factor of the rotation
    method with ζ = axis·(s₁ × s₀)/|s₁ × s₀| (International Tables C, 6.2.4; Kabsch, 2010). Reflections with |ζ| < 0.05
    graze the sphere and are left out.

    Parameters
    ----------
    structure
        The crystal.
    wavelength
        Å, or a radiation by its name (``"MoKa1"``) or whole; ``None``: the usual one of the probe. Of several
        wavelengths the strongest.
    geometry
        The detector.
    orientation
        U (3, 3), a proper rotation.
    probe
        As for `simulate_lines`.
    phi
        Start and end of the turn, degrees, over at most 360.
    axis
        Of the goniometer (3,); default: axis 2, horizontal.
    d_min
        Å; default: the spacing at the detector's farthest pixel.
    spread
        Mosaicity, divergence, bandwidth.
    scale
        Factor of the intensities.
    options
        ``dispersion`` (f′ and f″, included by default), ``table``, ``hydrogen``, ``u_default``: see `simulate_lines`.

    Raises
    ------
    InputError
        When an argument is of the wrong kind, or the end of the turn is not after its start within 360°.
    PhysicsError
        For a matrix that is no rotation, an axis of no length, d_min ≤ 0, or a structure that no crystal has.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> silicon = Structure(
    ...     Lattice(5.431, 5.431, 5.431),
    ...     SpaceGroup.from_number(227),
    ...     (Site("Si", (Species("Si"),), (0.125, 0.125, 0.125), u_iso=0.005),),
    ... )
    >>> camera = DetectorGeometry.facing(0.06, (499.5, 499.5), 1e-4, (1000, 1000))
    >>> spots = simulate_spots(silicon, "MoKa1", camera, np.eye(3), phi=(0.0, 90.0))
    >>> len(spots), round(float(spots.d_spacing.max()), 3)
    (64, 3.136)
    """
    start, end = as_array("phi", phi, (2,), example="its start and end in degrees").tolist()
    if not 0.0 < end - start <= 360.0:
        raise InputError(f"the crystal turns from {start:g} to {end:g} deg", "give an end after the start within 360")
    turn_axis = as_array("axis", axis, (3,), example="three numbers, not all zero")
    if not np.linalg.norm(turn_axis) > 0.0:
        raise PhysicsError(f"no crystal turns about {turn_axis}; give three numbers, not all zero")
    spread, scale = _spread(spread), as_number("scale", scale, 0.0)
    radiation = as_radiation(wavelength, probe)
    model = scattering_of(radiation, options)
    hkl, vectors = _reciprocal_vectors(structure, geometry, radiation, orientation, d_min)
    index, angle, at = crossings(vectors, radiation.wavelength, turn_axis)
    factor = np.abs(zeta(at, turn_axis))
    two_theta_rad = 2.0 * np.arcsin(np.linalg.norm(at, axis=1) * radiation.wavelength / 2.0)
    width = spread.rocking_width(two_theta_rad) / np.maximum(factor, SMALLEST_ZETA)
    # of the turns of 360 degrees the one whose centre is next to the middle of the sweep
    middle = (start + end) / 2.0
    angle = middle + (angle - middle + 180.0) % 360.0 - 180.0
    keep = (factor >= SMALLEST_ZETA) & (np.abs(angle - middle) <= (end - start) / 2.0 + REACH * width)
    index, at = index[keep], at[keep]
    lorentz = 1.0 / (factor[keep] * np.sin(two_theta_rad[keep]))
    return _spots(structure, geometry, (radiation, *model), hkl[index], at, angle[keep], scale * lorentz, width[keep])


def simulate_still(
    structure: Structure,
    wavelength: float | str | Radiation | None,
    geometry: DetectorGeometry,
    orientation: ArrayLike,
    *,
    probe: Probe | None = None,
    d_min: float | None = None,
    spread: CrystalSpread | None = None,
    scale: float = 1.0,
    **options: Unpack[ScatteringOptions],
) -> SpotList:
    """Return the spots of a crystal at rest: reflections within four standard deviations of the Ewald sphere.

    The intensity is scale · |F|² · P/sin 2θ · exp(−ε²/2σ²)/(σ√2π), per radian, with ε the misorientation and σ that
    of the `CrystalSpread`: what `simulate_spots` gives over a short turn, divided by the turn in radians. A spot lies
    where the block of the mosaic that does diffract sends it. Arguments and errors as in `simulate_spots`.
    """
    spread, scale = _spread(spread), as_number("scale", scale, 0.0)
    radiation = as_radiation(wavelength, probe)
    model = scattering_of(radiation, options)
    hkl, vectors = _reciprocal_vectors(structure, geometry, radiation, orientation, d_min)
    off = misorientation(vectors, radiation.wavelength)
    hkl, vectors, off = hkl[np.isfinite(off)], vectors[np.isfinite(off)], off[np.isfinite(off)]
    two_theta_rad = 2.0 * np.arcsin(np.linalg.norm(vectors, axis=1) * radiation.wavelength / 2.0)
    sigma = spread.rocking_width(two_theta_rad)
    keep = np.abs(off) <= REACH * sigma
    sigma, off = np.radians(sigma[keep]), np.radians(off[keep])
    density = np.exp(-0.5 * (off / sigma) ** 2) / (sigma * np.sqrt(2.0 * np.pi))
    at, none = onto_sphere(vectors[keep], radiation.wavelength), np.zeros(off.size)
    factor = scale * density / np.sin(two_theta_rad[keep])
    return _spots(structure, geometry, (radiation, *model), hkl[keep], at, none, factor, none)


def _spread(given: CrystalSpread | None) -> CrystalSpread:
    return as_kind("spread", CrystalSpread() if given is None else given, CrystalSpread, "CrystalSpread(mosaicity=...)")


def _reciprocal_vectors(
    structure: Structure,
    geometry: DetectorGeometry,
    radiation: Radiation,
    orientation: ArrayLike,
    d_min: float | None,
) -> tuple[NDArray[np.int64], Array]:
    """Return hkl (n, 3) and U B h (n, 3), Å⁻¹."""
    as_kind("geometry", geometry, DetectorGeometry, "DetectorGeometry.facing(...), or anatase.io.poni.read_poni(path)")
    check_physical(as_structure(structure))
    u = as_array("orientation", orientation, (3, 3), example="a rotation matrix (3, 3)")
    if np.abs(u @ u.T - np.eye(3)).max() > 1e-6 or np.linalg.det(u) < 0.0:
        raise PhysicsError(f"{u.tolist()} is no rotation; give an orthogonal matrix (3, 3) of determinant +1")
    if d_min is None:
        widest = geometry.two_theta_range[1]
        if not widest > 0.0:
            raise PhysicsError("the detector sees 2θ = 0 alone; give one that reaches farther out")
        d_min = radiation.wavelength / (2.0 * np.sin(np.radians(widest) / 2.0))
    hkl = all_hkl(structure.lattice, as_number("d_min", d_min))
    return hkl, hkl @ (u @ b_matrix(structure.lattice)).T


def _spots(
    structure: Structure,
    geometry: DetectorGeometry,
    beam: tuple[Radiation, ScatteringModel, float],
    hkl: NDArray[np.int64],
    vectors: Array,
    phi: Array,
    factor: Array,
    width: Array,
) -> SpotList:
    """Return the spots that fall on the detector and are not absent, in order of φ."""
    radiation, model, u_default = beam
    beams = BEAM / radiation.wavelength + vectors
    row, column = geometry.pixel_of_direction(beams)
    keep = np.flatnonzero(geometry.holds(row, column))
    keep = keep[np.argsort(phi[keep], kind="stable")]
    hkl, beams, row, column = hkl[keep], beams[keep], row[keep], column[keep]
    strength = np.abs(structure_factors(structure, hkl, model, u_default)) ** 2 if keep.size else np.empty(0)
    two_theta = np.degrees(np.arctan2(np.hypot(beams[:, 0], beams[:, 1]), beams[:, 2]))
    chi = np.degrees(np.arctan2(beams[:, 0], beams[:, 1]))
    intensity = strength * azimuthal_polarization(two_theta, chi, radiation) * factor[keep]
    d = 1.0 / np.linalg.norm(vectors[keep], axis=1)
    spots = SpotList(hkl, column, row, phi[keep], intensity, d, width[keep])
    return spots.select(strength > ABSENT * strength.max(initial=0.0))

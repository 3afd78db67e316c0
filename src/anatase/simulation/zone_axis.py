"""Electron diffraction along a zone axis, kinematic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.orientation_matrix import b_matrix, orientation_from_two, rotation_about
from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.scattering.electron_form_factors import relativistic_mass_factor
from anatase.scattering.radiation import Radiation
from anatase.scattering.structure_factor import structure_factors
from anatase.simulation.arguments import (
    ScatteringOptions,
    as_array,
    as_flag,
    as_indices,
    as_number,
    as_radiation,
    as_structure,
    scattering_of,
)
from anatase.simulation.ewald import all_hkl

__all__ = ["ZonePattern", "excitation_error", "simulate_zone_axis", "zone_orientation"]

Array = NDArray[np.float64]

REACH = 20.0  # relrods are followed to 20/t: sinc² is below 3e-4 there
ABSENT = 1e-8  # of the largest |F|²
MOST_KINEMATIC = 0.1  # of the incident beam in one reflection
PRECESSION_STEPS = 180


@dataclass(frozen=True)
class ZonePattern:
    """Spots of a zone-axis pattern, in descending intensity.

    Parameters
    ----------
    zone
        Direction [uvw] of the crystal towards the source.
    radiation
        The electrons.
    hkl
        Indices (n, 3).
    position
        Scattering vector across the beam (n, 2), Å⁻¹: along axis 2 (to the right) and axis 1 (up).
    laue_zone
        hu + kv + lw (n,): 0 for the zero-order zone.
    d_spacing
        Å (n,).
    excitation_error
        s (n,), Å⁻¹, along the beam; positive where the reciprocal point lies inside the Ewald sphere.
    intensity
        Share (n,) of the incident beam.
    double_diffraction
        True (n,) for reflections of no structure factor that two others of the zone add to; intensity 0.
    warnings
        What the kinematic theory cannot tell.
    """

    zone: tuple[int, int, int]
    radiation: Radiation
    hkl: NDArray[np.int64]
    position: Array
    laue_zone: NDArray[np.int64]
    d_spacing: Array
    excitation_error: Array
    intensity: Array
    double_diffraction: NDArray[np.bool_]
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.hkl)

    def on_screen(self, camera_length: float) -> Array:
        """Return where the spots lie (n, 2) on a flat screen at a camera length, both in mm.

        R = L g/√(1/λ² − g²) with g across the beam; λL g for small angles.
        """
        if not camera_length > 0.0:
            raise PhysicsError(f"no camera has a length of {camera_length:g} mm; give a positive one")
        square = np.sum(self.position**2, axis=1, keepdims=True)
        return np.asarray(camera_length * self.position / np.sqrt(1.0 / self.radiation.wavelength**2 - square))


def zone_orientation(
    structure: Structure,
    zone: tuple[int, int, int],
    right: tuple[int, int, int],
    tilt: tuple[float, float] = (0.0, 0.0),
) -> Array:
    """Return U (3, 3) that sets [uvw] against the beam (towards the source) and a reflection of the zone to the right.

    ``tilt`` turns the crystal on: degrees about axis 2 (to the right), then about axis 1 (up).
    """
    b = b_matrix(as_structure(structure).lattice)
    across, up = as_array("tilt", tilt, (2,), example="two angles in degrees").tolist()
    towards_source = np.linalg.solve(b.T, np.asarray(as_indices("zone", zone), dtype=float))
    to_the_right = b @ np.asarray(as_indices("right", right), dtype=float)
    u = orientation_from_two(towards_source, to_the_right, (0.0, 0.0, -1.0), (0.0, 1.0, 0.0))
    return rotation_about((1.0, 0.0, 0.0), up) @ rotation_about((0.0, 1.0, 0.0), across) @ u


def excitation_error(vectors: Array, wavelength: float, precession: float = 0.0, azimuth: float = 0.0) -> Array:
    """Return s (n,), Å⁻¹, of reciprocal vectors (n, 3): the way along axis 3 to the Ewald sphere.

    With the beam tilted by a precession angle at an azimuth (degrees), k its wave vector of length 1/λ:
    s = √(k² − |k⊥ + g⊥|²) − k₃ − g₃; positive inside the sphere (Williams & Carter, 2009, Transmission Electron
    Microscopy, 12.5). Untilted and for short vectors along the zone's plane s = −λ g²/2.

    Examples
    --------
    >>> excitation_error(np.array([[0.5, 0.0, 0.0]]), 0.02508).round(6)
    array([-0.003135])
    """
    k, tilt, turn = 1.0 / wavelength, np.radians(precession), np.radians(azimuth)
    beam = k * np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)])
    across = np.sum((vectors[:, :2] + beam[:2]) ** 2, axis=1)
    return np.asarray(np.where(across < k * k, np.sqrt(np.maximum(k * k - across, 0.0)) - beam[2] - vectors[:, 2], -k))


def simulate_zone_axis(
    structure: Structure,
    zone: tuple[int, int, int],
    wavelength: float | str | Radiation = "200 kV",
    *,
    thickness: float = 100.0,
    d_min: float = 0.5,
    laue_zones: int = 1,
    right: tuple[int, int, int] | None = None,
    tilt: tuple[float, float] = (0.0, 0.0),
    precession: float = 0.0,
    double_diffraction: bool = False,
    **options: Unpack[ScatteringOptions],
) -> ZonePattern:
    """Return the kinematic diffraction pattern of a thin crystal along a zone axis [uvw].

    A reflection takes I/I₀ = (π t/ξ)² sin²(π t s)/(π t s)² of the beam, with the extinction distance
    ξ = π V/(λ |F| m/m₀) and |F| of electrons at rest mass (Hirsch, Howie, Nicholson, Pashley & Whelan, 1965, Electron
    Microscopy of Thin Crystals, chapter 4). It is an approximation for light, thin crystals: where (π t/ξ)² is
    more than a tenth, a warning says so.

    Parameters
    ----------
    structure
        The crystal.
    zone
        Direction [uvw] towards the source.
    wavelength
        Electrons by their voltage (``"200 kV"``), wavelength (Å) or whole.
    thickness
        t along the beam, Å.
    d_min
        Least spacing, Å.
    laue_zones
        Order of the highest Laue zone taken in: 0 for the zero-order zone alone.
    right
        Reflection of the zone that points along axis 2; default: its longest spacing that is not absent.
    tilt
        Of the crystal out of the zone, degrees about axis 2 and axis 1.
    precession
        Angle of a precessing beam, degrees; intensities are means over its turn.
    double_diffraction
        Lists reflections of the zero-order zone that are absent but reached as sums of two that are not (Cowley,
        1995, Diffraction Physics, 14.3).
    options
        ``table``, ``u_default`` and the other options of `simulate_lines`.

    Raises
    ------
    InputError
        When an argument is of the wrong kind, the zone or its reflection to the right is 000, ``right`` is not in the
        zone, or the probe is no electron.
    PhysicsError
        For a thickness that is not positive, a negative precession, d_min ≤ 0, or a zone without reflections.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Al", (Species("Al"),), (0.0, 0.0, 0.0))
    >>> aluminium = Structure(Lattice(4.0495, 4.0495, 4.0495), SpaceGroup.from_number(225), (site,))
    >>> pattern = simulate_zone_axis(aluminium, (0, 1, 1), d_min=1.4, laue_zones=0)
    >>> sorted({tuple(sorted(abs(hkl).tolist())) for hkl in pattern.hkl})
    [(0, 0, 2), (0, 2, 2), (1, 1, 1)]
    """
    beam = as_radiation(wavelength, None if isinstance(wavelength, Radiation) else "electron")
    model, u_default = scattering_of(beam, options)
    check_physical(as_structure(structure))
    zone = as_indices("zone", zone)
    _check(zone, beam, as_number("thickness", thickness), as_number("precession", precession), laue_zones)
    double_diffraction = as_flag("double_diffraction", double_diffraction)
    hkl = all_hkl(structure.lattice, as_number("d_min", d_min))
    order = hkl @ np.asarray(zone, dtype=np.int64)
    hkl, order = hkl[np.abs(order) <= laue_zones], order[np.abs(order) <= laue_zones]
    amplitude = np.abs(structure_factors(structure, hkl, model, u_default)) if len(hkl) else np.empty(0)
    absent = amplitude**2 <= ABSENT * np.max(amplitude, initial=0.0) ** 2
    inside = (order == 0) & ~absent
    if not inside.any():
        raise PhysicsError(f"zone {list(zone)} has no reflection with d ≥ {d_min:g} Å; give a smaller d_min")
    if right is None:
        right = _longest(structure, hkl[inside])
    elif not any(as_indices("right", right)) or np.dot(right, zone):
        raise InputError(f"reflection {right} is not in the zone {list(zone)}", "give one with hu + kv + lw = 0")
    vectors = hkl @ (zone_orientation(structure, zone, right, tilt) @ b_matrix(structure.lattice)).T
    error, shape = _relrods(vectors, beam.wavelength, thickness, precession)
    strength = beam.wavelength * relativistic_mass_factor(beam.wavelength) * thickness / structure.lattice.volume
    at_bragg = np.where(absent, 0.0, (strength * amplitude) ** 2)
    intensity = at_bragg * shape
    twice = np.zeros(len(hkl), np.bool_)
    if double_diffraction:
        twice[(order == 0) & absent] = _sums_of_two(hkl[(order == 0) & absent], hkl[inside])
    chosen = np.flatnonzero((~absent & (np.abs(error) * thickness <= REACH)) | twice)
    chosen = chosen[np.lexsort((*hkl[chosen].T, -intensity[chosen].round(15)))]
    # across the beam: axis 2 to the right, axis 1 up
    position = vectors[chosen][:, [1, 0]]
    columns = (hkl[chosen], position, order[chosen], structure.lattice.d_spacing(hkl[chosen]))
    return ZonePattern(
        zone, beam, *columns, error[chosen], intensity[chosen], twice[chosen], _doubts(at_bragg[order == 0])
    )


def _check(zone: tuple[int, int, int], beam: Radiation, thickness: float, precession: float, laue_zones: int) -> None:
    if beam.probe != "electron":
        raise InputError(f"zone-axis patterns are of electrons, not {beam.probe}", "give a voltage as in '200 kV'")
    if not any(zone) or as_number("laue_zones", laue_zones) < 0:
        raise InputError(f"zone {list(zone)} with Laue zones up to {laue_zones}", "give a direction and 0 or more")
    if not thickness > 0.0 or not 0.0 <= precession < 10.0:
        raise PhysicsError(
            f"a crystal of {thickness:g} Å in a beam that precesses by {precession:g} deg gives no pattern; give a "
            "positive thickness and a precession from 0 to 10 deg"
        )


def _longest(structure: Structure, hkl: NDArray[np.int64]) -> tuple[int, int, int]:
    """Return the reflection of longest spacing, of several the one whose indices come last."""
    d = structure.lattice.d_spacing(hkl).round(9)
    h, k, l = hkl[np.lexsort((*hkl.T[::-1], d))[-1]].tolist()
    return h, k, l


def _relrods(vectors: Array, wavelength: float, thickness: float, precession: float) -> tuple[Array, Array]:
    """Return s (n,), at its least while the beam precesses, and the mean of sinc²(s t) (n,)."""
    if precession == 0.0:
        error = excitation_error(vectors, wavelength)
        return error, np.sinc(error * thickness) ** 2
    least, mean = np.full(len(vectors), np.inf), np.zeros(len(vectors))
    for azimuth in np.arange(PRECESSION_STEPS) * 360.0 / PRECESSION_STEPS:
        error = excitation_error(vectors, wavelength, precession, azimuth)
        least = np.where(np.abs(error) < np.abs(least), error, least)
        mean += np.sinc(error * thickness) ** 2 / PRECESSION_STEPS
    return least, mean


def _sums_of_two(absent: NDArray[np.int64], present: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which absent reflections (n,) are the sum of two present ones."""
    there = {tuple(row) for row in present.tolist()}
    return np.array([any(tuple(row) in there for row in (one - present).tolist()) for one in absent], np.bool_)


def _doubts(at_bragg: Array) -> tuple[str, ...]:
    """Return a warning where (π t/ξ)², the share that a reflection would take at s = 0, is not small."""
    strongest = float(at_bragg.max(initial=0.0))
    if strongest <= MOST_KINEMATIC:
        return ()
    return (
        f"the strongest reflection would take {strongest:.2g} of the beam at its Bragg angle: such a crystal diffracts "
        "dynamically; positions hold, intensities are no more than a guide (a thinner crystal would be kinematic)",
    )

"""Powder rings on an area detector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.azimuthal_polarization import azimuthal_polarization
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.fibre_texture import FibreTexture, pole_density
from anatase.pattern.frame import Frame
from anatase.scattering.lorentz_polarization import effective_polarization, lorentz_polarization
from anatase.scattering.radiation import Radiation
from anatase.scattering.reflections import Reflections
from anatase.simulate.cake import Cake, draw_cake
from anatase.simulate.crystallites import Crystallites, spottiness
from anatase.simulate.exposure import exposed
from anatase.simulate.lines import as_radiation, simulate_lines

__all__ = ["RingWidth", "simulate_rings"]

Array = NDArray[np.float64]

AZIMUTHS = 720  # parts of a ring that a texture is drawn in
ANGLES = np.linspace(0.0, 90.0, 901)  # degrees to the texture's axis, at which pole densities are tabulated
MARGIN = 3.0  # degrees beyond the detector, from which lines reach in with their tails


@dataclass(frozen=True, slots=True)
class RingWidth:
    """FWHM of rings in 2θ, degrees.

    Gaussian FWHM² = u tan²θ + v tan θ + w (Caglioti, Paoletti & Ricci, 1958; degrees²), Lorentzian FWHM
    = x/cos θ + y tan θ (degrees): x from the size of crystallites, y from their strain. The size of the beam and the
    thickness of the sample go into w, the detector's point spread is separate.
    """

    u: float = 0.0
    v: float = 0.0
    w: float = 0.01
    x: float = 0.0
    y: float = 0.0

    def at(self, two_theta: Array) -> tuple[Array, Array]:
        """Return Gaussian and Lorentzian FWHM (n,) at 2θ (n,).

        Raises
        ------
        PhysicsError
            Where FWHM² or a FWHM is negative, or both are zero.
        """
        tangent, cosine = np.tan(np.radians(two_theta / 2.0)), np.cos(np.radians(two_theta / 2.0))
        square = self.u * tangent**2 + self.v * tangent + self.w
        lorentz = self.x / cosine + self.y * tangent
        wrong = (square < 0.0) | (lorentz < 0.0) | (square + lorentz <= 0.0)
        if np.any(wrong):
            at = two_theta[np.argmax(wrong)]
            raise PhysicsError(f"{self} has no real, positive width at 2θ = {at:.2f} deg; change u, v, w or x, y")
        return np.sqrt(square), np.asarray(lorentz)


def simulate_rings(
    structure: Structure,
    geometry: DetectorGeometry,
    radiation: Radiation | str | float,
    *,
    width: RingWidth | None = None,
    scale: float = 1.0,
    horizontal_share: float | None = None,
    texture: FibreTexture | None = None,
    crystallites: Crystallites | None = None,
    point_spread: float = 0.0,
    background: ArrayLike = 0.0,
    mask: NDArray[np.bool_] | None = None,
    noise: bool = False,
    rng: np.random.Generator | None = None,
    dispersion: bool = True,
) -> Frame:
    """Return the frame of a powder's rings, averaged over each pixel.

    A pixel counts scale · Ω · P(2θ, χ) · Σ m |F|² L · W(χ) · profile(2θ): Ω is its solid angle over that of one at the
    foot of the normal, L = 1/(sin²θ cos θ), P the `azimuthal_polarization` and W the fibre texture (1 without). So
    frame/(Ω P) along any radius is the one-dimensional pattern, without its polarization, whose areas are in
    intensity × degree: a ring's power is ∝ m |F|²/sin θ (Warren, 1969, X-ray Diffraction, equation 4.10), spread
    over the solid angle 2π sin 2θ d2θ.

    Parameters
    ----------
    structure, geometry, radiation
        The crystal, the detector and the beam: a radiation, its name (``"MoKa"``) or a wavelength in Å.
    width
        Of the rings; default: Gaussian of 0.1°.
    scale
        Factor of the intensities.
    horizontal_share
        Of the beam's polarization, 0 < f ≤ 1; default: that of the radiation.
    texture
        Fibre texture about any axis of the sample.
    crystallites
        Their number, for spotty rings; ``None``: endlessly many.
    point_spread
        FWHM of the detector's Gaussian point spread, pixels.
    background
        Counts per pixel, a number or an image (rows, columns).
    mask
        True (rows, columns) where the detector does not count.
    noise
        Draws Poisson counts.
    rng
        For noise and crystallites.
    dispersion
        Whether form factors include f′ and f″.

    Raises
    ------
    InputError
        When noise or crystallites are asked for without ``rng``.
    PhysicsError
        When the scale is not positive, the point spread negative, or no width is real (`RingWidth`).

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Ce", (Species("Ce"),), (0.0, 0.0, 0.0))
    >>> cerium = Structure(Lattice(5.16, 5.16, 5.16), SpaceGroup.from_number(225), (site,))
    >>> camera = DetectorGeometry.facing(0.2, (99.5, 99.5), 1e-3, (200, 200))
    >>> frame = simulate_rings(cerium, camera, 0.4, width=RingWidth(w=0.04))
    >>> float(camera.two_theta[np.unravel_index(frame.image.argmax(), frame.shape)].round(1))  # 111 at 7.7°
    7.7
    """
    if not scale > 0.0 or not point_spread >= 0.0:
        raise PhysicsError(f"scale {scale:g} and point_spread {point_spread:g} must be above 0 and not below 0")
    if rng is None and (noise or crystallites is not None):
        raise InputError("noise and crystallites are random", "give rng=np.random.default_rng(seed)")
    beam = as_radiation(radiation, "xray")
    low, high = geometry.two_theta_range
    lines = simulate_lines(structure, beam, (max(low - MARGIN, 0.0), min(high + MARGIN, 180.0)), dispersion=dispersion)
    cake = _cake(structure, geometry, lines, beam, width or RingWidth(), texture, crystallites, rng)
    image = scale * cake.mean_over(geometry)
    image *= geometry.solid_angle * azimuthal_polarization(geometry.two_theta, geometry.chi, beam, horizontal_share)
    if point_spread > 0.0:
        image = gaussian_filter(image, point_spread / np.sqrt(8.0 * np.log(2.0)), mode="nearest")
    return exposed(
        image,
        geometry,
        beam,
        background=background,
        mask=mask,
        rng=rng if noise else None,
        name=structure.name or structure.formula,
    )


def _cake(
    structure: Structure,
    geometry: DetectorGeometry,
    lines: Reflections,
    beam: Radiation,
    width: RingWidth,
    texture: FibreTexture | None,
    crystallites: Crystallites | None,
    rng: np.random.Generator | None,
) -> Cake:
    """Return the rings of all wavelengths, without polarization."""
    index, position, area = _all_wavelengths(lines, beam)
    gauss, lorentz = width.at(position)
    low, high = geometry.two_theta_range
    larger, _ = geometry.two_theta_extents
    pixel = 2.0 * float(larger.max())
    narrowest = float(np.min(np.maximum(gauss, lorentz), initial=np.inf))
    # bins a sixth of the narrowest line; where that is narrower than a pixel, a sixteenth of the pixel does
    step = max(min(narrowest / 6.0, pixel), float(larger.min()) / 16.0)
    shares = _along_rings(structure, lines, texture, crystallites, rng)[index]
    return draw_cake((max(low - pixel, 0.0), high + pixel), step, position, gauss, lorentz, area, shares)


def _all_wavelengths(lines: Reflections, beam: Radiation) -> tuple[NDArray[np.int64], Array, Array]:
    """Return reflection, 2θ and area m |F|² L × weight (m,) of every line of the spectrum, weights adding to 1."""
    index, position, area = [], [], []
    strength = lines.multiplicity * lines.f_squared
    total = sum(weight for _, weight in beam.lines)
    for wavelength, weight in beam.lines:
        sine = wavelength / (2.0 * lines.d_spacing)
        seen = np.flatnonzero(sine < 1.0)
        two_theta = 2.0 * np.degrees(np.arcsin(sine[seen]))
        lorentz = lorentz_polarization(two_theta, beam)
        lorentz /= 1.0 + effective_polarization(beam) * np.cos(np.radians(two_theta)) ** 2
        index.append(seen)
        position.append(two_theta)
        area.append(weight / total * strength[seen] * lorentz)
    return np.concatenate(index), np.concatenate(position), np.concatenate(area)


def _along_rings(
    structure: Structure,
    lines: Reflections,
    texture: FibreTexture | None,
    crystallites: Crystallites | None,
    rng: np.random.Generator | None,
) -> Array:
    """Return the intensity along each ring over that of a random powder (n, azimuths); one azimuth where all is 1."""
    if texture is None and crystallites is None:
        return np.ones((len(lines), 1))
    azimuths = AZIMUTHS if crystallites is None else max(AZIMUTHS, int(np.ceil(1500.0 / crystallites.mosaicity)))
    density = np.ones((len(lines), azimuths))
    if texture is not None:
        chi = np.radians((np.arange(azimuths) + 0.5) * 360.0 / azimuths - 180.0)
        theta = np.radians(lines.two_theta / 2.0)[:, None]
        n1, n2, n3 = np.asarray(texture.direction) / np.linalg.norm(texture.direction)
        # the scattering vector is (cos θ sin χ, cos θ cos χ, −sin θ)
        cosine = np.abs(np.cos(theta) * (n1 * np.sin(chi) + n2 * np.cos(chi)) - n3 * np.sin(theta))
        psi = np.degrees(np.arccos(np.clip(cosine, 0.0, 1.0)))
        of_angle = pole_density(
            lines.hkl, np.cos(np.radians(ANGLES)), texture, structure.lattice, structure.space_group
        )
        density = np.array([np.interp(psi[i], ANGLES, of_angle[i]) for i in range(len(lines))]).reshape(density.shape)
    if crystallites is None or rng is None:
        return density
    expected = crystallites.spots_expected(lines.multiplicity, lines.two_theta)
    return spottiness(crystallites, expected, np.maximum(density, 0.0), rng)

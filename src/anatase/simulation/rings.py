"""Powder rings on an area detector."""

from __future__ import annotations

from typing import Unpack

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
from anatase.scattering.radiation import Probe, Radiation
from anatase.scattering.reflections import Reflections
from anatase.simulation.arguments import (
    ScatteringOptions,
    as_flag,
    as_generator,
    as_kind,
    as_number,
    as_radiation,
    as_structure,
)
from anatase.simulation.cake import Cake, draw_cake
from anatase.simulation.crystallites import Crystallites, spottiness
from anatase.simulation.exposure import exposed
from anatase.simulation.faults import fault_shift
from anatase.simulation.instrument import Instrument
from anatase.simulation.last_line import last_sine
from anatase.simulation.line_widths import line_widths
from anatase.simulation.lines import simulate_lines
from anatase.simulation.sample import Sample

__all__ = ["simulate_rings"]

Array = NDArray[np.float64]

AZIMUTHS = 720  # parts of a ring that a texture is drawn in
ANGLES = np.linspace(0.0, 90.0, 901)  # degrees to the texture's axis, at which pole densities are tabulated
BACKSCATTERING = 0.9998  # sin θ beyond which Lorentz factor and width have no bounds


def simulate_rings(
    structure: Structure,
    wavelength: float | str | Radiation | None,
    geometry: DetectorGeometry,
    *,
    probe: Probe | None = None,
    instrument: Instrument | None = None,
    sample: Sample | None = None,
    scale: float = 1.0,
    horizontal_share: float | None = None,
    texture: FibreTexture | None = None,
    crystallites: Crystallites | None = None,
    point_spread: float = 0.0,
    background: ArrayLike = 0.0,
    mask: NDArray[np.bool_] | None = None,
    noise: bool = False,
    rng: np.random.Generator | None = None,
    **options: Unpack[ScatteringOptions],
) -> Frame:
    """Return the frame of a powder's rings, averaged over each pixel.

    A pixel counts scale · Ω · P(2θ, χ) · Σ m |F|² L · W(χ) · profile(2θ): Ω is its solid angle over that of one at the
    foot of the normal, L = 1/(sin²θ cos θ), P the `azimuthal_polarization` and W the fibre texture (1 without). So
    frame/(Ω P) along any radius is the one-dimensional pattern, without its polarization, whose areas are in
    intensity × degree: a ring's power is ∝ m |F|²/sin θ (Warren, 1969, X-ray Diffraction, equation 4.10), spread
    over the solid angle 2π sin 2θ d2θ.

    Parameters
    ----------
    structure
        The crystal.
    wavelength
        Å, or a radiation by its name (``"MoKa"``) or whole; ``None``: the usual one of the probe.
    geometry
        The detector.
    probe
        As for `simulate_lines`.
    instrument, sample
        What broadens the rings (U V W X Y Z; size, strain). Their shifts, asymmetry and absorption belong to
        diffractometers and are left aside; where the detector stands is in the geometry.
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
    options
        ``dispersion`` (f′ and f″, included by default), ``table``, ``hydrogen``, ``u_default``: see `simulate_lines`.

    Raises
    ------
    InputError
        When an argument is of the wrong kind, noise or crystallites are asked for without ``rng``, or the sample has a
        texture of its own.
    PhysicsError
        When the scale is not positive, the point spread negative, or the widths are not real.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Ce", (Species("Ce"),), (0.0, 0.0, 0.0))
    >>> cerium = Structure(Lattice(5.16, 5.16, 5.16), SpaceGroup.from_number(225), (site,))
    >>> camera = DetectorGeometry.facing(0.2, (99.5, 99.5), 1e-3, (200, 200))
    >>> frame = simulate_rings(cerium, 0.4, camera, instrument=Instrument(gauss_w=0.04))
    >>> float(camera.two_theta[np.unravel_index(frame.image.argmax(), frame.shape)].round(1))  # 111 at 7.7°
    7.7
    """
    if not as_number("scale", scale) > 0.0 or not as_number("point_spread", point_spread) >= 0.0:
        raise PhysicsError(f"scale {scale:g} and point_spread {point_spread:g} must be above 0 and not below 0")
    if as_generator(rng) is None and (as_flag("noise", noise) or crystallites is not None):
        raise InputError("noise and crystallites are random", "give rng=np.random.default_rng(seed)")
    sample = as_kind("the sample", Sample() if sample is None else sample, Sample, "Sample(size=..., strain=...)")
    if sample.march_r != 1.0 or sample.textures or sample.harmonics:
        raise InputError("the texture of the sample has no direction on a detector", "give texture=FibreTexture(...)")
    instrument = as_kind(
        "the instrument", Instrument() if instrument is None else instrument, Instrument, "Instrument(...)"
    )
    _check_kinds(geometry, texture, crystallites)
    if horizontal_share is not None:
        as_number("horizontal_share", horizontal_share)
    beam = as_radiation(wavelength, probe)
    _, high = geometry.two_theta_range
    last = 2.0 * np.degrees(np.arcsin(last_sine(as_structure(structure), beam, instrument, high, sample)))
    options.setdefault("dispersion", True)
    lines = simulate_lines(structure, beam, (0.0, float(last)), **options)
    shares = _along_rings(structure, lines, texture, crystallites, rng)
    cake = _cake(structure, geometry, lines, beam, instrument, sample, shares)
    image = scale * np.maximum(cake.mean_over(geometry), 0.0)  # cubics may swing below zero beside a sharp ring
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


def _check_kinds(geometry: object, texture: object, crystallites: object) -> None:
    as_kind("geometry", geometry, DetectorGeometry, "DetectorGeometry.facing(...), or anatase.io.poni.read_poni(path)")
    if texture is not None:
        as_kind("texture", texture, FibreTexture, "FibreTexture(hkl, r, direction)")
    if crystallites is not None:
        as_kind("crystallites", crystallites, Crystallites, "Crystallites(number)")


def _cake(
    structure: Structure,
    geometry: DetectorGeometry,
    lines: Reflections,
    beam: Radiation,
    instrument: Instrument,
    sample: Sample,
    shares: Array,
) -> Cake:
    """Return the rings of all wavelengths, without polarization, from their shares along the rings (n, azimuths)."""
    spectrum = np.array(beam.lines)
    sine = 0.5 * spectrum[:, :1] / lines.d_spacing
    which, index = np.nonzero(sine < BACKSCATTERING)
    position = 2.0 * np.degrees(np.arcsin(sine[which, index]))
    relative = np.array(beam.line_widths)[which] / spectrum[which, 0] if beam.line_widths else None
    bragg = (position, spectrum[which, 0], relative, lines.d_spacing[index] ** -2.0, lines.hkl[index])
    widths = line_widths(*bragg, structure, instrument, sample)
    if sample.has_faults:
        position = position + fault_shift(position, lines.hkl[index], structure, sample).value
    lorentz = lorentz_polarization(position, beam)
    lorentz /= 1.0 + effective_polarization(beam) * np.cos(np.radians(position)) ** 2
    area = spectrum[which, 1] / spectrum[:, 1].sum() * (lines.multiplicity * lines.f_squared)[index] * lorentz
    larger, _ = geometry.two_theta_extents
    margin = 2.0 * float(larger.max())
    # bins a sixth of the narrowest line; where that is narrower than a pixel, a sixteenth of the pixel does
    narrowest = float(np.min(np.maximum(widths.gauss, widths.lorentz), initial=np.inf))
    step = max(min(narrowest / 6.0, margin), float(larger.min()) / 16.0)
    low, high = geometry.two_theta_range
    ends = (max(low - margin, 0.0), high + margin)
    return draw_cake(ends, step, position, widths.gauss, widths.lorentz, area, shares[index])


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

"""Radiation, diffractometer, sample and detector from the options of ``anatase simulate``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf, sqrt
from typing import TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from anatase.cli.simulate_choices import Choices
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.io.poni import read_poni
from anatase.io.structure_files import read_structure
from anatase.pattern.background_model import Hump
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.scattering.radiation import Probe, Radiation, radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.arguments import USUAL
from anatase.simulation.instrument import Geometry, Instrument
from anatase.simulation.sample import Sample

__all__ = ["camera", "diffractometer", "halos_of", "radiation_of", "samples_of", "structures_of", "tof_grid"]

T = TypeVar("T")

TOF_STEP, TOF_SPACINGS = 0.0005, (0.5, 3.5)  # Δt/t; Å
DISTANCE, PIXEL, SHAPE = 100.0, 0.172, (1000, 1000)  # mm, mm
ZONE_DISTANCE, ZONE_PIXEL = 500.0, 0.1  # mm
MOST_POINTS = 5_000_000
MOST_PIXELS = 100_000_000


def structures_of(files: Sequence[str], choices: Choices) -> list[Structure]:
    """Read the structures; sites without displacement parameters get that of ``--u-iso``."""
    u_iso = choices.u_iso
    if u_iso is not None and not 0.0 <= u_iso < inf:
        raise InputError(f"--u-iso is {u_iso:g} Å²", "give 0 or more")
    found = [read_structure(file, block=choices.block) for file in files]
    if u_iso is None:
        return found
    return [
        replace(
            structure,
            sites=tuple(
                replace(site, u_iso=u_iso) if site.u_iso is None and site.u_aniso is None else site
                for site in structure.sites
            ),
        )
        for structure in found
    ]


def radiation_of(choices: Choices, wavelength: float | None = None) -> Radiation:
    """Return the radiation by name, else of the wavelength (Å) that a file states, else the usual one of the probe."""
    probe: Probe = "electron" if choices.zone is not None else choices.probe
    name = choices.wavelength or (USUAL[probe].wavelength if wavelength is None else repr(wavelength))
    if choices.voltage is not None:
        if choices.wavelength is not None:
            raise InputError("both --voltage and --wavelength", "give one of them")
        name = f"{choices.voltage!r} kV"
    radiation = radiation_from_name(name, probe)
    if choices.monochromator is None:
        return radiation
    if probe != "xray" or not 0.0 <= choices.monochromator < 180.0:
        raise InputError(
            f"a monochromator at 2θ = {choices.monochromator:g}° for {probe}s", "give 0 to 180 deg, and X-rays"
        )
    return replace(radiation, monochromator_two_theta=choices.monochromator)


def diffractometer(choices: Choices) -> Instrument:
    """Return the instrument: a laboratory one, or with the widths that were given."""
    plate = choices.probe == "xray" and not choices.rings
    named = (choices.geometry or ("bragg-brentano" if plate else "debye-scherrer")).replace("-", "_")
    geometry = next(known for known in get_args(Geometry) if known == named)
    s_over_l, h_over_l = choices.axial or (0.0, 0.0)
    instrument = Instrument(
        geometry,
        s_over_l=s_over_l,
        h_over_l=h_over_l,
        zero=choices.zero,
        displacement=choices.displacement,
        radius=choices.radius,
        incidence=choices.incidence,
    )
    fwhm = choices.fwhm
    if choices.probe == "electron" and fwhm is None:
        fwhm = sqrt(USUAL["electron"].instrument.gauss_w)
    if choices.uvw is None and choices.xyz is None and fwhm is None:
        return instrument
    if fwhm is not None and not fwhm > 0.0:
        raise InputError(f"--fwhm is {fwhm:g}°", "give a positive width")
    u, v, w = choices.uvw or (0.0, 0.0, 0.0 if fwhm is None or choices.xyz is not None else fwhm**2)
    x, y, z = choices.xyz or (0.0, 0.0, 0.0)
    return replace(instrument, gauss_u=u, gauss_v=v, gauss_w=w, lorentz_x=x, lorentz_y=y, lorentz_z=z)


def samples_of(choices: Choices, number: int) -> list[Sample]:
    """Return size, strain, texture and faults of each phase."""
    sizes = _for_each("--size", choices.size, number, inf)
    strains = _for_each("--strain", choices.strain, number, 0.0)
    textures = _for_each("--texture", choices.texture, number, None)
    faults = _for_each("--faults", choices.faults, number, (0.0, 0.0))
    samples = []
    for size, strain, texture, (deformation, twin) in zip(sizes, strains, textures, faults, strict=True):
        axis, r = texture or (None, 1.0)
        samples.append(
            Sample(
                None if size == inf else size,
                strain=strain / 100.0,
                texture_axis=axis,
                march_r=r,
                absorption=choices.absorption,
                deformation_faults=deformation,
                twin_faults=twin,
            )
        )
    return samples


def halos_of(choices: Choices) -> tuple[float, list[Hump]]:
    """Return the amorphous share, 0 to 1, and its halos, all of one area."""
    given = choices.amorphous
    if given is None:
        return 0.0, []
    if len(given) < 3 or len(given) % 2 == 0:
        raise InputError("--amorphous wants the share in percent and pairs of position and FWHM", "give 30,22,8")
    pairs = zip(given[1::2], given[2::2], strict=True)
    return given[0] / 100.0, [Hump(1.0, position, fwhm) for position, fwhm in pairs]


def _for_each(option: str, given: Sequence[T] | None, number: int, usual: T) -> list[T]:
    """Return a value for each phase from one for all, or one for each."""
    if not given:
        return [usual] * number
    if len(given) not in (1, number):
        raise InputError(f"{option} has {len(given)} values for {number} structures", "give one, or one for each")
    return list(given) if len(given) == number else [given[0]] * number


def tof_grid(bank: TofBank, limits: tuple[float, float] | None, step: float | None) -> NDArray[np.float64]:
    """Return points (n,) of constant Δt/t, µs, by default over the usual range of d."""
    step = TOF_STEP if step is None else step
    if limits is None:
        low_d, high_d = bank.d_limits
        ends = bank.time_of_flight(np.clip(TOF_SPACINGS, 1.01 * low_d, 0.99 * high_d))
        low, high = float(ends[0]), float(ends[1])
    else:
        low, high = limits
    count = np.log(high / low) / np.log1p(step) if 0.0 < low < high < inf and 0.0 < step < inf else 0.0
    if not 2.0 <= count <= MOST_POINTS:
        raise InputError(
            f"{low:g} to {high:g} µs in steps of Δt/t = {step:g}", f"give a range that makes 2 to {MOST_POINTS} points"
        )
    return np.asarray(low * (1.0 + step) ** np.arange(int(count) + 1))


def camera(choices: Choices) -> tuple[DetectorGeometry, Radiation]:
    """Return the detector and the radiation: those of a .poni file, or a detector square to the beam."""
    zone = choices.zone is not None
    pixel = None if choices.pixel is None else choices.pixel / 1000.0
    if choices.shape is not None and not 0 < choices.shape[0] * choices.shape[1] <= MOST_PIXELS:
        raise InputError(f"a detector of {choices.shape[0]} × {choices.shape[1]} pixels", "give 1 to 100 million")
    if choices.poni is not None:
        if choices.distance is not None:
            raise InputError("both --poni and --distance", "give one of them")
        geometry, wavelength = read_poni(choices.poni, pixel, choices.shape)
        return geometry, radiation_of(choices, wavelength if not zone else None)
    rows, columns = choices.shape or SHAPE
    distance = choices.distance if choices.distance is not None else ZONE_DISTANCE if zone else DISTANCE
    pixel = pixel if pixel is not None else (ZONE_PIXEL if zone else PIXEL) / 1000.0
    middle = ((rows - 1) / 2.0, (columns - 1) / 2.0)
    return DetectorGeometry.facing(distance / 1000.0, middle, pixel, (rows, columns)), radiation_of(choices)

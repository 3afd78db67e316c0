"""From the options of ``anatase simulate`` to the calls that simulate, one function for each kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.cli.number_list import NumberList
from anatase.cli.simulate_choices import Choices
from anatase.cli.simulate_setup import camera, diffractometer, halos_of, radiation_of, samples_of, tof_grid
from anatase.crystal.conventional_hkl import conventional_hkl
from anatase.crystal.orientation_matrix import random_orientation
from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_file import read_instrument
from anatase.pattern.counting import count_pattern
from anatase.pattern.fibre_texture import FibreTexture
from anatase.pattern.frame import Frame
from anatase.pattern.pattern import Pattern
from anatase.report.simulation import Kind, PhaseLines, Simulation
from anatase.scattering.incident_spectrum import incident_spectrum
from anatase.scattering.reflections import Reflections, reflections
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.amorphous import add_amorphous, diluted_fractions
from anatase.simulation.arguments import USUAL, ScatteringOptions
from anatase.simulation.crystallites import Crystallites
from anatase.simulation.exposure import exposed
from anatase.simulation.lines import simulate_lines
from anatase.simulation.powder import simulate
from anatase.simulation.sample import Sample
from anatase.simulation.spot_image import draw_spots
from anatase.simulation.spots import CrystalSpread, simulate_spots, simulate_still
from anatase.simulation.time_of_flight import simulate_time_of_flight
from anatase.simulation.zone_axis import simulate_zone_axis, zone_orientation
from anatase.simulation.zone_image import draw_zone_axis

__all__ = ["SIMULATE"]

Array = NDArray[np.float64]

SPOT_FWHM = 3.0  # pixels of a frame
MOST_COUNTS = 1e15  # beyond, numbers have no units left to count


def _powder(structures: Sequence[Structure], choices: Choices) -> Simulation:
    found = _lines(structures, choices)
    pattern = simulate(
        structures,
        radiation_of(choices),
        choices.limits,
        choices.step,
        diffractometer(choices),
        samples_of(choices, len(structures)),
        weight_fractions=choices.fractions,
        **_scattering(choices),
    )
    shares = _shares(choices, len(structures))
    phases = tuple(
        replace(phase, weight_fraction=share) for phase, share in zip(found.phases, shares, strict=True)
    )  # fmt: skip
    return replace(found, kind="powder", phases=phases, pattern=_counted(pattern, choices))


def _lines(structures: Sequence[Structure], choices: Choices) -> Simulation:
    radiation = radiation_of(choices)
    limits = choices.limits or USUAL[radiation.probe].two_theta
    phases, warnings = [], []
    for structure in structures:
        found = simulate_lines(structure, radiation, limits, **_scattering(choices))
        phases.append(_phase(structure, found, found.two_theta, found.intensity))
        if not len(found):
            low, high = limits
            warnings.append(f"{phases[-1].name} has no reflection from {low:g} to {high:g}° 2θ")
    return Simulation("lines", (), tuple(phases), radiation, warnings=tuple(warnings))


def _scattering(choices: Choices) -> ScatteringOptions:
    return {"dispersion": not choices.no_dispersion, "table": choices.table}


def _phase(structure: Structure, found: Reflections, position: Array, intensity: Array) -> PhaseLines:
    top = float(intensity.max(initial=0.0))
    found = replace(found, hkl=conventional_hkl(found.hkl, structure.space_group))
    return PhaseLines(structure, found, position, 100.0 * intensity / top if top > 0.0 else intensity)


def _shares(choices: Choices, number: int) -> list[float | None]:
    """Return the weight fractions as the table tells them: of the whole sample, none of a single phase alone."""
    share, _ = halos_of(choices)
    if number == 1 and share == 0.0:
        return [None]
    given = [1.0] * number if choices.fractions is None or number == 1 else list(choices.fractions)
    return [float(part) for part in diluted_fractions(given, share)]


def _time_of_flight(structures: Sequence[Structure], choices: Choices) -> Simulation:
    instrument, warnings = _bank(choices)
    bank, profile = instrument.bank, instrument.profile
    if profile is None:
        raise InputError("; ".join(warnings), "give another bank with --bank", file=choices.tof)
    tof = tof_grid(bank, choices.limits, choices.step)
    spectrum = 1.0 if instrument.spectrum is None else incident_spectrum(tof, *instrument.spectrum)
    samples = samples_of(choices, len(structures))
    shares = choices.fractions
    pattern = simulate_time_of_flight(
        structures, bank, profile, tof, samples, weight_fractions=shares, spectrum=spectrum
    )  # fmt: skip
    d_min, d_max = bank.d_spacing(tof[[0, -1]])
    phases = []
    for structure, share in zip(structures, _shares(choices, len(structures)), strict=True):
        found = reflections(structure, float(d_min), ScatteringModel("neutron"), float(d_max))
        intensity = found.multiplicity * found.f_squared * bank.lorentz(found.d_spacing)
        phase = _phase(structure, found, bank.time_of_flight(found.d_spacing), intensity)
        phases.append(replace(phase, weight_fraction=share))
    counted = _counted(pattern, choices)
    return Simulation("time_of_flight", (), tuple(phases), None, "tof", counted, warnings=warnings)


def _bank(choices: Choices) -> tuple[ForeignBank, tuple[str, ...]]:
    """Return the bank of the instrument file that was asked for, by default the first, and its warnings."""
    found = read_instrument(choices.tof or "", choices.bank)
    if not isinstance(found.beam, ForeignBank):
        raise InputError(
            "the instrument measures at constant wavelength", "give one of time of flight", file=choices.tof
        )
    return found.beam, found.warnings


def _rings(structures: Sequence[Structure], choices: Choices) -> Simulation:
    from anatase.simulation.rings import simulate_rings  # brings image filters that nothing else here needs

    structure = _only(structures, "--rings")
    geometry, radiation = camera(choices)
    (sample,) = samples_of(choices, 1)
    texture = None
    if sample.texture_axis is not None:
        texture = FibreTexture(sample.texture_axis, sample.march_r, choices.fibre or (1.0, 0.0, 0.0))
    elif choices.fibre is not None:
        raise InputError("--fibre without --texture", "give the planes and r as well")
    frame = simulate_rings(
        structure,
        radiation,
        geometry,
        instrument=diffractometer(choices),
        sample=Sample(size=sample.size, strain=sample.strain),
        texture=texture,
        crystallites=None if choices.crystallites is None else Crystallites(choices.crystallites),
        rng=np.random.default_rng(choices.seed),
        **_scattering(choices),
    )
    low, high = geometry.two_theta_range
    found = simulate_lines(structure, radiation, (low, high), **_scattering(choices))
    phase = _phase(structure, found, found.two_theta, found.intensity)
    return Simulation("rings", (), (phase,), radiation, frame=_exposed(frame, choices))


def _spots(structures: Sequence[Structure], choices: Choices) -> Simulation:
    structure = _only(structures, "--spots")
    geometry, radiation = camera(choices)
    orientation = _orientation(structure, choices)
    spread, turn = CrystalSpread(choices.mosaicity), choices.rotate
    what = (structure, radiation, geometry, orientation)
    if turn is None:
        spots = simulate_still(*what, d_min=choices.d_min, spread=spread, **_scattering(choices))
    else:
        spots = simulate_spots(*what, phi=turn, d_min=choices.d_min, spread=spread, **_scattering(choices))
    frame = draw_spots(spots, geometry, phi=turn, fwhm=SPOT_FWHM, radiation=radiation, name=structure.name)
    phases = (_without_lines(structure),)
    found = Simulation("spots", (), phases, radiation, frame=_exposed(frame, choices), spots=spots)
    return replace(found, orientation=orientation, turn=turn)


def _without_lines(structure: Structure) -> PhaseLines:
    none = Reflections(np.empty((0, 3), np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))
    return PhaseLines(structure, none, np.empty(0), np.empty(0))


def _orientation(structure: Structure, choices: Choices) -> Array:
    """Return U (3, 3): random by the seed, two directions, or nine numbers."""
    text = choices.orientation.strip()
    if text.lower() == "random":
        return random_orientation(np.random.default_rng(choices.seed))
    directions = [NumberList("0,0,1:1,0,0").numbers(part, "--orientation") for part in text.split(":")]
    if [len(part) for part in directions] == [9]:
        return np.reshape(directions[0], (3, 3))
    whole = all(number == round(number) for part in directions for number in part)
    if [len(part) for part in directions] != [3, 3] or not whole:
        raise InputError(f"--orientation is '{text}'", "give [uvw]:hkl as in 0,0,1:1,0,0, nine numbers, or random")
    (u, v, w), (h, k, l) = ([round(number) for number in part] for part in directions)
    return zone_orientation(structure, (u, v, w), (h, k, l))


def _zone(structures: Sequence[Structure], choices: Choices) -> Simulation:
    structure, radiation = _only(structures, "--zone"), radiation_of(choices)
    pattern = simulate_zone_axis(
        structure,
        choices.zone or (0, 0, 1),
        radiation,
        thickness=choices.thickness,
        d_min=choices.d_min if choices.d_min is not None else 0.5,
        laue_zones=choices.laue_zones,
        tilt=choices.tilt,
        precession=choices.precession,
        double_diffraction=choices.double_diffraction,
    )
    geometry, _ = camera(choices)
    frame = _exposed(draw_zone_axis(pattern, geometry, counts=1.0, fwhm=SPOT_FWHM), choices)
    phases = (_without_lines(structure),)
    return Simulation("zone", (), phases, radiation, frame=frame, zone=pattern, warnings=pattern.warnings)


def _only(structures: Sequence[Structure], option: str) -> Structure:
    if len(structures) > 1:
        raise InputError(f"{len(structures)} structures with {option}", "give one; mixtures are for powder patterns")
    return structures[0]


def _counted(pattern: Pattern, choices: Choices) -> Pattern:
    """Add halos and background, in percent of the highest point, and count."""
    share, halos = halos_of(choices)
    if halos:
        pattern = add_amorphous(pattern, share, halos)
    raised = pattern.intensity + _level(float(pattern.intensity.max()), choices)
    pattern = replace(pattern, intensity=raised, sigma=np.sqrt(np.maximum(raised, 1.0)))
    if choices.counts is None:
        return pattern
    _check_counts(choices.counts)
    return count_pattern(pattern, np.random.default_rng(choices.seed), maximum=choices.counts)


def _exposed(frame: Frame, choices: Choices) -> Frame:
    """Add the background to a frame, in percent of its brightest pixel, and count."""
    dark = np.maximum(frame.image, 0.0)  # interpolation may leave less than nothing
    image = dark + _level(float(dark.max()), choices)
    if choices.counts is None:
        return replace(frame, image=image)
    _check_counts(choices.counts)
    top = float(image.max())
    if not top > 0.0 or frame.geometry is None:
        raise InputError("nothing falls on the detector", "bring it closer, or leave --counts out")
    rng = np.random.default_rng(choices.seed)
    return exposed(image * (choices.counts / top), frame.geometry, frame.radiation, rng=rng, name=frame.name)


def _check_counts(counts: float) -> None:
    if not 0.0 < counts <= MOST_COUNTS:
        raise InputError(f"--counts is {counts:g}", f"give more than 0 and at most {MOST_COUNTS:g}")


def _level(top: float, choices: Choices) -> float:
    if not 0.0 <= choices.background < np.inf:
        raise InputError(f"--background is {choices.background:g} %", "give 0 or more")
    return choices.background / 100.0 * top


SIMULATE: dict[Kind, Callable[[Sequence[Structure], Choices], Simulation]] = {
    "powder": _powder,
    "lines": _lines,
    "time_of_flight": _time_of_flight,
    "rings": _rings,
    "spots": _spots,
    "zone": _zone,
}

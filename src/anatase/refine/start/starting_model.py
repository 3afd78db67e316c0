"""The model from which a refinement starts: phases on cells that fit the peaks, widths, scales, background."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.crystal.formula import parse_formula
from anatase.crystal.structure import Site, Structure
from anatase.errors import InputError
from anatase.io.structure_files import read_structure
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.intensities.reflection_lists import with_reflections
from anatase.refine.model import ConstantWavelength, Histogram, Mode, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import with_values
from anatase.refine.start.alignment import align, alignment_target
from anatase.refine.start.background_choice import linear_names
from anatase.refine.start.cell_strain import strained_lattice
from anatase.refine.start.cold_start import RoughStart, rough_start
from anatase.refine.start.measurement import Measurement
from anatase.refine.start.rough_fit import structure_lines
from anatase.refine.start.starting_histogram import Start, prepared
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = ["check_overlap", "named_structures", "starting_model", "structure_of", "with_linear_start"]

Array = NDArray[np.float64]

SIZES = (30.0, 9e5)  # Å
LEAST_STRAIN = 1e-5
SAME_SHARE = 1.02  # of the atoms of a written sum, which may be rounded
GROUP_ALONE = re.compile(r"sg[ _]?\d{1,3}", re.IGNORECASE)
UNCLEAR = re.compile(r"[^\w()+\-]+")
LONGEST_NAME = 30


def structure_of(given: Structure | str | Path) -> Structure:
    """Return a structure as it is, or read it from a file."""
    return given if isinstance(given, Structure) else read_structure(given)


def named_structures(
    structures: Sequence[Structure], taken: Sequence[str] = (), mode: Mode = "rietveld"
) -> list[tuple[str, Structure]]:
    """Return structures with short names, each its own, their sites with labels of their own and a displacement.

    A name that only tells the space group (``sg225``), or the atoms as a sum (``O4 Pb S``), gives way to the formula.
    Sites without any get U_iso = 0.008 Å², and so do all where a source wrote zeros.

    Raises
    ------
    InputError
        When a structure without atoms is to be refined by Rietveld.
    """
    if mode == "rietveld" and (bare := [one for one in structures if not one.sites]):
        raise InputError(
            f"{bare[0].name or 'a phase'} has no atoms", "give its structure, or the mode lebail or pawley"
        )
    names: list[str] = []
    for structure in structures:
        plain = "" if _says_little(structure) else UNCLEAR.sub("_", structure.name).strip("_")
        name = plain if 0 < len(plain) <= LONGEST_NAME else UNCLEAR.sub("_", structure.formula or "phase")
        count = 2
        unique = name
        while unique in (*names, *taken):
            unique, count = f"{name}_{count}", count + 1
        names.append(unique)
    return [(name, _prepared(structure)) for name, structure in zip(names, structures, strict=True)]


def _says_little(structure: Structure) -> bool:
    """Tell whether the formula names a structure better: its name is a space group's, or the sum of its atoms."""
    if not structure.sites:
        return False
    if GROUP_ALONE.fullmatch(structure.name):
        return True
    atoms = parse_formula(structure.name) if " " in structure.name.strip() else None
    if atoms is None or atoms.keys() != structure.composition.keys():
        return False
    shares = np.array([structure.composition[element] / count for element, count in atoms.items()])
    return bool(shares.max() < SAME_SHARE * shares.min())


def _prepared(structure: Structure) -> Structure:
    still = all(site.u_aniso is None and not site.u_iso for site in structure.sites)
    labels: Counter[str] = Counter()
    sites: list[Site] = []
    for site in structure.sites:
        plain = re.sub(r"[.*?\[\]\s]", "_", site.label) or site.species[0].element
        labels[plain] += 1
        label = plain if labels[plain] == 1 else f"{plain}_{labels[plain]}"
        bare = site.u_aniso is None and (still or site.u_iso is None)
        sites.append(replace(site, label=label, u_iso=TYPICAL_U_ISO if bare else site.u_iso))
    return replace(structure, sites=tuple(sites))


def starting_model(
    starts: Sequence[Start], phases: Sequence[tuple[str, Structure]], mode: Mode = "rietveld"
) -> tuple[RefinementModel, tuple[Measurement, ...]]:
    """Return the model from which to start, its cells aligned in the first pattern, and the patterns made ready.

    Raises
    ------
    InputError
        When no line of a phase lies in any pattern.
    """
    measured = tuple(prepared(start.histogram) for start in starts)
    structures = [structure for _, structure in phases]
    check_overlap(phases, measured)
    rough: list[RoughStart | None] = []
    for start, measurement in zip(starts, measured, strict=True):
        if not isinstance(start.histogram.beam, ConstantWavelength):
            structures = [_walked(structure, measurement) for structure in structures] if not rough else structures
            rough.append(None)
            continue
        found = rough_start(structures, measurement)
        if not rough:
            structures = [replace(s, lattice=lattice) for s, lattice in zip(structures, found.lattices, strict=True)]
        rough.append(found)
    histograms = tuple(_with_rough(start, found) for start, found in zip(starts, rough, strict=True))
    parts = [[_part(start, found, j) for start, found in zip(starts, rough, strict=True)] for j in range(len(phases))]
    model = RefinementModel(
        histograms,
        tuple(Phase(name, s, tuple(p), mode) for (name, _), s, p in zip(phases, structures, parts, strict=True)),
    )
    return with_linear_start(with_reflections(model)), measured


def check_overlap(phases: Sequence[tuple[str, Structure]], measured: Sequence[Measurement]) -> None:
    """Refuse phases of which no line lies in any pattern.

    Raises
    ------
    InputError
        Names the first such phase.
    """
    for name, structure in phases:
        if not any(structure_lines_inside(structure, m) for m in measured):
            raise InputError(
                f"no line of {name} lies in the measured range",
                "check wavelength, cell and range, or leave the phase out",
            )


def structure_lines_inside(structure: Structure, m: Measurement) -> bool:
    """Tell whether any line of a structure may lie in a pattern, give or take 2 % of its cell."""
    s_low, s_high = 2.0 * np.sin(np.radians(m.x[[0, -1]] / 2.0)) / m.radiation.wavelength
    try:
        s = np.sqrt(structure_lines(structure, m).inverse_d2)
    except ValueError:  # not one reflection above the resolution limit
        return False
    return bool(np.any((s > 0.98 * s_low) & (s < 1.02 * s_high)))


def _walked(structure: Structure, m: Measurement) -> Structure:
    lines = structure_lines(structure, m)
    strain = align(alignment_target(m, m.net, m.sigma), lines, m, 0.0)
    return replace(structure, lattice=strained_lattice(lines.lattice, lines.basis, strain))


def _with_rough(start: Start, found: RoughStart | None) -> Histogram:
    """Return a histogram with the shift found, and with the widths found where the instrument is not known."""
    histogram = start.histogram
    if found is None or not isinstance(histogram.beam, ConstantWavelength):
        return histogram
    instrument = histogram.beam.instrument
    if not start.known:
        instrument = replace(instrument, gauss_u=found.gauss_u, gauss_v=0.0, gauss_w=found.gauss_w)
    if found.measurement.shift_kind == "displacement" and instrument.geometry == "bragg_brentano":
        instrument = replace(instrument, displacement=-0.5 * float(np.radians(found.shift)) * instrument.radius)
    elif not start.known:
        instrument = replace(instrument, zero=found.shift)
    return replace(histogram, beam=replace(histogram.beam, instrument=instrument))


def _part(start: Start, found: RoughStart | None, which: int) -> PhasePart:
    """Return a phase's crystallites from its Lorentzian widths, less those of a known instrument."""
    if found is None or not isinstance(start.histogram.beam, ConstantWavelength):
        return PhasePart(1.0, Sample(size=1e4, strain=1e-4))
    x, y = np.radians(found.broadening[which])
    instrument: Instrument = start.histogram.beam.instrument
    if start.known:
        x, y = x - np.radians(instrument.lorentz_x), y - np.radians(instrument.lorentz_y)
    wavelength = start.histogram.beam.radiation.wavelength
    size = float(np.clip(0.9 * wavelength / max(x, 1e-9), *SIZES))
    return PhasePart(1.0, Sample(size=size, strain=max(float(y) / 4.0, LEAST_STRAIN)))


def with_linear_start(model: RefinementModel) -> RefinementModel:
    """Return the model with the scales and backgrounds that fit best while all else is held.

    Raises
    ------
    PhysicsError
        When the widths or angles of the model are impossible.
    """
    values: dict[str, float] = {}
    for i, histogram in enumerate(model.histograms):
        names = [f"{histogram.name}.background.{name}" for name in linear_names(histogram.background)]
        unit = replace(model, phases=tuple(_at_unit_scale(phase, i) for phase in model.phases))
        found = calculated(unit, i, names)
        sigma, used = histogram.pattern.sigma, histogram.used
        curves = np.array([*found.phases])
        size = np.maximum(curves[:, used].max(axis=1, initial=0.0), 1e-300)
        level = max(float(np.abs(histogram.pattern.intensity[used]).max()), 1e-300)
        # a background coefficient may have either sign: two columns each
        columns = np.vstack([curves / size[:, None] * level, found.jacobian, -found.jacobian])[:, used] / sigma[used]
        amount = nnls(columns.T, histogram.pattern.intensity[used] / sigma[used], maxiter=30 * len(columns))[0]
        p, b = len(curves), len(names)
        scales = np.maximum(amount[:p], 1e-6) * level / size
        values.update(
            {f"{one.name}.{histogram.name}.scale": float(s) for one, s in zip(model.phases, scales, strict=True)}
        )
        change = amount[p : p + b] - amount[p + b :]
        values.update(dict(zip(names, change.tolist(), strict=True)))
    return with_values(model, values)


def _at_unit_scale(phase: Phase, index: int) -> Phase:
    parts = tuple(replace(part, scale=1.0) if i == index else part for i, part in enumerate(phase.parts))
    return replace(phase, parts=parts)

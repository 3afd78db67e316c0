"""Refinements of other programs' files as models here, and back."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path, PureWindowsPath

import numpy as np

from anatase.errors import InputError
from anatase.io.foreign import (
    ForeignBank,
    ForeignDiffractometer,
    ForeignHistogram,
    ForeignPart,
    ForeignPhase,
    ForeignRefinement,
    LinearRelation,
    SharedShift,
)
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.read import read, read_scans
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.constraint.constraints import Constraint
from anatase.refine.constraint.parametrisation import Parametrisation
from anatase.refine.foreign.foreign_constraints import constraints_of_foreign
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import parameter_values
from anatase.refine.refinement import Refinement
from anatase.refine.start.starting_histogram import histogram_start

__all__ = ["FOREIGN_READERS", "ForeignStart", "foreign_of", "foreign_start", "read_foreign"]

# suffix -> module and function that read it
FOREIGN_READERS: dict[str, tuple[str, str]] = {
    ".exp": ("anatase.io.gsas_exp", "read_exp"),
    ".gpx": ("anatase.io.gsasii_gpx", "read_gpx"),
    ".inp": ("anatase.io.topas_inp", "read_topas"),
    ".pcr": ("anatase.io.fullprof_pcr", "read_fullprof"),
    ".sav": ("anatase.io.bgmn_sav", "read_bgmn_sav"),
}


@dataclass(frozen=True)
class ForeignStart:
    """Where another program's refinement starts here: model, parameters to free, constraints, and what was lost."""

    model: RefinementModel
    names: tuple[str, ...]
    constraints: tuple[Constraint, ...]
    warnings: tuple[str, ...]


def read_foreign(path: str | Path) -> ForeignRefinement:
    """Read a refinement file of GSAS, GSAS-II, TOPAS, FullProf or BGMN, which its suffix tells.

    Raises
    ------
    InputError
        When the suffix is none of theirs, or the file cannot be read.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in FOREIGN_READERS:
        known = ", ".join(FOREIGN_READERS)
        raise InputError(f"'{suffix}' is no refinement file of another program", f"give one of {known}", file=path)
    module, function = FOREIGN_READERS[suffix]
    reader: Callable[[str | Path], ForeignRefinement] = getattr(import_module(module), function)
    found = reader(path)
    return replace(found, warnings=(*found.warnings, *_lost_when_written(Path(path))))


def _lost_when_written(path: Path) -> list[str]:
    """Return what a file that was written here says it leaves out; cards of GSAS go on in the next one."""
    told: list[str] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.suffix != ".gpx" else ():
        _, marked, text = line.partition("not written: ")
        rest = re.match(r" {4}HSTRY *\d+ (.*)", line)
        if marked:
            told.append(f"the file leaves out {text.strip()}")
        elif rest and told:
            told[-1] += f" {rest.group(1).strip()}"
    return told


def foreign_start(foreign: ForeignRefinement, folder: Path, patterns: Sequence[Pattern] = ()) -> ForeignStart:
    """Return the model of a foreign refinement with its data.

    Parameters
    ----------
    foreign
        What its file says.
    folder
        Where the file lies; data files are looked for there by their names.
    patterns
        The data, one for each pattern in the file's order; none: those that the file carries or names.

    Raises
    ------
    InputError
        When no data are there, or patterns given differ in number from the file's. Some that are missing are warned of.
    """
    if patterns and len(patterns) != len(foreign.histograms):
        raise InputError(
            f"{len(patterns)} patterns for {len(foreign.histograms)} of the refinement file", "give one for each"
        )
    if not foreign.histograms or not foreign.phases:
        raise InputError("the refinement file has no pattern or no phase", "give patterns and structures instead")
    told = list(foreign.warnings)
    histograms = []
    missing: dict[str, InputError] = {}
    for i, one in enumerate(foreign.histograms):
        try:
            pattern = patterns[i] if patterns else _data(one, folder)
        except InputError as error:
            missing[one.name] = error
            continue
        histogram, warnings = _histogram(one, pattern)
        histograms.append(histogram)
        told += warnings
    if not histograms:
        raise next(iter(missing.values()))
    told += [f"{error.found}: left out" for error in missing.values()]
    foreign = _without(foreign, set(missing))
    model = RefinementModel(tuple(histograms), tuple(_phase(one, histograms) for one in foreign.phases))
    values = parameter_values(model)
    constraints, left_out = constraints_of_foreign(foreign.shared, foreign.relations, values)
    names = tuple(name for name in values if name in foreign.free)
    lost = sorted(foreign.free - set(values))
    told += [f"{name} is free in the file and no parameter here: held" for name in lost]
    return ForeignStart(model, names, constraints, tuple(dict.fromkeys([*told, *left_out])))


def _without(foreign: ForeignRefinement, gone: set[str]) -> ForeignRefinement:
    """Return a refinement without what it says of the parameters of some histograms."""

    def stays(name: str) -> bool:
        return not any(part in gone for part in name.split(".")[:2])

    shared = (SharedShift(tuple(term for term in one.terms if stays(term[1]))) for one in foreign.shared)
    return replace(
        foreign,
        free=frozenset(filter(stays, foreign.free)),
        shared=tuple(one for one in shared if len(one.terms) > 1),
        relations=tuple(one for one in foreign.relations if all(stays(name) for _, name in one.terms)),
    )


def _data(one: ForeignHistogram, folder: Path) -> Pattern:
    """Return the data of a histogram: those in the file, else of the file that it names."""
    if one.pattern is not None:
        return one.pattern
    name = PureWindowsPath(one.data_file).name
    found = next((path for path in sorted(folder.iterdir()) if name and path.name.lower() == name.lower()), None)
    if found is None:
        raise InputError(
            f"the data of {one.name}, {one.data_file or 'without a file name'}, are not beside the refinement file",
            "put them there, or give the pattern too",
        )
    scans = read_scans(found)
    return scans[one.bank - 1] if 1 < one.bank <= len(scans) else read(found)


def _histogram(one: ForeignHistogram, pattern: Pattern) -> tuple[Histogram, tuple[str, ...]]:
    bank = InstrumentBank(one.bank, one.beam)
    blank = one.background is not None and one.background == BackgroundModel(
        one.background.limits, (0.0,) * len(one.background.chebyshev)
    )
    terms = len(one.background.chebyshev) if one.background is not None and blank else None
    start = histogram_start(one.name, pattern, bank, None, None, one.limits, one.excluded, terms or None, ())
    if one.background is None or terms:  # none, or so many terms without values: estimated from the data
        return start.histogram, start.warnings
    return replace(start.histogram, background=one.background), start.warnings


def _phase(one: ForeignPhase, histograms: Sequence[Histogram]) -> Phase:
    parts = []
    for histogram in histograms:
        part = one.parts.get(histogram.name)
        parts.append(PhasePart(0.0) if part is None else PhasePart(part.scale, part.sample, part.extinction))
    return Phase(one.name, one.structure, tuple(parts), one.mode)


def foreign_of(refinement: Refinement) -> ForeignRefinement:
    """Return a refinement as other programs' files can state it: refined values, what is free, what is tied."""
    model, free = refinement.model, refinement.fitted.parametrisation
    shared, relations = _ties(free)
    return ForeignRefinement(
        tuple(_foreign_phase(phase, model) for phase in model.phases),
        tuple(_foreign_histogram(one) for one in model.histograms),
        frozenset(free.names),
        shared,
        relations,
        " + ".join(one.pattern.name or one.name for one in model.histograms),
        r_wp=refinement.residuals.total,
        gof=refinement.gof,
    )


def _foreign_phase(phase: Phase, model: RefinementModel) -> ForeignPhase:
    parts = {
        histogram.name: ForeignPart(part.scale, part.sample, part.extinction)
        for histogram, part in zip(model.histograms, phase.parts, strict=True)
        if part.scale != 0.0
    }
    return ForeignPhase(phase.name, phase.structure, parts, phase.mode)


def _foreign_histogram(histogram: Histogram) -> ForeignHistogram:
    beam = histogram.beam
    return ForeignHistogram(
        histogram.name,
        ForeignDiffractometer(beam.radiation, beam.instrument)
        if isinstance(beam, ConstantWavelength)
        else ForeignBank(beam.bank, beam.profile),
        histogram.background,
        histogram.pattern.name,
        pattern=histogram.pattern,
        limits=(float(histogram.pattern.x[0]), float(histogram.pattern.x[-1])),
        excluded=histogram.excluded,
    )


def _ties(free: Parametrisation) -> tuple[tuple[SharedShift, ...], tuple[LinearRelation, ...]]:
    """Return what follows a single variable as shared shifts, other linear relations as they are.

    Coordinates of rigid bodies and widths that are refined together have no linear relation to tell.
    """
    barred = {row for at, _ in free.widths for row in at} | {row for body in free.bodies for row in body.rows}
    groups: dict[int, list[tuple[float, str]]] = {}
    relations = []
    for row, name in enumerate(free.names):
        columns = np.flatnonzero(free.matrix[row])
        if row in barred or free.inverse[row] or not columns.size:
            continue
        if columns.size == 1:
            groups.setdefault(int(columns[0]), []).append((float(free.matrix[row, columns[0]]), name))
        else:
            terms = [(-float(free.matrix[row, j]), free.free[j]) for j in columns]
            relations.append(LinearRelation(((1.0, name), *terms), float(free.offset[row])))
    shared = tuple(SharedShift(tuple(terms)) for terms in groups.values() if len(terms) > 1)
    return shared, tuple(relations)

"""Read TOPAS input files (.inp) and structure files (.str): the subset that describes a model, not its programming.

Scales keep their meaning: areas are S m|F|² LP in both programs. For widths see ``phase_widths``; CS_L is a size in nm
with K = 1.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import radians
from pathlib import Path, PureWindowsPath

import numpy as np

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError, UnphysicalInput
from anatase.io.foreign import ForeignHistogram, ForeignPart, ForeignPhase, ForeignRefinement, LinearRelation
from anatase.io.phase_widths import crystallite_sample, shared_out
from anatase.io.plain_names import plain_name
from anatase.io.source import open_source
from anatase.io.tied_parameters import Use, free_and_shared
from anatase.io.topas_content import TopasContent, TopasPhase, TopasScan
from anatase.io.topas_keywords import read_content
from anatase.io.topas_macros import expanded
from anatase.io.topas_model import Placed, phase_structure, phase_texture, phase_widths, placed_crystallites
from anatase.io.topas_scan import scan_histogram, scan_radiation
from anatase.io.topas_text import TopasText, plain_text

__all__ = ["read_topas", "read_topas_structures"]


def read_topas(path: str | Path) -> ForeignRefinement:
    """Read a TOPAS ``.inp`` file, or a ``.str`` file with phases alone.

    Understood: xdd, emission lines and their macros, LP_Factor, zero error, displacement, axial model, bkg, ranges; str
    and hkl_Is with cell, space group, sites, scale, TCHZ and PV peak types, crystallite sizes and strains, preferred
    orientation; names, ``@``, ``!`` and equations. The rest is in ``warnings`` with its lines.

    Raises
    ------
    InputError
        When the file is none of TOPAS, needs another file, or a number, cell or space group in it is impossible.
    """
    source = open_source(path)
    if not source.is_text:
        raise source.error("this is no TOPAS input file", "give an .inp or .str file")
    content = TopasContent(TopasText(expanded(plain_text(source), source), source))
    read_content(content)
    if not any(scan.phases for scan in content.scans):
        raise source.error("the file holds no phase (str or hkl_Is)", "give a TOPAS input file")
    try:
        return _refinement(content, Path(path).parent)
    except InputError:
        raise  # one that is unphysical as well knows its line
    except PhysicsError as error:
        raise UnphysicalInput(str(error), "correct the numbers", file=source.name) from error


def read_topas_structures(path: str | Path) -> list[Structure]:
    """Return the structures of the phases with atoms in a TOPAS ``.inp`` or ``.str`` file.

    Raises
    ------
    InputError
        As ``read_topas``.
    """
    return [phase.structure for phase in read_topas(path).phases if phase.structure.sites]


def _refinement(content: TopasContent, folder: Path) -> ForeignRefinement:
    phases: dict[str, ForeignPhase] = {}
    histograms: list[ForeignHistogram] = []
    placed: list[Placed] = []
    taken: set[str] = set()
    for number, scan in enumerate(content.scans, 1):
        if not scan.phases and not scan.file:
            continue
        name = plain_name(PureWindowsPath(scan.file).stem, f"scan_{number}", taken)
        histogram, parts, places = _scan(content, scan, name, (phases, set(taken)), folder)
        placed += places
        # a file of phases alone describes no measurement
        if scan.file:
            histograms.append(histogram)
        for phase, part in parts:
            held = phases.get(phase.name, phase)
            phases[phase.name] = ForeignPhase(held.name, held.structure, {**held.parts, name: part}, held.mode)
    structures = [(phase.name, phase.structure) for phase in phases.values()]
    uses, relations = _uses(content, placed)
    free, shared = free_and_shared(uses, structures)
    for keyword, lines in content.skipped.items():
        content.warnings.append(f"line {', '.join(map(str, lines[:5]))}: {keyword} is not taken over")
    kept = tuple(one for one in relations if all(target in free for _, target in one.terms))
    return ForeignRefinement(
        tuple(phases.values()), tuple(histograms), free, shared, kept, warnings=tuple(dict.fromkeys(content.warnings))
    )


def _scan(
    content: TopasContent, scan: TopasScan, name: str, known: tuple[dict[str, ForeignPhase], set[str]], folder: Path
) -> tuple[ForeignHistogram, list[tuple[ForeignPhase, ForeignPart]], list[Placed]]:
    """Return a scan as a histogram, its phases with their parts in it, and the places of all its numbers.

    ``known``: the phases of the scans before it, and the names that histograms have.
    """
    phases, here = known
    alone = not scan.file and not scan.lines
    radiation = scan_radiation(_quiet(content) if alone else content, scan)
    capillary = content.value(scan.numbers["capillary"]) if "capillary" in scan.numbers else None
    widths = [phase_widths(content, scan, phase, radiation.wavelength) for phase in scan.phases]
    common, added, whole = shared_out(widths)
    if not whole:
        content.at(scan.line, "V or W of the phases' line widths differ: those of the first are taken for all")
    elif len({replace(one, size_gauss=0, size_lorentz=0, strain_gauss=0, strain_lorentz=0) for one in widths}) > 1:
        content.at(scan.line, "the phases' line widths differ: what one has more than another is its size and strain")
    histogram, placed = scan_histogram(content, scan, name, radiation, common, folder)
    found = []
    for index, (phase, more) in enumerate(zip(scan.phases, added, strict=True), 1):
        own, structure, places = _named_phase(content, phase, index, phases, here)
        sample = crystallite_sample(phase_texture(content, phase, capillary), more, radiation.wavelength, 1.0)
        scale = content.value(phase.numbers["scale"], phase.numbers) if "scale" in phase.numbers else 1.0
        mode = phase.mode if phase.mode in ("lebail", "pawley") else "rietveld"
        found.append((ForeignPhase(own, structure, {}, mode), ForeignPart(scale, sample)))  # type: ignore[arg-type]
        placed += places + placed_crystallites(phase, f"{own}.{name}")
        if more.strain_lorentz > 0.0 and "Strain_L" not in phase.numbers and _own_x(phase, scan.phases[0]):
            placed.append(Placed(phase.numbers["X"], f"{own}.{name}.strain", radians(0.25), phase.numbers))
        if "scale" in phase.numbers:
            placed.append(Placed(phase.numbers["scale"], f"{own}.{name}.scale", 1.0, phase.numbers))
    return histogram, found, placed


def _own_x(phase: TopasPhase, first: TopasPhase) -> bool:
    """Tell whether a phase has a width X of its own, which is then its strain."""
    return "X" in phase.numbers and "X" in first.numbers and phase.numbers["X"].key != first.numbers["X"].key


def _quiet(content: TopasContent) -> TopasContent:
    """Return a content whose warnings nobody hears: files of phases alone lack the scan on purpose."""
    return TopasContent(content.text, content.names, content.scans)


def _named_phase(
    content: TopasContent, phase: TopasPhase, index: int, phases: dict[str, ForeignPhase], here: set[str]
) -> tuple[str, Structure, list[Placed]]:
    """Return name, structure and places of a phase; in several scans the same name and structure are one phase."""
    default = f"phase_{index}"
    name = plain_name(phase.name, default, here)
    structure, places = phase_structure(content, phase, name)
    if name in phases and not _alike(phases[name].structure, structure):
        everywhere = here | {one.lower() for one in phases}
        name = plain_name(phase.name, default, everywhere)
        here.add(name.lower())
        structure, places = phase_structure(content, phase, name)
    return name, structure, places


def _alike(one: Structure, other: Structure) -> bool:
    return (
        one.space_group == other.space_group
        and bool(np.allclose(one.lattice.parameters, other.lattice.parameters, rtol=1e-6))
        and [site.label for site in one.sites] == [site.label for site in other.sites]
    )


def _uses(content: TopasContent, placed: Iterable[Placed]) -> tuple[list[Use], list[LinearRelation]]:
    """Return what each refined number moves, and the sums that equations in several of them hold."""
    uses: list[Use] = []
    sums: list[tuple[Placed, dict[str, float]]] = []
    home: dict[str, tuple[str, float]] = {}
    for one in placed:
        try:
            slopes = content.names.slopes(one.number, one.local)
        except InputError as error:
            raise content.text.source.error(error.found, error.remedy, one.number.line) from error
        if slopes is None:
            content.at(one.number.line, f"{one.target} = {one.number.equation}; is not linear: its value is held")
        elif len(slopes) == 1:
            (key, slope), *_ = slopes.items()
            uses.append(Use(key, one.target, one.factor * slope))
            home.setdefault(key, (one.target, one.factor * slope))
        elif slopes:
            sums.append((one, slopes))
    relations = []
    for one, slopes in sums:
        if not all(key in home for key in slopes):
            content.at(one.number.line, f"{one.target} = {one.number.equation}; follows numbers without a place here")
            continue
        terms = [(1.0, one.target)]
        total = one.factor * content.value(one.number, one.local)
        for key, slope in slopes.items():
            target, factor = home[key]
            ratio = float(f"{one.factor * slope / factor:.9g}")
            terms.append((-ratio, target))
            total -= ratio * factor * (content.names.numbers[key].value or 0.0)
        uses.append(Use(f"={one.target}", one.target))
        relations.append(LinearRelation(tuple(terms), total))
    return uses, relations

"""Read FullProf control files (.pcr), of one pattern or several.

Scales keep their meaning: areas are S m|F|² LP in both programs, whatever constant the Lorentz factor has.
"""

from __future__ import annotations

from pathlib import Path, PureWindowsPath
from typing import Literal

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError, UnphysicalInput
from anatase.io.foreign import ForeignHistogram, ForeignPart, ForeignPhase, ForeignRefinement
from anatase.io.fullprof_content import PcrContent, read_content
from anatase.io.fullprof_pattern import pattern_background, pattern_bank, pattern_diffractometer
from anatase.io.fullprof_phase import coded_use, phase_structure
from anatase.io.fullprof_text import PcrText
from anatase.io.plain_names import plain_name
from anatase.io.source import open_source
from anatase.io.tied_parameters import Use, free_and_shared

__all__ = ["read_fullprof", "read_fullprof_structures"]

Mode = Literal["rietveld", "lebail", "pawley"]


def read_fullprof(path: str | Path) -> ForeignRefinement:
    """Read a FullProf ``.pcr`` file: X-rays, neutrons of constant wavelength, time of flight.

    Understood: both layouts (one pattern; NPATT), profile functions 0, 1, 5, 7 and of time of flight 9, Rietveld and
    profile matching, backgrounds by points, polynomials and Debye terms, codewords. The rest is refused by its line, or
    told of in ``warnings`` where only a detail is lost.

    Raises
    ------
    InputError
        When a line is not what its place asks for, or asks for what is not known here.
    """
    source = open_source(path)
    if not source.is_text:
        raise source.error("this is no FullProf control file", "give a .pcr file")
    text = PcrText(source)
    content = read_content(text)
    try:
        return _refinement(text, content, Path(path).stem)
    except InputError:
        raise  # one that is unphysical as well knows its line
    except PhysicsError as error:
        raise UnphysicalInput(str(error), "correct the numbers", file=source.name) from error


def read_fullprof_structures(path: str | Path) -> list[Structure]:
    """Return the structures of the phases with atoms in a ``.pcr`` file.

    Raises
    ------
    InputError
        As ``read_fullprof``.
    """
    return [phase.structure for phase in read_fullprof(path).phases if phase.structure.sites]


def _refinement(text: PcrText, content: PcrContent, stem: str) -> ForeignRefinement:
    warnings: list[str] = []
    uses: list[Use] = []
    structures: list[tuple[str, Structure, Mode, float]] = []
    taken: set[str] = set()
    for index, phase in enumerate(content.phases, 1):
        name = plain_name(phase.name, f"phase_{index}", taken)
        structure, places, scale = phase_structure(text, phase, name, warnings)
        structures.append((name, structure, "rietveld" if phase.mode == 0 else "lebail", scale))
        uses += places
    parts: list[dict[str, ForeignPart]] = [{} for _ in structures]
    histograms: list[ForeignHistogram] = []
    for number, pattern in enumerate(content.patterns):
        file = pattern.file or f"{stem}.dat"
        name = plain_name(PureWindowsPath(file).stem, f"pattern_{number + 1}", taken)
        here = [(k, phase.profiles[number]) for k, phase in enumerate(content.phases) if number in phase.profiles]
        make = pattern_bank if pattern.is_tof else pattern_diffractometer
        beam, samples, places = make(text, pattern, name, [(structures[k][0], one) for k, one in here], warnings)
        uses += places
        for (k, profile), sample in zip(here, samples, strict=True):
            target = f"{structures[k][0]}.{name}.scale"
            parts[k][name] = ForeignPart(profile.scale[0].value * structures[k][3], sample)
            uses += coded_use(profile.scale[0], target, structures[k][3])
        background, places = pattern_background(pattern, name, warnings)
        uses += places
        excluded = tuple(pattern.excluded)
        histograms.append(ForeignHistogram(name, beam, background, file, limits=pattern.limits, excluded=excluded))
    free, shared = free_and_shared(uses, [(name, structure) for name, structure, _, _ in structures])
    phases = tuple(
        ForeignPhase(name, structure, one, mode)
        for (name, structure, mode, _), one in zip(structures, parts, strict=True)
    )
    told = tuple(dict.fromkeys(warnings))
    return ForeignRefinement(phases, tuple(histograms), free, shared, title=content.title, warnings=told)

"""Read and write BGMN control files (.sav), which name the pattern, the structure files and what is refined.

Keys after the BGMN manual (Bergmann, Friedel & Kleeberg (1998) CPD Newsletter 20, 5). The instrument stands in a file
of BGMN's own (VERZERR), which is not read.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from math import acos, degrees, pi, sqrt
from pathlib import Path, PureWindowsPath

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.io.bgmn import read_bgmn
from anatase.io.bgmn_losses import bgmn_losses
from anatase.io.bgmn_write import bgmn_phase_name, bgmn_str
from anatase.io.expression import evaluate
from anatase.io.foreign import (
    ForeignDiffractometer,
    ForeignHistogram,
    ForeignPart,
    ForeignPhase,
    ForeignRefinement,
)
from anatase.io.plain_names import plain_name
from anatase.io.source import Source, open_source
from anatase.io.text_file import write_text
from anatase.io.tied_parameters import Use, free_and_shared
from anatase.pattern.background_model import BackgroundModel
from anatase.scattering.emission import ANODES, emission_profile
from anatase.scattering.lorentz_polarization import effective_polarization
from anatase.scattering.radiation import Radiation
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = ["bgmn_sav", "read_bgmn_sav", "write_bgmn_sav"]

ENTRY = re.compile(r"(PARAM(?:\[\d+\])?=)?([A-Za-z]\w*)(?:\[(\d+)\])?=(.*)")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
ANGSTROM_PER_NM = 10.0
LONGEST_NAME = 250
WHOLE_RANGE = (5.0, 120.0)
FREE_CELL = r"PARAM=(A|B|C|ALPHA|BETA|GAMMA)="
FREE_WIDTH = {"B1": "size", "k2": "strain"}
FREE_SITE = {"x": "x", "y": "y", "z": "z", "TDS": "u_iso"}
UNBROADENED = Sample(size=1e4, strain=1e-4)  # B1 = 0 and k2 = 0 but for something to refine
SHIFTS = {"EPS1": "zero", "EPS2": "displacement", "EPS3": "penetration"}
# results, and what steers the calculation: nothing of the model
SILENT = re.compile(
    r"STRUCOUT|SimpleSTRUCOUT|LIST|OUTPUT|DIAGRAMM|PLAN|NTHREADS|PROTOKOLL|SAVE|GOAL\w*|PDBOUT|RESOUT|FCFOUT|ONLYISO|"
    r"ITMAX|LIMIT\d+|ANISO\d?LIMIT|pi|my\w*|STANDALONEPLAN"
)


@dataclass
class _Control:
    """The entries of a file: value and line by key and index, and the keys that PARAM frees."""

    source: Source
    entries: dict[str, dict[int, tuple[str, int]]] = field(default_factory=dict)
    free: set[str] = field(default_factory=set)
    warnings: list[str] = field(default_factory=list)

    def text(self, key: str) -> str:
        return next(iter(self.entries.get(key, {}).values()), ("", 0))[0]

    def line(self, key: str) -> int:
        return next(iter(self.entries.get(key, {}).values()), ("", 1))[1]

    def number(self, key: str, default: float | None = None) -> float | None:
        text = self.text(key)
        if not text:
            return default
        found = NUMBER.match(text)
        if found and (found.end() == len(text) or text[found.end()] in "_^"):  # 0_-0.01^0.01: value and its limits
            return float(found.group())
        try:
            return evaluate(text, {"pi": pi})
        except InputError as error:
            raise self.source.error(error.found, error.remedy, self.line(key)) from error


def read_bgmn_sav(path: str | Path) -> ForeignRefinement:
    """Read a BGMN ``.sav`` file with the ``.str`` files that it names, which must lie beside it.

    Raises
    ------
    InputError
        When the file names no structures or no pattern, a structure file is missing, or a number cannot be read.
    """
    source = open_source(path)
    if not source.is_text:
        raise source.error("this is no BGMN control file", "give a .sav file")
    control = _control(source)
    if not any(text for text, _ in control.entries.get("STRUC", {}).values()):
        raise source.error("the file names no structure (STRUC[1]=…)", "give a complete BGMN control file")
    data = control.text("VAL")
    if not data:
        raise source.error("the file names no pattern (VAL[1]=…)", "give a complete BGMN control file")
    name = plain_name(PureWindowsPath(data).stem, "scan", set())
    phases, uses = _phases(control, Path(path).parent, name)
    histogram = ForeignHistogram(
        name,
        ForeignDiffractometer(_radiation(control), Instrument()),
        _background(control),
        data,
        limits=_limits(control),
    )
    uses += [Use(key, f"{name}.{target}") for key, target in SHIFTS.items() if key in control.free]
    for key, target in SHIFTS.items():
        if control.number(key, 0.0) != 0.0:
            control.warnings.append(
                f"line {control.line(key)}: {key} is a shift in BGMN's own unit: {target} starts at 0"
            )
    if histogram.background is not None:
        uses += [Use(n, f"{name}.background.{n}") for n in histogram.background.names if n != "inverse"]
    _tell(control)
    free, shared = free_and_shared(uses, [(phase.name, phase.structure) for phase in phases])
    return ForeignRefinement(phases, (histogram,), free, shared, warnings=tuple(control.warnings))


def _control(source: Source) -> _Control:
    control = _Control(source)
    for number, raw in enumerate(source.lines, start=1):
        text = raw.split("%")[0].strip()
        match = ENTRY.fullmatch(text)
        if match is None:
            if text:
                control.warnings.append(f"line {number}: '{text[:40]}' is no assignment: left out")
            continue
        freed, key, index, value = match.groups()
        control.entries.setdefault(key, {})[int(index or 1)] = (value.strip(), number)
        if freed:
            control.free.add(key)
    return control


def _phases(control: _Control, folder: Path, name: str) -> tuple[tuple[ForeignPhase, ...], list[Use]]:
    found: list[ForeignPhase] = []
    uses: list[Use] = []
    for _, (file, line) in sorted(control.entries["STRUC"].items()):
        if not file:
            continue
        path = folder / PureWindowsPath(file).as_posix()
        if len(file) > LONGEST_NAME or not path.is_file():
            raise control.source.error(f"the structure file {file} is missing", "put it beside the .sav file", line)
        (structure,) = read_bgmn(path)
        phase = bgmn_phase_name(structure.name or path.stem)
        if any(phase == one.name for one in found):
            phase = f"{phase}_{len(found) + 1}"
        found.append(ForeignPhase(phase, structure, {name: ForeignPart(sample=UNBROADENED)}))
        control.warnings += [f"{file}: {text}" for text in structure.warnings]
        uses.append(Use(f"{phase} GEWICHT", f"{phase}.{name}.scale"))
        uses += _structure_uses(path, phase, structure, f"{phase}.{name}")
    return tuple(found), uses


def _structure_uses(path: Path, phase: str, structure: Structure, part: str) -> list[Use]:
    """Return what a structure file frees of cell, crystallites, and sites by their line E=."""
    head, *atoms = re.split(r"\bE=", re.sub(r"//.*", "", path.read_text(encoding="latin-1")))
    uses = [Use(f"{phase} {key}", f"{phase}.{key.lower()}") for key in re.findall(FREE_CELL, head)]
    uses += [Use(f"{phase} {key}", f"{part}.{FREE_WIDTH[key]}") for key in re.findall(r"PARAM=(B1|k2)=", head)]
    labels = {site.label for site in structure.sites}
    for number, (atom, element) in enumerate(((one, re.match(r"\(?([A-Za-z]+)", one)) for one in atoms), 1):
        label = f"{element.group(1).capitalize()}{number}" if element else ""
        if label in labels:
            names = (FREE_SITE[key] for key in re.findall(r"PARAM=(x|y|z|TDS)=", atom))
            uses += [Use(f"{phase} {label} {name}", f"{phase}.{label}.{name}") for name in names]
    return uses


def _radiation(control: _Control) -> Radiation:
    """Return the radiation: SYNCHROTRON in nm, or LAMBDA, the anode of an emission profile; POL = cos² of 2θ_M."""
    polarization = control.number("POL", 1.0)
    synchrotron = control.number("SYNCHROTRON")
    if polarization is None or not 0.0 <= polarization <= 1.0:
        raise control.source.error(f"POL = {polarization} is no cos² of an angle", "give 0 to 1", control.line("POL"))
    angle = degrees(acos(sqrt(polarization)))
    if synchrotron is not None:
        wavelength = synchrotron * ANGSTROM_PER_NM
        return Radiation("xray", ((wavelength, 1.0),), 0.0, name=f"{wavelength:g} Å")
    text = control.text("LAMBDA") or "CU"
    anode = text[:2].capitalize()
    if anode not in ANODES:
        raise control.source.error(f"LAMBDA={text} names no known anode", "give CU, CO, FE, …", control.line("LAMBDA"))
    if re.fullmatch(r"[A-Za-z]{2}(KA1?)?", text) is None:
        control.warnings.append(
            f"line {control.line('LAMBDA')}: emission profile {text} read as the Kα lines of {anode}"
        )
    try:
        profile = emission_profile(anode, "Ka")
    except InputError:
        lines = ANODES[anode]
        return Radiation("xray", ((lines.ka1, 1.0), (lines.ka2, 0.5)), 1.0, angle, f"{anode}Ka")
    shape = tuple(zip(profile.wavelengths, profile.weights, strict=True))
    return Radiation("xray", shape, 1.0, angle, f"{anode}Ka{len(shape)}", line_widths=profile.widths)


def _limits(control: _Control) -> tuple[float, float] | None:
    low, high = control.number("WMIN"), control.number("WMAX")
    if low is None and high is None:
        return None
    ends = (WHOLE_RANGE[0] if low is None else low, WHOLE_RANGE[1] if high is None else high)
    if not 0.0 <= ends[0] < ends[1] <= 180.0:
        raise control.source.error(
            f"the range from {ends[0]:g} to {ends[1]:g} is empty", "correct it", control.line("WMAX")
        )
    return ends


def _background(control: _Control) -> BackgroundModel | None:
    """Return a polynomial of as many terms as RU gives, ``None`` where BGMN chooses."""
    terms = control.number("RU")
    if terms is None:
        return None
    if not 1 <= terms <= 100:
        raise control.source.error(f"RU = {terms:g} terms of background", "give 1 to 100", control.line("RU"))
    return BackgroundModel(_limits(control) or WHOLE_RANGE, (0.0,) * int(terms))


def _tell(control: _Control) -> None:
    read = {"STRUC", "VAL", "LAMBDA", "SYNCHROTRON", "POL", "WMIN", "WMAX", "RU", *SHIFTS}
    if control.text("VERZERR"):
        control.warnings.append(f"line {control.line('VERZERR')}: the instrument {control.text('VERZERR')} is not read")
    for key, entries in control.entries.items():
        if key not in read and key != "VERZERR" and SILENT.fullmatch(key) is None:
            lines = ", ".join(str(line) for _, line in entries.values())
            control.warnings.append(f"line {lines}: {key} is not taken over")
    if len(control.entries.get("VAL", {})) > 1:
        control.warnings.append(f"line {control.line('VAL')}: the first of several patterns is taken")


def write_bgmn_sav(refinement: ForeignRefinement, path: str | Path, instrument: str = "device.geq") -> tuple[str, ...]:
    """Write a ``.sav`` file, and beside it a ``.str`` file for each phase.

    Returns
    -------
    What BGMN has no words for; it stands in the file as a comment too.

    Raises
    ------
    InputError
        As ``bgmn_sav``, and ``bgmn_str`` for each phase.
    """
    path = Path(path)
    text = bgmn_sav(refinement, path.stem, instrument)
    structures = {
        f"{bgmn_phase_name(one.name)}.str": bgmn_str(one.structure, one.name, _free_of(one, refinement.free))
        for one in refinement.phases
    }
    write_text(path, text)
    for name, content in structures.items():
        write_text(path.parent / name, content)
    return bgmn_losses(refinement)


def _free_of(phase: ForeignPhase, free: Collection[str]) -> frozenset[str]:
    """Return what of a phase's sites is refined, as ``O1.x``; nothing where its intensities are free of them."""
    if phase.mode != "rietveld":
        return frozenset()
    return frozenset(name.removeprefix(f"{phase.name}.") for name in free if name.startswith(f"{phase.name}."))


def bgmn_sav(refinement: ForeignRefinement, stem: str = "refinement", instrument: str = "device.geq") -> str:
    """Return the text of a BGMN control file; ``instrument`` is BGMN's own file of the instrumental profile.

    Raises
    ------
    InputError
        When there is not one pattern, or it is none of X-rays at a constant wavelength.
    """
    if len(refinement.histograms) != 1:
        raise InputError(f"the refinement has {len(refinement.histograms)} patterns", "BGMN takes one")
    (histogram,) = refinement.histograms
    beam = histogram.beam
    if not isinstance(beam, ForeignDiffractometer) or beam.radiation.probe != "xray":
        raise InputError(f"{histogram.name} is no X-ray pattern of constant wavelength", "BGMN takes those")
    name = histogram.name
    lines = [f"VERZERR={instrument}", _lambda(beam.radiation)]
    if (polarization := effective_polarization(beam.radiation)) < 1.0 and beam.radiation.polarization > 0.0:
        lines.append(f"POL={polarization:.9g}")
    lines.append(f"VAL[1]={histogram.data_file or f'{name}.xy'}")
    for number, phase in enumerate(refinement.phases, 1):
        file = bgmn_phase_name(phase.name)
        lines += [f"STRUC[{number}]={file}.str", f"STRUCOUT[{number}]={file}-{stem}.str"]
    if histogram.limits is not None:
        lines += [f"WMIN={histogram.limits[0]:.9g}", f"WMAX={histogram.limits[1]:.9g}"]
    if histogram.background is not None and histogram.background.chebyshev:
        lines.append(f"RU={len(histogram.background.chebyshev)}")
    lines += [f"LIST={stem}.lst", f"OUTPUT={stem}.par", f"DIAGRAMM={stem}.dia"]
    shifts = [key for key, target in SHIFTS.items() if f"{name}.{target}" in refinement.free]
    lines += [f"PARAM[{number}]={key}=0_-0.01^0.01" for number, key in enumerate(shifts, 1)]
    total = "+".join(bgmn_phase_name(phase.name) for phase in refinement.phases)
    lines += [f"GOAL[{n}]={bgmn_phase_name(one.name)}/({total})" for n, one in enumerate(refinement.phases, 1)]
    told = [f"% not written: {text}" for text in bgmn_losses(refinement)]
    return "\n".join(["% written by anatase", *told, *lines, "PROTOKOLL=Y"]) + "\n"


def _lambda(radiation: Radiation) -> str:
    """Return LAMBDA of the anode with these lines, or SYNCHROTRON in nm."""
    for anode, lines in ANODES.items():
        if radiation.polarization > 0.0 and abs(radiation.wavelength - lines.ka1) < 1e-3:
            return f"LAMBDA={anode.upper()}"
    return f"SYNCHROTRON={radiation.wavelength / ANGSTROM_PER_NM:.9g}"

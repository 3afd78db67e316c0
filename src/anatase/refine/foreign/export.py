"""Write a refinement, or its structures, as files of other programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from anatase.errors import InputError
from anatase.io.foreign import ForeignRefinement
from anatase.io.gsasii_instprm import write_instprm
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.shelx_write import ins_text
from anatase.io.text_file import write_text
from anatase.io.write import write
from anatase.io.write_cif import write_structure
from anatase.refine.foreign.foreign_model import foreign_of
from anatase.refine.model import ConstantWavelength
from anatase.refine.refinement import Refinement

__all__ = ["EXPORTS", "export_refinement"]

# program -> suffix, module and function that writes a ForeignRefinement
EXPORTS: dict[str, tuple[str, str, str]] = {
    "topas": (".inp", "anatase.io.topas_write", "write_topas"),
    "fullprof": (".pcr", "anatase.io.fullprof_write", "write_fullprof"),
    "gsas": (".EXP", "anatase.io.gsas_write_exp", "write_exp"),
    "gsas2": (".instprm", "", ""),
    "bgmn": (".sav", "anatase.io.bgmn_sav", "write_bgmn_sav"),
    "shelx": (".ins", "", ""),
}


def export_refinement(
    refinement: Refinement, program: str, path: Path, tell: Callable[[str], None] | None = None
) -> tuple[Path, ...]:
    """Write a refinement for another program, and each pattern beside it as x, y, σ; return what was written.

    GSAS-II gets what it imports: an instrument file for each pattern and a CIF for each phase. SHELX takes one
    structure, that of the first phase. Without a suffix the path gets the program's own.

    Parameters
    ----------
    refinement
        What to write.
    program
        One of ``EXPORTS``.
    path
        Of the main file.
    tell
        Called with what the program has no words for, which stands in its file as comments too.

    Raises
    ------
    InputError
        When the program is unknown, or has no way to state the refinement.
    """
    if program not in EXPORTS:
        raise InputError(f"'{program}' is no program to write for", f"give one of {', '.join(EXPORTS)}")
    suffix, module, function = EXPORTS[program]
    path = path if path.suffix else path.with_suffix(suffix)
    if program == "shelx":
        write_text(path, ins_text(refinement.model.phases[0].structure, _wavelength(refinement)))
        return (path,)
    foreign = foreign_of(refinement)
    data = []
    for one in refinement.model.histograms:
        target = path.with_name(f"{path.stem}_{one.name}.xye")
        write(one.pattern, target, "xye")
        data.append(target)
    if program == "gsas2":
        return (*_for_gsas2(foreign, path), *data)
    named = tuple(replace(one, data_file=target.name) for one, target in zip(foreign.histograms, data, strict=True))
    writer: Callable[[ForeignRefinement, Path], tuple[str, ...]] = getattr(import_module(module), function)
    for missing in writer(replace(foreign, histograms=named), path):
        if tell is not None:
            tell(f"not written: {missing}")
    return (path, *data)


def _for_gsas2(foreign: ForeignRefinement, path: Path) -> list[Path]:
    written = []
    for one in foreign.histograms:
        written.append(path.with_name(f"{path.stem}_{one.name}.instprm"))
        write_instprm([InstrumentBank(1, one.beam, one.name)], written[-1])
    for phase in foreign.phases:
        written.append(path.with_name(f"{path.stem}_{phase.name}.cif"))
        write_structure(phase.structure, written[-1])
    return written


def _wavelength(refinement: Refinement) -> float:
    beam = refinement.model.histograms[0].beam
    if not isinstance(beam, ConstantWavelength):
        raise InputError("SHELX takes one wavelength, and the pattern is of time of flight", "write a CIF instead")
    return beam.radiation.wavelength

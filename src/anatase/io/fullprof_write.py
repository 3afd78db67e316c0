"""Write refinements as FullProf control files (.pcr): one pattern in the short layout, several under NPATT.

What FullProf has no words for stands in comments under the title.
"""

from __future__ import annotations

from pathlib import Path

from anatase.errors import InputError
from anatase.io.foreign import ForeignBank, ForeignHistogram, ForeignPhase, ForeignRefinement
from anatase.io.fullprof_codes import Codewords
from anatase.io.fullprof_write_pattern import (
    background_kind,
    data_file,
    job_and_geometry,
    keep_histogram,
    optics_lines,
    point_lines,
    range_text,
    shift_lines,
    texture_function,
)
from anatase.io.fullprof_write_phase import atom_lines, keep_phase, profile_lines
from anatase.io.fullprof_write_tof import bank_profile_lines
from anatase.io.listed_atoms import written_group
from anatase.io.text_file import write_text
from anatase.io.tied_values import TiedValues, keep_structure

__all__ = ["fullprof_pcr", "write_fullprof"]

RULE = "!" + 79 * "-"


def write_fullprof(refinement: ForeignRefinement, path: str | Path) -> tuple[str, ...]:
    """Write a refinement as a FullProf ``.pcr`` file; its data are read as x, y, σ (Ins = 10).

    Returns
    -------
    What the program has no words for; it stands in the file as a comment too.

    Raises
    ------
    InputError
        As ``fullprof_pcr``.
    """
    missing: list[str] = []
    write_text(Path(path), fullprof_pcr(refinement, missing))
    return tuple(dict.fromkeys(missing))


def fullprof_pcr(refinement: ForeignRefinement, missing: list[str] | None = None) -> str:
    """Return the text of a FullProf control file, with codewords for what is free and tied.

    What FullProf has no words for is added to ``missing``.

    Raises
    ------
    InputError
        When there is no pattern, or a space group stands in a setting without a symbol.
    """
    if not refinement.histograms:
        raise InputError("the refinement has no pattern", "add one, or write its structures as CIF")
    missing = [] if missing is None else missing
    tied = TiedValues(refinement)
    for phase in refinement.phases:
        keep_structure(tied, phase.name, phase.structure)
        keep_phase(tied, phase)
    for histogram in refinement.histograms:
        keep_histogram(tied, histogram)
    codes = Codewords(tied)
    missing += [f"the relation {text}" for text in codes.untold]
    several = len(refinement.histograms) > 1
    # written before the head, which counts the parameters and lists what is missing
    patterns = [shift_lines(codes, histogram, missing) for histogram in refinement.histograms]
    points = [point_lines(codes, histogram) for histogram in refinement.histograms]
    phases: list[str] = []
    for number, phase in enumerate(refinement.phases, 1):
        phases += _phase_lines(codes, refinement, phase, number, missing)
    head = _several(refinement, points, missing) if several else _single(refinement, points[0], missing)
    body = [
        f"  {codes.count:6d}    !Number of refined parameters",
        *(line for one in patterns for line in one),
        *phases,
    ]
    told = [f"! not written: {text}" for text in dict.fromkeys(missing)]
    files = ", ".join(data_file(one) for one in refinement.histograms)
    title = f"COMM {refinement.title or 'refinement'}"
    return "\n".join([title, f"! Files => DAT-file: {files.split(', ')[0]},  PCR-file:", *told, *head, *body, ""])


def _single(refinement: ForeignRefinement, points: list[str], missing: list[str]) -> list[str]:
    """Return the lines of the short layout up to the number of parameters."""
    (histogram,) = refinement.histograms
    job, geometry = job_and_geometry(histogram)
    flags = [job, _function(histogram), len(refinement.phases), background_kind(histogram), len(histogram.excluded), 0]
    flags += [texture_function(refinement, histogram), 0, 0, geometry, 0, 0, 0, 0, 0, int(job < 0), 0, 0, 1]
    return [
        "!Job Npr Nph Nba Nex Nsc Nor Dum Iwg Ilo Ias Res Ste Nre Cry Uni Cor Opt Aut",
        " ".join(f"{flag:3d}" for flag in flags),
        "!Ipr Ppl Ioc Mat Pcr Ls1 Ls2 Ls3 NLI Prf Ins Rpa Sym Hkl Fou Sho Ana",
        "  0   0   1   0   1   0   4   0   0   3  10   0   0   0   0   0   0",
        *optics_lines(refinement, histogram, 1, missing),
        "!NCY  Eps  R_at  R_an  R_pr  R_gl     Thmin       Step       Thmax    PSD    Sent0",
        f" 20  0.10  1.00  1.00  1.00  1.00  {range_text(histogram)}",
        *points,
    ]


def _several(refinement: ForeignRefinement, points: list[list[str]], missing: list[str]) -> list[str]:
    """Return the lines of the layout of several patterns up to the number of parameters."""
    histograms = refinement.histograms
    n = len(histograms)
    lines = [f"NPATT {n} {' '.join(n * ['1'])} <- Flags for patterns (1:refined, 0: excluded)"]
    lines += ["W_PAT " + " ".join(n * ["1.000"]), "!Nph Dum Ias Nre Cry Opt Aut"]
    lines += [f"{len(refinement.phases):4d}   0   0   0   0   0   1"]
    lines.append("!Job Npr Nba Nex Nsc Nor Iwg Ilo Res Ste Uni Cor Anm Int")
    for one in histograms:
        job, geometry = job_and_geometry(one)
        flags = [
            job,
            _function(one),
            background_kind(one),
            len(one.excluded),
            0,
            texture_function(refinement, one),
            0,
            geometry,
        ]
        lines.append(" ".join(f"{flag:3d}" for flag in [*flags, 0, 0, int(job < 0), 0, 0, 0]))
    lines += ["!File names of data(patterns) files", *(data_file(one) for one in histograms)]
    lines += ["!Mat Pcr NLI Rpa Sym Sho", "   0   1   0   0   0   0", "!Ipr Ppl Ioc Ls1 Ls2 Ls3 Prf Ins Hkl Fou Ana"]
    lines += n * ["   0   0   1   0   4   0   3  10   0   0   0"]
    for number, one in enumerate(histograms, 1):
        lines += optics_lines(refinement, one, number, missing)
    lines += ["!NCY  Eps  R_at  R_an  R_pr  R_gl", " 20  0.10  1.00  1.00  1.00  1.00"]
    lines += ["!     Thmin       Step       Thmax    PSD    Sent0", *(f"  {range_text(one)}" for one in histograms)]
    return lines + [line for one in points for line in one]


def _phase_lines(
    codes: Codewords, refinement: ForeignRefinement, phase: ForeignPhase, number: int, missing: list[str]
) -> list[str]:
    """Return a phase: its flags, group, atoms, and its profile in each pattern."""
    several = len(refinement.histograms) > 1
    rietveld = phase.mode == "rietveld"
    mode = 0 if rietveld else 2
    if phase.mode == "pawley":
        missing.append(f"the Pawley mode of {phase.name}; profile matching stands for it")
    count = sum(len(site.species) for site in phase.structure.sites) if rietveld else 0
    weight = phase.structure.mass_per_cell if phase.structure.sites else 0.0
    here = [one for one in refinement.histograms if one.name in phase.parts]
    directions = {one.name: _direction(phase, one) for one in here}
    lines = [RULE, f"!  Data for PHASE number: {number}  ==> Current R_Bragg for Pattern#  1:", RULE, phase.name]
    if several:
        lines += ["!Nat Dis Ang Jbt Isy Str Furth        ATZ     Nvk More"]
        lines += [f"{count:4d}   0   0 {mode:3d}   0   0   0  {weight:.4f}   0   0"]
        lines += ["!Contributions (0/1) of this phase to the patterns"]
        lines.append(" ".join("1" if one in here else "0" for one in refinement.histograms))
        for one in here:
            lines += ["!Irf Npr Jtyp  Nsp_Ref Ph_Shift", f"   0   {_function(one)}    0      0      0"]
            lines += ["! Pr1    Pr2    Pr3   Brind.   Rmua   Rmub   Rmuc"]
            lines.append(f"  {directions[one.name]}  1.000  0.000  0.000  0.000")
    else:
        axis = directions[here[0].name] if here else "0.0 0.0 1.0"
        lines += ["!Nat Dis Ang Pr1 Pr2 Pr3 Jbt Irf Isy Str Furth       ATZ    Nvk Npr More"]
        function = _function(refinement.histograms[0])
        lines.append(f"{count:4d}   0   0 {axis} {mode:3d}   0   0   0   0  {weight:.4f}   0   {function}   0")
    # FullProf takes the second of two origins where a symbol names none
    symbol = written_group(phase.structure.space_group).removesuffix(":2")
    lines.append(f"{symbol}                   <--Space group symbol")
    charged = all(job_and_geometry(one)[0] == 0 for one in refinement.histograms)
    lines += atom_lines(codes, phase, charged=charged) if rietveld else []
    for one in here:
        if isinstance(one.beam, ForeignBank):
            lines += bank_profile_lines(codes, phase, one.name, one.beam, missing)
        else:
            lines += profile_lines(codes, phase, one.name, one.beam, missing)
    return lines


def _function(histogram: ForeignHistogram) -> int:
    """Return Npr: 9 by time of flight, else 7."""
    return 9 if isinstance(histogram.beam, ForeignBank) else 7


def _direction(phase: ForeignPhase, histogram: ForeignHistogram) -> str:
    sample = phase.parts[histogram.name].sample
    axis = sample.texture_axis or (sample.textures[0][0] if sample.textures else (0, 0, 1))
    return " ".join(f"{index:.1f}" for index in axis)

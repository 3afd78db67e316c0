"""Writing a SHELX .res file: the instructions that were read, with refined numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.io.shelx_code import RIDING_U, decoded
from anatase.io.shelx_instructions import ShelxAtom, ShelxDifferencePeak, ShelxInstructions
from anatase.io.shelx_lines import ShelxLine, shelx_lines, wrapped
from anatase.io.source import Source

__all__ = ["RefinedNumbers", "res_text"]

Array = NDArray[np.float64]

FILE_TENSOR = (0, 1, 2, 5, 4, 3)  # U11 U22 U33 U23 U13 U12 of the file among U11 U22 U33 U12 U13 U23
NEAR = 1e-9


@dataclass(frozen=True)
class RefinedNumbers:
    """What a refinement found, in the order of the file's atoms.

    x y z, sof, and U11 U22 U33 U12 U13 U23 or U_iso of each atom (s, 10); FVAR; BASF; EXTI (``None``: none); the peaks
    of the difference map; remarks for the end of the file.
    """

    atoms: Array
    variables: tuple[float, ...]
    fractions: tuple[float, ...] = ()
    extinction: float | None = None
    peaks: tuple[ShelxDifferencePeak, ...] = ()
    remarks: tuple[str, ...] = ()


def res_text(instructions: ShelxInstructions, refined: RefinedNumbers) -> str:
    """Return the text of a .res file: the file that was read with its free numbers replaced.

    Fixed and tied numbers keep their codes. ANIS and MOVE, which have been carried out, and old peaks are left out.
    """
    source = Source(instructions.name, "\n".join(instructions.lines).encode(), "")
    listed = {line.first: line for line in shelx_lines(source)}
    atoms = {atom.line: i for i, atom in enumerate(instructions.atoms)}
    out: list[str] = []
    written: set[str] = set()
    number, ended = 1, False
    while number <= len(instructions.lines) and not ended:
        line = listed.get(number)
        raw = instructions.lines[number - 1]
        last = number if line is None else line.last
        if line is not None and number in atoms:
            out += _missing(instructions, refined, written)
            out += _atom_lines(instructions, atoms[number], refined)
        elif line is not None and line.keyword in ("FVAR", "BASF", "EXTI"):
            out += _numbers_of(line.keyword, instructions, refined, written)
        elif line is not None and line.keyword == "END":
            ended = True
        elif line is None or not _dropped(line):
            out += [text.rstrip() for text in instructions.lines[number - 1 : last]] if line else [raw.rstrip()]
        number = last + 1
    out += [f"REM {remark}" for remark in refined.remarks]
    out += ["END", ""]
    for peak in refined.peaks:
        x, y, z = peak.xyz
        out.append(f"{peak.label:<4s} 1 {x:9.4f} {y:9.4f} {z:9.4f}  11.00000  0.05 {peak.height:7.2f}")
    return "\n".join(out).rstrip("\n") + "\n"


def _dropped(line: ShelxLine) -> bool:
    old_peak = line.words[0][0].upper() == "Q" and line.words[0][1:].isdigit() and len(line.words) == 8
    return line.keyword in ("ANIS", "MOVE") or old_peak


def _numbers_of(keyword: str, instructions: ShelxInstructions, refined: RefinedNumbers, written: set[str]) -> list[str]:
    """Return the lines of FVAR, BASF or EXTI, once."""
    if keyword in written:
        return []
    written.add(keyword)
    if keyword == "FVAR":
        return wrapped("FVAR", [f"{value:.5f}" for value in refined.variables])
    if keyword == "EXTI":
        if refined.extinction is None:
            return []
        return [f"EXTI {_coded(instructions.extinction or 0.0, refined.extinction):.6f}"]
    coded = instructions.batch_fractions or (0.0,) * len(refined.fractions)
    values = [_coded(code, value) for code, value in zip(coded, refined.fractions, strict=False)]
    return wrapped("BASF", [f"{value:.5f}" for value in values])


def _missing(instructions: ShelxInstructions, refined: RefinedNumbers, written: set[str]) -> list[str]:
    """Return FVAR where the file has none: it stands before the first atom."""
    if any(text[:4].upper() == "FVAR" for text in instructions.lines):
        return []
    return _numbers_of("FVAR", instructions, refined, written)


def _coded(code: float, value: float) -> float:
    """Return what to write for a number: its code where that fixes or ties it, else the value."""
    return value if decoded(code, 10**6).free else code


def _atom_lines(instructions: ShelxInstructions, index: int, refined: RefinedNumbers) -> list[str]:
    atom, values = instructions.atoms[index], refined.atoms[index]
    numbers = [f"{_coded(code, value):10.6f}" for code, value in zip(atom.xyz, values[:3].tolist(), strict=True)]
    own_sof = atom.sof if _sof_on_line(atom, instructions) else 11.0
    numbers.append(f"{_coded(own_sof, float(values[3])):10.5f}")
    if len(atom.u) == 6:
        u = values[4:][list(FILE_TENSOR)].tolist()
        numbers += [f"{_coded(code, value):9.5f}" for code, value in zip(atom.u, u, strict=True)]
    elif RIDING_U[0] < atom.u[0] < RIDING_U[1]:
        numbers.append(f"{atom.u[0]:9.5f}")
    else:
        numbers.append(f"{_coded(atom.u[0], float(values[4])):9.5f}")
    name = atom.label.partition("_")[0]
    return wrapped(f"{name:<4s} {atom.scatterer:3d}", numbers)


def _sof_on_line(atom: ShelxAtom, instructions: ShelxInstructions) -> bool:
    """Tell whether the sof is the atom's own, and not that of PART or AFIX in force."""
    words = instructions.lines[atom.line - 1].split()
    try:
        return len(words) > 5 and abs(float(words[5]) - atom.sof) < NEAR
    except ValueError:
        return False

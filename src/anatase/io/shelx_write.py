"""Writing SHELX .res and .ins files and lists of structure factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Structure
from anatase.io.shelx_code import RIDING_U, decoded
from anatase.io.shelx_instructions import ShelxAtom, ShelxDifferencePeak, ShelxInstructions
from anatase.io.shelx_lines import ShelxLine, shelx_lines
from anatase.io.shelx_symmetry import latt_and_symm
from anatase.io.source import Source

__all__ = ["RefinedNumbers", "fcf_text", "ins_text", "res_text"]

Array = NDArray[np.float64]

WIDTH = 78
FILE_TENSOR = (0, 1, 2, 5, 4, 3)  # U11 U22 U33 U23 U13 U12 of the file among U11 U22 U33 U12 U13 U23
NEAR = 1e-9


@dataclass(frozen=True)
class RefinedNumbers:
    """What a refinement found, in the order of the file's atoms.

    x y z, sof, and U11 U22 U33 U12 U13 U23 or U_iso of each atom (s, 10); FVAR; BASF; EXTI (``None``: none); the peaks of
    the difference map; remarks for the end of the file.
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
    out += [
        f"{peak.label:<4s} 1 {peak.xyz[0]:9.4f} {peak.xyz[1]:9.4f} {peak.xyz[2]:9.4f}  11.00000  0.05 {peak.height:7.2f}"
        for peak in refined.peaks
    ]
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
        return _wrapped("FVAR", [f"{value:.5f}" for value in refined.variables])
    if keyword == "EXTI":
        return (
            []
            if refined.extinction is None
            else [f"EXTI {_coded(instructions.extinction or 0.0, refined.extinction):.6f}"]
        )
    coded = instructions.batch_fractions or (0.0,) * len(refined.fractions)
    values = [_coded(code, value) for code, value in zip(coded, refined.fractions, strict=False)]
    return _wrapped("BASF", [f"{value:.5f}" for value in values])


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
    return _wrapped(f"{name:<4s} {atom.scatterer:3d}", numbers)


def _sof_on_line(atom: ShelxAtom, instructions: ShelxInstructions) -> bool:
    """Tell whether the sof is the atom's own, and not that of PART or AFIX in force."""
    words = instructions.lines[atom.line - 1].split()
    try:
        return len(words) > 5 and abs(float(words[5]) - atom.sof) < NEAR
    except ValueError:
        return False


def _wrapped(head: str, words: Sequence[str]) -> list[str]:
    """Return an instruction on lines of up to 78 characters, continued with =."""
    lines, current = [], head
    for word in words:
        if len(current) + len(word) + 3 > WIDTH:
            lines.append(f"{current} =")
            current = "    "
        current = f"{current} {word}"
    return [*lines, current]


def ins_text(structure: Structure, wavelength: float, *, scale: float = 1.0) -> str:
    """Return a .ins file that refines a structure from where it is; every species of a site is an atom of its own.

    Occupancies are fixed. Sites without displacement parameters start at U_iso = 0.05 Å².

    Parameters
    ----------
    structure
        In a setting that LATT and SYMM can say.
    wavelength
        Å.
    scale
        Overall scale, the first number of FVAR.

    Raises
    ------
    InputError
        When the centring has no number in SHELX.
    """
    lattice, group = structure.lattice, structure.space_group
    latt, symm = latt_and_symm(group)
    elements = sorted(structure.elements, key=lambda one: (one != "C", one != "H", one))
    counts = [structure.composition[element] for element in elements]
    cell = " ".join(f"{value:.5f}".rstrip("0").rstrip(".") for value in lattice.parameters)
    lines = [
        f"TITL {structure.name or structure.formula}",
        f"CELL {wavelength:.5f} {cell}",
        f"ZERR {structure.formula_units_per_cell} 0 0 0 0 0 0",
        f"LATT {latt}",
        *(f"SYMM {triplet.upper()}" for triplet in symm),
        *_wrapped("SFAC", elements),
        *_wrapped("UNIT", [f"{count:g}" for count in counts]),
        "L.S. 10",
        "FMAP 2",
        "PLAN 20",
        "WGHT 0.1",
        f"FVAR {scale:.5f}",
    ]
    names: set[str] = set()
    multiplicities = structure.cell_content.multiplicities.tolist()
    for site, multiplicity in zip(structure.sites, multiplicities, strict=True):
        for species in site.species:
            sof = 10.0 + species.occupancy * multiplicity / group.order
            u = _u_words(site)
            name = _unique_name(site.label, species.element, names)
            xyz = [f"{value:.6f}" for value in site.xyz]
            lines += _wrapped(f"{name:<4s} {elements.index(species.element) + 1}", [*xyz, f"{sof:.5f}", *u])
    return "\n".join([*lines, "HKLF 4", "END"]) + "\n"


def _u_words(site: Site) -> list[str]:
    if site.u_aniso is not None:
        return [f"{site.u_aniso[j]:.5f}" for j in FILE_TENSOR]
    return [f"{0.05 if site.u_iso is None else site.u_iso:.5f}"]


def _unique_name(label: str, element: str, taken: set[str]) -> str:
    """Return a name of at most four characters that begins with the element and no other atom bears."""
    clean = "".join(c for c in label if c.isalnum()).upper()[:4]
    name = clean if clean.startswith(element.upper()) else ""
    count = 0
    while not name or name in taken:
        count += 1
        name = f"{element.upper()}{count}"
    taken.add(name)
    return name


def fcf_text(
    structure: Structure,
    hkl: NDArray[np.int64],
    calculated: Array,
    observed: Array,
    sigma: Array,
    used: NDArray[np.bool_],
) -> str:
    """Return a list of structure factors as SHELXL's LIST 4 has it: h k l Fc² Fo² σ(Fo²) and whether it was fitted.

    hkl (n, 3), the rest (n,), on the absolute scale.
    """
    lattice, group = structure.lattice, structure.space_group
    head = [
        "data_refined",
        "_shelx_refln_list_code 4",
        f"_shelx_title '{structure.name.replace(chr(39), '')}'",
        *_symmetry_items(group),
        *(
            f"_cell_{key} {value:.5f}"
            for key, value in zip(
                ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma"),
                lattice.parameters,
                strict=True,
            )
        ),
        "loop_",
        *(f"_refln_{tag}" for tag in ("index_h", "index_k", "index_l", "F_squared_calc", "F_squared_meas")),
        "_refln_F_squared_sigma",
        "_refln_observed_status",
    ]
    rows = [
        f"{h:4d}{k:4d}{l:4d} {c:13.4f} {o:13.4f} {s:11.4f} {'o' if fitted else 'x'}"
        for (h, k, l), c, o, s, fitted in zip(
            hkl.tolist(), calculated.tolist(), observed.tolist(), sigma.tolist(), used.tolist(), strict=True
        )
    ]
    return "\n".join([*head, *rows]) + "\n"


def _symmetry_items(group: SpaceGroup) -> list[str]:
    return ["loop_", "_space_group_symop_operation_xyz", *(f"'{triplet}'" for triplet in group.triplets)]

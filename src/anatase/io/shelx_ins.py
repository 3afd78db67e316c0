"""Reading SHELX .ins and .res files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from anatase.crystal.displacement import site_tensor
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError, PhysicsError
from anatase.io.shelx_atoms import atom_of_words, numbers_of, restraint_of_words
from anatase.io.shelx_cards import INSTRUCTIONS, Reading
from anatase.io.shelx_code import decoded
from anatase.io.shelx_instructions import ShelxDifferencePeak, ShelxInstructions
from anatase.io.shelx_lines import ShelxLine, shelx_lines
from anatase.io.shelx_symmetry import space_group_of_latt
from anatase.io.source import Source, open_source

__all__ = ["instructions_of_source", "read_shelx_instructions"]

# what changes no refinement: tables, maps, names of files, hints to the linear algebra
WITHOUT_EFFECT = """
ACTA BIND BLOC BOND CONF CONN DAMP FMAP GRID HTAB LIST MORE MPLA PLAN PRIG RTAB SIZE STIR TIME TWST WIGL WPDB XNPD MOLE
REM END FEND
"""
RESTRAINTS = "DFIX DANG SADI FLAT SIMU ISOR DELU RIGU EADP EXYZ SUMP SAME"
NOT_APPLIED = "BUMP CHIV NCSY SWAT HOPE ANSC ANSR ABIN LAUE HFIX FRAG"


def read_shelx_instructions(path: str | Path) -> ShelxInstructions:
    """Read a SHELX .ins or .res file.

    Instructions as of the SHELXL manual (Sheldrick 2015, Acta Cryst. C71, 3). What bears on no refinement is passed
    over; what would and is not applied (BUMP, SWAT, HFIX, …) is told in ``warnings``.

    Raises
    ------
    InputError
        When the file cannot be read as instructions; it names the line.
    """
    return instructions_of_source(open_source(path))


def instructions_of_source(source: Source) -> ShelxInstructions:
    """Return the instructions in a source that is opened already; as ``read_shelx_instructions``."""
    reading, after, in_fragment = Reading(source), False, False
    peaks: list[ShelxDifferencePeak] = []
    for line in shelx_lines(source):
        in_fragment = line.keyword == "FRAG" or (in_fragment and line.keyword != "FEND")
        if in_fragment and line.keyword != "FRAG":
            continue
        try:
            if after or _is_peak(line, reading):
                peaks += _peak(line)
            else:
                _take(line, reading)
        except PhysicsError as error:
            raise source.error(str(error), "correct the cell", line.first) from error
        except InputError as error:
            if error.file is not None:
                raise
            raise source.error(error.found, error.remedy, line.first) from error
        after = after or line.keyword in ("HKLF", "END")
    return _finished(reading, tuple(peaks))


def _is_peak(line: ShelxLine, reading: Reading) -> bool:
    """Tell peaks, Q1 1 x y z 11 U height, from atoms of an element; old files have them before HKLF."""
    word = line.words[0].upper()
    return word[0] == "Q" and word[1:].isdigit() and len(line.words) == 8 and bool(reading.scatterers)


def _peak(line: ShelxLine) -> list[ShelxDifferencePeak]:
    word = line.words[0].upper()
    if word[0] != "Q" or not word[1:].isdigit() or len(line.words) < 8:
        return []
    x, y, z = (decoded(value, 10**6).constant for value in numbers_of(line.words[2:5]))
    return [ShelxDifferencePeak(line.words[0], (x, y, z), numbers_of(line.words[7:8])[0])]


def _take(line: ShelxLine, reading: Reading) -> None:
    key, words = line.keyword, line.words
    if key in INSTRUCTIONS:
        INSTRUCTIONS[key](words, reading)
    elif key in RESTRAINTS.split():
        reading.restraints.append(restraint_of_words(words, line.first))
    elif key in NOT_APPLIED.split():
        reading.warnings.append(f"{key} on line {line.first} is not applied")
    elif key not in WITHOUT_EFFECT.split():
        _take_atom(line, reading)


def _take_atom(line: ShelxLine, reading: Reading) -> None:
    atom = atom_of_words(
        line.words,
        scatterers=len(reading.scatterers),
        residue=reading.residue,
        part=reading.part,
        afix=reading.afix,
        special=reading.special,
        line=line.first,
    )
    element = reading.scatterers[atom.scatterer - 1].element
    named = {atom.label.upper(), f"${element.upper()}"} & reading.named_anisotropic
    wanted = bool(named) or (reading.anisotropic and element not in ("H", "D"))
    if wanted and len(atom.u) == 1:
        reading.made_anisotropic.add(len(reading.atoms))
    if reading.anisotropic > 0 and element not in ("H", "D"):
        reading.anisotropic -= 1
    if reading.move != (0.0, 0.0, 0.0, 1.0):
        sign = reading.move[3]
        x, y, z = (
            shift + sign * value if abs(value) < 5.0 else value
            for shift, value in zip(reading.move, atom.xyz, strict=False)
        )
        atom = replace(atom, xyz=(x, y, z))
    reading.atoms.append(atom)


def _finished(reading: Reading, peaks: tuple[ShelxDifferencePeak, ...]) -> ShelxInstructions:
    source, values = reading.source, reading.values
    if "lattice" not in values:
        raise source.error("there is no CELL", "this is no SHELX instruction file, or its head is missing")
    if not reading.scatterers:
        raise source.error("there is no SFAC", "name the elements")
    try:
        group: SpaceGroup = space_group_of_latt(reading.latt, reading.symm)
    except InputError as error:
        raise source.error(error.found, error.remedy) from error
    if not group.fits(values["lattice"]):
        raise source.error(f"the cell has not the symmetry of {group.symbol}", "correct CELL, LATT or SYMM")
    scatterers = [
        replace(one, dispersion=reading.dispersion.get(one.label.upper(), reading.dispersion.get(one.element.upper())))
        if one.label.upper() in reading.dispersion or one.element.upper() in reading.dispersion
        else one
        for one in reading.scatterers
    ]
    variables = tuple(reading.variables) or (1.0,)
    atoms = [
        replace(atom, u=_sphere(atom.u[0], variables, values["lattice"])) if i in reading.made_anisotropic else atom
        for i, atom in enumerate(reading.atoms)
    ]
    instructions = ShelxInstructions(
        source.name,
        source.lines,
        space_group=group,
        scatterers=tuple(scatterers),
        atoms=tuple(atoms),
        variables=variables,
        batch_fractions=tuple(reading.fractions),
        omitted=tuple(reading.omitted),
        restraints=tuple(reading.restraints),
        equivalents=reading.equivalents,
        removed_bonds=tuple(reading.removed),
        peaks=peaks,
        warnings=tuple(reading.warnings),
        **values,
    )
    _check_codes(instructions, source)
    return instructions


def _check_codes(instructions: ShelxInstructions, source: Source) -> None:
    """Raise where a coded number means nothing."""
    for atom in instructions.atoms:
        for number in (*atom.xyz, atom.sof, *atom.u):
            try:
                decoded(number, len(instructions.variables))
            except InputError as error:
                raise source.error(f"atom {atom.label}: {error.found}", error.remedy, atom.line) from error


def _sphere(coded: float, variables: tuple[float, ...], lattice: Lattice) -> tuple[float, ...]:
    """Return U11 U22 U33 U23 U13 U12 of a sphere of a coded U_iso."""
    u = decoded(coded, len(variables)).value(variables)
    u11, u22, u33, u12, u13, u23 = site_tensor((u if u > 0.0 else 0.05) * lattice.reciprocal_metric, lattice)
    return (u11, u22, u33, u23, u13, u12)

"""Crystal structures from CIF, with the repairs that real files need."""

from __future__ import annotations

import re
from pathlib import Path

import gemmi

from anatase.crystal.formula import parse_formula
from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Origin, Structure
from anatase.errors import InputError, PhysicsError, UnphysicalInput
from anatase.io.cif_atoms import atom_rows, number
from anatase.io.cif_sites import sites_from_rows
from anatase.io.cif_symmetry import fitting_lattice, space_groups_of, text_of

__all__ = ["read_structure", "read_structures", "structure_from_cif_text"]

MAX_BYTES = 50_000_000
SHORTEST_EDGE, LONGEST_EDGE = 1.0, 1000.0  # Å; beyond, a unit or a digit is wrong
CELL = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
NAMES = (
    "_chemical_name_mineral",
    "_chemical_name_common",
    "_chemical_name_systematic",
    "_amcsd_formula_title",
    "_chemical_formula_structural",
    "_chemical_formula_sum",
)


def read_structure(path: str | Path, *, block: str | None = None, repair: bool = True) -> Structure:
    """Read the first crystal structure of a CIF, or that of the named data block.

    Occupancies are crystallographic (0–1); images of a site under the file's own symmetry are merged.
    With ``repair`` occupancies beyond 1 are brought back to it, with a warning; else they stay as they stand.

    Raises
    ------
    InputError
        When the file is no CIF, has no such block, no cell or no atoms.
    """
    return structure_from_cif_text(_text_of_file(Path(path)), str(path), block=block, repair=repair)


def read_structures(path: str | Path) -> list[Structure]:
    """Read every data block of a CIF that has a cell; a block that cannot be read stops the reading."""
    text = _text_of_file(Path(path))
    blocks = _blocks_with_cell(text, str(path))
    return [_structure(block, text, str(path)) for block in blocks]


def structure_from_cif_text(text: str, name: str = "", *, block: str | None = None, repair: bool = True) -> Structure:
    """Read a structure from the text of a CIF; ``name`` stands for the file in messages."""
    blocks = _blocks_with_cell(text, name)
    if block is not None:
        named = [candidate for candidate in blocks if candidate.name == block]
        if not named:
            have = ", ".join(candidate.name for candidate in blocks[:8])
            raise InputError(f"no data block '{block}' with a cell", f"choose one of: {have}", file=name or None)
        return _structure(named[0], text, name, repair)
    with_atoms = [b for b in blocks if list(b.find_values("_atom_site_fract_x"))]
    return _structure((with_atoms or blocks)[0], text, name, repair)


def _text_of_file(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"{path.stat().st_size / 1e6:.0f} MB is more than a structure file holds", file=path)
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", "check the path", file=path) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _blocks_with_cell(text: str, name: str) -> list[gemmi.cif.Block]:
    clean = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").replace("\x1a", "")
    try:
        document = _parsed(clean)
    except (ValueError, RuntimeError) as error:
        line = re.search(r":(\d+)(?::\d+)?", str(error))
        raise InputError(
            f"is no readable CIF ({str(error).splitlines()[0]})",
            "repair the file, or write it anew with its program",
            file=name or None,
            line=int(line.group(1)) if line else None,
        ) from error
    blocks = [block for block in document if text_of(block, ("_cell_length_a", "_cell.length_a"))]
    if not blocks:
        raise InputError("holds no data block with a cell", "give a CIF of a crystal structure", file=name or None)
    return blocks


def _parsed(text: str) -> gemmi.cif.Document:
    """Parse a CIF, and a second time with its commonest faults mended.

    MDI Jade writes ``data_cif_Tungsten Vanadium`` and ``_symmetry_space_group_name_H-M  P -6 m 2``.
    """
    try:
        return gemmi.cif.read_string(text)
    except (ValueError, RuntimeError):
        named = re.sub(r"^(data_\S+)[ \t]+(?![_\s#])(.*)$", _joined_name, text, flags=re.MULTILINE)
        quoted = re.sub(r"^(_\S+)[ \t]+([^'\"\s;#][^'\"#\n]*?)[ \t]*$", _quoted_value, named, flags=re.MULTILINE)
        return gemmi.cif.read_string(quoted)


def _quoted_value(match: re.Match[str]) -> str:
    tag, value = match.groups()
    words = value.split()
    return match.group() if len(words) < 2 or any(w.startswith("_") for w in words) else f"{tag} '{value}'"


def _joined_name(match: re.Match[str]) -> str:
    return match.group(1) + "_" + re.sub(r"\s+", "_", match.group(2).strip())


def _structure(block: gemmi.cif.Block, text: str, name: str, repair: bool = True) -> Structure:
    try:
        lattice, warnings = _lattice(block)
        groups, more = space_groups_of(block, lattice)
        lattice, groups, repairs = fitting_lattice(groups, lattice)
        rows, dropped = atom_rows(block, _formula_elements(block), repair)
        group, sites, merged = sites_from_rows(rows, groups, lattice, _formula(block), repair)
    except InputError as error:  # an UnphysicalInput stays one
        raise type(error)(error.found, error.remedy, file=name or None, line=error.line) from error
    except PhysicsError as error:
        raise UnphysicalInput(str(error), "check the cell", file=name or None) from error
    return Structure(
        lattice,
        group,
        sites,
        name=text_of(block, NAMES) or block.name,
        origin=_origin(block, text),
        warnings=(*warnings, *more, *repairs, *dropped, *merged),
    )


def _lattice(block: gemmi.cif.Block) -> tuple[Lattice, list[str]]:
    values, warnings = [], []
    for key in CELL:
        value = number(text_of(block, (f"_cell_{key}", f"_cell.{key}")))
        if value != value:
            if key.startswith("length"):
                raise InputError(f"data block '{block.name}' has no _cell_{key}", "give all six cell parameters")
            warnings.append(f"_cell_{key} is missing: taken as 90 deg")
            value = 90.0
        if key.startswith("length") and not SHORTEST_EDGE <= value <= LONGEST_EDGE:
            raise PhysicsError(f"_cell_{key} is {value:g} Å, which no crystal has")
        values.append(value)
    return Lattice(*values), warnings


def _formula_elements(block: gemmi.cif.Block) -> frozenset[str]:
    formula = text_of(block, ("_chemical_formula_sum", "_chemical_formula_structural"))
    words = re.findall(r"[A-Z][a-z]?", formula)
    return frozenset(word for word in words if gemmi.Element(word).name == word and word != "X")


def _formula(block: gemmi.cif.Block) -> dict[str, float] | None:
    text = text_of(block, ("_chemical_formula_sum",))
    return parse_formula(text) if text else None


def _origin(block: gemmi.cif.Block, text: str) -> Origin:
    source, identifier = _source(block)
    authors = [gemmi.cif.as_string(raw) for raw in block.find_values("_publ_author_name")]
    authors = authors or [gemmi.cif.as_string(raw) for raw in block.find_values("_citation_author_name")]
    names = " ".join(f"{'; '.join(authors[:3])}{' et al.' if len(authors) > 3 else ''}".split())
    year = text_of(block, ("_journal_year", "_citation_year"))
    journal = text_of(block, ("_journal_name_full", "_citation_journal_full", "_citation_journal_abbrev"))
    volume = text_of(block, ("_journal_volume", "_citation_journal_volume"))
    page = text_of(block, ("_journal_page_first", "_citation_page_first"))
    where = ", ".join(part for part in (f"{journal} {volume}".strip(), page) if part)
    citation = " ".join(part for part in (names, f"({year})" if year else "", where) if part)
    licence = "public domain" if "placed in the public domain" in text else ""
    return Origin(source, identifier, citation, licence)


def _source(block: gemmi.cif.Block) -> tuple[str, str]:
    for source, tags in (
        ("COD", ("_cod_database_code",)),
        ("AMCSD", ("_database_code_amcsd", "_database_code_AMCSD")),
        ("ICSD", ("_database_code_ICSD",)),
        ("CSD", ("_database_code_depnum_ccdc_archive", "_database_code_CSD")),
    ):
        code = text_of(block, tags)
        if code:
            return source, code
    method = text_of(block, ("_audit_creation_method",))
    known = re.match(r"(Materials Project|AFLOW prototype|NCrystal)\s*(.*)", method)
    return (known.group(1), known.group(2) or block.name) if known else ("", block.name)

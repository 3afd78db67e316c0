"""From a structure to its row in the library."""

from __future__ import annotations

import re
from dataclasses import replace

from anatase.crystal.formula import parse_formula
from anatase.crystal.structure import Origin, Structure
from anatase.errors import InputError
from anatase.library.elements import element_masks
from anatase.library.entry import Entry, Record
from anatase.library.minerals import common_name
from anatase.library.phase_key import phase_key
from anatase.library.plausibility import check_plausible, share_sites
from anatase.library.powder_lines import powder_lines
from anatase.library.structure_json import dump_structure

__all__ = ["make_record"]


def make_record(structure: Structure, library_id: str, url: str = "", file: str = "") -> Record:
    """Standardise a structure, compute its powder lines, and return its row of the library.

    Raises
    ------
    AnataseError
        When the structure is none that a crystal could have.
    """
    from anatase.crystal.standardize import standardize

    unread = next((warning for warning in structure.warnings if "read as P 1" in warning), None)
    if unread is not None:
        raise InputError(unread, "state the space group or its operations")
    shared = share_sites(structure)
    check_plausible(shared)
    standard = standardize(shared)
    hkl, xray, neutron = powder_lines(standard)
    key, atoms = phase_key(standard.composition)
    formula = standard.formula
    origin = standard.origin
    entry = Entry(
        library_id,
        _name(standard, key),
        formula,
        standard.space_group.number,
        standard.space_group.symbol,
        standard.lattice,
        standard.density,
        origin.source,
        origin.citation,
        origin.licence,
        url,
    )
    # citation and licence stand in the entry
    stored = replace(standard, name=entry.name, origin=Origin(origin.source, origin.identifier))
    return Record(
        entry,
        element_masks(standard.elements),
        key,
        standard.lattice.volume / atoms,
        hkl,
        xray,
        neutron,
        dump_structure(stored),
        file,
    )


def _name(structure: Structure, key: str) -> str:
    """Return the name that the file gives; where that is none, the common name, or else the formula."""
    given = re.sub(r"\s+", " ", structure.name).strip()
    if given and parse_formula(given) is None:
        return given
    return common_name(key, structure.space_group.number, structure.density) or structure.formula

"""From a structure to its row in the library."""

from __future__ import annotations

from dataclasses import replace

from anatase.crystal.structure import Origin, Structure
from anatase.library.elements import element_masks
from anatase.library.entry import Entry, Record
from anatase.library.plausibility import check_plausible
from anatase.library.powder_lines import powder_lines
from anatase.library.structure_json import dump_structure

__all__ = ["make_record", "phase_key"]

HYDROGEN = frozenset({"H", "D", "T"})


def phase_key(composition: dict[str, float]) -> tuple[str, float]:
    """Return the proportions of the elements, hydrogen set aside, as text, and the number of atoms they count.

    Equal reduced formulae have equal keys whatever the cell: ``O.667Ti.333`` for TiO2.
    """
    heavy = {e: n for e, n in composition.items() if e not in HYDROGEN and n > 0}
    counted = heavy or {"H": sum(composition.values())}
    total = sum(counted.values())
    return "".join(f"{e}{n / total:.3f}" for e, n in sorted(counted.items())), total


def make_record(structure: Structure, library_id: str, url: str = "", file: str = "") -> Record:
    """Standardise a structure, compute its powder lines, and return its row of the library.

    Raises
    ------
    AnataseError
        When the structure is none that a crystal could have.
    """
    from anatase.crystal.standardize import standardize

    check_plausible(structure)
    standard = standardize(structure)
    hkl, xray, neutron = powder_lines(standard)
    key, atoms = phase_key(standard.composition)
    formula = standard.formula
    origin = standard.origin
    entry = Entry(
        library_id,
        standard.name or formula,
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
    stored = replace(standard, origin=Origin(origin.source, origin.identifier))  # the entry tells the rest
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

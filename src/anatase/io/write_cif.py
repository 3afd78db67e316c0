"""Write a structure as CIF."""

from __future__ import annotations

from pathlib import Path

from anatase.crystal.structure import Site, Species, Structure
from anatase.io.text_file import write_text

__all__ = ["formula_sum", "quoted", "site_label", "structure_to_cif", "type_symbol", "write_structure"]

ATOM_TAGS = (
    "label",
    "type_symbol",
    "fract_x",
    "fract_y",
    "fract_z",
    "occupancy",
    "site_symmetry_multiplicity",
    "Wyckoff_symbol",
    "U_iso_or_equiv",
)


def write_structure(structure: Structure, path: str | Path) -> None:
    """Write a structure to a CIF that ``read_structure`` and other programs read back."""
    write_text(Path(path), structure_to_cif(structure))


def structure_to_cif(structure: Structure) -> str:
    """Return the CIF text of a structure: cell, symmetry with all operations, sites, displacements."""
    lattice, group = structure.lattice, structure.space_group
    lines = [
        f"data_{_block_name(structure)}",
        f"_chemical_name_common {quoted(structure.name or structure.formula)}",
        f"_chemical_formula_sum {quoted(formula_sum(structure))}",
        f"_cell_formula_units_Z {structure.formula_units_per_cell}",
    ]
    keys = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")
    lines += [f"_cell_{key} {_number(value)}" for key, value in zip(keys, lattice.parameters, strict=True)]
    lines += [
        f"_cell_volume {lattice.volume:.4f}",
        f"_space_group_IT_number {group.number}",
        f"_space_group_name_H-M_alt {quoted(group.symbol)}",
        f"_space_group_name_Hall {quoted(group.hall)}",
        "loop_",
        "_space_group_symop_operation_xyz",
        *(f"'{triplet}'" for triplet in group.triplets),
        *_atom_loop(structure),
        *_aniso_loop(structure),
    ]
    if structure.origin.source:
        entry = f"{structure.origin.source} {structure.origin.identifier}".strip()
        lines.insert(1, f"_audit_creation_method {quoted(entry)}")
    return "\n".join(lines) + "\n"


def _atom_loop(structure: Structure) -> list[str]:
    lines = ["loop_", *(f"_atom_site_{tag}" for tag in ATOM_TAGS)]
    for site in structure.sites:
        for k, species in enumerate(site.species):
            label = site_label(site, k)
            xyz = " ".join(_number(x) for x in site.xyz)
            u = "?" if site.u_iso is None else _number(site.u_iso)
            lines.append(
                f"{label} {type_symbol(species)} {xyz} {_number(species.occupancy)} "
                f"{site.multiplicity or '?'} {site.wyckoff or '?'} {u}"
            )
    return lines


def _aniso_loop(structure: Structure) -> list[str]:
    rows = [
        f"{site_label(site, k)} {' '.join(_number(u) for u in site.u_aniso)}"
        for site in structure.sites
        if site.u_aniso is not None
        for k in range(len(site.species))
    ]
    tags = ("label", "U_11", "U_22", "U_33", "U_12", "U_13", "U_23")
    return ["loop_", *(f"_atom_site_aniso_{tag}" for tag in tags), *rows] if rows else []


def site_label(site: Site, index: int) -> str:
    """Return the label of one species of a site, without blanks; of several each has its own."""
    name = "".join(site.label.split()) or site.species[0].element
    return name if index == 0 else f"{name}{'abcdefghij'[index % 10]}"


def type_symbol(species: Species) -> str:
    """Return the symbol of a species with its charge: ``Ti4+``."""
    name = f"{species.isotope or ''}{species.element}"
    return f"{name}{abs(species.charge)}{'+' if species.charge > 0 else '-'}" if species.charge else name


def formula_sum(structure: Structure) -> str:
    """Return the formula unit as ``_chemical_formula_sum`` has it: ``O2 Ti``."""
    units = structure.formula_units_per_cell
    parts = []
    for element, count in structure.composition.items():
        number = f"{count / units:.4f}".rstrip("0").rstrip(".")
        parts.append(element if number == "1" else element + number)
    return " ".join(parts)


def _number(value: float) -> str:
    return f"{value:.8f}".rstrip("0").rstrip(".") if value else "0"


def _block_name(structure: Structure) -> str:
    text = structure.origin.identifier or structure.name or structure.formula
    return "".join(c if c.isalnum() or c in "-_." else "_" for c in text)[:60] or "structure"


def quoted(text: str) -> str:
    """Return a text in quotation marks that it does not hold."""
    clean = " ".join(text.split())
    for mark in ("'", '"'):
        if f"{mark} " not in clean and not clean.endswith(mark):
            return f"{mark}{clean}{mark}"
    return f"'{clean.replace(chr(39), '')}'"

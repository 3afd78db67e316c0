"""Writing a SHELX .ins file for a structure."""

from __future__ import annotations

from anatase.crystal.structure import Site, Structure
from anatase.io.shelx_lines import wrapped
from anatase.io.shelx_symmetry import latt_and_symm

__all__ = ["ins_text"]

FILE_TENSOR = (0, 1, 2, 5, 4, 3)  # U11 U22 U33 U23 U13 U12 of the file among U11 U22 U33 U12 U13 U23


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
        *wrapped("SFAC", elements),
        *wrapped("UNIT", [f"{count:g}" for count in counts]),
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
            lines += wrapped(f"{name:<4s} {elements.index(species.element) + 1}", [*xyz, f"{sof:.5f}", *u])
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

"""Write the phases of a refinement as cards of a GSAS experiment file."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species
from anatase.errors import InputError
from anatase.io.foreign import ForeignPhase, LinearRelation, SharedShift
from anatase.io.gsas_write_prm import card
from anatase.io.tied_parameters import structure_parameters

__all__ = ["atom_names", "atom_type", "constraint_cards", "hold_cards", "phase_cards"]

TENSOR = ("u11", "u22", "u33", "u12", "u13", "u23")
VARIABLES = {"x": "X", "y": "Y", "z": "Z", "u_iso": "UISO", **{name: name.upper() for name in TENSOR}}
PER_HOLD = 8  # on one card


def atom_type(species: Species) -> str:
    """Return an atom's type as GSAS spells it: ``FE+3``."""
    charge = f"{species.charge:+d}" if species.charge else ""
    return f"{species.element.upper()}{charge}"


def _symbol(group: SpaceGroup) -> str:
    """Return the symbol that GSAS understands: origin 2 goes without saying, rhombohedral axes with R."""
    symbol, _, choice = group.symbol.partition(":")
    if "(" in group.symbol or choice == "1":
        raise InputError(f"GSAS has no setting {group.symbol}", "take the standard setting, origin 2")
    return f"{symbol} R" if choice == "R" else symbol


def atom_names(phase: ForeignPhase) -> list[tuple[Site, Species, dict[str, str]]]:
    """Return the atoms of a phase in their order in GSAS: site, species, our names of its parameters by GSAS'."""
    atoms = []
    for site in phase.structure.sites:
        for species in site.species:
            terms = {word: f"{phase.name}.{site.label}.{name}" for name, word in VARIABLES.items()}
            terms["FRAC"] = f"{phase.name}.{site.label}.{species.element}.occupancy"
            atoms.append((site, species, terms))
    return atoms


def phase_cards(phase: ForeignPhase, number: int, free: Collection[str]) -> list[str]:
    """Return the cards of cell, space group and atoms of a phase.

    Raises
    ------
    InputError
        When GSAS has no such setting of the space group.
    """
    structure, stem = phase.structure, f"CRS{number}"
    cell = structure.lattice.parameters
    atoms = atom_names(phase)
    axes = ("a", "b", "c", "alpha", "beta", "gamma")
    flag = "Y" if any(f"{phase.name}.{axis}" in free for axis in axes) else "N"
    lines = [
        card(f"{stem}    PNAM", f"  {phase.name[:60]}"),
        card(f"{stem}   NATOM", f"{len(atoms):5d}"),
        card(f"{stem}  ABC", "".join(f"{value:10.6f}" for value in cell[:3]) + f"    {flag}    0"),
        card(f"{stem}  ANGLES", "".join(f"{value:10.4f}" for value in cell[3:])),
        card(f"{stem}  SG SYM", f"  {_symbol(structure.space_group)}"),
        card(f"{stem}  SPAXIS", f"{0:5d}{0:5d}{1:5d}"),
    ]
    for index, (site, species, terms) in enumerate(atoms, start=1):
        place = "".join(f"{value:10.6f}" for value in (*site.xyz, species.occupancy))
        head = f"  {atom_type(species):<8}{place}{site.label[:8]:<8}{site.multiplicity:5d} 000"
        u = (site.u_iso if site.u_iso is not None else TYPICAL_U_ISO,) if site.u_aniso is None else site.u_aniso
        wanted = {word for word, name in terms.items() if name in free}
        flags = "F" if "FRAC" in wanted else " "
        flags += "X" if wanted & {"X", "Y", "Z"} else " "
        flags += "U" if wanted - {"X", "Y", "Z", "FRAC"} else " "
        values = "".join(f"{value:10.6f}" for value in u)
        lines.append(card(f"{stem}  AT{index:>3}A", head))
        lines.append(card(f"{stem}  AT{index:>3}B", f"{values:<62}{'I' if site.u_aniso is None else 'A'}{flags}"))
    return lines


def hold_cards(phase: ForeignPhase, number: int, free: Collection[str]) -> list[str]:
    """Return the cards that hold what GSAS' flags would free beside what is free."""
    allowed, held = structure_parameters(phase.name, phase.structure), []
    for index, (_, _, terms) in enumerate(atom_names(phase), start=1):
        for words in (("X", "Y", "Z"), tuple(name.upper() for name in TENSOR)):
            names = [(word, terms[word]) for word in words if terms[word] in allowed]
            if any(name in free for _, name in names):
                held += [f"{number} {index:>2}{word:<4}" for word, name in names if name not in free]
    blocks = [held[start : start + PER_HOLD] for start in range(0, len(held), PER_HOLD)]
    return [card(f"LEQV HOLD{number}{block:>2}", "  " + "".join(words)) for block, words in enumerate(blocks, start=1)]


def constraint_cards(
    phases: Sequence[ForeignPhase],
    shared: Sequence[SharedShift],
    relations: Sequence[LinearRelation],
    values: Mapping[str, float],
) -> tuple[list[str], list[str]]:
    """Return the cards of constraints between atoms, and the constraints that GSAS has no such card for.

    GSAS ties shifts: a sum of two keeps its total where their shifts are opposite, if it has that total.
    """
    places: dict[str, tuple[int, int, str]] = {}
    for number, phase in enumerate(phases, start=1):
        for index, (_, _, names) in enumerate(atom_names(phase), start=1):
            for word, name in names.items():
                places.setdefault(name, (number, index, word))
    lines, missing = [], []
    groups = [one.terms for one in shared]
    for relation in relations:
        start = sum(factor * values.get(name, 0.0) for factor, name in relation.terms)
        if len(relation.terms) == 2 and abs(start - relation.total) < 1e-6:
            (one, first), (other, second) = relation.terms
            groups.append(((1.0, first), (-one / other, second)))
        else:
            missing.append(f"sum of {', '.join(name for _, name in relation.terms)}")
    count = 0
    for terms in groups:
        if any(name not in places for _, name in terms):
            missing.append(f"constraint of {', '.join(name for _, name in terms)}")
            continue
        count += 1
        parts = []
        for factor, name in terms:
            number, index, word = places[name]
            parts.append(f"{number}{index:3d}{word:<4}{factor:8.4f}")
        for block, start in enumerate(range(0, len(parts), 4), start=1):
            lines.append(card(f"LNCN{count:4d}{block:4d}", "  " + "".join(parts[start : start + 4])))
    return lines, missing

"""Oxidation states that elements take in solids at ambient conditions, and compounds that they can balance."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["ANIONS", "balanced"]

# lowest and highest charge that is met with in oxides, salts and minerals, after the ions whose radii R. D. Shannon
# tabulates (1976, Acta Cryst. A32, 751) without those known from few laboratory compounds only; carbon and nitrogen
# as in carbonates, cyanides and nitrates, hydrogen as in hydroxides
CATIONS: dict[str, tuple[int, int]] = {
    "H": (1, 1), "Li": (1, 1), "Na": (1, 1), "K": (1, 1), "Rb": (1, 1), "Cs": (1, 1), "Tl": (1, 3), "Ag": (1, 1),
    "Be": (2, 2), "Mg": (2, 2), "Ca": (2, 2), "Sr": (2, 2), "Ba": (2, 2), "Ra": (2, 2), "Zn": (2, 2), "Cd": (2, 2),
    "Hg": (1, 2), "Cu": (1, 2), "Au": (1, 3), "Pd": (2, 4), "Pt": (2, 4), "Ni": (2, 3), "Co": (2, 3), "Fe": (2, 3),
    "Mn": (2, 4), "Cr": (3, 6), "V": (3, 5), "Ti": (4, 4), "Zr": (4, 4), "Hf": (4, 4), "Nb": (5, 5), "Ta": (5, 5),
    "Mo": (4, 6), "W": (4, 6), "Re": (4, 7), "Tc": (4, 7), "Ru": (3, 4), "Os": (4, 8), "Rh": (3, 4), "Ir": (3, 4),
    "Sc": (3, 3), "Y": (3, 3), "La": (3, 3), "Ce": (3, 4), "Pr": (3, 4), "Nd": (3, 3), "Pm": (3, 3), "Sm": (3, 3),
    "Eu": (2, 3), "Gd": (3, 3), "Tb": (3, 4), "Dy": (3, 3), "Ho": (3, 3), "Er": (3, 3), "Tm": (3, 3), "Yb": (3, 3),
    "Lu": (3, 3), "Ac": (3, 3), "Th": (4, 4), "Pa": (5, 5), "U": (4, 6), "Np": (4, 6), "Pu": (3, 4), "Am": (3, 3),
    "B": (3, 3), "Al": (3, 3), "Ga": (3, 3), "In": (3, 3), "C": (2, 4), "Si": (4, 4), "Ge": (4, 4), "Sn": (2, 4),
    "Pb": (2, 4), "N": (3, 5), "P": (3, 5), "As": (3, 5), "Sb": (3, 5), "Bi": (3, 3), "S": (4, 6), "Se": (4, 6),
    "Te": (4, 6), "Cl": (5, 7), "Br": (5, 5), "I": (5, 7), "Xe": (6, 8),
}  # fmt: skip
# the charge of the more electronegative elements, the most electronegative first
ANIONS: dict[str, int] = {
    "F": -1, "O": -2, "Cl": -1, "N": -3, "Br": -1, "I": -1, "S": -2, "Se": -2, "Te": -2, "C": -4, "As": -3, "P": -3,
    "Sb": -3, "Si": -4, "Ge": -4, "B": -3, "H": -1,
}  # fmt: skip
NONMETALS = frozenset(("F", "O", "Cl", "Br", "I", "S", "Se", "N"))  # of them, those that are anions beside others
OXOANIONS = ("S", "P", "C", "Si", "N", "B", "Cl")  # their salts crystallise with water
# no rule of charges holds where one of these is the most electronegative: sulphides with S–S bonds, nitrides, carbides
METALLIC = frozenset(("N", "S", "Se", "Te", "C", "As", "P", "Sb", "Si", "Ge", "B"))
SLACK = 0.03  # of the anions' charge: rounded occupancies


def balanced(composition: Mapping[str, float]) -> bool:
    """Tell whether common oxidation states balance a compound; elements, alloys and intermetallics count as balanced.

    Only halides, oxides, hydroxides and salts are held to it. States between the lowest and the highest of an element
    average out over its sites. Hydrogen that a structure leaves out may balance what negative charge is left over: one
    per oxygen or fluorine, two per oxygen in salts, which hold water.

    Examples
    --------
    >>> balanced({"Fe": 3, "O": 4}), balanced({"Al": 2, "Si": 2, "O": 9}), balanced({"Zr": 3, "O": 1})
    (True, True, False)
    >>> balanced({"Ti": 1, "Al": 3})
    True
    """
    present = [e for e in ANIONS if composition.get(e, 0.0) > 0.0]
    if len(composition) < 2 or not present or present[0] in METALLIC:
        return True
    first = present[0]
    if composition.get("C") and composition.get("H"):
        return True  # organic
    low = high = 0.0
    for element, n in composition.items():
        states = [*CATIONS.get(element, ()), *([ANIONS[element]] if element in NONMETALS else [])]
        if element == first:
            continue
        if not states:
            return True  # nothing is known of this element
        low, high = low + n * min(states), high + n * max(states)
    negative = ANIONS[first] * composition[first]
    per_oxygen = 2 if any(composition.get(e) for e in OXOANIONS) else 1
    hydrogen = per_oxygen * composition.get("O", 0.0) + composition.get("F", 0.0)
    slack = SLACK * abs(negative)
    return low + negative <= slack and high + hydrogen + negative >= -slack

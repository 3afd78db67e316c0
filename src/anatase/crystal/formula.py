"""Chemical formulae from the content of a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from math import gcd

__all__ = ["formula_of", "formula_units", "mass_of"]

# Order of elements in formulae: IUPAC Red Book 2005, Table VI (electropositive first), with oxygen
# moved between chlorine and fluorine, so that perchlorates read KClO4.
FORMULA_ORDER = (
    "He Ne Ar Kr Xe Rn Fr Cs Rb K Na Li Ra Ba Sr Ca Mg Be "
    "La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Ac Th Pa U Np Pu Am Cm Bk Cf Es Fm Md No Lr Y Sc "
    "Hf Zr Ti Ta Nb V W Mo Cr Re Tc Mn Os Ru Fe Ir Rh Co Pt Pd Ni Au Ag Cu Hg Cd Zn "
    "Tl In Ga Al B Pb Sn Ge Si C Bi Sb As P N D H Po Te Se S At I Br Cl O F"
).split()
_RANK = {element: rank for rank, element in enumerate(FORMULA_ORDER)}


@cache
def mass_of(element: str) -> float:
    """Return the standard atomic mass of an element, in g/mol (D: 2.014)."""
    import gemmi

    return float(gemmi.Element(element).weight)


def formula_units(composition: Mapping[str, float], multiplicities: Iterable[int] = ()) -> int:
    """Return Z, the number of formula units in a cell.

    With whole numbers of atoms it is their greatest common divisor; with partly occupied sites
    that of the sites' multiplicities.
    """
    counts = [count for count in composition.values() if count > 1e-6]
    if counts and all(abs(count - round(count)) < 0.02 and round(count) > 0 for count in counts):
        return gcd(*(round(count) for count in counts))
    return max(gcd(*multiplicities), 1)


def formula_of(composition: Mapping[str, float], units: int = 1) -> str:
    """Return the formula of ``composition`` (element to atoms) divided by ``units``, two decimals at most.

    Examples
    --------
    >>> formula_of({"O": 8.0, "Ti": 4.0}, 4)
    'TiO2'
    """
    parts = []
    for element in sorted(composition, key=lambda e: (_RANK.get(e, len(_RANK)), e)):
        count = composition[element] / units
        if abs(count - round(count)) < 0.004:
            count = round(count)
        number = f"{count:.2f}".rstrip("0").rstrip(".")
        if number == "0":
            number = f"{count:.1g}" if count > 0 else ""
            if not number:
                continue
        parts.append(element if number == "1" else f"{element}{number}")
    return "".join(parts)

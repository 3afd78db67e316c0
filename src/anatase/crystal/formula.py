"""Chemical formulae from the content of a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from math import gcd

__all__ = ["formula_of", "formula_units", "mass_of", "parse_formula"]

# Order of elements in formulae: IUPAC Red Book 2005, Table VI (electropositive first), with oxygen
# moved between chlorine and fluorine, so that perchlorates read KClO4.
FORMULA_ORDER = re.findall(
    "[A-Z][a-z]?",
    "HeNeArKrXeRnFrCsRbKNaLiRaBaSrCaMgBe"
    "LaCePrNdPmSmEuGdTbDyHoErTmYbLuAcThPaUNpPuAmCmBkCfEsFmMdNoLrYSc"
    "HfZrTiTaNbVWMoCrReTcMnOsRuFeIrRhCoPtPdNiAuAgCuHgCdZn"
    "TlInGaAlBPbSnGeSiCBiSbAsPNDHPoTeSeSAtIBrClOF",
)
_RANK = {element: rank for rank, element in enumerate(FORMULA_ORDER)}


@cache
def mass_of(element: str, isotope: int = 0) -> float:
    """Return the standard atomic mass of an element in g/mol (D: 2.014); of an isotope its mass number, 0.2 % off."""
    import gemmi

    if isotope and (element, isotope) != ("H", 2):
        return float(isotope)
    return float(gemmi.Element("D" if isotope else element).weight)


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


def parse_formula(text: str) -> dict[str, float] | None:
    """Return the atoms of a formula, or ``None`` where it cannot be read.

    Brackets, hydrate dots and decimals without a leading zero are understood.

    Examples
    --------
    >>> parse_formula("Ca S O4 · 2 H2 O") == {"Ca": 1, "S": 1, "O": 6, "H": 4}
    True
    """
    total: dict[str, float] = {}
    for part in re.split(r"[·*•]|(?<=\s)\.(?=\s)", text.replace("Â", "")):
        bare = re.sub(r"\s+", " ", part.translate(str.maketrans("[]{}", "()()"))).strip()
        leading = re.match(r"(\d*\.?\d+)\s*(?=[A-Z(])", bare)
        atoms = _parse_group(bare[leading.end() :] if leading else bare)
        if atoms is None:
            return None
        _add(total, atoms, float(leading.group(1)) if leading else 1.0)
    return total or None


def _parse_group(text: str) -> dict[str, float] | None:
    """Read a formula without hydrate dots by a stack of brackets."""
    stack: list[dict[str, float]] = [{}]
    position = 0
    token = re.compile(r"\s*(?:(\()|(\))\s?(\d*\.?\d*)|([A-Z][a-z]?)\s?(?:\d*[+-](?![\d.])\s*)?(\d*\.?\d*))\s*,?")
    while position < len(text):
        match = token.match(text, position)
        if match is None or match.end() == position:
            return None
        position = match.end()
        opened, closed, after, element, count = match.groups()
        if opened:
            stack.append({})
        elif closed:
            if len(stack) < 2:
                return None
            inner = stack.pop()
            _add(stack[-1], inner, _count(after))
        elif element not in _RANK:
            return None
        else:
            _add(stack[-1], {element: 1.0}, _count(count))
    return stack[0] if len(stack) == 1 else None


def _count(text: str | None) -> float:
    return float(text) if text and text != "." else 1.0


def _add(total: dict[str, float], atoms: Mapping[str, float], factor: float) -> None:
    for element, count in atoms.items():
        total[element] = total.get(element, 0.0) + factor * count

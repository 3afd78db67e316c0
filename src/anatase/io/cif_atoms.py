"""The atoms that a CIF lists: element, charge, occupancy, position, displacement."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import gemmi

from anatase.errors import InputError, UnphysicalInput
from anatase.scattering.neutron_lengths import isotopes_of

__all__ = ["AtomRow", "atom_rows", "element_and_charge"]

EIGHT_PI_SQUARED = 8.0 * math.pi**2
Six = tuple[float, float, float, float, float, float]

_ELEMENTS = frozenset(gemmi.Element(z).name for z in range(1, 119)) | {"D"}
# groups that older files give as one scatterer: the heavy atom stands for the group
_GROUPS = {"WAT": "O", "OH": "O", "OW": "O", "OH2": "O", "H2O": "O", "HOH": "O", "OHM": "O", "AQ": "O", "NH4": "N"}
_VACANT = {"VA", "VAC", "VACANCY", "X", "XX", "DU", "DUM", "Q", "*", "[]", "Z"}


@dataclass(frozen=True, slots=True)
class AtomRow:
    """One row of the atom-site loop; ``xyz`` fractional, U in Å²."""

    label: str
    element: str
    charge: int
    occupancy: float
    xyz: tuple[float, float, float]
    u_iso: float | None
    u_aniso: Six | None
    isotope: int = 0


def atom_rows(
    block: gemmi.cif.Block, formula_elements: frozenset[str], repair: bool
) -> tuple[list[AtomRow], list[str]]:
    """Return the atoms of a block and warnings; rows without coordinates and dummy atoms are left out.

    With ``repair`` occupancies outside 0 to 1 are brought back to it.

    Raises
    ------
    InputError
        When there is no atom with coordinates or one whose element is not known.
    """
    table = _table(block)
    tensors = _tensors(block)
    rows: list[AtomRow] = []
    warnings: list[str] = []
    for index in range(len(table["x"])):
        get = {key: column[index] for key, column in table.items() if index < len(column)}
        label, symbol = _text(get.get("label")), _text(get.get("type"))
        xyz = tuple(number(get.get(axis)) for axis in "xyz")
        if any(math.isnan(value) for value in xyz) or _text(get.get("calc")).lower() == "dum":
            warnings.append(f"atom {label or symbol} has no coordinates: left out")
            continue
        found = element_and_charge(symbol, label, formula_elements)
        if found is None:
            warnings.append(f"atom {label or symbol} is a vacancy or dummy: left out")
            continue
        occupancy = number(get.get("occupancy"))
        occupancy = 1.0 if math.isnan(occupancy) else occupancy
        if occupancy == 0.0 or (repair and not 0.0 < occupancy <= 1.0):
            if occupancy <= 0.0 or occupancy > 1.05:
                taken = min(max(occupancy, 0.0), 1.0)
                warnings.append(f"atom {label or symbol} has occupancy {occupancy:g}: taken as {taken:g}")
            if occupancy <= 0.0:
                continue
            occupancy = 1.0
        u_iso = number(get.get("u"))
        if math.isnan(u_iso):
            u_iso = number(get.get("b")) / EIGHT_PI_SQUARED
        rows.append(
            AtomRow(
                label or symbol,
                *found,
                occupancy,
                (xyz[0], xyz[1], xyz[2]),
                None if math.isnan(u_iso) else u_iso,
                tensors.get(label),
                isotope_of(symbol, found[0]),
            )
        )
    if not rows:
        raise InputError(
            f"data block '{block.name}' lists no atoms with coordinates", "give a file with an atom_site_fract loop"
        )
    return rows, warnings


def _table(block: gemmi.cif.Block) -> dict[str, list[str]]:
    tags = {
        "label": "_atom_site_label",
        "type": "_atom_site_type_symbol",
        "x": "_atom_site_fract_x",
        "y": "_atom_site_fract_y",
        "z": "_atom_site_fract_z",
        "occupancy": "_atom_site_occupancy",
        "u": "_atom_site_U_iso_or_equiv",
        "b": "_atom_site_B_iso_or_equiv",
        "calc": "_atom_site_calc_flag",
    }
    table = {key: list(block.find_values(tag)) for key, tag in tags.items()}
    if not table["x"]:
        table = {key: list(block.find_values("_atom_site." + tag[11:])) for key, tag in tags.items()}
    if not table["x"]:
        cartesian = len(block.find_values("_atom_site_Cartn_x")) > 0
        reason = "gives Cartesian coordinates only" if cartesian else "lists no atoms"
        raise InputError(f"data block '{block.name}' {reason}", "give a file with an atom_site_fract loop")
    return {key: column for key, column in table.items() if column}


def _tensors(block: gemmi.cif.Block) -> dict[str, Six]:
    """Return U tensors by label, from U or B."""
    tensors: dict[str, Six] = {}
    for prefix, factor in (("_atom_site_aniso_U_", 1.0), ("_atom_site_aniso_B_", 1.0 / EIGHT_PI_SQUARED)):
        table = block.find(["_atom_site_aniso_label", *(prefix + ij for ij in ("11", "22", "33", "12", "13", "23"))])
        for row in table:
            u = [number(row[k]) * factor for k in range(1, 7)]
            if not any(math.isnan(value) for value in u) and any(u):
                tensors.setdefault(_text(row[0]), (u[0], u[1], u[2], u[3], u[4], u[5]))
    return tensors


def _text(raw: str | None) -> str:
    if raw is None:
        return ""
    value = gemmi.cif.as_string(raw).strip()
    return "" if value in ("?", ".") else value


def number(raw: str | None) -> float:
    """Read a CIF number with or without s.u. (``0.1975(1)``, ``1/3``, ``0,25``); nan where it is none."""
    text = _text(raw)
    if not text:
        return math.nan
    text = re.sub(r"\(.*$", "", text).replace(",", ".").replace("−", "-").strip()
    fraction = re.fullmatch(r"([+-]?\d+)/(\d+)", text)
    if fraction and int(fraction.group(2)):
        return int(fraction.group(1)) / int(fraction.group(2))
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def element_and_charge(symbol: str, label: str, formula_elements: frozenset[str]) -> tuple[str, int] | None:
    """Return element and charge from a type symbol, or from the label where that fails; ``None`` for a vacancy.

    The elements of the stated formula decide between readings: ``CA1`` is calcium or carbon.

    Raises
    ------
    InputError
        When neither names an element.

    Examples
    --------
    >>> element_and_charge("Ti4+", "M1", frozenset())
    ('Ti', 4)
    >>> element_and_charge("", "OW2", frozenset({"Ca", "O"}))
    ('O', 0)
    """
    if re.match(r"(Va|[Vv]ac|VAC)", symbol or label):
        return None
    for text in (symbol, label):
        element = _element(text, formula_elements)
        if element:
            return element, _charge(symbol)
    if (symbol or label).upper().rstrip("0123456789") in _VACANT:
        return None
    raise UnphysicalInput(
        f"atom '{label}' of type '{symbol}' is no element", "write the element in _atom_site_type_symbol"
    )


def _element(text: str, formula_elements: frozenset[str]) -> str:
    letters = re.match(r"[A-Za-z]+", text.lstrip("0123456789*' "))
    if not letters:
        return ""
    word = letters.group()
    if word.upper() in _GROUPS and word.capitalize() not in formula_elements:
        return _GROUPS[word.upper()]
    water = word.upper() == "W" or word.upper().startswith("WAT")
    if water and "O" in formula_elements and "W" not in formula_elements:
        return "O"
    readings = [word[:2].capitalize(), word[:1].upper()]
    for reading in readings:
        if reading in formula_elements:
            return reading
    if word[:1].upper() == "D" and "H" in formula_elements and "D" not in formula_elements and len(word) == 1:
        return "D"
    # without a formula: two letters count when the second is small, or when nothing else reads
    if len(word) > 1 and word[1].islower() and readings[0] in _ELEMENTS:
        return readings[0]
    if len(word) > 1 and readings[0] in _ELEMENTS and readings[1] not in _ELEMENTS:
        return readings[0]
    if len(word) == 2 and word.isupper() and readings[0] in _ELEMENTS and readings[0] not in ("Oh", "Co", "Ho", "No"):
        return readings[0]
    return next((reading for reading in reversed(readings) if reading in _ELEMENTS), "")


def isotope_of(symbol: str, element: str) -> int:
    """Return the mass number of ``11B``, ``(11B)3+``, ``7Li`` or GSAS's ``Li_7``; 0 where none is written.

    ``B11`` is atom 11 of a list, not an isotope. What cannot be a nucleus of the element is no mass number.
    """
    match = re.match(rf"\W?(\d{{1,3}}){element}(?![a-z])|\W?{element}_(\d{{1,3}})\b", symbol, re.IGNORECASE)
    mass_number = int(match.group(1) or match.group(2)) if match else 0
    return mass_number if mass_number in isotopes_of(element) else 0


def _charge(symbol: str) -> int:
    """Read the charge of ``Ti4+``, ``O2-``, ``Li+``, ``Fe+3``; nothing beyond ±8 is a charge."""
    match = re.search(r"(\d)?([+-])(\d)?(?:\.0*)?$", symbol)
    if not match:
        return 0
    magnitude = int(match.group(1) or match.group(3) or 1)
    return magnitude if match.group(2) == "+" else -magnitude

"""Write structures as BGMN structure files (.str), with what BGMN refines by default declared free.

Lengths in nm, TDS = B/100 in nm² (see ``bgmn.py``). Limits are those that Profex's structure files have: 1 % of a
length, 0.5° of an angle.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from math import pi
from pathlib import Path

import gemmi
import numpy as np

from anatase.crystal.displacement import equivalent_u_iso
from anatase.crystal.free_cell import CELL_NAMES, free_cell_parameters
from anatase.crystal.orbit import Orbit
from anatase.crystal.structure import Site, Species, Structure
from anatase.crystal.wyckoff import WyckoffPosition, wyckoff_positions
from anatase.errors import InputError
from anatase.io.bgmn_setting import settings_of
from anatase.io.listed_atoms import written_group
from anatase.io.text_file import write_text

__all__ = ["bgmn_phase_name", "bgmn_str", "write_bgmn_str"]

NM_PER_ANGSTROM = 0.1
TDS_PER_U = 8.0 * pi**2 / 100.0  # nm² per Å²
LENGTH_SHARE, ANGLE_REACH = 0.01, 0.5
SITE_REACH = 0.02  # of the cell edge
TDS_REACH = 0.04  # nm², as B = 4 Å²
ON_POSITION = 1e-3  # of the cell edge: coordinates of four digits


def write_bgmn_str(structure: Structure, path: str | Path) -> None:
    """Write a structure as a BGMN ``.str`` file.

    Raises
    ------
    InputError
        As ``bgmn_str``.
    """
    write_text(Path(path), bgmn_str(structure))


def bgmn_phase_name(text: str) -> str:
    """Return a phase's name in the letters and digits that BGMN's expressions allow."""
    name = re.sub(r"\W+", "", text)
    return name if name[:1].isalpha() else f"P{name}"


def bgmn_str(structure: Structure, name: str = "", free: Collection[str] = ()) -> str:
    """Return the text of a BGMN structure file: cell, line widths and scale to refine, and of the sites what is free.

    ``free`` names coordinates and displacements by their sites: ``O1.x``, ``O1.u_iso``.

    Raises
    ------
    InputError
        When there are no sites, or the space group stands in a setting that BGMN has no symbol for.
    """
    if not structure.sites:
        raise InputError("the structure has no atoms", "give one with atoms")
    phase = bgmn_phase_name(name or structure.name or structure.formula)
    mineral = "_".join((structure.name or structure.formula).split())
    lines = [f"PHASE={phase} // written by anatase", f"MineralName={mineral} //", _group(structure), _cell(structure)]
    lines += ["RP=4 k1=0 PARAM=k2=0_0^0.00005 PARAM=B1=0_0^0.01 GEWICHT=SPHAR4 //", "GOAL=GrainSize(1,1,1) //"]
    lines.append(f"GOAL:{phase}=GEWICHT*ifthenelse(ifdef(d),exp(my*d*3/4),1)")
    for site, orbit in zip(structure.sites, structure.orbits, strict=True):
        lines.append(_site(structure, site, orbit, free))
    return "\n".join(lines) + "\n"


def _group(structure: Structure) -> str:
    import moyopy

    group = structure.space_group
    for number in range(1, 531):
        entry = moyopy.HallSymbolEntry(number)
        if entry.number == group.number and entry.hall_symbol.replace("=", '"') == group.hall:
            words = [f"SpacegroupNo={group.number}", f"HermannMauguin={entry.hm_full.replace(' ', '')}"]
            if group.symbol.endswith((":1", ":2")):
                words.append(f"OriginChoice={group.symbol[-1]}")
            if group.symbol.endswith(":R"):
                words.append("Lattice=Rhombohedral")
            return " ".join([*words, "//"])
    centred = written_group(group).replace(" ", "")
    if settings_of(group.number, centred, "")[0].group == group:  # C-1: not tabulated, but read by its elements
        return f"SpacegroupNo={group.number} HermannMauguin={centred} //"
    raise InputError(
        f"space group {group.symbol} stands in a setting without a symbol",
        "bring the structure to the standard setting",
    )


def _cell(structure: Structure) -> str:
    free, _ = free_cell_parameters(structure.lattice, structure.space_group)
    words = []
    for axis, value in zip(CELL_NAMES, structure.lattice.parameters, strict=True):
        if axis not in free:
            continue
        length = axis in ("a", "b", "c")
        number = value * NM_PER_ANGSTROM if length else value
        reach = LENGTH_SHARE * number if length else ANGLE_REACH
        words.append(f"PARAM={axis.upper()}={number:.9g}_{number - reach:.6g}^{number + reach:.6g}")
    return " ".join([*words, "//"])


def _site(structure: Structure, site: Site, orbit: Orbit, free: Collection[str]) -> str:
    position, xyz = _wyckoff(structure, orbit)
    u = site.u_iso
    if u is None and site.u_aniso is not None:
        u = equivalent_u_iso(site.u_aniso, structure.lattice)
    moves = any(f"{site.label}.{axis}" in free for axis in "xyz")
    place = []
    for axis, value, column in zip("xyz", xyz, position.linear.T, strict=True):
        word = f"{axis}={value:.9g}"
        if moves and np.any(column):
            word = f"PARAM={word}_{value - SITE_REACH:.6g}^{value + SITE_REACH:.6g}"
        place.append(word)
    tds = (u or 0.0) * TDS_PER_U
    word = f"TDS={tds:.9g}"
    if f"{site.label}.u_iso" in free:
        word = f"PARAM={word}_0^{max(TDS_REACH, 4.0 * tds):.6g}"
    return f"E={_content(site.species)} Wyckoff={position.letter} {' '.join(place)} {word}"


def _content(species: tuple[Species, ...]) -> str:
    words = []
    for one in species:
        charge = f"{one.charge:+d}" if one.charge else ""
        share = "" if len(species) == 1 and one.occupancy == 1.0 else f"({one.occupancy:.9g})"
        words.append(f"{gemmi.Element(one.element).name.upper()}{charge}{share}")
    return words[0] if len(words) == 1 else f"({','.join(words)})"


def _wyckoff(structure: Structure, orbit: Orbit) -> tuple[WyckoffPosition, tuple[float, float, float]]:
    """Return the Wyckoff position of a site, and the image of it that fits the tabulated coordinates."""
    for position in wyckoff_positions(structure.space_group):
        if position.multiplicity != orbit.multiplicity:
            continue
        pinv = np.linalg.pinv(position.linear)
        for image in orbit.images:
            # a coordinate such as 1/4 − x may lie in a neighbouring cell
            for shift in np.ndindex(3, 3, 3):
                place = image + np.array(shift) - 1.0 - position.shift
                if np.abs(position.linear @ (pinv @ place) - place).max() < ON_POSITION:
                    x, y, z = (float(value) for value in image)
                    return position, (x, y, z)
    raise InputError(
        f"a site of {structure.name or structure.formula} has no Wyckoff position", "bring it to the standard setting"
    )

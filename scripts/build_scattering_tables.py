"""Write the tables of scattering powers in src/anatase/scattering/data/ from xraydb, periodictable and gemmi.

usage: pip install xraydb periodictable && python scripts/build_scattering_tables.py

waasmaier_kirfel_1995.csv   X-ray form factors (Waasmaier & Kirfel 1995, Acta Cryst. A51, 416), as xraydb holds them
neutron_lengths.csv         neutron scattering lengths and cross sections of elements and isotopes, as periodictable
                            holds them (Rauch & Waschkowski 2003 with later measurements); for natural elements and
                            deuterium the real length is that of Sears (1992) Neutron News 3(3), 26, as gemmi holds it
neutron_resonances.csv      lengths of resonant nuclei by energy (Lynn & Seeger 1990), as periodictable holds them
"""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import gemmi
import periodictable
import xraydb
from periodictable.nsf_tables import ENERGY_DEPENDENT_TABLES

OUTPUT = Path(__file__).parents[1] / "src" / "anatase" / "scattering" / "data"
WAASMAIER_KIRFEL_HEADER = """\
# f0(s) = sum_i a_i exp(-b_i s^2) + c, s = sin(theta)/lambda in 1/angstrom, valid for 0 <= s <= 6
# Waasmaier & Kirfel (1995) Acta Cryst. A51, 416, as in xraydb (MIT licence); made by scripts/build_scattering_tables.py
element,charge,a1,a2,a3,a4,a5,b1,b2,b3,b4,b5,c"""
NEUTRON_HEADER = """\
# bound coherent length (fm, real part), coherent, incoherent and absorption cross section (barn, absorption at 1.798 A)
# mass number 0: the natural element; lengths of these and of 2-H: Sears (1992) Neutron News 3(3), 26, as in gemmi
# the rest: Rauch & Waschkowski (2003) with later measurements, as in periodictable (public domain)
element,mass_number,length,coherent,incoherent,absorption"""


RESONANCE_HEADER = """\
# bound coherent length (fm) of nuclei with resonances at thermal energies, by energy (eV); imaginary part b'' > 0
# Lynn & Seeger (1990) At. Data Nucl. Data Tables 44, 191, as in periodictable (public domain)
element,mass_number,energy,real,imaginary"""


def main() -> None:
    """Write the three tables."""
    OUTPUT.mkdir(exist_ok=True)
    tables = {
        "waasmaier_kirfel_1995": waasmaier_kirfel(),
        "neutron_lengths": neutron_lengths(),
        "neutron_resonances": neutron_resonances(),
    }
    for name, rows in tables.items():
        (OUTPUT / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        print(f"{name}.csv: {len(rows) - 1} rows")


def waasmaier_kirfel() -> list[str]:
    """Return header and rows of atoms and ions; the valence-state entries (Cval, Siva) are left out."""
    database = sqlite3.connect(Path(xraydb.__file__).parent / "xraydb.sqlite")
    query = "select element, ion, offset, scale, exponents from Waasmaier order by id"
    rows = [WAASMAIER_KIRFEL_HEADER]
    for element, ion, offset, scale, exponents in database.execute(query):
        match = re.fullmatch(rf"{element}(?:(\d)([+-]))?", ion)
        if not match:
            continue
        charge = int((match.group(2) or "+") + (match.group(1) or "0"))
        numbers = [*json.loads(scale), *json.loads(exponents), offset]
        rows.append(",".join([element, str(charge), *(f"{number:g}" for number in numbers)]))
    return rows


def neutron_lengths() -> list[str]:
    """Return header and rows of natural elements and isotopes."""
    rows = [NEUTRON_HEADER]
    for number in range(1, 97):
        element = periodictable.elements[number]
        natural = gemmi.Element(number).neutron92.get_coefs()[0] or element.neutron.b_c
        if natural is not None:
            rows.append(neutron_row(element.symbol, 0, natural, element.neutron))
        for isotope in element.isotopes:
            neutron = element[isotope].neutron
            if neutron is None or neutron.b_c is None:
                continue
            length = gemmi.Element("D").neutron92.get_coefs()[0] if (number, isotope) == (1, 2) else neutron.b_c
            rows.append(neutron_row(element.symbol, isotope, length, neutron))
    return rows


def neutron_row(symbol: str, isotope: int, length: float, neutron: periodictable.nsf.Neutron) -> str:
    """Return one row; a cross section that the table lacks is zero."""
    sections = (neutron.coherent or 0.0, neutron.incoherent or 0.0, neutron.absorption or 0.0)
    return ",".join([symbol, str(isotope), *(f"{value:.7g}" for value in (length, *sections))])


def neutron_resonances() -> list[str]:
    """Return header and rows of the energy-dependent lengths, b'' = -Im b as this project has it."""
    rows = [RESONANCE_HEADER]
    for (symbol, isotope), table in ENERGY_DEPENDENT_TABLES.items():
        for energy, real, imaginary, _ in table:
            rows.append(f"{symbol},{isotope or 0},{energy:g},{real:g},{-imaginary:g}")
    return rows


if __name__ == "__main__":
    main()

"""Reading structures from CIF: the repairs one by one, and every file of the evaluation library."""

from __future__ import annotations

from pathlib import Path

import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.standardize import standardize
from anatase.errors import InputError
from anatase.io.cif import read_structure, read_structures, structure_from_cif_text
from anatase.io.cif_atoms import element_and_charge, isotope_of, number
from anatase.io.cif_symmetry import groups_of_symbol
from anatase.io.write_cif import structure_to_cif

# fluorite: Wyckoff (1963) Crystal Structures 1, 239: a = 5.46295 Å
FLUORITE = """data_fluorite
_chemical_name_mineral Fluorite
_chemical_formula_sum 'Ca F2'
_cell_length_a 5.46295(10)
_cell_length_b 5.46295(10)
_cell_length_c 5.46295(10)
_cell_angle_alpha 90
_cell_angle_beta 90
_cell_angle_gamma 90
_journal_year 1963
_symmetry_space_group_name_H-M '{symbol}'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
_atom_site_B_iso_or_equiv
Ca1 Ca2+ 0 0 0 ? 0.6
F1 F1- 0.25(1) 1/4 0.25 1.0 .
"""


def fluorite(symbol: str = "F m -3 m") -> str:
    return FLUORITE.format(symbol=symbol)


@pytest.mark.parametrize("symbol", ["F m -3 m", "Fm3m", "F m 3 m", "FM-3M", "Fm-3m", "F 4/m -3 2/m", "F_m_-3_m"])
def test_old_and_misspelt_symbols(symbol: str):
    structure = structure_from_cif_text(fluorite(symbol))
    assert structure.space_group.number == 225
    assert structure.composition == {"Ca": 4, "F": 8}
    assert structure.formula == "CaF2"
    assert structure.name == "Fluorite"
    # density of fluorite, calculated from this cell: 4 × 78.07 / (0.60221 × 163.04) g/cm³
    assert structure.density == pytest.approx(3.18, abs=0.005)


def test_occupancies_charges_and_displacements():
    calcium, fluorine = structure_from_cif_text(fluorite()).sites
    assert (calcium.species[0].charge, fluorine.species[0].charge) == (2, -1)
    assert calcium.occupancy == 1.0
    assert calcium.u_iso == pytest.approx(0.6 / (8 * 3.14159265**2))
    assert fluorine.u_iso is None
    assert (calcium.multiplicity, fluorine.multiplicity) == (4, 8)


@pytest.mark.parametrize(
    ("symbol", "number", "setting"),
    [
        ("P2_1/c", 14, "P 1 21/c 1"),
        ("P 2(1)/c", 14, "P 1 21/c 1"),
        ("F d 3 m S", 227, "F d -3 m:1"),
        ("F d -3 m Z", 227, "F d -3 m:2"),
        ("R -3 m R", 166, "R -3 m:R"),
        ("R3c", 161, "R 3 c:H"),
        ("P 6/m c c S", 192, "P 6/m c c"),
        ("Pbnm", 62, "P b n m"),
        ("Cmca", 64, "C m c a"),
    ],
)
def test_symbols_of_the_wild(symbol: str, number: int, setting: str):
    found = groups_of_symbol(symbol, Lattice(5, 5, 7, 90, 90, 120))[0]
    assert (found.number, found.symbol) == (number, setting)


def test_symbol_that_cannot_be_read_is_said():
    structure = structure_from_cif_text(fluorite("Q 7"))
    assert structure.space_group.number == 1
    assert any("'Q 7' not understood" in w for w in structure.warnings)


def test_wrong_origin_is_told_by_the_formula():
    # magnetite with oxygen at (u,u,u), u = 0.2549, is in origin choice 2 (Fleet 1981, Acta Cryst. B37, 917)
    text = fluorite("F d -3 m:1").replace("'Ca F2'", "'Fe3 O4'").split("Ca1")[0].replace("5.46295(10)", "8.394")
    text += "Fe1 Fe 0.5 0.5 0.5 1 .\nFe2 Fe 0.125 0.125 0.125 1 .\nO1 O 0.2549 0.2549 0.2549 1 .\n"
    structure = structure_from_cif_text(text)
    assert structure.space_group.symbol == "F d -3 m:2"
    assert structure.formula == "Fe3O4"
    assert any("read as F d -3 m:2" in w for w in structure.warnings)


def test_images_of_an_atom_are_merged_and_mixed_sites_joined():
    rows = ("Ca1 Ca2+ 0 0 0 0.7 0.6", "Sr1 Sr2+ 0 0 0 0.3 0.6", "Ca2 Ca2+ 0.5 0.5 0 0.7 .")
    text = fluorite().replace("Ca1 Ca2+ 0 0 0 ? 0.6", "\n".join(rows))
    structure = structure_from_cif_text(text)
    assert [(s.element, s.occupancy) for s in structure.sites[0].species] == [("Ca", 0.7), ("Sr", 0.3)]
    assert structure.formula == "Sr0.3Ca0.7F2"
    assert any("repeat symmetry images" in w for w in structure.warnings)


@pytest.mark.parametrize(
    ("symbol", "label", "formula", "expected"),
    [
        ("Ti4+", "M1", "", ("Ti", 4)),
        ("O2-", "O1", "", ("O", -2)),
        ("Fe+3", "", "", ("Fe", 3)),
        ("Bi1", "", "", ("Bi", 0)),
        ("D", "D1", "", ("D", 0)),
        ("OH", "OH1", "", ("O", 0)),
        ("Wat", "", "Ca O H", ("O", 0)),
        ("", "W1", "W O", ("W", 0)),
        ("", "W1", "Ca O", ("O", 0)),
        ("", "CA1", "Ca O", ("Ca", 0)),
        ("", "CA1", "C H O", ("C", 0)),
        ("", "CO2", "Co O", ("Co", 0)),
        ("", "Si_1", "", ("Si", 0)),
        ("SI", "", "", ("Si", 0)),
        ("Va", "Va1", "Fe O", None),
    ],
)
def test_elements(symbol: str, label: str, formula: str, expected: tuple[str, int] | None):
    assert element_and_charge(symbol, label, frozenset(formula.split())) == expected


@pytest.mark.parametrize(
    ("symbol", "element", "expected"),
    [
        *[("11B", "B", 11), ("(11B)3+", "B", 11), ("7Li+", "Li", 7), ("Li_7", "Li", 7), ("2H", "H", 2)],
        *[("B11", "B", 0), ("B", "B", 0), ("D", "D", 0), ("4Ti", "Ti", 0), ("", "O", 0), ("13Cl", "Cl", 0)],
    ],
)
def test_isotopes(symbol: str, element: str, expected: int):
    assert isotope_of(symbol, element) == expected


def test_isotopes_are_read_written_and_never_merged():
    text = fluorite().replace("Ca1 Ca2+ 0 0 0 ? 0.6", "Ca1 40Ca2+ 0 0 0 0.5 0.6\nCa2 44Ca2+ 0 0 0 0.5 0.6")
    structure = structure_from_cif_text(text)
    assert [(s.element, s.charge, s.isotope) for s in structure.sites[0].species] == [("Ca", 2, 40), ("Ca", 2, 44)]
    again = structure_from_cif_text(structure_to_cif(structure))
    assert again.sites[0].species == structure.sites[0].species


@pytest.mark.parametrize(("raw", "value"), [("0.1975(1)", 0.1975), ("1/3", 1 / 3), ("0,25", 0.25), ("-.5", -0.5)])
def test_numbers(raw: str, value: float):
    assert number(raw) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no data block with a cell"),
        ("no CIF at all", "no readable CIF"),
        ("data_x\n_cell_length_a 5\n", "no _cell_length_b"),
        (fluorite().split("loop_")[0], "lists no atoms"),
        (fluorite().replace("Ca1 Ca2+", "?? Qq9"), "is no element"),
        (fluorite().replace("_cell_length_c 5.46295(10)", "_cell_length_c 7.1"), "has not the symmetry"),
        (fluorite().replace("_cell_length_a 5.46295(10)", "_cell_length_a -5"), "no crystal has"),
        (fluorite().replace("5.46295(10)", "9e9"), "no crystal has"),
        (fluorite() + "loop_\n_broken\n;unclosed", "no readable CIF"),
        ("\x89PNG\r\n\x1a\n\x00\x00", "no readable CIF"),
    ],
)
def test_refusals_say_why(text: str, reason: str):
    with pytest.raises(InputError, match=reason):
        structure_from_cif_text(text, "bad.cif")


def test_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read"):
        read_structure(tmp_path / "none.cif")


def test_blocks(tmp_path: Path):
    path = tmp_path / "two.cif"
    path.write_text(fluorite() + fluorite().replace("data_fluorite", "data_other"))
    assert len(read_structures(path)) == 2
    assert read_structure(path, block="other").origin.identifier == "other"
    with pytest.raises(InputError, match="no data block 'third'"):
        read_structure(path, block="third")


def test_what_is_written_is_read_back():
    structure = standardize(structure_from_cif_text(fluorite()))
    again = structure_from_cif_text(structure_to_cif(structure))
    assert again.space_group == structure.space_group
    assert again.lattice.parameters == pytest.approx(structure.lattice.parameters, abs=1e-7)
    assert again.composition == structure.composition
    for one, two in zip(again.sites, structure.sites, strict=True):
        assert one.species == two.species
        assert one.xyz == pytest.approx(two.xyz, abs=1e-7)
        assert (one.multiplicity, one.u_iso) == (two.multiplicity, pytest.approx(two.u_iso) if two.u_iso else None)


def test_library_samples_find_the_stated_symmetry(shared_data: Path):
    # file -> (number stated by the collection, formula): openchemistry and mp name both; LiTiO2_227 is written in P1
    expected = {
        "openchemistry/oxides/Al2O3-Corundum.cif": (167, "Al2O3"),
        "openchemistry/silicates/Be3Al2(SiO3)6-Beryl.cif": (192, "Be3Al2Si6O18"),
        "autoanalyzer/LiTiO2_227.cif": (227, "LiTiO2"),
        "autoanalyzer/Li6Zr2O7_15.cif": (15, "Li6Zr2O7"),
        "ncrystal/Y3Al5O12_sg230_YAG.cif": (230, "Y3Al5O12"),
        "rietserv_cod/Hyperlox/WC.cif": (187, "WC"),
    }
    for name, (group, formula) in expected.items():
        structure = standardize(read_structure(shared_data / "library" / name))
        assert (structure.space_group.number, structure.formula) == (group, formula), name


def test_lost_centring_is_restored_only_where_the_cell_is_half_empty(shared_data: Path):
    # low albite is C -1, density 2.62 g/cm³ (Handbook of Mineralogy); Zr2O in P1 is a whole cell with large voids
    albite = read_structure(shared_data / "library" / "profex_cif" / "Minerals__Albite.cif")
    assert albite.space_group.symbol == "C -1"
    assert albite.density == pytest.approx(2.62, abs=0.01)
    assert any("centring restored" in warning for warning in albite.warnings)
    oxide = read_structure(shared_data / "library" / "autoanalyzer" / "Zr2O_224.cif")
    assert (oxide.space_group.symbol, oxide.formula) == ("P 1", "Zr2O")


def test_every_fifth_library_file_is_read(shared_data: Path):
    files = sorted((shared_data / "library").rglob("*.cif"))[::5]
    refused = []
    for path in files:
        try:
            structure = standardize(read_structure(path))
            assert structure.sites
            assert all(site.multiplicity > 0 for site in structure.sites)
        except InputError as error:
            refused.append(str(error))
    assert len(files) > 300
    assert len(refused) <= 0.01 * len(files), refused


@pytest.mark.parametrize(("code", "xyz"), [("2", "0.125 0.125 0.125"), ("1", "0 0 0")])
@pytest.mark.parametrize("tag", ["_space_group_IT_coordinate_system_code", "_space_group.IT_coordinate_system_code"])
def test_the_code_of_the_coordinate_system_chooses_the_origin(tmp_path, code, xyz, tag):
    # silicon: 8 atoms in either choice, 16 with the other's coordinates
    cell = "".join(f"_cell_length_{a} 5.431\n" for a in "abc") + "".join(
        f"_cell_angle_{a} 90\n" for a in ("alpha", "beta", "gamma")
    )
    loop = "loop_\n" + "".join(f"_atom_site_{n}\n" for n in ("label", "fract_x", "fract_y", "fract_z"))
    file = tmp_path / "si.cif"
    file.write_text(f"data_si\n{cell}_space_group_name_H-M_alt 'F d -3 m'\n{tag} {code}\n{loop}Si {xyz}\n")
    structure = read_structure(file)
    assert structure.n_atoms == 8
    assert structure.space_group.symbol == f"F d -3 m:{code}"

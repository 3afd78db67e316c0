"""Structures in OPTIMADE answers: positions, mixtures, vacancies, assemblies, asymmetric units, what is refused."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest

from anatase.crystal.standardize import standardize
from anatase.errors import InputError
from anatase.io.optimade import read_optimade, structure_of_entry
from anatase.io.structure_files import is_structure_file, read_structure_file

RUTILE_CELL = [[4.5937, 0, 0], [0, 4.5937, 0], [0, 0, 2.9587]]
U = 0.3049
RUTILE_XYZ = [[0, 0, 0], [0.5, 0.5, 0.5], [U, U, 0], [-U, -U, 0], [0.5 - U, 0.5 + U, 0.5], [0.5 + U, 0.5 - U, 0.5]]


def element(name, **more):
    return {"name": name, "chemical_symbols": [name], "concentration": [1.0], **more}


def rutile(**changes):
    attributes = {
        "nperiodic_dimensions": 3,
        "chemical_formula_reduced": "O2Ti",
        "elements": ["O", "Ti"],
        "elements_ratios": [2 / 3, 1 / 3],
        "lattice_vectors": RUTILE_CELL,
        "cartesian_site_positions": (np.array(RUTILE_XYZ) @ np.array(RUTILE_CELL)).tolist(),
        "species_at_sites": ["Ti", "Ti", "O", "O", "O", "O"],
        "species": [element("Ti"), element("O")],
    }
    return {"id": "7", "type": "structures", "attributes": {**attributes, **changes}}


def test_symmetry_is_found_from_positions_that_fill_the_cell():
    structure = structure_of_entry(rutile())
    assert structure.space_group.number == 1
    standard = standardize(structure)
    assert standard.space_group.number == 136
    assert standard.formula == "TiO2"
    oxygen = next(site for site in standard.sites if site.species[0].element == "O")
    assert min(oxygen.xyz[0], 1 - oxygen.xyz[0]) == pytest.approx(U, abs=1e-6)  # as it was put in
    assert standard.density == pytest.approx(4.25, abs=0.01)  # g/cm³, Handbook of Mineralogy: 4.23-4.25


def test_oblique_vectors_in_any_orientation():
    # the primitive cell of halite, a = 5.6402 Å, turned by a rotation about [111]
    half = 5.6402 / 2
    turn = np.array([[2, -1, 2], [2, 2, -1], [-1, 2, 2]]) / 3.0
    vectors = half * np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]) @ turn
    positions = [[0, 0, 0], (0.5 * vectors.sum(axis=0)).tolist()]
    entry = rutile(
        lattice_vectors=vectors.tolist(),
        cartesian_site_positions=positions,
        species_at_sites=["Na", "Cl"],
        species=[],
        elements=["Cl", "Na"],
        elements_ratios=[0.5, 0.5],
    )
    standard = standardize(structure_of_entry(entry))
    assert standard.space_group.number == 225
    assert standard.lattice.a == pytest.approx(5.6402, abs=1e-6)


def test_left_handed_vectors_keep_the_hand_of_the_crystal():
    # α-quartz, P 32 2 1 (154): a = 4.913, c = 5.405 Å; Si at (u, 0, 2/3), u = 0.4697 (Levien et al., 1980)
    a, c, u = 4.913, 5.405, 0.4697
    vectors = np.array([[a, 0, 0], [-a / 2, a * np.sqrt(3) / 2, 0], [0, 0, c]])
    silicon = np.array([[u, 0, 2 / 3], [0, u, 1 / 3], [-u, -u, 0]])
    changes = {"species_at_sites": ["Si"] * 3, "species": [element("Si")], "elements": ["Si"], "elements_ratios": [1.0]}
    right = rutile(lattice_vectors=vectors.tolist(), cartesian_site_positions=(silicon @ vectors).tolist(), **changes)
    swapped = vectors[[1, 0, 2]]
    left = rutile(lattice_vectors=swapped.tolist(), cartesian_site_positions=(silicon @ vectors).tolist(), **changes)
    assert np.linalg.det(swapped) < 0
    groups = [standardize(structure_of_entry(entry)).space_group.number for entry in (right, left)]
    assert groups[0] == groups[1]
    assert groups[0] in (152, 154)
    mirrored = rutile(
        lattice_vectors=swapped.tolist(), cartesian_site_positions=(silicon @ swapped).tolist(), **changes
    )
    assert {groups[0], standardize(structure_of_entry(mirrored)).space_group.number} == {152, 154}


def test_mixtures_and_vacancies_share_a_site():
    mixed = {"name": "M", "chemical_symbols": ["Ti", "Nb", "vacancy"], "concentration": [0.6, 0.3, 0.1]}
    entry = rutile(
        species=[mixed, element("O"), {"name": "empty", "chemical_symbols": ["vacancy"], "concentration": [1.0]}],
        species_at_sites=["M", "M", "O", "O", "O", "empty"],
        elements=["Nb", "O", "Ti"],
        elements_ratios=[0.6 / 4.8, 3 / 4.8, 1.2 / 4.8],
    )
    structure = structure_of_entry(entry)
    assert len(structure.sites) == 5
    assert [(s.element, s.occupancy) for s in structure.sites[0].species] == [("Ti", 0.6), ("Nb", 0.3)]
    assert structure.composition == pytest.approx({"Ti": 1.2, "Nb": 0.6, "O": 3.0})


def test_groups_of_an_assembly_have_their_probabilities():
    entry = rutile(
        assemblies=[{"sites_in_groups": [[2, 3], [4, 5]], "group_probabilities": [0.3, 0.7]}],
        elements_ratios=[0.5, 0.5],
    )
    occupancies = [site.occupancy for site in structure_of_entry(entry).sites]
    assert occupancies == pytest.approx([1, 1, 0.3, 0.3, 0.7, 0.7])


def test_attached_atoms_are_left_out_with_a_warning():
    water = element("O", attached=["H"], nattached=[2])
    structure = structure_of_entry(
        rutile(species=[element("Ti"), water], elements=["H", "O", "Ti"], elements_ratios=[8 / 14, 4 / 14, 2 / 14])
    )
    assert structure.elements == {"Ti", "O"}
    assert structure.warnings == ("2 H attached to species 'O' without positions: left out",)


def test_deuterium_is_known_by_its_mass():
    heavy = {"name": "D", "chemical_symbols": ["H"], "concentration": [1.0], "mass": [2.014]}
    entry = rutile(species=[element("Ti"), heavy], species_at_sites=["Ti", "Ti", *["D"] * 4], elements=["H", "Ti"])
    entry["attributes"]["elements_ratios"] = [2 / 3, 1 / 3]
    assert structure_of_entry(entry).sites[2].species[0].isotope == 2


def test_an_asymmetric_unit_is_filled_by_its_operations():
    operations = ["x,y,z", "-x,-y,z", "-y+1/2,x+1/2,z+1/2", "y+1/2,-x+1/2,z+1/2"]
    operations += ["-x+1/2,y+1/2,-z+1/2", "x+1/2,-y+1/2,-z+1/2", "y,x,-z", "-y,-x,-z"]
    operations += [  # the same with an inversion: P 42/m n m
        "-x,-y,-z", "x,y,-z", "y+1/2,-x+1/2,-z+1/2", "-y+1/2,x+1/2,-z+1/2",
        "x+1/2,-y+1/2,z+1/2", "-x+1/2,y+1/2,z+1/2", "-y,-x,z", "y,x,z",
    ]  # fmt: skip
    entry = rutile(
        fractional_site_positions=[[0, 0, 0], [U, U, 0]],
        site_coordinate_span="asymmetric_unit",
        species_at_sites=["Ti", "O"],
        space_group_symmetry_operations_xyz=operations,
    )
    del entry["attributes"]["cartesian_site_positions"]
    structure = structure_of_entry(entry)
    assert structure.space_group.number == 136
    assert structure.composition == {"O": 4.0, "Ti": 2.0}
    whole = structure_of_entry(rutile())
    assert structure.density == pytest.approx(whole.density, rel=1e-12)
    by_symbol = copy.deepcopy(entry)
    by_symbol["attributes"]["space_group_symmetry_operations_xyz"] = None
    by_symbol["attributes"]["space_group_symbol_hall"] = "-P 4n 2n"
    assert structure_of_entry(by_symbol).composition == structure.composition
    unspanned = copy.deepcopy(entry)
    unspanned["attributes"]["site_coordinate_span"] = None  # two sites that pass for all six
    with pytest.raises(InputError, match=r"sites hold O0\.50 Ti0\.50, where the entry states O0\.67 Ti0\.33"):
        structure_of_entry(unspanned)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nperiodic_dimensions": 2}, "periodic in 2 dimensions"),
        ({"nperiodic_dimensions": None, "dimension_types": [1, 0, 0]}, "periodic in 1 dimensions"),
        ({"lattice_vectors": None}, "no lattice_vectors"),
        ({"lattice_vectors": [[4.6, 0, 0], [0, 4.6, 0], [0, None, 3]]}, "lattice_vectors holds unknown values"),
        ({"lattice_vectors": [[4.6, 0, 0], [0, 4.6, 0], [4.6, 0, 0]]}, "span no volume"),
        ({"lattice_vectors": [[4.6, 0], [0, 4.6]]}, "shape"),
        ({"cartesian_site_positions": None}, "no fractional_site_positions"),
        ({"cartesian_site_positions": []}, "no cartesian_site_positions"),
        ({"cartesian_site_positions": [["a", 0, 0]]}, "no table of numbers"),
        ({"species_at_sites": ["Ti"]}, "lists 1 of 6 sites"),
        ({"species_at_sites": ["Ti", "Ti", "Q", "Q", "Q", "Q"]}, "'Q', no known element"),
        ({"species": [{"name": "Ti", "chemical_symbols": ["X"], "concentration": [1.0]}]}, "'X', no known element"),
        ({"species": [{"name": "Ti", "chemical_symbols": ["Ti"], "concentration": [4.0]}]}, "between 0 and 1"),
        ({"species": [{"name": "Ti", "chemical_symbols": ["Ti"]}]}, "no share for each element"),
        ({"assemblies": [{"sites_in_groups": [[9]], "group_probabilities": [0.5]}]}, r"an assembly holds \[9\]"),
        ({"assemblies": [{"sites_in_groups": [[0]]}]}, "no probability"),
        ({"site_coordinate_span": "molecular_entities"}, "span 'molecular_entities'"),
        ({"site_coordinate_span": "asymmetric_unit"}, "without symmetry operations"),
        ({"elements": ["Ti"], "elements_ratios": None}, "entry states Ti"),
    ],
)
def test_what_is_no_whole_crystal_is_refused(changes, message):
    with pytest.raises(InputError, match=message):
        structure_of_entry(rutile(**changes))


def test_name_citation_and_licence_of_a_crystallographic_entry():
    entry = rutile(
        _cod_mineral="Rutile",
        _cod_authors="Baur, W. H.; Khan, A. A.; Third, A.; Fourth, B.",
        _cod_journal="Acta Crystallographica Section B",
        _cod_volume="27",
        _cod_year=1971,
        _cod_firstpage="2133",
        _cod_license="CC0-1.0",
    )
    structure = structure_of_entry(entry)
    assert structure.name == "Rutile"
    assert structure.origin.citation == (
        "Baur, W. H.; Khan, A. A.; Third, A. et al. (1971) Acta Crystallographica Section B 27, 2133"
    )
    assert structure.origin.licence == "CC0-1.0"
    assert structure.origin.identifier == "7"
    plain = structure_of_entry(rutile(_xyz_volume=62))
    assert (plain.name, plain.origin.citation, plain.origin.licence) == ("O2Ti", "", "")


def test_the_work_that_an_entry_is_related_to_is_cited():
    entry = {**rutile(), "relationships": {"references": {"data": [{"type": "references", "id": "d68"}]}}}
    work = {"authors": [{"name": "Edsger W. Dijkstra"}], "year": "1968", "journal": "CACM", "doi": "10.1145/362929"}
    included = [{"type": "references", "id": "other"}, {"type": "references", "id": "d68", "attributes": work}]
    assert structure_of_entry(entry, included).origin.citation == "Edsger W. Dijkstra (1968) CACM, doi:10.1145/362929"


def test_saved_answers_are_structure_files(tmp_path):
    path = tmp_path / "rutile.optimade"
    path.write_text(json.dumps({"data": rutile()}))
    assert is_structure_file(path.name)
    assert [s.formula for s in read_structure_file(path)] == ["TiO2"]
    path.write_text(json.dumps({"data": [rutile(), rutile()]}))
    assert len(read_optimade(path)) == 2
    for text, message in [
        ("{", "no readable JSON"),
        ("[]", "no OPTIMADE entry"),
        ('{"data": null}', "no OPTIMADE entry"),
        ('{"data": {"id": "1"}}', "no attributes"),
    ]:
        path.write_text(text)
        with pytest.raises(InputError, match=message):
            read_optimade(path)

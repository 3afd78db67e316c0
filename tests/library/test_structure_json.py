"""Structures survive the form in which the library stores them."""

from __future__ import annotations

import json
import zlib

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Site, Species, Structure
from anatase.library.structure_json import dump_structure, load_structure

BORIDE = Structure(
    Lattice(4.156, 4.156, 4.156),
    SpaceGroup.from_number(221),
    (
        Site("La", (Species("La", 0.9, 3), Species("Gd", 0.1, 3, 160)), (0.0, 0.0, 0.0), u_iso=0.005, multiplicity=1),
        Site("B", (Species("B", isotope=11),), (0.1993, 0.5, 0.5), multiplicity=6, wyckoff="f"),
    ),
    "LaB6",
    Origin("test", "1", "nobody (2026)", "CC0"),
)


def test_what_is_dumped_is_loaded():
    assert load_structure(dump_structure(BORIDE)) == BORIDE


def test_documents_without_isotopes_are_natural_elements():
    document = json.loads(zlib.decompress(dump_structure(BORIDE)))
    assert document["sites"][0][1][0] == ["La", 0.9, 3]  # as libraries built before isotopes have it
    assert load_structure(zlib.compress(json.dumps(document).encode())).sites[0].species[0] == Species("La", 0.9, 3)

"""Rigid bodies as data: nothing of a table is lost, and a wrong one says what is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.refine.rigid_body.body import Bond, RigidBody, Torsion, body_from_table, body_table, body_words

NUMBERS = st.floats(-1e9, 1e9)


@st.composite
def bodies(draw):
    sites = tuple(f"C{i}" for i in range(draw(st.integers(3, 6))))
    shape = draw(st.sampled_from(["cartesian", "bonds", "none"]))
    cartesian, bonds = (), ()
    if shape == "cartesian":
        cartesian = tuple(draw(st.tuples(NUMBERS, NUMBERS, NUMBERS)) for _ in sites)
    if shape == "bonds":
        texts = st.sampled_from(["", *sites])
        bonds = tuple(
            Bond(site, draw(texts), draw(NUMBERS), draw(texts), draw(NUMBERS), draw(texts), draw(NUMBERS))
            for site in sites
        )
    torsions = draw(st.lists(st.just(Torsion((sites[0], sites[1]), sites[2:])), max_size=2).map(tuple))
    motions = draw(st.sampled_from([(), ("tx", "rz"), ("torsion_1",) if torsions else ()]))
    origin = draw(st.sampled_from(["", "centre", *sites]))
    return RigidBody(draw(st.text(min_size=1, max_size=5)), "A", sites, cartesian, bonds, origin, motions, torsions)


@given(bodies())
def test_tables_give_the_body_back(body):
    assert body_from_table(json.loads(json.dumps(body_table(body)))) == body
    assert body_words(body)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"sites": ["S"]}, "two or more"),
        ({"sites": ["S", "S"]}, "each once"),
        ({"cartesian": [[0, 0, 0]]}, "has 1 coordinates"),
        ({"cartesian": [[0, 0], [1, 1, 1]]}, "three Cartesian coordinates"),
        ({"bonds": [{"site": "S"}]}, "do not place each"),
        ({"bonds": [{"site": "S", "lenght": 1.5}]}, "give a table with site"),
        ({"origin": "Pb"}, "none of its sites"),
        ({"motions": ["t"]}, "no motion 't'"),
        ({"motions": ["torsion_1"]}, "no motion 'torsion_1'"),
        ({"torsions": [{"bond": ["S"], "moves": ["O1"]}]}, "a torsion of a rigid body is"),
        ({"torsions": [{"bond": ["S", "O1"], "moves": ["S"]}]}, "beyond the bond"),
        ({"torsions": [{"bond": ["S", "S"], "moves": ["O1"]}]}, "beyond the bond"),
        ({"shape": 3}, "no key 'shape'"),
        ({"phase": 3}, "give a name"),
    ],
)
def test_tables_that_state_no_body(more, words):
    with pytest.raises(InputError, match=words):
        body_from_table({"body": "B", "phase": "A", "sites": ["S", "O1"], **more})
    with pytest.raises(InputError, match="lacks 'sites'"):
        body_from_table({"body": "B", "phase": "A"})

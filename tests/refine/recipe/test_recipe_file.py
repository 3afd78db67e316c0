"""Recipe files: round trips of any recipe, and what a wrong one is answered with, with its line."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.pattern.background_model import DebyeTerm, Hump
from anatase.refine.constraint.constraints import Bound, Equal, Fixed, Linear, Tie
from anatase.refine.recipe.recipe import BackgroundChoice, Recipe, RecipeStep
from anatase.refine.recipe.recipe_file import read_recipe, write_recipe
from anatase.refine.recipe.tables import recipe_from_table, recipe_table
from anatase.refine.restraint.restraints import Distance, Formula, Plane
from anatase.refine.rigid_body.body import RigidBody, Torsion

NUMBERS = st.floats(-1e9, 1e9)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=10)
SEVERAL = st.lists(NAMES, max_size=3).map(tuple)
RANGES = st.tuples(st.floats(0.0, 50.0), st.floats(51.0, 180.0))
BACKGROUNDS = st.builds(
    BackgroundChoice,
    chebyshev=st.lists(NUMBERS, max_size=4).map(tuple),
    inverse=NUMBERS,
    nodes=st.lists(NUMBERS, max_size=3).map(tuple),
    interpolation=st.sampled_from(["linear", "cubic"]),
    debye=st.lists(st.builds(DebyeTerm, NUMBERS, st.floats(0.5, 9.0), st.floats(0.0, 1.0)), max_size=2).map(tuple),
    humps=st.lists(
        st.builds(Hump, NUMBERS, NUMBERS, st.floats(0.1, 9.0), st.floats(0.0, 1.0), st.booleans()), max_size=2
    ).map(tuple),
)
CONSTRAINTS = st.sampled_from([
    Equal(("*.u_iso",)), Linear(((1.0, "A.M.Ca.occupancy"), (1.0, "A.M.Sr.occupancy")), 1.0), Tie("a", "b", -2.0, 0.5),
    Fixed(("lab.zero",)), Bound(("*.u_iso",), 0.0, 0.1),
    RigidBody("SO4", "P", ("S", "O1", "O2"), origin="centre", torsions=(Torsion(("S", "O1"), ("O2",)),)),
])  # fmt: skip
RESTRAINTS = st.sampled_from([
    Distance(("P.S", "P.O*"), 1.48, 0.02, 1.8), Plane(("P.C1", "P.C2", "P.C3", "P.C4"), 0.01), Formula("P", "TiO2", 0.1)
])  # fmt: skip
RECIPES = st.builds(
    Recipe,
    title=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20),
    mode=st.dictionaries(NAMES, st.sampled_from(["rietveld", "lebail", "pawley"]), max_size=2),
    background=st.dictionaries(NAMES, BACKGROUNDS, max_size=2),
    instrument=st.dictionaries(NAMES, st.fixed_dictionaries({}, optional={
        "geometry": st.just("debye_scherrer"), "radius": NUMBERS, "zero": NUMBERS}), max_size=2),
    sample=st.dictionaries(NAMES, st.fixed_dictionaries({}, optional={
        "texture_axis": st.just((0, 0, 1)), "size": NUMBERS, "stephens": st.just(True),
        "textures": st.just((((0, 0, 1), 0.8, 0.5),))}), max_size=2),
    values=st.dictionaries(NAMES, NUMBERS, max_size=3),
    free=SEVERAL,
    steps=st.lists(st.builds(RecipeStep, SEVERAL, NAMES, NAMES, SEVERAL), max_size=3).map(tuple),
    constraints=st.lists(CONSTRAINTS, max_size=4).map(tuple),
    restraints=st.lists(RESTRAINTS, max_size=3).map(tuple),
    restraint_weight=st.floats(0.1, 10.0),
    limits=st.dictionaries(NAMES, RANGES, max_size=2),
    excluded=st.dictionaries(NAMES, st.lists(RANGES, max_size=3).map(tuple), max_size=2),
    max_iterations=st.none() | st.integers(1, 100),
    shift_tolerance=st.none() | st.floats(1e-6, 1.0),
)  # fmt: skip


@given(RECIPES, st.sampled_from(["r.toml", "r.json"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_files_give_the_recipe_back(tmp_path, recipe, name):
    write_recipe(recipe, tmp_path / name)
    assert read_recipe(tmp_path / name) == recipe
    assert recipe_from_table(json.loads(json.dumps(recipe_table(recipe)))) == recipe
    assert isinstance(recipe.describe(), str)


def test_description(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(
        """
title = "anglesite"
mode = "rietveld"
free = ["*.u_iso"]
[background.lab]
terms = 6
nodes = [10, 20]
humps = [{area = 10, position = 22, fwhm = 4}]
[values]
"lab.zero" = 0.01
[limits]
lab = [10, 90]
[excluded]
lab = [[30, 31]]
[options]
max_iterations = 9
restraint_weight = 2.0
[[step]]
title = "scales"
free = ["*.scale"]
reason = "heights first"
[[constraint]]
equal = ["A.O1.u_iso", "A.O2.u_iso"]
[[restraint]]
distance = ["A.S", "A.O1"]
target = 1.5
su = 0.01
""",
        "utf-8",
    )
    assert read_recipe(path).describe().splitlines() == [
        "anglesite",
        "*: rietveld",
        "background of lab: 6 Chebyshev terms, 2 nodes joined by lines, a hump at 22",
        "lab.zero starts at 0.01",
        "lab: fitted from 10 to 90",
        "lab: without 30 to 31",
        "step 1: scales: free *.scale (heights first)",
        "at last: *.u_iso",
        "constraint: A.O1.u_iso = A.O2.u_iso",
        "restraint: A.S to A.O1: 1.5 ± 0.01 Å",
        "restraints have the weight 2",
        "at most 9 iterations",
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("title = 'a'\nfre = ['*.a']\n", 2, "no key 'fre'"),
        ("free = ['*.a'\nmode = 3\n", 2, "is no TOML"),
        ("free = '*.a'\n", 1, "give a list of names"),
        ("\n[mode]\nPbSO4 = 'rietvelt'\n", 3, "the mode of 'PbSO4' is 'rietvelt'"),
        ("[background.lab]\n\nterm = 6\n", 3, "no key 'term'"),
        ("[background.lab]\nterms = 2.5\n", 2, "number of Chebyshev terms"),
        ("[background.lab]\nterms = 2\nchebyshev = [1.0]\n", 2, "give one of them"),
        ("[background.lab]\nhumps = [{area = 1, position = 2}]\n", 2, "lacks a value"),
        ("[background.lab]\nhumps = [{area = 1, position = 2, fwhm = 0}]\n", 2, "is impossible"),
        ("[background.lab]\nnodes = [1]\nheights = [1, 2]\n", 3, "one for each of 'nodes'"),
        ("[instrument.lab]\nradiuss = 200\n", 2, "no key 'radiuss'"),
        ("[values]\n'lab.zero' = 'much'\n", 2, "give a number"),
        ("[limits]\nlab = [90, 10]\n", 2, "its lower and its upper end"),
        ("[excluded]\nlab = 3\n", 2, "give a list of ranges"),
        ("[options]\nmax_iterations = 2.5\n", 2, "positive whole number"),
        ("[options]\niterations = 2\n", 2, "no key 'iterations'"),
        (f"[values]\n'lab.zero' = 1{'0' * 400}\n", 2, "give a number"),
        (f"[instrument.lab]\nradius = 1{'0' * 400}\n", None, "a setting is"),
        ("[instrument.lab]\nradius = nan\n", None, "a setting is nan"),
        ("[[constraint]]\ntie = 'a'\nto = 'b'\noffset = nan\n", 4, "'offset' of a constraint is nan"),
        (
            f"[[constraint]]\nbody = 'B'\nphase = 'A'\nsites = ['S', 'O']\ncartesian = [[1{'0' * 400}, 0, 0]]\n",
            1,
            "in Å",
        ),
        ("[[restraint]]\ndistance = ['a', 'b']\ntarget = inf\nsu = 1\n", 3, "'target' of a restraint is inf"),
        ("[[step]]\nfrei = []\n", 2, "no key 'frei'"),
        ("[step]\nfree = []\n", 1, r"give tables, each under \[\[step\]\]"),
        ("[[constraint]]\nequal = ['a', 'b']\n\n[[constraint]]\nequal = ['a', 'b']\ntotal = 1\n", 6, "no key 'total'"),
        ("[[constraint]]\nfix = ['a']\n[[constraint]]\nsame = ['a', 'b']\n", 3, "constraint 2: a constraint has the"),
        ("[[constraint]]\nbody = 'B'\nphase = 'A'\nsites = ['S']\n", 1, "two or more"),
        ("[[restraint]]\ndistance = ['a', 'b']\ntarget = 1\nsu = -1\n", 2, "restraint 1: .*give a positive one"),
    ],
)
def test_what_no_recipe_says(tmp_path, text, line, words):
    path = tmp_path / "r.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=words) as caught:
        read_recipe(path)
    assert caught.value.line == line
    assert caught.value.file == str(path)


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"{\n]", "r.json", "line 2: is no JSON"),
        (b"[1, 2]", "r.json", "holds no table"),
        (b"title = '\xff\xfe'", "r.toml", "not written in UTF-8"),
        (b"a = " + b"[" * 5000, "r.toml", "is no TOML"),
    ],
)
def test_files_that_are_none(tmp_path, content, name, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_recipe(tmp_path / name)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")

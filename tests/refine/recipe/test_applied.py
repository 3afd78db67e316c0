"""Recipes on a model: every setting arrives, wrong ones say where, and a whole recipe finds a simulated truth."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.background import estimate_background
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.recipe.applied import restraints_of, steps_of, with_recipe
from anatase.refine.recipe.carried_out import carried_out
from anatase.refine.recipe.recipe_file import read_recipe
from anatase.refine.strategy.strategy import Rules

WHOLE = """
title = "anglesite on a neutron diffractometer"

[limits]
d1a = [16.0, 118.0]

[excluded]
d1a = [[60.0, 61.0]]

[instrument.d1a]
radius = 650
zero = 0.02

[background.d1a]
terms = 3

[values]
"PbSO4.O*.u_iso" = 0.02
"PbSO4.Pb.x" = 0.187

[[step]]
title = "heights and cell"
free = ["*.scale", "d1a.background.chebyshev_*", "PbSO4.[abc]", "d1a.zero"]

[[step]]
title = "displacements"
reason = "one for all oxygens"
free = ["*.u_iso"]

[[step]]
title = "the sulphate group"
free = ["PbSO4.SO4.*", "PbSO4.Pb.[xz]"]

[[constraint]]
equal = ["PbSO4.O*.u_iso"]

[[constraint]]
bound = ["*.u_iso"]
low = 0.0
high = 0.1

[[constraint]]
body = "SO4"
phase = "PbSO4"
sites = ["S", "O1", "O2", "O3"]

[[restraint]]
distance = ["PbSO4.Pb", "PbSO4.O1"]
target = 2.61
su = 0.05
"""


@pytest.fixture(scope="module")
def model(anglesite):
    return anglesite


@pytest.fixture
def recipe_of(tmp_path):
    def read(text):
        (tmp_path / "r.toml").write_text(text, "utf-8")
        return read_recipe(tmp_path / "r.toml")

    return read


def test_settings_arrive(model, recipe_of):
    new, warnings = with_recipe(model, recipe_of(WHOLE))
    histogram = new.histograms[0]
    values = parameter_values(new)
    assert (histogram.pattern.x[0], histogram.pattern.x[-1]) == pytest.approx((16.0, 118.0), abs=0.11)
    assert histogram.excluded == ((60.0, 61.0),)
    assert (histogram.beam.instrument.radius, values["d1a.zero"]) == (650.0, 0.02)
    assert len(histogram.background.chebyshev) == 3
    level = estimate_background(histogram.pattern)
    drawn = histogram.background.intensity(histogram.pattern.x)
    assert np.mean(drawn - level) == pytest.approx(0.0, abs=1e-6 * level.max())  # a least-squares fit to it
    assert (values["PbSO4.O3.u_iso"], values["PbSO4.Pb.x"]) == (0.02, 0.187)
    assert warnings == ()
    names = [step.names for step in steps_of(new, recipe_of(WHOLE))]
    assert names[0][0] == "PbSO4.d1a.scale"
    assert names[2] == ("PbSO4.SO4.tx", "PbSO4.SO4.tz", "PbSO4.SO4.ry", "PbSO4.Pb.x", "PbSO4.Pb.z")
    assert restraints_of(new, recipe_of(WHOLE)).target.tolist() == [2.61]


def test_samples_modes_and_backgrounds(model, recipe_of):
    text = """
mode = "lebail"
[sample."PbSO4.*"]
stephens = true
texture_axis = [0, 0, 1]
size = 500
[background."*"]
nodes = [20, 60, 110]
interpolation = "cubic"
humps = [{area = 100, position = 30, fwhm = 8}]
"""
    new, _ = with_recipe(model, recipe_of(text))
    sample = new.phases[0].parts[0].sample
    x, level = model.histograms[0].pattern.x, estimate_background(model.histograms[0].pattern)
    assert new.phases[0].mode == "lebail"
    assert sample.stephens == (0.0,) * 6
    assert (sample.texture_axis, sample.size) == ((0, 0, 1), 500.0)
    assert new.histograms[0].background.heights == pytest.approx(np.interp([20.0, 60.0, 110.0], x, level))
    assert new.histograms[0].background.humps[0].fwhm == 8.0
    harmonics, _ = with_recipe(model, recipe_of('[sample."PbSO4.d1a"]\nharmonic_order = 4\n'))
    assert len(harmonics.phases[0].parts[0].sample.harmonics) == 5  # 2 of order 2 and 3 of order 4 under mmm


def test_starts_off_a_constraint_are_moved_with_a_warning(model, recipe_of):
    text = '[values]\n"PbSO4.O2.u_iso" = 0.03\n[[constraint]]\nequal = ["PbSO4.O1.u_iso", "PbSO4.O2.u_iso"]\n'
    new, warnings = with_recipe(model, recipe_of(text))
    assert parameter_values(new)["PbSO4.O2.u_iso"] == 0.015
    assert len(warnings) == 1
    assert "PbSO4.O2.u_iso started at 0.03" in warnings[0]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ('[values]\n"PbSO4.O1.uiso" = 0.01\n', 2, r"names no parameter.*did you mean PbSO4\.O1\.u_iso"),
        ("free = ['*.scale',\n  '*.scail']\n", 2, "names no parameter"),
        ("[[step]]\nfree = ['*.zeroo']\n", 2, "names no parameter"),
        ("[excluded]\nd1b = [[1, 2]]\n", 2, "'d1b' names no pattern of this refinement; did you mean d1a"),
        ("[mode]\nPbSO = 'lebail'\n", 2, "names no phase of this refinement; did you mean PbSO4"),
        ("[sample.PbSO4]\nsize = 100\n", 1, "names no phase and pattern.*did you mean PbSO4.d1a"),
        ("[instrument.d1a]\ngauss_w = 'wide'\n", 2, "'gauss_w' is 'wide'; give a number"),
        ("[instrument.d1a]\nradius = [1]\n", 2, "give a number"),
        ("[instrument.d1a]\nradius = -3\n", None, "radius of the goniometer is -3 mm"),
        ("[sample.'PbSO4.d1a']\nsize = 'big'\n", 2, "'size' is 'big'"),
        ("[sample.'PbSO4.d1a']\nstephens = 'all'\n", 2, "'stephens' is 'all'; give 6 numbers"),
        ("[sample.'PbSO4.d1a']\ntexture_axis = [0, 1]\n", 2, "give 3 numbers"),
        ("[sample.'PbSO4.d1a']\nharmonics = [0.1]\nharmonic_order = 4\n", 2, "give 5 numbers"),
        ("[sample.'PbSO4.d1a']\nharmonic_order = 4.5\n", 2, "give an even number"),
        ("[sample.'PbSO4.d1a']\nharmonic_order = 400\n", None, "order"),
        ("[sample.'PbSO4.d1a']\ntextures = [0.5]\n", 2, "an axis, March r and share"),
        ("[sample.'PbSO4.d1a']\nabsorption = 'big'\n", 1, "value of a wrong kind"),
        ("[limits]\nd1a = [200, 300]\n", None, "give a range inside the pattern"),
        ("[[constraint]]\nequal = ['PbSO4.O1.u_iso',\n 'PbSO4.O9.u_iso']\n", 3, "names no parameter"),
        ("[[constraint]]\ntie = 'PbSO4.a'\nto = 'PbSO4.b'\n[[constraint]]\ntie = 'PbSO4.b'\nto = 'PbSO4.a'\n", None,
         "run in a circle"),
        ("[[restraint]]\ndistance = ['PbSO4.S', 'PbSO4.O7']\ntarget = 1\nsu = 1\n", 2, "names no atom"),
        ("[[constraint]]\nbody = 'B'\nphase = 'PbSO4'\nsites = ['S', 'P1']\n", 4, "'P1' of the rigid body B is"),
    ],
)  # fmt: skip
def test_recipes_that_do_not_fit_the_model(model, recipe_of, text, line, words):
    recipe = recipe_of(text)

    def apply():
        steps_of(with_recipe(model, recipe)[0], recipe)
        restraints_of(model, recipe)

    with pytest.raises(InputError, match=words) as caught:
        apply()
    assert caught.value.line == line


def test_a_recipe_carried_out_finds_the_truth(model, recipe_of):
    recipe = recipe_of(WHOLE)
    start, _ = with_recipe(with_values(model, {"PbSO4.a": 8.49, "PbSO4.d1a.scale": 0.03}), recipe)
    done = carried_out(start, recipe, Rules())
    fitted = done.fitted
    assert [step.reverted for step in done.steps[:3]] == [False, False, False]
    assert fitted.converged
    assert fitted.gof == pytest.approx(1.0, abs=0.08)
    found, truth = parameter_values(done.model), parameter_values(model)
    assert found["PbSO4.O1.u_iso"] == found["PbSO4.O3.u_iso"]
    su = dict(zip(fitted.parametrisation.names, fitted.su, strict=True))
    pulls = {name: (found[name] - truth[name]) / su[name] for name in su if name.startswith("PbSO4.")}
    assert max(map(abs, pulls.values())) < 4.5, pulls
    rwp = np.array([step.after for step in done.steps])
    assert np.all(np.diff(rwp) < 0.01)  # the restraint may raise Rwp by what it lowers the whole objective


def test_a_step_may_hold_what_another_freed(model, recipe_of):
    text = """
[[step]]
free = ["*.scale", "d1a.background.*_0", "PbSO4.a"]
[[step]]
free = ["PbSO4.b"]
hold = ["PbSO4.a"]
"""
    done = carried_out(model, recipe_of(text), Rules())
    assert set(done.free) == {"PbSO4.d1a.scale", "d1a.background.chebyshev_0", "PbSO4.b"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("PbSO4.d1a.march_r", r"set texture_axis = \[0, 0, 1\] under"),
        ("*.S400", "set stephens = true under"),
        ("*.harmonic0", "set harmonic_order = 4 under"),
    ],
)
def test_a_parameter_that_needs_a_setting_says_which(model, recipe_of, name, words):
    with pytest.raises(InputError, match=words):
        steps_of(model, recipe_of(f'free = ["{name}"]'))

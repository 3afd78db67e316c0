"""A recipe made from a fit leads back to it, through a file, from a start far off."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.pattern.background_model import Hump
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.constraint.constraints import Bound, Equal, Linear
from anatase.refine.constraint.parametrisation import parametrise
from anatase.refine.fit import fit
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.recipe.applied import steps_of, with_recipe
from anatase.refine.recipe.recipe_file import read_recipe, write_recipe
from anatase.refine.recipe.restating import recipe_of
from anatase.refine.rigid_body.body import RigidBody
from anatase.simulation.sample import Sample


@pytest.fixture(scope="module")
def fitted(anglesite):
    """Return a fit with a texture, a hump, a rigid body, an equality and a sum."""
    histogram, phase = anglesite.histograms[0], anglesite.phases[0]
    background = replace(histogram.background, humps=(Hump(300.0, 40.0, 12.0),))
    sample = Sample(size=2000.0, texture_axis=(0, 0, 1), march_r=0.9)
    truth = RefinementModel(
        (replace(histogram, background=background, excluded=((60.0, 61.0),)),),
        (replace(phase, parts=(replace(phase.parts[0], sample=sample),)),),
    )
    counts = np.random.default_rng(9).poisson(calculated(truth, 0).intensity).astype(float)
    pattern = replace(histogram.pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
    data = truth.with_histogram(0, replace(truth.histograms[0], pattern=pattern))
    names = ["PbSO4.d1a.scale", "PbSO4.a", "d1a.background.chebyshev_0", "PbSO4.O1.u_iso", "PbSO4.O2.u_iso",
             "PbSO4.O3.u_iso", "PbSO4.SO4.tx", "PbSO4.d1a.march_r", "PbSO4.Pb.u_iso", "PbSO4.S.u_iso"]  # fmt: skip
    constraints = [
        Equal(("PbSO4.O*.u_iso",)),
        Linear(((1.0, "PbSO4.Pb.u_iso"), (1.0, "PbSO4.S.u_iso")), 0.03),
        RigidBody("SO4", "PbSO4", ("S", "O1", "O2", "O3")),
    ]
    free = parametrise(data, names, parameter_values(data), constraints=constraints)
    return fit(data, names, parametrisation=free)


def test_a_recipe_leads_back_to_the_fit(fitted, anglesite, tmp_path):
    bound = Bound(("PbSO4.d1a.march_r",), 0.3, 3.0)
    recipe = recipe_of(fitted, bounds=[bound], title="anglesite")
    write_recipe(recipe, tmp_path / "r.toml")
    recipe = read_recipe(tmp_path / "r.toml")
    # the same pattern, and a start that knows nothing of the fit
    bare = anglesite.with_histogram(
        0, replace(anglesite.histograms[0], pattern=fitted.model.histograms[0].pattern, excluded=())
    )
    bare = with_values(bare, {"PbSO4.a": 8.7, "PbSO4.S.x": 0.2, "PbSO4.d1a.scale": 9.0})
    model, warnings = with_recipe(bare, recipe)
    assert warnings == ()
    assert parameter_values(model) == pytest.approx(parameter_values(fitted.model), rel=1e-12)
    (step,) = steps_of(model, recipe)
    free = parametrise(model, step.names, parameter_values(model), constraints=recipe.constraints)
    assert set(free.free) == set(fitted.parametrisation.free)
    again = fit(model, step.names, parametrisation=free)
    assert again.converged
    assert again.residuals.total == pytest.approx(fitted.residuals.total, rel=1e-5)
    assert len(again.history) <= 3


def test_what_it_says(fitted):
    words = recipe_of(fitted, title="anglesite").describe()
    assert "PbSO4.O1.u_iso = PbSO4.O2.u_iso" in words
    assert "PbSO4.Pb.u_iso + PbSO4.S.u_iso = 0.03" in words
    assert "S, O1, O2, O3 of PbSO4 move as the rigid body SO4" in words
    assert "d1a: without 60 to 61" in words

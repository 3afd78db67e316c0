"""Steps that are kept, refused, or taken without a parameter that leads nowhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.refine.parameters.constraints import Fixed
from anatase.refine.parameters.physical_limits import implausible
from anatase.refine.refine import starts_of
from anatase.refine.start.starting_model import named_structures, starting_model
from anatase.refine.strategy.strategy import Progress, Proposal, Rules, advance, begin, last_fit

SCALES = Proposal(
    "scale", "first", ("R.xray.scale", *(f"xray.background.chebyshev_{k}" for k in range(3))), needed=True
)


@pytest.fixture
def progress(titania, scan) -> Progress:
    """Return a refinement of rutile of which scale and background were refined."""
    rutile = replace(titania[0], name="R")
    (start,) = starts_of([scan([rutile], seed=11)], [rutile], {"background": 3})
    model, _ = starting_model([start], named_structures([rutile], ["xray"]))
    return advance(begin(model), SCALES, Rules())


def test_what_saves_nothing_is_refused(progress):
    tried = advance(progress, Proposal("extinction", "for the test", ("R.xray.extinction",)), Rules())
    step = tried.steps[-1]
    assert step.reverted
    assert "noise alone" in step.outcome or "open" in step.outcome
    assert tried.model is progress.model
    assert "R.xray.extinction" not in tried.free


def test_what_is_needed_is_kept_and_rwp_does_not_rise(progress):
    taken = advance(
        progress, Proposal("cell", "for the test", ("R.a", "R.c", "xray.displacement"), needed=True), Rules()
    )
    assert not taken.steps[-1].reverted
    assert taken.rwp <= progress.rwp
    assert set(taken.free) > set(progress.free)


def test_ties_keep_differences(progress):
    pair = ("R.Ti.u_iso", "R.O.u_iso")
    moved = advance(progress, Proposal("overall", "for the test", pair, (pair,), needed=True), Rules())
    sites = moved.model.phases[0].structure.sites
    assert sites[0].u_iso != progress.model.phases[0].structure.sites[0].u_iso
    assert sites[1].u_iso == pytest.approx(sites[0].u_iso, abs=1e-12)  # both were 0.005


def test_constraints_hold_in_every_step(progress):
    rules = Rules(constraints=(Fixed(("R.c",)),))
    taken = advance(progress, Proposal("cell", "for the test", ("R.a", "R.c"), needed=True), rules)
    assert "R.a" in taken.free
    assert "R.c" not in taken.free
    assert taken.model.phases[0].structure.lattice.c == progress.model.phases[0].structure.lattice.c


def test_a_cell_that_runs_away_is_held_and_the_last_good_state_kept(progress):
    """The first model is told to have had a cell 10 % smaller: where the cell is now counts as collapsed."""
    lattice = progress.model.phases[0].structure.lattice
    small = replace(lattice, a=0.9 * lattice.a, b=0.9 * lattice.b)
    phase = progress.model.phases[0]
    first = progress.model.with_phase(0, replace(phase, structure=replace(phase.structure, lattice=small)))
    wrong = replace(progress, first=first)
    taken = advance(wrong, Proposal("cell", "for the test", ("R.a", "R.c"), needed=True), Rules())
    assert "R.a" not in taken.free
    assert "R.c" in taken.free
    assert "R.a ran from" in taken.steps[-1].outcome
    assert taken.model.phases[0].structure.lattice.a == lattice.a


def test_limits_name_what_is_impossible(progress):
    phase = progress.model.phases[0]
    titanium, oxygen = phase.structure.sites
    sites = (replace(titanium, u_iso=0.5), replace(oxygen, xyz=(0.45, 0.45, 0.0)))
    wrong = progress.model.with_phase(0, replace(phase, structure=replace(phase.structure, sites=sites)))
    found = implausible(wrong, progress.model, ["R.Ti.u_iso", "R.O.x", "R.a"])
    assert set(found) == {"R.Ti.u_iso", "R.O.x"}
    # (0.45 − 0.3048) √2 · 4.5937 Å
    assert "0.94 Å" in found["R.O.x"]


def test_the_last_fit_settles(progress):
    more = advance(
        progress, Proposal("cell", "for the test", ("R.a", "R.c", "xray.displacement"), needed=True), Rules()
    )
    done = last_fit(more, Rules())
    assert done.fitted is not None
    assert done.fitted.converged
    assert done.rwp <= more.rwp * (1.0 + 1e-9)
    assert np.isfinite(done.fitted.su).all()


def test_a_first_step_that_cannot_be_taken_is_an_error(progress):
    few = progress.model.histograms[0]
    every = slice(None, None, 600)
    pattern = few.pattern
    sparse = replace(pattern, x=pattern.x[every], intensity=pattern.intensity[every], sigma=pattern.sigma[every])
    model = progress.model.with_histogram(0, replace(few, pattern=sparse))
    with pytest.raises(InputError, match="parameters for"):
        advance(begin(model), Proposal("all", "for the test", ("R.a", "R.c", *SCALES.names), needed=True), Rules())

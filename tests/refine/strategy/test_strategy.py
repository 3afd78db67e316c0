"""Steps that are kept, refused, or taken without a parameter that leads nowhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.displacement import isotropic_rates
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.refine.constraint.constraints import Bound, Fixed
from anatase.refine.parameters.physical_limits import implausible
from anatase.refine.refine import starts_of
from anatase.refine.start.starting_model import named_structures, starting_model
from anatase.refine.strategy.presets import PLANS
from anatase.refine.strategy.strategy import Progress, Proposal, Rules, advance, begin, last_fit
from anatase.refine.strategy.structure_steps import overall_displacement
from anatase.refine.strategy.texture_search import CUBIC_AXES, best_march_axis

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


def test_displacements_stop_at_zero_unless_bounded_otherwise(titania, scan):
    """Lines that grow with angle as those of U = −0.004 Å² would: U stops at 0, but where a bound lets it."""
    rutile = replace(titania[0], name="R")
    plain = scan([rutile], seed=12)
    s = np.sin(np.radians(plain.x / 2.0)) / 1.5418
    growing = np.exp(16.0 * np.pi**2 * 0.009 * s**2)  # 0.005 of the atoms, and 0.004 more
    base = 80.0 + 600.0 / plain.x
    intensity = base + (plain.intensity - base) * growing
    pattern = replace(plain, intensity=intensity, sigma=np.sqrt(np.maximum(intensity, 1.0)))
    (start,) = starts_of([pattern], [rutile], {"background": 3})
    model, _ = starting_model([start], named_structures([rutile], ["xray"]))
    pair = ("R.Ti.u_iso", "R.O.u_iso")
    shape = ("R.a", "R.c", "xray.displacement", "R.xray.size")
    step = Proposal("overall", "for the test", (*SCALES.names, *shape, *pair), (pair,), needed=True)
    bounded = advance(begin(model), step, Rules())
    assert [site.u_iso for site in bounded.model.phases[0].structure.sites] == [0.0, 0.0]
    open_ended = advance(begin(model), step, Rules(constraints=(Bound(("*.u_iso",), -0.0029, 1.0),)))
    # less than 0.004, for the background takes a part
    assert -0.0029 <= open_ended.model.phases[0].structure.sites[0].u_iso < -0.001


def test_tensors_grow_as_with_an_isotropic_displacement(scan):
    """Baddeleyite, Howard, Hill & Reichert (1988) Acta Cryst. B44, 116: 0.006 Å² more than at the start."""
    lattice = Lattice(5.1505, 5.2116, 5.3173, 90.0, 99.23, 90.0)
    places = {"Zr": (0.2754, 0.0395, 0.2083), "O1": (0.07, 0.3317, 0.3447), "O2": (0.4496, 0.7569, 0.4792)}
    tensor = np.array([0.004, 0.006, 0.005, 0.0005, 0.0015, -0.0003])
    group = SpaceGroup.from_number(14)

    def zirconia(more: float) -> Structure:
        u = tuple((tensor + more * np.array(isotropic_rates(lattice))).tolist())
        sites = tuple(Site(k, (Species(k.rstrip("12")),), xyz, u_aniso=u) for k, xyz in places.items())
        return Structure(lattice, group, sites, name="Z")

    (start,) = starts_of([scan([zirconia(0.006)], counts=50000.0)], [zirconia(0.0)], {"background": 3})
    model, _ = starting_model([start], named_structures([zirconia(0.0)], ["xray"]))
    names = ("Z.xray.scale", "Z.a", "Z.b", "Z.c", "Z.beta", "xray.displacement", "Z.xray.size", "xray.gauss_w")
    first = Proposal("lines", "for the test", (*names, *SCALES.names[1:]), needed=True)
    progress = advance(begin(model), first, Rules(iterations=20))
    proposal = overall_displacement(progress)
    assert proposal is not None
    assert "anisotropic" in proposal.reason
    done = advance(progress, proposal, Rules(iterations=20))
    assert not done.steps[-1].reverted
    change = [np.array(site.u_aniso) - tensor for site in done.model.phases[0].structure.sites]
    for one in change:
        assert one == pytest.approx(
            change[0][0] * np.array(isotropic_rates(done.model.phases[0].structure.lattice)), abs=1e-6
        )
    assert change[0][0] == pytest.approx(0.006, abs=5e-4)


def test_cubic_phases_lie_on_simple_faces_and_are_tried_last(titania, scan):
    sites = (Site("Ni", (Species("Ni"),), (0.0, 0.0, 0.0)), Site("O", (Species("O"),), (0.5, 0.5, 0.5)))
    bunsenite = Structure(Lattice(4.177, 4.177, 4.177), SpaceGroup.from_number(225), sites, name="NiO")
    rutile = replace(titania[0], name="R")
    (start,) = starts_of([scan([bunsenite, rutile])], [bunsenite, rutile], {"background": 3})
    model, _ = starting_model([start], named_structures([bunsenite, rutile], ["xray"]))
    found = best_march_axis(model, 0)
    assert found is None or found[1] in CUBIC_AXES
    steps = [planner.__qualname__ for planner in PLANS["laboratory"](model)]
    textures = [i for i, name in enumerate(steps) if name.startswith("texture")]
    assert len(textures) == 2
    assert textures[0] < steps.index("overall_displacement") < textures[1] == len(steps) - 1

"""Intensities without a structure: Le Bail and Pawley fits of counted patterns give back the squares behind them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.fit import fit
from anatase.refine.intensities.partition import observed_squares, r_bragg
from anatase.refine.intensities.pawley import extracted_intensities
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel, TimeOfFlight
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import f_squared_of_rows
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

PROFILE = ["R.a", "R.c", "lab.displacement", "lab.background.chebyshev_0", "lab.background.chebyshev_1", "R.lab.size"]
START = {"R.a": 4.590, "R.c": 2.961, "lab.displacement": 0.0, "R.lab.size": 900.0}


def counted(model: RefinementModel, seed: int) -> RefinementModel:
    rng = np.random.default_rng(seed)
    for i, histogram in enumerate(model.histograms):
        counts = rng.poisson(calculated(model, i).intensity).astype(float)
        pattern = replace(histogram.pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
        model = model.with_histogram(i, replace(histogram, pattern=pattern))
    return model


@pytest.fixture(scope="module")
def truth(titania) -> RefinementModel:
    """Return rutile alone on a laboratory diffractometer."""
    x = np.arange(20.0, 100.0, 0.03)
    beam = ConstantWavelength(radiation_from_name("CuKa"), Instrument(displacement=0.02), ScatteringModel("xray", 1.54))
    histogram = Histogram("lab", Pattern(x, x, x), beam, BackgroundModel((20.0, 100.0), (80.0, -20.0)))
    return RefinementModel((histogram,), (Phase("R", titania[0], (PhasePart(0.02, Sample(size=600.0)),)),))


def squares(model: RefinementModel, hkl: np.ndarray) -> np.ndarray:
    """Return the true |F|² (n,) of reflections of the first phase."""
    structure, beam = model.phases[0].structure, model.histograms[0].beam
    return f_squared_of_rows(structure, hkl, structure.lattice.inverse_d_squared(hkl), beam.scattering, 0.0)


def in_mode(model: RefinementModel, mode: str, *, atoms: bool) -> RefinementModel:
    phase = model.phases[0]
    structure = phase.structure if atoms else replace(phase.structure, sites=())
    return with_values(model.with_phase(0, replace(phase, mode=mode, structure=structure)), START)


@pytest.mark.parametrize("mode", ["lebail", "pawley"])
def test_squares_and_cell_are_found_without_atoms(truth, mode):
    found = fit(in_mode(counted(truth, 1), mode, atoms=False), PROFILE)
    assert found.gof < 1.12
    assert np.all(np.diff(found.history) <= 0.0)
    values = parameter_values(truth)
    for name in ("R.a", "R.c", "lab.displacement", "R.lab.size"):
        i = found.parametrisation.names.index(name)
        assert abs(found.values[i] - values[name]) < 4.0 * found.su[i], name
    listed = found.model.phases[0].parts[0].reflections
    true = squares(truth, listed.hkl)
    d = truth.phases[0].structure.lattice.inverse_d_squared(listed.hkl) ** -0.5
    apart = np.abs(d[:, None] / d - 1.0) + 10.0 * np.eye(d.size)
    alone = apart.min(axis=1) > 0.01
    scale = float(listed.f_squared[alone] @ true[alone] / (true[alone] @ true[alone]))
    strong = alone & (true > 100.0)
    assert strong.sum() > 8
    np.testing.assert_allclose(listed.f_squared[strong] / scale, true[strong], rtol=0.05)


def test_standard_uncertainties_of_pawley_intensities_are_honest(truth):
    found = fit(in_mode(counted(truth, 2), "pawley", atoms=True), PROFILE)
    given = extracted_intensities(found.model, 0, 0)
    pulls = (given.f_squared - squares(truth, given.hkl)) / given.su
    # slack draws neighbours together, which only improves on their s.u.
    assert np.sqrt(np.mean(pulls**2)) == pytest.approx(1.0, abs=0.35)
    assert found.n_free == len(found.parametrisation.free) + given.su.size


def test_pawley_fits_best_and_lebail_better_than_rietveld(truth):
    model = counted(truth, 3)
    moved = with_values(model, {"R.Ti.u_iso": 0.03, "R.O.u_iso": 0.03})  # a structure that is wrong
    rietveld = fit(with_values(moved, START), [*PROFILE, "R.lab.scale"])
    lebail, pawley = (fit(in_mode(moved, mode, atoms=True), PROFILE) for mode in ("lebail", "pawley"))
    assert pawley.residuals.chi2 <= lebail.residuals.chi2 < rietveld.residuals.chi2


def test_reflections_that_coincide_share_evenly(truth):
    # a cell of cubic metric in a tetragonal group has pairs at one place
    phase = truth.phases[0]
    lattice = replace(phase.structure.lattice, c=phase.structure.lattice.a)
    cube = replace(phase, structure=replace(phase.structure, lattice=lattice))
    model = counted(truth.with_phase(0, cube), 4)
    for mode in ("lebail", "pawley"):
        blank = replace(cube, mode=mode, structure=replace(cube.structure, sites=()))
        listed = fit(model.with_phase(0, blank), ["lab.background.chebyshev_0"]).model.phases[0].parts[0].reflections
        rows = [np.flatnonzero((listed.hkl == row).all(axis=1))[0] for row in ((2, 1, 1), (1, 1, 2))
                if (listed.hkl == row).all(axis=1).any()]  # fmt: skip
        assert len(rows) == 2, listed.hkl[:20]
        first, second = (listed.f_squared * listed.multiplicity)[rows]
        even = first / second if mode == "lebail" else listed.f_squared[rows[0]] / listed.f_squared[rows[1]]
        assert even == pytest.approx(1.0, rel=1e-3)


def test_what_means_nothing_beside_free_intensities_is_refused(truth):
    model = in_mode(counted(truth, 5), "lebail", atoms=True)
    for name in ("R.lab.scale", "R.O.x", "R.Ti.u_iso"):
        with pytest.raises(InputError, match="cannot be refined beside the free intensities of a lebail fit"):
            fit(model, [*PROFILE, name])


def test_a_cell_without_lines_in_the_pattern_is_refused(truth, titania):
    small = replace(titania[0], lattice=replace(titania[0].lattice, a=0.8, b=0.8, c=0.7), sites=())
    phase = Phase("tiny", small, (PhasePart(),), "lebail")
    with pytest.raises(InputError, match="no reflection of tiny lies within lab"):
        fit(counted(truth, 6).with_phase(0, phase), ["lab.background.chebyshev_0"])


def test_mixed_modes(truth, titania):
    both = replace(truth, phases=(truth.phases[0], Phase("A", titania[1], (PhasePart(0.004, Sample(size=600.0)),))))
    model = counted(both, 7)
    mixed = model.with_phase(1, replace(model.phases[1], mode="pawley", structure=replace(titania[1], sites=())))
    found = fit(mixed, [*PROFILE, "R.lab.scale", "A.a", "A.c"])
    assert found.gof < 1.1
    scale = found.parametrisation.names.index("R.lab.scale")
    assert found.values[scale] == pytest.approx(0.02, abs=4.0 * found.su[scale])


def test_time_of_flight(titania):
    tof = np.geomspace(5e3, 2.2e4, 2500)
    beam = TimeOfFlight(TofBank(7476.91, -1.54, two_theta=144.845), TofProfile())
    histogram = Histogram("bank", Pattern(tof, tof, tof, "tof"), beam, BackgroundModel((5e3, 2.2e4), (60.0,)))
    truth = RefinementModel((histogram,), (Phase("R", titania[0], (PhasePart(40.0),)),))
    model = counted(truth, 8)
    for mode in ("lebail", "pawley"):
        blank = replace(model.phases[0], mode=mode, structure=replace(titania[0], sites=()), parts=(PhasePart(1.0),))
        found = fit(
            with_values(model.with_phase(0, blank), {"R.a": 4.592}), ["R.a", "R.c", "bank.background.chebyshev_0"]
        )
        assert found.gof < 1.15, mode
        assert abs(found.values[0] - 4.5937) < 4.0 * found.su[0]
    assert r_bragg(observed_squares(truth.with_histogram(0, model.histograms[0]), 0, 0)) < 5.0


def test_r_bragg_of_the_truth_is_noise_and_of_a_wrong_structure_large(truth):
    model = counted(truth, 9)
    assert r_bragg(observed_squares(model, 0, 0)) < 2.0
    wrong = with_values(model, {"R.O.x": 0.27})
    fitted = fit(wrong, ["R.lab.scale"])
    assert r_bragg(observed_squares(fitted.model, 0, 0)) > 8.0


def test_shares_are_those_of_the_equation(truth):
    # observed = twice the calculated above background: every reflection is observed twice as strong
    curve = calculated(truth, 0)
    twice = curve.background + 2.0 * (curve.intensity - curve.background)
    pattern = replace(truth.histograms[0].pattern, intensity=twice, sigma=np.sqrt(twice))
    found = observed_squares(truth.with_histogram(0, replace(truth.histograms[0], pattern=pattern)), 0, 0)
    np.testing.assert_allclose(found.observed[found.seen], 2.0 * found.calculated[found.seen], rtol=1e-3)
    assert r_bragg(found) == pytest.approx(50.0, rel=1e-3)

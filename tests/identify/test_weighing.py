"""Weight fractions with everything that the fit cannot know: corrections, s.u., standards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.identify import identify
from anatase.identify.equivalent_pattern import equivalent_pattern, prepared
from anatase.identify.final import final_fit
from anatase.identify.hypothesis import Candidate
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.library_lines import library_lines
from anatase.identify.quantify import UNKNOWN_GRAINS, Quantify
from anatase.identify.scale_estimates import ScaleEstimates, scale_estimates
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.identify.shadows import Shadows
from anatase.identify.weighing import GRAINS_IN_COMMON, _common_grains, _quantified, seen_masses, weighed
from anatase.refine.quantity import InternalStandard
from anatase.scattering.attenuation import linear_attenuation
from anatase.simulation.mixture_variety import MixtureVariety
from anatase.simulation.random_powder import random_mixture

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"


def fit_of(pattern, library, entries):
    """Return the measurement and the last fit of phases that are known to be there."""
    measurement = prepared(equivalent_pattern(pattern))
    space = SearchSpace(measurement, library, np.array(entries), SearchSettings())
    candidates = tuple(Candidate(int(i), library_lines(library, int(i), measurement)) for i in entries)
    kept, final = final_fit(fit_hypothesis(space, candidates), measurement, library)
    return measurement, final, [candidate.entry for candidate in kept.candidates]


@pytest.fixture(scope="module")
def mixture(library, simulate):
    entries = [library.index_of(i) for i in (RUTILE, ZINCITE, CORUNDUM)]
    return fit_of(simulate({RUTILE: 0.2, ZINCITE: 0.5, CORUNDUM: 0.3}, seed=11, step=0.03), library, entries)


def test_without_doubt_the_fit_alone_is_the_answer(mixture, library):
    measurement, final, entries = mixture
    answer = weighed(final, measurement, library, entries, Quantify(microabsorption=False))
    for whole, alone, weight in zip(answer.fractions, answer.fitted, (0.2, 0.5, 0.3), strict=True):
        assert whole.value == pytest.approx(weight, abs=0.01)  # as simulated; counting alone gives 0.003
        assert whole.su > 3.0 * alone.su
    assert sum(one.value for one in answer.fractions) == pytest.approx(1.0, abs=1e-12)


def test_propagation_is_that_of_central_differences(mixture):
    """The covariance of W from that of ln S: slopes ∂W/∂ln S by steps of ±1e-4."""
    _, final, _ = mixture
    names, p = ["a", "b", "c"], 3
    root = np.random.default_rng(2).normal(0.0, 0.03, (p, p))
    shadows = Shadows((480.0, 260.0, 120.0), (4.2, 5.6, 4.0), (Estimate(3.0),) * 3, (False,) * 3)
    areas = final.fit.values[final.model.offsets[:-1]]

    def fractions(logs):
        at = ScaleEstimates(areas * np.exp(logs), np.zeros((p, p)), np.zeros(p))
        return np.array([one.weight_fraction.value for one in _quantified(final, names, at, shadows, None).phases])

    slopes = np.array([(fractions(1e-4 * e) - fractions(-1e-4 * e)) / 2e-4 for e in np.eye(p)]).T
    spread = root @ root.T + np.diag(0.05**2 + (1.5 * np.array([0.0, 0.1, 0.2])) ** 2)
    texture = ScaleEstimates(areas, root @ root.T, np.array([0.0, 0.1, 0.2]))
    found = _quantified(final, names, texture, shadows, None).covariance
    assert found == pytest.approx(slopes @ spread @ slopes.T, rel=1e-3, abs=1e-9)


def test_microabsorption_is_brindley_s(mixture, library):
    """By hand: W ∝ W_fit/τ with τ ≈ 1 − ¾ (μ − μ̄) D, good to 2 % of a correction for |(μ − μ̄) D| < 0.05."""
    measurement, final, entries = mixture
    plain = weighed(final, measurement, library, entries, Quantify(microabsorption=False))
    corrected = weighed(final, measurement, library, entries, Quantify(particle_size=1.0))
    w = np.array([one.value for one in plain.fractions])
    mu = np.array([linear_attenuation(one, measurement.radiation.wavelength) for one in final.structures])
    volume = w / np.array([one.density for one in final.structures])
    tau = 1.0 - 0.75 * (mu - volume @ mu / volume.sum()) * 1e-4
    expected = w / tau / (w / tau).sum()
    assert np.abs(expected - w).max() > 0.002
    assert [one.value for one in corrected.fractions] == pytest.approx(expected, abs=2e-4)


def test_what_is_seen_and_what_surrounds_it_give_the_fractions(mixture, library):
    """A limit weighs a phase with ``seen_mass`` and ``surroundings``: done to the phases found, it gives theirs."""
    measurement, final, entries = mixture
    answer = weighed(final, measurement, library, entries)
    masses = seen_masses(final, scale_estimates(final, measurement).areas)
    tau = [answer.surroundings.tau(one, measurement.scattering.wavelength) for one in final.structures]
    assert np.ptp(tau) > 0.01
    expected = [one.value for one in answer.fractions]
    assert masses / tau / answer.seen_mass == pytest.approx(expected, rel=1e-6)


def test_unknown_grains_cost_certainty(mixture, library):
    measurement, final, entries = mixture
    unknown, fine, known = (
        weighed(final, measurement, library, entries, options)
        for options in (Quantify(), Quantify(microabsorption=False), Quantify(particle_size={"rutile": 1.5}))
    )
    assert all(a.su > b.su for a, b in zip(unknown.fractions, fine.fractions, strict=True))
    assert known.fractions[0].su < unknown.fractions[0].su
    assert len(known.warnings) == 1  # the others' grains are still a guess
    assert "1.5 µm are assumed for" in known.warnings[0]
    assert "rutile" not in known.warnings[0].lower()
    alike = Shadows((100.0, 100.0), (4.0, 4.0), (Estimate(1.5),) * 2, (True, True))
    slope = _common_grains(np.ones(2), np.ones(2), np.ones(2), alike)
    assert np.abs(slope).max() < 1e-12  # grains that absorb alike hide alike


def test_grains_that_nobody_knows_err_together(mixture, library):
    """By hand: ∂ln a/∂ln D with D of zincite and corundum changed by ±1e-3, rutile's known; two equal sizes are one."""
    measurement, final, entries = mixture

    def amounts(factor):
        sizes = {"rutile": 3.0, "zincite": 1.5 * factor, "corundum": 1.5 * factor}
        answer = weighed(final, measurement, library, entries, Quantify(sizes))
        return np.log([one.value for one in answer.fractions])

    slope = GRAINS_IN_COMMON * (amounts(np.exp(1e-3)) - amounts(np.exp(-1e-3))) / 2e-3
    partial = weighed(final, measurement, library, entries, Quantify({"rutile": 3.0}))
    exact = Quantify({"rutile": 3.0, "zincite": UNKNOWN_GRAINS, "corundum": UNKNOWN_GRAINS})
    apart = weighed(final, measurement, library, entries, exact)
    for one, without, change in zip(partial.fractions, apart.fractions, slope, strict=True):
        # variance of W: (W ∂ln W)², where the spread is small
        assert one.su**2 - without.su**2 == pytest.approx((one.value * change) ** 2, rel=0.05)


def test_a_phase_has_grains_of_one_size(mixture, library):
    measurement, final, entries = mixture
    with pytest.raises(InputError, match="'rutile' and 'TiO2' give two sizes"):
        weighed(final, measurement, library, entries, Quantify({"rutile": 3.0, "TiO2": 2.0}))
    weighed(final, measurement, library, entries, Quantify({"rutile": 3.0, "TiO2": 3.0}))


def test_a_spike_tells_what_is_amorphous(mixture, library):
    """Corundum is 30 % of what diffracts; said to be 15 % of the specimen, half of the specimen does not diffract."""
    measurement, final, entries = mixture
    spike = InternalStandard("corundum", Estimate(0.15))
    options = Quantify(microabsorption=False, internal_standard=spike)
    answer = weighed(final, measurement, library, entries, options)
    assert answer.amorphous.value == pytest.approx(0.5, abs=0.02)
    assert answer.amorphous.su > 0.01
    alone = weighed(final, measurement, library, entries, Quantify(microabsorption=False)).fitted
    for scaled, one in zip(answer.fitted, alone, strict=True):  # the fit's own are of the specimen as well: halved
        assert scaled.value == pytest.approx(0.5 * one.value, abs=0.01)
    total = sum(one.value for one in answer.fractions) + answer.amorphous.value
    assert total == pytest.approx(1.0, abs=1e-9)
    missing = weighed(
        final, measurement, library, entries, replace(options, internal_standard=replace(spike, phase="anatase"))
    )
    assert missing.amorphous is None
    assert "anatase" in missing.warnings[0]
    with pytest.raises(InputError, match="no phase 'unobtainium'"):
        weighed(final, measurement, library, entries, Quantify(internal_standard=replace(spike, phase="unobtainium")))


def test_a_spike_that_cannot_be_tells_nothing(mixture, library):
    """Corundum is 30 % of what diffracts: said to be 60 %, the phases would be twice the specimen."""
    measurement, final, entries = mixture
    plain = weighed(final, measurement, library, entries)
    spike = InternalStandard("corundum", Estimate(0.60))
    answer = weighed(final, measurement, library, entries, Quantify(internal_standard=spike))
    assert answer.amorphous is None
    assert [one.value for one in answer.fractions] == [one.value for one in plain.fractions]
    assert answer.fitted == plain.fitted
    assert "would sum to 2" in answer.warnings[0]
    assert "wt%" in answer.warnings[0]
    assert "of the crystalline phases" in answer.warnings[0]


def test_a_spike_that_is_hardly_seen_tells_nothing(library, simulate):
    """0.02 wt% of rutile, at 6,000 counts, is noise."""
    entries = [library.index_of(i) for i in (RUTILE, ZINCITE)]
    measurement, final, entries = fit_of(simulate({RUTILE: 0.5, ZINCITE: 0.5}, seed=3, step=0.04), library, entries)
    at = final.model.offsets[0]
    values = final.fit.values.copy()
    values[at] *= 1e-5
    final = replace(final, fit=replace(final.fit, values=values))
    spike = InternalStandard("rutile", Estimate(0.2))
    answer = weighed(
        final, replace(measurement, y=final.fit.model), library, entries, Quantify(internal_standard=spike)
    )
    assert answer.amorphous is None
    assert "s.u. above nothing" in answer.warnings[0]
    assert sum(one.value for one in answer.fractions) == pytest.approx(1.0, abs=1e-9)


def test_a_spike_that_may_be_two_phases_is_not_chosen(library, simulate):
    entries = [library.index_of(RUTILE), library.names.index("anatase")]
    pattern = simulate({RUTILE: 0.5, library.ids[entries[1]]: 0.5}, seed=3, step=0.04)
    measurement, final, entries = fit_of(pattern, library, entries)
    spike = InternalStandard("TiO2", Estimate(0.4))
    answer = weighed(final, measurement, library, entries, Quantify(internal_standard=spike))
    assert answer.amorphous is None
    assert "'TiO2' may be" in answer.warnings[0]
    named = weighed(final, measurement, library, entries, Quantify(internal_standard=replace(spike, phase=RUTILE)))
    assert named.amorphous is not None


def test_neutrons_know_no_microabsorption(library, simulate):
    pattern = simulate({RUTILE: 0.5, CORUNDUM: 0.5}, step=0.05)
    entries = [library.index_of(i) for i in (RUTILE, CORUNDUM)]
    measurement, final, entries = fit_of(pattern, library, entries)
    neutron = replace(measurement, scattered=replace(measurement.scattering, probe="neutron"))
    assert "microabsorption" in weighed(final, measurement, library, entries).method
    assert "microabsorption" not in weighed(final, neutron, library, entries).method


def test_an_answer_says_how_it_was_weighed(library, simulate):
    answer = identify(simulate({RUTILE: 0.5, CORUNDUM: 0.5}, step=0.05), library, elements="Ti,Al,O")
    assert "Hill & Howard" in answer.settings["fractions"]
    for phase in answer.phases:
        assert phase.weight_fraction.su > phase.fitted_fraction.su


def test_intervals_hold_the_truth_of_random_mixtures(library):
    """Orientation, grains, structures, cells and scales that err at random: 95 % intervals cover 88 to 100 %.

    Of about 70 fractions; the s.u. of the fit alone cover about half of them.
    """
    ids = [i for i in library.ids if i.startswith("ncrystal/")]
    pool = [library.index_of(str(i)) for i in np.random.default_rng(5).permutation(ids)[:25]]
    structures = [library.structure(i) for i in pool]
    variety = MixtureVariety(phase_shares=(0.0, 0.5, 0.5), least_fraction=0.03, scale_error=0.08)
    whole, alone = [], []
    for seed in range(30):
        made = random_mixture(structures, np.random.default_rng(seed), variety)
        measurement, final, entries = fit_of(made.pattern, library, [pool[i] for i in made.chosen])
        if len(entries) < len(made.chosen):
            continue
        answer = weighed(final, measurement, library, entries)
        truth = dict(zip([pool[i] for i in made.chosen], made.weight_fractions, strict=True))
        for entry, one, fit in zip(entries, answer.fractions, answer.fitted, strict=True):
            whole.append(abs(one.value - truth[entry]) < 1.96 * one.su)
            alone.append(abs(fit.value - truth[entry]) < 1.96 * fit.su)
    assert len(whole) > 50
    assert np.mean(whole) >= 0.88
    assert np.mean(alone) < 0.7

"""Random mixtures: reproducible, physically possible, as varied as they say, and counted."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.simulation.mixture_variety import MixtureVariety
from anatase.simulation.random_powder import random_empty_pattern, random_mixture
from anatase.simulation.random_specimen import habit_planes, random_specimen

IDEAL = MixtureVariety(
    cell_strain=(0.0, 0.0),
    shift=(0.0, 0.0),
    occupancy=0.0,
    scale_error=0.0,
    texture_share=0.0,
    coarse_share=1.0,
    grains=(0.0, 0.0),
)


@pytest.fixture(scope="module")
def powders(silicon, corundum, quartz):
    return [silicon, corundum, quartz]


def test_the_same_seed_gives_the_same_mixture(powders):
    first, again = (random_mixture(powders, np.random.default_rng(7)) for _ in range(2))
    assert first.pattern.intensity.tobytes() == again.pattern.intensity.tobytes()
    assert first.chosen == again.chosen
    other = random_mixture(powders, np.random.default_rng(8))
    assert not np.array_equal(first.pattern.x, other.pattern.x)


def test_counts_scatter_about_the_expected_curve(powders):
    # Poisson counts: mean of (N − μ)²/μ is 1, within 4 √(2/n)
    for seed in range(6):
        mixture = random_mixture(powders, np.random.default_rng(seed))
        expected = mixture.curves.sum(axis=0) + mixture.background
        chi = (mixture.pattern.intensity - expected) ** 2 / expected
        assert chi.mean() == pytest.approx(1.0, abs=4.0 * np.sqrt(2.0 / chi.size) + 0.02)


def test_fractions_and_phases(powders):
    seen = set()
    for seed in range(30):
        mixture = random_mixture(powders, np.random.default_rng(seed))
        assert mixture.weight_fractions.sum() == pytest.approx(1.0, abs=1e-12)
        # the floor of 0.005 is set before the sum is made 1, which takes off two floors at most
        assert mixture.weight_fractions.min() >= 0.005 / 1.01
        assert len(set(mixture.chosen)) == len(mixture.chosen) == len(mixture.structures) == len(mixture.curves)
        seen.add(len(mixture.chosen))
    assert seen == {1, 2, 3}


def test_intensities_follow_weight_fractions(silicon, corundum):
    # I/Ic of silicon is 4.7 (PDF 27-1402): its 111 line over corundum's 113 at equal weights, copper Kα; displacements
    # are drawn anew, which changes either line by a few percent
    variety, ratios = replace(IDEAL, phase_shares=(0.0, 1.0)), []
    for seed in range(40):
        mixture = random_mixture([silicon, corundum], np.random.default_rng(seed), variety)
        x = mixture.pattern.x
        if mixture.pattern.radiation.name != "CuKa" or x[0] > 26.0 or x[-1] < 46.0:
            continue
        si, cor = mixture.chosen.index(0), mixture.chosen.index(1)
        areas = [mixture.curves[i][abs(x - line) < 1.2].sum() for i, line in ((si, 28.44), (cor, 43.36))]
        ratios.append(areas[0] / areas[1] * mixture.weight_fractions[cor] / mixture.weight_fractions[si])
    assert len(ratios) > 10
    assert np.mean(ratios) == pytest.approx(4.7, rel=0.05)
    assert np.std(ratios) < 0.15 * 4.7


def test_a_specimen_keeps_its_group_and_differs_as_it_should(corundum):
    strains, variety = [], MixtureVariety(distant_share=0.0)
    for seed in range(200):
        phase, sample = random_specimen(corundum, np.random.default_rng(seed), variety)
        assert phase.space_group == corundum.space_group
        assert phase.space_group.fits(phase.lattice)
        strains.append(np.log(phase.lattice.c / corundum.lattice.c))
        assert all(0.0 < site.occupancy <= 1.0 for site in phase.sites)
        assert sample.size is None or 150.0 <= sample.size <= 3000.0
        assert 0.5 <= sample.march_r <= 1.5
    # spread uniform from 0 to 0.5 %: root mean square 0.5 %/√3, within four of its s.u. of about 6 %
    assert np.sqrt(np.mean(np.square(strains))) == pytest.approx(0.005 / np.sqrt(3.0), rel=0.25)


def test_some_cells_lie_far_from_their_entry(corundum):
    variety = MixtureVariety(distant_share=1.0, distant_strain=(0.02, 0.02))
    phases = [random_specimen(corundum, np.random.default_rng(seed), variety)[0] for seed in range(100)]
    strains = np.log([phase.lattice.c / corundum.lattice.c for phase in phases])
    # the s.u. of a standard deviation of 100 draws is 7 %: four of them
    assert strains.std() == pytest.approx(0.02, rel=0.28)


def test_without_variety_the_phase_is_its_entry(corundum):
    phase, sample = random_specimen(corundum, np.random.default_rng(1), IDEAL)
    assert phase.lattice.parameters == pytest.approx(corundum.lattice.parameters, abs=1e-9)
    for site, entry in zip(phase.sites, corundum.sites, strict=True):
        assert site.xyz == pytest.approx(entry.xyz, abs=1e-9)
        assert site.occupancy == pytest.approx(entry.occupancy, abs=1e-12)
    assert sample.size is None
    assert sample.texture_axis is None


def test_the_likeliest_face_has_the_largest_spacing(corundum, silicon):
    # corundum R-3c: 012 (3.48 Å) is the largest spacing present; silicon Fd-3m: 111
    assert habit_planes(corundum)[0].tolist() == [0, 1, 2]
    assert habit_planes(silicon)[0].tolist() == [1, 1, 1]


def test_empty_patterns_have_no_lines():
    for seed in range(10):
        pattern = random_empty_pattern(np.random.default_rng(seed))
        # smooth: third differences of neighbours are those of counting noise, √20 σ, no more
        y = pattern.intensity
        third = (y[3:] - 3.0 * y[2:-1] + 3.0 * y[1:-2] - y[:-3]) / np.sqrt(20.0) / pattern.sigma[1:-2]
        assert np.abs(third).max() < 6.5
        assert third.std() == pytest.approx(1.0, abs=0.15)


def test_impossible_varieties_are_refused():
    with pytest.raises(PhysicsError, match="texture_share"):
        MixtureVariety(texture_share=1.5)
    with pytest.raises(PhysicsError, match="counts runs from"):
        MixtureVariety(counts=(1000.0, 10.0))
    with pytest.raises(InputError, match="no structures"):
        random_mixture([], np.random.default_rng(1))


def test_more_phases_than_structures_are_refused(silicon):
    with pytest.raises(InputError, match="too few"):
        random_mixture([silicon], np.random.default_rng(1), MixtureVariety(phase_shares=(0.0, 1.0)))


def test_twenty_mixtures_a_second(powders):
    random_mixture(powders, np.random.default_rng(0))
    start = time.process_time()
    for seed in range(20):
        random_mixture(powders, np.random.default_rng(seed))
    # 100 a second on a quiet core; a tenth of that is left for slow machines
    assert time.process_time() - start < 2.0

"""Weight fractions by hand: W ∝ S Z M V, Hill & Howard (1987) J. Appl. Cryst. 20, 467."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.identify import identify

RUTILE = "ncrystal/TiO2_sg136_Rutile"
ZINCITE = "ncrystal/ZnO_sg186_ZincOxide"
CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"

# formula units in the cell, and their mass in g/mol: IUPAC (2021) Ti 47.867, Zn 65.38, Al 26.982, O 15.999
CONTENT = {RUTILE: (2, 79.865), ZINCITE: (2, 81.379), CORUNDUM: (6, 101.961)}


def test_fractions_by_hand(library, simulate, unit_volume):
    """Weigh the answer's own curves: a curve's area over that of m|F|²/V² LP is S V², and S Z M V that by Z M / V."""
    pattern = simulate({RUTILE: 0.2, ZINCITE: 0.5, CORUNDUM: 0.3}, seed=31)
    answer = identify(pattern, library, elements=["Ti", "Zn", "Al", "O"])
    assert len(answer.phases) == 3
    weights = {}
    for phase in answer.phases:
        library_id = phase.label.library_id
        structure = library.structure(library.index_of(library_id))
        lattice = Lattice(*(phase.lattice[n].value for n in ("a", "b", "c", "alpha", "beta", "gamma")))
        unit = unit_volume(answer.pattern.x, replace(structure, lattice=lattice), answer.pattern.radiation, 0.1, 0.0)
        z, mass = CONTENT[library_id]
        weights[library_id] = phase.profile.sum() / unit.sum() * z * mass / phase.lattice["volume"].value
    total = sum(weights.values())
    for phase in answer.phases:
        # the tails of the answer's weak lines end at the noise, those of strong lines nowhere, those of the unit curves
        # at 40 FWHM: up to a percent of a phase's area
        assert phase.fitted_fraction is not None
        assert phase.fitted_fraction.value == pytest.approx(weights[phase.label.library_id] / total, rel=0.015)


def test_fractions_sum_to_one(library, simulate):
    answer = identify(
        simulate({RUTILE: 0.2, ZINCITE: 0.5, CORUNDUM: 0.3}, seed=32), library, elements=["Ti", "Zn", "Al", "O"]
    )
    values = [p.weight_fraction.value for p in answer.phases]
    assert sum(values) == pytest.approx(1.0, abs=1e-12)
    assert values == sorted(values, reverse=True)
    # fractions that sum to 1 have covariances whose rows sum to 0: no s.u. exceeds the sum of the others
    su = np.array([p.weight_fraction.su for p in answer.phases])
    assert np.all(su > 0.0)
    assert np.all(su <= su.sum() - su + 1e-12)


def test_a_single_phase_is_all_of_it(library, simulate):
    answer = identify(simulate({RUTILE: 1.0}, seed=33), library, elements=["Ti", "O"])
    assert answer.phases[0].weight_fraction.value == 1.0
    assert answer.phases[0].weight_fraction.su is None  # it is 1 whatever the data

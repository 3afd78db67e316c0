"""Restraints on models: which bonds they find, values, derivatives by all parameters, and what they do to a fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.fit import fit
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.restraint.restraint_set import restrained
from anatase.refine.restraint.restraints import Angle, Distance, Formula, Plane, Total, Valence

MANY = [
    Distance(("PbSO4.S", "PbSO4.O1"), 1.48, 0.02),
    Distance(("PbSO4.S", "PbSO4.O3 x,1/2-y,z"), 1.48, 0.02),
    Distance(("P1bar.C*", "P1bar.C*"), 1.4, 0.02, within=2.0),
    Distance(("Al2O3.Al", "Al2O3.O"), 1.9, 0.02, within=2.2),
    Angle(("PbSO4.O*", "PbSO4.S", "PbSO4.O*"), 109.5, 1.0, within=1.8),
    Angle(("P1bar.C1", "P1bar.C2", "P1bar.C3"), 120.0, 2.0),
    Plane(("P1bar.C1", "P1bar.C2", "P1bar.C3", "P1bar.C4"), 0.02),
    Formula("PbSO4", "PbSO4", 0.01),
    Formula("P1bar", "C4O", 0.01),
    Valence("PbSO4.S", 6.0, 0.1, (("O", 1.624),), 1.9),
    Valence("P1bar.O1", 2.0, 0.1, (("C", 1.39),), 3.5),
    Total(((1.0, "PbSO4.O1.u_iso"), (-2.0, "PbSO4.O2.u_iso")), 0.0, 0.001),
]


def test_derivatives_by_every_parameter(model):
    found = restrained(model, MANY)
    names = [name for name in parameter_values(model) if "lab" not in name]
    values, slopes = found.evaluate(model, names)
    assert slopes.shape == (len(names), values.size) == (len(names), found.target.size)
    start = parameter_values(model)
    for name, row in zip(names, slopes, strict=True):
        ends = [found.evaluate(with_values(model, {name: start[name] + s}), ())[0] for s in (1e-5, -1e-5)]
        # the plane's normal has no sign of its own: of two ends alike up to it, one may be turned round
        np.testing.assert_allclose(row, (ends[0] - ends[1]) / 2e-5, rtol=2e-5, atol=2e-5, err_msg=name)


def test_bonds_found_within_a_length(model):
    sulphate = restrained(model, [Distance(("PbSO4.S", "PbSO4.O*"), 1.48, 0.02, within=1.8)])
    # O1, O2 and one of the two O3 that the mirror makes equal
    assert sorted(label.split(" – ")[1].split()[0] for label in sulphate.labels) == ["O1", "O2", "O3"]
    assert sulphate.evaluate(model, ())[0] == pytest.approx([1.45, 1.48, 1.49], abs=0.06)
    angles = restrained(model, [Angle(("PbSO4.O*", "PbSO4.S", "PbSO4.O*"), 109.5, 1.0, within=1.8)])
    assert len(angles.labels) == 4  # O1–O2, O1–O3, O2–O3, O3–O3'
    octahedron = restrained(model, [Angle(("Al2O3.O", "Al2O3.Al", "Al2O3.O"), 90.0, 1.0, within=2.2)])
    assert len(octahedron.labels) == 5  # 15 pairs in orbits of 3 under the threefold axis
    ends = restrained(model, [Distance(("P1bar.C*", "P1bar.C*"), 1.4, 0.02, within=1.6)])
    assert len(ends.labels) == len(set(ends.labels)) == 3  # a chain, each bond once though named from both ends


def test_content_and_valence(model):
    formula = restrained(model, [Formula("PbSO4", "PbSO4", 0.01)])
    assert formula.evaluate(model, ())[0] == pytest.approx([4.0, 1.0, 1.0])
    assert formula.target.tolist() == [4.0, 1.0, 1.0]
    valence = restrained(model, [Valence("PbSO4.S", 6.0, 0.1, (("O", 1.624),), 1.9)])
    bonds = restrained(model, [Distance(("PbSO4.S", "PbSO4.O*"), 1.48, 0.02, within=1.8)]).evaluate(model, ())[0]
    assert bonds[2] == pytest.approx(bonds.max(), abs=0.1)
    o3 = restrained(model, [Distance(("PbSO4.S", "PbSO4.O3"), 1.48, 0.02)]).evaluate(model, ())[0]
    expected = np.exp((1.624 - np.append(bonds, o3)) / 0.37).sum()
    assert valence.evaluate(model, ())[0] == pytest.approx([expected])


def test_weight_divides_the_variance(model):
    assert restrained(model, MANY[:1], weight=4.0).su == pytest.approx([0.01])
    assert restrained(model, []) is None


@pytest.mark.parametrize(
    ("restraint", "words"),
    [
        (Distance(("PbSO4.S", "PbSO4.O9"), 1.5, 0.1), "did you mean PbSO4.O"),
        (Distance(("PbSO4.S", "PbSO4.O*"), 1.5, 0.1), "means 3 atoms where one is needed"),
        (Distance(("PbSO4.S", "P1bar.C1"), 1.5, 0.1), "belong to several phases"),
        (Distance(("PbSO4.S", "PbSO4.O*"), 1.5, 0.1, within=0.5), "finds no neighbours"),
        (Distance(("PbSO4.S", "PbSO4.O1 x,x,z"), 1.5, 0.1), "no operation"),
        (Formula("PbSO4", "Pb?", 0.1), "is no formula"),
        (Formula("Pb", "PbSO4", 0.1), "is no phase"),
        (Valence("PbSO4.S", 6.0, 0.1, (("O", 1.6),), 0.5), "finds no neighbours"),
        (Total(((1.0, "PbSO4.O1.y"),), 1.0, 0.1), "names no parameter"),
    ],
)
def test_restraints_on_what_is_not_there(model, restraint, words):
    with pytest.raises(InputError, match=words):
        restrained(model, [restraint])


def test_a_fit_is_drawn_towards_its_restraints(model):
    # twenty degrees of a weak pattern say little of oxygen beside lead: restraints settle what the data leave open
    truth = RefinementModel(model.histograms, (replace(model.phases[0], parts=(replace(
        model.phases[0].parts[0], scale=1e-4),)),))  # fmt: skip
    counts = np.random.default_rng(2).poisson(calculated(truth, 0).intensity).astype(float)
    pattern = replace(truth.histograms[0].pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
    data = truth.with_histogram(0, replace(truth.histograms[0], pattern=pattern))
    names = ["PbSO4.lab.scale", "lab.background.chebyshev_0", "PbSO4.O1.x", "PbSO4.O1.z", "PbSO4.O3.y"]
    bonds = [Distance(("PbSO4.S", "PbSO4.O*"), 1.48, 0.005, within=1.8)]
    restraints = restrained(data, bonds)
    alone, held = fit(data, names), fit(data, names, restraints=restraints)
    off, drawn = (np.abs(restraints.evaluate(one.model, ())[0] - 1.48)[[0, 2]].max() for one in (alone, held))
    assert drawn < 0.02 < off
    assert held.su[4] < alone.su[4]
    assert held.residuals.total >= alone.residuals.total

"""The one call: answers, their words and doubts, and JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.refine.quantity import ExternalStandard, InternalStandard, g_factor, quantify, quantify_by_ratios
from anatase.refine.quantity.microabsorption import particle_absorption

# corundum, zincite, fluorite
NAMES = ["corundum", "zincite", "fluorite"]
MASSES, VOLUMES = np.array([611.77, 162.77, 312.30]), np.array([254.7, 47.6, 163.0])
ABSORPTION = (126.0, 279.0, 302.0)  # cm⁻¹ at Cu Kα
WEIGHED = np.array([0.3137, 0.3421, 0.3442])
SCALES = WEIGHED / (MASSES * VOLUMES)
COVARIANCE = np.diag(0.005 * SCALES) ** 2


def run(scales=SCALES, covariance=COVARIANCE, **options):
    return quantify(NAMES, scales, MASSES, VOLUMES, covariance, **options)


def values(answer, kind="weight_fraction"):
    return [getattr(phase, kind).value for phase in answer.phases]


def test_crystalline_phases():
    answer = run()
    assert values(answer) == pytest.approx(WEIGHED, abs=1e-12)
    assert [phase.uncorrected for phase in answer.phases] == [phase.weight_fraction for phase in answer.phases]
    assert answer.method == "weight fractions of the crystalline phases of the model (Hill & Howard 1987)"
    assert (answer.amorphous, answer.amorphous_in_sample, answer.warnings) == (None, None, ())
    assert answer.covariance.sum() == pytest.approx(0.0, abs=1e-15)


def test_json():
    spiked = run(
        internal_standard=InternalStandard("corundum", Estimate(0.2, 0.001)),
        linear_absorptions=ABSORPTION,
        particle_size={"corundum": 0.5, "zincite": Estimate(1.0, 0.3), "fluorite": 2.0},
    )
    document = json.loads(json.dumps(spiked.as_dict(), allow_nan=False))
    assert document["phases"][1]["name"] == "zincite"
    assert set(document["phases"][1]["weight_fraction"]) == {"value", "su"}
    assert document["amorphous_in_sample"]["su"] > 0.0
    assert len(document["covariance"]) == 3
    assert document["phases"][0]["tau"] > 1.0 > document["phases"][2]["tau"]
    assert document["phases"][2]["mu_d"] == pytest.approx(302.0 * 2e-4)


def test_internal_standard_in_words():
    answer = run(internal_standard=InternalStandard("corundum", Estimate(0.2)))
    # of 0.2/0.3137 of the specimen's seeming whole; the sample is 0.8 of it
    assert answer.amorphous.value == pytest.approx(1.0 - 0.2 / 0.3137, abs=1e-12)
    assert answer.amorphous_in_sample.value == pytest.approx((1.0 - 0.2 / 0.3137) / 0.8, abs=1e-12)
    assert values(answer, "in_sample")[0] == 0.0
    assert sum(values(answer, "in_sample")) + answer.amorphous_in_sample.value == pytest.approx(1.0, abs=1e-12)
    assert answer.method == "weight fractions of the whole specimen by the internal standard corundum"
    assert answer.warnings == ()


def test_a_negative_rest_is_doubted():
    answer = run(internal_standard=InternalStandard("corundum", Estimate(0.36, 0.001)))
    assert answer.amorphous_in_sample.value < -0.1
    assert len(answer.warnings) == 1
    assert answer.warnings[0].startswith("the amorphous fraction is negative, -2")


def test_a_rest_of_nothing_is_said_to_be_none():
    answer = run(internal_standard=InternalStandard("corundum", Estimate(0.3137, 0.001)))
    assert answer.warnings[0].startswith("the amorphous fraction, ")
    assert "does not differ from 0" in answer.warnings[0]


def test_external_standard():
    g = g_factor(Estimate(1.0 / (MASSES[0] * VOLUMES[0])), MASSES[0], VOLUMES[0], Estimate(30.1))
    # a sample that absorbs as corundum does, of which a fifth is glass
    answer = run(0.8 * SCALES, external_standard=ExternalStandard(g, Estimate(30.1)))
    assert values(answer) == pytest.approx(0.8 * WEIGHED, rel=1e-12)
    assert answer.amorphous.value == pytest.approx(0.2, rel=1e-12)
    assert answer.amorphous_in_sample is None
    assert "external standard" in answer.method


def test_more_than_all_beside_an_external_standard():
    g = g_factor(Estimate(1.0 / (MASSES[0] * VOLUMES[0])), MASSES[0], VOLUMES[0], Estimate(30.1))
    warnings = run(1.1 * SCALES, external_standard=ExternalStandard(g, Estimate(30.1))).warnings
    assert warnings[0].startswith(
        "the amorphous fraction is negative, -10.0(3) wt%: the sample diffracts more than it can"
    )


def test_microabsorption_moves_towards_the_truth():
    density = MASSES / VOLUMES * 1.66053906660
    share = WEIGHED / density
    mean = share @ np.array(ABSORPTION) / share.sum()
    seen = SCALES * particle_absorption((np.array(ABSORPTION) - mean) * 10.0 * 0.5e-4)
    answer = run(seen, linear_absorptions=ABSORPTION, particle_size=10.0)
    assert values(answer) == pytest.approx(WEIGHED, abs=1e-9)
    assert values(answer, "uncorrected")[0] > WEIGHED[0] + 0.01
    assert "Brindley" in answer.method
    assert sum("coarse powder" in one for one in answer.warnings) == 3  # μD 0.13 to 0.30


def test_very_coarse_grains_are_not_trusted():
    answer = run(linear_absorptions=ABSORPTION, particle_size=40.0)
    assert "fluorite is a very coarse powder, μD = 1.2" in " ".join(answer.warnings)


def test_contrast_without_sizes_is_doubted():
    magnetite = (126.0, 1135.0, 302.0)
    warned = run(linear_absorptions=magnetite).warnings
    # μ̄ = Σ v μ with v = W/ρ: 430 cm⁻¹; 0.05/(0.75 · 705) cm = 0.95 µm
    assert any(one.startswith("zincite absorbs 1135 cm⁻¹") and "0.9" in one for one in warned)
    assert run(linear_absorptions=ABSORPTION).warnings == ()


def test_phases_that_are_not_there():
    scales = SCALES * [1.0, -0.01, 0.004]
    warnings = run(scales).warnings
    assert warnings[0].startswith("the scale of zincite is negative")
    assert warnings[1].startswith("fluorite is less than 2 s.u. above nothing")


def test_ratios():
    answer = quantify_by_ratios(NAMES, [100.0, 543.0, 384.0], [1.0, 5.43, 3.84], np.diag([1.0, 4.0, 4.0]))
    assert values(answer) == pytest.approx([1 / 3] * 3, rel=1e-12)
    assert "Chung" in answer.method
    assert "expect errors of 10 %" in answer.warnings[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"internal_standard": InternalStandard("quartz", Estimate(0.2))}, "'quartz' is none of the phases corundum"),
        ({"particle_size": 1.0}, "particle sizes without absorption coefficients"),
        ({"mean_absorption": 100.0}, "a mean absorption without particle sizes"),
        ({"linear_absorptions": (1.0,)}, "1 linear absorption coefficients for 3 phases"),
        ({"linear_absorptions": ABSORPTION, "particle_size": {"corundum": 1.0}}, "no particle size for zincite, fluor"),
        (
            {"linear_absorptions": ABSORPTION, "particle_size": {**dict.fromkeys(NAMES, 1.0), "quartz": 1.0}},
            "a particle size for 'quartz'",
        ),
        (
            {
                "internal_standard": InternalStandard("corundum", Estimate(0.2)),
                "external_standard": ExternalStandard(Estimate(1.0), Estimate(1.0)),
            },
            "both an internal and an external standard",
        ),
    ],
)
def test_refusals(options, message):
    with pytest.raises(InputError, match=message):
        run(**options)


def test_names():
    with pytest.raises(InputError, match="2 names for 3 phases"):
        quantify(["a", "b"], SCALES, MASSES, VOLUMES)
    with pytest.raises(InputError, match="'a' names several phases"):
        quantify(["a", "b", "a"], SCALES, MASSES, VOLUMES)

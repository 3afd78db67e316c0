from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest

from anatase.refine.model import RefinementModel
from anatase.refine.uncertainty.exploration import Wanted, explore
from anatase.report.refinement_document import (
    r_expected,
    refinement_json_schema,
    refinement_to_dict,
    refinement_to_json,
    strong_pairs,
    write_refinement_json,
)


@pytest.fixture(scope="module")
def document(mixture):
    return refinement_to_dict(mixture)


@pytest.mark.parametrize("which", ["mixture", "joint", "flight"])
def test_documents_satisfy_the_published_schema(which, request):
    validator = jsonschema.Draft202012Validator(refinement_json_schema())
    validator.check_schema(refinement_json_schema())
    validator.validate(json.loads(refinement_to_json(request.getfixturevalue(which))))


def test_schema_refuses_what_is_no_answer(document):
    for broken in (
        document | {"schema": "anatase.refinement/0"},
        document | {"surprise": 1},
        {key: value for key, value in document.items() if key != "warnings"},
        document | {"phases": [document["phases"][0] | {"mode": "guess"}]},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, refinement_json_schema())


def test_what_the_data_were_made_of_comes_out(document):
    """Truth of the simulation within 4 s.u.; the s.u. themselves are small enough to mean something."""
    rutile, anatase = document["phases"]
    cells = ((rutile, "a", 4.5937), (rutile, "b", 4.5937), (rutile, "c", 2.9587), (anatase, "c", 9.5143))
    for phase, name, truth in cells:
        found = phase["lattice"][name]
        assert 0.0 < found["su"] < 1e-3
        assert found["value"] == pytest.approx(truth, abs=4.0 * found["su"])
    assert rutile["lattice"]["gamma"] == {"value": 90.0, "su": None}
    # scales are equal, so weights are as Z M V: both have one formula; 2 and 4 of it in 62.44 and 136.27 Å³
    share = 4 * 136.27 / (4 * 136.27 + 2 * 62.43)
    assert anatase["weight_fraction"]["value"] == pytest.approx(share, abs=4.0 * anatase["weight_fraction"]["su"])
    oxygen = rutile["sites"][1]
    assert oxygen["x"]["value"] == pytest.approx(0.3048, abs=4.0 * oxygen["x"]["su"])
    assert oxygen["y"] == oxygen["x"]  # on the diagonal: both carry the s.u.
    assert oxygen["z"] == {"value": 0.0, "su": None}
    assert document["gof"] == pytest.approx(1.0, abs=0.1)  # Poisson noise and a true model
    assert all(value < 5.0 for value in document["r_bragg"].values())


def test_volume_follows_the_cell(mixture, document):
    """V = a²c of a tetragonal cell; its variance by central differences of a and c with their covariance."""
    cell = document["phases"][0]["lattice"]
    a, c = cell["a"]["value"], cell["c"]["value"]
    names = mixture.fitted.parametrisation.names
    at = [names.index("rutile.a"), names.index("rutile.c")]
    spread = mixture.fitted.spread[np.ix_(at, at)] * mixture.serial.factor**2
    step = 1e-5
    slope = np.array([((a + step) ** 2 - (a - step) ** 2) * c, a**2 * 2 * step]) / (2 * step)
    assert cell["volume"]["value"] == pytest.approx(a**2 * c, rel=1e-9)
    assert cell["volume"]["su"] == pytest.approx(np.sqrt(slope @ spread @ slope), rel=1e-6)


def test_parameters_say_what_they_follow(document):
    by_name = {one["name"]: one for one in document["parameters"]}
    tied = by_name["anatase.O1.u_iso"]
    assert tied["tied_to"] == "rutile.O1.u_iso"
    assert tied["value"] == by_name["rutile.O1.u_iso"]["value"]
    assert by_name["xray.zero"] == {
        "name": "xray.zero", "value": 0.0, "su": None, "su_corrected": None, "refined": False, "at_bound": False,
        "tied_to": None,
    }  # fmt: skip
    for one in by_name.values():
        if one["refined"]:
            assert one["su_corrected"] == pytest.approx(one["su"] * document["serial_correlation"]["factor"])
    assert document["n_parameters"] == sum(one["refined"] and not one["tied_to"] for one in by_name.values())


def test_expected_r_is_rwp_over_gof(mixture):
    """With one pattern Rwp/Rexp is GOF (Young 1993, table 1.3)."""
    assert mixture.rwp / r_expected(mixture, 0) == pytest.approx(mixture.gof, rel=1e-9)


def test_strong_pairs_come_in_order(mixture):
    pairs = strong_pairs(mixture, 0.3)
    sizes = [abs(value) for _, _, value in pairs]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] > 0.3
    refined = [one.name for one in mixture.parameters if one.refined]
    first, second, value = pairs[0]
    assert mixture.correlation[refined.index(first), refined.index(second)] == pytest.approx(value)
    assert not any("anatase.O1.u_iso" in pair for pair in pairs)  # it follows rutile's


def test_each_pattern_has_its_own_figures(joint):
    document = refinement_to_dict(joint)
    assert [one["name"] for one in document["histograms"]] == ["xray", "neutron"]
    assert [one["radiation"]["probe"] for one in document["histograms"]] == ["xray", "neutron"]
    assert [one["histogram"] for one in document["phases"][0]["patterns"]] == ["xray", "neutron"]
    assert document["histograms"][0]["n_points"] == 3000 - 33 - 1  # 50 to 51° in steps of 0.03 are left out
    assert document["r_bragg"]["rutile"] == pytest.approx(np.mean(list(joint.r_bragg.values())), rel=1e-6)


def test_explorations_stand_beside_the_covariance(joint):
    found = explore(joint.fitted, Wanted(bootstrap=8, profile=("rutile.a",), multistart=2, seed=3))
    document = json.loads(refinement_to_json(joint, found))
    jsonschema.validate(document, refinement_json_schema())
    assert document["bootstrap"]["refits"] == 8
    assert document["posterior"] is None
    profile = document["profiles"][0]
    assert profile["interval_68"][0] < profile["value"] < profile["interval_68"][1]
    assert document["other_minima"]["starts"] == 2
    assert any("only 8 refits" in text for text in document["warnings"])


def test_same_answer_gives_the_same_bytes(mixture, tmp_path):
    write_refinement_json(mixture, tmp_path / "answer.json")
    assert (tmp_path / "answer.json").read_text("utf-8") == refinement_to_json(mixture)
    assert isinstance(mixture.model, RefinementModel)

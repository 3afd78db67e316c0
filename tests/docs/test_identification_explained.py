"""Numbers and pages that the explanation of identification names are those of the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anatase.cli.identify import identify
from anatase.identify import (
    acceptance,
    detection_limit,
    equivalent_phases,
    joint_fit,
    judged_answer,
    retrieve,
    verdict,
    weighing,
)
from anatase.identify.calibration import calibration_table
from anatase.identify.evidence import LineErrors
from anatase.identify.quantify import UNKNOWN_GRAINS
from anatase.identify.settings import SearchSettings
from anatase.refine.start import wide_alignment

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs/explanation/identification.md").read_text("utf-8").split())
SETTINGS = SearchSettings()
LINE = LineErrors()


@pytest.mark.parametrize(
    "sentence",
    [
        f"exceeds {SETTINGS.threshold:g} and {100 * SETTINGS.share_of_signal:.2g} % of the whole signal",
        f"still gains {SETTINGS.threshold_without_best:g} without its best line",
        f"stays below {SETTINGS.alike:g} ({SETTINGS.alike_polymorphs:g} for polymorphs)",
        f"σ² = σ²(counts) + ({SETTINGS.background_error:g} b)² + (ε B)²",
        f"ε = {SETTINGS.loose_error:g} in fits, {SETTINGS.strict_error:g} in the evidence",
        f"intensity ({100 * LINE.intensity:g} %), place ({LINE.place:.2f} FWHM) and width ({LINE.width:.2f} FWHM)",
        f"texture where it gains {SETTINGS.texture_gain:g}",
        f"s.u. {joint_fit.LENGTH_ISOTROPIC:g} isotropic ({50 * joint_fit.LENGTH_ISOTROPIC:g} % of length)",
        f"{joint_fit.LENGTH_ANISOTROPIC:g} for what symmetry allows beside it; bounds at"
        f" {50 * joint_fit.LARGEST_STRAIN:g} %",
        f"has an s.u. of its own ({joint_fit.SCALE:g}, {50 * joint_fit.SCALE:g} % of length)",
        f"by −2 to +{100 * retrieve.MAX_STRAIN:g} % in {2 * int(retrieve.MAX_STRAIN / retrieve.STEP) + 1} steps",
        f"more than {retrieve.COARSE_FROM:,} candidates",
        f"{wide_alignment.N_STARTS} strains of a Sobol sequence, as far as {50 * wide_alignment.ISOTROPIC:g} %",
        f"dropped while it is below {acceptance.REPORTED:g}",
        f"({100 * acceptance.DOMINANT:g} % of the cost, {100 * acceptance.PLAIN:g} % of the intensity) is shown from"
        f" {acceptance.DOUBTFUL:g} on",
        f"Phases below {judged_answer.LIKELY:g} are called doubtful",
        f"taken to the power 1/{verdict.TEMPERATURE:g}",
        f"cosine above {equivalent_phases.ALIKE:g}",
        f"cost at most {equivalent_phases.AS_GOOD:g} more",
        f"{weighing.ANYTHING_ELSE:g} for everything else; {weighing.PER_TEXTURE:g} times",
        f"{weighing.MOST_BY_TEXTURE:g} at most",
        f"grains of {UNKNOWN_GRAINS.value:g} µm",
        f"up to {50 * float(detection_limit.ALIKE.max()):g} % off",
        f"{100 * detection_limit.ERROR:g} % of its own intensity being uncertain",
    ],
)
def test_numbers_are_those_of_the_program(sentence):
    assert sentence in PAGE


# what the page calls the features of data/calibration.json, within a product where that is shorter
FEATURES = {
    "second": "gain without the best line",
    "lines": "lines that the data see",
    "mismatch": "misfit of its intensities",
    "strain": "strain",
    "texture": "texture",
    "margin": "what no rival in its place has",
    "chemistry": "usual chemistry",
    "candidates": "number of candidates",
    "saved": "share of the remaining cost that it saves",
    "share": "its share of the intensity",
    "misfit": "misfit left",
    "left": "cost left",
    "unexplained": "share unexplained",
    "highest_peak": "the highest unexplained peak",
    "next": "the next best set",
    "worst_strain": "worst strain",
    "worst_mismatch": "worst misfit of intensities",
    "phases": "number of phases",
    "unusual": "unusual ones",
    "believed": "how sure the reported phases are",
    "doubted": "how sure the refusals are",
}
IN_PRODUCTS = {
    "lines": "lines",
    "mismatch": "misfit of intensities",
    "saved": "share saved",
    "share": "share of the intensity",
    "believed": "how sure the phases are",
}


@pytest.mark.parametrize(("name", "row"), [("phase", "phase"), ("answer", "set, unknown"), ("unknown", "set, unknown")])
def test_features_are_those_of_the_calibration(name, row):
    table = calibration_table(name)
    assert table is not None
    told = re.search(rf"\| {row} \| ([^|]*) \|", PAGE)
    assert told is not None
    assert sorted(re.split(", |; of the whole answer the | and (?=the highest)", told[1])) == sorted(
        FEATURES[feature] for feature in table.features
    )


@pytest.mark.parametrize(("name", "words"), [("phase", "a phase"), ("answer", "the set"), ("unknown", "the set")])
def test_products_are_those_of_the_calibration(name, words):
    table = calibration_table(name)
    assert table is not None
    pairs = [(table.features[i], table.features[j]) for i, j in table.products]
    assert {one for one, other in pairs if one == other} == set(table.features)  # "the squares of all"
    told = re.search(rf"The products of {words}[^:]*: ([^.]*)\.", PAGE)
    assert told is not None
    stated = {frozenset(one.split(" × ")) for one in told[1].split("; ")}
    names = FEATURES | IN_PRODUCTS
    assert stated == {frozenset((names[one], names[other])) for one, other in pairs if one != other}


def test_the_probabilities_are_there():
    assert all(calibration_table(name) is not None for name in ("phase", "answer", "unknown"))
    assert "of those called 0.9, nine in ten are in the sample" in PAGE


def test_options_exist():
    known = {option for parameter in identify.params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z][a-z-]+)", PAGE)) <= known

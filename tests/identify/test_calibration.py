"""Logistic tables: their formula, their limits, and what they refuse to extrapolate."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.identify.calibration import table_of

DOCUMENT = {
    "widest": 3.0,
    "tables": {
        "phase": {
            "features": ["gain", "strain"],
            "mean": [5.0, 0.4],
            "scale": [2.0, 0.2],
            "coefficients": [1.5, -0.7],
            "intercept": 0.3,
        }
    },
}


def test_probabilities_are_the_logistic_function_of_standardised_features():
    table = table_of(DOCUMENT, "phase")
    # z = (1, −1): 1.5 + 0.7 + 0.3 = 2.5
    assert table.probability({"gain": 7.0, "strain": 0.2, "more": 1.0}) == pytest.approx(1.0 / (1.0 + np.exp(-2.5)))
    many = table.probabilities([[7.0, 0.2], [5.0, 0.4]])
    assert many == pytest.approx([1.0 / (1.0 + np.exp(-2.5)), 1.0 / (1.0 + np.exp(-0.3))])


def test_what_is_unlike_the_simulation_is_not_extrapolated_to():
    table = table_of(DOCUMENT, "phase")
    far = table.probability({"gain": 1e6, "strain": 0.4})
    assert far == table.probability({"gain": 11.0, "strain": 0.4})


def test_a_missing_feature_is_an_error():
    with pytest.raises(KeyError):
        table_of(DOCUMENT, "phase").probability({"gain": 5.0})


def test_products_of_features_act_together():
    table = {**DOCUMENT["tables"]["phase"], "coefficients": [1.5, -0.7, 0.4], "products": [[0, 1]]}
    made = table_of({"widest": 3.0, "tables": {"phase": table}}, "phase")
    # z = (1, −1), product −1: 1.5 + 0.7 − 0.4 + 0.3 = 2.1
    assert made.probability({"gain": 7.0, "strain": 0.2}) == pytest.approx(1.0 / (1.0 + np.exp(-2.1)))

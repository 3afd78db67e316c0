"""Background functions of GSAS and GSAS-II."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.io.gsas_background import GSAS_BACKGROUNDS, background_of_gsas
from anatase.pattern.background_model import BackgroundModel

LIMITS = (15.0, 130.0)
X = np.linspace(*LIMITS, 200)
Q = 4.0 * np.pi * np.sin(np.radians(X) / 2.0) / 1.5405


def model(kind: str, coefficients: list[float], turn: float = 1.0) -> BackgroundModel:
    found, _ = background_of_gsas(kind, coefficients, LIMITS, Q, turn)
    assert found is not None
    return found


def test_polynomials_are_exact():
    c = [30.0, -12.0, 5.0, 2.0]
    scaled = 2.0 * (X - LIMITS[0]) / (LIMITS[1] - LIMITS[0]) - 1.0
    first = sum(value * np.cos(k * np.arccos(scaled)) for k, value in enumerate(c))
    assert model("chebyschev-1", c).intensity(X) == pytest.approx(first, rel=1e-12)
    powers = sum(value * scaled**k for k, value in enumerate(c))
    assert model("chebyschev", c).intensity(X) == pytest.approx(powers, rel=1e-12)


def test_interpolation_is_exact():
    at = [15.0, 15.0 + 115.0 / 3.0, 72.5, 130.0]
    expected = np.interp(at, np.linspace(15.0, 130.0, 4), [9.0, 4.0, 6.0, 5.0])
    assert model("lin interpolate", [9.0, 4.0, 6.0, 5.0]).intensity(np.array(at)) == pytest.approx(expected)
    assert model("lin interpolate", [7.0]).intensity(X) == pytest.approx(np.full(200, 7.0))


@pytest.mark.parametrize(
    ("kind", "coefficients", "expected"),
    [
        # coefficients as GSAS refined them for fluorapatite, PbSO4 and silicon nitride; functions of LAUR 86-748
        (5, [41.8, 702.3, 3.4], 41.8 + 702.3 / Q**2 + 2.0 * 3.4 / Q**4),
        (2, [42.2, -3.4, 14.7], 42.2 - 3.4 * np.cos(np.radians(X)) + 14.7 * np.cos(2.0 * np.radians(X))),
        (4, [50.0, 3.0, -0.02], 50.0 + 3.0 * Q**2 - 0.02 * Q**4 / 2.0),
        (6, [231.8, -4.98, -57.0, 0.777], 231.8 - 4.98 * Q**2 - 57.0 / Q**2 + 0.777 * Q**4 / 2.0),
    ],
)
def test_other_functions_are_close(kind: int, coefficients: list[float], expected: np.ndarray):
    found, warnings = background_of_gsas(GSAS_BACKGROUNDS[kind], coefficients, LIMITS, Q)
    assert found is not None
    assert found.intensity(X) == pytest.approx(expected, abs=1e-3 * np.abs(expected).mean())
    assert "Chebyshev terms" in warnings[0]


def test_cosine_of_gsas_ii_turns_once_in_its_own_range():
    turn = 180.0 / LIMITS[1]
    expected = 20.0 + 4.0 * np.cos(np.pi * X / LIMITS[1])
    assert model("cosine", [20.0, 4.0], turn).intensity(X) == pytest.approx(expected, abs=0.02)


def test_unknown_functions_are_told():
    found, warnings = background_of_gsas("function 8", [1.0], LIMITS, Q)
    assert found is None
    assert warnings == ("background function 'function 8' is not known",)
    assert background_of_gsas("cosine", [], LIMITS, Q)[0] == BackgroundModel(LIMITS)

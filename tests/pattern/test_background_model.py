"""Background terms: published values, derivatives, nodes, areas of humps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.errors import InputError, PhysicsError
from anatase.pattern.background_model import BackgroundModel, DebyeTerm, Hump, chebyshev_columns, node_columns

X = np.linspace(10.0, 90.0, 401)
Q = 4.0 * np.pi * np.sin(np.radians(X / 2.0)) / 1.5406
MODEL = BackgroundModel(
    (10.0, 90.0),
    (100.0, -20.0, 5.0, 1.5),
    300.0,
    (10.0, 30.0, 60.0, 90.0),
    (5.0, 8.0, 2.0, 3.0),
    "cubic",
    (DebyeTerm(40.0, 2.1, 0.03), DebyeTerm(-10.0, 3.6, 0.1)),
    (Hump(500.0, 25.0, 8.0, 0.3), Hump(90.0, 1.6, 0.4, 0.0, in_q=True)),
)


def test_chebyshev_polynomials():
    # Abramowitz & Stegun, table 22.6: T_2 = 2x² − 1, T_3 = 4x³ − 3x, T_4 = 8x⁴ − 8x² + 1
    columns = chebyshev_columns(X, 5)
    u = (X - 50.0) / 40.0
    np.testing.assert_allclose(
        columns.T, [np.ones_like(u), u, 2 * u**2 - 1, 4 * u**3 - 3 * u, 8 * u**4 - 8 * u**2 + 1], atol=1e-13
    )
    part = chebyshev_columns(X[100:200], 5, (10.0, 90.0))
    np.testing.assert_allclose(part, columns[100:200], atol=1e-13)


def test_nodes():
    nodes = np.array([20.0, 30.0, 60.0, 80.0])
    for kind in ("linear", "cubic"):
        columns = node_columns(X, nodes, kind)
        np.testing.assert_allclose(columns.sum(axis=1), 1.0, atol=1e-12)  # equal heights make a constant
        np.testing.assert_allclose(node_columns(nodes, nodes, kind), np.eye(4), atol=1e-12)
        # both reproduce a straight line between the nodes
        inside = (X >= 20.0) & (X <= 80.0)
        np.testing.assert_allclose((columns @ (3.0 + 0.5 * nodes))[inside], 3.0 + 0.5 * X[inside], rtol=1e-12)
    assert node_columns(np.array([45.0]), nodes)[0] == pytest.approx([0.0, 0.5, 0.5, 0.0])


def test_natural_spline_by_hand():
    # nodes 0, 1, 2 with heights 0, 1, 0: the natural spline has S''(1) = −3 and S(x) = 3x/2 − x³/2 up to 1
    columns = node_columns(np.array([0.25, 0.5]), np.array([0.0, 1.0, 2.0]), "cubic")
    assert columns[:, 1] == pytest.approx([0.375 - 0.0078125, 0.75 - 0.0625], rel=1e-12)


def test_debye_term_by_hand():
    # a sin(QR)/(QR) exp(−UQ²/2) at Q = 2, R = 1.6, U = 0.1: 50 · sin 3.2/3.2 · exp(−0.2)
    term = DebyeTerm(50.0, 1.6, 0.1)
    assert 50.0 * term.slopes(np.array([2.0]))[0, 0] == pytest.approx(50 * np.sin(3.2) / 3.2 * np.exp(-0.2), rel=1e-13)
    assert term.slopes(np.array([0.0]))[0, 0] == 1.0


def test_hump_has_its_area_and_width():
    x = np.arange(-400.0, 450.0, 0.01)
    for mixing in (0.0, 0.4):
        hump = Hump(500.0, 25.0, 8.0, mixing)
        shape = hump.slopes(x)[0]
        # of the Lorentzian 2·(8/2)/(π·425) lies outside
        assert shape.sum() * 0.01 == pytest.approx(1.0 - mixing * 8.0 / (np.pi * 425.0), abs=1e-5)
        above = x[shape > shape.max() / 2.0]
        assert above[-1] - above[0] == pytest.approx(8.0, abs=0.03)


def altered(model: BackgroundModel, name: str, step: float) -> BackgroundModel:
    """Return the model with one parameter moved by a step."""
    kind, *rest = name.split("_")
    if kind == "inverse":
        return replace(model, inverse=model.inverse + step)
    index = int(rest[0])
    if kind in ("chebyshev", "height"):
        field = "chebyshev" if kind == "chebyshev" else "heights"
        values = list(getattr(model, field))
        values[index] += step
        return replace(model, **{field: tuple(values)})
    field = "debye" if kind == "debye" else "humps"
    terms = list(getattr(model, field))
    terms[index] = replace(terms[index], **{rest[1]: getattr(terms[index], rest[1]) + step})
    return replace(model, **{field: tuple(terms)})


@pytest.mark.parametrize("name", MODEL.names)
def test_derivatives(name: str):
    analytic = MODEL.derivatives(X, Q)[MODEL.names.index(name)]
    if name == "hump_1_mixing":  # at its limit of 0: linear, so one-sided is exact
        numeric = (altered(MODEL, name, 1e-3).intensity(X, Q) - MODEL.intensity(X, Q)) / 1e-3
    else:
        step = 1e-5
        numeric = (altered(MODEL, name, step).intensity(X, Q) - altered(MODEL, name, -step).intensity(X, Q)) / (
            2 * step
        )
    # cancellation of numbers near 500 at a step of 1e-5
    np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-6 * np.abs(numeric).max() + 2e-8)


def test_misuse_is_refused():
    with pytest.raises(InputError, match="give q"):
        MODEL.intensity(X)
    with pytest.raises(InputError, match="one height per node"):
        BackgroundModel((0.0, 1.0), nodes=(1.0, 2.0), heights=(1.0,))
    with pytest.raises(InputError, match="increase"):
        node_columns(X, np.array([2.0, 1.0]))
    with pytest.raises(InputError, match="Chebyshev"):
        chebyshev_columns(X, 3, (90.0, 10.0))
    with pytest.raises(InputError, match="positive positions"):
        BackgroundModel((0.0, 1.0), (1.0,)).intensity(np.array([0.0, 1.0]))
    with pytest.raises(PhysicsError):
        Hump(1.0, 20.0, -3.0)
    with pytest.raises(PhysicsError):
        DebyeTerm(1.0, 0.0)

"""The weighted sum of |F|² by every parameter, against the whole gradient."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor_adjoint import f_squared_sums, pull_back
from anatase.scattering.structure_factor_gradient import f_squared_gradient
from anatase.scattering.unique_hkl import unique_rows

TENSOR = (0.011, 0.023, 0.017, 0.004, -0.003, 0.005)
CELLS = {
    "P 1": (7.1, 9.3, 8.7, 84.0, 107.0, 95.0),
    "P 21/c": (7.1, 9.3, 8.7, 90.0, 107.0, 90.0),
    "P n n n:1": (7.1, 9.3, 8.7, 90.0, 90.0, 90.0),
    "C 1 2 1": (7.1, 9.3, 8.7, 90.0, 107.0, 90.0),
    "R -3 c:H": (7.1, 7.1, 8.7, 90.0, 90.0, 120.0),
    "I 2 3": (8.1, 8.1, 8.1, 90.0, 90.0, 90.0),
}
MODELS = (ScatteringModel("xray", 1.5406), ScatteringModel("neutron"), ScatteringModel("electron"))


def crystal(symbol: str, anisotropic: bool) -> Structure:
    tensor = {"u_aniso": TENSOR} if anisotropic else {"u_iso": 0.007}
    sites = (
        Site("O", (Species("O", 0.9),), (0.117, 0.243, 0.381), 0.013),
        Site("M", (Species("Fe", 0.5, 3), Species("Mn", 0.4, 2)), (0.317, 0.093, 0.181), **tensor),
        Site("N", (Species("Na", 0.0),), (0.0, 0.0, 0.0)),  # on a special position, occupancy 0
    )
    return Structure(Lattice(*CELLS[symbol]), SpaceGroup.from_symbol(symbol), sites)


@pytest.mark.parametrize("symbol", CELLS)
@pytest.mark.parametrize("anisotropic", [False, True])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.probe)
def test_the_sum_of_the_gradient_comes_back(symbol: str, anisotropic: bool, model: ScatteringModel):
    structure, u_default = crystal(symbol, anisotropic), 0.004
    hkl, _, inverse_d2 = unique_rows(structure.lattice, structure.space_group, 0.9, 20.0)
    weights = np.random.default_rng(1).normal(size=len(hkl))
    gradient = f_squared_gradient(structure, hkl, model, u_default)
    found = f_squared_sums(structure, hkl, inverse_d2, model, u_default)
    pulled = pull_back(found, weights, u_default)
    np.testing.assert_allclose(found.f_squared, gradient.f_squared, rtol=1e-9, atol=1e-9 * gradient.f_squared.max())
    for name in ("xyz", "u_iso", "u_aniso", "occupancy"):
        rows = getattr(gradient, name)
        expected = np.tensordot(weights, rows, axes=1)
        # both sums are exact but for rounding, which is relative to the sum of what they add
        scale = np.tensordot(np.abs(weights), np.abs(rows), axes=1).max()
        np.testing.assert_allclose(getattr(pulled, name), expected, rtol=0.0, atol=1e-11 * scale, err_msg=name)
    h = hkl.astype(float)
    expected = np.einsum("n,ni,nj->ij", weights * gradient.by_reciprocal, h, h)
    np.testing.assert_allclose(pulled.by_metric, expected, rtol=0.0, atol=1e-10 * np.abs(expected).max())


def test_many_kinds_of_damping_go_atom_by_atom():
    # more than eight pairs of element and U_iso: the sums damp every atom, and the answer is the same
    structure = crystal("P 21/c", False)
    rng = np.random.default_rng(2)
    sites = tuple(Site(f"C{i}", (Species("C"),), tuple(rng.random(3).tolist()), 0.005 + 0.001 * i) for i in range(20))
    structure = replace(structure, sites=sites)
    hkl, _, inverse_d2 = unique_rows(structure.lattice, structure.space_group, 0.9, 20.0)
    weights = rng.normal(size=len(hkl))
    found = f_squared_sums(structure, hkl, inverse_d2, MODELS[0])
    assert len(found.scatterers.beta) == 40  # two independent operations
    pulled, gradient = pull_back(found, weights), f_squared_gradient(structure, hkl, MODELS[0])
    np.testing.assert_allclose(pulled.xyz, np.tensordot(weights, gradient.xyz, axes=1), rtol=1e-9, atol=1e-4)
    np.testing.assert_allclose(pulled.u_iso, weights @ gradient.u_iso, rtol=1e-9)
    h = hkl.astype(float)
    expected = np.einsum("n,ni,nj->ij", weights * gradient.by_reciprocal, h, h)
    np.testing.assert_allclose(pulled.by_metric, expected, rtol=1e-8)

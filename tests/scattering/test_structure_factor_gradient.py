"""Derivatives of F and |F|² by atomic parameters against central differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import f_squared, structure_factors
from anatase.scattering.structure_factor_gradient import f_gradient, f_squared_gradient

MODEL = ScatteringModel("xray", 1.5405929)
HKL = np.array([(1, 1, 1), (2, 0, 0), (3, -1, 2), (1, 4, -3), (2, 2, 4), (-5, 3, 1), (0, 2, 3)], dtype=np.int64)
TENSOR = (0.011, 0.023, 0.017, 0.004, -0.003, 0.005)
# non-centrosymmetric; a centre at the origin; a centre elsewhere; centring; hexagonal axes; cubic
GROUPS = ("P 21", "P 21/c", "P n n n:1", "C 1 2 1", "I -4 2 d", "R -3 c:H", "P 63 m c", "F d -3 m:1", "I 2 3")
CELLS = {
    "monoclinic": (7.1, 9.3, 8.7, 90.0, 107.0, 90.0),
    "orthorhombic": (7.1, 9.3, 8.7, 90.0, 90.0, 90.0),
    "tetragonal": (7.1, 7.1, 8.7, 90.0, 90.0, 90.0),
    "trigonal": (7.1, 7.1, 8.7, 90.0, 90.0, 120.0),
    "hexagonal": (7.1, 7.1, 8.7, 90.0, 90.0, 120.0),
    "cubic": (8.1, 8.1, 8.1, 90.0, 90.0, 90.0),
}


def crystal(symbol: str) -> Structure:
    group = SpaceGroup.from_symbol(symbol)
    sites = (
        Site("O", (Species("O", 0.9),), (0.117, 0.243, 0.381), 0.013),
        Site("M", (Species("Fe", 0.5, 3), Species("Mn", 0.4, 2)), (0.317, 0.093, 0.181), None, TENSOR),
    )
    return Structure(Lattice(*CELLS[group.crystal_system]), group, sites)


def moved(structure: Structure, index: int, **changes: object) -> Structure:
    sites = list(structure.sites)
    sites[index] = replace(sites[index], **changes)  # type: ignore[arg-type]
    return replace(structure, sites=tuple(sites))


def stepped(structure: Structure, index: int, name: str, component: int, step: float) -> Structure:
    """Return the structure with one atomic parameter moved by a step."""
    site = structure.sites[index]
    if name == "xyz":
        return moved(structure, index, xyz=tuple(np.array(site.xyz) + step * np.eye(3)[component]))
    if name == "u_aniso":
        return moved(structure, index, u_aniso=tuple(np.array(site.u_aniso) + step * np.eye(6)[component]))
    if name == "u_iso":
        return moved(structure, index, u_iso=(site.u_iso or 0.0) + step)
    species = list(site.species)
    species[component] = replace(species[component], occupancy=species[component].occupancy + step)
    return moved(structure, index, species=tuple(species))


CASES = (
    *(("xyz", site, component) for site in (0, 1) for component in range(3)),
    *(("u_aniso", 1, component) for component in range(6)),
    ("u_iso", 0, 0),
    ("occupancy", 0, 0),
    *(("occupancy", 1, component) for component in (0, 1)),
)


@pytest.mark.parametrize("symbol", GROUPS)
@pytest.mark.parametrize(("function", "gradient"), [(structure_factors, f_gradient), (f_squared, f_squared_gradient)])
def test_derivatives_are_central_differences(symbol, function, gradient):
    structure = crystal(symbol)
    analytic = gradient(structure, HKL, MODEL)
    value = analytic.f if function is structure_factors else analytic.f_squared
    np.testing.assert_allclose(value, function(structure, HKL, MODEL), rtol=1e-11, atol=1e-9)
    for name, site, component in CASES:
        step = 1e-5
        # five-point rule, error of order step⁴
        at = {m: function(stepped(structure, site, name, component, m * step), HKL, MODEL) for m in (-2, -1, 1, 2)}
        expected = (8.0 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12.0 * step)
        found = getattr(analytic, name)
        column = {"u_iso": (site,), "occupancy": (site + component,)}.get(name, (site, component))
        found = found[(slice(None), *column)]
        assert np.abs(found - expected).max() <= 1e-6 * max(np.abs(expected).max(), 1e-3 * np.abs(value).max()), name


def test_only_the_free_direction_of_a_special_position_counts():
    # 4c of P n m a lies on the mirror y = 1/4: y is fixed, x and z are free, U12 and U23 vanish
    lead = Site("Pb", (Species("Pb"),), (0.188, 0.25, 0.167), None, (0.02, 0.01, 0.03, 0.0, 0.004, 0.0))
    structure = Structure(Lattice(8.48, 5.398, 6.958), SpaceGroup.from_symbol("P n m a"), (lead,))
    analytic = f_squared_gradient(structure, HKL, MODEL)
    np.testing.assert_allclose(analytic.xyz[:, 0, 1], 0.0, atol=1e-9)
    np.testing.assert_allclose(analytic.u_aniso[:, 0, [3, 5]], 0.0, atol=1e-6)
    for name, component in (("xyz", 0), ("xyz", 2), ("u_aniso", 4), ("u_aniso", 1)):
        step = 1e-6
        above, below = (f_squared(stepped(structure, 0, name, component, sign * step), HKL, MODEL) for sign in (1, -1))
        expected = (above - below) / (2 * step)
        found = getattr(analytic, name)[:, 0, component]
        np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * np.abs(expected).max())


def test_tied_coordinates_share_their_derivative():
    # 6i of P -3 m 1 is (x, -x, z): moving x by t moves y by -t; the gradient along (1, -1, 0) is the whole change
    site = Site("O", (Species("O"),), (0.17, -0.17, 0.24), 0.01)
    structure = Structure(Lattice(5.1, 5.1, 7.3, 90, 90, 120), SpaceGroup.from_number(164), (site,))
    gradient = f_squared_gradient(structure, HKL, MODEL).xyz[:, 0]
    step = 1e-6
    above, below = (f_squared(moved(structure, 0, xyz=(0.17 + d, -0.17 - d, 0.24)), HKL, MODEL) for d in (step, -step))
    np.testing.assert_allclose(gradient[:, 0] - gradient[:, 1], (above - below) / (2 * step), rtol=1e-5, atol=1e-3)


def test_neutrons_and_reflections_that_centring_forbids():
    structure = crystal("C 1 2 1")
    gradient = f_squared_gradient(structure, np.array([[1, 0, 0], [1, 1, 0]]), ScatteringModel("neutron"))
    assert gradient.f_squared[0] == 0.0
    assert np.all(gradient.xyz[0] == 0.0)
    assert gradient.f_squared[1] == pytest.approx(f_squared(structure, [[1, 1, 0]], ScatteringModel("neutron"))[0])


@pytest.mark.parametrize("probe", ["xray", "electron", "neutron"])
def test_form_factors_and_damping_follow_the_distance_of_planes(probe):
    # central differences of |F|² at other 1/d²; the sites are isotropic, whose damping follows 1/d²
    structure = crystal("P 21/c")
    structure = replace(structure, sites=tuple(replace(s, u_iso=0.01, u_aniso=None) for s in structure.sites))
    model, q = ScatteringModel(probe), structure.lattice.inverse_d_squared(HKL)
    step = 1e-5 * q
    above, below = (f_squared(structure, HKL, model, inverse_d2=q + sign * step) for sign in (1.0, -1.0))
    found = f_squared_gradient(structure, HKL, model).by_reciprocal
    np.testing.assert_allclose(found, (above - below) / (2.0 * step), rtol=1e-6, atol=1e-8 * np.abs(found).max())

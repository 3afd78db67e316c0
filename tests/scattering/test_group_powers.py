"""Scattering powers of groups of atoms are sums over their atoms, damped."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.scattering.group_powers import BLOCK, group_powers
from anatase.scattering.scatterers import scatterers_of
from anatase.scattering.scattering_power import ScatteringModel, scattering_power
from anatase.scattering.structure_factor import f_squared_of_rows

MIXED = (Species("Fe", 0.3, charge=3), Species("Al", 0.6, charge=3))
SITES = (
    Site("M1", MIXED, (0.1, 0.2, 0.3), u_iso=0.01),
    Site("O1", (Species("O", 1.0, charge=-2),), (0.4, 0.1, 0.8)),
    Site("Al2", (Species("Al", 0.5, charge=3),), (0.7, 0.6, 0.2), u_iso=0.02),
)
STRUCTURE = Structure(Lattice(5.0, 6.0, 7.0), SpaceGroup.from_number(1), SITES)


@pytest.mark.parametrize("n", [1, BLOCK, 2 * BLOCK + 3])
@pytest.mark.parametrize(
    "model",
    [
        ScatteringModel("xray"),
        ScatteringModel("xray", 1.5405929, table="WK95"),
        ScatteringModel("neutron", 1.8),
        ScatteringModel("electron"),
    ],
)
def test_powers_are_sums_over_the_atoms(model, n):
    # one atom at a time by ``scattering_power``, which is checked against the tables; equal to rounding
    inverse_d2 = np.linspace(0.01, 1.7, n)
    real, absorption = group_powers(scatterers_of(STRUCTURE, 0.0), inverse_d2, model)
    for group, site in enumerate(SITES):
        damping = np.exp(-8.0 * np.pi**2 * (site.u_iso or 0.0) * inverse_d2 / 4.0)
        alone = len(site.species) == 1  # the occupancy of an atom alone is in the weights of the positions
        expected, imaginary = np.zeros(n), 0.0
        for species in site.species:
            first, second = scattering_power(species.element, species.charge, 0, inverse_d2 / 4.0, model)
            expected = expected + (1.0 if alone else species.occupancy) * first
            imaginary += (1.0 if alone else species.occupancy) * second
        assert real[group] == pytest.approx(expected * damping, rel=1e-13)
        if len(absorption):
            assert absorption[group] == pytest.approx(imaginary * damping, rel=1e-13)
    assert len(absorption) == (0 if model.probe == "electron" or model.wavelength is None else 3)


@pytest.mark.parametrize("probe", ["xray", "neutron", "electron"])
def test_a_cell_without_atoms_scatters_nothing(probe):
    empty = Structure(Lattice(5.0, 6.0, 7.0), SpaceGroup.from_number(1), ())
    model = ScatteringModel(probe, 1.5405929)
    real, absorption = group_powers(scatterers_of(empty, 0.0), np.linspace(0.01, 1.7, 9), model)
    assert real.shape == (0, 9)
    assert absorption.shape[0] == 0
    hkl = np.array([[1, 0, 0], [0, 1, 1]])
    metric = empty.lattice.reciprocal_metric
    squared = f_squared_of_rows(empty, hkl, np.einsum("ni,ij,nj->n", hkl, metric, hkl), model, 0.0)
    assert np.asarray(squared).tolist() == [0.0, 0.0]

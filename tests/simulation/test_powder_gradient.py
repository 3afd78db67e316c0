"""The gradient of a weighted sum over a pattern: against the Jacobian, and against central differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import simulate, simulate_derivatives
from anatase.simulation.powder_gradient import simulate_gradient
from anatase.simulation.sample import Sample

RUTILE = Structure(
    Lattice(4.5937, 4.5937, 2.9587),
    SpaceGroup.from_number(136),
    (
        Site("Ti1", (Species("Ti"),), (0.0, 0.0, 0.0), u_iso=0.004),
        Site("O1", (Species("O", 0.97),), (0.3048, 0.3048, 0.0), u_aniso=(0.005, 0.005, 0.004, 0.001, 0.0, 0.0)),
    ),
)
FELDSPAR = Structure(
    Lattice(8.142, 12.785, 7.159, 94.19, 116.61, 87.68),
    SpaceGroup.from_number(2),
    (
        Site("Na1", (Species("Na", 0.8), Species("K", 0.2)), (0.268, 0.989, 0.146), u_iso=0.02),
        Site("Si1", (Species("Si"),), (0.004, 0.820, 0.237), u_iso=0.007),
        Site("O1", (Species("O"),), (0.005, 0.131, 0.967)),
    ),
)
PLATE = Instrument(displacement=0.1, penetration=0.05, zero=0.01, s_over_l=0.025, h_over_l=0.02, lorentz_z=0.01)
CAPILLARY = Instrument("debye_scherrer", displacement=0.1, displacement_across=-0.05, lorentz_z=0.05)
POWDERS = {
    "plate": Sample(size=400.0, strain=1e-3, size_gauss_share=0.3, texture_axis=(1, 0, 1), march_r=0.8, absorption=2.0),
    "needles": Sample(size=200.0, size_across=500.0, size_axis=(0, 0, 1), size_gauss_share=0.5, roughness=(0.5, 0.1)),
}


def weights_of(points: int) -> np.ndarray:
    """Return weights of both signs."""
    return np.random.default_rng(3).normal(size=points)


def differ(structures: object, *arguments: object, **options: object) -> float:
    """Return the largest difference to J w, relative to Σ |J| |w|, of which rounding is a share."""
    answer = simulate_derivatives(structures, *arguments, **options)
    weights = weights_of(len(answer.pattern))
    found = simulate_gradient(structures, weights, *arguments, **options)
    assert found.names == answer.names
    np.testing.assert_allclose(found.pattern.intensity, answer.pattern.intensity, rtol=1e-9, atol=1e-9)
    scale = np.abs(answer.jacobian) @ np.abs(weights)
    return float(np.max(np.abs(found.gradient - answer.jacobian @ weights) / scale))


@pytest.mark.parametrize("powder", POWDERS.values(), ids=list(POWDERS))
@pytest.mark.parametrize("floor", [0.0, 1.0])
def test_a_plate_of_rutile(powder: Sample, floor: float):
    assert differ(RUTILE, "CuKa", (20.0, 80.0), 0.05, PLATE, powder, floor=floor, scale=100.0) < 1e-9


def test_a_capillary_of_feldspar():
    # isotropic atoms of mixed occupancy, one without a U, in a triclinic cell; neutrons have other powers
    powder = Sample(size=300.0, strain=5e-4, texture_axis=(0, 1, 0), march_r=1.2)
    assert differ(FELDSPAR, "1.2", (15.0, 45.0), 0.05, CAPILLARY, powder, u_default=0.01) < 1e-9
    assert differ(FELDSPAR, 1.8, (15.0, 60.0), 0.05, CAPILLARY, powder, probe="neutron", u_default=0.01) < 1e-9


def test_a_mixture():
    assert differ([RUTILE, FELDSPAR], "CuKa1", (20.0, 60.0), 0.05, PLATE, weight_fractions=(0.3, 0.7)) < 1e-9


def test_central_differences():
    # four-point differences of Σ w y, error O(step⁴), by one parameter of each kind
    settings = ("CuKa1", (20.0, 80.0), 0.05)
    weights = weights_of(len(simulate(FELDSPAR, *settings)))
    answer = simulate_gradient(FELDSPAR, weights, *settings)

    def moved(name: str, step: float) -> Structure:
        cell, (first, *rest) = FELDSPAR.lattice, FELDSPAR.sites
        if hasattr(cell, name):
            return replace(FELDSPAR, lattice=replace(cell, **{name: getattr(cell, name) + step}))
        x, y, z = first.xyz
        site = {
            "Na1.y": replace(first, xyz=(x, y + step, z)),
            "Na1.u_iso": replace(first, u_iso=0.02 + step),
            "Na1.K.occupancy": replace(first, species=(first.species[0], Species("K", 0.2 + step))),
        }[name]
        return replace(FELDSPAR, sites=(site, *rest))

    for name in ("a", "beta", "Na1.y", "Na1.u_iso", "Na1.K.occupancy"):
        one, two = (
            sum(s * (weights @ simulate(moved(name, s * h), *settings).intensity) for s in (1.0, -1.0)) / (2.0 * h)
            for h in (1e-5, 2e-5)
        )
        found = answer.gradient[answer.names.index(name)]
        assert found == pytest.approx((4.0 * one - two) / 3.0, rel=1e-6), name


def test_a_weight_for_each_point():
    with pytest.raises(InputError, match="weight"):
        simulate_gradient(RUTILE, np.ones(10))

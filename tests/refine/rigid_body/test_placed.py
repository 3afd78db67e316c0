"""Rigid bodies in crystals: lengths kept, symmetry kept, derivatives, and fits that put a displaced body back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.refine.calculation.evaluate import calculated
from anatase.refine.constraint.constraints import Bound, Equal, Fixed
from anatase.refine.constraint.parametrisation import follows, parametrise
from anatase.refine.fit import fit
from anatase.refine.model import ConstantWavelength, Histogram, Phase, PhasePart, RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.rigid_body.body import Bond, RigidBody, Torsion
from anatase.refine.rigid_body.placed import placed_body
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument

SULPHATE = RigidBody("SO4", "PbSO4", ("S", "O1", "O2", "O3"))


def crystal(cell, group, *sites):
    placed = tuple(Site(label, (Species(label.rstrip("0123456789")),), xyz, 0.01) for label, *xyz in sites)
    placed = tuple(replace(site, xyz=tuple(site.xyz)) for site in placed)
    symbol = SpaceGroup.from_symbol(group)
    return Structure(Lattice(*cell), symbol, placed)


def alone(name, structure):
    """Return a model of one phase on a neutron diffractometer, which sees oxygen and carbon well."""
    x = np.arange(15.0, 120.0, 0.1)
    beam = ConstantWavelength(
        radiation_from_name("1.9", "neutron"), Instrument("debye_scherrer", gauss_w=0.05), ScatteringModel("neutron")
    )
    flat = Histogram("d1a", Pattern(x, np.ones(x.size), np.ones(x.size)), beam, BackgroundModel((15.0, 120.0), (90.0,)))
    return RefinementModel((flat,), (Phase(name, structure, (PhasePart(3.0),)),))


@pytest.fixture(scope="module")
def anglesite():
    """Return PbSO4 (Miyake, Minato, Morikawa & Iwai (1978) Am. Mineral. 63, 506)."""
    return alone("PbSO4", crystal(
        (8.482, 5.398, 6.959), "P n m a", ("Pb", 0.1879, 0.25, 0.1667), ("S", 0.0633, 0.25, 0.6842),
        ("O1", 0.908, 0.25, 0.596), ("O2", 0.194, 0.25, 0.543), ("O3", 0.081, 0.026, 0.809),
    ))  # fmt: skip


@pytest.fixture(scope="module")
def molecule():
    """Return a ring of four with a tail of three, made up, in a general place of a triclinic cell."""
    axes = Lattice(7.1, 8.3, 9.9, 81.0, 97.0, 104.0).vectors
    ring = [(0.0, 0.0, 0.0), (1.5, 0.0, 0.0), (1.5, 1.5, 0.2), (0.0, 1.5, 0.1)]
    tail = [(-0.9, -0.9, 0.6), (-2.3, -0.5, 0.5), (-3.2, -1.4, 1.1)]
    places = np.add(ring + tail, [4.0, 3.0, 2.0]) @ np.linalg.inv(axes)
    labels = ("C1", "C2", "C3", "C4", "N5", "C6", "O7")
    sites = [(label, *place) for label, place in zip(labels, places.tolist(), strict=True)]
    return alone("M", crystal((7.1, 8.3, 9.9, 81.0, 97.0, 104.0), "P -1", *sites))


MOLECULE = RigidBody(
    "mol", "M", ("C1", "C2", "C3", "C4", "N5", "C6", "O7"),
    torsions=(Torsion(("C1", "N5"), ("C6", "O7")), Torsion(("N5", "C6"), ("O7",))),
)  # fmt: skip


def lengths(model, phase, body):
    """Return all distances within a body, from Cartesian positions of its images."""
    structure = model.phases[phase].structure
    number = {site.label: site for site in structure.sites}
    placed = placed_body(model, body)
    points = np.array([
        np.array(image.rotation) @ number[label].xyz + image.translation
        for image, label in zip(placed.images, body.sites, strict=True)
    ]) @ structure.lattice.vectors  # fmt: skip
    return np.linalg.norm(points[:, None] - points, axis=2)


def check(model, found):
    """Compare derivatives with central differences away from the start."""
    start = found.variables_of(np.array([parameter_values(model)[name] for name in found.names]))
    at = start + [0.01 if name.rpartition(".")[2].startswith("t") and "torsion" not in name else 3.0 * (
        name.rpartition(".")[2][0] in "rt") for name in found.free]  # fmt: skip
    _, slopes = found.at(at)
    for column in range(len(at)):
        step = np.zeros(len(at))
        step[column] = 1e-5
        numeric = (found.at(at + step)[0] - found.at(at - step)[0]) / 2e-5
        np.testing.assert_allclose(slopes[:, column], numeric, atol=1e-8, err_msg=found.free[column])
    np.testing.assert_allclose(found.variables_of(found.at(at)[0]), at, atol=1e-6)


def test_derivatives_by_motions_torsions_and_the_cell(molecule, anglesite):
    cell = ["M.a", "M.alpha", "M.gamma"]
    found = parametrise(molecule, ["M.mol.tx", *cell], parameter_values(molecule), constraints=[MOLECULE])
    assert found.free[3:] == tuple(f"M.mol.{m}" for m in ("tx", "ty", "tz", "rx", "ry", "rz", "torsion_1", "torsion_2"))
    check(molecule, found)
    check(anglesite, parametrise(
        anglesite, ["PbSO4.O2.x", "PbSO4.b", "PbSO4.Pb.x"], parameter_values(anglesite), constraints=[SULPHATE]
    ))  # fmt: skip


def test_a_mirror_leaves_two_translations_and_a_turn(anglesite):
    placed = placed_body(anglesite, SULPHATE)
    assert placed.motions == ("PbSO4.SO4.tx", "PbSO4.SO4.tz", "PbSO4.SO4.ry")
    # S, O1 and O2 belong together as listed, O3 as well: 1.49 Å, not an image across the cell
    assert np.all(lengths(anglesite, 0, SULPHATE)[0, 1:] < 1.65)
    with pytest.raises(InputError, match=r"ty of the rigid body SO4 moves nothing, or a site off.*allows tx, tz, ry"):
        placed_body(anglesite, replace(SULPHATE, motions=("tx", "ty")))


def test_a_threefold_axis_leaves_a_shift_and_a_turn_along_it():
    model = alone("K", crystal((6.0, 6.0, 6.0), "P 21 3", ("S", 0.1, 0.1, 0.1), ("O1", 0.24, 0.24, 0.24),
                               ("O2", 0.3, 0.05, 0.02)))  # fmt: skip
    placed = placed_body(model, RigidBody("B", "K", ("S", "O1", "O2")))
    assert placed.motions == ("K.B.tx", "K.B.rx")
    np.testing.assert_allclose(placed.directions, [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], atol=1e-9)


def test_a_centre_leaves_no_shift_and_two_atoms_turn_two_ways():
    model = alone("K", crystal((6.0, 7.0, 8.0, 80, 95, 100), "P -1", ("Ti1", 0, 0, 0), ("O1", 0.24, 0.14, 0.04)))
    assert placed_body(model, RigidBody("B", "K", ("Ti1", "O1"))).motions == ("K.B.rx", "K.B.ry")
    fixed = alone("F", crystal((4.1, 4.1, 4.1), "P m -3 m", ("Ti1", 0, 0, 0), ("O1", 0.5, 0, 0)))
    with pytest.raises(InputError, match="no motion"):
        placed_body(fixed, RigidBody("B", "F", ("Ti1", "O1")))


def test_lengths_stay_whatever_moves(molecule):
    found = parametrise(molecule, ["M.C1.x", "M.a"], parameter_values(molecule), constraints=[MOLECULE])
    at = found.variables_of(np.array([parameter_values(molecule)[name] for name in found.names]))
    at = at + np.array([0.03, 0.2, -0.1, 0.05, 20.0, -35.0, 50.0, 25.0, -60.0])
    moved = with_values(molecule, dict(zip(found.names, found.at(at)[0].tolist(), strict=True)))
    before, after = lengths(molecule, 0, MOLECULE), lengths(moved, 0, MOLECULE)
    np.testing.assert_allclose(after[:5, :5], before[:5, :5], atol=1e-9)
    np.testing.assert_allclose([after[4, 5], after[5, 6]], [before[4, 5], before[5, 6]], atol=1e-9)
    assert abs(after[0, 6] - before[0, 6]) > 0.1  # the second torsion changed it


def test_a_given_shape_replaces_that_of_the_start(anglesite):
    s, h = 1.48, 1.48 / 3.0**0.5
    tetrahedron = ((0.0, 0.0, 0.0), (h, h, h), (h, -h, -h), (-h, -h, h))
    for shape in (
        {"cartesian": tetrahedron},
        {"cartesian": tuple((y, x, z) for x, y, z in tetrahedron)},
        {"bonds": (Bond("S"), Bond("O1", "S", s), Bond("O2", "S", s, "O1", 109.4712),
                   Bond("O3", "S", s, "O1", 109.4712, "O2", 120.0))},
    ):  # fmt: skip
        body = replace(SULPHATE, **shape)
        found = parametrise(anglesite, ["PbSO4.SO4.tx"], parameter_values(anglesite), constraints=[body])
        at = found.variables_of(np.array([parameter_values(anglesite)[name] for name in found.names]))
        moved = with_values(anglesite, dict(zip(found.names, found.at(at)[0].tolist(), strict=True)))
        assert lengths(moved, 0, SULPHATE)[0, 1:] == pytest.approx([s, s, s], abs=1e-5)
        # placed again from there it stays where it is: a further fit begins where the last one ended
        again = parametrise(moved, ["PbSO4.SO4.tx"], parameter_values(moved), constraints=[body])
        values = np.array([parameter_values(moved)[name] for name in again.names])
        np.testing.assert_allclose(again.at(again.variables_of(values))[0], values, atol=1e-6)
    far = tuple((5.0 * x, 5.0 * y, 5.0 * z) for x, y, z in tetrahedron)
    with pytest.raises(InputError, match=r"r\.m\.s\. from its sites"):
        placed_body(anglesite, replace(SULPHATE, cartesian=far))


def test_a_fit_puts_a_displaced_body_back(anglesite):
    truth = with_values(anglesite, {"PbSO4.d1a.scale": 3.0})
    counts = np.random.default_rng(6).poisson(calculated(truth, 0).intensity).astype(float)
    pattern = replace(truth.histograms[0].pattern, intensity=counts, sigma=np.sqrt(np.maximum(counts, 1.0)))
    data = truth.with_histogram(0, replace(truth.histograms[0], pattern=pattern))
    names = ["PbSO4.d1a.scale", "d1a.background.chebyshev_0", "PbSO4.Pb.x", "PbSO4.Pb.z", "PbSO4.SO4.tx"]
    off = parametrise(data, names, parameter_values(data), constraints=[SULPHATE])
    start = off.variables_of(np.array([parameter_values(data)[name] for name in off.names]))
    displaced = start + np.array([0.0, 0.0, 0.0, 0.0, 0.02, -0.015, 6.0])
    moved = with_values(data, dict(zip(off.names, off.at(displaced)[0].tolist(), strict=True)))
    free = parametrise(moved, names, parameter_values(moved), constraints=[SULPHATE])
    found = fit(moved, names, parametrisation=free)
    assert found.converged
    assert found.gof == pytest.approx(1.0, abs=0.08)
    assert len(found.parametrisation.free) == 7
    for name in ("PbSO4.O1.x", "PbSO4.O2.z", "PbSO4.O3.y", "PbSO4.S.x"):
        i = found.parametrisation.names.index(name)
        assert found.values[i] == pytest.approx(parameter_values(truth)[name], abs=4.0 * found.su[i] + 1e-5)
    turned = found.parametrisation.free.index("PbSO4.SO4.ry")
    assert found.fit.values[turned] == pytest.approx(-6.0, abs=0.3)
    np.testing.assert_allclose(lengths(found.model, 0, SULPHATE), lengths(truth, 0, SULPHATE), atol=1e-6)
    assert follows(found.parametrisation)["PbSO4.O1.x"] == "rigid body PbSO4.SO4"


@pytest.mark.parametrize(
    ("constraints", "words"),
    [
        ([SULPHATE, Equal(("PbSO4.O1.x", "PbSO4.Pb.x"))], "belongs to a rigid body and has a constraint"),
        ([SULPHATE, Bound(("PbSO4.O1.x",), 0.0, 1.0)], "belongs to a rigid body and has a constraint"),
        ([SULPHATE, RigidBody("other", "PbSO4", ("S", "Pb"))], "belongs to the rigid bodies"),
        ([RigidBody("SO4", "PbSO4", ("S", "O9"))], "'O9' of the rigid body SO4 is no site of PbSO4"),
        ([RigidBody("SO4", "PBSO4", ("S", "O1"))], "'PBSO4' of the rigid body SO4 is no phase"),
    ],
)
def test_bodies_that_cannot_be(anglesite, constraints, words):
    with pytest.raises(InputError, match=words):
        parametrise(anglesite, ["PbSO4.O1.x"], parameter_values(anglesite), constraints=constraints)


def test_torsions_in_the_wrong_order(molecule):
    wrong = replace(MOLECULE, torsions=MOLECULE.torsions[::-1])
    with pytest.raises(InputError, match="list the one that carries the other first"):
        placed_body(molecule, wrong)


def test_a_body_of_which_nothing_is_free_stays(anglesite):
    found = parametrise(anglesite, ["PbSO4.Pb.x"], parameter_values(anglesite), constraints=[SULPHATE, Fixed(("*.a",))])
    assert found.names == ("PbSO4.Pb.x",)
    assert found.bodies == ()

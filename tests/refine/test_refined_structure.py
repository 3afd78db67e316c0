"""S.u. of what follows from refined parameters: cells that symmetry ties, volumes, U_eq, bonds."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import gemmi
import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.refine.model import Phase, RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values
from anatase.refine.refined_bonds import refined_bonds
from anatase.refine.refined_structure import refined_cell, refined_sites
from anatase.refine.refinement import Parameter

FACTOR = 1.5
TENSOR = (0.010, 0.014, 0.008, 0.002, 0.001, -0.003)


def triclinic() -> Structure:
    sites = (
        Site("Si1", (Species("Si"),), (0.1, 0.2, 0.3), u_aniso=TENSOR),
        Site("O1", (Species("O", 0.8), Species("F", 0.2)), (0.35, 0.25, 0.32), 0.012),
    )
    return Structure(Lattice(6.1, 7.3, 8.2, 83.0, 97.0, 108.0), SpaceGroup.from_number(1), sites, "x")


def answer(structure: Structure, rng: np.random.Generator, names: list[str] | None = None) -> SimpleNamespace:
    """A refinement as far as these functions ask of it: named parameters with a covariance drawn at random."""
    model = RefinementModel((), (Phase("P", structure, ()),))
    values = parameter_values(model)
    names = list(values) if names is None else names
    root = 1e-3 * rng.standard_normal((len(names), len(names)))
    parametrisation = SimpleNamespace(names=tuple(names))
    fitted = SimpleNamespace(parametrisation=parametrisation, spread=root @ root.T)
    parameters = tuple(
        Parameter(name, value, 1.0 if name in names else None, 1.0 if name in names else None, name in names)
        for name, value in values.items()
    )
    return SimpleNamespace(model=model, fitted=fitted, serial=SimpleNamespace(factor=FACTOR), parameters=parameters)


def by_differences(found: SimpleNamespace, quantity) -> float:
    """The s.u. of a quantity of the structure from central differences by all refined parameters."""
    names, model = found.fitted.parametrisation.names, found.model
    values, slope, step = parameter_values(model), np.zeros(len(names)), 1e-5
    for i, name in enumerate(names):
        ends = [with_values(model, {name: values[name] + s}).phases[0].structure for s in (step, -step)]
        slope[i] = (quantity(ends[0]) - quantity(ends[1])) / (2.0 * step)
    return FACTOR * float(np.sqrt(slope @ found.fitted.spread @ slope))


def u_equivalent(structure: Structure) -> float:
    """U_eq by gemmi's own way: the mean of the Cartesian tensor's diagonal."""
    cell = gemmi.UnitCell(*structure.lattice.parameters)
    small = gemmi.SmallStructure()
    small.cell = cell
    site = gemmi.SmallStructure.Site()
    site.aniso = gemmi.SMat33d(*structure.sites[0].u_aniso)
    reciprocal = np.array([cell.reciprocal().a, cell.reciprocal().b, cell.reciprocal().c])
    orthogonal = np.array(cell.orth.mat.tolist())
    u = np.array(site.aniso.as_mat33().tolist())
    frame = orthogonal * reciprocal  # columns: a a*, b b*, c c*
    return float(np.trace(frame @ u @ frame.T)) / 3.0


def test_a_triclinic_cell_and_its_volume():
    """Six free parameters, all correlated; derivatives against central differences, 1e-5 relative."""
    found = answer(triclinic(), np.random.default_rng(1))
    cell = refined_cell(found, found.model.phases[0])
    for name in ("a", "b", "c", "alpha", "beta", "gamma"):
        assert cell[name].su == pytest.approx(by_differences(found, lambda s, n=name: getattr(s.lattice, n)), rel=1e-6)
    assert cell["volume"].value == found.model.phases[0].structure.lattice.volume
    assert cell["volume"].su == pytest.approx(by_differences(found, lambda s: s.lattice.volume), rel=1e-5)


def test_sites_of_a_triclinic_crystal():
    found = answer(triclinic(), np.random.default_rng(2))
    silicon, oxygen = refined_sites(found, found.model.phases[0])
    spread, names = found.fitted.spread, found.fitted.parametrisation.names
    assert oxygen.u_iso.su == pytest.approx(FACTOR * np.sqrt(spread[(names.index("P.O1.u_iso"),) * 2]))
    assert [one.value for one in oxygen.occupancy] == [0.8, 0.2]
    assert all(one.su for one in (*oxygen.xyz, *oxygen.occupancy, *silicon.u_aniso))
    assert silicon.u_iso.value == pytest.approx(u_equivalent(found.model.phases[0].structure), rel=1e-9)
    # that of the tensor alone: the cell's part is far below it and is left out
    held = answer(
        triclinic(), np.random.default_rng(2), [f"P.Si1.{u}" for u in ("u11", "u22", "u33", "u12", "u13", "u23")]
    )
    assert refined_sites(held, held.model.phases[0])[0].u_iso.su == pytest.approx(
        by_differences(held, u_equivalent), rel=1e-6
    )


def test_what_symmetry_ties_carries_the_su():
    """Hexagonal: b follows a; a site at x, 2x, z: y moves twice as far as x."""
    site = Site("O1", (Species("O"),), (0.15, 0.30, 0.4), u_aniso=(0.01, 0.01, 0.02, 0.005, 0.0, 0.0))
    lattice = Lattice(5.0, 5.0, 8.0, 90.0, 90.0, 120.0)
    structure = Structure(lattice, SpaceGroup.from_number(156), (site,), "x")
    found = answer(structure, np.random.default_rng(3), ["P.a", "P.O1.x"])
    cell = refined_cell(found, found.model.phases[0])
    assert cell["b"].value == cell["a"].value
    assert cell["b"].su == pytest.approx(cell["a"].su, rel=1e-12)
    assert cell["c"].su is None
    assert cell["gamma"].su is None
    (oxygen,) = refined_sites(found, found.model.phases[0])
    moves = [one.su for one in oxygen.xyz]
    assert moves[2] is None
    assert sorted(moves[:2])[1] == pytest.approx(2.0 * sorted(moves[:2])[0])


def test_bonds_follow_coordinates_and_cell():
    structure = triclinic()
    found = answer(structure, np.random.default_rng(4))
    (bond,) = [one for one in refined_bonds(found, found.model.phases[0]) if one.length.value < 2.0]

    def length(one: Structure) -> float:
        gap = (bond.image.place(one) - np.array(one.sites[bond.first].xyz)) @ one.lattice.vectors
        return float(np.linalg.norm(gap))

    assert bond.length.value == pytest.approx(length(structure))
    assert bond.length.su == pytest.approx(by_differences(found, length), rel=1e-5)


def test_a_phase_without_atoms_has_no_bonds():
    bare = replace(triclinic(), sites=())
    found = SimpleNamespace(model=RefinementModel((), (Phase("P", bare, ()),)))
    assert refined_bonds(found, found.model.phases[0]) == ()

"""Stacking faults in patterns: Warren's shifts and breadths, derivatives, and structures that have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import simulate, simulate_derivatives
from anatase.simulation.sample import Sample

COPPER = Structure(
    Lattice(3.6149, 3.6149, 3.6149),
    SpaceGroup.from_number(225),
    (Site("Cu", (Species("Cu"),), (0.0, 0.0, 0.0), u_iso=0.007),),
)
COBALT = Structure(
    Lattice(2.507, 2.507, 4.069, 90.0, 90.0, 120.0),
    SpaceGroup.from_number(194),
    (Site("Co", (Species("Co"),), (0.3333, 0.6667, 0.25), u_iso=0.005),),
)
SHARP = Instrument(gauss_u=0.0, gauss_v=0.0, gauss_w=1e-4, lorentz_x=0.0, lorentz_y=0.0)


def peak(structure: Structure, near: float, sample: Sample) -> tuple[float, float]:
    """Return place and FWHM (°) of the line within 1.5° of an angle."""
    pattern = simulate(structure, "CuKa1", (near - 1.5, near + 1.5), 0.002, SHARP, sample)
    top = pattern.intensity.argmax()
    half = np.flatnonzero(pattern.intensity > 0.5 * pattern.intensity[top])
    return float(pattern.x[top]), float(pattern.x[half[-1]] - pattern.x[half[0]])


def test_deformation_faults_move_111_and_200_of_copper_towards_each_other():
    # Warren (1969), chapter 13: Δ2θ = 90√3 α tanθ/π² × 1/4 and −1/2, degrees, for small α
    alpha = 0.01
    for near, coefficient in ((43.32, 0.25), (50.45, -0.5)):
        shift = peak(COPPER, near, Sample(deformation_faults=alpha))[0] - peak(COPPER, near, Sample())[0]
        expected = 90.0 * np.sqrt(3.0) * alpha * np.tan(np.radians(near / 2.0)) / np.pi**2 * coefficient
        assert shift == pytest.approx(expected, rel=0.03, abs=0.002)  # second order in α; the grid of 0.002°


def test_twins_widen_lines_by_the_published_amount():
    # FWHM = λ/(π D cosθ), 1/D = β/a × √3/4 of 111; the Lorentzian stands over a Gaussian of 0.01°
    width = peak(COPPER, 43.32, Sample(twin_faults=0.05))[1]
    decay = -0.5 * np.log(1.0 - 2.0 * 0.05)
    lorentz = np.degrees(1.5405929 * decay / 3.6149 * np.sqrt(3.0) / 4.0 / (np.pi * np.cos(np.radians(21.66))))
    assert width == pytest.approx(0.5346 * lorentz + np.sqrt(0.2166 * lorentz**2 + 1e-4), rel=0.01)


def test_faults_of_cobalt_leave_h_minus_k_three():
    # 100 (h − k = 1, but l = 0) and 110 stay sharp; 101 and 102 widen, 102 more
    faulted = Sample(twin_faults=0.03)
    widths = [peak(COBALT, near, faulted)[1] for near in (41.56, 75.86, 47.42, 62.6)]
    sharp = peak(COBALT, 47.42, Sample())[1]
    assert widths[:2] == pytest.approx([sharp, sharp], abs=0.003)
    assert sharp + 0.05 < widths[2] < widths[3] - 0.05


@pytest.mark.parametrize("structure", [COPPER, COBALT], ids=["copper", "cobalt"])
def test_derivatives(structure):
    # Richardson's central differences, error O(step⁴); relative 1e-6 in the norm
    sample, plain = Sample(deformation_faults=0.02, twin_faults=0.03), ("CuKa1", (40.0, 100.0), 0.05)
    answer = simulate_derivatives(structure, *plain, None, sample)
    edges = ("a",) if structure is COPPER else ("a", "c")
    for name in ("deformation_faults", "twin_faults", *edges):
        numerics = []
        for step in (1e-5, 2e-5):
            ends = []
            for moved in (step, -step):
                own, powder = structure, sample
                if name in edges:
                    cell = structure.lattice
                    a, c = cell.a + moved * (name == "a"), cell.c + moved * (name == "c" or structure is COPPER)
                    own = replace(structure, lattice=Lattice(a, a, c, cell.alpha, cell.beta, cell.gamma))
                else:
                    powder = replace(sample, **{name: getattr(sample, name) + moved})
                ends.append(simulate(own, *plain, None, powder).intensity)
            numerics.append((ends[0] - ends[1]) / (2.0 * step))
        numeric = (4.0 * numerics[0] - numerics[1]) / 3.0
        row = answer.jacobian[answer.names.index(name)]
        assert np.linalg.norm(row - numeric) < 1e-6 * np.linalg.norm(numeric), name


def test_only_close_packed_metals_have_them(silicon):
    faulted = Sample(twin_faults=0.01)
    salt = replace(COPPER, sites=(*COPPER.sites, Site("Cl", (Species("Cl"),), (0.5, 0.5, 0.5))))
    moved = replace(COBALT, sites=(replace(COBALT.sites[0], xyz=(0.0, 0.0, 0.0)),))
    for structure in (silicon, salt, moved):
        with pytest.raises(InputError, match="stacking faults"):
            simulate(structure, sample=faulted)
    with pytest.raises(PhysicsError, match="no face-centred cubic stacking"):
        simulate(COPPER, sample=Sample(deformation_faults=0.5))
    with pytest.raises(PhysicsError, match="deformation_faults"):
        Sample(deformation_faults=-0.1)

"""The rivals: how each makes its own object of a crystal, and its powder lines by its fastest public route."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure

__all__ = ["D_MIN", "RANGE", "RIVALS", "WAVELENGTH", "Lines", "Rival", "gemmi_f_squared_alone", "phasesmith_structure"]

WAVELENGTH = 1.54056  # Å, Cu Kα1
RANGE = (5.0, 90.0)  # degrees 2θ
D_MIN = WAVELENGTH / (2.0 * np.sin(np.radians(RANGE[1] / 2.0)))
Lines = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Rival:
    """A program that calculates powder lines.

    ``prepare`` makes its own object of a crystal, which is not timed: cell, symmetry, and atoms on their special
    positions. ``calculate`` is timed. ``lines`` turns what that returned into 2θ (n,) and intensity (n,).
    """

    name: str
    module: str
    pip: str
    prepare: Callable[[Structure], Any]
    calculate: Callable[[Any], Any]
    lines: Callable[[Structure, Any], Lines]
    slow: bool = False

    @property
    def installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self.module) is not None


def _lorentz_polarization(d: NDArray[np.float64]) -> Lines:
    """Return 2θ in degrees and the Lorentz–polarization factor at spacings d (n,) in Å."""
    theta = np.arcsin(np.minimum(WAVELENGTH / (2.0 * d), 1.0))
    factor = (1.0 + np.cos(2.0 * theta) ** 2) / (np.sin(theta) ** 2 * np.cos(theta))
    return np.degrees(2.0 * theta), factor


# gemmi: F of each unique reflection, one call each; multiplicity, 2θ and Lorentz–polarization factor by NumPy


def _gemmi_prepare(structure: Structure) -> Any:
    import gemmi

    small = gemmi.SmallStructure()
    small.cell = gemmi.UnitCell(*structure.lattice.parameters)
    small.spacegroup = gemmi.find_spacegroup_by_ops(gemmi.symops_from_hall(structure.space_group.hall))
    if small.spacegroup is None:
        raise ValueError(f"gemmi has no setting {structure.space_group.hall}")
    small.setup_cell_images()
    for site, orbit in zip(structure.sites, structure.orbits, strict=True):
        for species in site.species:
            atom = gemmi.SmallStructure.Site()
            atom.element = gemmi.Element(species.element)
            atom.fract = gemmi.Fractional(*orbit.xyz)
            atom.occ = species.occupancy
            small.add_site(atom)
    rotations = structure.space_group.rotations
    both = np.unique(np.concatenate([rotations, -rotations]), axis=0).astype(np.int32)
    occupancies = [atom.occ for atom in small.sites]
    small.change_occupancies_to_crystallographic()
    return small, occupancies, np.ascontiguousarray(both.transpose(1, 0, 2).reshape(3, -1))


def _gemmi_f_squared(prepared: Any) -> Any:
    import gemmi

    small = prepared[0]
    hkl = gemmi.make_miller_array(small.cell, small.spacegroup, D_MIN)
    calculator = gemmi.StructureFactorCalculatorX(small.cell)
    f = [calculator.calculate_sf_from_small_structure(small, h) for h in hkl.tolist()]
    return hkl, np.abs(np.array(f)) ** 2


def _gemmi_calculate(prepared: Any) -> Any:
    small, occupancies, point_group = prepared
    for atom, occupancy in zip(small.sites, occupancies, strict=True):
        atom.occ = occupancy
    small.change_occupancies_to_crystallographic()  # its search for special positions; ours is timed too
    hkl, f_squared = _gemmi_f_squared(prepared)
    order = point_group.shape[1] // 3
    same = (hkl @ point_group == np.tile(hkl, order)).reshape(-1, order, 3).all(axis=2).sum(axis=1)
    two_theta, factor = _lorentz_polarization(small.cell.calculate_d_array(hkl))
    return two_theta, order / same * f_squared * factor


def _gemmi_alone_lines(structure: Structure, result: Any) -> Lines:
    # the same |F|²; the lines are compared with those of ``_gemmi_calculate``
    hkl, f_squared = result
    rotations = structure.space_group.rotations
    both = np.unique(np.concatenate([rotations, -rotations]), axis=0)
    same = np.all(np.einsum("ni,rij->nrj", hkl, both) == hkl[:, None, :], axis=2).sum(axis=1)
    two_theta, factor = _lorentz_polarization(structure.lattice.d_spacing(hkl))
    return two_theta, len(both) / same * f_squared * factor


# phasesmith: unique families from the prepared group, then values without derivatives, on one thread


def phasesmith_structure(structure: Structure) -> Any:
    """Return a structure as phasesmith holds it."""
    import phasesmith as ps

    group = structure.space_group
    operations = [
        ps.SymmetryOperation(r, [Fraction(float(x)).limit_denominator(48) for x in t])
        for r, t in zip(group.rotations, group.translations, strict=True)
    ]
    sites = tuple(
        ps.AtomSite(f"{i}.{j}", site.label, s.element, s.element, tuple(map(float, orbit.xyz)), s.occupancy, 0.0)
        for i, (site, orbit) in enumerate(zip(structure.sites, structure.orbits, strict=True))
        for j, s in enumerate(site.species)
    )
    cell = ps.UnitCell(*structure.lattice.parameters)
    return ps.CrystalStructure("crystal", "crystal", cell, ps.SpaceGroup(operations), sites)


def _phasesmith_prepare(structure: Structure) -> Any:
    import phasesmith as ps

    own = phasesmith_structure(structure)
    return own, ps.PreparedReflectionGenerator(own.space_group), ps.ExecutionPolicy(threads=1)


def _phasesmith_calculate(prepared: Any) -> Any:
    import phasesmith as ps

    own, generator, policy = prepared
    families = generator.generate(own.cell, ps.CwTwoThetaRange(*RANGE, WAVELENGTH))
    values = ps.calculate_structure_factor_values(
        own,
        families.hkl,
        families.multiplicity,
        ps.XrayNonResonant(),
        powder_average=True,
        correction=ps.BraggBrentanoUnpolarizedLp(WAVELENGTH),
        coordinate_tolerance=1e-6,
        execution=policy,
    )
    return families, values


def _phasesmith_lines(_: Structure, result: Any) -> Lines:
    families, values = result
    return _lorentz_polarization(families.d_spacing_angstrom)[0], values.integrated_intensity


# pymatgen and xrd-rust: every atom of the cell in P1


def _pymatgen_structure(structure: Structure) -> Any:
    from pymatgen.core import Lattice
    from pymatgen.core import Structure as PymatgenStructure

    species, coordinates = [], []
    for site, orbit in zip(structure.sites, structure.orbits, strict=True):
        for s in site.species:
            species += [{"H" if s.element == "D" else s.element: min(s.occupancy, 1.0)}] * orbit.multiplicity
            coordinates.append(orbit.images)
    return PymatgenStructure(
        Lattice.from_parameters(*structure.lattice.parameters), species, np.concatenate(coordinates)
    )


def _pymatgen_calculate(own: Any) -> Any:
    from pymatgen.analysis.diffraction.xrd import XRDCalculator

    return XRDCalculator(WAVELENGTH).get_pattern(own, scaled=False, two_theta_range=RANGE)


def _xrd_rust_calculate(own: Any) -> Any:
    from xrd_rust_calculator import XRDCalculatorRust

    return XRDCalculatorRust(WAVELENGTH).get_pattern(own, scaled=False, two_theta_range=RANGE)


def _as_they_are(_: Structure, result: Any) -> Lines:
    two_theta, intensity = result
    return two_theta, intensity


def gemmi_f_squared_alone() -> Rival:
    """Return gemmi with hkl and |F|² alone, no powder lines: what a loop over its calculator takes."""
    return Rival("gemmi |F|² alone", "gemmi", "gemmi", _gemmi_prepare, _gemmi_f_squared, _gemmi_alone_lines)


def _pymatgen_lines(_: Structure, pattern: Any) -> Lines:
    return np.asarray(pattern.x, dtype=float), np.asarray(pattern.y, dtype=float)


os.environ.setdefault("RAYON_NUM_THREADS", "1")
RIVALS = (
    Rival("gemmi", "gemmi", "gemmi", _gemmi_prepare, _gemmi_calculate, _as_they_are),
    Rival("phasesmith", "phasesmith", "phasesmith", _phasesmith_prepare, _phasesmith_calculate, _phasesmith_lines),
    Rival("xrd-rust", "xrd_rust_calculator", "xrd-rust", _pymatgen_structure, _xrd_rust_calculate, _pymatgen_lines),
    Rival("pymatgen", "pymatgen", "pymatgen", _pymatgen_structure, _pymatgen_calculate, _pymatgen_lines, slow=True),
)

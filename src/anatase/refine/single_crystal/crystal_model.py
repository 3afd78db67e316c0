"""What a crystal and its parameters say of every observation, with derivatives."""

from __future__ import annotations

from dataclasses import dataclass, replace

import gemmi
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from anatase.errors import PhysicsError
from anatase.io.shelx_instructions import ShelxInstructions
from anatase.refine.single_crystal.atoms import CrystalAtoms
from anatase.refine.single_crystal.bonds import BondedAtom
from anatase.refine.single_crystal.displacement_restraints import Similarity, displacement_restraints, similarities
from anatase.refine.single_crystal.floating_origin import origin_rows
from anatase.refine.single_crystal.hydrogen_geometry import turned
from anatase.refine.single_crystal.merging import MergedReflections
from anatase.refine.single_crystal.parameter_map import ParameterMap
from anatase.refine.single_crystal.restrained_atoms import RestrainedAtom
from anatase.refine.single_crystal.restraints import Restraints, Rows, geometry_restraints, sum_restraints
from anatase.refine.single_crystal.riding import placed
from anatase.refine.single_crystal.structure_factors import ScattererPowers, f_squared_slopes, scatterer_powers
from anatase.refine.single_crystal.twin_domains import TwinDomains
from anatase.refine.single_crystal.weighting import extinguished

__all__ = ["Calculated", "CrystalModel", "calculated", "crystal_model", "model_at", "restraint_rows"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Sparse = csr_array[np.float64]

FAR = 1e3  # beyond which no coordinate, occupancy or U (Å²) is sensible
LEAST_U = -0.5  # Å², below which exp(8π²U s²) overflows sooner or later
ORIGIN_SU = 1e-6  # fraction of the cell, of the restraint that holds a floating origin


@dataclass(frozen=True)
class CrystalModel:
    """What stays the same during one cycle: the file, the data, bonds, which parameters move what.

    ``strength`` (n,) is that of extinction, ``stol`` (n,) sin θ/λ; ``origin`` rows (r, 10 s) with their ``anchors``
    (r,) hold the origin; ``pairs`` are the atoms whose displacements are compared, ``similar`` those restraints.
    """

    instructions: ShelxInstructions
    atoms: CrystalAtoms
    bonds: tuple[tuple[BondedAtom, ...], ...]
    parameters: ParameterMap
    merged: MergedReflections
    domains: TwinDomains
    powers: ScattererPowers
    strength: Array
    stol: Array
    origin: Array
    anchors: Array
    pairs: tuple[Similarity, ...]
    similar: Restraints
    sums: tuple[tuple[float, float, dict[int, float]], ...]
    named: dict[int, list[list[RestrainedAtom]]]


@dataclass(frozen=True)
class Calculated:
    """Atoms, F (m,) of the unique reflections of the domains, Fc² (n,) of each observation.

    ``weakened`` (n,) is what extinction leaves of Fc², 1 without it; ``by_parameter`` (k, n) are the derivatives of
    scale² Fc², and ``rates`` (10 s, k) those of the atoms' numbers.
    """

    atoms: CrystalAtoms
    f: Complex
    f_squared: Array
    weakened: Array
    by_parameter: Array
    rates: Sparse


def crystal_model(
    instructions: ShelxInstructions,
    atoms: CrystalAtoms,
    bonds: tuple[tuple[BondedAtom, ...], ...],
    parameters: ParameterMap,
    merged: MergedReflections,
    domains: TwinDomains,
) -> CrystalModel:
    """Return the model of a crystal, ready for ``calculated``."""
    inverse_d2 = instructions.lattice.inverse_d_squared(merged.hkl)
    sine = np.minimum(0.5 * instructions.wavelength * np.sqrt(inverse_d2), 1.0 - 1e-9)
    strength = 1e-3 * instructions.wavelength**3 / np.maximum(np.sin(2.0 * np.arcsin(sine)), 1e-6)
    electrons = np.array([gemmi.Element(element).atomic_number for element in atoms.elements], dtype=float)
    origin = origin_rows(atoms, parameters.rates, electrons)
    pairs = similarities(instructions, atoms, bonds)
    free = {
        int(name.rpartition("_")[2]): i for i, name in enumerate(parameters.names) if name.startswith("free_variable_")
    }
    return CrystalModel(
        instructions, atoms, bonds, parameters, merged, domains, scatterer_powers(instructions, domains.hkl), strength,
        0.5 * np.sqrt(inverse_d2), origin, origin @ atoms.values.ravel(),
        pairs, displacement_restraints(pairs, atoms), tuple(sum_restraints(instructions, free)), {},
    )  # fmt: skip


def model_at(model: CrystalModel, p: Array) -> CrystalModel:
    """Return the model with riding atoms put back to their ideal places for parameters p (k,)."""
    atoms, _ = model.parameters.values_at(p, model.atoms)
    riding = []
    for group, index in model.parameters.riding:
        ideal = placed(group, atoms, model.bonds)
        if index >= 0 and ideal.axis is not None:  # vectors are kept at torsion 0
            ideal = replace(ideal, offsets=turned(ideal.offsets, ideal.axis, -float(p[index])))
        riding.append((ideal, index))
    similar = displacement_restraints(model.pairs, atoms) if model.pairs else model.similar
    return replace(model, parameters=replace(model.parameters, riding=tuple(riding)), similar=similar)


def calculated(model: CrystalModel, p: Array) -> Calculated:
    """Return what parameters p (k,) give, with derivatives.

    Raises
    ------
    PhysicsError
        When numbers have run away, or an atom's U is far below 0.
    """
    parameters, domains = model.parameters, model.domains
    atoms, rates = parameters.values_at(p, model.atoms)
    _check(atoms, p)
    f, slopes = f_squared_slopes(atoms, domains.hkl, model.powers, rates)
    f_squared, fractions = f.real**2 + f.imag**2, parameters.fractions_at(p)
    if (columns := domains.columns) is not None:
        intensity, jacobian = f_squared[columns], slopes[:, columns]
    else:
        mixed = domains.mixed(fractions)
        intensity = np.asarray(mixed @ f_squared, dtype=np.float64)
        jacobian = np.ascontiguousarray(np.asarray(mixed @ slopes.T, dtype=np.float64).T)
    if fractions.size:
        by_fraction = domains.by_fraction(f_squared)
        for row, (_, index) in zip(by_fraction, parameters.fractions, strict=True):
            if index >= 0:
                jacobian[index] += row
    weakened = np.ones_like(intensity)
    coefficient = p[parameters.extinction] if parameters.extinction >= 0 else parameters.fixed_extinction
    if parameters.extinction >= 0 or coefficient:
        observed, by_intensity, by_coefficient = extinguished(intensity, float(coefficient), model.strength)
        jacobian *= by_intensity
        if parameters.extinction >= 0:
            jacobian[parameters.extinction] = by_coefficient
        weakened = observed / np.maximum(intensity, 1e-30)
        intensity = observed
    scale = float(p[parameters.scale])
    jacobian *= scale**2
    jacobian[parameters.scale] = 2.0 * scale * intensity
    return Calculated(atoms, f, intensity, weakened, jacobian, rates)


def _check(atoms: CrystalAtoms, p: Array) -> None:
    """Raise where numbers have run away: sums over such atoms would overflow."""
    if not np.all(np.isfinite(p)) or np.abs(atoms.values).max(initial=0.0) > FAR:
        raise PhysicsError("the refinement has run away: a position, occupancy or displacement is beyond all bounds")
    spread = np.linalg.eigvalsh(atoms.lattice.vectors.T @ atoms.tensors() @ atoms.lattice.vectors)
    worst = int(np.argmin(spread[:, 0]))
    if spread[worst, 0] < LEAST_U:
        raise PhysicsError(
            f"atom {atoms.labels[worst]} has a mean square displacement of {spread[worst, 0]:.2f} Å²; no atom has less "
            "than 0: correct its U"
        )


def restraint_rows(model: CrystalModel, at: Calculated, p: Array) -> tuple[Array, Array, Array, Array]:
    """Return values (r,), targets (r,), s.u. (r,) and derivatives (k, r) of the restraints, the origin's last."""
    rows = Rows()
    geometry_restraints(model.instructions, at.atoms, rows, model.named)
    shape = rows.finished(at.atoms.values.size)
    numbers = at.atoms.values.ravel()
    similar: Array = np.asarray(model.similar.rates @ numbers, dtype=np.float64)
    values = [shape.values, similar, model.origin @ numbers]
    targets = [shape.targets, model.similar.targets, model.anchors]
    su = [shape.su, model.similar.su, np.full(len(model.anchors), ORIGIN_SU)]
    chain = at.rates
    origin: Array = np.asarray(chain.T @ model.origin.T, dtype=np.float64)
    slopes: list[Array] = [
        np.asarray(csr_array(one @ chain).toarray(), dtype=np.float64) for one in (shape.rates, model.similar.rates)
    ]
    slopes.append(origin.T)
    for target, uncertainty, factors in model.sums:
        row = np.zeros(len(p))
        row[list(factors)] = list(factors.values())
        values.append(np.array([row @ p]))
        targets.append(np.array([target]))
        su.append(np.array([uncertainty]))
        slopes.append(row[None])
    return np.concatenate(values), np.concatenate(targets), np.concatenate(su), np.concatenate(slopes).T

"""Refinement of a crystal structure against single-crystal data, as SHELX files ask for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.io.shelx_hkl import ShelxReflections, read_hkl
from anatase.io.shelx_ins import read_shelx_instructions
from anatase.io.shelx_instructions import ShelxInstructions
from anatase.provenance import Provenance, sha256_of
from anatase.refine.single_crystal.absolute_structure import absolute_structure, doubt_of_hand
from anatase.refine.single_crystal.atoms import SLOTS, SOF, U, atoms_of_instructions, equivalent_u_rates
from anatase.refine.single_crystal.bonds import bonded_atoms
from anatase.refine.single_crystal.crystal_model import CrystalModel, crystal_model
from anatase.refine.single_crystal.crystal_refinement import (
    CrystalCycle,
    CrystalParameter,
    CrystalRefinement,
    ReflectionTable,
)
from anatase.refine.single_crystal.difference_map import DifferenceMap, difference_map
from anatase.refine.single_crystal.least_squares_cycles import (
    Covariance,
    State,
    covariance_of,
    least_squares_round,
    rescaled,
    state_at,
)
from anatase.refine.single_crystal.merging import merge_reflections
from anatase.refine.single_crystal.parameter_map import parameter_map
from anatase.refine.single_crystal.restraints import check_uncertainties
from anatase.refine.single_crystal.riding import riding_groups
from anatase.refine.single_crystal.rigid_group import rigid_groups
from anatase.refine.single_crystal.same_geometry import with_equal_distances
from anatase.refine.single_crystal.twin_domains import TwinDomains, twin_domains

__all__ = ["prepared_crystal", "refine_crystal", "refine_instructions"]

Array = NDArray[np.float64]

MAX_ROUNDS = 30
LARGEST_CELL = 2e5  # Å³
CONVERGED = 0.01  # shift over s.u.
STRONG_CORRELATION, LISTED = 0.8, 20


def refine_crystal(
    ins_path: str | Path, hkl_path: str | Path | None = None, *, cycles: int | None = None
) -> CrystalRefinement:
    """Refine a structure on F² against the reflections of a SHELX .hkl file.

    Full-matrix least squares of Σw(Fo² − k²Fc²)² over all positions, displacement parameters, free variables, twin
    fractions and extinction that the .ins or .res file leaves free, with its weights, restraints and riding hydrogen
    atoms, until no parameter moves by more than 0.01 s.u.

    Parameters
    ----------
    ins_path
        SHELX .ins or .res file.
    hkl_path
        SHELX .hkl file (HKLF 4 or 5); by default the one of the same name.
    cycles
        Rounds of least squares at most; by default 30, or none where the file says ``L.S. 0``.

    Raises
    ------
    InputError
        When a file cannot be read, or more parameters than reflections are to be refined.
    """
    ins_path = Path(ins_path)
    hkl_path = ins_path.with_suffix(".hkl") if hkl_path is None else Path(hkl_path)
    instructions, measured = read_shelx_instructions(ins_path), read_hkl(hkl_path)
    inputs = {ins_path.name: sha256_of(ins_path), hkl_path.name: sha256_of(hkl_path)}
    return refine_instructions(instructions, measured, cycles=cycles, inputs=inputs)


def prepared_crystal(
    instructions: ShelxInstructions, measured: ShelxReflections
) -> tuple[CrystalModel, tuple[str, ...]]:
    """Return the model of instructions and reflections, and warnings.

    Raises
    ------
    InputError
        When there are no atoms, fractions and domains differ in number, or parameters outnumber reflections.
    """
    if not instructions.atoms:
        raise InputError("there are no atoms to refine", "solve the structure first", file=instructions.name)
    if instructions.lattice.volume > LARGEST_CELL:
        raise InputError(
            f"the cell has {instructions.lattice.volume:.3g} Å³", "correct CELL: this is for small structures",
            file=instructions.name,
        )  # fmt: skip
    _check_names(instructions)
    check_uncertainties(instructions)
    merged = merge_reflections(measured, instructions)
    domains = twin_domains(merged, instructions)
    instructions, notes = _with_fractions(instructions, domains)
    atoms = atoms_of_instructions(instructions)
    bonds = bonded_atoms(atoms, instructions.removed_bonds)
    instructions = with_equal_distances(instructions, atoms, bonds)
    groups, told = riding_groups(instructions, atoms, bonds)
    bodies, notes_of_bodies = rigid_groups(instructions, atoms)
    parameters = parameter_map(instructions, atoms, groups, bodies)
    if len(parameters.names) >= int(np.count_nonzero(merged.used)):
        raise InputError(
            f"{len(parameters.names)} parameters for {np.count_nonzero(merged.used)} reflections",
            "refine fewer parameters",
            file=instructions.name,
        )
    model = crystal_model(instructions, atoms, bonds, parameters, merged, domains)
    return model, (*instructions.warnings, *merged.warnings, *notes, *told, *notes_of_bodies)


def _check_names(instructions: ShelxInstructions) -> None:
    """Raise where two atoms bear one name: parameters and restraints could not tell them apart."""
    seen: dict[str, int] = {}
    for atom in instructions.atoms:
        if (label := atom.label.upper()) in seen:
            found = f"atom {atom.label} is on line {seen[label]} too"
            raise InputError(found, "rename one of them", file=instructions.name, line=atom.line)
        seen[label] = atom.line


def _with_fractions(instructions: ShelxInstructions, domains: TwinDomains) -> tuple[ShelxInstructions, tuple[str, ...]]:
    """Return the instructions with one fraction for each domain but the first; equal ones, held, where BASF lacks."""
    needed, given = len(domains.members) - 1, len(instructions.batch_fractions)
    if given == needed:
        return instructions, ()
    if given == 0:
        equal = (10.0 + 1.0 / (needed + 1),) * needed
        return replace(instructions, batch_fractions=equal), ("no BASF: twin domains are held at equal fractions",)
    if given > needed:
        kept = replace(instructions, batch_fractions=instructions.batch_fractions[:needed])
        return kept, (f"BASF has {given} fractions for {needed + 1} domains: the last are left out",)
    raise InputError(f"BASF has {given} fractions for {needed + 1} domains", f"give {needed}", file=instructions.name)


def refine_instructions(
    instructions: ShelxInstructions,
    measured: ShelxReflections,
    *,
    cycles: int | None = None,
    inputs: dict[str, str] | None = None,
) -> CrystalRefinement:
    """Refine what instructions and reflections say; as ``refine_crystal``."""
    model, warnings = prepared_crystal(instructions, measured)
    limit = cycles if cycles is not None else MAX_ROUNDS if instructions.cycles > 0 else 0
    start = model.parameters.start
    state = state_at(model, rescaled(model, start) if limit else start)
    rounds: list[CrystalCycle] = []
    converged = limit == 0
    while len(rounds) < limit and not converged:
        one = least_squares_round(state)
        name = model.parameters.names[one.parameter]
        rounds.append(CrystalCycle(state.figures.wr2, state.figures.goof, one.max_shift_over_su, name))
        state = one.state
        converged = one.max_shift_over_su < CONVERGED
    if not converged:
        worst = rounds[-1]
        warnings += (f"not converged: {worst.parameter} still moves by {worst.max_shift_over_su:.2g} s.u.",)
    return _answer(state, tuple(rounds), converged=converged, warnings=warnings, inputs=inputs or {})


def _answer(
    state: State,
    rounds: tuple[CrystalCycle, ...],
    *,
    converged: bool,
    warnings: tuple[str, ...],
    inputs: dict[str, str],
) -> CrystalRefinement:
    model, names = state.model, state.model.parameters.names
    covariance = covariance_of(state)
    if covariance.unknown:
        listed = ", ".join(names[i] for i in covariance.unknown[:8])
        warnings += (f"the data do not determine {listed}",)
    su = covariance.su
    parameters = tuple(
        CrystalParameter(name, Estimate(float(value), float(one)))
        for name, value, one in zip(names, state.p, su, strict=True)
    )
    scale2 = float(state.p[model.parameters.scale]) ** 2
    merged, hand = model.merged, absolute_structure(state)
    doubts = doubt_of_hand(hand, twinned=len(model.domains.members) > 1)
    return CrystalRefinement(
        model.instructions.title,
        state.figures,
        merged.measured,
        merged.r_int,
        merged.r_sigma,
        parameters,
        state.at.atoms.structure(model.instructions.title),
        state.at.atoms.values,
        _spread(state.at.rates, covariance).reshape(-1, SLOTS),
        _spread(_equivalent_u_rates(state), covariance),
        rounds,
        converged,
        _correlations(covariance, names),
        hand,
        _difference(state),
        ReflectionTable(
            merged.hkl, merged.f_squared / scale2, state.at.f_squared, merged.sigma / scale2, state.weights * scale2**2
        ),
        model.instructions,
        (*warnings, *_doubts(state), *doubts),
        Provenance(inputs=inputs, settings={"rounds": len(rounds), "shift_over_su": CONVERGED}),
    )


def _spread(rates: csr_array[np.float64], covariance: Covariance) -> Array:
    """Return the s.u. (m,) of numbers that follow the parameters at rates (m, k)."""
    dense = np.asarray(rates.toarray(), dtype=np.float64)
    return np.asarray(np.sqrt(np.maximum(((dense @ covariance.matrix) * dense).sum(axis=1), 0.0)))


def _equivalent_u_rates(state: State) -> csr_array[np.float64]:
    """Return the rates (s, k) of U_eq or U_iso of the atoms."""
    atoms = state.at.atoms
    weights = np.zeros((len(atoms), SLOTS))
    weights[:, U] = np.where(atoms.anisotropic[:, None], equivalent_u_rates(atoms.lattice), 0.0)
    weights[~atoms.anisotropic, 4] = 1.0
    rows = np.repeat(np.arange(len(atoms)), SLOTS)
    matrix = csr_array((weights.ravel(), (rows, np.arange(weights.size))))
    return csr_array(matrix @ state.at.rates)


def _correlations(covariance: Covariance, names: tuple[str, ...]) -> tuple[tuple[str, str, float], ...]:
    su = np.where(covariance.su > 0.0, covariance.su, 1.0)
    matrix = covariance.matrix / np.outer(su, su)
    i, j = np.nonzero(np.triu(np.abs(matrix) > STRONG_CORRELATION, 1))
    order = np.argsort(-np.abs(matrix[i, j]), kind="stable")[:LISTED]
    return tuple((names[i[n]], names[j[n]], round(float(matrix[i[n], j[n]]), 4)) for n in order)


def _difference(state: State) -> DifferenceMap:
    """Return the map of the first domain: Fo² shared out as Fc² is, and freed of extinction."""
    model, merged = state.model, state.model.merged
    first = model.domains.members[0].tocoo()
    used = merged.used[first.row]
    rows, columns = first.row[used], first.col[used]
    hkl = model.domains.hkl[columns]
    f = state.at.f[columns]
    scale2 = float(state.p[model.parameters.scale]) ** 2
    calculated = np.maximum(state.at.f_squared[rows], 1e-12)
    observed = np.maximum(merged.f_squared[rows], 0.0) / scale2 * np.abs(f) ** 2 / calculated
    weak = calculated < 1e-6
    observed[weak] = np.maximum(merged.f_squared[rows][weak], 0.0) / scale2
    size = np.abs(f)
    coefficients = (np.sqrt(observed) - size) * np.where(size > 1e-9, f / np.maximum(size, 1e-9), 1.0)
    return difference_map(state.at.atoms, hkl, coefficients)


def _doubts(state: State) -> tuple[str, ...]:
    """Return what is not as a crystal has it: displacements that are no ellipsoids, occupancies outside 0 to 1."""
    atoms, found = state.at.atoms, []
    tensors = atoms.lattice.vectors.T @ atoms.tensors() @ atoms.lattice.vectors
    bad = np.flatnonzero(np.linalg.eigvalsh(tensors).min(axis=1) <= 0.0)
    if len(bad):
        found.append("displacements are not positive: " + ", ".join(atoms.labels[i] for i in bad[:8]))
    outside = np.flatnonzero((atoms.values[:, SOF] < -1e-3) | (atoms.values[:, SOF] > 1.001))
    if len(outside):
        found.append("occupancies are outside 0 to 1: " + ", ".join(atoms.labels[i] for i in outside[:8]))
    return tuple(found)

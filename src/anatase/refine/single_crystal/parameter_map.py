"""How the numbers of the atoms follow from the refined parameters: symmetry, codes, ties, riding atoms."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from anatase.crystal.site_freedom import GENERAL, TENSOR, SiteFreedom, site_freedom
from anatase.io.shelx_code import RIDING_U, ShelxNumber, decoded
from anatase.io.shelx_instructions import ShelxAtom, ShelxInstructions
from anatase.refine.single_crystal.atoms import SLOTS, SOF, XYZ, CrystalAtoms, U, equivalent_u_rates
from anatase.refine.single_crystal.carried_atoms import CarriedAtoms
from anatase.refine.single_crystal.restrained_atoms import restrained_atoms
from anatase.refine.single_crystal.riding import RidingGroup
from anatase.refine.single_crystal.rigid_group import CONTINUES, RigidGroup, rotated

__all__ = ["ParameterMap", "parameter_map"]

Array = NDArray[np.float64]
Sparse = csr_array[np.float64]
FILE_TENSOR = (0, 1, 2, 5, 4, 3)  # U11 U22 U33 U12 U13 U23 among U11 U22 U33 U23 U13 U12 of the file


@dataclass(frozen=True)
class ParameterMap:
    """values = constant + rates · p, and the turns of riding groups.

    Parameters
    ----------
    names, start
        Names (k) of the parameters and their values at the outset (k,).
    constant, rates
        Of the atoms' numbers: (10 s,) and (10 s, k).
    scale, extinction, fractions
        Which parameter is the overall scale, which the extinction (−1: none), and the fractions of the second and
        further domains: value at p is ``constant + factor p[variable − 1]``.
    riding
        The riding groups, and for each the parameter of its torsion in degrees (−1: none).
    rigid
        The rigid groups, and for each the first of the three parameters of its rotation in degrees.
    """

    names: tuple[str, ...]
    start: Array
    constant: Array
    rates: Sparse
    scale: int
    extinction: int
    fixed_extinction: float
    fractions: tuple[tuple[float, int], ...]
    riding: tuple[tuple[RidingGroup, int], ...] = ()
    rigid: tuple[tuple[RigidGroup, int], ...] = ()

    def fractions_at(self, p: Array) -> Array:
        """Return the fractions of the second and further domains (d − 1,)."""
        return np.array([constant if index < 0 else p[index] for constant, index in self.fractions])

    def values_at(self, p: Array, atoms: CrystalAtoms) -> tuple[CrystalAtoms, Sparse]:
        """Return the atoms at parameters p (k,) and the derivatives (10 s, k) of their numbers."""
        values = (self.constant + self.rates @ p).reshape(-1, SLOTS)
        moves = CarriedAtoms(np.asarray(np.linalg.inv(atoms.lattice.vectors), dtype=np.float64), {}, {})
        for rigid, index in self.rigid:
            offsets, slopes = rotated(rigid.offsets, p[index : index + 3])
            for i, member in enumerate(rigid.members):
                moves.add(member, rigid.pivot, offsets[i], [(index + k, slopes[k, i]) for k in range(3)])
        for group, index in self.riding:
            offsets = group.at(float(p[index]) if index >= 0 else 0.0)
            turns = None if index < 0 or group.axis is None else np.radians(1.0) * np.cross(group.axis, offsets)
            for i, member in enumerate(group.members):
                moves.add(member, group.carrier, offsets[i], [] if turns is None else [(index, turns[i])])
        for atom, shift in moves.shifts.items():
            values[atom, XYZ] += shift
        entries = [
            (SLOTS * atom + j, index, float(slope[j]))
            for (atom, index), slope in moves.slopes.items()
            for j in range(3)
        ]
        rates = self.rates
        if entries:
            rows, columns, cells = zip(*entries, strict=True)
            rates = csr_array(rates + csr_array((cells, (rows, columns)), shape=rates.shape))
        return replace(atoms, values=values), rates


@dataclass
class _Building:
    """Rows of the map while they are made: for each number a constant and its rates by parameters."""

    instructions: ShelxInstructions
    atoms: CrystalAtoms
    names: list[str] = field(default_factory=list)
    start: list[float] = field(default_factory=list)
    constant: Array = field(default_factory=lambda: np.zeros(0))
    rates: list[dict[int, float]] = field(default_factory=list)
    variables: dict[int, int] = field(default_factory=dict)

    def new(self, name: str, value: float) -> int:
        """Add a parameter and return its index."""
        self.names.append(name)
        self.start.append(value)
        return len(self.names) - 1

    def variable(self, number: int) -> int:
        """Return the index of free variable ``number``, which becomes a parameter when it is first used."""
        if number not in self.variables:
            name = "scale" if number == 1 else f"free_variable_{number}"
            self.variables[number] = self.new(name, self.instructions.variables[number - 1])
        return self.variables[number]

    def put(self, slot: int, number: ShelxNumber, name: str) -> None:
        """Fill the row of one number that stands by itself."""
        if number.free:
            self.rates[slot] = {self.new(name, number.constant): 1.0}
            self.constant[slot] = 0.0
        else:
            self.constant[slot] = number.constant
            self.rates[slot] = {self.variable(number.variable): number.factor} if number.variable else {}

    def copy(self, source: int, target: int) -> None:
        """Let one number be another."""
        self.constant[target], self.rates[target] = self.constant[source], dict(self.rates[source])


def parameter_map(
    instructions: ShelxInstructions,
    atoms: CrystalAtoms,
    riding: tuple[RidingGroup, ...],
    rigid: tuple[RigidGroup, ...] = (),
) -> ParameterMap:
    """Return the parameters that a SHELX file refines and how the atoms follow them.

    Every number that is not coded as fixed or tied, and that symmetry leaves free, is a parameter: ``C1.x``,
    ``C1.u11``, ``C1.sof``, ``scale``, ``free_variable_2``, ``extinction``, ``twin_fraction_2``, ``H5A.torsion``,
    ``C1.rotation_x``.

    Raises
    ------
    InputError
        When EADP or EXYZ names unknown atoms.
    """
    b = _Building(instructions, atoms)
    b.constant, b.rates = np.zeros(SLOTS * len(atoms)), [{} for _ in range(SLOTS * len(atoms))]
    scale = b.variable(1)
    sumps = [int(m) for one in instructions.restraints if one.kind == "SUMP" for m in one.numbers[3::2]]
    for number in sumps:
        if 1 < number <= len(instructions.variables):  # others are refused where the restraint is made
            b.variable(number)
    same_place, same_u = _leaders(instructions, "EXYZ"), _leaders(instructions, "EADP")
    carried = {member: group.pivot for group in rigid for member in group.members}
    carried |= {member: group.carrier for group in riding for member in group.members}
    structure = atoms.structure()
    for i, atom in enumerate(instructions.atoms):
        special = atom.part >= 0 and int(structure.cell_content.multiplicities[i]) < atoms.space_group.order
        free = site_freedom(structure, i) if special else GENERAL
        _place(b, i, atom, free, carried, same_place)
        b.put(SLOTS * i + SOF, _held(atom, _number(b, atom.sof), (1, 2)), f"{atom.label}.sof")
        _displacement(b, i, atom, free, same_u)
    _follow(b, carried, same_place, same_u)
    extinction, fixed = -1, 0.0
    if instructions.extinction is not None:
        number_ = decoded(instructions.extinction, len(instructions.variables))
        extinction, fixed = (b.new("extinction", number_.constant), 0.0) if number_.free else (-1, number_.constant)
    fractions = []
    for d, coded in enumerate(instructions.batch_fractions, 2):
        one = decoded(coded, len(instructions.variables))
        fractions.append((one.constant, b.new(f"twin_fraction_{d}", one.constant) if one.free else -1))
    turning = [
        (group, b.new(f"{atoms.labels[group.members[0]]}.torsion", 0.0) if group.axis is not None else -1)
        for group in riding
    ]
    bodies = []
    for body in rigid:
        first, _, _ = (b.new(f"{atoms.labels[body.pivot]}.rotation_{axis}", 0.0) for axis in "xyz")
        bodies.append((body, first))
    entries = [(slot, index, rate) for slot, row in enumerate(b.rates) for index, rate in row.items()]
    rows, columns, rates = zip(*entries, strict=True) if entries else ((), (), ())
    shape = (len(b.rates), len(b.names))
    matrix: Sparse = csr_array(coo_array((np.array(rates, dtype=float), (rows, columns)), shape=shape))
    return ParameterMap(
        tuple(b.names), np.array(b.start), b.constant, matrix, scale, extinction, fixed, tuple(fractions),
        tuple(turning), tuple(bodies),
    )  # fmt: skip


def _number(b: _Building, coded: float) -> ShelxNumber:
    return decoded(coded, len(b.instructions.variables))


def _held(atom: ShelxAtom, number: ShelxNumber, codes: tuple[int, ...]) -> ShelxNumber:
    """Return a number that AFIX n of ``codes`` holds as fixed."""
    return replace(number, free=False) if number.free and atom.afix % 10 in codes and atom.afix < 10 else number


def _leaders(instructions: ShelxInstructions, kind: str) -> dict[int, int]:
    """Return for each atom but the first of a constraint EADP or EXYZ the first one."""
    leaders: dict[int, int] = {}
    for one in instructions.restraints:
        if one.kind == kind:
            for named in restrained_atoms(one, instructions):
                first, *rest = (atom.index for atom in named)
                first = leaders.get(first, first)
                leaders.update({index: first for index in rest if index != first})
    return leaders


def _place(
    b: _Building, i: int, atom: ShelxAtom, free: SiteFreedom, carried: dict[int, int], same: dict[int, int]
) -> None:
    """Fill the rows of the coordinates of an atom."""
    base = SLOTS * i
    b.constant[base : base + 3] = b.atoms.values[i, :3]
    if i in carried or i in same:
        return
    numbers = [_number(b, coded) for coded in atom.xyz]
    held = atom.afix == 1 or atom.afix % 10 == CONTINUES
    coded = np.array([not number.free for number in numbers])
    if not held:
        for axis, direction in zip(free.axes, free.directions, strict=True):
            if not np.any(coded & (direction != 0.0)):
                value = float(b.atoms.values[i, "xyz".index(axis)])
                _along(b, base, direction, value, f"{atom.label}.{axis}")
    for j, number in enumerate(numbers):
        if number.variable:
            b.put(base + j, number, "")


def _displacement(b: _Building, i: int, atom: ShelxAtom, free: SiteFreedom, same: dict[int, int]) -> None:
    """Fill the rows of the displacement parameters of an atom, those that follow another's U_eq aside."""
    base = SLOTS * i + 4
    b.constant[base : base + 6] = b.atoms.values[i, U]
    if i in same:
        return
    if len(atom.u) == 1:
        if not RIDING_U[0] < atom.u[0] < RIDING_U[1]:
            b.put(base, _held(atom, _number(b, atom.u[0]), (1, 2)), f"{atom.label}.u_iso")
        return
    numbers = [_held(atom, _number(b, atom.u[j]), (1, 2)) for j in FILE_TENSOR]
    coded = np.array([not number.free for number in numbers])
    for component, direction in zip(free.tensor, free.tensor_directions, strict=True):
        if not np.any(coded & (direction != 0.0)):
            value = float(b.atoms.values[i, 4 + TENSOR.index(component)])
            _along(b, base, direction, value, f"{atom.label}.{component}")
    for j, number in enumerate(numbers):
        if number.variable:
            b.put(base + j, number, "")


def _along(b: _Building, base: int, direction: Array, value: float, name: str) -> None:
    """Add a parameter that moves the numbers from ``base`` on along a direction."""
    index = b.new(name, value)
    for j in np.flatnonzero(direction).tolist():
        b.rates[base + j][index] = float(direction[j])
        b.constant[base + j] -= float(direction[j]) * value


def _follow(b: _Building, carried: dict[int, int], same_place: dict[int, int], same_u: dict[int, int]) -> None:
    """Fill the rows of what follows other atoms: EXYZ, riding atoms, EADP, U_iso as a multiple of U_eq."""
    for i, leader in same_place.items():
        for j in range(3):
            b.copy(SLOTS * leader + j, SLOTS * i + j)
    for i, carrier in carried.items():
        for j in range(3):
            b.copy(SLOTS * carrier + j, SLOTS * i + j)
    for i, leader in same_u.items():
        if b.atoms.anisotropic[i] == b.atoms.anisotropic[leader]:
            for j in range(4, SLOTS):
                b.copy(SLOTS * leader + j, SLOTS * i + j)
    equivalent, last = equivalent_u_rates(b.atoms.lattice), -1
    for i, atom in enumerate(b.instructions.atoms):
        if len(atom.u) == 1 and RIDING_U[0] < atom.u[0] < RIDING_U[1] and i not in same_u:
            if last >= 0:
                _multiple_of_u(b, i, last, -atom.u[0], equivalent)
        else:
            last = i


def _multiple_of_u(b: _Building, i: int, source: int, factor: float, equivalent: Array) -> None:
    slot, base = SLOTS * i + 4, SLOTS * source + 4
    weights = factor * (equivalent if b.atoms.anisotropic[source] else np.array([1.0, 0.0, 0.0, 0.0, 0.0, 0.0]))
    row: dict[int, float] = {}
    constant = 0.0
    for j in np.flatnonzero(weights).tolist():
        constant += weights[j] * b.constant[base + j]
        for index, rate in b.rates[base + j].items():
            row[index] = row.get(index, 0.0) + float(weights[j]) * rate
    b.constant[slot], b.rates[slot] = constant, row

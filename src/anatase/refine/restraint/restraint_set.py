"""Restraints on a model: targets, s.u., the values that a model has, and their derivatives by its parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.formula import parse_formula
from anatase.errors import InputError
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.parameters import matching, parameter_values
from anatase.refine.restraint.atom_images import AtomImage, positions
from anatase.refine.restraint.bond_geometry import angle, distance, plane_distances, valences
from anatase.refine.restraint.bonded import angles_around, atom_label, bonds_around, chain, coordinations
from anatase.refine.restraint.restraints import Angle, Distance, Formula, Plane, Restraint, Valence, said

__all__ = ["RestraintSet", "restrained"]

Array = NDArray[np.float64]
Placed = tuple[Array, Array]  # Cartesian positions (n, 3), and their derivatives (r, n, 3)
Geometry = Callable[[Array], tuple[Array, Array]]


@dataclass(frozen=True)
class _OnAtoms:
    """Quantities of a few atoms of one phase: which images (n), and what is measured on them."""

    phase: int
    images: tuple[AtomImage, ...]
    measure: Geometry

    def evaluate(self, placed: Placed) -> tuple[Array, Array]:
        points, slopes = placed
        values, by_point = self.measure(points)
        flat = 3 * len(points)
        return values, slopes.reshape(-1, flat) @ by_point.reshape(-1, flat).T


@dataclass(frozen=True)
class _OnValence:
    """The sum of an atom's bond valences, occupancies of its neighbours included."""

    phase: int
    images: tuple[AtomImage, ...]
    r0: tuple[tuple[float, ...], ...]
    softness: float

    def evaluate(self, model: RefinementModel, rows: dict[str, int], placed: Placed) -> tuple[Array, Array]:
        phase = model.phases[self.phase]
        points, slopes = placed
        total, column = 0.0, np.zeros(len(rows))
        for k in range(max(map(len, self.r0))):
            r0 = np.array([one[k] if k < len(one) else -np.inf for one in self.r0])
            found, by_point = valences(points, r0, self.softness)
            for n, image in enumerate(self.images[1:]):
                site = phase.structure.sites[image.site]
                if k < len(site.species):
                    total += site.species[k].occupancy * found[n]
                    column += site.species[k].occupancy * np.einsum("rnc,nc->r", slopes, by_point[n])
                    row = rows.get(f"{phase.name}.{site.label}.{site.species[k].element}.occupancy")
                    if row is not None:
                        column[row] += found[n]
        return np.array([total]), column[:, None]


@dataclass(frozen=True)
class _OnFormula:
    """Atoms of elements (m) in a formula unit."""

    phase: int
    elements: tuple[str, ...]
    units: int

    def evaluate(self, model: RefinementModel, rows: dict[str, int]) -> tuple[Array, Array]:
        phase = model.phases[self.phase]
        content = phase.structure.composition
        slopes = np.zeros((len(rows), len(self.elements)))
        multiplicities = phase.structure.cell_content.multiplicities
        for site, multiplicity in zip(phase.structure.sites, multiplicities, strict=True):
            for one in site.species:
                row = rows.get(f"{phase.name}.{site.label}.{one.element}.occupancy")
                if row is not None and one.element in self.elements:
                    slopes[row, self.elements.index(one.element)] += multiplicity / self.units
        return np.array([content.get(element, 0.0) for element in self.elements]) / self.units, slopes


@dataclass(frozen=True)
class _OnSum:
    """Σ factor · parameter."""

    terms: tuple[tuple[float, str], ...]

    def evaluate(self, model: RefinementModel, rows: dict[str, int]) -> tuple[Array, Array]:
        values = parameter_values(model)
        slopes = np.zeros((len(rows), 1))
        for factor, name in self.terms:
            if name in rows:
                slopes[rows[name], 0] += factor
        return np.array([sum(factor * values[name] for factor, name in self.terms)]), slopes


@dataclass(frozen=True)
class RestraintSet:
    """Restraints that count as observations: ``target`` (m,) with ``su`` (m,), in the words ``labels`` (m)."""

    target: Array
    su: Array
    labels: tuple[str, ...]
    parts: tuple[_OnAtoms | _OnValence | _OnFormula | _OnSum, ...]

    def evaluate(self, model: RefinementModel, names: Sequence[str]) -> tuple[Array, Array]:
        """Return the values (m,) that a model has, and their derivatives (r, m) by the named parameters (r)."""
        rows = {name: i for i, name in enumerate(names)}
        found = _evaluated(model, self.parts, rows)
        return np.concatenate([values for values, _ in found]), np.concatenate([slopes for _, slopes in found], axis=1)


def restrained(model: RefinementModel, restraints: Sequence[Restraint], weight: float = 1.0) -> RestraintSet | None:
    """Return restraints on the atoms of a model, at its start; ``None`` without any.

    Which images of atoms are neighbours is decided here, once. ``weight`` divides all variances.

    Raises
    ------
    InputError
        When a restraint names what is not there, or applies to nothing.
    """
    if not restraints:
        return None
    if not 1e-9 <= weight <= 1e9:
        raise InputError(f"the weight of the restraints is {weight:g}", "give a positive one")
    targets, su, labels, parts = list[float](), list[float](), list[str](), []
    for restraint in restraints:
        for label, target, part in _resolved(model, restraint):
            count = _evaluated(model, [part], {})[0][0].size
            targets += list(np.broadcast_to(target, count))
            su += [restraint.su / weight**0.5] * count
            labels += label if isinstance(label, list) else [label] * count
            parts.append(part)
    return RestraintSet(np.array(targets), np.array(su), tuple(labels), tuple(parts))


def _evaluated(model: RefinementModel, parts: Sequence[Part], rows: dict[str, int]) -> list[tuple[Array, Array]]:
    """Return values and derivatives of each part; the atoms of all are placed together, phase by phase."""
    images: dict[int, list[AtomImage]] = {}
    for part in parts:
        if isinstance(part, _OnAtoms | _OnValence):
            images.setdefault(part.phase, []).extend(part.images)
    placed, used = {}, dict.fromkeys(images, 0)
    for index, those in images.items():
        phase = model.phases[index]
        placed[index] = positions(phase.structure, phase.name, those, rows)
    found = []
    for part in parts:
        if isinstance(part, _OnAtoms | _OnValence):
            first = used[part.phase]
            used[part.phase] = last = first + len(part.images)
            points, slopes = placed[part.phase]
            own = (points[first:last], slopes[:, first:last])
            found.append(part.evaluate(own) if isinstance(part, _OnAtoms) else part.evaluate(model, rows, own))
        else:
            found.append(part.evaluate(model, rows))
    return found


Part = _OnAtoms | _OnValence | _OnFormula | _OnSum
Resolved = list[tuple[str | list[str], float | Array, Part]]


def _resolved(model: RefinementModel, restraint: Restraint) -> Resolved:
    """Return for each part of a restraint its label or labels, target or targets, and what it measures."""
    if isinstance(restraint, Distance | Angle):
        return _on_bonds(model, restraint)
    if isinstance(restraint, Plane):
        phase, images = chain(model, restraint.atoms)
        labels = [f"{_name(model, phase, [image])} from the plane" for image in images]
        return [(cast("str | list[str]", labels), 0.0, _OnAtoms(phase, tuple(images), plane_distances))]
    if isinstance(restraint, Formula):
        return [_on_formula(model, restraint)]
    if isinstance(restraint, Valence):
        return _on_valence(model, restraint)
    known = parameter_values(model)
    terms = tuple((factor, matching([name], known)[0]) for factor, name in restraint.terms)
    return [(said(restraint), restraint.target, _OnSum(terms))]


def _name(model: RefinementModel, phase: int, images: Sequence[AtomImage]) -> str:
    return f"{model.phases[phase].name}: {' – '.join(atom_label(model, phase, image) for image in images)}"


def _on_bonds(model: RefinementModel, restraint: Distance | Angle) -> Resolved:
    measure: Geometry = distance if isinstance(restraint, Distance) else angle
    if restraint.within is None:
        around = 0 if isinstance(restraint, Distance) else 1
        found = [chain(model, restraint.atoms, around=around)]
    else:
        search = bonds_around if isinstance(restraint, Distance) else angles_around
        found = search(model, restraint.atoms, restraint.within)
    if not found:
        raise InputError(f"the restraint '{said(restraint)}' finds no neighbours", "widen 'within'")
    return [(_name(model, phase, images), restraint.target, _OnAtoms(phase, tuple(images), measure))
            for phase, images in found]  # fmt: skip


def _on_formula(model: RefinementModel, restraint: Formula) -> tuple[str | list[str], float | Array, Part]:
    atoms = parse_formula(restraint.formula)
    if atoms is None:
        raise InputError(f"'{restraint.formula}' is no formula", "write it as in Ca0.5Sr0.5TiO3")
    names = [phase.name for phase in model.phases]
    if restraint.phase not in names:
        raise InputError(f"'{restraint.phase}' is no phase of this refinement", f"give one of {', '.join(names)}")
    index = names.index(restraint.phase)
    content = model.phases[index].structure.composition
    units = restraint.units or round(sum(content.values()) / sum(atoms.values()))
    if units < 1:
        raise InputError(f"the cell of {restraint.phase} holds less than one {restraint.formula}", "give 'units'")
    elements = tuple(sorted({*atoms, *content}))
    labels = [f"{restraint.phase}: {element} in {restraint.formula}" for element in elements]
    target = np.array([atoms.get(element, 0.0) for element in elements])
    return labels, target, _OnFormula(index, elements, units)


def _on_valence(model: RefinementModel, restraint: Valence) -> Resolved:
    r0, found = dict(restraint.r0), []
    for element in r0:
        if parse_formula(element) is None:
            raise InputError(f"r0 of '{element}' is of no element", "name elements, as in {O = 1.62}")
    for phase, images in coordinations(model, restraint.atom, restraint.within):
        sites = model.phases[phase].structure.sites
        kept = [images[0]] + [one for one in images[1:] if any(s.element in r0 for s in sites[one.site].species)]
        if len(kept) < 2:
            raise InputError(f"the restraint '{said(restraint)}' finds no neighbours", "widen 'within'")
        each = tuple(
            tuple(r0.get(species.element, -np.inf) for species in sites[image.site].species) for image in kept[1:]
        )
        part = _OnValence(phase, tuple(kept), each, restraint.softness)
        found.append((f"valence of {_name(model, phase, kept[:1])}", restraint.target, part))
    return cast("Resolved", found)

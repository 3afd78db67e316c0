"""The parameters of a phase in a histogram by name: scale, size, texture, absorption, extinction, strained cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.stephens import stephens_names
from anatase.refine.calculation.lattice_strain import PREFIX, strain_names
from anatase.refine.model import PhasePart

__all__ = ["part_values", "with_part_values"]

Values = Mapping[str, float]

SAMPLE = ("size", "size_across", "strain", "march_r", "absorption", "deformation_faults", "twin_faults")


def part_values(part: PhasePart, structure: Structure, *, several: bool = False) -> dict[str, float]:
    """Return the parameters of a phase in a histogram by name; sizes in Å, what its sample does not have left out.

    ``several``: whether there are other histograms, from whose cell that of this one may differ.
    """
    sample = part.sample
    values = {"scale": part.scale, "extinction": part.extinction, "strain": sample.strain}
    for name in SAMPLE:
        value = getattr(sample, name)
        if name == "march_r" and sample.texture_axis is None:
            continue
        if value is not None and not (name.endswith("faults") and not sample.has_faults):
            values[name] = float(value)
    if sample.stephens:
        values.update(dict(zip(stephens_names(structure.space_group), map(float, sample.stephens), strict=True)))
    if sample.roughness is not None:
        values.update(dict(zip(("roughness_p", "roughness_q"), map(float, sample.roughness), strict=True)))
    values.update({f"harmonic{i}": float(c) for i, c in enumerate(sample.harmonics)})
    for i, (_, r, share) in enumerate(sample.textures):
        values.update({f"march_r{i}": float(r), f"march_share{i}": float(share)})
    if several or part.lattice_strain:
        names = strain_names(structure)
        values.update(zip(names, part.lattice_strain or [0.0] * len(names), strict=True))
    return values


def with_part_values(part: PhasePart, structure: Structure, values: Values) -> PhasePart:
    """Return a phase's part with new values of some of its parameters.

    Raises
    ------
    InputError
        When it has no such parameter.
    PhysicsError
        When no sample has such values.
    """
    known = part_values(part, structure, several=True)
    if unknown := [name for name in values if name not in known]:
        raise InputError(f"there is no parameter {unknown[0]} of a phase's sample", f"there are {', '.join(known)}")
    new, sample = {**known, **values}, part.sample
    changes: dict[str, Any] = {name: values[name] for name in SAMPLE if name in values}
    if sample.stephens:
        changes["stephens"] = tuple(new[name] for name in stephens_names(structure.space_group))
    if sample.roughness is not None:
        changes["roughness"] = (new["roughness_p"], new["roughness_q"])
    if sample.harmonics:
        changes["harmonics"] = tuple(new[f"harmonic{i}"] for i in range(len(sample.harmonics)))
    if sample.textures:
        axes = [axis for axis, _, _ in sample.textures]
        changes["textures"] = tuple((axis, new[f"march_r{i}"], new[f"march_share{i}"]) for i, axis in enumerate(axes))
    sample = replace(sample, **changes) if changes else sample
    strain = part.lattice_strain
    if any(name.startswith(PREFIX) for name in values):
        strain = tuple(new[name] for name in strain_names(structure))
    return replace(part, scale=new["scale"], extinction=new["extinction"], sample=sample, lattice_strain=strain)

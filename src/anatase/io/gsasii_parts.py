"""What a phase is like in one histogram of a GSAS-II project: scale, size, strain, texture, extinction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import sqrt
from typing import Any

from anatase.errors import InputError, PhysicsError
from anatase.io.foreign import ForeignBank, ForeignPart
from anatase.io.gsas_scale import scale_unit
from anatase.io.gsasii_histograms import ProjectHistogram
from anatase.io.gsasii_phases import ProjectPhase
from anatase.io.gsasii_strain import MILLIONTH, cell_strain_of_gsasii, stephens_of_gsasii
from anatase.io.gsasii_tree import refined_value
from anatase.pattern.stephens import stephens_names
from anatase.simulation.sample import Sample

__all__ = ["part_of_project"]

MICROMETRE = 1e4  # Å


def part_of_project(
    phase: ProjectPhase, histogram: ProjectHistogram, data: Mapping[str, Any]
) -> tuple[ForeignPart, bool, frozenset[str], tuple[str, ...]]:
    """Return a phase's part in a histogram, whether its fraction is refined, what else is free, and warnings.

    The scale is the product of both scales, in units of the pattern here.
    """
    beam, warnings = histogram.histogram.beam, list[str]()
    stem = f"{phase.name}.{histogram.histogram.name}"
    sizes, free = _size(data.get("Size", ["isotropic", [1.0, 1.0, 1.0], [False] * 3, [0, 0, 1]]), warnings)
    strains, strain_free = _strain(phase, data, isinstance(beam, ForeignBank), warnings)
    texture, texture_free = _texture(data.get("Pref.Ori.", ["MD", 1.0, False, [0, 0, 1], 0]), warnings)
    try:
        sample = replace(Sample(shape_factor=1.0, **sizes), **strains, **texture)
    except (InputError, PhysicsError) as error:
        sample, free, strain_free, texture_free = Sample(shape_factor=1.0), [], [], []
        warnings.append(f"size, strain and texture left out: {error}")
    capillary = not isinstance(beam, ForeignBank) and beam.instrument.geometry == "debye_scherrer"
    if capillary and histogram.absorption[0] > 0.0:
        sample = replace(sample, absorption=histogram.absorption[0])
        texture_free = [*texture_free, "absorption"] if histogram.absorption[1] else texture_free
    extinction, refined = refined_value(dict(data), "Extinction")
    lattice_strain, strained = cell_strain_of_gsasii(phase, data.get("HStrain", [[], []]), warnings)
    if _any_number(data.get("Babinet")):
        warnings.append("Babinet's factors are not taken over")
    fraction, fraction_refined = refined_value(dict(data), "Scale", 1.0)
    scale = fraction * histogram.scale[0] * scale_unit(beam, phase.structure.lattice.volume)
    names = [*free, *strain_free, *texture_free, *strained]
    names += ["extinction"] if refined and extinction > 0.0 else []
    part = ForeignPart(scale, sample, sqrt(max(extinction, 0.0)) * MICROMETRE, lattice_strain)
    told = tuple(f"{phase.name} in {histogram.histogram.name}: {one}" for one in warnings)
    return part, fraction_refined, frozenset(f"{stem}.{name}" for name in names), told


def _any_number(data: Any) -> bool:
    """Whether any number of a nest of lists and flags is not 0, or any flag is set."""
    if isinstance(data, dict):
        return any(_any_number(value) for value in data.values())
    if isinstance(data, (list, tuple)):
        return any(_any_number(value) for value in data)
    return isinstance(data, (int, float)) and bool(data)


def _axis(data: Any) -> tuple[int, int, int]:
    h, k, l = (round(float(value)) for value in data)
    return h, k, l


def _size(data: Any, warnings: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Return the size of crystallites (µm there, integral breadths, so K = 1) and its free parameters."""
    kind, (size, along, mixing), flags, axis = data[0], data[1][:3], data[2], data[3]
    terms: dict[str, Any] = {"size_gauss_share": min(max(1.0 - float(mixing), 0.0), 1.0)}
    if kind == "uniaxial":
        terms |= {"size": float(along) * MICROMETRE, "size_across": float(size) * MICROMETRE, "size_axis": _axis(axis)}
        return terms, [name for name, flag in (("size_across", flags[0]), ("size", flags[1])) if flag]
    if kind != "isotropic":
        warnings.append(f"{kind} size became isotropic")
    return terms | {"size": float(size) * MICROMETRE}, ["size"] if flags[0] else []


def _strain(
    phase: ProjectPhase, data: Mapping[str, Any], time_of_flight: bool, warnings: list[str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the microstrain and its free parameters.

    GSAS-II has 10⁶ Δd/d, in full width M tan θ (radian) at constant wavelength, where e here gives 4 e tan θ; of time
    of flight M DIFC d, where e gives 2 e DIFC d.
    """
    found = data.get("Mustrain", ["isotropic", [0.0, 0.0, 1.0], [False] * 3, [0, 0, 1], [], []])
    kind, (strain, _, mixing), flags = found[0], found[1][:3], found[2]
    terms: dict[str, Any] = {"strain_gauss_share": min(max(1.0 - float(mixing), 0.0), 1.0)}
    if kind == "generalized" and not time_of_flight:
        group = phase.structure.space_group
        values = stephens_of_gsasii(group, phase.symmetry, [float(value) for value in found[4]])
        if values is None:
            warnings.append("the terms of anisotropic strain are not those of the space group; left out")
            return {}, []
        return terms | {"stephens": values}, list(stephens_names(group)) if any(found[5]) else []
    if kind != "isotropic":
        warnings.append(f"{kind} strain became isotropic")
    divisor = 2.0 if time_of_flight else 4.0
    return terms | {"strain": max(float(strain), 0.0) * MILLIONTH / divisor}, ["strain"] if flags[0] else []


def _texture(data: Any, warnings: list[str]) -> tuple[dict[str, Any], list[str]]:
    kind, ratio, refined, axis = data[:4]
    if kind != "MD":
        warnings.append("texture by spherical harmonics is not taken over")
        return {}, []
    if float(ratio) == 1.0 and not refined:
        return {}, []
    return {"texture_axis": _axis(axis), "march_r": float(ratio)}, ["march_r"] if refined else []

"""A phase as it lies in a real sample: strained, with other atoms and displacements than its entry, textured, small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.extinction import is_absent
from anatase.crystal.random import jittered, strained
from anatase.crystal.structure import Site, Structure
from anatase.simulation.mixture_variety import MixtureVariety
from anatase.simulation.sample import Sample

__all__ = ["habit_planes", "log_uniform", "random_specimen"]

LOW_INDICES = np.array([(h, k, l) for h in (0, 1) for k in (0, 1) for l in (0, 1, 2) if any((h, k, l))])
LARGEST_U = 0.1  # Å²


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number whose logarithm is uniform between those of the two."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def habit_planes(structure: Structure) -> NDArray[np.int64]:
    """Return low-index planes (n, 3), the likeliest faces of the crystal first.

    The law of Bravais, Friedel, Donnay and Harker (1937, Am. Mineral. 22, 446): the larger the d spacing of a plane,
    the more important its face; spacings that centring, glides and screws extinguish do not count.
    """
    present = LOW_INDICES[~is_absent(structure.space_group, LOW_INDICES)]
    planes = present if len(present) else LOW_INDICES
    return np.asarray(planes[np.argsort(-structure.lattice.d_spacing(planes), kind="stable")], dtype=np.int64)


def random_specimen(
    structure: Structure, rng: np.random.Generator, variety: MixtureVariety
) -> tuple[Structure, Sample]:
    """Return a phase and its powder as a sample may hold them, for a library entry.

    The cell is strained as its system allows, the atoms shifted within their positions, displacements and occupancies
    drawn anew, and size, strain and texture given.
    """
    spread = variety.distant_strain if rng.random() < variety.distant_share else variety.cell_strain
    phase = strained(structure, rng, rng.uniform(*spread))
    phase = jittered(phase, rng, rng.uniform(*variety.shift))
    sites = tuple(_varied(site, rng, variety) for site in phase.sites)
    phase = replace(phase, sites=sites)
    return phase, _random_sample(phase, rng, variety)


def _varied(site: Site, rng: np.random.Generator, variety: MixtureVariety) -> Site:
    known = site.u_iso if site.u_aniso is None else sum(site.u_aniso[:3]) / 3.0
    factor = log_uniform(rng, 0.5, 2.0)
    u_iso = min(known * factor, LARGEST_U) if known is not None and known > 0.0 else rng.uniform(*variety.u_iso)
    total = site.occupancy
    wanted = min(total * float(np.exp(rng.normal(0.0, variety.occupancy))), max(total, 1.0))
    species = tuple(replace(one, occupancy=one.occupancy * wanted / total) for one in site.species) if total else ()
    return replace(site, u_iso=u_iso, u_aniso=None, species=species or site.species)


def _random_sample(phase: Structure, rng: np.random.Generator, variety: MixtureVariety) -> Sample:
    size = None if rng.random() < variety.coarse_share else log_uniform(rng, *variety.size)
    strain = rng.uniform(*variety.strain)
    sample = Sample(size=size, strain=strain, strain_gauss_share=rng.uniform(), size_gauss_share=rng.uniform(0.0, 0.5))
    axes = _fixed_axes(phase)
    if size is not None and axes and rng.random() < variety.needle_share:
        across = size / log_uniform(rng, *variety.elongation)
        sample = replace(sample, size_axis=axes[rng.integers(len(axes))], size_across=across)
    if rng.random() < variety.texture_share:
        planes = habit_planes(phase)
        h, k, l = (int(v) for v in planes[min(int(rng.exponential(1.0)), len(planes) - 1)])
        sample = replace(sample, texture_axis=(h, k, l), march_r=log_uniform(rng, *variety.march_r))
    return sample


def _fixed_axes(phase: Structure) -> list[tuple[int, int, int]]:
    """Return plane normals that the whole point group leaves in place, up to their sign."""
    fixed = []
    for axis in ((0, 0, 1), (0, 1, 0), (1, 0, 0)):
        images = np.array(axis) @ phase.space_group.rotations
        if np.all((images == axis).all(axis=1) | (images == -np.array(axis)).all(axis=1)):
            fixed.append(axis)
    return fixed

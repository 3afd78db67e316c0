"""Peaks and holes of the difference Fourier map Fo − Fc."""

from __future__ import annotations

from dataclasses import dataclass

import gemmi
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from anatase.crystal.space_group import SpaceGroup
from anatase.refine.single_crystal.atoms import XYZ, CrystalAtoms

__all__ = ["DifferenceMap", "DifferencePeak", "difference_map"]

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Indices = NDArray[np.int64]

SAMPLING = 4.0  # grid points to the shortest d
APART = 0.5  # Å, between two peaks of the list


@dataclass(frozen=True)
class DifferencePeak:
    """A maximum or minimum of the map: fractional position, height in e/Å³, the nearest atom and its distance in Å."""

    xyz: tuple[float, float, float]
    height: float
    nearest: str
    distance: float


@dataclass(frozen=True)
class DifferenceMap:
    """The highest peaks of Fo − Fc, its deepest hole, and the root mean square of the whole, in e/Å³."""

    peaks: tuple[DifferencePeak, ...]
    hole: DifferencePeak
    rms: float


def difference_map(atoms: CrystalAtoms, hkl: Indices, coefficients: Complex, n_peaks: int = 20) -> DifferenceMap:
    """Return the peaks of the map with coefficients (|Fo| − |Fc|) exp(iφ) (n,) of unique reflections (n, 3).

    Friedel mates are averaged, and terms that were not measured are 0. The transform is gemmi's.
    """
    group, lattice = atoms.space_group, atoms.lattice
    indices, values = _whole_sphere(hkl, coefficients, group)
    cell = gemmi.UnitCell(*lattice.parameters)
    data = gemmi.ComplexAsuData(
        cell, gemmi.SpaceGroup("P 1"), indices.astype(np.int32), np.ascontiguousarray(values, dtype=np.complex64)
    )
    grid = data.transform_f_phi_to_map(sample_rate=SAMPLING)
    density = np.array(grid, copy=True, dtype=np.float64)
    peaks = _highest(density, atoms, n_peaks)
    hole = _highest(-density, atoms, 1)[0]
    hole = DifferencePeak(hole.xyz, -hole.height, hole.nearest, hole.distance)
    return DifferenceMap(tuple(peaks), hole, float(np.sqrt(np.mean((density - density.mean()) ** 2))))


def _whole_sphere(hkl: Indices, coefficients: Complex, group: SpaceGroup) -> tuple[Indices, Complex]:
    """Return half of the sphere (l ≥ 0 and so on) with F(hR) = F(h) exp(−2πi h·t), equivalents averaged."""
    indices, values = [], []
    for rotation, shift in zip(group.rotations, group.translations, strict=True):
        turned, value = hkl @ rotation, coefficients * np.exp(-2j * np.pi * (hkl @ shift))
        h, k, l = turned.T
        other = (l < 0) | ((l == 0) & ((k < 0) | ((k == 0) & (h < 0))))
        indices.append(np.where(other[:, None], -turned, turned))
        values.append(np.where(other, value.conj(), value))
    rows, number = np.unique(np.concatenate(indices), axis=0, return_inverse=True)
    every, number = np.concatenate(values), number.ravel()
    count = np.bincount(number)
    real, imaginary = np.bincount(number, every.real) / count, np.bincount(number, every.imag) / count
    return rows, real + 1j * imaginary


def _highest(density: Array, atoms: CrystalAtoms, wanted: int) -> list[DifferencePeak]:
    """Return the highest maxima, one of each set of equivalent ones, at the image that is nearest to an atom."""
    top = np.argwhere(density == maximum_filter(density, size=3, mode="wrap"))
    heights = density[tuple(top.T)]
    found: list[DifferencePeak] = []
    images_of: list[Array] = []
    for at in top[np.argsort(-heights, kind="stable")]:
        if len(found) >= wanted:
            break
        place, height = _summit(density, at)
        if images_of and min(_shortest(place, images, atoms) for images in images_of) < APART:
            continue
        images = atoms.space_group.rotations @ place + atoms.space_group.translations
        images_of.append(images)
        found.append(_peak(images, height, atoms))
    return found


def _summit(density: Array, at: Indices) -> tuple[Array, float]:
    """Return place (3,), fractional, and height of a maximum by a parabola along each axis."""
    shape, height = np.array(density.shape), float(density[tuple(at)])
    place, top = at.astype(float), height
    for axis in range(3):
        step = np.eye(3, dtype=np.int64)[axis]
        before, after = (float(density[tuple((at + sign * step) % shape)]) for sign in (-1, 1))
        bend = before - 2.0 * height + after
        if bend < 0.0:
            shift = float(np.clip(0.5 * (before - after) / bend, -0.5, 0.5))
            place[axis] += shift
            top -= 0.25 * (before - after) * shift
    return place / shape, top


def _shortest(place: Array, images: Array, atoms: CrystalAtoms) -> float:
    difference = images - place
    difference -= np.round(difference)
    return float(np.sqrt(np.einsum("ni,ij,nj->n", difference, atoms.lattice.metric, difference).min()))


def _peak(images: Array, height: float, atoms: CrystalAtoms) -> DifferencePeak:
    if not len(atoms):
        x, y, z = (images[0] % 1.0).tolist()
        return DifferencePeak((x, y, z), height, "", float("inf"))
    difference = images[:, None] - atoms.values[None, :, XYZ]
    whole = np.round(difference)
    difference -= whole
    squared = np.einsum("nsi,ij,nsj->ns", difference, atoms.lattice.metric, difference)
    n, s = np.unravel_index(int(np.argmin(squared)), squared.shape)
    x, y, z = (images[n] - whole[n, s]).tolist()
    return DifferencePeak((x, y, z), height, atoms.labels[int(s)], float(np.sqrt(squared[n, s])))

"""The scattering powers of the groups of atoms of a cell, all at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from anatase.scattering.scatterers import Kind, Scatterers
from anatase.scattering.scattering_power import ScatteringModel, scattering_power, xray_gaussians

__all__ = ["group_powers"]

Array = NDArray[np.float64]

BLOCK = 512  # reflections whose exponentials stay in the cache of the processor


@dataclass(frozen=True, slots=True, eq=False)
class _XrayGroups:
    """f = shares (g, k) · exp(−b (k, 1) (sin θ/λ)²) + constant (g, 1), and f″ of groups; b once for each atom."""

    shares: Array
    minus_b: Array
    constant: Array
    f_second: tuple[float, ...]


@lru_cache(maxsize=2048)
def _xray_groups(kinds: tuple[Kind, ...], model: ScatteringModel) -> _XrayGroups:
    atoms = list(dict.fromkeys((element, charge) for kind in kinds for element, charge, _, _ in kind))
    tables = [xray_gaussians(element, charge, model) for element, charge in atoms]
    ends = np.cumsum([0, *(len(gaussians.a) for gaussians, _, _ in tables)])
    shares, constant, f_second = np.zeros((len(kinds), ends[-1])), np.zeros((len(kinds), 1)), [0.0] * len(kinds)
    for group, kind in enumerate(kinds):
        for element, charge, _, occupancy in kind:
            atom = atoms.index((element, charge))
            gaussians, rest, absorption = tables[atom]
            shares[group, ends[atom] : ends[atom + 1]] += occupancy * gaussians.a
            constant[group] += occupancy * rest
            f_second[group] += occupancy * absorption
    return _XrayGroups(
        shares, np.concatenate([gaussians.minus_b for gaussians, _, _ in tables]), constant, tuple(f_second)
    )


def _xray_powers(groups: _XrayGroups, stol2: Array) -> Array:
    if stol2.size <= BLOCK:
        exponentials = groups.minus_b * stol2
        np.exp(exponentials, out=exponentials)
        real: Array = np.dot(groups.shares, exponentials)
        real += groups.constant
        return real
    real = np.empty((len(groups.shares), stol2.size))
    for start in range(0, stol2.size, BLOCK):
        part = slice(start, start + BLOCK)
        real[:, part] = _xray_powers(groups, stol2[part])
    return real


def _powers_one_by_one(kinds: tuple[Kind, ...], stol2: Array, model: ScatteringModel) -> tuple[Array, list[float]]:
    real, imaginary = np.zeros((len(kinds), stol2.size)), [0.0] * len(kinds)
    for group, kind in enumerate(kinds):
        for element, charge, isotope, occupancy in kind:
            first, second = scattering_power(element, charge, isotope, stol2, model)
            real[group] += occupancy * first
            imaginary[group] += occupancy * second
    return real, imaginary


def group_powers(scatterers: Scatterers, inverse_d2: Array, model: ScatteringModel) -> tuple[Array, Array]:
    """Return real and imaginary parts (g, n) of the scattering power of each group at 1/d² (n,), damped by its U_iso.

    The imaginary part has no rows where nothing absorbs.
    """
    stol2 = 0.25 * inverse_d2
    if not scatterers.kinds:  # a cell without atoms
        return np.zeros((0, stol2.size)), np.zeros((0, stol2.size))
    if model.probe == "xray":
        groups = _xray_groups(scatterers.kinds, model)
        real, imaginary = _xray_powers(groups, stol2), list(groups.f_second)
    else:
        real, imaginary = _powers_one_by_one(scatterers.kinds, stol2, model)
    absorption = np.array(imaginary).repeat(stol2.size).reshape(real.shape) if any(imaginary) else real[:0]
    if any(scatterers.u_iso):
        damping = np.exp(-8.0 * np.pi**2 * np.array(scatterers.u_iso)[:, None] * stol2)
        real *= damping
        if len(absorption):
            absorption *= damping
    return real, absorption

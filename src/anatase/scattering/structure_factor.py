"""Squared structure factors of a structure."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.crystal.displacement import equivalent_u_iso
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.scattering.form_factors import anomalous, neutron_length, xray_f0
from anatase.scattering.radiation import Probe

__all__ = ["DEFAULT_U_ISO", "f_squared"]

Array = NDArray[np.float64]

DEFAULT_U_ISO = 0.008  # Å², where the source gives no displacement parameter (B = 0.63 Å²)


@njit(cache=True, fastmath=True)
def _harmonics(positions: Array, index_max: int) -> tuple[Array, Array]:
    """Return cos and sin of 2π h x, (3, index_max + 1, atoms), for each coordinate and index h ≥ 0."""
    n_atoms = positions.shape[0]
    cosine, sine = np.empty((3, index_max + 1, n_atoms)), np.empty((3, index_max + 1, n_atoms))
    for j in range(3):
        for a in range(n_atoms):
            angle = 2.0 * np.pi * positions[a, j]
            step = complex(np.cos(angle), np.sin(angle))
            value = complex(1.0, 0.0)
            for h in range(index_max + 1):
                cosine[j, h, a], sine[j, h, a] = value.real, value.imag
                value *= step
    return cosine, sine


@njit(cache=True, fastmath=True)
def _sums(
    hkl: NDArray[np.int64],
    positions: Array,
    site_of: NDArray[np.int64],
    real_part: Array,
    imaginary_part: Array,
) -> Array:
    """Return |A|² + |B|² (n,), A and B the sums over atoms of f0+f′ and of f″ (no columns: none) times the phase."""
    n_hkl, n_atoms = hkl.shape[0], positions.shape[0]
    index_max = 0
    for i in range(n_hkl):
        for j in range(3):
            index_max = max(index_max, abs(hkl[i, j]))
    cosine, sine = _harmonics(positions, index_max)
    out = np.empty(n_hkl)
    phase_real, phase_imaginary = np.empty(n_atoms), np.empty(n_atoms)
    geometric = np.empty(real_part.shape[1], np.complex128)
    for i in range(n_hkl):
        h, k, l = abs(hkl[i, 0]), abs(hkl[i, 1]), abs(hkl[i, 2])
        sign_h, sign_k, sign_l = np.sign(hkl[i, 0]), np.sign(hkl[i, 1]), np.sign(hkl[i, 2])
        cos_h, cos_k, cos_l = cosine[0, h], cosine[1, k], cosine[2, l]
        sin_h, sin_k, sin_l = sine[0, h], sine[1, k], sine[2, l]
        # plain arrays of numbers, one after the other in memory, which the compiler takes several at a time
        for a in range(n_atoms):
            first, second, third = sign_h * sin_h[a], sign_k * sin_k[a], sign_l * sin_l[a]
            in_phase = cos_h[a] * cos_k[a] - first * second
            out_of_phase = cos_h[a] * second + first * cos_k[a]
            phase_real[a] = in_phase * cos_l[a] - out_of_phase * third
            phase_imaginary[a] = in_phase * third + out_of_phase * cos_l[a]
        geometric[:] = 0.0
        for a in range(n_atoms):
            geometric[site_of[a]] += complex(phase_real[a], phase_imaginary[a])
        normal = complex(0.0, 0.0)
        absorbing = complex(0.0, 0.0)
        for s in range(real_part.shape[1]):
            normal += real_part[i, s] * geometric[s]
        for s in range(imaginary_part.shape[1]):
            absorbing += imaginary_part[i, s] * geometric[s]
        out[i] = normal.real**2 + normal.imag**2 + absorbing.real**2 + absorbing.imag**2
    return out


def _scattering_power(
    species: Species, stol2: Array, probe: Probe, wavelength: float | None
) -> tuple[Array | float, float]:
    """Return f0 + f′ or b (n,), and f″, of one atom."""
    if probe == "neutron":
        return neutron_length(species.element), 0.0
    f_prime, f_second = anomalous(species.element, wavelength) if wavelength else (0.0, 0.0)
    return xray_f0(species.element, stol2, species.charge) + f_prime, f_second


def _u_iso(site: Site, structure: Structure) -> float:
    """Return U_iso in Å², else U_eq of the tensor, else the default."""
    if site.u_iso is not None:
        return site.u_iso
    return DEFAULT_U_ISO if site.u_aniso is None else equivalent_u_iso(site.u_aniso, structure.lattice)


def f_squared(
    structure: Structure,
    hkl: NDArray[np.int64],
    probe: Probe = "xray",
    wavelength: float | None = None,
) -> NDArray[np.float64]:
    """Return |F|² (n,) of reflections hkl (n, 3), per cell, averaged over Friedel mates.

    In electrons² for X-rays, fm² for neutrons. Displacements are isotropic (U_eq of anisotropic sites).
    With a ``wavelength`` in Å X-ray form factors include f′ and f″; the Friedel average is then
    |Σ (f0 + f′) e|² + |Σ f″ e|² (International Tables B, 1.2.4).

    Raises
    ------
    InputError
        For electrons, whose form factors are not there yet.
    """
    if probe == "electron":
        raise InputError("electron diffraction has no structure factors here yet", "give X-ray or neutron data")
    stol2 = structure.lattice.inverse_d_squared(hkl) / 4.0
    power = cache(lambda species: _scattering_power(species, stol2, probe, wavelength))
    damping = cache(lambda u_iso: np.exp(-8.0 * np.pi**2 * u_iso * stol2))
    real, imaginary = [], []
    for site in structure.sites:
        parts = [(species.occupancy, *power(replace(species, occupancy=1.0))) for species in site.species]
        factor = damping(_u_iso(site, structure))
        real.append(sum(occupancy * normal for occupancy, normal, _ in parts) * factor)
        if wavelength and probe == "xray":
            imaginary.append(sum(occupancy * absorbing for occupancy, _, absorbing in parts) * factor)
    site_of, positions = structure.cell_positions
    columns = np.array(real).T.copy(), np.array(imaginary).T.copy() if imaginary else np.empty((len(hkl), 0))
    return np.asarray(_sums(np.ascontiguousarray(hkl), np.ascontiguousarray(positions), site_of, *columns))

"""What the sample adds to the widths of time-of-flight lines: crystallite size, and strain alike or not in all hkl."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.stephens import quartic_columns, stephens_broadening, stephens_names
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.sample import Sample

__all__ = ["anisotropic_strain", "broadened"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

APPLICABLE = (
    "size", "shape_factor", "strain", "texture_axis", "march_r", "textures", "harmonics", "harmonic_order",
    "texture_tilt", "absorption", "stephens",
)  # fmt: skip
MOST_STRAIN = 0.25


def broadened(profile: TofProfile, bank: TofBank, sample: Sample) -> TofProfile:
    """Return the profile with what crystallite size and strain add to γ: K DIFC d²/D and 2 e DIFC d.

    Raises
    ------
    InputError
        When the sample has what does not apply to time of flight.
    PhysicsError
        When the strain is no small one.
    """
    for field in fields(Sample):
        if field.name not in APPLICABLE and getattr(sample, field.name) != field.default:
            raise InputError(
                f"{field.name} of the sample does not apply to time of flight", f"set {', '.join(APPLICABLE)} alone"
            )
    if not sample.strain < MOST_STRAIN:
        raise PhysicsError(f"microstrain is {sample.strain:g}; give one below {MOST_STRAIN:g}")
    constant, linear, square = profile.gamma
    by_size = 0.0 if sample.size is None else sample.shape_factor * bank.difc / sample.size
    return replace(profile, gamma=(constant, linear + 2.0 * sample.strain * bank.difc, square + by_size))


def anisotropic_strain(
    hkl: Indices, d: Array, structure: Structure, sample: Sample, bank: TofBank
) -> tuple[Array, Array]:
    """Return the Lorentzian FWHM (n,) in µs of lines hkl (n, 3) by Stephens' strain, and its derivatives (t, n).

    FWHM of Δd/d = √(Σ S_HKL h^H k^K l^L) d²/2, as at constant wavelength, where 2 tan θ stands in place of DIFC d.

    Raises
    ------
    InputError
        When the number of terms is not that of the group.
    PhysicsError
        When the terms give a reflection a negative variance.
    """
    names = stephens_names(structure.space_group)
    if len(sample.stephens) != len(names):
        raise InputError(
            f"{len(sample.stephens)} strain terms for {structure.space_group.symbol}", f"give {', '.join(names)}"
        )
    columns = quartic_columns(hkl, structure.space_group)
    quarter = stephens_broadening(np.full(d.size, 90.0), d**-2.0, columns, np.array(sample.stephens))
    unit = np.radians(0.5 * bank.difc * d)  # tan θ = 1 at 90°
    return unit * quarter.value, unit * quarter.by_parameter

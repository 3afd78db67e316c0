"""The unique reflections of a structure with their multiplicities and squared structure factors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import PhysicsError
from anatase.scattering.lorentz_polarization import lorentz_polarization_at
from anatase.scattering.radiation import Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import XRAY, f_squared_of_rows
from anatase.scattering.unique_hkl import by_spacing, descending_d, unique_rows
from anatase.scattering.untabulated_ions import untabulated_ions

__all__ = ["Reflections", "reflections"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Reflections:
    """Unique reflections in descending d.

    Parameters
    ----------
    hkl
        Miller indices (n, 3), the lexicographic maximum of each Laue orbit.
    multiplicity
        How many reflections share the line (n,), Friedel mates included.
    d_spacing
        d (n,) in Å.
    f_squared
        |F|² (n,) per cell in electrons² (X-rays), fm² (neutrons) or Å² (electrons), averaged over Friedel mates.
    radiation
        What 2θ and intensity are calculated for; ``None`` where they are not asked for.
    warnings
        What was assumed: ions without a form factor, repairs of the structure's file.
    """

    hkl: NDArray[np.int64]
    multiplicity: NDArray[np.int64]
    d_spacing: Array
    f_squared: Array
    radiation: Radiation | None = None
    warnings: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.hkl)

    @cached_property
    def two_theta(self) -> Array:
        """2θ (n,) in degrees at the radiation's strongest line; nan beyond λ/2.

        Raises
        ------
        PhysicsError
            When the reflections carry no radiation.
        """
        if self.radiation is None:
            raise PhysicsError("reflections without a radiation have no 2θ")
        sine = 0.5 * self.radiation.wavelength / self.d_spacing
        if len(sine) and sine[-1] > 1.0:  # d falls, so that the last is the largest
            sine = np.where(sine <= 1.0, sine, np.nan)
        return np.arcsin(sine) * (360.0 / np.pi)

    @cached_property
    def intensity(self) -> Array:
        """Integrated intensity (n,): multiplicity · |F|² · Lorentz–polarization factor; nan beyond λ/2."""
        if self.radiation is None:
            raise PhysicsError("reflections without a radiation have no intensity")
        return self.multiplicity * self.f_squared * lorentz_polarization_at(self.d_spacing, self.radiation)


def reflections(
    structure: Structure,
    d_min: float,
    model: ScatteringModel = XRAY,
    d_max: float = np.inf,
    u_default: float = 0.0,
    radiation: Radiation | None = None,
) -> Reflections:
    """Return the unique reflections of a structure from d_max down to d_min (Å), in descending d.

    ``u_default`` is the U_iso in Å² of sites that have no displacement parameter.
    """
    hkl, multiplicity, inverse_d2 = unique_rows(structure.lattice, structure.space_group, d_min, d_max)
    squared = f_squared_of_rows(structure, hkl, inverse_d2, model, u_default)
    order = by_spacing(inverse_d2)
    d = descending_d(inverse_d2, order)
    warnings = structure.warnings + untabulated_ions(structure, model)
    return Reflections(hkl.take(order, axis=0), multiplicity[order], d, squared[order], radiation, warnings)

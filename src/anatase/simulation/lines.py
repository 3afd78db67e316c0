"""Powder lines of a structure: positions and intensities without profiles."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from math import inf, radians, sin

from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.errors import PhysicsError
from anatase.scattering.form_factors import FormFactorTable, Hydrogen
from anatase.scattering.radiation import Probe, Radiation, radiation_from_name
from anatase.scattering.reflections import Reflections, reflections
from anatase.scattering.scattering_power import ScatteringModel

__all__ = ["simulate_lines"]


def simulate_lines(
    structure: Structure,
    wavelength: float | str | Radiation = 1.54056,
    two_theta: tuple[float, float] = (5.0, 90.0),
    probe: Probe = "xray",
    *,
    dispersion: bool = False,
    table: FormFactorTable = "IT92",
    hydrogen: Hydrogen = "bonded",
) -> Reflections:
    """Return the powder lines of a structure: one row per symmetry-unique reflection, in descending d.

    Parameters
    ----------
    structure
        The crystal. Displacement parameters count where its sites have them; sites without are at rest.
    wavelength
        Å, or a radiation by its name (``"CuKa1"``) or whole. Of several wavelengths the strongest places the lines.
        A number near a line of a laboratory tube is unpolarized, any other is taken for a synchrotron's, polarized
        across the plane of diffraction; give a ``Radiation`` to choose, or to have a monochromator.
    two_theta
        Range in degrees, both ends included.
    probe
        ``"xray"``, ``"neutron"`` or ``"electron"``, where ``wavelength`` is a number or a name.
    dispersion
        Whether X-ray form factors include f′ and f″ at the wavelength. Tables of lines commonly leave them out.
    table, hydrogen
        X-ray form factors: see ``ScatteringModel``.

    Returns
    -------
    Reflections
        Arrays (n,) ``hkl`` (n, 3), ``d_spacing`` (Å), ``two_theta`` (°), ``multiplicity``, ``f_squared`` (|F|² per
        cell in electrons², fm² or Å²) and ``intensity`` = multiplicity · |F|² · Lorentz–polarization factor.

    Raises
    ------
    PhysicsError
        When no crystal has such a structure (it names the site), or the range of 2θ is none.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Si", (Species("Si"),), (0.125, 0.125, 0.125))
    >>> silicon = Structure(Lattice(5.431, 5.431, 5.431), SpaceGroup.from_number(227), (site,))
    >>> lines = simulate_lines(silicon, two_theta=(20.0, 58.0))
    >>> lines.hkl.tolist(), lines.two_theta.round(2).tolist()
    ([[1, 1, 1], [2, 2, 0], [3, 1, 1]], [28.44, 47.3, 56.12])
    """
    low, high = two_theta
    if not 0.0 <= low < high <= 180.0:
        raise PhysicsError(f"2θ from {low:g} to {high:g} deg is no range; give two angles from 0 to 180")
    radiation = as_radiation(wavelength, probe)
    check_physical(structure)
    shortest, longest = (0.5 * radiation.wavelength / sine if sine > 0.0 else inf for sine in _sines(high, low))
    model = _model(radiation.probe, radiation.wavelength, table, hydrogen, dispersion)
    return reflections(structure, shortest, model, longest, radiation=radiation)


def _sines(*two_theta: float) -> tuple[float, ...]:
    return tuple([sin(radians(0.5 * angle)) for angle in two_theta])


_model = lru_cache(maxsize=256)(ScatteringModel)


@lru_cache(maxsize=256)
def as_radiation(wavelength: float | str | Radiation, probe: Probe) -> Radiation:
    """Return the radiation that a number (Å) or a name stands for; a whole one stays what it is."""
    if isinstance(wavelength, Radiation):
        return wavelength
    radiation = radiation_from_name(str(wavelength), probe)
    # the name of a number is rounded for people; the number itself is not
    return radiation if isinstance(wavelength, str) else replace(radiation, lines=((float(wavelength), 1.0),))

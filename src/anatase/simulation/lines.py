"""Powder lines of a structure: positions and intensities without profiles."""

from __future__ import annotations

from math import inf, radians, sin
from typing import Unpack, get_args

from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.scattering.radiation import Probe, Radiation
from anatase.scattering.reflections import Reflections, reflections
from anatase.simulation.arguments import (
    USUAL,
    ScatteringOptions,
    as_name,
    as_radiation,
    as_range,
    as_structure,
    scattering_of,
)

__all__ = ["simulate_lines"]

TABLES_WAVELENGTH = 1.54056  # Å, Cu Kα1 as tables of lines commonly have it
BACKSCATTERING = 1.0 - 1e-9  # sin θ beyond which the Lorentz factor has no bounds


def simulate_lines(
    structure: Structure,
    wavelength: float | str | Radiation | None = None,
    two_theta: tuple[float, float] | None = None,
    probe: Probe | None = None,
    **options: Unpack[ScatteringOptions],
) -> Reflections:
    """Return the powder lines of a structure: one row per symmetry-unique reflection, in descending d.

    Parameters
    ----------
    structure
        The crystal. Displacement parameters count where its sites have them; sites without are at rest.
    wavelength
        Å, or a radiation by its name (``"CuKa1"``) or whole; by default 1.54056, 1.54 of neutrons, that of
        electrons of 200 kV. Of several wavelengths the strongest places the lines.
    two_theta
        Range in degrees, both ends included; by default 5 to 90, of electrons 0.1 to 2.
    probe
        ``"xray"``, ``"neutron"`` or ``"electron"``; by default that of a whole radiation, else X-rays.
    options
        ``dispersion``: whether X-ray form factors include f′ and f″ at the wavelength; tables of lines commonly leave
        them out, and so does this by default. ``table``, ``hydrogen``: X-ray form factors, see ``ScatteringModel``.
        ``u_default``: U_iso in Å² of sites that have none, 0 by default.

    Returns
    -------
    Reflections
        Arrays (n,) ``hkl`` (n, 3), ``d_spacing`` (Å), ``two_theta`` (°), ``multiplicity``, ``f_squared`` (|F|² per
        cell in electrons², fm² or Å²) and ``intensity`` = multiplicity · |F|² · Lorentz–polarization factor.

    Raises
    ------
    InputError
        When an argument is of the wrong kind, or ``probe`` is not that of the radiation.
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
    if wavelength is None and (probe is None or as_name("probe", probe, get_args(Probe)) == "xray"):
        wavelength = TABLES_WAVELENGTH
    radiation = as_radiation(wavelength, probe)
    low, high = as_range(USUAL[radiation.probe].two_theta if two_theta is None else two_theta)
    model, u_default = scattering_of(radiation, options, dispersion=False)
    check_physical(as_structure(structure))
    shortest, longest = (
        0.5 * radiation.wavelength / min(sine, BACKSCATTERING) if sine > 0.0 else inf for sine in _sines(high, low)
    )
    return reflections(structure, shortest, model, longest, u_default, radiation=radiation)


def _sines(*two_theta: float) -> tuple[float, ...]:
    return tuple([sin(radians(0.5 * angle)) for angle in two_theta])

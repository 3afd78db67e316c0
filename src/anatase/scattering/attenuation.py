"""Attenuation coefficients for X-rays and neutrons: linear ones of crystals, mass ones of compositions."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from anatase.crystal.formula import mass_of, parse_formula
from anatase.crystal.structure import DALTON_PER_CUBIC_ANGSTROM, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.scattering.dispersion import anomalous
from anatase.scattering.extinction_factor import CLASSICAL_RADIUS
from anatase.scattering.neutron_lengths import neutron_amplitude, neutron_scattering
from anatase.scattering.radiation import Probe

__all__ = ["linear_attenuation", "mass_attenuation"]

PER_CM_PER_ANGSTROM = 1e8
ANGSTROM2_PER_BARN = 1e-8
ANGSTROM_PER_FM = 1e-5


def linear_attenuation(structure: Structure, wavelength: float, probe: Probe = "xray") -> float:
    """Return the linear attenuation coefficient μ of the dense crystal in cm⁻¹ at a wavelength in Å.

    X-rays: photoabsorption, μ = 2 r_e λ Σ f″/V (optical theorem); what Rayleigh and Compton scattering take out of
    the beam comes on top: 1 % for silicon and 8 % for carbon at Cu Kα, 7 % and 70 % at Mo Kα. Neutrons: absorption,
    which grows with λ, and incoherent scattering, μ = Σ (2λ b″ + σ_inc)/V; Bragg scattering is left out. A
    powder of packing density p has p μ.

    Raises
    ------
    InputError
        For electrons, which are scattered and not absorbed, and elements that are in no table.
    PhysicsError
        When the wavelength is not positive, or outside 0.0124 to 24.8 Å for X-rays.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site
    >>> site = Site("Si", (Species("Si"),), (0.125, 0.125, 0.125))
    >>> silicon = Structure(Lattice(5.431, 5.431, 5.431), SpaceGroup.from_number(227), (site,))
    >>> round(linear_attenuation(silicon, 1.5405929), -1)
    140.0
    """
    _check_beam(wavelength, probe)
    total = sum(
        orbit.multiplicity * species.occupancy * _cross_section(species, wavelength, probe)
        for site, orbit in zip(structure.sites, structure.orbits, strict=True)
        for species in site.species
    )
    return total / structure.lattice.volume * PER_CM_PER_ANGSTROM


def mass_attenuation(composition: Mapping[str, float], wavelength: float, probe: Probe = "xray") -> float:
    """Return the mass attenuation coefficient μ/ρ in cm² g⁻¹ of a sample of known composition.

    μ/ρ = Σ w_i (μ/ρ)_i: it needs no structure, and whatever is amorphous counts. What takes part in μ is said under
    ``linear_attenuation``.

    Parameters
    ----------
    composition
        Parts by weight of elements, oxides or any formulae, as an X-ray fluorescence analysis lists them:
        ``{"SiO2": 62.1, "CaO": 37.9}``. Only their ratios count.
    wavelength
        Å.
    probe
        ``"xray"`` or ``"neutron"``.

    Raises
    ------
    InputError
        When a formula cannot be read, for electrons, and elements that are in no table.
    PhysicsError
        When a part is negative or all are 0, or for a wavelength that ``linear_attenuation`` refuses.

    Examples
    --------
    >>> round(mass_attenuation({"SiO2": 1.0}, 1.5405929), 1)
    34.3
    """
    _check_beam(wavelength, probe)
    parts = dict(composition)
    if not parts or not min(parts.values()) >= 0.0 or not 0.0 < sum(parts.values()) < inf:
        raise PhysicsError(f"parts by weight {parts} make no composition; give numbers of 0 or more, not all 0")
    return sum(part * _per_gram(formula, wavelength, probe) for formula, part in parts.items()) / sum(parts.values())


def _per_gram(formula: str, wavelength: float, probe: Probe) -> float:
    """Return μ/ρ of a formula, cm² g⁻¹."""
    atoms = parse_formula(formula)
    if atoms is None:
        raise InputError(f"'{formula}' is no chemical formula", "write it as in 'SiO2' or 'Ca5P3O12F'")
    area = sum(count * _cross_section(Species(element), wavelength, probe) for element, count in atoms.items())
    mass = sum(count * mass_of(element) for element, count in atoms.items())
    return area / mass * PER_CM_PER_ANGSTROM / DALTON_PER_CUBIC_ANGSTROM


def _check_beam(wavelength: float, probe: Probe) -> None:
    if probe == "electron":
        raise InputError("electrons have no attenuation coefficient here", "give X-rays or neutrons")
    if not wavelength > 0.0:
        raise PhysicsError(f"a wavelength of {wavelength:g} Å; give one above 0")


def _cross_section(species: Species, wavelength: float, probe: Probe) -> float:
    """Return what one atom takes out of the beam, Å²."""
    if probe == "xray":
        return 2.0 * CLASSICAL_RADIUS * wavelength * anomalous(species.element, wavelength)[1]
    imaginary = neutron_amplitude(species.element, species.isotope, wavelength)[1]
    incoherent = neutron_scattering(species.element, species.isotope).incoherent
    return 2.0 * wavelength * imaginary * ANGSTROM_PER_FM + incoherent * ANGSTROM2_PER_BARN

"""Phases of FullProf control files in our terms: structure, widths, crystallites, and where codewords go.

B = 8π²U; β_ij = 2π² a*_i a*_j U_ij. Occupancies count atoms against the general position: m/M times the share of the
site that is filled, in any common unit; here they are the share. Y goes with 1/cos θ and X with tan θ.
"""

from __future__ import annotations

from dataclasses import replace
from math import degrees, pi, sqrt

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.crystal.site_freedom import TENSOR, TENSOR_INDICES
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Origin, Site, Structure
from anatase.errors import InputError, PhysicsError, UnphysicalInput
from anatase.io.fullprof_content import PcrAtom, PcrPhase, PcrProfile
from anatase.io.fullprof_text import Coded, PcrText, decoded
from anatase.io.listed_atoms import (
    ListedAtom,
    likelier_origin,
    listed_lattice,
    listed_species,
    sites_of_atoms,
    spelled_group,
)
from anatase.io.phase_widths import PhaseWidths, widths_of_pseudo_voigt
from anatase.io.tied_parameters import Use
from anatase.simulation.sample import Sample

__all__ = ["beta_units", "coded_use", "phase_structure", "profile_widths", "texture_sample"]

EIGHT_PI_SQUARED = 8.0 * pi**2
CELL = ("a", "b", "c", "alpha", "beta", "gamma")
LAST_DECIMAL = 0.5e-5  # half a unit of the last decimal that FullProf writes of an occupancy
ROOMY = 25.0  # Å³ for an atom, beyond which a cell of sites filled alike counts as one counted in another unit
Six = tuple[float, float, float, float, float, float]


def coded_use(number: Coded, target: str, factor: float = 1.0) -> list[Use]:
    """Return where a number goes if its codeword frees it."""
    found = decoded(number.code)
    return [] if found is None else [Use(found[0], target, found[1] * factor)]


def beta_units(lattice: Lattice) -> tuple[float, ...]:
    """Return U_ij per β_ij (6,), in Å², for 11, 22, 33, 12, 13, 23."""
    star = np.sqrt(np.diag(lattice.reciprocal_metric))
    return tuple(float(1.0 / (2.0 * pi**2 * star[i] * star[j])) for i, j in TENSOR_INDICES)


def phase_structure(
    text: PcrText, phase: PcrPhase, name: str, warnings: list[str]
) -> tuple[Structure, list[Use], float]:
    """Return the structure of a phase, what its codewords free, and by how much its scale grows.

    Occupancies in another unit than m/M are brought to it, and the scale takes the square.

    Raises
    ------
    InputError
        When group, cell or atoms are impossible.
    """
    group, lattice = _group_and_lattice(text, phase)
    overall = next(iter(phase.profiles.values())).scale[2]
    atoms = [_atom(text, atom, lattice, overall.value, warnings) for atom in phase.atoms]
    group, warning = likelier_origin(group, phase.group, atoms, lattice)
    if warning:
        warnings.append(f"line {phase.line}: {warning}")
    sites, places = sites_of_atoms(atoms, lattice, group)
    if not sites and phase.mode == 0:
        raise text.error(f"phase {phase.name} has no atoms", "give some, or set Jbt to 2", phase.line)
    sites, unit = _filled(sites, group.order, lattice.volume)
    if unit != 1.0:
        warnings.append(f"line {phase.line}: occupancies of {phase.name} are {unit:.6g} times m/M: divided by it")
    if overall.value != 0.0 or overall.code != 0.0:
        warnings.append(f"line {overall.line}: the overall B of {phase.name} is added to the atoms'")
    structure = Structure(lattice, group, sites, name, Origin("FullProf", phase.name))
    uses = [use for axis, one in zip(CELL, phase.cell, strict=True) for use in coded_use(one, f"{name}.{axis}")]
    counts = {site.label: group.order / site.multiplicity / unit for site in sites}
    for atom, (label, element) in zip(phase.atoms, places, strict=True):
        uses += _atom_uses(atom, f"{name}.{label}", element, counts[label], lattice)
    return structure, uses, unit**2


def _group_and_lattice(text: PcrText, phase: PcrPhase) -> tuple[SpaceGroup, Lattice]:
    try:
        group = spelled_group(phase.group)
    except InputError as error:
        raise text.error(error.found, error.remedy, phase.line) from error
    try:
        a, b, c, alpha, beta, gamma = (one.value for one in phase.cell)
        return group, listed_lattice(a, b, c, alpha, beta, gamma)
    except PhysicsError as error:
        line = phase.cell[0].line
        raise UnphysicalInput(str(error), "check the cell", file=text.source.name, line=line) from error


def _atom(text: PcrText, atom: PcrAtom, lattice: Lattice, overall: float, warnings: list[str]) -> ListedAtom:
    try:
        return _listed(atom, lattice, overall, warnings)
    except InputError as error:
        raise text.error(error.found, error.remedy, atom.line) from error


def _listed(atom: PcrAtom, lattice: Lattice, overall: float, warnings: list[str]) -> ListedAtom:
    x, y, z, b, occupancy = (one.value for one in atom.values)
    species = listed_species(atom.kind, occupancy)
    if species is None:
        species = listed_species(atom.label, occupancy)
        warnings.append(f"line {atom.line}: {atom.kind} of atom {atom.label} is no element: read by its label")
    if species is None:
        raise InputError(f"{atom.kind} of atom {atom.label} is no element", "write it as FE or FE+3")
    if not atom.betas:
        return ListedAtom(atom.label, species, (x, y, z), (b + overall) / EIGHT_PI_SQUARED)
    star = np.sqrt(np.diag(lattice.reciprocal_metric))
    u = []
    for (i, j), unit, beta in zip(TENSOR_INDICES, beta_units(lattice), atom.betas, strict=True):
        isotropic = (b + overall) / EIGHT_PI_SQUARED * lattice.reciprocal_metric[i, j] / (star[i] * star[j])
        u.append(float(beta.value * unit + isotropic))
    u11, u22, u33, u12, u13, u23 = u
    return ListedAtom(atom.label, species, (x, y, z), None, (u11, u22, u33, u12, u13, u23))


def _filled(sites: tuple[Site, ...], order: int, volume: float) -> tuple[tuple[Site, ...], float]:
    """Return sites with occupancies as shares, and the unit in which the file counted m/M.

    A unit other than 1 shows where a site would be more than full, or all are filled alike and leave the cell empty.
    """
    if not sites:
        return sites, 1.0
    shares = [site.occupancy * order / site.multiplicity for site in sites]
    blur = [LAST_DECIMAL * order / site.multiplicity for site in sites]
    highest = max(range(len(shares)), key=lambda k: shares[k])
    alike = all(abs(share - shares[highest]) < blur[k] + blur[highest] for k, share in enumerate(shares))
    over = shares[highest] > 1.0 + 0.01 + blur[highest]
    full = abs(shares[highest] - 1.0) < blur[highest]
    atoms = sum(share * site.multiplicity for share, site in zip(shares, sites, strict=True))
    empty = alike and not full and volume > ROOMY * atoms
    unit = shares[highest] if (over or empty) and shares[highest] > 0.0 else 1.0
    found = []
    for site, edge in zip(sites, blur, strict=True):
        factor = order / site.multiplicity / unit
        total = site.occupancy * factor
        factor *= 1.0 / total if abs(total - 1.0) < edge and total > 0.0 else 1.0
        species = tuple(replace(one, occupancy=one.occupancy * factor) for one in site.species)
        found.append(replace(site, species=species))
    return tuple(found), unit


def _atom_uses(atom: PcrAtom, name: str, element: str, count: float, lattice: Lattice) -> list[Use]:
    x, y, z, b, occupancy = atom.values
    uses = [use for axis, one in zip("xyz", (x, y, z), strict=True) for use in coded_use(one, f"{name}.{axis}")]
    uses += coded_use(occupancy, f"{name}.{element}.occupancy", count)
    if not atom.betas:
        return uses + coded_use(b, f"{name}.u_iso", 1.0 / EIGHT_PI_SQUARED)
    for term, one, unit in zip(TENSOR, atom.betas, beta_units(lattice), strict=True):
        uses += coded_use(one, f"{name}.{term}", unit)
    return uses


def profile_widths(profile: PcrProfile, limits: tuple[float, float], warnings: list[str]) -> PhaseWidths:
    """Return the widths of a phase: profile function 7 by its terms, 0, 1 and 5 by fitting them to their mixing η."""
    u, v, w, x, y = (one.value for one in profile.widths[:5])
    size = profile.widths[5].value if len(profile.widths) > 5 else 0.0
    strain = [one for one in profile.scale[3:6] if one.value != 0.0]
    if strain or (len(profile.widths) > 6 and profile.widths[6].value != 0.0):
        warnings.append(f"line {profile.line}: Str1 to Str3 and LorSiz act by models that are not read: left out")
    if profile.profile == 7:
        if size < 0.0:
            warnings.append(f"line {profile.line}: GauSiz is negative: left out")
        return PhaseWidths(u, v, w, y, x, size_gauss=sqrt(size) if size > 0.0 else 0.0)
    shape = {0: 0.0, 1: 1.0}.get(profile.profile, profile.scale[1].value)
    slope = x if profile.profile == 5 else 0.0
    low, high = limits if 0.0 < limits[0] < limits[1] < 175.0 else (10.0, 140.0)
    found, error = widths_of_pseudo_voigt(
        lambda theta: np.sqrt(np.maximum((u + size) * np.tan(theta) ** 2 + v * np.tan(theta) + w + size, 1e-8)),
        lambda theta: shape + slope * np.degrees(2.0 * theta),
        (low, high),
    )
    if error > 0.002:
        warnings.append(
            f"line {profile.line}: the pseudo-Voigt is kept within {error:.3f} deg of its FWHM by Gaussian and "
            "Lorentzian widths"
        )
    return found


def texture_sample(profile: PcrProfile, function: int, absorption: float | None, warnings: list[str]) -> Sample:
    """Return a sample with March's r = Pref1, of which the share Pref2 lies at random, and μR of a capillary."""
    r, random = profile.shape[0].value, profile.shape[1].value
    h, k, l = (round(min(max(index, -99.0), 99.0)) for index in profile.direction)
    axis = (h, k, l)
    if function != 1:
        if r not in (0.0, 1.0) or profile.shape[0].code != 0.0:
            warnings.append(f"line {profile.line}: only March's texture function (Nor = 1) is read: left out")
        return Sample(absorption=absorption)
    if r <= 0.0 or not any(axis) or (r == 1.0 and profile.shape[0].code == 0.0):
        return Sample(absorption=absorption)
    if 0.0 < random <= 1.0:
        return Sample(textures=((axis, r, 1.0 - random),), absorption=absorption)
    return Sample(texture_axis=axis, march_r=r, absorption=absorption)


def size_rate(sample: Sample, wavelength: float) -> float:
    """Return ∂size/∂width (Å per degree) of a sample whose size broadens lines by a width over cos θ."""
    return 0.0 if sample.size is None else -(sample.size**2) / degrees(sample.shape_factor * wavelength)

"""Phases of TOPAS input files in our terms: structure, scale, crystallites, and where each refined number goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import degrees, pi, radians

import numpy as np

from anatase.crystal.structure import Origin, Structure
from anatase.errors import InputError, PhysicsError, UnphysicalInput
from anatase.io.listed_atoms import (
    ListedAtom,
    likelier_origin,
    listed_lattice,
    listed_species,
    sites_of_atoms,
    spelled_group,
)
from anatase.io.phase_widths import PhaseWidths, widths_of_pseudo_voigt
from anatase.io.topas_content import TopasContent, TopasPhase, TopasScan, TopasSite
from anatase.io.topas_parameter import TopasNumber
from anatase.io.topas_phase_keywords import CELL_KEYWORDS
from anatase.simulation.sample import Sample

__all__ = ["Placed", "phase_structure", "phase_texture", "phase_widths", "placed_crystallites"]

EIGHT_PI_SQUARED = 8.0 * pi**2
CELL_TARGETS = dict(zip(CELL_KEYWORDS, ("a", "b", "c", "alpha", "beta", "gamma"), strict=True))
TENSOR = ("u11", "u22", "u33", "u12", "u13", "u23")
WIDTHS = ("U", "V", "W", "Z", "X", "Y")
SHOWN_ERROR = 0.002  # degrees: a pseudo-Voigt kept less well than this is told of
Six = tuple[float, float, float, float, float, float]


@dataclass(frozen=True)
class Placed:
    """A number of the file, the parameter here that it sets, ∂here/∂there, and what ``Get`` means beside it."""

    number: TopasNumber
    target: str
    factor: float = 1.0
    local: dict[str, TopasNumber] = field(default_factory=dict)


def phase_structure(content: TopasContent, phase: TopasPhase, name: str) -> tuple[Structure, list[Placed]]:
    """Return the structure of a phase and the places of its numbers, ``name`` before their names.

    Raises
    ------
    InputError
        When group, cell or species are missing or impossible.
    """
    error = content.text.source.error
    if not phase.group:
        raise error("a phase has no space_group", "name it, as in space_group Pnma", phase.line)
    try:
        group = spelled_group(phase.group)
        lattice = listed_lattice(*_cell(content, phase))
    except InputError as found:
        raise error(found.found, found.remedy, found.line or phase.line) from found
    except PhysicsError as found:
        raise UnphysicalInput(str(found), "check the cell", file=content.text.source.name, line=phase.line) from found
    atoms = [atom for site in phase.sites for atom in _atoms(content, site)]
    group, warning = likelier_origin(group, phase.group, atoms, lattice)
    if warning:
        content.at(phase.line, warning)
    sites, places = sites_of_atoms(atoms, lattice, group)
    if not sites and phase.mode == "rietveld":
        raise error(f"phase {name} has no site", "give its atoms, or describe it by hkl_Is", phase.line)
    structure = Structure(lattice, group, sites, name, Origin("TOPAS", phase.name or name))
    placed = [
        Placed(phase.numbers[key], f"{name}.{target}", 1.0, phase.numbers)
        for key, target in CELL_TARGETS.items()
        if key in phase.numbers
    ]
    at = 0
    for site in phase.sites:
        for kind in site.species:
            if listed_species(kind[0]) is None:
                continue
            label, element = places[at]
            at += 1
            placed += _placed_site(site, kind, f"{name}.{label}", element)
    return structure, placed


def _cell(content: TopasContent, phase: TopasPhase) -> Six:
    """Return the six cell parameters, those not given after the length a or at 90°."""
    numbers = phase.numbers
    if "a" not in numbers:
        raise InputError("a phase has no cell", "give a, b, c, al, be, ga or Cubic(…)")
    values = {key: content.value(numbers[key], numbers) for key in CELL_KEYWORDS if key in numbers}
    a = values["a"]
    angles = (values.get(key, 90.0) for key in ("al", "be", "ga"))
    alpha, beta, gamma = angles
    return a, values.get("b", a), values.get("c", a), alpha, beta, gamma


def _atoms(content: TopasContent, site: TopasSite) -> list[ListedAtom]:
    """Return the atoms of a site, one for each species."""
    found = []
    numbers = site.numbers
    x, y, z = (content.value(numbers[axis], numbers) if axis in numbers else 0.0 for axis in "xyz")
    tensor: Six | None = None
    if any(key in numbers for key in TENSOR):
        u11, u22, u33, u12, u13, u23 = (
            content.value(numbers[key], numbers) if key in numbers else 0.0 for key in TENSOR
        )
        tensor = (u11, u22, u33, u12, u13, u23)
    if not site.species:
        content.at(site.line, f"site {site.label} has no occ: left out")
    beq = next((number for _, _, number in site.species if number is not None), None)
    for kind, occupancy, own_beq in site.species:
        species = listed_species(kind, content.value(occupancy, numbers))
        if species is None:
            content.at(site.line, f"{kind} of site {site.label} is no element: left out")
            continue
        b = own_beq or beq
        u_iso = content.value(b, numbers) / EIGHT_PI_SQUARED if b is not None and tensor is None else None
        try:
            found.append(ListedAtom(site.label, species, (x, y, z), u_iso, tensor))
        except InputError as error:
            raise content.text.source.error(error.found, error.remedy, site.line) from error
    return found


def _placed_site(
    site: TopasSite, kind: tuple[str, TopasNumber, TopasNumber | None], name: str, element: str
) -> list[Placed]:
    found = [Placed(number, f"{name}.{key}", 1.0, site.numbers) for key, number in site.numbers.items()]
    _, occupancy, beq = kind
    found.append(Placed(occupancy, f"{name}.{element}.occupancy", 1.0, site.numbers))
    if beq is not None:
        found.append(Placed(beq, f"{name}.u_iso", 1.0 / EIGHT_PI_SQUARED, site.numbers))
    return found


def phase_widths(content: TopasContent, scan: TopasScan, phase: TopasPhase, wavelength: float) -> PhaseWidths:
    """Return the widths of a phase: ``TCHZ_Peak_Type`` or ``PV_Peak_Type``, sizes (nm, K = 1) and strains (°).

    A phase without a peak type has that of the first of its scan that has one.
    """
    typed = next((one for one in (phase, *scan.phases) if one.pseudo_voigt or "U" in one.numbers), phase)

    def of(key: str, owner: TopasPhase = phase) -> float:
        return content.value(owner.numbers[key], owner.numbers) if key in owner.numbers else 0.0

    def per_length(key: str) -> float:
        size = of(key)
        return degrees(0.1 * wavelength / size) if size > 0.0 else 0.0

    if typed.pseudo_voigt:
        ha, hb, hc, la, lb, lc = (content.value(number) for number in typed.pseudo_voigt)
        base, error = widths_of_pseudo_voigt(
            lambda theta: ha + hb * np.tan(theta) + hc / np.cos(theta),
            lambda theta: la + lb * np.tan(theta) + lc / np.cos(theta),
            (10.0, 140.0),
        )
        if error > SHOWN_ERROR:
            content.at(phase.line, f"PV_Peak_Type is kept within {error:.3f} deg of its FWHM from 10 to 140 deg")
    else:
        u, v, w, z, x, y = (of(key, typed) for key in WIDTHS)
        base = PhaseWidths(u + z, v, w + z, y, x)  # 1/cos² = 1 + tan²; X of TOPAS goes with tan θ
    for key in [key for key in ("Strain_L", "Strain_G") if of(key) < 0.0]:
        content.at(phase.numbers[key].line, f"{key} is negative: taken as 0")
    return PhaseWidths(
        base.gauss_u,
        base.gauss_v,
        base.gauss_w,
        base.lorentz_x,
        base.lorentz_y,
        base.lorentz_z,
        per_length("CS_G"),
        per_length("CS_L"),
        max(of("Strain_G"), 0.0),
        max(of("Strain_L"), 0.0),
    )


def phase_texture(content: TopasContent, phase: TopasPhase, capillary: float | None) -> Sample:
    """Return a sample with the phase's preferred orientation, and μR of a capillary."""
    found = [(plane, content.value(number), share) for number, plane, share in phase.textures]
    if len(found) == 1:
        return Sample(texture_axis=found[0][0], march_r=found[0][1], absorption=capillary)
    if len(found) == 2 and found[0][2] is not None:
        first = content.value(found[0][2])
        shares = (first, 1.0 - first)
        axes = tuple((plane, r, share) for (plane, r, _), share in zip(found, shares, strict=True))
        return Sample(textures=axes, absorption=capillary)
    if found:
        content.at(phase.line, "several preferred orientations: left out")
    return Sample(absorption=capillary)


def placed_crystallites(phase: TopasPhase, name: str) -> list[Placed]:
    """Return where the numbers of a phase's sample go: a size of 1 nm is 10 Å, a strain of 1° is π/720."""
    found = []
    for key, target, factor in (
        ("CS_L", "size", 10.0),
        ("CS_G", "size", 10.0),
        ("Strain_L", "strain", radians(0.25)),
        ("Strain_G", "strain", radians(0.25)),
    ):
        if key in phase.numbers:
            found.append(Placed(phase.numbers[key], f"{name}.{target}", factor, phase.numbers))
    several = len(phase.textures) > 1
    for index, (number, _, share) in enumerate(phase.textures):
        found.append(Placed(number, f"{name}.march_r{index if several else ''}"))
        if share is not None:
            found.append(Placed(share, f"{name}.march_share{index}", 1.0 if index == 0 else -1.0))
    return found

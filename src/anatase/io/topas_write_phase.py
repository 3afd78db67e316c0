"""Phases as they stand in TOPAS input files: cell, sites, widths, crystallites, texture."""

from __future__ import annotations

from math import pi, radians

from anatase.crystal.free_cell import CELL_NAMES, free_cell_parameters
from anatase.crystal.site_freedom import TENSOR
from anatase.crystal.structure import Site, Species, Structure
from anatase.io.foreign import ForeignPart, ForeignPhase, ForeignRefinement
from anatase.io.listed_atoms import written_group
from anatase.io.tied_values import TiedValues, keep_structure
from anatase.io.topas_phase_keywords import CELL_KEYWORDS
from anatase.io.topas_spelling import flag_and_value, macro, spelled, topas_number
from anatase.simulation.sample import Sample

__all__ = ["INDENT", "keep_part", "phase_lines", "topas_str"]

EIGHT_PI_SQUARED = 8.0 * pi**2
INDENT = "   "
# the widths of TCHZ_Peak_Type in its order: X of TOPAS goes with tan θ, Z has no parameter here
TCHZ = ("gauss_u", "gauss_v", "gauss_w", "", "lorentz_y", "lorentz_x")


def topas_str(structure: Structure, name: str = "") -> str:
    """Return the text of a TOPAS structure file: cell and one scale to refine, sites fixed."""
    name = name or structure.name or structure.formula
    cell = free_cell_parameters(structure.lattice, structure.space_group)[0]
    free = frozenset(f"{name}.{axis}" for axis in cell)
    tied = TiedValues(ForeignRefinement((), (), free))
    keep_structure(tied, name, structure)
    lines = [f'phase_name "{name}"', *_cell_and_sites(tied, name, structure), "scale @ 0.001"]
    return "\n".join(["str", *(INDENT + line for line in lines)]) + "\n"


def keep_part(tied: TiedValues, name: str, part: ForeignPart) -> None:
    """Keep the values of a phase in a histogram; sizes in nm with K = 1, strains as a FWHM in degrees."""
    sample = part.sample
    tied.keep(f"{name}.scale", part.scale)
    if sample.size is not None:
        share = max(sample.size_gauss_share, 1.0 - sample.size_gauss_share)
        unit = 10.0 * sample.shape_factor * share  # Å per nm, K = 1 in TOPAS
        tied.keep(f"{name}.size", sample.size / unit, unit)
    share = max(sample.strain_gauss_share, 1.0 - sample.strain_gauss_share)
    unit = radians(0.25) / share
    tied.keep(f"{name}.strain", sample.strain / unit, unit)
    tied.keep(f"{name}.march_r", sample.march_r)
    for k, (_, r, _) in enumerate(sample.textures):
        tied.keep(f"{name}.march_r{k}", r)
    if sample.textures:
        tied.keep(f"{name}.march_share0", sample.textures[0][2])
    if sample.absorption is not None:
        tied.keep(f"{name}.absorption", sample.absorption)


def phase_lines(tied: TiedValues, phase: ForeignPhase, histogram: str, missing: list[str]) -> list[str]:
    """Return the lines of a phase in a histogram; what has no words in TOPAS is added to ``missing``."""
    part, name = phase.parts[histogram], f"{phase.name}.{histogram}"
    lines = [f'phase_name "{phase.name}"']
    if phase.mode == "lebail":
        lines.append("lebail 1")
    lines += _cell_and_sites(tied, phase.name, phase.structure, sites=phase.mode == "rietveld")
    if phase.mode == "rietveld":
        lines.append(f"scale {spelled(tied, f'{name}.scale')}")
    words = []
    for word in TCHZ:
        flag, value = ("!pkz", "0") if not word else flag_and_value(tied, f"{histogram}.{word}", named=True)
        words.append(f"{flag}, {value}")
    lines.append(f"TCHZ_Peak_Type({', '.join(words)})")
    lines += _sample(tied, name, part.sample, missing)
    if part.extinction > 0.0:
        missing.append(f"the extinction of {name}")
    if any(part.lattice_strain):
        missing.append(f"the lattice strain of {name}")
    keyword = "str" if phase.mode == "rietveld" else "hkl_Is"
    return [f"{INDENT}{keyword}", *(2 * INDENT + line for line in lines)]


def _sample(tied: TiedValues, name: str, sample: Sample, missing: list[str]) -> list[str]:
    """Return crystallite size, strain, texture and absorption of a phase's part."""
    lines = []
    if sample.size is not None:
        lines += _two_parts(tied, f"{name}.size", "CS", sample.size_gauss_share, inverse=True)
    if sample.strain > 0.0 or f"{name}.strain" in tied.refinement.free:
        lines += _two_parts(tied, f"{name}.strain", "Strain", sample.strain_gauss_share, inverse=False)
    if sample.texture_axis is not None:
        flag, value = flag_and_value(tied, f"{name}.march_r")
        lines.append(f"PO({flag}, {value}, , {' '.join(map(str, sample.texture_axis))})")
    if len(sample.textures) == 2 and abs(sum(share for _, _, share in sample.textures) - 1.0) < 1e-6:
        words = []
        for k, (axis, _, _) in enumerate(sample.textures):
            words += [*flag_and_value(tied, f"{name}.march_r{k}"), "", " ".join(map(str, axis))]
        words += flag_and_value(tied, f"{name}.march_share0")
        lines.append(f"PO_Two_Directions({', '.join(words)})")
    elif sample.textures:
        missing.append(f"the textures of {name}")
    if sample.absorption is not None:
        lines.append(macro(tied, "Cylindrical_I_Correction", f"{name}.absorption"))
    for word, there in (
        ("anisotropic size", sample.size_across is not None),
        ("anisotropic strain", bool(sample.stephens)),
        ("spherical harmonics", bool(sample.harmonics)),
        ("roughness", sample.roughness is not None),
        ("stacking faults", sample.has_faults),
        ("tilt of the texture", sample.texture_tilt is not None),
    ):
        if there:
            missing.append(f"the {word} of {name}")
    return lines


def _two_parts(tied: TiedValues, target: str, name: str, gauss: float, *, inverse: bool) -> list[str]:
    """Return a width's larger part with its flag, and the smaller one, in a fixed ratio to it, by its value."""
    larger, smaller = ("G", "L") if gauss > 0.5 else ("L", "G")
    share = max(gauss, 1.0 - gauss)
    lines = [macro(tied, f"{name}_{larger}", target)]
    if share < 1.0:
        ratio = share / (1.0 - share) if inverse else (1.0 - share) / share
        lines.append(f"{name}_{smaller}(, {topas_number(tied.values[target] * ratio)})")
    return lines


def _cell_and_sites(tied: TiedValues, name: str, structure: Structure, *, sites: bool = True) -> list[str]:
    lines = [f'space_group "{written_group(structure.space_group)}"']
    for keyword, axis in zip(CELL_KEYWORDS, CELL_NAMES, strict=True):
        lines.append(f"{keyword} {spelled(tied, f'{name}.{axis}')}")
    return lines + ([_site(tied, name, site) for site in structure.sites] if sites else [])


def _site(tied: TiedValues, name: str, site: Site) -> str:
    head = f"{name}.{site.label}"
    words = [f"site {site.label}"] + [f"{axis} {spelled(tied, f'{head}.{axis}')}" for axis in "xyz"]
    for species in site.species:
        words.append(f"occ {_type(species)} {spelled(tied, f'{head}.{species.element}.occupancy')}")
        if site.u_aniso is None:
            words.append(f"beq {spelled(tied, f'{head}.u_iso', named=len(site.species) > 1)}")
    if site.u_aniso is not None:
        words += [f"{word} {spelled(tied, f'{head}.{word}')}" for word in TENSOR]
    return " ".join(words)


def _type(species: Species) -> str:
    charge = f"{'+' if species.charge > 0 else '-'}{abs(species.charge)}" if species.charge else ""
    return f"{species.isotope or ''}{species.element}{charge}"

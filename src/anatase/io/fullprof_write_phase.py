"""Phases as they stand in FullProf control files: atoms and profiles with their codewords."""

from __future__ import annotations

from collections.abc import Sequence

from anatase.crystal.site_freedom import TENSOR
from anatase.crystal.structure import Species
from anatase.io.foreign import ForeignDiffractometer, ForeignPart, ForeignPhase
from anatase.io.fullprof_codes import Codewords
from anatase.io.fullprof_phase import beta_units
from anatase.io.phase_widths import sample_widths
from anatase.io.tied_values import TiedValues
from anatase.simulation.sample import Sample

__all__ = [
    "atom_lines",
    "cell_lines",
    "keep_phase",
    "numbers_and_codes",
    "profile_lines",
    "scale_lines",
    "tell_missing",
    "texture_values",
]

CELL = ("a", "b", "c", "alpha", "beta", "gamma")


def numbers_and_codes(values: Sequence[float], codes: Sequence[float], tail: str = "") -> list[str]:
    """Return the line of values and the line of their codewords."""
    first = " ".join(f"{value:16.10g}" for value in values)
    return [f"{first} {tail}".rstrip(), " ".join(f"{code:16.6f}" for code in codes)]


def keep_phase(tied: TiedValues, phase: ForeignPhase) -> None:
    """Keep occupancies as m/M times the share of the site, and β_ij in place of U_ij."""
    structure = phase.structure
    order = structure.space_group.order
    counts = structure.cell_content.multiplicities if structure.sites else ()
    units = beta_units(structure.lattice)
    for site, count in zip(structure.sites, counts, strict=True):
        head = f"{phase.name}.{site.label}"
        for species in site.species:
            share = float(count) / order
            tied.keep(f"{head}.{species.element}.occupancy", species.occupancy * share, 1.0 / share)
        if site.u_aniso is not None:
            for term, value, unit in zip(TENSOR, site.u_aniso, units, strict=True):
                tied.keep(f"{head}.{term}", value / unit, unit)


def atom_lines(codes: Codewords, phase: ForeignPhase, *, charged: bool) -> list[str]:
    """Return the atoms of a phase: a line for each species of each site, its codewords, and its β."""
    values = codes.tied.values
    lines = ["!Atom   Typ       X        Y        Z     Biso       Occ     In Fin N_t Spc /Codes"]
    for site in phase.structure.sites:
        head = f"{phase.name}.{site.label}"
        for index, species in enumerate(site.species):
            names = [f"{head}.{axis}" for axis in "xyz"]
            names += [f"{head}.u_iso", f"{head}.{species.element}.occupancy"]
            numbers = " ".join(f"{values.get(name, 0.0):.10f}" for name in names)
            kind = 0 if site.u_aniso is None else 2
            label = site.label if index == 0 else f"{site.label}{species.element}"
            lines.append(f"{label:6s} {_type(species, charged=charged):6s} {numbers}  0 0 {kind} 0")
            lines.append("    " + " ".join(f"{codes.of(name):14.6f}" for name in names))
            if site.u_aniso is not None:
                tensor = [f"{head}.{term}" for term in TENSOR]
                lines += numbers_and_codes([values[name] for name in tensor], [codes.of(name) for name in tensor])
    return lines


def _type(species: Species, *, charged: bool) -> str:
    sign = f"{'+' if species.charge > 0 else '-'}{abs(species.charge)}" if species.charge and charged else ""
    return f"{species.element.upper()}{sign}"


def scale_lines(codes: Codewords, part: ForeignPart, name: str) -> list[str]:
    """Return the scale of a phase in a pattern; the strain model is none."""
    return [
        "!  Scale        Shape1      Bov      Str1      Str2      Str3   Strain-Model",
        *numbers_and_codes([part.scale, 0.0, 0.0, 0.0, 0.0, 0.0], [codes.of(f"{name}.scale"), *(0.0,) * 5], "0"),
    ]


def cell_lines(codes: Codewords, phase: str) -> list[str]:
    """Return the cell of a phase."""
    names = [f"{phase}.{axis}" for axis in CELL]
    return [
        "!     a          b         c        alpha      beta       gamma",
        *numbers_and_codes([codes.tied.values[one] for one in names], [codes.of(one) for one in names]),
    ]


def profile_lines(
    codes: Codewords, phase: ForeignPhase, histogram: str, beam: ForeignDiffractometer, missing: list[str]
) -> list[str]:
    """Return scale, widths, cell, texture and asymmetry of a phase in a pattern, for profile function 7."""
    part, name = phase.parts[histogram], f"{phase.name}.{histogram}"
    sample, instrument = part.sample, beam.instrument
    widths = sample_widths(instrument, sample, beam.radiation.wavelength)
    size, strain = f"{name}.size", f"{name}.strain"
    numbers = [
        (widths.gauss_u + widths.strain_gauss**2, codes.of(f"{histogram}.gauss_u")),
        (widths.gauss_v, codes.of(f"{histogram}.gauss_v")),
        (widths.gauss_w, codes.of(f"{histogram}.gauss_w")),
        (widths.lorentz_y + widths.strain_lorentz, codes.of(strain, f"{histogram}.lorentz_y")),
        (widths.lorentz_x + widths.size_lorentz, codes.of(size, f"{histogram}.lorentz_x")),
        (widths.size_gauss**2, codes.of(size) if widths.size_gauss > widths.size_lorentz else 0.0),
        (0.0, 0.0),
    ]
    texture, texture_codes = texture_values(codes, name, sample, missing)
    heights = [f"{histogram}.s_over_l", f"{histogram}.h_over_l"]
    tell_missing(name, part, missing)
    return [
        *scale_lines(codes, part, name),
        "!       U         V          W           X          Y        GauSiz   LorSiz Size-Model",
        *numbers_and_codes([value for value, _ in numbers], [code for _, code in numbers], "0"),
        *cell_lines(codes, phase.name),
        "!  Pref1    Pref2      Asy1     Asy2     Asy3     Asy4      S_L      D_L",
        *numbers_and_codes(
            [*texture, 0.0, 0.0, 0.0, 0.0, instrument.s_over_l, instrument.h_over_l],
            [*texture_codes, 0.0, 0.0, 0.0, 0.0, *(codes.of(one) for one in heights)],
        ),
    ]


def texture_values(codes: Codewords, name: str, sample: Sample, missing: list[str]) -> tuple[list[float], list[float]]:
    """Return Pref1 (March's r) and Pref2 (the share at random) with their codewords."""
    if len(sample.textures) > 1:
        missing.append(f"all textures of {name} but the first")
    if sample.textures:
        _, r, share = sample.textures[0]
        return [r, 1.0 - share], [codes.of(f"{name}.march_r0"), codes.of(f"{name}.march_share0")]
    return [sample.march_r, 0.0], [codes.of(f"{name}.march_r"), 0.0]


def tell_missing(name: str, part: ForeignPart, missing: list[str]) -> None:
    """Add what FullProf has no words for here to ``missing``."""
    sample = part.sample
    for word, there in (
        ("extinction", part.extinction > 0.0),
        ("anisotropic size", sample.size_across is not None),
        ("anisotropic strain", bool(sample.stephens)),
        ("spherical harmonics", bool(sample.harmonics)),
        ("roughness", sample.roughness is not None),
        ("stacking faults", sample.has_faults),
        ("tilt of the texture", sample.texture_tilt is not None),
        ("lattice strain", any(part.lattice_strain)),
    ):
        if there:
            missing.append(f"the {word} of {name}")

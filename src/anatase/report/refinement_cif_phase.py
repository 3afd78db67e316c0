"""A refined phase as CIF items: formula, cell, symmetry, sites and bonds, with s.u."""

from __future__ import annotations

import gemmi
import numpy as np

from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError, PhysicsError
from anatase.io.write_cif import formula_sum, site_label, type_symbol
from anatase.refine.model import ConstantWavelength, Phase
from anatase.refine.refined_bonds import refined_bonds
from anatase.refine.refined_structure import refined_cell, refined_sites
from anatase.refine.refinement import Refinement
from anatase.refine.restraint.atom_images import AtomImage
from anatase.report.cif_items import item, loop, number_with_su, word
from anatase.scattering.attenuation import linear_attenuation

__all__ = ["phase_items"]

CELL = {
    "a": "length_a", "b": "length_b", "c": "length_c", "alpha": "angle_alpha", "beta": "angle_beta",
    "gamma": "angle_gamma", "volume": "volume",
}  # fmt: skip
SITE_TAGS = (
    "label", "type_symbol", "fract_x", "fract_y", "fract_z", "occupancy", "site_symmetry_multiplicity",
    "U_iso_or_equiv", "adp_type",
)  # fmt: skip
TENSOR_TAGS = ("label", "U_11", "U_22", "U_33", "U_12", "U_13", "U_23")
PER_MM = 0.1  # of a number per cm


def phase_items(refinement: Refinement, phase: Phase) -> list[str]:
    """Return the lines of a phase in a CIF; its atoms only where they were fitted, not beside free intensities."""
    if phase.mode != "rietveld":
        return [*_content(refinement, phase), *_cell(refinement, phase)]
    return [
        *_content(refinement, phase),
        *_cell(refinement, phase),
        *_sites(refinement, phase),
        *_bonds(refinement, phase),
    ]


def _content(refinement: Refinement, phase: Phase) -> list[str]:
    structure = phase.structure
    lines = [item("_pd_phase_name", phase.name), item("_chemical_name_common", structure.name or phase.name)]
    if not structure.sites:
        return [*lines, item("_chemical_formula_sum", None), item("_cell_formula_units_Z", None)]
    units = structure.formula_units_per_cell
    return [
        *lines,
        item("_chemical_formula_sum", formula_sum(structure)),
        item("_chemical_formula_weight", round(structure.mass_per_cell / units, 4)),
        item("_cell_formula_units_Z", units),
        item("_exptl_crystal_density_diffrn", round(structure.density, 4)),
        item("_exptl_crystal_F_000", _f000(refinement, phase)),
        item("_exptl_absorpt_coefficient_mu", _absorption(refinement, phase)),
        item(
            "_anatase_structure_source", " ".join((structure.origin.source, structure.origin.identifier)).strip() or "."
        ),
        item("_anatase_structure_citation", structure.origin.citation or "."),
    ]


def _f000(refinement: Refinement, phase: Phase) -> float | None:
    """Return the electrons in the cell; of neutrons it would be their scattering length, which is left unsaid."""
    if all(not _is_xray(refinement, i) for i in range(len(refinement.model.histograms))):
        return None
    return round(sum(gemmi.Element(one).atomic_number * n for one, n in phase.structure.composition.items()), 3)


def _is_xray(refinement: Refinement, index: int) -> bool:
    beam = refinement.model.histograms[index].beam
    return isinstance(beam, ConstantWavelength) and beam.radiation.probe == "xray"


def _absorption(refinement: Refinement, phase: Phase) -> float | None:
    """Return μ of the dense phase at the first wavelength, mm⁻¹; ``None`` for time of flight and untabulated ions."""
    beam = refinement.model.histograms[0].beam
    if not isinstance(beam, ConstantWavelength):
        return None
    try:
        mu = linear_attenuation(phase.structure, beam.radiation.wavelength, beam.radiation.probe)
    except (InputError, PhysicsError):
        return None
    return round(PER_MM * mu, 4)


def _cell(refinement: Refinement, phase: Phase) -> list[str]:
    group, cell = phase.structure.space_group, refined_cell(refinement, phase)
    return [
        *(item(f"_cell_{tag}", cell[name]) for name, tag in CELL.items()),
        item("_space_group_crystal_system", group.crystal_system),
        item("_space_group_IT_number", group.number),
        item("_space_group_name_H-M_alt", group.symbol),
        item("_space_group_name_Hall", group.hall),
        *loop(
            ("_space_group_symop_id", "_space_group_symop_operation_xyz"),
            [(str(i), f"'{triplet}'") for i, triplet in enumerate(group.triplets, 1)],
        ),
    ]


def _sites(refinement: Refinement, phase: Phase) -> list[str]:
    rows, tensors = [], []
    sites = refined_sites(refinement, phase)
    multiplicities = phase.structure.cell_content.multiplicities.tolist() if phase.structure.sites else []
    for site, found, multiplicity in zip(phase.structure.sites, sites, multiplicities, strict=True):
        for k, species in enumerate(site.species):
            u = number_with_su(found.u_iso)
            kind = "Uani" if found.u_aniso else "Uiso"
            rows.append((
                word(site_label(site, k)), type_symbol(species), *map(number_with_su, found.xyz),
                number_with_su(found.occupancy[k]), str(multiplicity), u, kind,
            ))  # fmt: skip
            if found.u_aniso:
                tensors.append((word(site_label(site, k)), *map(number_with_su, found.u_aniso)))
    return [
        *loop([f"_atom_site_{tag}" for tag in SITE_TAGS], rows),
        *loop([f"_atom_site_aniso_{tag}" for tag in TENSOR_TAGS], tensors),
    ]


def _bonds(refinement: Refinement, phase: Phase) -> list[str]:
    structure = phase.structure
    labels = [word(site_label(site, 0)) for site in structure.sites]
    rows = [
        (
            labels[bond.first], labels[bond.image.site], number_with_su(bond.length),
            _symmetry_code(structure.space_group, bond.image), "?",
        )
        for bond in refined_bonds(refinement, phase)
    ]  # fmt: skip
    tags = ("atom_site_label_1", "atom_site_label_2", "distance", "site_symmetry_2", "publ_flag")
    return loop([f"_geom_bond_{tag}" for tag in tags], rows)


def _symmetry_code(group: SpaceGroup, image: AtomImage) -> str:
    """Return an image by the number of its operation and the shift of the cell: ``4_565``; ``.`` for no operation."""
    if not image.code:
        return "."
    for index, (rotation, translation) in enumerate(zip(group.rotations, group.translations, strict=True), 1):
        shift = np.array(image.translation) - translation
        if np.array_equal(rotation, np.array(image.rotation)) and np.allclose(shift, np.round(shift), atol=1e-5):
            return f"{index}_{''.join(str(5 + n) for n in np.round(shift).astype(int).tolist())}"
    return "?"

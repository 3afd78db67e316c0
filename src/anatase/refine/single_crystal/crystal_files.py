"""A refined crystal as files: .res, .fcf and CIF."""

from __future__ import annotations

from collections.abc import Sequence

from anatase.estimate import Estimate
from anatase.io.shelx_fcf import fcf_text
from anatase.io.shelx_instructions import ShelxDifferencePeak
from anatase.io.shelx_res import RefinedNumbers, res_text
from anatase.io.write_cif import structure_to_cif
from anatase.refine.single_crystal.crystal_refinement import CrystalRefinement

__all__ = ["crystal_cif", "crystal_fcf", "crystal_res"]

TENSOR_TAGS = ("U_11", "U_22", "U_33", "U_12", "U_13", "U_23")


def crystal_res(refined: CrystalRefinement) -> str:
    """Return the text of a SHELX .res file with the refined numbers and the peaks of the difference map."""
    figures, instructions = refined.figures, refined.instructions
    found = {one.name: one.estimate.value for one in refined.parameters}
    variables = tuple(
        found.get("scale" if i == 1 else f"free_variable_{i}", value)
        for i, value in enumerate(instructions.variables, 1)
    )
    fractions = tuple(found.get(f"twin_fraction_{d}", value) for d, value in enumerate(instructions.batch_fractions, 2))
    extinction = instructions.extinction
    peaks = tuple(
        ShelxDifferencePeak(f"Q{i}", peak.xyz, peak.height) for i, peak in enumerate(refined.difference.peaks, 1)
    )
    remarks = (
        f"R1 = {figures.r1:7.4f} for {figures.n_observed} Fo > 4sig(Fo) and {figures.r1_all:7.4f} for all "
        f"{figures.n_reflections} data",
        f"wR2 = {figures.wr2:7.4f}, GooF = {figures.goof:6.3f}, restrained GooF = {figures.restrained_goof:6.3f}",
        f"{figures.n_parameters} parameters refined using {figures.n_restraints} restraints",
    )
    numbers = RefinedNumbers(
        refined.numbers,
        variables,
        fractions,
        None if extinction is None else found.get("extinction", extinction),
        peaks,
        remarks,
    )
    return res_text(instructions, numbers)


def crystal_fcf(refined: CrystalRefinement) -> str:
    """Return the list of structure factors, as SHELXL's LIST 4."""
    table = refined.reflections
    return fcf_text(
        refined.structure, table.hkl, table.f_calc_squared, table.f_squared, table.sigma, table.weight > 0.0
    )


def crystal_cif(refined: CrystalRefinement) -> str:
    """Return a CIF of the refined structure: cell, symmetry, sites with s.u., how the refinement went, reflections."""
    head, _, _ = structure_to_cif(refined.structure).partition("loop_\n_atom_site_label")
    wavelength = f"_diffrn_radiation_wavelength {refined.instructions.wavelength:.5f}"
    return head + "\n".join([wavelength, *_sites(refined), *_tensors(refined), *_items(refined)]) + "\n"


def _written(value: float, su: float) -> str:
    return str(Estimate(value, su)) if su > 0.0 else f"{value:.6f}".rstrip("0").rstrip(".") or "0"


def _sites(refined: CrystalRefinement) -> list[str]:
    tags = ("label", "type_symbol", "fract_x", "fract_y", "fract_z", "U_iso_or_equiv", "adp_type", "occupancy")
    rows = []
    for i, site in enumerate(refined.structure.sites):
        xyz = [_written(site.xyz[j], float(refined.su[i, j])) for j in range(3)]
        u = _written(site.u_iso or 0.0, float(refined.su_u_eq[i]))
        occupancy = site.species[0].occupancy
        sof = float(refined.numbers[i, 3])
        su_sof = float(refined.su[i, 3]) * (occupancy / sof if sof else 0.0)
        kind = "Uani" if site.u_aniso else "Uiso"
        rows.append(" ".join([_name(site.label), site.species[0].element, *xyz, u, kind, _written(occupancy, su_sof)]))
    return ["loop_", *(f"_atom_site_{tag}" for tag in tags), *rows]


def _tensors(refined: CrystalRefinement) -> list[str]:
    rows = [
        " ".join([_name(site.label), *(_written(u, float(refined.su[i, 4 + q])) for q, u in enumerate(site.u_aniso))])
        for i, site in enumerate(refined.structure.sites)
        if site.u_aniso is not None
    ]
    return (
        ["loop_", "_atom_site_aniso_label", *(f"_atom_site_aniso_{tag}" for tag in TENSOR_TAGS), *rows] if rows else []
    )


def _name(label: str) -> str:
    return "".join(label.split()) or "X"


def _items(refined: CrystalRefinement) -> list[str]:
    figures, table = refined.figures, refined.reflections
    hole, peaks = refined.difference.hole, refined.difference.peaks
    weighting = " ".join(f"{value:g}" for value in refined.instructions.weighting)
    pairs: Sequence[tuple[str, str]] = (
        ("_diffrn_reflns_number", str(refined.n_measured)),
        ("_diffrn_reflns_av_R_equivalents", f"{refined.r_int:.4f}"),
        ("_diffrn_reflns_av_unetI/netI", f"{refined.r_sigma:.4f}"),
        ("_reflns_number_total", str(len(table.hkl))),
        ("_reflns_number_gt", str(figures.n_observed)),
        ("_reflns_threshold_expression", "'I > 2\\s(I)'"),
        ("_refine_ls_structure_factor_coef", "Fsqd"),
        ("_refine_ls_matrix_type", "full"),
        ("_refine_ls_weighting_scheme", "calc"),
        ("_refine_ls_weighting_details", f"'SHELXL WGHT {weighting}'"),
        ("_refine_ls_number_reflns", str(figures.n_reflections)),
        ("_refine_ls_number_parameters", str(figures.n_parameters)),
        ("_refine_ls_number_restraints", str(figures.n_restraints)),
        ("_refine_ls_R_factor_gt", f"{figures.r1:.4f}"),
        ("_refine_ls_R_factor_all", f"{figures.r1_all:.4f}"),
        ("_refine_ls_wR_factor_ref", f"{figures.wr2:.4f}"),
        ("_refine_ls_goodness_of_fit_ref", f"{figures.goof:.3f}"),
        ("_refine_ls_restrained_S_all", f"{figures.restrained_goof:.3f}"),
        ("_refine_ls_shift/su_max", f"{refined.max_shift_over_su:.3f}"),
        ("_refine_diff_density_max", f"{peaks[0].height if peaks else 0.0:.3f}"),
        ("_refine_diff_density_min", f"{hole.height:.3f}"),
        ("_refine_diff_density_rms", f"{refined.difference.rms:.3f}"),
    )
    lines = [f"{tag} {value}" for tag, value in pairs]
    if refined.absolute_structure is not None:
        lines.append(f"_refine_ls_abs_structure_Flack {refined.absolute_structure.flack}")
    return [*lines, *_reflections(refined)]


def _reflections(refined: CrystalRefinement) -> list[str]:
    table = refined.reflections
    tags = ("index_h", "index_k", "index_l", "F_squared_calc", "F_squared_meas", "F_squared_sigma", "include_status")
    rows = [
        f"{h} {k} {l} {c:.4f} {o:.4f} {s:.4f} {'o' if w > 0.0 else 'x'}"
        for (h, k, l), c, o, s, w in zip(
            table.hkl.tolist(),
            table.f_calc_squared.tolist(),
            table.f_squared.tolist(),
            table.sigma.tolist(),
            table.weight.tolist(),
            strict=True,
        )
    ]
    return ["loop_", *(f"_refln_{tag}" for tag in tags), *rows]

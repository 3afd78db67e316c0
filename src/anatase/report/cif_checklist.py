"""What the IUCr asks for in the CIF of a powder refinement, and what of it a file lacks."""

from __future__ import annotations

from collections.abc import Sequence

import gemmi

from anatase.errors import InputError

__all__ = ["CHECKLIST", "absent_items"]

# "CIF requirements for Rietveld and other powder refinements" of Acta Cryst. C, and Toby, Von Dreele & Larson (2003),
# J. Appl. Cryst. 36, 1290. Of items between bars one is enough.
CHECKLIST = (
    "_chemical_formula_sum", "_chemical_formula_weight", "_cell_length_a", "_cell_length_b", "_cell_length_c",
    "_cell_angle_alpha", "_cell_angle_beta", "_cell_angle_gamma", "_cell_volume", "_cell_formula_units_Z",
    "_cell_measurement_temperature", "_space_group_crystal_system|_symmetry_cell_setting",
    "_space_group_name_H-M_alt|_symmetry_space_group_name_H-M",
    "_space_group_name_Hall|_symmetry_space_group_name_Hall",
    "_space_group_symop_operation_xyz|_symmetry_equiv_pos_as_xyz", "_exptl_crystal_density_diffrn",
    "_exptl_crystal_F_000", "_exptl_absorpt_coefficient_mu", "_exptl_absorpt_correction_type",
    "_pd_char_particle_morphology", "_pd_char_colour", "_pd_prep_temperature", "_pd_prep_cool_rate",
    "_pd_spec_mounting", "_pd_spec_mount_mode", "_pd_spec_shape", "_pd_spec_preparation",
    "_diffrn_ambient_temperature", "_diffrn_source", "_diffrn_radiation_type", "_diffrn_radiation_probe",
    "_diffrn_radiation_wavelength|_pd_calib_conversion_eqn", "_diffrn_measurement_device_type", "_pd_instr_location",
    "_pd_meas_scan_method", "_pd_meas_number_of_points", "_pd_meas_step_count_time",
    "_pd_meas_2theta_range_min|_pd_meas_time_of_flight", "_pd_meas_2theta_range_max|_pd_meas_time_of_flight",
    "_pd_meas_2theta_range_inc|_pd_meas_2theta_scan|_pd_meas_time_of_flight",
    "_pd_proc_2theta_range_min|_pd_meas_time_of_flight", "_pd_proc_2theta_range_max|_pd_meas_time_of_flight",
    "_pd_proc_info_data_reduction", "_pd_proc_info_excluded_regions", "_pd_proc_ls_background_function",
    "_pd_proc_ls_profile_function", "_pd_proc_ls_pref_orient_corr", "_pd_proc_ls_peak_cutoff",
    "_pd_proc_ls_prof_R_factor", "_pd_proc_ls_prof_wR_factor", "_pd_proc_ls_prof_wR_expected", "_pd_calc_method",
    "_refine_ls_structure_factor_coef", "_refine_ls_matrix_type", "_refine_ls_weighting_scheme",
    "_refine_ls_weighting_details", "_refine_ls_hydrogen_treatment", "_refine_ls_extinction_method",
    "_refine_ls_number_parameters", "_refine_ls_number_restraints", "_refine_ls_number_constraints",
    "_refine_ls_goodness_of_fit_all", "_refine_ls_shift/su_max", "_refine_ls_R_I_factor|_anatase_phase_R_I_factor",
    "_computing_structure_refinement", "_atom_site_fract_x", "_atom_site_U_iso_or_equiv", "_atom_site_occupancy",
    "_geom_bond_distance", "_pd_meas_counts_total|_pd_meas_intensity_total|_pd_proc_intensity_net",
    "_pd_calc_intensity_total|_pd_calc_intensity_net", "_pd_proc_intensity_bkg_calc", "_pd_proc_ls_weight",
    "_refln_index_h", "_refln_F_squared_calc", "_refln_F_squared_meas", "_refln_d_spacing", "_pd_refln_phase_id",
    "_pd_block_id",
)  # fmt: skip


def absent_items(text: str, checklist: Sequence[str] = CHECKLIST) -> tuple[str, ...]:
    """Return which items of a checklist no block of a CIF has a value for.

    Raises
    ------
    InputError
        When the text is no CIF.

    Examples
    --------
    >>> absent_items("data_x _cell_length_a 4.59 _cell_length_b ?", ("_cell_length_a", "_cell_length_b"))
    ('_cell_length_b',)
    """
    try:
        document = gemmi.cif.read_string(text)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"this is no CIF: {str(error).splitlines()[0][:120]}", "check the file") from error
    return tuple(items for items in checklist if not any(_has(document, tag) for tag in items.split("|")))


def _has(document: gemmi.cif.Document, tag: str) -> bool:
    return any(value not in ("?", ".") for block in document for value in block.find_values(tag))

"""A refinement as one powder CIF: the refinement, each phase, each pattern (dictionaries cif_core, cif_pow).

One phase in one pattern stands in one data block, everything else in linked blocks.
"""

from __future__ import annotations

from pathlib import Path

from anatase.io.text_file import write_text
from anatase.io.write import cif_name
from anatase.refine.refinement import Refinement
from anatase.refine.restraint.restraints import said
from anatase.report.cif_items import item, loop, word
from anatase.report.recipe_words import recipe_of
from anatase.report.refinement_cif_pattern import pattern_items
from anatase.report.refinement_cif_phase import phase_items
from anatase.report.refinement_document import mean_r_bragg, restraint_count

__all__ = ["refinement_cif", "write_refinement_cif"]

# what nobody but the author knows stands as ? for him to fill in
AUTHORS = (
    "_pd_spec_mounting", "_pd_spec_preparation", "_pd_char_particle_morphology", "_pd_char_colour",
    "_pd_prep_temperature", "_pd_prep_cool_rate", "_pd_instr_location", "_diffrn_source", "_pd_meas_step_count_time",
    "_cell_measurement_temperature", "_refine_ls_hydrogen_treatment",
)  # fmt: skip


def refinement_cif(refinement: Refinement) -> str:
    """Return the CIF of a refinement.

    S.u. are those corrected for serial correlation; what was not refined has none. ``absent_items`` lists what a
    journal asks for and only the author knows.
    """
    model = refinement.model
    overall = [*_audit(refinement), *_refinement(refinement), *(item(tag, None) for tag in AUTHORS)]
    if len(model.phases) == len(model.histograms) == 1:
        name = cif_name(model.phases[0].name)
        whole = [f"data_{name}", _block_id(refinement, name), *overall, *phase_items(refinement, model.phases[0])]
        bragg = mean_r_bragg(refinement, model.phases[0].name)
        whole.append(item("_refine_ls_R_I_factor", None if bragg is None else round(bragg / 100.0, 6)))
        return "\n".join([*whole, *pattern_items(refinement, 0, [_id(refinement, name)])]) + "\n"
    phases = [f"{cif_name(one.name)}_phase_{i}" for i, one in enumerate(model.phases, 1)]
    patterns = [f"{cif_name(one.name)}_pattern_{i}" for i, one in enumerate(model.histograms, 1)]
    blocks = ["data_refinement", _block_id(refinement, "refinement"), *overall]
    blocks += loop(["_pd_phase_block_id"], [[_quoted_id(refinement, one)] for one in phases])
    blocks += loop(["_pd_block_diffractogram_id"], [[_quoted_id(refinement, one)] for one in patterns])
    for name, phase in zip(phases, model.phases, strict=True):
        blocks += ["", f"data_{name}", _block_id(refinement, name), *phase_items(refinement, phase)]
    for i, name in enumerate(patterns):
        linked = [_id(refinement, one) for one in phases]
        blocks += ["", f"data_{name}", _block_id(refinement, name), *pattern_items(refinement, i, linked)]
    return "\n".join(blocks) + "\n"


def write_refinement_cif(refinement: Refinement, path: Path) -> None:
    """Write the CIF to a file."""
    write_text(path, refinement_cif(refinement))


def _id(refinement: Refinement, name: str) -> str:
    """Return the identifier of a block, its own in the world as far as the digest of the data is."""
    return f"{refinement.model.histograms[0].pattern.sha256[:12] or 'unnamed'}|{name}|anatase"


def _quoted_id(refinement: Refinement, name: str) -> str:
    return word(_id(refinement, name))


def _block_id(refinement: Refinement, name: str) -> str:
    return item("_pd_block_id", _id(refinement, name))


def _audit(refinement: Refinement) -> list[str]:
    program = f"{refinement.provenance.program} {refinement.provenance.version}"
    return [
        item("_audit_creation_method", program),
        item("_computing_structure_refinement", program),
        item("_computing_publication_material", program),
    ]


def _refinement(refinement: Refinement) -> list[str]:
    tied = [one for one in refinement.parameters if one.tied_to and one.refined]
    recipe = recipe_of(refinement)
    return [
        item("_refine_ls_structure_factor_coef", "Inet"),
        item("_refine_ls_matrix_type", "full"),
        item("_refine_ls_weighting_scheme", "sigma"),
        item("_refine_ls_weighting_details", "w = 1/sigma(y)^2 of each point, 0 in excluded regions"),
        item("_refine_ls_number_parameters", refinement.fitted.n_free),
        item("_refine_ls_number_restraints", restraint_count(refinement)),
        item("_refine_ls_number_constraints", len(tied)),
        item("_refine_ls_goodness_of_fit_all", round(refinement.gof, 4)),
        item("_refine_ls_shift/su_max", round(refinement.max_shift, 4)),
        item("_anatase_wR_factor_all", round(refinement.rwp / 100.0, 6)),
        item("_refine_ls_extinction_method", _extinction(refinement)),
        item("_exptl_absorpt_correction_type", _absorption(refinement)),
        item("_refine_special_details", _details(refinement)),
        *loop(
            ("_anatase_constraint_parameter", "_anatase_constraint_follows"),
            [(word(one.name), word(one.tied_to)) for one in tied],
        ),
        *loop(["_anatase_restraint"], [[word(said(one))] for one in (() if recipe is None else recipe.restraints)]),
        *loop(["_anatase_warning"], [[word(text)] for text in refinement.warnings]),
    ]


def _extinction(refinement: Refinement) -> str:
    parts = [part for phase in refinement.model.phases for part in phase.parts]
    return "primary extinction in blocks" if any(part.extinction > 0.0 for part in parts) else "none"


def _absorption(refinement: Refinement) -> str:
    parts = [part for phase in refinement.model.phases for part in phase.parts]
    return "analytical" if any(part.sample.absorption is not None for part in parts) else "none"


def _details(refinement: Refinement) -> str:
    kept = "; ".join(f"{step.title} (Rwp {step.after:.3f} %)" for step in refinement.steps if not step.reverted)
    return (
        "S.u. are from the full covariance matrix times the goodness of fit and the factor "
        f"{refinement.serial.factor:.3f} of Berar & Lelann (1991) for serial correlation. "
        f"Durbin-Watson d = {refinement.serial.durbin_watson:.3f}. Steps: {kept or 'one'}."
    )

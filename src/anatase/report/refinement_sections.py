"""The written sections of the report on a refinement: phases, patterns, sites, parameters, steps, residuals."""

from __future__ import annotations

from collections.abc import Callable

from anatase.estimate import Estimate
from anatase.refine.refined_structure import refined_cell, refined_sites
from anatase.refine.refinement import Refinement
from anatase.refine.uncertainty.exploration import Exploration
from anatase.report.markup import formula_html, list_html, space_group_html, table_html, tagged, text_html
from anatase.report.notation import percent
from anatase.report.recipe_words import recipe_lines
from anatase.report.refinement_document import mean_r_bragg, r_expected, strong_pairs
from anatase.report.refinement_words import (
    background_words,
    beam_words,
    counted_words,
    exploration_words,
    mode_words,
    residual_words,
)
from anatase.report.sections import cell_html, fixed, provenance_blocks, swatch

__all__ = ["REFINEMENT_SECTIONS", "exploration_section", "refinement_strip"]

PERCENT = "&#8239;/&#8239;%"
MOST_PAIRS = 20


def refinement_strip(refinement: Refinement) -> str:
    """Return the agreement figures in one line."""
    figures = [
        ("<i>R</i><sub>wp</sub>", f"{fixed(refinement.rwp, 2)}&#8239;%"),
        ("Goodness of fit", fixed(refinement.gof, 2)),
        ("Refined", counted_words(refinement)),
        ("Points", f"{refinement.n_points:,}"),
        ("Largest shift / s.u.", f"{refinement.max_shift:.2g}"),
        ("Durbin–Watson <i>d</i>", fixed(refinement.serial.durbin_watson, 2)),
    ]
    return list_html(figures, "figures") + tagged("p", text_html(residual_words(refinement)), class_="reading")


def phases_section(refinement: Refinement) -> str:
    """Return the table of the phases."""
    quantity = refinement.quantification
    shares = refinement.fractions
    rows = [
        [
            swatch(k) + text_html(phase.name + mode_words(phase)),
            formula_html(phase.structure.formula) if phase.structure.sites else "–",
            space_group_html(phase.structure.space_group.symbol),
            text_html(percent(shares[phase.name])) if phase.name in shares else "–",
            cell_html(refined_cell(refinement, phase)),
            fixed(mean_r_bragg(refinement, phase.name), 1),
            fixed(phase.structure.density if phase.structure.sites else None, 3),
        ]
        for k, phase in enumerate(refinement.model.phases)
    ]
    if quantity is not None and quantity.amorphous is not None:
        rows.append(["amorphous or unknown", "–", "–", text_html(percent(quantity.amorphous)), "–", "–", "–"])
    headers = [
        "Phase",
        "Formula",
        "Space group",
        "wt%",
        "Cell",
        f"<i>R</i><sub>Bragg</sub>{PERCENT}",
        "Density (g/cm³)",
    ]
    caption = "Refined phases. S.u. of the last digits stand in parentheses, corrected for serial correlation."
    return table_html(caption, headers, rows, (3, 5, 6), "phases")


def patterns_section(refinement: Refinement) -> str:
    """Return how each pattern is described."""
    residuals, rows = refinement.residuals, []
    for i, histogram in enumerate(refinement.model.histograms):
        excluded = ", ".join(f"{low:.5g}–{high:.5g}" for low, high in histogram.excluded) or "none"
        rows.append(
            [
                text_html(histogram.name),
                text_html(histogram.pattern.name or "–"),
                text_html(beam_words(histogram)),
                *(fixed(value, 2) for value in (residuals.rwp[i], residuals.rp[i], residuals.rwp_background[i])),
                fixed(r_expected(refinement, i), 2),
                f"{int(histogram.used.sum()):,}",
                text_html(excluded),
                text_html(background_words(histogram)),
            ]
        )
    r = "<i>R</i><sub>{}</sub>" + PERCENT
    headers = ["Pattern", "File", "Radiation", r.format("wp"), r.format("p"), r.format("wp, no background")]
    headers += [r.format("exp"), "Points fitted", "Excluded", "Background"]
    return table_html("Agreement of each pattern; every point has the weight 1/σ².", headers, rows, range(3, 8))


def sites_section(refinement: Refinement) -> str:
    """Return the atoms of each phase that is fitted by its structure."""
    tables = []
    for phase in refinement.model.phases:
        if phase.mode != "rietveld" or not phase.structure.sites:
            continue
        rows = []
        counts = phase.structure.cell_content.multiplicities
        for site, found, count in zip(phase.structure.sites, refined_sites(refinement, phase), counts, strict=True):
            content = " ".join(
                _species(one.element, occupancy) for one, occupancy in zip(site.species, found.occupancy, strict=True)
            )
            rows.append([text_html(site.label), content, str(int(count)), *map(_value, found.xyz), _value(found.u_iso)])
        headers = ["Site", "Content", "Multiplicity", *(f"<i>{axis}</i>" for axis in "xyz")]
        headers.append("<i>U</i><sub>iso</sub> or <i>U</i><sub>eq</sub> (Å²)")
        tables.append(table_html(f"Sites of {text_html(phase.name)}.", headers, rows, range(2, 7)))
    return "".join(tables)


def parameters_section(refinement: Refinement) -> str:
    """Return the refined parameters with raw and corrected s.u., and what they follow."""
    rows = [
        [
            tagged("code", text_html(one.name).replace(".", ".<wbr>")),
            _value(Estimate(one.value, one.su_corrected)),
            "–" if one.su is None else f"{one.su:.2g}",
            "–" if one.su_corrected is None else f"{one.su_corrected:.2g}",
            text_html(f"= {one.tied_to}" if one.tied_to else "at its bound" if one.at_bound else "free"),
        ]
        for one in refinement.parameters
        if one.refined
    ]
    caption = (
        "Refined parameters. The s.u. of the covariance times the goodness of fit stands beside the one that is "
        "corrected for serial correlation of the residuals (Bérar &amp; Lelann 1991)."
    )
    return table_html(caption, ["Parameter", "Value", "s.u.", "Corrected s.u.", "Constraint"], rows, (1, 2, 3))


def steps_section(refinement: Refinement) -> str:
    """Return how the answer was reached."""
    rows = [
        [
            text_html(step.title),
            text_html(step.reason),
            fixed(step.before, 2),
            fixed(step.after, 2),
            "taken back" if step.reverted else str(len(step.refined)),
            text_html(step.outcome) or "–",
        ]
        for step in refinement.steps
    ]
    if not rows:
        return ""
    headers = ["Step", "Reason", f"<i>R</i><sub>wp</sub> before{PERCENT}", f"after{PERCENT}", "Refined", "Outcome"]
    caption = (
        "Steps in their order; one that is taken back leaves the model as it was. Parameters that follow others are "
        "counted among the refined ones."
    )
    return table_html(caption, headers, rows, (2, 3, 4))


def recipe_section(refinement: Refinement) -> str:
    """Return the recipe in plain words; nothing where the program found its own way."""
    lines = recipe_lines(refinement)
    return tagged("ul", "".join(tagged("li", text_html(line)) for line in lines)) if lines else ""


def correlations_section(refinement: Refinement) -> str:
    """Return the strongest correlations."""
    pairs = strong_pairs(refinement)
    if not pairs:
        return tagged("p", "No two parameters correlate by more than 0.9.", class_="empty")
    rows = [
        [tagged("code", text_html(first)), tagged("code", text_html(second)), f"{value:+.3f}".replace("-", "−")]
        for first, second, value in pairs[:MOST_PAIRS]
    ]
    more = f" The {MOST_PAIRS} strongest of {len(pairs)}." if len(pairs) > MOST_PAIRS else ""
    caption = f"Pairs of parameters that correlate by more than 0.9.{more}"
    return table_html(caption, ["Parameter", "and", "Coefficient"], rows, (2,), "narrow")


def exploration_section(refinement: Refinement, exploration: Exploration | None) -> str:
    """Return what bootstrap, posterior, profiles and other starts found; nothing where none was asked for."""
    if exploration is None:
        return ""
    lines = "".join(tagged("p", text_html(line)) for line in exploration_words(exploration, refinement.serial.factor))
    tables = []
    for title, found in (("Bootstrap", exploration.bootstrap), ("Posterior", exploration.posterior)):
        if found is not None:
            ends = found.interval().tolist()
            rows = [
                [tagged("code", text_html(name)), f"{su:.3g}", f"{low:.7g}", f"{high:.7g}"]
                for name, su, (low, high) in zip(found.names, found.su.tolist(), ends, strict=True)
            ]
            caption = f"{title}: standard deviation and central 68.3 % interval of each refined parameter."
            tables.append(table_html(caption, ["Parameter", "s.u.", "from", "to"], rows, (1, 2, 3), "narrow"))
    return lines + "".join(tables)


def provenance_section(refinement: Refinement) -> str:
    """Return what it takes to repeat the refinement."""
    measured = {f"Pattern {one.name}": dict(one.pattern.metadata) for one in refinement.model.histograms}
    origins = {phase.name: _origin(phase.structure.origin.source, phase.structure.origin.identifier,
                                   phase.structure.origin.citation) for phase in refinement.model.phases}  # fmt: skip
    return provenance_blocks(refinement.provenance, {}, {"Structures": origins, **measured})


REFINEMENT_SECTIONS: tuple[tuple[str, Callable[[Refinement], str]], ...] = (
    ("Phases", phases_section),
    ("Patterns", patterns_section),
    ("Atoms", sites_section),
    ("How it was reached", steps_section),
    ("Recipe", recipe_section),
    ("Parameters", parameters_section),
    ("Correlations", correlations_section),
    ("Settings and provenance", provenance_section),
)


def _origin(*parts: str) -> str:
    return ", ".join(part for part in parts if part) or "–"


def _species(element: str, occupancy: Estimate) -> str:
    """Return an element with its occupancy, which goes without saying where it is full and was not refined."""
    full = occupancy.su is None and occupancy.value == 1.0
    return text_html(element) if full else f"{text_html(element)}&#8239;{_value(occupancy)}"


def _value(estimate: Estimate) -> str:
    return text_html(estimate).replace("-", "−")

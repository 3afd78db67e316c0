"""The written sections of the HTML report: phases, fit, unexplained peaks, alternatives, provenance."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence

from anatase.estimate import Estimate
from anatase.identify.answer import Identification, IdentifiedPhase, PhaseLabel
from anatase.provenance import Provenance
from anatase.report.document import json_ready
from anatase.report.markup import formula_html, list_html, space_group_html, table_html, tagged, text_html
from anatase.report.notation import axis_unit, cell_parameters, fit_su, gof_reading, percent, shift_name
from anatase.report.phase_names import other_sets
from anatase.report.probability_words import amorphous_words, coverage_words, probability_text, unknown_words

__all__ = ["SECTIONS", "cell_html", "figures_strip", "fixed", "provenance_blocks", "swatch", "warnings_box"]


def figures_strip(identification: Identification) -> str:
    """Return the agreement figures in one line, with the reading of the goodness of fit in plain words."""
    answer = identification
    unexplained = fixed(100 * answer.unexplained_fraction, 1)
    figures = [
        ("<i>R</i><sub>wp</sub>", f"{fixed(answer.rwp, 2)}&#8239;%"),
        ("<i>R</i><sub>exp</sub>", f"{fixed(answer.r_exp, 2)}&#8239;%"),
        ("Goodness of fit", fixed(answer.gof, 2)),
        ("Bragg intensity unexplained", f"{unexplained}&#8239;%"),
    ]
    if answer.probability is not None:
        figures.append(("Probability of this set", text_html(probability_text(answer.probability))))
    if answer.unknown_probability is not None:
        figures.append(("Probability of a missing phase", text_html(probability_text(answer.unknown_probability))))
    if answer.displacement is not None:
        figures.append((shift_name(answer).capitalize(), f"{text_html(answer.displacement).replace('-', '−')}&#8239;°"))
    return list_html(figures, "figures") + tagged("p", text_html(gof_reading(answer.gof)), class_="reading")


def warnings_box(warnings: Sequence[str]) -> str:
    """Return the warnings, or nothing where there are none."""
    if not warnings:
        return ""
    title = "Warning" if len(warnings) == 1 else f"{len(warnings)} warnings"
    items = "".join(tagged("li", text_html(warning)) for warning in warnings)
    return tagged("section", tagged("h2", title) + tagged("ul", items), class_="warnings", aria_label="Warnings")


def phases_section(identification: Identification) -> str:
    """Return the table of the phases and their refined values."""
    phases = identification.phases
    if not phases:
        return tagged("p", "No phase of the library explains the peaks of this pattern.", class_="empty")
    columns = [(name, write) for name, write, shown in _columns(phases) if shown]
    rows = [[swatch(k) + text_html(p.label.name), *(c(p) for _, c in columns)] for k, p in enumerate(phases)]
    headers = ["Phase", *(name for name, _ in columns)]
    numeric = [k for k, name in enumerate(headers) if name not in ("Phase", "Formula", "Space group", "Cell")]
    return table_html(
        "Refined values; standard uncertainties in the last digits stand in parentheses.",
        headers,
        rows,
        numeric,
        "phases",
    )


def _columns(phases: Sequence[IdentifiedPhase]) -> list[tuple[str, Callable[[IdentifiedPhase], str], bool]]:
    """Return header, what stands under it, and whether any phase has something to stand there."""
    return [
        ("Formula", lambda p: formula_html(p.label.formula), True),
        (
            "Space group",
            lambda p: f"{space_group_html(p.label.space_group_symbol)} <small>({p.label.space_group_number})</small>",
            True,
        ),
        ("wt%", lambda p: text_html(percent(p.weight_fraction)), True),
        (
            "s.u. of the fit alone&#8239;/&#8239;wt%",
            lambda p: fit_su(p.fitted_fraction),
            any(fit_su(p.fitted_fraction) != "–" for p in phases),
        ),
        (
            "Probability",
            lambda p: text_html(probability_text(p.probability)),
            any(p.probability is not None for p in phases),
        ),
        ("Cell", lambda p: cell_html(p.lattice), True),
        ("<i>R</i><sub>Bragg</sub>&#8239;/&#8239;%", lambda p: fixed(p.r_bragg, 1), True),
        ("Share of intensity&#8239;/&#8239;%", lambda p: fixed(100 * p.share, 1), True),
        (
            "Crystallite size&#8239;/&#8239;Å",
            lambda p: text_html(p.crystallite_size) if p.crystallite_size else "–",
            any(p.crystallite_size for p in phases),
        ),
        ("March–Dollase <i>r</i>", _texture, any(p.preferred_orientation for p in phases)),
    ]


def odds_section(identification: Identification) -> str:
    """Return how probable the answer is, which sets of phases hold the truth, what cannot be told apart."""
    words = [
        coverage_words(identification),
        amorphous_words(identification.amorphous_fraction),
        unknown_words(identification),
    ]
    text = "".join(tagged("p", text_html(line.rstrip(".")) + ".") for line in words if line)
    rows = [
        [swatch(k) + text_html(p.label.name), "; ".join(_label(member) for member in p.members)]
        for k, p in enumerate(identification.phases)
        if p.members
    ]
    caption = "Phases that this pattern cannot tell apart: each is one answer, of any of its members."
    return text + (table_html(caption, ["Phase", "May as well be"], rows) if rows else "")


def limits_section(identification: Identification) -> str:
    """Return the most that the pattern could hide of phases that were not found."""
    rows = [
        [_label(limit.label), f"&lt;&#8239;{100 * limit.weight_fraction:.2g}", fixed(100 * limit.level, 0)]
        for limit in identification.detection_limits
    ]
    headers = ["Phase", "wt%", "Probability&#8239;/&#8239;%"]
    caption = "Phases that were not found: each, if present, is below the stated weight with the stated probability."
    return table_html(caption, headers, rows, (1, 2), "narrow") if rows else ""


def sources_section(identification: Identification) -> str:
    """Return where the structure of each phase came from."""
    if not identification.phases:
        return ""
    rows = [
        [
            swatch(k) + text_html(p.label.name),
            _identifier(p.label.library_id),
            text_html(p.source),
            text_html(p.citation) or "–",
            text_html(p.licence) or "–",
            ", ".join(_identifier(other) for other in p.equivalents) or "–",
        ]
        for k, p in enumerate(identification.phases)
    ]
    headers = ["Phase", "Library entry", "Source", "Citation", "Licence", "Equivalent entries"]
    return table_html("Where the structure of each phase comes from.", headers, rows, class_="sources")


def unexplained_section(identification: Identification) -> str:
    """Return the peaks that no phase explains."""
    peaks = sorted(identification.unexplained_peaks, key=lambda peak: peak.position)
    if not peaks:
        return tagged("p", "No significant peak of the difference curve was left unexplained.", class_="empty")
    name, unit = axis_unit(identification.pattern)
    decimals = _decimals(max(peak.height for peak in peaks))
    rows = [
        [
            fixed(peak.position, 3),
            fixed(peak.d_spacing, 4),
            fixed(peak.height, decimals),
            fixed(peak.significance, 1),
            fixed(100 * peak.share, 2),
        ]
        for peak in peaks
    ]
    headers = [f"{name}&#8239;/&#8239;{unit}", "<i>d</i>&#8239;/&#8239;Å", "Height", "Height / s.u."]
    headers.append("Share of intensity&#8239;/&#8239;%")
    return table_html("Peaks of the difference curve that no phase explains.", headers, rows, range(5), "narrow")


def alternatives_section(identification: Identification) -> str:
    """Return the sets of phases that fit nearly as well."""
    others = other_sets(identification)
    if not others:
        return tagged("p", "No other set of phases of the library fits nearly as well.", class_="empty")
    calibrated = any(other.probability is not None for other in others)
    rows = [
        [
            " + ".join(_label(label) for label in other.phases) or "no phase",
            fixed(other.rwp, 2),
            *([text_html(probability_text(other.probability))] if calibrated else []),
        ]
        for other in others
    ]
    headers = [
        "Phases",
        "<i>R</i><sub>wp</sub> in the search&#8239;/&#8239;%",
        *(["Probability"] if calibrated else []),
    ]
    caption = "Other sets of phases that fit nearly as well; they were not refined to the end."
    return table_html(caption, headers, rows, (1, 2))


def settings_section(identification: Identification) -> str:
    """Return the settings of the run and what it takes to repeat it."""
    return provenance_blocks(
        identification.provenance, identification.settings, {"Measurement": dict(identification.pattern.metadata)}
    )


def provenance_blocks(
    provenance: Provenance, settings: Mapping[str, object], others: Mapping[str, Mapping[str, object]]
) -> str:
    """Return program, inputs, library, settings and further blocks of facts side by side."""
    blocks: list[tuple[str, Mapping[str, object]]] = [
        ("Program", {"program": f"{provenance.program} {provenance.version}", **provenance.dependencies}),
        ("Input (SHA-256)", provenance.inputs),
        ("Library", provenance.library),
        ("Settings", {**provenance.settings, **settings}),
        *others.items(),
    ]
    written = [
        tagged("h3", title) + list_html([(text_html(name), _value(value)) for name, value in block.items()], "facts")
        for title, block in blocks
        if block
    ]
    return tagged("div", "".join(tagged("div", block) for block in written), class_="provenance")


SECTIONS: tuple[tuple[str, Callable[[Identification], str]], ...] = (
    ("Phases", phases_section),
    ("Probabilities", odds_section),
    ("Unexplained peaks", unexplained_section),
    ("Alternatives", alternatives_section),
    ("Detection limits", limits_section),
    ("Reference structures", sources_section),
    ("Settings and provenance", settings_section),
)


def swatch(k: int) -> str:
    """Return a patch of the colour of phase k."""
    return tagged("span", "", class_=f"swatch phase-{k % 8}", aria_hidden="true")


def _label(label: PhaseLabel) -> str:
    return (
        f"{text_html(label.name)}, {formula_html(label.formula)}, {space_group_html(label.space_group_symbol)} "
        f"<small>{text_html(label.library_id)}</small>"
    )


def _identifier(library_id: str) -> str:
    """Write a library id that may break after a slash or an underscore."""
    return tagged("code", text_html(library_id).replace("/", "/<wbr>").replace("_", "_<wbr>"))


def cell_html(lattice: dict[str, Estimate]) -> str:
    """Return the parameters of a cell that symmetry leaves free, and its volume."""
    parameters = [
        tagged("span", f"<i>{symbol}</i>&#8239;=&#8239;{text_html(value)}&#8239;{unit}", class_="parameter")
        for symbol, value, unit in cell_parameters(lattice)
    ]
    return " ".join(parameters)


def _texture(phase: IdentifiedPhase) -> str:
    if phase.preferred_orientation is None:
        return "–"
    axis, r = phase.preferred_orientation
    indices = "".join(tagged("span", str(-h), class_="overline") if h < 0 else str(h) for h in axis)
    return f"{text_html(r)} along [{indices}]"


def fixed(value: float | None, decimals: int) -> str:
    """Return a number with so many decimals, a dash for none."""
    return f"{value:.{decimals}f}" if value is not None and math.isfinite(value) else "–"


def _decimals(top: float) -> int:
    """Return the decimals that give the largest number of a column four figures."""
    return max(0, 3 - math.floor(math.log10(top))) if 0 < top < math.inf else 0


def _value(value: object) -> str:
    ready = json_ready(value)
    if ready is None or ready == "" or ready == []:
        return "–"
    if isinstance(ready, list) and all(isinstance(item, str | int | float) for item in ready):
        return text_html(", ".join(str(item) for item in ready))
    return text_html(json.dumps(ready, ensure_ascii=False) if isinstance(ready, dict | list | bool) else ready)

"""The keywords and macros of TOPAS input files that are understood: what each reads and where it puts it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from anatase.errors import InputError
from anatase.io.topas_content import TopasContent, TopasPhase, TopasScan
from anatase.io.topas_emission import emission_of_macro, is_emission_macro
from anatase.io.topas_parameter import TopasNumber
from anatase.io.topas_phase_keywords import PHASE_KEYWORDS
from anatase.io.topas_text import TopasText

__all__ = ["read_content"]

# results, and what steers the minimisation and its output: nothing of the model
SILENT = re.compile(
    r"r_(wp|exp|p|wp_dash|exp_dash|p_dash|bragg)|gof|weighted_Durbin_Watson|iters|chi2_convergence_criteria|do_errors|"
    r"cell_(volume|mass)|weight_percent|phase_MAC|MVW|convolution_step|x_calculation_step|seed|volume|density|"
    r"continue_after_convergence|penalties_weighting_K1|no_LIMIT_warnings|conserve_memory|quick_refine|axial_n_beta|"
    r"bootstrap_errors|auto_T|randomi[sz]e_on_errors|\w+_format|[AC]_matrix\w*|Out\w*|Create_\w+|numerical_area|"
    r"Phase_(LAC_1_on_cm|Density_g_on_cm3)|view_structure|file_name_for_best_solutions|process_times|verbose|load|out|"
    r"append|out_record|phase_out|hkl_m_d_th2|I|e0|lvol"
)


def read_content(content: TopasContent) -> None:
    """Read keyword after keyword; those unknown are kept in ``skipped`` and stepped over with what belongs to them."""
    text = content.text
    while text.next():
        line, word = text.line, text.word()
        if not word:
            _step(text)
            continue
        handler = GLOBAL_KEYWORDS.get(word) or SCAN_KEYWORDS.get(word)
        if handler is not None:
            handler(content, text)
        elif is_emission_macro(word):
            _emission_macro(content, text, word)
        elif word in PHASE_KEYWORDS and content.phase is not None:
            PHASE_KEYWORDS[word](content, content.phase, text)
        else:
            if SILENT.fullmatch(word) is None and word not in content.names.numbers:
                content.skip(word, line)
            _step_over_values(text)


def _step(text: TopasText) -> None:
    """Step over what is no word: brackets with their content, an equation, a quoted text, a number, a character."""
    character = text.next()
    if character in "({":
        text.bracketed()
    elif character == "=":
        text.take("=")
        text.equation()
    elif character == '"':
        text.raw()
    elif text.number() is None:
        text.at += 1


def _step_over_values(text: TopasText) -> None:
    """Step over what may follow an unknown keyword: brackets, flags, numbers, equations, texts."""
    while (character := text.next()) and not (character.isalpha() or character == "_"):
        _step(text)


def _xdd(content: TopasContent, text: TopasText) -> None:
    line = text.line
    content.scans.append(TopasScan(line, text.raw()))
    content.phase = None


def _raw_macro(suffix: str, content: TopasContent, text: TopasText) -> None:
    """``RAW(name)``, ``XYE(name)``: the data file by its name without its ending."""
    line, arguments = text.line, text.arguments()
    name = arguments[0].text.strip().strip('"') if arguments else ""
    content.scans.append(TopasScan(line, f"{name}.{suffix}"))
    content.phase = None


def _for(content: TopasContent, text: TopasText) -> None:
    """``for strs 1 to 2 { … }``, ``for xdds { … }``: the same words for each phase of the scan, or for each scan."""
    line, kind = text.line, text.word()
    first = text.number()
    last = text.number() if first is not None and text.take("to") else first
    if kind not in ("strs", "xdds") or text.next() != "{":
        raise text.source.error(f"'for {kind}' is not followed", "write out what it stands for", line)
    body = text.bracketed()
    phase, looped, outer = content.phase, content.looped, content.text
    phases = [one for scan in (content.scans if looped is None else [looped]) for one in scan.phases]
    count = len(phases) if kind == "strs" else len(content.scans)
    for index in range(count):
        if first is not None and last is not None and not first <= index + 1 <= last:
            continue
        content.text = TopasText(body.text, body.source, body.line)
        if kind == "strs":
            content.phase = phases[index]
        else:
            content.looped = content.scans[index]
        read_content(content)
        content.looped = looped
    content.phase, content.text = phase, outer


def _phase(mode: str, content: TopasContent, text: TopasText) -> None:
    phase = TopasPhase(text.line, mode)
    arguments = text.arguments()  # STR(Pnma), or the keyword alone
    if arguments:
        phase.group = arguments[0].text.strip()
        phase.name = arguments[1].text.strip().strip('"') if len(arguments) > 1 else ""
    content.scan.phases.append(phase)
    content.phase = phase


def _unsupported(word: str, reason: str, _content: TopasContent, text: TopasText) -> None:
    raise text.source.error(f"'{word}': {reason}", "take it out, or describe the pattern otherwise", text.line)


def _peaks_phase(content: TopasContent, text: TopasText) -> None:
    """``xo_Is``, ``d_Is``: single peaks, which are no phase here."""
    content.skip("xo_Is or d_Is (peaks without a phase)", text.line)
    content.phase = TopasPhase(text.line)


def _prm(content: TopasContent, text: TopasText) -> None:
    content.number(text)


def _scan_number(key: str, content: TopasContent, text: TopasText) -> None:
    content.scan.numbers[key] = content.number(text)


def _scan_macro(key: str, name: str, content: TopasContent, text: TopasText) -> None:
    content.scan.numbers[key] = content.pair(text.arguments(), 0, name)


def _background(content: TopasContent, text: TopasText) -> None:
    """``bkg @ 100 -20 3``: one flag for all coefficients, each a parameter of its own."""
    refined = text.take("@")
    fixed = text.take("!")
    name = text.word() if fixed or text.next() not in "=+-.0123456789" else ""
    found = []
    while text.next() and text.next() in "+-.0123456789":
        number = content.number(text)
        if refined or (name and not fixed):
            number = replace(number, key=content.names.fresh(), refined=True)
            content.names.numbers[number.key] = number
        found.append(number)
    content.scan.background = found


def _lam(content: TopasContent, text: TopasText) -> None:
    """``lam ymin_on_ymax 0.001 la 1 lo 1.5406 lh 0.5``, with several lines; lh in mÅ."""
    scan = content.scan
    scan.lines, scan.emission = [], ""
    while (word := text.peek_word()) in ("ymin_on_ymax", "la", "lo", "lh", "lg", "no_th_dependence"):
        text.word()
        if word == "no_th_dependence":
            content.skip(word, text.line)
            continue
        number = content.number(text)
        value = content.value(number)
        if word == "la":
            scan.lines.append((value, 0.0, 0.0))
        elif word != "ymin_on_ymax":
            area, wavelength, width = scan.lines.pop() if scan.lines else (1.0, 0.0, 0.0)
            if word == "lo":
                wavelength = value
                if not scan.lines:
                    scan.numbers["lo"] = number
            elif word == "lh":
                width = value * 1e-3
            else:
                content.skip("lg (Gaussian width of an emission line)", number.line)
            scan.lines.append((area, wavelength, width))


def _emission_macro(content: TopasContent, text: TopasText, word: str) -> None:
    line = text.line
    text.arguments()
    try:
        lines, warning = emission_of_macro(word)
    except InputError as error:
        raise text.source.error(error.found, error.remedy, line) from error
    content.scan.lines, content.scan.emission = list(lines), word
    if warning:
        content.at(line, warning)


def _named_or_not(content: TopasContent, text: TopasText, macro: str) -> TopasNumber:
    """Return the number of a macro that takes it alone or after a name."""
    line, arguments = text.line, text.arguments()
    if not arguments:
        raise text.source.error(f"{macro} has no value", f"write it as {macro}(1)", line)
    name = arguments[0] if len(arguments) > 1 else TopasText("", text.source, line)
    return content.names.read_pair(name, arguments[min(1, len(arguments) - 1)])


def _last_value(content: TopasContent, text: TopasText, macro: str) -> float:
    return content.value(_named_or_not(content, text, macro))


def _scan_value_macro(key: str, macro: str, content: TopasContent, text: TopasText) -> None:
    content.scan.numbers[key] = _named_or_not(content, text, macro)


def _lorentz_factor(content: TopasContent, _text: TopasText) -> None:
    content.scan.lp = None


def _lp_factor(content: TopasContent, text: TopasText) -> None:
    content.scan.lp = _last_value(content, text, "LP_Factor")


def _radius(content: TopasContent, text: TopasText) -> None:
    radius = _last_value(content, text, "Radius")
    content.scan.radii = (radius, radius)


def _one_radius(index: int, content: TopasContent, text: TopasText) -> None:
    radius = content.value(content.number(text))
    content.scan.radii = (radius, content.scan.radii[1]) if index == 0 else (content.scan.radii[0], radius)


def _exclude(content: TopasContent, text: TopasText) -> None:
    while text.next() and text.next() in "+-.0123456789":
        low, high = text.number(), text.number()
        if low is None or high is None:
            raise text.error("exclude has one end", "write two angles, as in exclude 20 21")
        content.scan.excluded.append((low, high))


def _neutron(content: TopasContent, _text: TopasText) -> None:
    content.scan.probe = "neutron"


def _full_axial(content: TopasContent, text: TopasText) -> None:
    """``Full_Axial_Model(filament, sample, slit, primary Soller, secondary Soller)``: lengths in mm, name and value."""
    line, arguments = text.line, text.arguments()
    values: Sequence[TopasText] = [part for part in arguments if part.text.strip()[:1].isdigit()]
    if len(values) < 3:
        raise text.source.error("Full_Axial_Model has too few lengths", "give filament, sample and slit, in mm", line)
    for key, part in zip(("sample_length", "slit_length"), values[1:3], strict=True):
        content.scan.numbers[key] = content.number(part)
    content.at(line, "Full_Axial_Model: took the lengths of sample and receiving slit; Soller slits are left out")


Handler = Callable[[TopasContent, TopasText], None]

GLOBAL_KEYWORDS: dict[str, Handler] = {
    "xdd": _xdd,
    "prm": _prm,
    "local": _prm,
    "existing_prm": _prm,
    "str": partial(_phase, "rietveld"),
    "STR": partial(_phase, "rietveld"),
    "hkl_Is": partial(_phase, "pawley"),
    "for": _for,
    "xo_Is": _peaks_phase,
    "d_Is": _peaks_phase,
    "TOF_XYE": partial(_unsupported, "TOF_XYE", "time-of-flight data are not read from TOPAS files"),
    "TOF_GSAS": partial(_unsupported, "TOF_GSAS", "time-of-flight data are not read from TOPAS files"),
    "TOF_LAM": partial(_unsupported, "TOF_LAM", "time-of-flight data are not read from TOPAS files"),
    "xdd_scr": partial(_unsupported, "xdd_scr", "single-crystal data are not read from TOPAS files"),
    "RAW": partial(_raw_macro, "raw"),
    "XYE": partial(_raw_macro, "xye"),
    "XDD": partial(_raw_macro, "xdd"),
    "XY": partial(_raw_macro, "xy"),
}

SCAN_KEYWORDS: dict[str, Handler] = {
    "bkg": _background,
    "start_X": partial(_scan_number, "start_X"),
    "finish_X": partial(_scan_number, "finish_X"),
    "th2_offset": partial(_scan_number, "zero"),
    "exclude": _exclude,
    "Rp": partial(_one_radius, 0),
    "Rs": partial(_one_radius, 1),
    "Radius": _radius,
    "lam": _lam,
    "LP_Factor": _lp_factor,
    "Lorentz_Factor": _lorentz_factor,
    "neutron_data": _neutron,
    "Zero_Error": partial(_scan_macro, "zero", "Zero_Error"),
    "ZE": partial(_scan_macro, "zero", "ZE"),
    "Specimen_Displacement": partial(_scan_macro, "displacement", "Specimen_Displacement"),
    "SD": partial(_scan_macro, "displacement", "SD"),
    "Absorption": partial(_scan_macro, "absorption", "Absorption"),
    "Simple_Axial_Model": partial(_scan_value_macro, "axial", "Simple_Axial_Model"),
    "Full_Axial_Model": _full_axial,
    "One_on_X": partial(_scan_macro, "inverse", "One_on_X"),
    "Slit_Width": partial(_scan_value_macro, "slit", "Slit_Width"),
    "Cylindrical_I_Correction": partial(_scan_value_macro, "capillary", "Cylindrical_I_Correction"),
}

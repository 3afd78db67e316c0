"""Write refinements as TOPAS input files (.inp).

What TOPAS has no words for stands in comments at the head of the file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anatase.errors import InputError
from anatase.io.foreign import ForeignDiffractometer, ForeignHistogram, ForeignRefinement
from anatase.io.text_file import write_text
from anatase.io.tied_values import TiedValues, keep_structure
from anatase.io.topas_emission import lp_angle
from anatase.io.topas_spelling import macro, topas_number
from anatase.io.topas_write_phase import INDENT, keep_part, phase_lines
from anatase.scattering.lorentz_polarization import effective_polarization
from anatase.simulation.instrument import Instrument

__all__ = ["topas_inp", "write_topas"]


def write_topas(refinement: ForeignRefinement, path: str | Path) -> tuple[str, ...]:
    """Write a refinement as a TOPAS ``.inp`` file that runs as it stands beside its data.

    Returns
    -------
    What the program has no words for; it stands in the file as a comment too.

    Raises
    ------
    InputError
        As ``topas_inp``.
    """
    missing: list[str] = []
    write_text(Path(path), topas_inp(refinement, missing))
    return tuple(dict.fromkeys(missing))


def topas_inp(refinement: ForeignRefinement, missing: list[str] | None = None) -> str:
    """Return the text of a TOPAS input file: every pattern with its phases, what is free, tied and summed.

    What TOPAS has no words for is added to ``missing``.

    Raises
    ------
    InputError
        When there is no pattern, or one is of time of flight.
    """
    if not refinement.histograms:
        raise InputError("the refinement has no pattern", "add one, or write its structures as .str files")
    missing = [] if missing is None else missing
    tied, body = TiedValues(refinement), list[str]()
    for phase in refinement.phases:
        keep_structure(tied, phase.name, phase.structure)
    for histogram in refinement.histograms:
        _keep_histogram(tied, histogram)
        for phase in refinement.phases:
            if histogram.name in phase.parts:
                keep_part(tied, f"{phase.name}.{histogram.name}", phase.parts[histogram.name])
    for histogram in refinement.histograms:
        body += _xdd(tied, histogram, missing)
        for phase in refinement.phases:
            if histogram.name in phase.parts:
                body += phase_lines(tied, phase, histogram.name, missing)
    head = [f"' {line}" for line in (refinement.title, *(f"not written: {text}" for text in missing)) if line]
    if refinement.r_wp is not None and refinement.gof:
        words = ("r_wp", refinement.r_wp), ("r_exp", refinement.r_wp / refinement.gof), ("gof", refinement.gof)
        head.append(" ".join(f"{word} {topas_number(round(value, 4))}" for word, value in words))
    return "\n".join([*head, "iters 1000", "do_errors", *body]) + "\n"


def _keep_histogram(tied: TiedValues, histogram: ForeignHistogram) -> None:
    beam, name = _beam(histogram), histogram.name
    instrument = beam.instrument
    tied.keep(f"{name}.wavelength", beam.radiation.wavelength)
    for word in ("gauss_u", "gauss_v", "gauss_w", "lorentz_x", "lorentz_y", "zero", "displacement"):
        tied.keep(f"{name}.{word}", getattr(instrument, word))
    length = instrument.radius * (instrument.s_over_l + instrument.h_over_l)
    tied.keep(f"{name}.s_over_l", length, 0.5 / instrument.radius)  # one length for H/L as well
    for k, value in enumerate(_chebyshev(histogram)):
        tied.keep(f"{name}.background.chebyshev_{k}", value)
    if histogram.background is not None:
        tied.keep(f"{name}.background.inverse", histogram.background.inverse)


def _beam(histogram: ForeignHistogram) -> ForeignDiffractometer:
    if not isinstance(histogram.beam, ForeignDiffractometer):
        raise InputError(
            f"{histogram.name} is a time-of-flight pattern",
            "only patterns of constant wavelength are written for TOPAS",
        )
    return histogram.beam


def _ends(histogram: ForeignHistogram) -> tuple[float, float] | None:
    background = histogram.background
    return histogram.limits or (background.limits if background is not None else None)


def _chebyshev(histogram: ForeignHistogram) -> list[float]:
    """Return the background as a polynomial on the fitted range, to which TOPAS scales it; nodes by least squares."""
    background, ends = histogram.background, _ends(histogram)
    if background is None or ends is None:
        return []
    coefficients = np.array(background.chebyshev)
    if coefficients.size and ends != background.limits:
        series = np.polynomial.Chebyshev(coefficients, domain=background.limits).convert(domain=ends)
        coefficients = np.pad(series.coef, (0, coefficients.size - series.coef.size))
    if background.nodes:
        terms = max(coefficients.size, min(len(background.nodes), 8))
        middle = np.clip((2.0 * np.array(background.nodes) - sum(ends)) / (ends[1] - ends[0]), -1.0, 1.0)
        fitted = np.polynomial.chebyshev.chebfit(middle, background.heights, terms - 1)
        coefficients = fitted + np.pad(coefficients, (0, terms - coefficients.size))
    return [float(value) for value in coefficients]


def _xdd(tied: TiedValues, histogram: ForeignHistogram, missing: list[str]) -> list[str]:
    """Return the lines of a pattern: data, radiation, geometry, background, ranges."""
    beam, name = _beam(histogram), histogram.name
    instrument, radiation, background = beam.instrument, beam.radiation, histogram.background
    lines = []
    ends = _ends(histogram)
    if ends is not None:
        lines.append(f"start_X {topas_number(ends[0])} finish_X {topas_number(ends[1])}")
    lines += [f"exclude {topas_number(low)} {topas_number(high)}" for low, high in histogram.excluded]
    names = [f"{name}.background.chebyshev_{k}" for k in range(len(_chebyshev(histogram)))]
    if names:
        free = [one in tied.refinement.free for one in names]
        if any(free) and not all(free):
            missing.append(f"that some coefficients of {name}'s background are held: TOPAS refines all or none")
        lines.append(f"bkg {'@ ' * any(free)}" + " ".join(topas_number(tied.values[one]) for one in names))
    if background is not None:
        if background.inverse != 0.0 or f"{name}.background.inverse" in tied.refinement.free:
            lines.append(macro(tied, "One_on_X", f"{name}.background.inverse"))
        if background.nodes:
            missing.append(f"the nodes of {name}'s background; a polynomial fitted to them stands for them")
        if background.debye or background.humps:
            missing.append(f"the humps and diffuse terms of {name}'s background")
    lines.append(f"Radius({topas_number(instrument.radius)})")
    lines += _emission(tied, name, beam)
    if radiation.probe == "xray":
        lines.append(f"LP_Factor({topas_number(lp_angle(effective_polarization(radiation)))})")
    else:
        lines += ["neutron_data"] if radiation.probe == "neutron" else []
        lines.append("Lorentz_Factor")
    lines += _shifts(tied, name, instrument, missing)
    return [f'xdd "{histogram.data_file or name + ".xye"}"', *(INDENT + line for line in lines)]


def _emission(tied: TiedValues, name: str, beam: ForeignDiffractometer) -> list[str]:
    radiation = beam.radiation
    widths = radiation.line_widths or (0.0,) * len(radiation.lines)
    free = f"{name}.wavelength" in tied.refinement.free
    lines = ["lam ymin_on_ymax 0.0001"]
    for index, ((wavelength, area), width) in enumerate(zip(radiation.lines, widths, strict=True)):
        place = topas_number(wavelength)
        if free:
            flag = f"{name}_wavelength"
            place = (
                f"{flag} {place}" if index == 0 else f"= {topas_number(wavelength / radiation.wavelength)} * {flag};"
            )
        lines.append(f"{INDENT}la {topas_number(area)} lo {place} lh {topas_number(max(width * 1e3, 1e-4))}")
    return lines


def _shifts(tied: TiedValues, name: str, instrument: Instrument, missing: list[str]) -> list[str]:
    """Return zero error, displacement, transparency and axial divergence."""
    free = tied.refinement.free
    lines = [macro(tied, "Zero_Error", f"{name}.zero")]
    if instrument.displacement != 0.0 or f"{name}.displacement" in free:
        if instrument.geometry == "bragg_brentano" and instrument.incidence is None:
            lines.append(macro(tied, "Specimen_Displacement", f"{name}.displacement"))
        else:
            missing.append(f"the displacement of {name}, which TOPAS's macro knows for a flat plate in reflection")
    if instrument.penetration > 0.0:
        lines.append(f"Absorption(, {topas_number(10.0 / instrument.penetration)})")
    if instrument.s_over_l > 0.0:
        lines.append(macro(tied, "Simple_Axial_Model", f"{name}.s_over_l"))
    if instrument.lorentz_z != 0.0:
        missing.append(f"the constant Lorentzian width of {name}, {topas_number(instrument.lorentz_z)} deg")
    if instrument.incidence is not None or instrument.displacement_across != 0.0:
        missing.append(f"the fixed incidence or sideways displacement of {name}")
    return lines

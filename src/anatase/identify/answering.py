"""From the last fit to the answer that users read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate
from anatase.identify.answer import Alternative, DetectionLimit, Identification, IdentifiedPhase, Ticks
from anatase.identify.detection_limit import detection_limits, polymorphs
from anatase.identify.error_space import Elimination, eliminated, error_space
from anatase.identify.final import FinalFit, broadest_line, cell_estimates
from anatase.identify.hypothesis import Hypothesis
from anatase.identify.phase_label import phase_label
from anatase.identify.quantify import Quantify
from anatase.identify.search import SearchResult
from anatase.identify.unexplained import unexplained_peaks
from anatase.identify.weighing import Weighed, weighed
from anatase.library import Library
from anatase.provenance import Provenance
from anatase.refine.start.measurement import Measurement
from anatase.scattering.lorentz_polarization import lorentz_polarization

__all__ = ["build_answer"]

Array = NDArray[np.float64]

NEARLY_AS_WELL = 1.2  # times the answer's Rwp in the search
POOR_R_BRAGG = 25.0  # percent
STRONG_TEXTURE = 2.0  # March r, or one over it
BROAD = 1.2  # degrees
MOST_LIMITS = 4  # phases whose detection limits are told though nobody asked for them
TELLING = 0.2  # weight fraction: a higher limit of a phase that nobody asked for says nothing


def _ticks(final: FinalFit, which: int, measurement: Measurement) -> Ticks:
    phase = final.model.phases[which]
    b, at, k = final.model.columns.shape[0], final.model.offsets[which], phase.basis.shape[0]
    values = final.fit.values
    inverse_d = np.sqrt(phase.inverse_d2 + phase.strain_terms @ values[at + 1 : at + 1 + k])
    theta = np.arcsin(np.minimum(measurement.radiation.wavelength * inverse_d / 2.0, 1.0))
    lever = np.cos(theta) if measurement.shift_kind == "displacement" else np.ones_like(theta)
    position = 2.0 * np.degrees(theta) + values[b] * lever
    inside = (position >= measurement.x[0]) & (position <= measurement.x[-1])
    factor = lorentz_polarization(np.clip(position, 0.1, 179.9), measurement.radiation)
    strength = phase.strength * factor * inside
    relative = 100.0 * strength / max(float(strength.max()), 1e-300)
    keep = inside & (relative > 0.01)
    return Ticks(phase.hkl[keep], position[keep], 1.0 / inverse_d[keep], phase.multiplicity[keep], relative[keep])


def _r_bragg(final: FinalFit, which: int, measurement: Measurement) -> float:
    """Return Σ|I_obs − I_calc| / Σ I_calc (percent) with I_obs shared out as Rietveld (1969) does."""
    curve, bragg = final.curves[which], final.fit.model - final.background
    share = curve / np.maximum(bragg, 1e-12)
    net = measurement.y - final.background
    strong = curve > 0.02 * max(float(curve.max()), 1e-12)
    total = float(curve[strong].sum())
    edges = np.flatnonzero(np.diff(np.concatenate([[0], strong.astype(int), [0]])))
    error = sum(
        abs(float((share[a:b] * net[a:b] - curve[a:b]).sum())) for a, b in zip(edges[::2], edges[1::2], strict=True)
    )
    return 100.0 * error / total if total > 0 else float("nan")


def _size(final: FinalFit, which: int, measurement: Measurement) -> Estimate | None:
    """Return the apparent crystallite size (Å) from the Lorentzian size broadening, K = 1 (Scherrer)."""
    phase = final.model.phases[which]
    at = final.model.offsets[which] + 1 + phase.basis.shape[0]
    x, su = float(final.fit.values[at]), float(np.sqrt(max(float(final.covariance[at, at]), 0.0)))
    if x < 3.0 * su or x < 0.1 * measurement.fwhm:
        return None
    size = measurement.radiation.wavelength / np.radians(x)
    return Estimate(float(size), float(size * su / x))


def _phases(
    measurement: Measurement, library: Library, best: Hypothesis, final: FinalFit, amounts: Weighed
) -> list[IdentifiedPhase]:
    areas = final.curves.sum(axis=1) if len(amounts.fractions) else np.zeros(0)
    phases = []
    for i, candidate in enumerate(best.candidates):
        entry = library.entry(candidate.entry)
        lines = final.model.phases[i]
        texture = None
        if lines.axis is not None:
            at = final.model.offsets[i + 1] - 1
            r_su = float(np.sqrt(max(float(final.covariance[at, at]), 0.0)))
            texture = (lines.axis, Estimate(float(final.fit.values[at]), r_su))
        group = np.flatnonzero(library.groups == library.groups[candidate.entry])
        phases.append(
            IdentifiedPhase(
                label=phase_label(library, candidate.entry),
                weight_fraction=amounts.fractions[i],
                fitted_fraction=amounts.fitted[i],
                probability=None,
                lattice=cell_estimates(final, i),
                source=entry.source,
                citation=entry.citation,
                licence=entry.licence,
                r_bragg=_r_bragg(final, i, measurement),
                share=float(areas[i] / areas.sum()) if areas.sum() > 0 else 0.0,
                preferred_orientation=texture,
                crystallite_size=_size(final, i, measurement),
                equivalents=tuple(library.ids[j] for j in group if j != candidate.entry),
                ticks=_ticks(final, i, measurement),
                profile=final.curves[i],
            )
        )
    return sorted(phases, key=lambda p: -p.weight_fraction.value)


def _alternatives(measurement: Measurement, library: Library, result: SearchResult) -> tuple[Alternative, ...]:
    """Return other sets of phases whose fit in the search is nearly as good as the answer's.

    The answer with a further phase is none: the data did not demand that phase.
    """
    weights = 1.0 / measurement.sigma**2
    denominator = float(weights @ measurement.y**2)

    def rwp(hypothesis: Hypothesis) -> float:
        return 100.0 * float(np.sqrt(float(weights @ (measurement.y - hypothesis.y) ** 2) / denominator))

    def phases(hypothesis: Hypothesis) -> frozenset[int]:
        return frozenset(int(library.groups[c.entry]) for c in hypothesis.candidates)

    best, limit = phases(result.best), NEARLY_AS_WELL * rwp(result.best)
    others = [h for _, h in result.others if h.candidates and not phases(h) >= best and rwp(h) <= limit]
    others.sort(key=rwp)
    return tuple(Alternative(tuple(phase_label(library, c.entry) for c in h.candidates), rwp(h)) for h in others[:5])


def _limits(
    measurement: Measurement,
    library: Library,
    result: SearchResult,
    final: FinalFit,
    sought: Sequence[int],
    solved: Elimination | None,
    amounts: Weighed,
) -> tuple[DetectionLimit, ...]:
    """Return how much the pattern could hide of phases that were asked for, of polymorphs, and of the nearest others.

    Of what nobody asked for, phases that the pattern cannot tell from those found are left out.
    """
    found = [candidate.entry for candidate in result.best.candidates]
    nearest = [candidate.entry for _, other in result.others for candidate in other.candidates]
    taken = {int(library.groups[entry]) for entry in found}
    entries: list[int] = []
    for entry in (*sought, *polymorphs(library, found), *nearest):
        if int(library.groups[entry]) not in taken and len(entries) < max(MOST_LIMITS, len(sought)):
            taken.add(int(library.groups[entry]))
            entries.append(int(entry))
    asked = {library.ids[entry] for entry in sought}
    limits = detection_limits(final, measurement, library, entries, at_rest=solved, amounts=amounts)
    return tuple(one for one in limits if one.label.library_id in asked or one.weight_fraction < TELLING)


def _doubts(phases: list[IdentifiedPhase], final: FinalFit) -> list[str]:
    """Return a warning for each phase whose fit does not bear its name out, and one for a poor fit of all."""
    told = []
    for phase in phases:
        name = f"{phase.label.name} ({phase.label.formula})"
        if phase.r_bragg > POOR_R_BRAGG:
            told.append(f"{name}: R_Bragg {phase.r_bragg:.0f} %, its intensities do not fit; the name is doubtful")
        if phase.preferred_orientation is not None:
            r = phase.preferred_orientation[1].value
            if max(r, 1.0 / r) > STRONG_TEXTURE:
                told.append(f"{name}: the match rests on strong texture (March r {r:.2f}); look at its lines")
    for i, structure in enumerate(final.structures):
        if broadest_line(final, i) > BROAD:
            told.append(f"{structure.name or structure.formula}: very wide lines; nearly amorphous, cell uncertain")
    if phases and final.gof > 5.0:
        told.append(f"GOF {final.gof:.1f}: the fit is far from the counting noise; s.u. of cells are optimistic")
    return told


def build_answer(
    measurement: Measurement,
    library: Library,
    result: SearchResult,
    final: FinalFit,
    told: tuple[str, ...],
    provenance: Provenance,
    quantify: Quantify | None = None,
    sought: Sequence[int] = (),
) -> Identification:
    """Put an answer together from the search and the last fit.

    ``told`` are the warnings so far, ``sought`` library entries that are not there and whose detection limits are
    wanted.
    """
    warnings = list(told)
    solved = eliminated(error_space(final, measurement)) if final.model.phases else None
    amounts = weighed(final, measurement, library, [c.entry for c in result.best.candidates], quantify, solved)
    fraction, peaks = unexplained_peaks(measurement, final.fit.model, final.background)
    if not measurement.has_peaks:
        fraction, peaks = 0.0, []
    phases = _phases(measurement, library, result.best, final, amounts)
    if phases and fraction > 0.1:
        warnings.append(
            f"{100 * fraction:.0f} % of the peak heights stay unexplained: "
            "a phase may be missing from the library or the elements"
        )
    if not phases and measurement.has_peaks and provenance.settings.get("max_phases") != 0:
        warnings.append(
            "no phase of the library explains what rises above the background: amorphous, or not in the library"
        )
    warnings += [*_doubts(phases, final), *amounts.warnings]
    b = final.model.columns.shape[0]
    shift_su = float(np.sqrt(max(float(final.covariance[b, b]), 0.0)))
    return Identification(
        pattern=measurement.pattern,
        phases=tuple(phases),
        y_calc=final.fit.model,
        background=final.background,
        rwp=float(final.rwp),
        r_exp=float(final.r_exp),
        gof=float(final.gof),
        displacement=Estimate(float(final.fit.values[b]), shift_su) if phases else None,
        unexplained_fraction=fraction,
        unexplained_peaks=tuple(peaks),
        alternatives=_alternatives(measurement, library, result),
        warnings=tuple(warnings),
        provenance=provenance,
        settings={**provenance.settings, "fractions": amounts.method} if amounts.method else provenance.settings,
        amorphous_fraction=amounts.amorphous,
        detection_limits=_limits(measurement, library, result, final, sought, solved, amounts),
    )

"""From a pattern and a library to phases with weight fractions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.estimate import Estimate
from anatase.identify.answer import Alternative, Identification, IdentifiedPhase, PhaseLabel, Ticks
from anatase.identify.final import FinalFit, cell_estimates, final_fit, weight_fractions
from anatase.identify.hypothesis import Hypothesis, Searcher, SearchSettings
from anatase.identify.measurement import Measurement, prepare
from anatase.identify.plausible import plausible
from anatase.identify.search import SearchResult, search
from anatase.identify.unexplained import unexplained_peaks
from anatase.identify.unknown_wavelength import lacks_wavelength, with_estimated_wavelength
from anatase.library import Library
from anatase.pattern.pattern import Pattern
from anatase.provenance import Provenance, dependency_versions

__all__ = ["identify"]

Array = NDArray[np.float64]

NEARLY_AS_WELL = 15.0  # cost above the best up to which another phase set is told


def identify(
    pattern: Pattern,
    library: Library,
    *,
    elements: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    two_theta_range: tuple[float, float] | None = None,
    max_phases: int = 6,
    progress: Callable[[str], None] = lambda text: None,
) -> Identification:
    """Identify and quantify the phases of a powder pattern.

    Parameters
    ----------
    pattern
        The measured pattern; its radiation tells probe and wavelength.
    library
        Reference structures to choose from.
    elements
        Elements that may be present; phases of any subset of them are tried. ``None``: any.
    exclude
        Elements that are certainly absent.
    two_theta_range
        Part of the pattern to use, in units of its axis.
    max_phases
        The most phases to report.
    progress
        Called with a few words at each stage.

    Raises
    ------
    InputError
        When the pattern holds nothing that can be fitted.
    """
    if two_theta_range is not None:
        pattern = pattern.cut(*two_theta_range)
    progress("looking at the pattern")
    entries = plausible(library, library.select(allowed=elements, excluded=exclude), elements)
    if lacks_wavelength(pattern) and entries.size:
        pattern = with_estimated_wavelength(pattern, library, entries)
    measurement = prepare(pattern)
    settings: dict[str, Any] = {
        "elements": sorted(elements) if elements is not None else None,
        "exclude": sorted(exclude),
        "range": list(two_theta_range) if two_theta_range else None,
        "max_phases": max_phases,
        "shift": measurement.shift_kind,
    }
    provenance = Provenance(
        inputs={pattern.name or "pattern": pattern.sha256},
        settings=settings,
        library={"entries": len(library), "sha256": library.sha256},
        dependencies=dependency_versions(),
    )
    warnings = list(measurement.pattern.warnings)
    if entries.size == 0:
        warnings.append("the library holds no phase of the elements given; name more elements or add structures")
    if not measurement.has_peaks:
        warnings.append("no Bragg peaks stand out of the noise: amorphous or empty sample, no phase is named")
        entries = entries[:0]
    searcher = Searcher(measurement, library, entries, SearchSettings(max_phases=max_phases))
    result = search(searcher, progress)
    progress("final fit")
    best, final = final_fit(result.best, measurement, library)
    result = replace(result, best=best)
    return _answer(measurement, library, result, final, warnings, provenance, settings)


def _label(library: Library, index: int) -> PhaseLabel:
    e = library.entry(index)
    return PhaseLabel(e.name, e.formula, e.space_group_number, e.space_group_symbol, e.library_id)


def _ticks(final: FinalFit, which: int, measurement: Measurement) -> Ticks:
    phase = final.model.phases[which]
    b, at, k = final.model.columns.shape[0], final.model.offsets[which], phase.basis.shape[0]
    values = final.fit.values
    inverse_d = np.sqrt(phase.inverse_d2 + phase.strain_terms @ values[at + 1 : at + 1 + k])
    theta = np.arcsin(np.minimum(measurement.radiation.wavelength * inverse_d / 2.0, 1.0))
    lever = np.cos(theta) if measurement.shift_kind == "displacement" else np.ones_like(theta)
    position = 2.0 * np.degrees(theta) + values[b] * lever
    inside = (position >= measurement.x[0]) & (position <= measurement.x[-1])
    strength = phase.strength * inside
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
    x, su = float(final.fit.values[at]), float(np.sqrt(max(final.covariance[at, at], 0.0)))
    if x < 3.0 * su or x < 0.1 * measurement.fwhm:
        return None
    size = measurement.radiation.wavelength / np.radians(x)
    return Estimate(float(size), float(size * su / x))


def _phases(measurement: Measurement, library: Library, best: Hypothesis, final: FinalFit) -> list[IdentifiedPhase]:
    fractions = weight_fractions(final)
    areas = final.curves.sum(axis=1) if len(fractions) else np.zeros(0)
    phases = []
    for i, candidate in enumerate(best.candidates):
        entry = library.entry(candidate.entry)
        lines = final.model.phases[i]
        texture = None
        if lines.axis is not None:
            at = final.model.offsets[i + 1] - 1
            r_su = float(np.sqrt(max(final.covariance[at, at], 0.0)))
            texture = (lines.axis, Estimate(float(final.fit.values[at]), r_su))
        group = np.flatnonzero(library.groups == library.groups[candidate.entry])
        phases.append(
            IdentifiedPhase(
                label=_label(library, candidate.entry),
                weight_fraction=fractions[i],
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
    weights = 1.0 / measurement.sigma**2
    denominator = float(weights @ measurement.y**2)
    out = []
    for excess, h in result.others:
        if excess > NEARLY_AS_WELL or not h.candidates:
            continue
        rwp = 100.0 * np.sqrt(float(weights @ (measurement.y - h.y) ** 2) / denominator)
        out.append(Alternative(tuple(_label(library, c.entry) for c in h.candidates), float(rwp)))
    return tuple(out[:5])


def _answer(
    measurement: Measurement,
    library: Library,
    result: SearchResult,
    final: FinalFit,
    warnings: list[str],
    provenance: Provenance,
    settings: dict[str, Any],
) -> Identification:
    fraction, peaks = unexplained_peaks(measurement, final.fit.model, final.background)
    phases = _phases(measurement, library, result.best, final)
    if phases and fraction > 0.1:
        warnings.append(
            f"{100 * fraction:.0f} % of the peak heights stay unexplained: a phase may be missing from the library or the elements"
        )
    if not phases and measurement.has_peaks:
        warnings.append("no phase of the library explains the peaks")
    b = final.model.columns.shape[0]
    shift_su = float(np.sqrt(max(final.covariance[b, b], 0.0)))
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
        settings=settings,
    )

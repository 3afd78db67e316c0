"""Weight fractions of the phases found, with s.u. that hold what the fit cannot know.

The scales come with the errors that intensities may have (``scale_estimates``). On top of their covariance stand, as
changes of ln of each phase's amount: texture, which harms a powder beyond what its harmonics describe, in proportion to
what of it shows; microabsorption of grains whose size is not known; and a little for everything else (sampling,
extinction, matter of a phase that is not crystalline).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anatase.errors import ConvergenceError
from anatase.estimate import Estimate
from anatase.identify.error_space import Elimination
from anatase.identify.final import FinalFit, weight_fractions
from anatase.identify.quantify import UNKNOWN_GRAINS, Quantify
from anatase.identify.scale_estimates import ScaleEstimates, scale_estimates
from anatase.identify.shadows import Shadows, Surroundings, grain_words, shadows_of
from anatase.identify.spike import impossible, named_spike, too_faint
from anatase.library import Library
from anatase.refine.quantity import Quantification, quantify
from anatase.refine.quantity.internal_standard import InternalStandard
from anatase.refine.quantity.microabsorption import Grains, unshadowed_amounts
from anatase.refine.quantity.weight_fractions import phase_amounts
from anatase.refine.start.measurement import Measurement

__all__ = ["Weighed", "seen_masses", "weighed"]

Array = NDArray[np.float64]

# changes of ln of an amount, set on the half of the weighed mixtures that docs/explanation/identification.md names
ANYTHING_ELSE = 0.05
PER_TEXTURE = 1.5  # of the root mean square change that texture makes to a phase's lines
MOST_BY_TEXTURE = 0.4
GRAINS_IN_COMMON = 0.8  # s.u. of ln of a diameter that all phases share where nobody knows it
NOTABLE = 0.02  # weight fraction
STEP = 0.1  # of ln of a diameter


@dataclass(frozen=True)
class Weighed:
    """Weight fractions of the phases (p,), in their order, and of what is amorphous where a spike tells it.

    ``fitted`` are those of the fit alone, with its s.u.; ``method`` says in words what was done. ``seen_mass`` is what
    the phases together weigh in units of the fit, area · norm · Z M/V, freed of microabsorption; ``surroundings``
    is what a further phase would find among them, ``None`` where microabsorption is not corrected.
    """

    fractions: tuple[Estimate, ...]
    fitted: tuple[Estimate, ...]
    amorphous: Estimate | None
    method: str
    warnings: tuple[str, ...]
    seen_mass: float = 0.0
    surroundings: Surroundings | None = None


def weighed(
    final: FinalFit,
    measurement: Measurement,
    library: Library,
    entries: Sequence[int],
    options: Quantify | None = None,
    solved: Elimination | None = None,
) -> Weighed:
    """Return the weight fractions of the phases of a last fit, which are the library's ``entries`` (p,) in this order.

    W_p ∝ S_p (Z M V)_p (Hill & Howard 1987, J. Appl. Cryst. 20, 467), over Brindley's τ_p (1945, Philos. Mag. 36, 347).
    A standard gives fractions of the whole specimen unless they are impossible, or the standard is hardly seen; a
    warning then says why they are of the crystalline part. ``solved`` is that of ``scale_estimates``.

    Raises
    ------
    InputError
        When one phase is given two sizes of grains.
    """
    options = Quantify() if options is None else options
    fitted = tuple(weight_fractions(final))
    if not entries:
        return Weighed(fitted, fitted, None, "", ())
    names = _names(library, entries)
    spike, told = named_spike(options.internal_standard, library, entries, names)
    estimates = scale_estimates(final, measurement, solved=solved)
    if len(entries) == 1 and spike is None:
        return Weighed(fitted, fitted, None, "", tuple(told), float(seen_masses(final, estimates.areas).sum()))
    shadows, doubts = shadows_of(final.structures, measurement, library, entries, options)
    if spike is not None and (faint := too_faint(spike, _variance(estimates, names, spike))):
        told.append(faint)
        spike = None
    try:
        answer = _quantified(final, names, estimates, shadows, spike)
    except ConvergenceError as error:
        doubts.append(f"microabsorption is not corrected: {error}")
        shadows = None
        answer = _quantified(final, names, estimates, None, spike)
    if spike is not None and (reason := impossible(spike, answer)):
        told.append(reason)
        spike = None
        answer = _quantified(final, names, estimates, shadows, None)
    told += doubts + _warnings(answer, names, shadows)
    return Weighed(
        tuple(one.weight_fraction for one in answer.phases),
        fitted if spike is None else _fitted_beside(final, names, spike),
        answer.amorphous,
        answer.method,
        tuple(told),
        float((seen_masses(final, estimates.areas) / [one.tau or 1.0 for one in answer.phases]).sum()),
        None if shadows is None else shadows.beside([one.weight_fraction.value for one in answer.phases]),
    )


def _names(library: Library, entries: Sequence[int]) -> list[str]:
    """Return what the phases are called, each by a name of its own."""
    names = [f"{library.names[i]} ({library.formulas[i]})" for i in entries]
    count = Counter(names)
    return [f"{name} [{library.ids[i]}]" if count[name] > 1 else name for name, i in zip(names, entries, strict=True)]


def seen_masses(final: FinalFit, areas: Array) -> Array:
    """Return what the phases (p,) of these areas weigh, area · norm · Z M/V."""
    unit = [
        p.norm * s.mass_per_cell / s.lattice.volume for p, s in zip(final.model.phases, final.structures, strict=True)
    ]
    return np.asarray(areas * np.array(unit))


def _fitted_beside(final: FinalFit, names: list[str], spike: InternalStandard) -> tuple[Estimate, ...]:
    """Return the fractions (p,) of the whole specimen that the fit alone tells beside a standard."""
    index = np.array(final.model.offsets[:-1], dtype=np.int64)
    volume = np.array([one.lattice.volume for one in final.structures])
    mass = np.array([one.mass_per_cell for one in final.structures])
    unit = np.array([phase.norm for phase in final.model.phases]) / volume**2
    covariance = final.covariance[np.ix_(index, index)] * np.outer(unit, unit)
    answer = quantify(
        names, final.fit.values[index] * unit, mass, volume, covariance, internal_standard=spike
    )  # fmt: skip
    return tuple(one.weight_fraction for one in answer.phases)


def _covariance(estimates: ScaleEstimates) -> Array:
    """Return the covariance (p, p) of ln of the amounts with what errs beside the intensities, grains left out."""
    other = ANYTHING_ELSE**2 + np.minimum(PER_TEXTURE * estimates.texture, MOST_BY_TEXTURE) ** 2
    return np.asarray(estimates.covariance + np.diag(other))


def _variance(estimates: ScaleEstimates, names: list[str], spike: InternalStandard) -> float:
    at = names.index(spike.phase)
    return float(_covariance(estimates)[at, at])


def _quantified(
    final: FinalFit,
    names: list[str],
    estimates: ScaleEstimates,
    shadows: Shadows | None,
    spike: InternalStandard | None,
) -> Quantification:
    volume = np.array([one.lattice.volume for one in final.structures])
    mass = np.array([one.mass_per_cell for one in final.structures])
    # an area is S V² over the norm of the lines, which have m|F|²/V²
    scales = estimates.areas * np.array([phase.norm for phase in final.model.phases]) / volume**2
    covariance = _covariance(estimates)
    if shadows is not None and any(shadows.guessed):
        covariance += _common_grains(scales, mass, volume, shadows)
    return quantify(
        names, scales, mass, volume, covariance * np.outer(scales, scales), internal_standard=spike,
        linear_absorptions=None if shadows is None else shadows.absorption,
        particle_size=None if shadows is None else dict(zip(names, shadows.diameters, strict=True)),
    )  # fmt: skip


def _common_grains(scales: Array, mass: Array, volume: Array, shadows: Shadows) -> Array:
    """Return the covariance (p, p) of ln of the amounts where grains of unknown size may all be coarser.

    Those whose size is known stay as they are.
    """
    amounts = phase_amounts(scales, mass, volume)

    def corrected(factor: float) -> Array:
        sizes = tuple(
            Estimate(one.value * (factor if guess else 1.0))
            for one, guess in zip(shadows.diameters, shadows.guessed, strict=True)
        )
        return np.log(unshadowed_amounts(amounts, mass, volume, Grains(shadows.absorption, sizes)).amounts.values)

    slope = (corrected(np.exp(STEP)) - corrected(np.exp(-STEP))) / (2.0 * STEP)
    return np.asarray(GRAINS_IN_COMMON**2 * np.outer(slope, slope))


def _warnings(answer: Quantification, names: list[str], shadows: Shadows | None) -> list[str]:
    """Return the warnings of a quantification; a guess at the grains says once what it changes."""
    if shadows is None or not any(shadows.guessed):
        return list(answer.warnings)
    of_guess = grain_words(names, shadows)
    told = [text for text in answer.warnings if text not in of_guess]
    if not all(shadows.guessed):
        others = ", ".join(name for name, guess in zip(names, shadows.guessed, strict=True) if guess)
        return [*told, f"grains of {UNKNOWN_GRAINS.value:g} µm are assumed for {others}; give their size too"]
    most = max((abs(one.weight_fraction.value - one.uncorrected.value) for one in answer.phases), default=0.0)
    if answer.amorphous is None and most > NOTABLE:
        told.append(
            f"microabsorption changes weight fractions by up to {100.0 * most:.0f} wt% in grains of "
            f"{UNKNOWN_GRAINS.value:g} µm, which are assumed; give the particle size"
        )
    return told

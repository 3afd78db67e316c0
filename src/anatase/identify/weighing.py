"""Weight fractions of the phases found, with s.u. that hold what the fit cannot know.

The scales come with the errors that intensities may have (``scale_estimates``). On top of their covariance stand, as
changes of ln of each phase's amount: texture, which harms a powder beyond what its harmonics describe, in proportion to
what of it shows; microabsorption of grains whose size is not known; and a little for everything else (sampling,
extinction, matter of a phase that is not crystalline).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import ConvergenceError, InputError, PhysicsError
from anatase.estimate import Estimate
from anatase.identify.error_space import Elimination
from anatase.identify.final import FinalFit, weight_fractions
from anatase.identify.named_phases import entries_named
from anatase.identify.quantify import UNKNOWN_GRAINS, Quantify
from anatase.identify.scale_estimates import ScaleEstimates, scale_estimates
from anatase.library import Library
from anatase.refine.quantity import Quantification, quantify
from anatase.refine.quantity.doubts import grain_doubts
from anatase.refine.quantity.internal_standard import InternalStandard
from anatase.refine.quantity.microabsorption import Grains, unshadowed_amounts
from anatase.refine.quantity.weight_fractions import phase_amounts
from anatase.refine.start.measurement import Measurement
from anatase.scattering.attenuation import linear_attenuation

__all__ = ["Weighed", "weighed"]

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
    """Weight fractions of the phases (p), in their order, and of what is amorphous where a spike tells it.

    ``fitted`` are those of the fit alone, with its s.u.; ``method`` says in words what was done.
    """

    fractions: tuple[Estimate, ...]
    fitted: tuple[Estimate, ...]
    amorphous: Estimate | None
    method: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Shadows:
    """Linear absorption of the phases (p), cm⁻¹, their grains, and whether those are a guess."""

    absorption: tuple[float, ...]
    diameters: tuple[Estimate, ...]
    guessed: bool


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
    ``solved`` is that of ``scale_estimates``.
    """
    options = Quantify() if options is None else options
    fitted = tuple(weight_fractions(final))
    names = _names(library, entries)
    spike, told = _spike(options, library, entries, names)
    if not entries or (len(entries) == 1 and spike is None):
        return Weighed(fitted, fitted, None, "", tuple(told))
    estimates = scale_estimates(final, measurement, solved=solved)
    shadows, doubts = _shadows(final.structures, measurement, library, entries, options)
    try:
        answer = _quantified(final, names, estimates, shadows, spike)
    except ConvergenceError as error:
        doubts.append(f"microabsorption is not corrected: {error}")
        answer = _quantified(final, names, estimates, None, spike)
        shadows = None
    told += doubts + _warnings(answer, names, shadows)
    fractions = tuple(one.weight_fraction for one in answer.phases)
    return Weighed(fractions, fitted, answer.amorphous, answer.method, tuple(told))


def _names(library: Library, entries: Sequence[int]) -> list[str]:
    """Return what the phases are called, each by a name of its own."""
    names = [f"{library.names[i]} ({library.formulas[i]})" for i in entries]
    count = Counter(names)
    return [f"{name} [{library.ids[i]}]" if count[name] > 1 else name for name, i in zip(names, entries, strict=True)]


def _found(library: Library, entries: Sequence[int], text: str) -> list[int]:
    """Return which of the phases found a text means."""
    groups = library.groups[entries_named(library, text)]
    return [i for i, entry in enumerate(entries) if library.groups[entry] in groups]


def _spike(
    options: Quantify, library: Library, entries: Sequence[int], names: list[str]
) -> tuple[InternalStandard | None, list[str]]:
    """Return the standard under the name of the phase found, or a warning that it was not."""
    standard = options.internal_standard
    if standard is None:
        return None, []
    found = _found(library, entries, standard.phase)
    if not found:
        return None, [f"the internal standard '{standard.phase}' is not among the phases found: no amorphous fraction"]
    return replace(standard, phase=names[found[0]]), []


def _shadows(
    structures: Sequence[Structure],
    measurement: Measurement,
    library: Library,
    entries: Sequence[int],
    options: Quantify,
) -> tuple[_Shadows | None, list[str]]:
    """Return absorption and grains of the phases, or ``None`` where nothing is to be corrected."""
    beam = measurement.scattering
    if not options.microabsorption or beam.probe != "xray" or beam.wavelength is None:
        return None, []
    try:
        absorption = tuple(linear_attenuation(one, beam.wavelength) for one in structures)
    except (InputError, PhysicsError) as error:
        return None, [f"microabsorption is not in the weight fractions: {error}"]
    given = options.particle_size
    if not isinstance(given, Mapping):
        size = UNKNOWN_GRAINS if given is None else _estimate(given)
        return _Shadows(absorption, (size,) * len(structures), given is None), []
    diameters: list[Estimate] = [UNKNOWN_GRAINS] * len(structures)
    told = []
    for text, diameter in given.items():
        found = _found(library, entries, text)
        told += [] if found else [f"a particle size was given for '{text}', which is not among the phases found"]
        for i in found:
            diameters[i] = _estimate(diameter)
    return _Shadows(absorption, tuple(diameters), False), told


def _estimate(value: float | Estimate) -> Estimate:
    return value if isinstance(value, Estimate) else Estimate(float(value))


def _quantified(
    final: FinalFit,
    names: list[str],
    estimates: ScaleEstimates,
    shadows: _Shadows | None,
    spike: InternalStandard | None,
) -> Quantification:
    volume = np.array([one.lattice.volume for one in final.structures])
    mass = np.array([one.mass_per_cell for one in final.structures])
    # an area is S V² over the norm of the lines, which have m|F|²/V²
    scales = estimates.areas * np.array([phase.norm for phase in final.model.phases]) / volume**2
    covariance = estimates.covariance + np.diag(
        ANYTHING_ELSE**2 + np.minimum(PER_TEXTURE * estimates.texture, MOST_BY_TEXTURE) ** 2
    )
    if shadows is not None and shadows.guessed:
        covariance += _common_grains(scales, mass, volume, shadows)
    return quantify(
        names, scales, mass, volume, covariance * np.outer(scales, scales), internal_standard=spike,
        linear_absorptions=None if shadows is None else shadows.absorption,
        particle_size=None if shadows is None else dict(zip(names, shadows.diameters, strict=True)),
    )  # fmt: skip


def _common_grains(scales: Array, mass: Array, volume: Array, shadows: _Shadows) -> Array:
    """Return the covariance (p, p) of ln of the amounts where all grains may be coarser or finer together."""
    amounts = phase_amounts(scales, mass, volume)

    def corrected(factor: float) -> Array:
        sizes = tuple(Estimate(one.value * factor) for one in shadows.diameters)
        return np.log(unshadowed_amounts(amounts, mass, volume, Grains(shadows.absorption, sizes)).amounts.values)

    slope = (corrected(np.exp(STEP)) - corrected(np.exp(-STEP))) / (2.0 * STEP)
    return np.asarray(GRAINS_IN_COMMON**2 * np.outer(slope, slope))


def _warnings(answer: Quantification, names: list[str], shadows: _Shadows | None) -> list[str]:
    """Return the warnings of a quantification; a guess at the grains says once what it changes."""
    if shadows is None or not shadows.guessed:
        return list(answer.warnings)
    of_guess = grain_doubts(names, Grains(shadows.absorption, shadows.diameters))
    told = [text for text in answer.warnings if text not in of_guess]
    most = max((abs(one.weight_fraction.value - one.uncorrected.value) for one in answer.phases), default=0.0)
    if answer.amorphous is None and most > NOTABLE:
        told.append(
            f"microabsorption changes weight fractions by up to {100.0 * most:.0f} wt% in grains of "
            f"{UNKNOWN_GRAINS.value:g} µm, which are assumed; give the particle size"
        )
    return told

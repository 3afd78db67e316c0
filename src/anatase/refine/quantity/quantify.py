"""From the scales of a fit to weight fractions: crystalline phases, amorphous content, microabsorption."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.structure import DALTON_PER_CUBIC_ANGSTROM
from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.refine.quantity.absolute_content import AbsoluteContent
from anatase.refine.quantity.doubts import amorphous_doubts, amount_doubts, contrast_doubts, grain_doubts
from anatase.refine.quantity.external_standard import ExternalStandard, by_external_standard
from anatase.refine.quantity.internal_standard import InternalStandard, by_internal_standard
from anatase.refine.quantity.microabsorption import Grains, Unshadowed, unshadowed_amounts
from anatase.refine.quantity.quantification import PhaseQuantity, Quantification
from anatase.refine.quantity.reference_intensity_ratio import ratio_amounts
from anatase.refine.quantity.weight_fractions import PhaseAmounts, phase_amounts, weight_fractions

__all__ = ["ParticleSize", "quantify", "quantify_by_ratios"]

Array = NDArray[np.float64]
ParticleSize = float | Estimate | Mapping[str, float | Estimate]


@dataclass(frozen=True)
class _Content:
    """Fractions of the phases, and the rest where a standard tells it, in words."""

    fractions: PhaseAmounts
    method: str
    specimen: AbsoluteContent | None = None
    sample: AbsoluteContent | None = None
    doubts: tuple[str, ...] = ()


def quantify(
    names: Sequence[str],
    scales: ArrayLike,
    cell_masses: ArrayLike,
    cell_volumes: ArrayLike,
    covariance: ArrayLike | None = None,
    *,
    linear_absorptions: Sequence[float] | None = None,
    particle_size: ParticleSize | None = None,
    mean_absorption: float | None = None,
    internal_standard: InternalStandard | None = None,
    external_standard: ExternalStandard | None = None,
) -> Quantification:
    """Return the weight fractions of the phases of one pattern from their Rietveld scales.

    Without a standard they are fractions of the crystalline phases of the model, which sum to 1 (``weight_fractions``);
    with an internal or external standard, of the whole specimen, and what is left is amorphous or unknown.

    Parameters
    ----------
    names
        Of the phases (n).
    scales, cell_masses, cell_volumes, covariance
        S, Z M (g/mol), V (Å³) and their covariance, as ``phase_amounts`` takes them.
    linear_absorptions
        μ of the dense phases (n,), cm⁻¹ (``anatase.scattering.attenuation.linear_attenuation``): to correct for
        microabsorption, or, without particle sizes, to be warned of it.
    particle_size
        Diameters of the grains, µm: one for all, or one for each phase by name; ``Estimate`` where an s.u. is known.
        Not the size of crystallites from line widths, which may be a hundred times less.
    mean_absorption
        μ̄ of all solid matter, cm⁻¹, where it is known apart from the phases, as with much glass.
    internal_standard
        A weighed spike. Excludes an external standard.
    external_standard
        G-factor of the diffractometer and attenuation of the sample.

    Raises
    ------
    InputError
        When numbers of values disagree, names repeat or are unknown, or two standards are given.
    PhysicsError
        When values are impossible or no phase is there.
    ConvergenceError
        When no correction for microabsorption can be found.

    Examples
    --------
    >>> answer = quantify(
    ...     ["corundum", "quartz"],
    ...     [2.0, 8.0],
    ...     [611.8, 180.3],
    ...     [254.7, 113.0],
    ...     np.diag([0.02, 0.08]) ** 2,
    ...     internal_standard=InternalStandard("corundum", Estimate(0.5, 0.002)),
    ... )
    >>> str(answer.phases[1].in_sample), str(answer.amorphous_in_sample)
    ('0.523(8)', '0.477(8)')
    """
    names = _checked_names(names, np.size(np.asarray(scales)))
    if internal_standard is not None and external_standard is not None:
        raise InputError("both an internal and an external standard are given", "give one of them")
    seen = phase_amounts(scales, cell_masses, cell_volumes, covariance)
    mass, volume = np.asarray(cell_masses, dtype=float).ravel(), np.asarray(cell_volumes, dtype=float).ravel()
    uncorrected = weight_fractions(seen)
    doubts = amount_doubts(names, seen.estimates)
    grains = _grains(names, linear_absorptions, particle_size, mean_absorption)
    true: Unshadowed | None = None
    if grains is not None:
        true = unshadowed_amounts(seen, mass, volume, grains)
        doubts += grain_doubts(names, grains)
    elif linear_absorptions is not None:
        density = mass / volume * DALTON_PER_CUBIC_ANGSTROM
        doubts += contrast_doubts(names, uncorrected.values, density, _one_for_each(names, linear_absorptions))
    amounts = seen if true is None else true.amounts
    content = _content(names, amounts, internal_standard, external_standard)
    correction = "" if true is None else ", corrected for microabsorption of spheres (Brindley 1945)"
    return _answer(names, content, uncorrected, correction, doubts, grains, true)


def quantify_by_ratios(
    names: Sequence[str],
    intensities: ArrayLike,
    ratios: ArrayLike,
    covariance: ArrayLike | None = None,
    relative: ArrayLike | None = None,
    internal_standard: InternalStandard | None = None,
) -> Quantification:
    """Return weight fractions from one line of each phase and its reference intensity ratio I/Ic.

    A fallback for phases without structures (Chung 1974, ``ratio_amounts``); errors of 10 % and more of a fraction are
    common, and the s.u. do not contain those of the ratios.

    Parameters
    ----------
    names
        Of the phases (n).
    intensities, ratios, covariance, relative
        As ``ratio_amounts`` takes them.
    internal_standard
        A weighed spike.

    Examples
    --------
    >>> answer = quantify_by_ratios(["zincite", "corundum"], [543.0, 100.0], [5.43, 1.0])
    >>> [phase.weight_fraction.value for phase in answer.phases]
    [0.5, 0.5]
    """
    names = _checked_names(names, np.size(np.asarray(intensities)))
    amounts = ratio_amounts(intensities, ratios, covariance, relative)
    doubts = amount_doubts(names, amounts.estimates)
    doubts.append("fractions rest on one line of each phase and its I/Ic: expect errors of 10 % of a fraction and more")
    content = _content(names, amounts, internal_standard, None)
    text = ", from reference intensity ratios (Chung 1974)"
    return _answer(names, content, weight_fractions(amounts), text, doubts)


def _answer(
    names: Sequence[str],
    content: _Content,
    uncorrected: PhaseAmounts,
    text: str,
    doubts: list[str],
    grains: Grains | None = None,
    true: Unshadowed | None = None,
) -> Quantification:
    nothing = [None] * len(names)
    phases = tuple(
        PhaseQuantity(*one)
        for one in zip(
            names,
            content.fractions.estimates,
            uncorrected.estimates,
            nothing if content.sample is None else content.sample.fractions.estimates,
            nothing if true is None else [float(tau) for tau in true.tau],
            nothing if grains is None else grains.thickness,
            strict=True,
        )
    )
    return Quantification(
        phases,
        content.method + text,
        None if content.specimen is None else content.specimen.amorphous,
        None if content.sample is None else content.sample.amorphous,
        content.fractions.covariance,
        (*doubts, *content.doubts),
    )


def _content(
    names: Sequence[str],
    amounts: PhaseAmounts,
    internal: InternalStandard | None,
    external: ExternalStandard | None,
) -> _Content:
    if internal is not None:
        if internal.phase not in names:
            raise InputError(
                f"the internal standard '{internal.phase}' is none of the phases {', '.join(names)}",
                "name the phase that was mixed in",
            )
        specimen, sample = by_internal_standard(amounts, names.index(internal.phase), internal)
        method = f"weight fractions of the whole specimen by the internal standard {internal.phase}"
        return _Content(
            specimen.fractions, method, specimen, sample, (*amorphous_doubts(sample.amorphous, internal.phase),)
        )
    if external is not None:
        content = by_external_standard(amounts, external)
        method = "weight fractions of the whole specimen by an external standard (O'Connor & Raven 1988)"
        doubts = amorphous_doubts(content.amorphous)
        return _Content(content.fractions, method, content, None, tuple(doubts))
    method = "weight fractions of the crystalline phases of the model (Hill & Howard 1987)"
    return _Content(weight_fractions(amounts), method)


def _checked_names(names: Sequence[str], n: int) -> list[str]:
    if len(names) != n:
        raise InputError(f"{len(names)} names for {n} phases", "give one for each")
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise InputError(f"'{twice[0]}' names several phases", "give each a name of its own")
    return list(names)


def _one_for_each(names: Sequence[str], absorptions: Sequence[float]) -> tuple[float, ...]:
    if len(absorptions) != len(names):
        raise InputError(f"{len(absorptions)} linear absorption coefficients for {len(names)} phases", "give one each")
    return tuple(float(one) for one in absorptions)


def _grains(
    names: Sequence[str],
    absorptions: Sequence[float] | None,
    sizes: ParticleSize | None,
    mean_absorption: float | None,
) -> Grains | None:
    """Return the grains of the phases, or ``None`` where no sizes are given."""
    if sizes is None:
        if mean_absorption is not None:
            raise InputError("a mean absorption without particle sizes", "give the particle sizes as well")
        return None
    if absorptions is None:
        raise InputError("particle sizes without absorption coefficients", "give the phases' μ in cm⁻¹ as well")
    by_name = sizes if isinstance(sizes, Mapping) else dict.fromkeys(names, sizes)
    if missing := [name for name in names if name not in by_name]:
        raise InputError(f"no particle size for {', '.join(missing)}", "give one for every phase")
    if unknown := [name for name in by_name if name not in names]:
        raise InputError(
            f"a particle size for '{unknown[0]}', which is none of the phases {', '.join(names)}", "check the name"
        )
    diameters = tuple(_estimate(by_name[name]) for name in names)
    return Grains(_one_for_each(names, absorptions), diameters, mean_absorption)


def _estimate(value: float | Estimate) -> Estimate:
    return value if isinstance(value, Estimate) else Estimate(float(value))

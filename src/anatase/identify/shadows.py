"""How strongly the phases found absorb, and what their grains are like, as far as anybody said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.estimate import Estimate
from anatase.identify.found_under_name import found_under_name
from anatase.identify.quantify import UNKNOWN_GRAINS, Quantify
from anatase.library import Library
from anatase.refine.quantity.doubts import grain_doubts
from anatase.refine.quantity.microabsorption import CM_PER_MICROMETRE, Grains, particle_absorption
from anatase.refine.start.measurement import Measurement
from anatase.scattering.attenuation import linear_attenuation

__all__ = ["Shadows", "Surroundings", "grain_words", "shadows_of"]


@dataclass(frozen=True)
class Surroundings:
    """Where a phase is of which there is little: absorption of the mixture (cm⁻¹), diameter of its own grains (µm)."""

    mean_absorption: float
    diameter: float

    def tau(self, structure: Structure, wavelength: float) -> float:
        """Return Brindley's factor by which such grains scatter less than their weight says; 1 where it is not known.

        Brindley (1945) Philos. Mag. 36, 347: ``particle_absorption`` of (μ − μ̄) D/2.
        """
        try:
            contrast = linear_attenuation(structure, wavelength) - self.mean_absorption
        except (InputError, PhysicsError):
            return 1.0  # no attenuation coefficients for its elements: the 20 % of its intensity have to do
        return float(particle_absorption(0.5 * contrast * self.diameter * CM_PER_MICROMETRE))


@dataclass(frozen=True)
class Shadows:
    """Linear absorption of the phases (p), cm⁻¹, their density (g/cm³) and grains, and which of those are a guess.

    ``others`` are the grains of a phase of which nothing else is said.
    """

    absorption: tuple[float, ...]
    density: tuple[float, ...]
    diameters: tuple[Estimate, ...]
    guessed: tuple[bool, ...]
    others: Estimate = UNKNOWN_GRAINS

    def mean(self, fractions: ArrayLike) -> float:
        """Return the absorption (cm⁻¹) of a dense mixture of the phases by weight (p,)."""
        volumes = np.asarray(fractions, dtype=float) / np.array(self.density)
        return float(volumes @ np.array(self.absorption) / volumes.sum())

    def beside(self, fractions: ArrayLike) -> Surroundings:
        """Return what a little of a further phase finds in a mixture of the phases by weight (p,)."""
        return Surroundings(self.mean(fractions), self.others.value)


def shadows_of(
    structures: Sequence[Structure],
    measurement: Measurement,
    library: Library,
    entries: Sequence[int],
    options: Quantify,
) -> tuple[Shadows | None, list[str]]:
    """Return absorption and grains of the phases found, or ``None`` where nothing is to be corrected; and warnings.

    Raises
    ------
    InputError
        When one phase is given two sizes.
    """
    beam = measurement.scattering
    if not options.microabsorption or beam.probe != "xray" or beam.wavelength is None:
        return None, []
    try:
        absorption = tuple(linear_attenuation(one, beam.wavelength) for one in structures)
    except (InputError, PhysicsError) as error:
        return None, [f"microabsorption is not in the weight fractions: {error}"]
    density = tuple(one.density for one in structures)
    given = options.particle_size
    if given is not None and not isinstance(given, Mapping):
        n = len(structures)
        return Shadows(absorption, density, (_estimate(given),) * n, (False,) * n, _estimate(given)), []
    said, told = _said(library, entries, given or {})
    diameters = tuple(said.get(i, UNKNOWN_GRAINS) for i in range(len(structures)))
    return Shadows(absorption, density, diameters, tuple(i not in said for i in range(len(structures)))), told


def grain_words(names: Sequence[str], shadows: Shadows) -> list[str]:
    """Return what would be doubted of grains whose size nobody gave."""
    at = [i for i, guess in enumerate(shadows.guessed) if guess]
    grains = Grains(tuple(shadows.absorption[i] for i in at), tuple(shadows.diameters[i] for i in at))
    return grain_doubts([names[i] for i in at], grains)


def _said(
    library: Library, entries: Sequence[int], given: Mapping[str, float | Estimate]
) -> tuple[dict[int, Estimate], list[str]]:
    """Return the sizes that were given by the number of the phase, and a warning for each that is not there."""
    said: dict[int, Estimate] = {}
    by: dict[int, str] = {}
    told = []
    for text, diameter in given.items():
        found = found_under_name(library, entries, text)
        told += [] if found else [f"a particle size was given for '{text}', which is not among the phases found"]
        for i in found:
            if said.setdefault(i, _estimate(diameter)) != _estimate(diameter):
                raise InputError(
                    f"'{by[i]}' and '{text}' give two sizes of the grains of {library.names[entries[i]]}",
                    "give each phase one, by its library id where names are not enough",
                )
            by.setdefault(i, text)
    return said, told


def _estimate(value: float | Estimate) -> Estimate:
    return value if isinstance(value, Estimate) else Estimate(float(value))

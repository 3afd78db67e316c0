"""Random powder mixtures as laboratories measure them, to calibrate and to train on, and patterns without lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.physical import check_physical
from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.counting import count_pattern
from anatase.pattern.draw_lines import draw_lines
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation
from anatase.scattering.unique_hkl import by_spacing
from anatase.simulation.mixture import phase_scales
from anatase.simulation.mixture_variety import MixtureVariety
from anatase.simulation.powder_lines import drawn_lines, phase_reflections
from anatase.simulation.powder_settings import PowderSettings
from anatase.simulation.random_diffractometer import emitted, random_background, random_settings
from anatase.simulation.random_specimen import log_uniform, random_specimen
from anatase.simulation.sample import Sample

__all__ = ["RandomMixture", "random_empty_pattern", "random_mixture"]

Array = NDArray[np.float64]

USUAL_VARIETY = MixtureVariety()


@dataclass(frozen=True)
class RandomMixture:
    """A counted pattern of a random mixture and the truth about it.

    ``structures`` (p,) are the phases as they lie in the sample, strained and changed; ``chosen`` (p,) tells which of
    the given ones each was. ``weight_fractions`` (p,) add up to 1. ``curves`` (p, n) are the expected counts of each
    phase, ``background`` (n,) what is beside them. ``significance`` (p,) is √Σ(yₚ²/σ²) of each phase's curve over
    counting noise, what no better method than knowing everything else could see.
    """

    pattern: Pattern
    chosen: tuple[int, ...]
    structures: tuple[Structure, ...]
    weight_fractions: Array
    curves: Array
    background: Array

    @property
    def significance(self) -> Array:
        """Signal of each phase (p,) over the noise of counting."""
        return np.asarray(np.sqrt(np.sum((self.curves / self.pattern.sigma) ** 2, axis=1)))


def random_mixture(
    structures: Sequence[Structure], rng: np.random.Generator, variety: MixtureVariety = USUAL_VARIETY
) -> RandomMixture:
    """Return a random mixture of some of the given structures, each different from its structure as samples are.

    The number of phases is drawn first, then phases, weight fractions (uniform over all that add up to 1), what each
    is like in the sample, the diffractometer, the background and the counts. The same state of ``rng`` gives the same
    mixture.

    Parameters
    ----------
    structures
        What to choose from; those of the wanted elements, for a chemical system.
    rng
        The source of randomness.
    variety
        The spreads of everything.

    Raises
    ------
    InputError
        When there is nothing to choose from.
    PhysicsError
        When no crystal has one of the structures, or no line lies in the range of the scan.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> site = Site("Fe", (Species("Fe"),), (0, 0, 0), u_iso=0.004)
    >>> iron = Structure(Lattice(2.866, 2.866, 2.866), SpaceGroup.from_number(229), (site,))
    >>> mixture = random_mixture([iron], np.random.default_rng(1))
    >>> mixture.chosen, mixture.weight_fractions.tolist(), abs(mixture.structures[0].lattice.a / 2.866 - 1.0) < 0.02
    ((0,), [1.0], True)
    """
    chosen, fractions = _composition(len(structures), rng, variety)
    settings, seen = _diffractometer(rng, variety)
    specimens = [random_specimen(structures[i], rng, variety) for i in chosen]
    phases = tuple(phase for phase, _ in specimens)
    errors = np.exp(rng.normal(0.0, variety.scale_error, len(chosen)))
    scales = np.array(phase_scales(list(phases), list(fractions), 1.0)) * errors
    pairs = zip(scales, specimens, strict=True)
    lines = np.stack([scale * _curve(phase, sample, settings, rng, variety) for scale, (phase, sample) in pairs])
    highest = float(lines.sum(axis=0).max())
    if not highest > 0.0:
        raise PhysicsError(f"no line of {phases[0].formula} lies in the range of the scan")
    x, name = settings.points, " + ".join(phase.name or phase.formula for phase in phases)
    background = random_background(x, rng, variety, settings.beam.radiation.wavelength)
    expected = lines.sum(axis=0) + background * (log_uniform(rng, *variety.background) * highest)
    blank = Pattern(x, expected, np.ones(x.size), radiation=seen, name=name)
    pattern, scale = _counted(blank, expected, rng, variety)
    return RandomMixture(pattern, chosen, phases, fractions, lines * scale, (expected - lines.sum(axis=0)) * scale)


def random_empty_pattern(rng: np.random.Generator, variety: MixtureVariety = USUAL_VARIETY) -> Pattern:
    """Return a counted pattern without any line: air scatter, fluorescence, halos of glass in two of three.

    Examples
    --------
    >>> pattern = random_empty_pattern(np.random.default_rng(1))
    >>> bool(pattern.intensity.min() >= 0.0), pattern.axis
    (True, 'two_theta')
    """
    settings, seen = _diffractometer(rng, variety)
    x = settings.points
    variety = replace(variety, halo_share=2.0 / 3.0)
    background = random_background(x, rng, variety, settings.beam.radiation.wavelength)
    blank = Pattern(x, background, np.ones(x.size), radiation=seen, name="no lines")
    return _counted(blank, background, rng, variety)[0]


def _composition(available: int, rng: np.random.Generator, variety: MixtureVariety) -> tuple[tuple[int, ...], Array]:
    """Return which of the structures are in the mixture, and their weight fractions."""
    if available == 0:
        raise InputError("no structures to mix", "give one or more")
    shares = np.array(variety.phase_shares[:available])
    if shares.sum() == 0.0:
        raise InputError(f"{available} structures are too few for mixtures of as many phases", "give more of them")
    count = 1 + int(rng.choice(shares.size, p=shares / shares.sum()))
    chosen = tuple(int(i) for i in rng.permutation(available)[:count])
    fractions = np.maximum(rng.dirichlet(np.ones(count)), min(variety.least_fraction, 1.0 / count))
    return chosen, fractions / fractions.sum()


def _curve(
    phase: Structure, sample: Sample, settings: PowderSettings, rng: np.random.Generator, variety: MixtureVariety
) -> Array:
    """Return the curve (n,) of a phase at scale 1: few grains make its lines uneven, fine ones give them feet."""
    check_physical(phase)
    parts = [(1.0, sample)]
    if rng.random() < variety.fines_share:
        share = rng.uniform(0.05, 0.35)
        fine = replace(
            sample, size=(sample.size or variety.size[1]) * rng.uniform(0.1, 0.4), size_axis=None, size_across=None
        )
        parts = [(1.0 - share, sample), (share, fine)]
    spread, seed = rng.uniform(*variety.grains), int(rng.integers(2**63))
    total = np.zeros(settings.points.size)
    for share, part in parts:
        found = phase_reflections(phase, settings.beam, part)
        # by spacing: each part lists the planes up to a limit of its own, and a plane is as uneven in either
        uneven = np.empty(found.f_squared.size)
        uneven[by_spacing(found.inverse_d2)] = np.random.default_rng(seed).normal(0.0, spread, uneven.size)
        lines = drawn_lines(replace(found, f_squared=found.f_squared * np.exp(uneven)), settings.instrument, share)
        total += draw_lines(settings.points, lines, settings.floor)
    return total


def _diffractometer(rng: np.random.Generator, variety: MixtureVariety) -> tuple[PowderSettings, Radiation]:
    """Return how the pattern is made, every spectral line included, and the radiation that its reader is told."""
    settings = random_settings(rng, variety)
    told = settings.beam.radiation
    return replace(settings, radiation=emitted(told, rng, variety)), told


def _counted(
    pattern: Pattern, expected: Array, rng: np.random.Generator, variety: MixtureVariety
) -> tuple[Pattern, float]:
    """Return the counts of an expected curve (n,), and counts per unit of it."""
    maximum = log_uniform(rng, *variety.counts)
    counted = count_pattern(replace(pattern, intensity=expected), rng, maximum=maximum)
    return replace(counted, metadata={}), maximum / float(expected.max())

"""Many patterns at once, over processes or threads, with the numbers of one at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Literal, Unpack

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import powder_pattern
from anatase.simulation.powder_settings import DEFAULT_INSTRUMENT, PowderOptions, PowderSettings
from anatase.simulation.sample import Sample

__all__ = ["simulate_many"]

CHUNK = 32  # structures that travel to a process together
FEW = 64  # structures under which starting processes takes longer than the work

Progress = Callable[[int, int], None]


def simulate_many(
    structures: Sequence[Structure],
    wavelength: float | str | Radiation = "CuKa",
    two_theta: tuple[float, float] = (5.0, 90.0),
    step: float = 0.02,
    instrument: Instrument | None = None,
    sample: Sample | Sequence[Sample] | None = None,
    *,
    workers: int | None = None,
    pool: Literal["processes", "threads"] = "processes",
    progress: Progress = lambda done, total: None,
    **options: Unpack[PowderOptions],
) -> Iterator[Pattern]:
    """Yield the pattern of each structure, in order, bit for bit as ``simulate`` gives it.

    Parameters
    ----------
    structures
        One phase for each pattern.
    wavelength, two_theta, step, instrument, options
        As for ``simulate``, the same for all.
    sample
        One for all, or one for each.
    workers
        Number of processes or threads; by default one per core, and one for fewer than 64 structures.
    pool
        Processes, or threads of this one (the compiled loops release the interpreter, the rest does not).
    progress
        Called with the number done and the total after each pattern.

    Raises
    ------
    InputError
        When samples and structures differ in number.
    PhysicsError
        When no crystal has one of the structures, at its turn.

    Examples
    --------
    >>> from anatase.crystal.lattice import Lattice
    >>> from anatase.crystal.space_group import SpaceGroup
    >>> from anatase.crystal.structure import Site, Species
    >>> group, sites = SpaceGroup.from_number(229), (Site("Fe", (Species("Fe"),), (0, 0, 0)),)
    >>> cells = [Structure(Lattice(a, a, a), group, sites) for a in (2.8, 2.9)]
    >>> [float(p.x[p.intensity.argmax()].round(1)) for p in simulate_many(cells)]
    [45.8, 44.1]
    """
    each: Sequence[Sample | None]
    if sample is None or isinstance(sample, Sample):
        each = [sample] * len(structures)
    elif len(sample) == len(structures):
        each = sample
    else:
        raise InputError(f"{len(sample)} samples for {len(structures)} structures", "give one for each or one for all")
    one = partial(_one, PowderSettings(wavelength, two_theta, step, instrument or DEFAULT_INSTRUMENT, **options))
    count = min(workers or (os.cpu_count() or 1), len(structures))
    if count < 2 or (workers is None and len(structures) < FEW):
        return _counted(map(one, structures, each), len(structures), progress)
    return _counted(_pooled(one, structures, each, count, pool), len(structures), progress)


def _one(settings: PowderSettings, structure: Structure, sample: Sample | None) -> Pattern:
    return powder_pattern(structure, settings, sample)


def _pooled(
    one: Callable[[Structure, Sample | None], Pattern],
    structures: Sequence[Structure],
    samples: Sequence[Sample | None],
    count: int,
    pool: Literal["processes", "threads"],
) -> Iterator[Pattern]:
    executor: Executor
    if pool == "threads":
        executor = ThreadPoolExecutor(count)
    else:
        executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"))
    with executor:
        yield from executor.map(one, structures, samples, chunksize=CHUNK if pool == "processes" else 1)


def _counted(patterns: Iterator[Pattern], total: int, progress: Progress) -> Iterator[Pattern]:
    for done, pattern in enumerate(patterns, start=1):
        yield pattern
        progress(done, total)

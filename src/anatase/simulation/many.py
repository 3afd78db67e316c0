"""Many patterns at once, over threads or processes, with the numbers of one at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from numbers import Integral
from typing import Any, Literal, Unpack, get_args

from numpy.typing import ArrayLike

from anatase.crystal.structure import Structure
from anatase.errors import AnataseError, InputError, PhysicsError
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation
from anatase.simulation.arguments import as_list, as_name, as_phases
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import powder_pattern
from anatase.simulation.powder_settings import PowderOptions, PowderSettings, powder_settings
from anatase.simulation.sample import Sample

__all__ = ["simulate_many"]

Pool = Literal["threads", "processes"]
Progress = Callable[[int, int], None]
Outcome = list[Pattern | AnataseError]

CHUNK: dict[Pool, int] = {"threads": 4, "processes": 32}  # powders that a worker takes at a time
AHEAD = 4  # chunks per worker that are under way before the first is asked for


@dataclass(frozen=True)
class _Powder:
    """One powder of many: where it stands, its phases and samples, and their weight fractions."""

    index: int
    phases: list[Structure]
    samples: list[Sample]
    fractions: Any


def simulate_many(
    structures: Iterable[Structure | Sequence[Structure]],
    wavelength: float | str | Radiation | None = None,
    two_theta: tuple[float, float] | None = None,
    step: float | None = None,
    instrument: Instrument | None = None,
    sample: Sample | Sequence[Sample | Sequence[Sample]] | None = None,
    background: ArrayLike | None = None,
    *,
    weight_fractions: Sequence[float] | Sequence[Sequence[float]] | None = None,
    workers: int | None = None,
    pool: Pool = "threads",
    progress: Progress = lambda done, total: None,
    **options: Unpack[PowderOptions],
) -> Iterator[Pattern]:
    """Yield the pattern of each structure or mixture, in order, bit for bit as ``simulate`` gives it.

    Parameters
    ----------
    structures
        A structure, or the structures of a mixture, for each pattern.
    wavelength, two_theta, step, instrument, background, options
        As for ``simulate``, the same for all.
    sample
        One for all, or for each pattern one (or one for each of its phases).
    weight_fractions
        Those of mixtures, the same for all, or for each pattern.
    workers
        Number of threads or processes; by default no threads beside the caller's, and a process for each core.
    pool
        Threads may gain where structures are large and patterns long: their compiled loops run side by side, the rest
        does not, and for a few hundred lines a pattern two threads take longer than one. Processes take seconds to
        start, and a script must ask for them under ``if __name__ == "__main__":``.
    progress
        Called with the number done and the total after each pattern.

    Raises
    ------
    InputError
        When an argument is of the wrong kind, samples and structures differ in number, or processes cannot start.
    PhysicsError
        When no crystal has one of the structures: at its turn, after the patterns before it.

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
    settings = powder_settings(wavelength, two_theta, step, instrument, **options)
    count = _checked(pool, workers)
    if not callable(progress):
        raise InputError(f"progress is a {type(progress).__name__}", "give a function of the number done and the total")
    powders = _powders(structures, sample, weight_fractions)
    run = partial(_run, settings, background)
    count = min(count, -(-len(powders) // CHUNK[pool]))
    outcomes = map(run, ([powder] for powder in powders)) if count < 2 else _pooled(run, powders, count, pool)
    return _counted(outcomes, powders, progress)


def _checked(pool: Pool, workers: Any) -> int:
    """Return the number of workers."""
    as_name("pool", pool, get_args(Pool))
    if workers is None and pool == "threads":
        return 1
    if workers is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if isinstance(workers, bool) or not isinstance(workers, Integral) or workers < 1:
        raise InputError(f"workers is {workers!r}", "give a whole number of at least 1, or leave it out")
    return int(workers)


def _powders(structures: Any, sample: Any, fractions: Any) -> list[_Powder]:
    """Return every powder with its samples and weight fractions."""
    if isinstance(structures, Structure):
        raise InputError("structures is one Structure", "give a list of them, or call simulate")
    given = as_list("structures", structures, "a list of structures, as [anatase.read_structure(path)]")
    samples: list[Any] = [sample] * len(given)
    if not (sample is None or isinstance(sample, Sample)):
        samples = as_list("sample", sample, "Sample(...), or one for each structure")
    if len(samples) != len(given):
        raise InputError(f"{len(samples)} samples for {len(given)} structures", "give one for each, or one for all")
    shares: list[Any] = [fractions] * len(given)
    listed = [] if fractions is None else as_list("weight_fractions", fractions, "numbers, or those of each mixture")
    if any(isinstance(part, Iterable) for part in listed):
        shares = listed
    if len(shares) != len(given):
        raise InputError(f"{len(shares)} weight fractions for {len(given)} mixtures", "give those of each, or of all")
    powders = []
    for i, (one, powder, share) in enumerate(zip(given, samples, shares, strict=True)):
        phases, own = as_phases(one, powder, f"structures[{i}]")
        powders.append(_Powder(i, phases, own, share if len(phases) > 1 else None))
    return powders


def _run(settings: PowderSettings, background: ArrayLike | None, powders: list[_Powder]) -> Outcome:
    """Return the patterns of some powders, up to and with the error of one that is refused."""
    done: Outcome = []
    for powder in powders:
        try:
            done.append(powder_pattern(powder.phases, settings, powder.samples, background, powder.fractions))
        except AnataseError as error:  # it is raised where its turn is
            return [*done, error]
    return done


def _pooled(
    run: Callable[[list[_Powder]], Outcome], powders: list[_Powder], count: int, pool: Pool
) -> Iterator[Outcome]:
    """Yield outcomes in order; no more chunks are under way than keep the workers busy."""
    size = CHUNK[pool]
    chunks = iter([powders[i : i + size] for i in range(0, len(powders), size)])
    executor: Executor
    if pool == "threads":
        executor = ThreadPoolExecutor(count)
    else:
        executor = ProcessPoolExecutor(count, mp_context=get_context("spawn"))
    waiting: deque[Future[Outcome]] = deque()
    try:
        for chunk in chunks:
            waiting.append(executor.submit(run, chunk))
            if len(waiting) > AHEAD * count:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise InputError(
            "the worker processes ended before their work was done",
            'call simulate_many under if __name__ == "__main__": in a script, or leave out pool="processes"; where '
            "memory ran out, take fewer workers",
        ) from error
    finally:
        executor.shutdown(cancel_futures=True)


def _counted(outcomes: Iterator[Outcome], powders: list[_Powder], progress: Progress) -> Iterator[Pattern]:
    done = 0
    for outcome in outcomes:
        for pattern in outcome:
            if isinstance(pattern, AnataseError):
                raise _placed(pattern, powders[done]) from None
            yield pattern
            done += 1
            progress(done, len(powders))


def _placed(error: AnataseError, powder: _Powder) -> AnataseError:
    """Return an error that says which of the structures it is about."""
    name = " + ".join(phase.name or "without a name" for phase in powder.phases)
    where = f"structures[{powder.index}] ({name})"
    if type(error) is InputError:
        return InputError(f"{where}: {error.found}", error.remedy, file=error.file, line=error.line)
    if type(error) is PhysicsError:
        return PhysicsError(f"{where}: {error}")
    return AnataseError(f"{where}: {error}")

"""Many random crystals, over one process or several: the same seed gives the same crystals either way."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np

from anatase.crystal.random.random_crystal import random_crystal
from anatase.crystal.random.settings import RandomSettings
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.errors import InputError

__all__ = ["random_crystals"]

CHUNK = 32  # crystals that a process makes at a time
AHEAD = 4  # chunks for each process that are under way or wait to be taken


@dataclass(frozen=True)
class _Request:
    seed: int
    space_group: SpaceGroup | int | None
    composition: Mapping[str, int] | None
    n_atoms: tuple[int, int]
    settings: RandomSettings

    def crystals(self, numbers: range) -> list[Structure]:
        return [self.crystal(number) for number in numbers]

    def crystal(self, number: int) -> Structure:
        # what SeedSequence(seed).spawn gives as its child of that number
        rng = np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(number,)))
        return random_crystal(rng, self.space_group, self.composition, self.n_atoms, self.settings)


def random_crystals(
    n: int,
    seed: int,
    *,
    workers: int = 1,
    space_group: SpaceGroup | int | None = None,
    composition: Mapping[str, int] | None = None,
    n_atoms: tuple[int, int] = (4, 60),
    settings: RandomSettings | None = None,
) -> Iterator[Structure]:
    """Yield n random crystals in a fixed order.

    Crystal i is drawn with the i-th child of the seed, so that it depends neither on n nor on the number of
    processes. With more than one worker the calling script needs the guard ``if __name__ == "__main__":``, as new
    processes import it.

    Parameters
    ----------
    n
        Number of crystals.
    seed
        Seed of the whole set.
    workers
        Number of processes; 1 works in the calling one.
    space_group, composition, n_atoms, settings
        As in ``random_crystal``.

    Raises
    ------
    InputError
        When an argument cannot be used.
    PhysicsError
        When no crystal with that group, formula and number of atoms was found.

    Examples
    --------
    >>> [crystal.space_group.number for crystal in random_crystals(3, seed=5, space_group=62)]
    [62, 62, 62]
    """
    if n < 0 or workers < 1:
        raise InputError(f"n = {n}, workers = {workers} is no task", "give n ≥ 0 and at least one worker")
    request = _Request(seed, space_group, composition, n_atoms, settings or RandomSettings())
    if workers == 1:
        return (request.crystal(number) for number in range(n))
    return _over_processes(request, n, workers)


def _over_processes(request: _Request, n: int, workers: int) -> Iterator[Structure]:
    chunks = (range(start, min(start + CHUNK, n)) for start in range(0, n, CHUNK))
    waiting: deque[Future[list[Structure]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_ignore_interrupts) as pool:
        try:
            for chunk in chunks:
                waiting.append(pool.submit(request.crystals, chunk))
                if len(waiting) >= AHEAD * workers:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

"""Identify measured patterns, in this process, in workers, or each in a process of its own; a row each."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from asking import PROGRAM, Question, ask, ask_process
from rows import Row

from anatase.identify.warm_up import ensure_compiled
from anatase.library import Library, open_library

__all__ = ["Asking", "run"]


@dataclass(frozen=True)
class Asking:
    """Where the data and the library are, and how to ask: over how many ``jobs``, by whole processes or not."""

    data: Path
    library: str
    jobs: int = 2
    whole_process: bool = False
    limit: float = 120.0  # s, of a whole process


@lru_cache(maxsize=1)
def _library(path: str) -> Library:
    ensure_compiled()
    return open_library(Path(path))


def _answer(job: tuple[Question, Asking]) -> Row:
    question, asking = job
    return ask(question, asking.data, _library(asking.library))


def _nice() -> None:
    os.nice(5)


def run(questions: Sequence[Question], asking: Asking) -> Iterator[Row]:
    """Yield the row of each question, in order."""
    if asking.whole_process:
        # index the library once, outside the times
        words = [str(PROGRAM), "library", "info", "--library", asking.library]
        subprocess.run(words, capture_output=True, check=True)
        with ThreadPoolExecutor(asking.jobs) as threads:
            ask_one = lambda question: ask_process(question, asking.data, asking.library, asking.limit)  # noqa: E731
            rows = threads.map(ask_one, questions)
            # side by side their processors' times cannot be told apart
            yield from rows if asking.jobs < 2 else (replace(row, processor_seconds=None) for row in rows)
        return
    jobs: Iterable[tuple[Question, Asking]] = [(question, asking) for question in questions]
    if asking.jobs < 2:
        yield from map(_answer, jobs)
        return
    with ProcessPoolExecutor(asking.jobs, mp_context=get_context("spawn"), initializer=_nice) as pool:
        yield from pool.map(_answer, jobs)

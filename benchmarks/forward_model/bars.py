"""Figures, the bars that they must reach, and how long calls take."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Bar", "Seconds", "best_of"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure and the least (``at_least``) or largest value that it may have."""

    name: str
    value: float
    limit: float
    at_least: bool
    unit: str = ""

    @property
    def passed(self) -> bool:
        """Whether the figure reaches its bar; one that is not a number does not."""
        return bool(self.value >= self.limit if self.at_least else self.value <= self.limit)

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "PASS" if self.passed else "FAIL"
        return f"  {verdict}  {self.name}: {self.value:.4g}{self.unit} (bar {sign} {self.limit:g}{self.unit})"


@dataclass(frozen=True, slots=True)
class Seconds:
    """Shortest time of a call by the clock, and shortest time of the processor.

    They differ where other programs share the machine.
    """

    wall: float
    cpu: float


def best_of(call: Callable[[], Any], repeats: int, budget: float = np.inf) -> Seconds:
    """Time a call; the repeats end early when ``budget`` seconds are spent."""
    wall = cpu = np.inf
    end = time.perf_counter() + budget
    for _ in range(max(repeats, 1)):
        start, start_cpu = time.perf_counter(), time.process_time()
        call()
        wall, cpu = min(wall, time.perf_counter() - start), min(cpu, time.process_time() - start_cpu)
        if time.perf_counter() > end:
            break
    return Seconds(wall, cpu)

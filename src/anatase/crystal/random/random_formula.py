"""Random formulae: elements drawn by weight, small whole numbers of each."""

from __future__ import annotations

from collections.abc import Mapping
from math import gcd

import numpy as np

__all__ = ["draw_formula"]

LARGEST = 12  # atoms of an element in a formula


def draw_formula(
    rng: np.random.Generator, element_weights: Mapping[str, float], n_elements: tuple[int, int], most_atoms: int
) -> dict[str, int]:
    """Return a random formula, element → atoms.

    The number of elements is uniform; elements come without repeats in proportion to their weights; the numbers
    of atoms, 1 to 12, in proportion to their inverse, and common divisors are taken out.

    Parameters
    ----------
    rng
        Source of random numbers.
    element_weights
        Element → relative weight.
    n_elements
        Least and most elements.
    most_atoms
        Most atoms in the formula; where the draw gives more, all numbers are 1.
    """
    symbols = list(element_weights)
    weights = np.cumsum(np.fromiter(element_weights.values(), dtype=np.float64))
    wanted = int(rng.integers(n_elements[0], n_elements[1] + 1))
    chosen: list[str] = []
    while len(chosen) < wanted:
        symbol = symbols[int(np.searchsorted(weights, rng.random() * weights[-1], side="right"))]
        if symbol not in chosen:
            chosen.append(symbol)
    # e^u for a uniform u has a density of 1/n
    numbers = np.floor(np.exp(rng.random(wanted) * np.log(LARGEST + 1.0))).astype(int).tolist()
    divisor = gcd(*numbers)
    if sum(numbers) // divisor > most_atoms:
        numbers, divisor = [1] * wanted, 1
    return {symbol: n // divisor for symbol, n in zip(chosen, numbers, strict=True)}

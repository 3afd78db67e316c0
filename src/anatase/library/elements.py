"""Sets of elements as bit masks and as columns of a table."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError

__all__ = ["N_ELEMENTS", "atomic_number", "element_columns", "element_masks", "unpack_masks", "without"]

N_ELEMENTS = 118
LOW_BITS = 63  # SQLite integers are signed: 63 elements in the first mask, 55 in the second


@cache
def atomic_number(symbol: str) -> int:
    """Return Z of an element symbol; deuterium counts as hydrogen.

    Raises
    ------
    InputError
        When the symbol is no element.
    """
    import gemmi

    number = int(gemmi.Element(symbol).atomic_number)
    if number == 0 or gemmi.Element(symbol).name.lower() != symbol.strip().lower():
        raise InputError(f"'{symbol}' is no chemical element", "give element symbols, as in Ti,O")
    return number


def element_columns(symbols: Iterable[str]) -> NDArray[np.bool_]:
    """Return a row (118,) that is true in column Z − 1 of each symbol."""
    row = np.zeros(N_ELEMENTS, dtype=np.bool_)
    for symbol in symbols:
        row[atomic_number(symbol) - 1] = True
    return row


def element_masks(symbols: Iterable[str]) -> tuple[int, int]:
    """Return the two bit masks of a set of elements."""
    mask = 0
    for symbol in symbols:
        mask |= 1 << (atomic_number(symbol) - 1)
    return mask & ((1 << LOW_BITS) - 1), mask >> LOW_BITS


def unpack_masks(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the table (n, 118) of elements that two columns of masks (n,) describe."""
    bits = [np.ascontiguousarray(mask, dtype="<i8").view(np.uint8).reshape(-1, 8) for mask in (low, high)]
    first, second = (np.unpackbits(b, axis=1, bitorder="little") for b in bits)
    return np.concatenate([first[:, :LOW_BITS], second[:, : N_ELEMENTS - LOW_BITS]], axis=1).view(np.bool_)


def without(masks: NDArray[np.int64], elements: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell of each pair of masks (n, 2) whether it holds none of the elements of another pair (2,).

    Examples
    --------
    >>> oxide, salt = element_masks(["Ti", "O"]), element_masks(["Na", "Cl"])
    >>> without(np.array([oxide, salt]), np.array(element_masks(["O"]))).tolist()
    [False, True]
    """
    found: NDArray[np.bool_] = ((masks[:, 0] & elements[0]) | (masks[:, 1] & elements[1])) == 0
    return found

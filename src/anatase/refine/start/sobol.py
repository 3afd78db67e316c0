"""Points that fill a box evenly: the Sobol sequence in up to six dimensions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["sobol_points"]

# degree and inner coefficients of the primitive polynomials, and the first direction numbers, of dimensions 2 to 6:
# Joe & Kuo (2008) SIAM J. Sci. Comput. 30, 2635, new-joe-kuo-6.21201
POLYNOMIALS = ((1, 0, (1,)), (2, 1, (1, 3)), (3, 1, (1, 3, 1)), (3, 2, (1, 1, 1)), (4, 1, (1, 1, 3, 3)))
BITS = 30


def _directions(dimension: int) -> list[int]:
    """Return the direction numbers of a dimension, counted from 0, as fractions of 2^BITS."""
    if dimension == 0:
        return [1 << (BITS - 1 - i) for i in range(BITS)]
    degree, inner, first = POLYNOMIALS[dimension - 1]
    m = list(first)
    for i in range(degree, BITS):
        value = m[i - degree] ^ (m[i - degree] << degree)
        for j in range(1, degree):
            if inner >> (degree - 1 - j) & 1:
                value ^= m[i - j] << j
        m.append(value)
    return [number << (BITS - 1 - i) for i, number in enumerate(m)]


def sobol_points(count: int, dimensions: int) -> NDArray[np.float64]:
    """Return the first points (n, k) of the Sobol sequence in the unit box after the origin, in Gray-code order.

    Antonov & Saleev (1979) USSR Comput. Math. Math. Phys. 19, 252: each point differs from the one before in one
    direction number, that of the lowest zero bit of its place.

    Examples
    --------
    >>> sobol_points(3, 2).tolist()
    [[0.5, 0.5], [0.75, 0.25], [0.25, 0.75]]
    """
    directions = [_directions(d) for d in range(dimensions)]
    points, state = np.empty((count, dimensions)), [0] * dimensions
    for i in range(count):
        bit = (~i & (i + 1)).bit_length() - 1
        state = [value ^ numbers[bit] for value, numbers in zip(state, directions, strict=True)]
        points[i] = state
    return points / float(1 << BITS)

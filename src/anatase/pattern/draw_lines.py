"""Powder lines drawn into a pattern, with the derivatives by any parameter that moves, widens or scales them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numba import njit
from numpy.typing import NDArray

from anatase.errors import PhysicsError
from anatase.pattern.axial_divergence import LEAST_DIVERGENCE, MOST_NODES, axial_divergence
from anatase.pattern.exponential import power_of_two
from anatase.pattern.line_adjoint import weigh_lines
from anatase.pattern.line_derivatives import differentiate_lines
from anatase.pattern.line_reach import FAR_WIDTH, GAUSS_REACH, first_at, pieces_of
from anatase.pattern.line_shapes import GROUP, SHAPES
from anatase.pattern.profile import GAUSS_HEIGHT, thompson_cox_hastings
from anatase.pattern.tail_grid import interpolate_tails, spread_weights, tail_grid

__all__ = ["Lines", "Sensitivity", "draw_lines", "draw_lines_with_derivatives", "draw_lines_with_gradient"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

Attribute = Literal["position", "gauss", "lorentz", "area", "reciprocal"]


@dataclass(frozen=True)
class Lines:
    """Powder lines (m,): position (°2θ), Gaussian and Lorentzian FWHM (°), area (intensity × °); axial divergence."""

    position: Array
    gauss: Array
    lorentz: Array
    area: Array
    s_over_l: float = 0.0
    h_over_l: float = 0.0


@dataclass(frozen=True)
class Sensitivity:
    """How one attribute of the lines changes with some of the parameters.

    ``parameter`` (k,): the row of each parameter in the Jacobian. ``change`` (k, m): ∂attribute/∂parameter.
    The attribute ``"reciprocal"`` is 1/d², of which the others are functions (``Lines.by_reciprocal``).
    """

    attribute: Attribute
    parameter: Indices
    change: Array


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True, inline="always")
def _add_gaussian(x: Array, place: float, rate: float, height: float, y: Array) -> None:
    for j in range(x.size):
        u = (x[j] - place) * rate
        y[j] += height * power_of_two(-4.0 * u * u)


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True, inline="always")
def _add_lorentzian(
    x: Array, place: float, gamma2: float, inner: float, outer: float, ends: bool, strength: float, y: Array
) -> None:
    """Add a piece of a Lorentzian between two reaches (``tail_grid``), or a whole one that just ends."""
    in_inverse, out_inverse = 1.0 / (inner * inner + gamma2), 1.0 / (outer * outer + gamma2)
    if ends:
        for j in range(x.size):
            delta = x[j] - place
            y[j] += strength / (delta * delta + gamma2)
        return
    for j in range(x.size):
        delta = x[j] - place
        e = delta * delta + gamma2
        outside, inside = max(0.0, 1.0 - e * out_inverse), max(0.0, 1.0 - e * in_inverse)
        outside, inside = outside * outside, inside * inside
        y[j] += strength * (outside * outside - inside * inside) / e


@njit(cache=True, fastmath=True, error_model="numpy", nogil=True)
def _draw(
    points: Array,
    start: Indices,
    inverse_step: Array,
    reach: Array,
    attributes: Array,
    divergence: tuple[float, float],
    floor: float,
    y: Array,
) -> None:
    """Add lines of attributes (4, m): position, Gaussian and Lorentzian FWHM, area, to y (N,) on all grids."""
    nodes, count = np.zeros((MOST_NODES, 8)), 1
    nodes[0, 1] = 1.0
    for i in range(attributes.shape[1]):
        centre, area = attributes[0, i], attributes[3, i]
        if area == 0.0:
            continue
        fwhm, eta, _, _, _, _ = thompson_cox_hastings(attributes[1, i], attributes[2, i])
        gamma2, arm = 0.25 * fwhm * fwhm, GAUSS_REACH * fwhm
        height, strength = (1.0 - eta) * area * GAUSS_HEIGHT / fwhm, eta * area * fwhm / (2.0 * np.pi)
        pieces, own = pieces_of(reach, fwhm, abs(strength), floor)
        for level in range(pieces):
            begin, end, rate = start[level], start[level + 1], inverse_step[level]
            outer = own if own > 0.0 else reach[level + 1]
            if level < 2 and divergence[0] + divergence[1] > LEAST_DIVERGENCE:
                width = fwhm if level == 0 else max(fwhm, FAR_WIDTH * reach[1])
                count = axial_divergence(np.radians(centre), divergence[0], divergence[1], np.radians(width), nodes)
            for n in range(count):
                place = centre + np.degrees(nodes[n, 0])
                if level == 0:
                    first = first_at(points, begin, end, rate, place - arm)
                    last = first_at(points, begin, end, rate, place + arm)
                    _add_gaussian(points[first:last], place, 1.0 / fwhm, height * nodes[n, 1], y[first:last])
                first = first_at(points, begin, end, rate, place - outer)
                last = first_at(points, begin, end, rate, place + outer)
                x, part = points[first:last], strength * nodes[n, 1]
                _add_lorentzian(x, place, gamma2, reach[level], outer, own > 0.0, part, y[first:last])


def _attributes(lines: Lines) -> tuple[Array, Array]:
    """Return the attributes (4, m) as the kernels want them, and the FWHM (m,)."""
    attributes = np.array([lines.position, lines.gauss, lines.lorentz, lines.area], dtype=np.float64)
    gauss, lorentz = attributes[1], attributes[2]
    if attributes.size and (min(gauss.min(), lorentz.min()) < 0.0 or not (gauss + lorentz).min() > 0.0):
        raise PhysicsError("a line has a negative FWHM or none; give it a Gaussian or a Lorentzian width in degrees")
    return attributes, np.sqrt(gauss**2 + lorentz**2)


def draw_lines(x: Array, lines: Lines, floor: float = 0.0) -> Array:
    """Return the sum (n,) of lines at points x (n,), in °2θ and increasing.

    Each line is a pseudo-Voigt of Gaussian and Lorentzian FWHM after Thompson, Cox & Hastings (1987), spread by
    axial divergence after Finger, Cox & Jephcoat (1994). Gaussians end at ±3 FWHM, where they are 10⁻¹¹ of their
    height; Lorentzians go as far as the pattern (``tail_grid``), to 10⁻⁴ of the line's height everywhere.

    Parameters
    ----------
    x
        Points (n,), two at least, equidistant or not.
    lines
        The lines (m,).
    floor
        Intensity under which a line's tail may be left out; 0 keeps every tail.

    Examples
    --------
    >>> x = np.arange(20.0, 40.0, 0.01)
    >>> one = Lines(np.array([30.0]), np.array([0.1]), np.array([0.0]), np.array([7.0]))
    >>> round(float(draw_lines(x, one).sum() * 0.01), 6)
    7.0
    """
    attributes, fwhm = _attributes(lines)
    grid = tail_grid(x, fwhm)
    y = np.zeros(grid.points.size)
    divergence = (float(lines.s_over_l), float(lines.h_over_l))
    _draw(grid.points, grid.start, grid.inverse_step, grid.reach, attributes, divergence, float(floor), y)
    interpolate_tails(grid.points, grid.start, grid.inverse_step, y)
    return y[: x.size]


def draw_lines_with_derivatives(
    x: Array,
    lines: Lines,
    sensitivities: Sequence[Sensitivity],
    n_parameters: int,
    by_reciprocal: Array | None = None,
    divergence_rows: tuple[int, int] = (-1, -1),
    floor: float = 0.0,
) -> tuple[Array, Array]:
    """Return the sum (n,) of lines at points x (n,) and its derivatives (p, n) by p parameters.

    Parameters
    ----------
    x, lines, floor
        As for ``draw_lines``.
    sensitivities
        How position, widths and areas change with the parameters; several may name one parameter.
    n_parameters
        The number p of rows.
    by_reciprocal
        ∂(position, gauss, lorentz, ln area)/∂(1/d²) (4, m), for sensitivities of the attribute ``"reciprocal"``.
    divergence_rows
        The rows of S/L and of H/L; −1: not a parameter. Both may be the same, for S/L = H/L.
    """
    attributes, fwhm = _attributes(lines)
    area, grid = attributes[3], tail_grid(x, fwhm)
    terms = [(SHAPES["area"], np.array([n_parameters]), area[None])]
    terms += [
        (SHAPES[s.attribute], s.parameter, s.change * (1.0 if s.attribute == "area" else area)) for s in sensitivities
    ]
    heights = zip(("s_over_l", "h_over_l"), divergence_rows, strict=True)
    terms += [(SHAPES[name], np.array([row]), area[None]) for name, row in heights if row >= 0]
    basis = np.concatenate([np.full(len(rows), shape) for shape, rows, _ in terms])
    parameter = np.concatenate([rows for _, rows, _ in terms]).astype(np.int64)
    change = np.zeros((area.size + 1, parameter.size))
    np.concatenate([amounts for _, _, amounts in terms], out=change[:-1].T)
    total = np.empty((n_parameters + 1, grid.points.size + GROUP))
    chain = np.zeros((4, area.size)) if by_reciprocal is None else np.ascontiguousarray(by_reciprocal, np.float64)
    divergence = (float(lines.s_over_l), float(lines.h_over_l))
    differentiate_lines(
        grid.points, grid.start, grid.inverse_step, grid.reach, attributes, divergence, float(floor), chain, basis,
        parameter, change, total,
    )  # fmt: skip
    return total[-1, : x.size], total[:-1, : x.size]


def draw_lines_with_gradient(x: Array, lines: Lines, weights: Array, floor: float = 0.0) -> tuple[Array, Array]:
    """Return the sum y (n,) of lines at points x (n,), and the derivatives (6, m) of Σ w y, w (n,), by each line.

    Rows: by area; and for lines of unit area by position, Gaussian and Lorentzian FWHM, S/L and H/L.

    Examples
    --------
    >>> x = np.arange(20.0, 40.0, 0.01)
    >>> one = Lines(np.array([30.0]), np.array([0.1]), np.array([0.0]), np.array([7.0]))
    >>> _, by_line = draw_lines_with_gradient(x, one, 0.01 * x)
    >>> float(by_line[0, 0].round(6)), float(by_line[1, 0].round(6))
    (30.0, 1.0)
    """
    attributes, fwhm = _attributes(lines)
    grid = tail_grid(x, fwhm)
    y, spread, by_line = np.zeros(grid.points.size), np.zeros(grid.points.size), np.empty((6, fwhm.size))
    spread[: x.size] = weights
    spread_weights(grid.points, grid.start, grid.inverse_step, spread)
    divergence = (float(lines.s_over_l), float(lines.h_over_l))
    weigh_lines(
        grid.points, grid.start, grid.inverse_step, grid.reach, attributes, divergence, float(floor), spread, y, by_line
    )
    interpolate_tails(grid.points, grid.start, grid.inverse_step, y)
    return y[: x.size], by_line

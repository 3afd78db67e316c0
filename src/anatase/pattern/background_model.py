"""Background as a model with few parameters: polynomials, nodes, diffuse scattering, amorphous humps.

The terms that are linear in their coefficients are given as design matrices: a column is the derivative by its
coefficient. What the data themselves say of their background is in ``background.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError, PhysicsError
from anatase.pattern.profile import pseudo_voigt

__all__ = ["BackgroundModel", "DebyeTerm", "Hump", "chebyshev_columns", "node_columns"]

Array = NDArray[np.float64]

# plain arithmetic, which takes arrays where it is not compiled
pseudo_voigt_of = cast("Callable[[Array, float], tuple[Array, Array, Array]]", pseudo_voigt.py_func)


def chebyshev_columns(x: Array, terms: int, limits: tuple[float, float] | None = None) -> Array:
    """Return the Chebyshev polynomials T_0 … T_(terms − 1) (n, terms) of x scaled from ``limits`` to −1 … 1.

    First kind, T_k(cos φ) = cos kφ (Abramowitz & Stegun 22.3.15); limits are the ends of x unless given.

    Raises
    ------
    InputError
        When the limits enclose nothing or a polynomial of no terms is asked for.
    """
    low, high = limits if limits is not None else (float(x[0]), float(x[-1]))
    if terms < 1 or not high > low:
        raise InputError(f"{terms} Chebyshev terms between {low:g} and {high:g}", "give a term and increasing limits")
    scaled = (2.0 * x - low - high) / (high - low)
    return np.asarray(np.polynomial.chebyshev.chebvander(scaled, terms - 1), dtype=np.float64)


def node_columns(x: Array, nodes: Array, kind: Literal["linear", "cubic"] = "linear") -> Array:
    """Return what each node (m,) of height 1 gives at x (n,): (n, m); beyond the outer nodes their height holds.

    Straight lines, or natural cubic splines, which have no curvature at the ends.

    Raises
    ------
    InputError
        For fewer than two nodes or nodes that do not increase.
    """
    place = np.asarray(nodes, dtype=float)
    if place.size < 2 or not np.all(np.diff(place) > 0.0):
        raise InputError(f"{place.size} background nodes do not increase strictly", "give two or more in order")
    inside = np.clip(x, place[0], place[-1])
    unit = np.eye(place.size)
    if kind == "linear":
        return np.stack([np.interp(inside, place, row) for row in unit], axis=1)
    from scipy.interpolate import CubicSpline  # with scipy.optimize a fifth of a second to load, and seldom wanted

    return np.asarray(CubicSpline(place, unit, bc_type="natural")(inside))


@dataclass(frozen=True, slots=True)
class DebyeTerm:
    """Diffuse scattering of pairs at a distance R: a sin(QR)/(QR) exp(−U Q²/2).

    Debye (1915) Ann. Phys. 351, 809; as a background in GSAS. ``amplitude`` in units of the intensity, ``distance``
    in Å, ``u`` in Å².
    """

    amplitude: float
    distance: float
    u: float = 0.05

    def __post_init__(self) -> None:
        if self.distance <= 0.0 or self.u < 0.0:
            raise PhysicsError(f"a distance of {self.distance:g} Å with U = {self.u:g} Å² is impossible")

    def slopes(self, q: Array) -> Array:
        """Return the derivatives (3, n) by amplitude, distance and U at q (n,) in Å⁻¹; the first is the shape."""
        phase = q * self.distance
        damping = np.exp(-0.5 * self.u * q * q)
        shape = np.sinc(phase / np.pi) * damping
        by_distance = self.amplitude * (np.cos(phase) - np.sinc(phase / np.pi)) / self.distance * damping
        return np.stack([shape, by_distance, -0.5 * q * q * self.amplitude * shape])


@dataclass(frozen=True, slots=True)
class Hump:
    """An amorphous halo: a pseudo-Voigt of given area, position, FWHM and Lorentzian share.

    In the units of the pattern's axis, or in Å⁻¹ with ``in_q``, where the halo of a glass is nearly a Gaussian.
    """

    area: float
    position: float
    fwhm: float
    mixing: float = 0.0
    in_q: bool = False

    def __post_init__(self) -> None:
        if self.fwhm <= 0.0 or not 0.0 <= self.mixing <= 1.0:
            raise PhysicsError(f"a hump of FWHM {self.fwhm:g} and Lorentzian share {self.mixing:g} is impossible")

    def slopes(self, x: Array) -> Array:
        """Return the derivatives (4, n) by area, position, FWHM and mixing at x (n,); the first is the shape."""
        u = (x - self.position) / self.fwhm
        value, by_u, by_mixing = pseudo_voigt_of(u, self.mixing)
        scale = self.area / self.fwhm
        by_fwhm = -scale / self.fwhm * (value + u * by_u)
        return np.stack([value / self.fwhm, -scale / self.fwhm * by_u, by_fwhm, scale * by_mixing])


@dataclass(frozen=True)
class BackgroundModel:
    """A sum of background terms: Chebyshev polynomial, 1/x, nodes, Debye terms, humps.

    Parameters
    ----------
    limits
        Ends of the axis that are scaled to −1 and 1 for the polynomial.
    chebyshev
        Coefficients of T_0, T_1, …
    inverse
        Coefficient of 1/x, for air scattering at low angle.
    nodes, heights
        Positions on the axis and heights of nodes joined by straight lines or a cubic spline (``interpolation``).
    debye, humps
        Diffuse and amorphous scattering.

    Raises
    ------
    InputError
        When nodes and heights differ in number.

    Examples
    --------
    >>> model = BackgroundModel((10.0, 90.0), (100.0, -20.0), humps=(Hump(500.0, 25.0, 8.0),))
    >>> [round(float(b), 2) for b in model.intensity(np.array([10.0, 25.0, 90.0]))]
    [120.0, 171.21, 80.0]
    """

    limits: tuple[float, float]
    chebyshev: tuple[float, ...] = ()
    inverse: float = 0.0
    nodes: tuple[float, ...] = ()
    heights: tuple[float, ...] = ()
    interpolation: Literal["linear", "cubic"] = "linear"
    debye: tuple[DebyeTerm, ...] = ()
    humps: tuple[Hump, ...] = ()

    def __post_init__(self) -> None:
        if len(self.nodes) != len(self.heights):
            raise InputError(f"{len(self.nodes)} nodes have {len(self.heights)} heights", "give one height per node")

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each parameter, in the order of ``derivatives``."""
        names = [f"chebyshev_{k}" for k in range(len(self.chebyshev))] + ["inverse"]
        names += [f"height_{k}" for k in range(len(self.nodes))]
        for k in range(len(self.debye)):
            names += [f"debye_{k}_{part}" for part in ("amplitude", "distance", "u")]
        for k in range(len(self.humps)):
            names += [f"hump_{k}_{part}" for part in ("area", "position", "fwhm", "mixing")]
        return tuple(names)

    def linear_columns(self, x: Array) -> Array:
        """Return the derivatives (L, n) by polynomial, 1/x and nodes at x (n,), positive: they hold at any values.

        Raises
        ------
        InputError
            When x is not positive.
        """
        if x.size and not np.all(x > 0.0):
            raise InputError(f"a background at {x.min():g} on its axis", "give positive positions")
        rows = [chebyshev_columns(x, len(self.chebyshev), self.limits).T] if self.chebyshev else []
        rows.append(1.0 / x[None])
        if self.nodes:
            rows.append(node_columns(x, np.array(self.nodes), self.interpolation).T)
        return np.concatenate(rows)

    @property
    def linear_values(self) -> Array:
        """The coefficients (L,) of ``linear_columns``."""
        return np.array([*self.chebyshev, self.inverse, *self.heights])

    def curved_terms(self, x: Array, q: Array | None = None) -> tuple[Array, Array]:
        """Return the sum (n,) of Debye terms and humps, and their derivatives (P − L, n)."""
        rows = [np.zeros((0, x.size)), *(term.slopes(self._in_q(x, q, True)) for term in self.debye)]
        rows += [hump.slopes(self._in_q(x, q, hump.in_q)) for hump in self.humps]
        factors: list[float] = []
        for term in self.debye:
            factors += [term.amplitude, 0.0, 0.0]
        for hump in self.humps:
            factors += [hump.area, 0.0, 0.0, 0.0]
        slopes = np.concatenate(rows)
        return np.asarray(np.array(factors) @ slopes), slopes

    def derivatives(self, x: Array, q: Array | None = None) -> Array:
        """Return the derivatives (P, n) by all parameters at x (n,), positive; q (n,) in Å⁻¹ where terms need it.

        Raises
        ------
        InputError
            When Debye terms or humps in q are there and q is not, or x is not positive.
        """
        return np.concatenate([self.linear_columns(x), self.curved_terms(x, q)[1]])

    def intensity(self, x: Array, q: Array | None = None) -> Array:
        """Return the background (n,) at x (n,) in the axis' units; q (n,) in Å⁻¹ where terms need it."""
        return np.asarray(self.linear_values @ self.linear_columns(x) + self.curved_terms(x, q)[0])

    @staticmethod
    def _in_q(x: Array, q: Array | None, needed: bool) -> Array:
        if not needed:
            return x
        if q is None:
            raise InputError("Debye terms and humps in q need q", "give q (n,) in Å⁻¹, 4π sinθ/λ")
        return q

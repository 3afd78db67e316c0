"""Twin laws: rotations that the lattice has, or nearly has, and the structure has not.

By merohedry the twins' lattices coincide exactly, by pseudo-merohedry to within an obliquity. The laws are the cosets
of the lattice's point group by that of the crystal (Flack (1987) Acta Cryst. A43, 564). The symmetry of the lattice is
found on its reduced cell, on which every rotation is a matrix of −1, 0 and 1 (Le Page (1982) J. Appl. Cryst. 15, 255;
Lebedev, Vagin & Murshudov (2006) Acta Cryst. D62, 83).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.crystal.lattice import Lattice
from anatase.crystal.niggli import PRIMITIVE, niggli_reduce
from anatase.crystal.space_group import SpaceGroup
from anatase.errors import InputError, PhysicsError

__all__ = ["TwinLaw", "lattice_rotations", "twin_laws", "twinned"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

EXACT = 1e-3  # degrees of obliquity that rounded cell parameters may show


@dataclass(frozen=True)
class TwinLaw:
    """A twin operation.

    Parameters
    ----------
    matrix
        The operation (3, 3) on xyz columns; a reflection h (a row) of the second domain lies on h·matrix of the first.
    obliquity
        Degrees by which the two lattices fail to coincide; 0 by merohedry.
    inversion
        Whether the operation turns the hand: such domains differ by anomalous scattering alone.
    """

    matrix: Floats
    obliquity: float
    inversion: bool = False

    @property
    def merohedral(self) -> bool:
        """Whether the lattices coincide to within the rounding of cell parameters."""
        return self.obliquity <= EXACT

    @property
    def symbol(self) -> str:
        """The transformed indices, as in ``k,h,-l``."""
        return ",".join(_combination(column) for column in self.matrix.T)


def _combination(column: Floats) -> str:
    text = ""
    for factor, letter in zip(column, "hkl", strict=True):
        if abs(factor) > 1e-9:
            size = "" if abs(abs(factor) - 1.0) < 1e-9 else f"{abs(factor):.4g}"
            text += ("-" if factor < 0 else "+" if text else "") + size + letter
    return text


@lru_cache(maxsize=1)
def _unimodular() -> Ints:
    """Return all matrices (m, 3, 3) of −1, 0, 1 with determinant 1."""
    matrices = np.array(list(product((-1, 0, 1), repeat=9)), dtype=np.int64).reshape(-1, 3, 3)
    return np.asarray(matrices[np.round(np.linalg.det(matrices)) == 1])


def _obliquity(matrices: Floats, vectors: Floats) -> Floats:
    """Return how far (m,), in degrees, matrices (m, 3, 3) on fractional columns are from rotations.

    tan δ = (σ₁ − σ₃)/2 with the singular values σ of the matrix in Cartesian axes: for a twofold operation exactly
    Friedel's obliquity, the angle between its axis [uvw] and the normal of the plane (hkl) that it keeps.
    """
    cartesian = vectors.T @ matrices @ np.linalg.inv(vectors.T)
    singular = np.linalg.svd(cartesian, compute_uv=False)
    return np.asarray(np.degrees(np.arctan((singular[:, 0] - singular[:, 2]) / 2.0)))


def lattice_rotations(lattice: Lattice, centring: str = "P", max_obliquity: float = EXACT) -> tuple[Floats, Floats]:
    """Return the proper rotations (m, 3, 3) of a lattice on xyz columns of its cell, and obliquities (m,) in degrees.

    ``max_obliquity`` is lowered until what it admits is a group.

    Examples
    --------
    >>> len(lattice_rotations(Lattice(4.0, 4.0, 4.0), "F")[0])
    24
    """
    primitive = PRIMITIVE[centring]
    reduced, change = niggli_reduce(Lattice.from_metric(primitive.T @ lattice.metric @ primitive))
    matrices = _unimodular()
    obliquity = _obliquity(matrices.astype(float), reduced.vectors)
    order = np.argsort(obliquity, kind="stable")
    order = order[obliquity[order] <= max(max_obliquity, EXACT)]
    while not _is_group(matrices[order]):
        order = order[obliquity[order] < obliquity[order[-1]] - 1e-9]
    basis = primitive @ change
    turned = basis @ matrices[order] @ np.linalg.inv(basis)
    return np.round(turned, 9) + 0.0, obliquity[order]


def _is_group(matrices: Ints) -> bool:
    if len(matrices) > 24:
        return False
    known = {matrix.tobytes() for matrix in matrices}
    products = np.ascontiguousarray(np.einsum("aij,bjk->abik", matrices, matrices).reshape(-1, 3, 3))
    return all(matrix.tobytes() in known for matrix in products)


def twin_laws(
    lattice: Lattice, space_group: SpaceGroup, max_obliquity: float = 0.0, *, inversion: bool = False
) -> tuple[TwinLaw, ...]:
    """Return the twin laws of a crystal, the one without twin operation left out; by merohedry first.

    Of the operations of one coset, which give the same twin, the one of least obliquity stands for all, a twofold
    one where there is one.

    Parameters
    ----------
    lattice, space_group
        Of the crystal.
    max_obliquity
        Greatest obliquity in degrees; 0 for merohedry alone, some 3 for pseudo-merohedry.
    inversion
        Whether domains of opposite hand count as different where the group has no inversion. By Friedel's law
        they diffract alike, and the hand is left out otherwise.

    Raises
    ------
    PhysicsError
        For an obliquity outside 0–10°.

    Examples
    --------
    >>> rhombohedral = Lattice(5.0, 5.0, 13.0, 90.0, 90.0, 120.0)
    >>> [law.symbol for law in twin_laws(rhombohedral, SpaceGroup.from_symbol("R -3 :H"))]
    ['k,h,-l']
    """
    if not 0.0 <= max_obliquity <= 10.0:
        raise PhysicsError(f"an obliquity of {max_obliquity:g}° is no pseudo-symmetry; give 0 to 10 degrees")
    matrices, obliquity = lattice_rotations(lattice, space_group.centring, max_obliquity)
    group = np.unique(space_group.rotations, axis=0).astype(float)
    if inversion:
        matrices, obliquity = np.concatenate([matrices, -matrices]), np.tile(obliquity, 2)
    else:
        group = np.unique(group * np.round(np.linalg.det(group))[:, None, None], axis=0)
    keys = {matrix.tobytes(): index for index, matrix in enumerate(np.round(matrices, 6) + 0.0)}
    # the identity and small obliquities first, then proper operations, then twofold ones, then plain ones
    traces = np.trace(matrices, axis1=1, axis2=2)
    hands = np.round(np.linalg.det(matrices))
    entries = np.round(matrices.reshape(-1, 9), 6)
    plain = (*-entries.T, (entries < 0.0).sum(axis=1), np.abs(entries).sum(axis=1))
    rank = np.lexsort((*plain, np.abs(traces * hands + 1.0), -hands, np.round(obliquity, 4)))
    seen: set[int] = set()
    laws = []
    for index in rank:
        if int(index) in seen:
            continue
        coset = {keys.get(m.tobytes(), -1) for m in np.round(matrices[index] @ group, 6) + 0.0}
        if -1 in coset:
            raise PhysicsError(f"the lattice {lattice.parameters} has not the symmetry of {space_group.symbol}")
        seen |= coset
        if not any(np.allclose(matrices[i], np.eye(3)) for i in coset):
            laws.append(TwinLaw(matrices[index], float(obliquity[index]), bool(hands[index] < 0)))
    return tuple(laws)


def twinned(
    f_squared: Callable[[Ints], Floats], hkl: ArrayLike, laws: Sequence[TwinLaw], fractions: Sequence[float]
) -> tuple[Floats, Floats]:
    """Return |F|² (n,) of a twin whose reflections overlap, and its derivatives (k, n) by the fractions of the laws.

    I(h) = (1 − Σ α_i) |F(h)|² + Σ α_i |F(h R_i)|², R_i the twin operation (Pratt, Coyle & Ibers (1971) J. Chem. Soc. A,
    2146).

    Parameters
    ----------
    f_squared
        Takes indices (n, 3) to |F|² (n,) of the untwinned crystal.
    hkl
        Indices (n, 3) on the first domain's lattice.
    laws
        Twin laws (k).
    fractions
        Volume fraction of each law's domain (k), the first domain being the rest.

    Raises
    ------
    PhysicsError
        When the fractions are negative or add up to more than 1.
    InputError
        When there are not as many fractions as laws, or a twin operation takes a reflection off the lattice.
    """
    alpha = np.asarray(fractions, dtype=float)
    if alpha.shape != (len(laws),):
        raise InputError(f"{alpha.size} fractions for {len(laws)} twin laws", "give one fraction per law")
    if alpha.size and (alpha.min() < 0.0 or alpha.sum() > 1.0 + 1e-12):
        raise PhysicsError(f"twin fractions {alpha.tolist()} are negative or add up to more than 1")
    reflections = np.atleast_2d(np.asarray(hkl, dtype=np.int64))
    plain = f_squared(reflections)
    slopes = np.empty((len(laws), len(reflections)))
    for row, law in enumerate(laws):
        turned = reflections @ law.matrix
        whole = np.round(turned)
        if np.abs(turned - whole).max() > 1e-6:
            raise InputError(f"the twin law {law.symbol} takes reflections off the lattice", "leave absent ones out")
        slopes[row] = f_squared(whole.astype(np.int64)) - plain
    return plain + alpha @ slopes, slopes

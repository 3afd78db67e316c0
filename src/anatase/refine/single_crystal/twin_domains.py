"""Which reflections of which twin domains make up each observation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from anatase.errors import InputError
from anatase.io.shelx_instructions import ShelxInstructions, ShelxTwin
from anatase.refine.single_crystal.merging import OFF_LATTICE, MergedReflections, asymmetric_indices

__all__ = ["TwinDomains", "domain_matrices", "twin_domains"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Sparse = csr_array[np.float64]


@dataclass(frozen=True)
class TwinDomains:
    """I(n) = Σ_d k_d M_d |F|²: unique reflections (m, 3), and for each domain d its matrix M_d (n, m) of 0 and 1.

    k_1 = 1 − Σ k_d for twins; for batches of one crystal (``complement`` false) k_1 = 1.
    """

    hkl: Indices
    members: tuple[Sparse, ...]
    complement: bool = True

    def shares(self, fractions: Array) -> Array:
        """Return k of all domains from those of the second and further ones (d − 1,)."""
        return np.concatenate([[1.0 - fractions.sum() if self.complement else 1.0], fractions])

    def mixed(self, fractions: Array) -> Sparse:
        """Return Σ k_d M_d (n, m)."""
        total: Sparse = self.members[0] * self.shares(fractions)[0]
        for share, one in zip(fractions, self.members[1:], strict=True):
            total = total + one * share
        return csr_array(total)

    @property
    def columns(self) -> Indices | None:
        """The one unique reflection (n,) of each observation where there is a single domain, else ``None``."""
        first = self.members[0]
        single = len(self.members) == 1 and np.all(np.diff(first.indptr) == 1)
        return first.indices.astype(np.int64) if single else None

    def by_fraction(self, f_squared: Array) -> Array:
        """Return ∂I/∂k (d − 1, n) of the second and further domains from |F|² (m,)."""
        rows = np.array([one @ f_squared for one in self.members], dtype=float)
        return np.asarray(rows[1:] - rows[0] if self.complement else rows[1:])


def domain_matrices(twin: ShelxTwin) -> list[Array]:
    """Return the matrices (3, 3) that take hkl columns of the first domain to those of each domain.

    With n domains the matrix of TWIN acts 0 to n − 1 times; with −n it acts 0 to n/2 − 1 times, and the other half
    of the domains is the inversion of these.

    Raises
    ------
    InputError
        When a negative number of domains is odd, or there are fewer than two.
    """
    law, n = np.array(twin.matrix).reshape(3, 3), abs(twin.domains)
    if n < 2 or (twin.domains < 0 and n % 2):
        raise InputError(f"TWIN has {twin.domains} domains", "give 2 or more, or an even number with a minus sign")
    half = n // 2 if twin.domains < 0 else n
    powers = [np.linalg.matrix_power(law, i) for i in range(half)]
    return [*powers, *(-one for one in powers)] if twin.domains < 0 else powers


def twin_domains(merged: MergedReflections, instructions: ShelxInstructions, *, inversion: bool = False) -> TwinDomains:
    """Return the domains that TWIN, HKLF 5 or batch numbers speak of.

    ``inversion`` adds the inversion of an untwinned crystal as a second domain.

    Raises
    ------
    InputError
        When TWIN and HKLF 5 stand together, or BASF has not one fraction for each domain but the first.
    """
    n = len(merged)
    everything = np.arange(n)
    twin = ShelxTwin() if inversion else instructions.twin
    if merged.members is not None:
        if instructions.twin is not None or inversion:
            raise InputError("TWIN and HKLF 5 stand together", "leave one of them out")
        indices, owners, domains = merged.members
        parts = [(indices[domains == d], owners[domains == d]) for d in range(int(domains.max()) + 1)]
    elif twin is not None:
        parts = []
        for matrix in domain_matrices(twin):
            turned = merged.hkl @ matrix.T
            whole = np.round(turned)
            on = np.all(np.abs(turned - whole) < OFF_LATTICE, axis=1)
            parts.append((whole[on].astype(np.int64), everything[on]))
    else:
        batches = merged.batch if instructions.batch_fractions else np.ones(n, np.int64)
        parts = [(merged.hkl[batches == b], everything[batches == b]) for b in range(1, int(batches.max()) + 1)]
    complement = merged.members is not None or twin is not None
    return _numbered(parts, n, instructions, complement=complement)


def _numbered(
    parts: list[tuple[Indices, Indices]], n: int, instructions: ShelxInstructions, *, complement: bool
) -> TwinDomains:
    """Give every reflection that any domain needs one number, equivalents the same."""
    rows = asymmetric_indices(np.concatenate([indices for indices, _ in parts]), instructions.space_group)
    unique, number = np.unique(rows, axis=0, return_inverse=True)
    number, start, members = number.ravel(), 0, []
    for indices, owners in parts:
        columns = number[start : start + len(indices)]
        start += len(indices)
        members.append(csr_array((np.ones(len(owners)), (owners, columns)), shape=(n, len(unique))))
    return TwinDomains(unique, tuple(members), complement)

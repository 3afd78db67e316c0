"""The answer of a single-crystal refinement."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.estimate import Estimate
from anatase.io.shelx_instructions import ShelxInstructions
from anatase.provenance import Provenance
from anatase.refine.single_crystal.absolute_structure import AbsoluteStructure
from anatase.refine.single_crystal.difference_map import DifferenceMap
from anatase.refine.single_crystal.figures_of_merit import FiguresOfMerit

__all__ = ["CrystalCycle", "CrystalParameter", "CrystalRefinement", "ReflectionTable"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class CrystalParameter:
    """A refined parameter by its name (``C1.x``, ``scale``, ``twin_fraction_2``)."""

    name: str
    estimate: Estimate


@dataclass(frozen=True)
class CrystalCycle:
    """One round of least squares with the weights of its start: figures before it, and its largest shift over s.u."""

    wr2: float
    goof: float
    max_shift_over_su: float
    parameter: str


@dataclass(frozen=True)
class ReflectionTable:
    """Reflections (n) on the absolute scale: hkl (n, 3), Fo², Fc², σ and weight (n,), 0 for those not fitted."""

    hkl: NDArray[np.int64]
    f_squared: Array
    f_calc_squared: Array
    sigma: Array
    weight: Array


@dataclass(frozen=True)
class CrystalRefinement:
    """A refined crystal.

    Parameters
    ----------
    name
        Title of the file.
    figures
        R1, wR2, GooF and what they count.
    n_measured, r_int, r_sigma
        Of the merging.
    parameters
        Every refined parameter with its s.u., GooF included.
    structure
        The refined structure.
    numbers, su
        x y z, sof, U11 U22 U33 U12 U13 U23 (U_iso in the first of these) of each site (s, 10), and their s.u., riding
        atoms with those of their carriers; 0 for what was held.
    su_u_eq
        S.u. of U_eq or U_iso of each site (s,), Å².
    cycles, converged
        What happened, and whether the last round moved no parameter by more than 0.01 s.u.
    correlations
        Pairs of parameters with |correlation| above 0.8, largest first, 20 at most.
    absolute_structure
        Flack's x, for crystals without a centre.
    difference
        Peaks of the difference map.
    reflections
        The list of reflections.
    instructions
        What was read, for writing a .res file.
    """

    name: str
    figures: FiguresOfMerit
    n_measured: int
    r_int: float
    r_sigma: float
    parameters: tuple[CrystalParameter, ...]
    structure: Structure
    numbers: Array
    su: Array
    su_u_eq: Array
    cycles: tuple[CrystalCycle, ...]
    converged: bool
    correlations: tuple[tuple[str, str, float], ...]
    absolute_structure: AbsoluteStructure | None
    difference: DifferenceMap
    reflections: ReflectionTable
    instructions: ShelxInstructions
    warnings: tuple[str, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)

    def value(self, name: str) -> Estimate:
        """Return the estimate of a parameter.

        Raises
        ------
        KeyError
            When no such parameter was refined.
        """
        return {one.name: one.estimate for one in self.parameters}[name]

    @property
    def max_shift_over_su(self) -> float:
        """Largest shift over s.u. of the last cycle, 0 without any."""
        return self.cycles[-1].max_shift_over_su if self.cycles else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary, reflections left out."""
        lattice = dict(zip(("a", "b", "c", "alpha", "beta", "gamma"), self.structure.lattice.parameters, strict=True))
        flack = None if self.absolute_structure is None else asdict(self.absolute_structure)
        return {
            "name": self.name,
            "space_group": self.structure.space_group.symbol,
            "lattice": lattice,
            "formula": self.structure.formula,
            **asdict(self.figures),
            "n_measured": self.n_measured,
            "r_int": self.r_int,
            "r_sigma": self.r_sigma,
            "converged": self.converged,
            "max_shift_over_su": self.max_shift_over_su,
            "parameters": [
                {"name": one.name, "value": one.estimate.value, "su": one.estimate.su} for one in self.parameters
            ],
            "sites": [
                {"label": site.label, "element": site.species[0].element, "xyz": list(site.xyz), "u_iso": site.u_iso}
                for site in self.structure.sites
            ],
            "correlations": [list(one) for one in self.correlations],
            "absolute_structure": flack,
            "difference_map": asdict(self.difference),
            "cycles": [asdict(one) for one in self.cycles],
            "warnings": list(self.warnings),
            "provenance": self.provenance.as_dict(),
        }

"""What a SHELX .ins or .res file says."""

from __future__ import annotations

from dataclasses import dataclass, field

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup

__all__ = [
    "ShelxAtom",
    "ShelxDifferencePeak",
    "ShelxInstructions",
    "ShelxReflectionFile",
    "ShelxRestraint",
    "ShelxScatterer",
    "ShelxTwin",
]

UNIT_MATRIX = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
Nine = tuple[float, float, float, float, float, float, float, float, float]
Three = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class ShelxScatterer:
    """One entry of SFAC: its label and element; f0 as a, b, … c (9) and f′, f″ (e) where the file gives them."""

    label: str
    element: str
    gaussians: Nine | None = None
    dispersion: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class ShelxAtom:
    """An atom as it is coded: numbers may be fixed or tied (``shelx_code``).

    ``u`` is U_iso alone, or U11 U22 U33 U23 U13 U12 in this order of the file, Å². ``label`` carries the number of the
    residue, if it has one: ``C1_2``. ``afix`` is mn of the AFIX in force, ``bond`` its X–H distance (0: the usual one),
    ``special`` the distance (Å) from a special position within which it is taken to be on it.
    """

    label: str
    scatterer: int
    xyz: Three
    sof: float
    u: tuple[float, ...]
    part: int = 0
    afix: int = 0
    bond: float = 0.0
    residue_class: str = ""
    special: float = 0.2
    line: int = 0

    @property
    def residue(self) -> int:
        """Number of the residue, 0 for none."""
        return int(self.label.partition("_")[2] or 0)


@dataclass(frozen=True, slots=True)
class ShelxRestraint:
    """A restraint or constraint as written: its keyword, residue, numbers, the names of atoms, its line."""

    kind: str
    numbers: tuple[float, ...]
    atoms: tuple[str, ...]
    residue: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class ShelxTwin:
    """TWIN: the matrix (row by row) that takes hkl to those of the next domain, and the number of domains."""

    matrix: Nine = (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, -1.0)
    domains: int = 2


@dataclass(frozen=True, slots=True)
class ShelxReflectionFile:
    """HKLF: kind (4 or 5), scale of Fo² and σ, matrix (row by row) on hkl, factor of 1/σ²."""

    kind: int = 4
    scale: float = 1.0
    matrix: Nine = UNIT_MATRIX
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ShelxDifferencePeak:
    """A peak Q of the last difference map: fractional position and height in e/Å³."""

    label: str
    xyz: Three
    height: float


@dataclass(frozen=True)
class ShelxInstructions:
    """Everything that a .ins or .res file says, as far as it bears on the refinement.

    Parameters
    ----------
    name, lines
        Name of the file and its text, line by line, kept for writing it anew.
    wavelength, lattice, cell_su, formula_units
        λ in Å, the cell, its s.u. (Å, degrees), Z.
    space_group
        From LATT and SYMM.
    scatterers, content
        SFAC, and UNIT: the number of atoms of each in the cell.
    variables
        FVAR: overall scale (root of what multiplies |Fc|²) and the free variables.
    weighting
        a, b, c, d, e, f of WGHT.
    extinction, batch_fractions
        EXTI (``None`` where it is not refined) and BASF, as coded.
    twin, reflections
        TWIN and HKLF.
    merge
        MERG: 0 no merging, 1 identical indices, 2 equivalents of the point group, 3 and 4 Friedel pairs too.
    omit_sigma, two_theta_limit, omitted, resolution
        OMIT s (Fo² below s σ/2 are set to it for negative s, left out for positive), its 2θ (°), its reflections;
        SHEL: longest and shortest d in Å.
    cycles, temperature, neutrons
        L.S. or CGLS, TEMP in °C, whether NEUT stands.
    equivalents
        EQIV: name (``$1``) → triplet.
    default_su
        DEFS: s.u. of DFIX, SAME/SADI, FLAT/CHIV/DELU, SIMU.
    removed_bonds
        FREE: pairs of atoms that are not bonded.
    """

    name: str
    lines: tuple[str, ...]
    wavelength: float
    lattice: Lattice
    space_group: SpaceGroup
    scatterers: tuple[ShelxScatterer, ...]
    atoms: tuple[ShelxAtom, ...]
    variables: tuple[float, ...] = (1.0,)
    title: str = ""
    cell_su: tuple[float, ...] = (0.0,) * 6
    formula_units: float = 0.0
    content: tuple[float, ...] = ()
    weighting: tuple[float, ...] = (0.1, 0.0, 0.0, 0.0, 0.0, 1.0 / 3.0)
    extinction: float | None = None
    batch_fractions: tuple[float, ...] = ()
    twin: ShelxTwin | None = None
    reflections: ShelxReflectionFile = field(default_factory=ShelxReflectionFile)
    merge: int = 2
    omit_sigma: float = -2.0
    two_theta_limit: float = 180.0
    omitted: tuple[tuple[int, int, int], ...] = ()
    resolution: tuple[float, float] = (float("inf"), 0.0)
    cycles: int = 10
    temperature: float = 20.0
    neutrons: bool = False
    restraints: tuple[ShelxRestraint, ...] = ()
    equivalents: dict[str, str] = field(default_factory=dict)
    default_su: tuple[float, float, float, float] = (0.02, 0.1, 0.01, 0.04)
    removed_bonds: tuple[tuple[str, str], ...] = ()
    peaks: tuple[ShelxDifferencePeak, ...] = ()
    warnings: tuple[str, ...] = ()

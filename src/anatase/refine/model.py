"""What a refinement is about: measured patterns, how each was measured, and the phases in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.radiation import Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = [
    "ConstantWavelength",
    "Histogram",
    "Mode",
    "Phase",
    "PhasePart",
    "ReflectionList",
    "RefinementModel",
    "TimeOfFlight",
]

Array = NDArray[np.float64]
Mode = Literal["rietveld", "lebail", "pawley"]


@dataclass(frozen=True)
class ConstantWavelength:
    """A diffractometer at constant wavelength: its radiation, its geometry and profile, and the scattering tables."""

    radiation: Radiation
    instrument: Instrument
    scattering: ScatteringModel


@dataclass(frozen=True)
class TimeOfFlight:
    """A neutron time-of-flight bank: calibration, line shape, and the incident spectrum (n,) at the points or 1."""

    bank: TofBank
    profile: TofProfile
    spectrum: Array | float = 1.0
    scattering: ScatteringModel = field(default_factory=lambda: ScatteringModel("neutron", dispersion=False))


@dataclass(frozen=True)
class Histogram:
    """A measured pattern, how it was measured, its background, and the ranges (low, high) of its axis left out.

    ``name`` stands in the names of parameters: ``xray.zero``, ``xray.background.chebyshev_0``.
    """

    name: str
    pattern: Pattern
    beam: ConstantWavelength | TimeOfFlight
    background: BackgroundModel
    excluded: tuple[tuple[float, float], ...] = ()

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which points (n,) are fitted."""
        keep = np.ones(len(self.pattern), dtype=np.bool_)
        for low, high in self.excluded:
            keep &= (self.pattern.x < low) | (self.pattern.x > high)
        return keep


@dataclass(frozen=True)
class ReflectionList:
    """Reflections whose intensities a Le Bail or Pawley fit finds.

    hkl (n, 3), multiplicity (n,), and ``f_squared`` (n,): |F|² of each, as if a structure had given it.
    """

    hkl: NDArray[np.int64]
    multiplicity: NDArray[np.int64]
    f_squared: Array


@dataclass(frozen=True)
class PhasePart:
    """What a phase is like in one histogram: scale, crystallites, edge of extinguishing blocks (Å), intensities.

    ``reflections`` hold the intensities of a Le Bail or Pawley fit; ``None``: those of the structure. Scale 0: absent.
    ``lattice_strain``: e of each free parameter p of the cell, which is p (1 + e) in this histogram; empty: none.
    """

    scale: float = 1.0
    sample: Sample = field(default_factory=Sample)
    extinction: float = 0.0
    reflections: ReflectionList | None = None
    lattice_strain: tuple[float, ...] = ()


@dataclass(frozen=True)
class Phase:
    """A phase: its structure (a Le Bail or Pawley fit needs cell and space group alone) and its part in each histogram.

    ``name`` stands in the names of parameters: ``PbSO4.a``, ``PbSO4.O1.x``, ``PbSO4.xray.scale``.
    """

    name: str
    structure: Structure
    parts: tuple[PhasePart, ...]
    mode: Mode = "rietveld"


@dataclass(frozen=True)
class RefinementModel:
    """Histograms and phases; every phase has one part for each histogram, in their order.

    Raises
    ------
    InputError
        When parts and histograms differ in number, or two bear one name.
    """

    histograms: tuple[Histogram, ...]
    phases: tuple[Phase, ...]

    def __post_init__(self) -> None:
        for phase in self.phases:
            if len(phase.parts) != len(self.histograms):
                raise InputError(
                    f"{phase.name} has {len(phase.parts)} parts for {len(self.histograms)} patterns",
                    "give one part for each pattern",
                )
        names = Counter([one.name for one in self.histograms] + [one.name for one in self.phases])
        if twice := [name for name, count in names.items() if count > 1]:
            raise InputError(f"'{twice[0]}' names several patterns or phases", "give each a name of its own")

    def with_phase(self, index: int, phase: Phase) -> RefinementModel:
        """Return the same model with one phase replaced."""
        return replace(self, phases=(*self.phases[:index], phase, *self.phases[index + 1 :]))

    def with_histogram(self, index: int, histogram: Histogram) -> RefinementModel:
        """Return the same model with one histogram replaced."""
        return replace(self, histograms=(*self.histograms[:index], histogram, *self.histograms[index + 1 :]))

"""A refinement as another program's files describe it: phases, patterns, what is free and what is tied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from anatase.crystal.structure import Structure
from anatase.pattern.background_model import BackgroundModel
from anatase.pattern.pattern import Pattern
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.incident_spectrum import SpectrumKind
from anatase.scattering.radiation import Radiation
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = [
    "ForeignBank",
    "ForeignDiffractometer",
    "ForeignHistogram",
    "ForeignPart",
    "ForeignPhase",
    "ForeignRefinement",
    "LinearRelation",
    "SharedShift",
]


@dataclass(frozen=True)
class ForeignDiffractometer:
    """A diffractometer at constant wavelength: radiation, geometry, profile and shifts."""

    radiation: Radiation
    instrument: Instrument


@dataclass(frozen=True)
class ForeignBank:
    """A time-of-flight bank; ``profile`` and ``spectrum`` are ``None`` where the file has none that is known here.

    ``limits`` are the times of flight (µs) between which its incident spectrum is known.
    """

    bank: TofBank
    profile: TofProfile | None = None
    spectrum: tuple[SpectrumKind, tuple[float, ...]] | None = None
    limits: tuple[float, float] | None = None


@dataclass(frozen=True)
class ForeignHistogram:
    """A measured pattern: its name, where its data lie, how it was measured.

    ``data_file`` is the path as the file writes it, ``bank`` the number of the scan in it (from 1). ``pattern`` holds
    the data themselves where the file carries them. ``limits`` are the ends of the fitted range and ``excluded`` the
    ranges (low, high) left out, in the units of the pattern's axis (°2θ or µs).
    """

    name: str
    beam: ForeignDiffractometer | ForeignBank
    background: BackgroundModel | None = None
    data_file: str = ""
    bank: int = 1
    pattern: Pattern | None = None
    limits: tuple[float, float] | None = None
    excluded: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class ForeignPart:
    """A phase in one histogram: scale, crystallites, edge of extinguishing blocks (Å), strain of its cell.

    The scale is in the program's own units where its reader does not say otherwise. ``lattice_strain`` holds e of each
    free parameter p of the cell, which is p (1 + e) in this histogram; empty: none.
    """

    scale: float = 1.0
    sample: Sample = field(default_factory=Sample)
    extinction: float = 0.0
    lattice_strain: tuple[float, ...] = ()


@dataclass(frozen=True)
class ForeignPhase:
    """A phase: name, structure (cell and space group alone where no atoms are given), its part by histogram name."""

    name: str
    structure: Structure
    parts: Mapping[str, ForeignPart] = field(default_factory=dict)
    mode: Literal["rietveld", "lebail", "pawley"] = "rietveld"


@dataclass(frozen=True)
class SharedShift:
    """Parameters that move together: each by its factor times one common shift, from where it stands.

    ``terms`` are pairs (factor, parameter). Equal factors on equal values keep the parameters equal.
    """

    terms: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class LinearRelation:
    """Σ factor · parameter = total, over pairs (factor, parameter): a fixed sum of occupancies, say."""

    terms: tuple[tuple[float, str], ...]
    total: float


@dataclass(frozen=True)
class ForeignRefinement:
    """Everything of a file of GSAS, GSAS-II, TOPAS, FullProf or BGMN that a refinement here understands.

    ``free`` names the refined parameters as here: ``PbSO4.a``, ``PbSO4.O1.x``, ``xray.zero``,
    ``xray.background.chebyshev_0``, ``PbSO4.xray.scale``. ``r_wp`` (percent) and ``gof`` are how well it fits, where
    that is known. ``warnings`` tell what the file holds and was not taken over,
    with the line where there is one.
    """

    phases: tuple[ForeignPhase, ...]
    histograms: tuple[ForeignHistogram, ...]
    free: frozenset[str] = frozenset()
    shared: tuple[SharedShift, ...] = ()
    relations: tuple[LinearRelation, ...] = ()
    title: str = ""
    warnings: tuple[str, ...] = ()
    r_wp: float | None = None
    gof: float | None = None

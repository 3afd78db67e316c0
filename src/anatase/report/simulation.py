"""What was simulated, in one piece: for tables, pictures, CSV and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.io.write import radiation_as_dict
from anatase.pattern.frame import Frame
from anatase.pattern.pattern import Axis, Pattern
from anatase.provenance import anatase_version
from anatase.report.document import json_ready
from anatase.report.notation import radiation_text
from anatase.scattering.radiation import Radiation
from anatase.scattering.reflections import Reflections
from anatase.simulation.spots import SpotList
from anatase.simulation.zone_axis import ZonePattern

__all__ = ["SCHEMA", "Kind", "PhaseLines", "Simulation", "beam_text", "simulation_document"]

SCHEMA = "anatase.simulation/1"
Array = NDArray[np.float64]
Kind = Literal["powder", "lines", "time_of_flight", "rings", "spots", "zone"]


@dataclass(frozen=True)
class PhaseLines:
    """The powder lines of a phase: reflections, positions on the axis (n,), intensities (n,), the strongest 100."""

    structure: Structure
    reflections: Reflections
    position: Array
    intensity: Array
    weight_fraction: float | None = None

    @property
    def name(self) -> str:
        """What the phase is called."""
        return self.structure.name or self.structure.formula


@dataclass(frozen=True)
class Simulation:
    """A calculated pattern, list of lines, frame, list of spots or zone-axis pattern, and what it is of.

    Of ``pattern``, ``frame``, ``spots`` and ``zone`` those are there that ``kind`` has. ``axis`` says what positions of
    lines are; ``orientation`` (3, 3) is that of a single crystal, ``turn`` its rotation in degrees.
    """

    kind: Kind
    files: tuple[str, ...]
    phases: tuple[PhaseLines, ...]
    radiation: Radiation | None = None
    axis: Axis = "two_theta"
    pattern: Pattern | None = None
    frame: Frame | None = None
    spots: SpotList | None = None
    zone: ZonePattern | None = None
    orientation: Array | None = None
    turn: tuple[float, float] | None = None
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The phases' names."""
        return " + ".join(phase.name for phase in self.phases)


def beam_text(simulation: Simulation) -> str:
    """Name what was diffracted: ``X-rays, Cu Kα₁,₂ λ = 1.54059, 1.54443 Å``, or neutrons on a time-of-flight bank."""
    pattern = simulation.pattern
    if pattern is None or pattern.axis != "tof":
        return radiation_text(simulation.radiation)
    return f"neutrons, time of flight at 2θ = {pattern.metadata.get('two_theta', 90.0):g}°"


def simulation_document(simulation: Simulation) -> dict[str, Any]:
    """Return a simulation as a JSON-ready dictionary, ``anatase.simulation/1``; lengths in Å, angles in degrees."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "version": anatase_version(),
        "kind": simulation.kind,
        "files": list(simulation.files),
        "radiation": radiation_as_dict(simulation.radiation),
        "phases": [_phase(phase, simulation.axis) for phase in simulation.phases],
    }
    if simulation.pattern is not None:
        pattern = simulation.pattern
        curves = {"x": pattern.x, "intensity": pattern.intensity, "sigma": pattern.sigma}
        document["pattern"] = {"axis": pattern.axis, **curves}
    if simulation.frame is not None:
        document["frame"] = _frame(simulation.frame)
    if simulation.spots is not None:
        document["spots"] = _spots(simulation.spots)
    if simulation.orientation is not None:
        document |= {"orientation": simulation.orientation, "turn": simulation.turn}
    if simulation.zone is not None:
        document["zone"] = _zone(simulation.zone)
    document["warnings"] = list(simulation.warnings)
    ready: dict[str, Any] = json_ready(document)
    return ready


def _phase(phase: PhaseLines, axis: Axis) -> dict[str, Any]:
    structure, found = phase.structure, phase.reflections
    group = structure.space_group
    rows = zip(
        found.hkl, found.multiplicity, found.d_spacing, phase.position, found.f_squared, phase.intensity, strict=True
    )
    return {
        "name": phase.name,
        "formula": structure.formula,
        "space_group": {"number": group.number, "symbol": group.symbol},
        "weight_fraction": phase.weight_fraction,
        "lines": [
            {"hkl": hkl, "multiplicity": m, "d_spacing": d, axis: x, "f_squared": squared, "intensity": intensity}
            for hkl, m, d, x, squared, intensity in rows
        ],
    }


def _frame(frame: Frame) -> dict[str, Any]:
    geometry = frame.geometry
    answer: dict[str, Any] = {"shape": list(frame.shape), "total": float(frame.image.sum())}
    if geometry is not None:
        names = ("distance", "poni1", "poni2", "pixel1", "pixel2", "rot1", "rot2", "rot3")
        answer["geometry"] = {name: getattr(geometry, name) for name in names}
    return answer


def _spots(spots: SpotList) -> list[dict[str, Any]]:
    columns = (spots.hkl, spots.x, spots.y, spots.phi, spots.d_spacing, spots.intensity)
    names = ("hkl", "x", "y", "phi", "d_spacing", "intensity")
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _zone(zone: ZonePattern) -> dict[str, Any]:
    columns = (
        zone.hkl, zone.position, zone.laue_zone, zone.d_spacing, zone.excitation_error, zone.intensity,
        zone.double_diffraction,
    )  # fmt: skip
    names = ("hkl", "position", "laue_zone", "d_spacing", "excitation_error", "intensity", "double_diffraction")
    return {
        "axis": list(zone.zone),
        "spots": [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)],
    }

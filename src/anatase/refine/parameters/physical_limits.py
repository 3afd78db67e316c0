"""What no refinement may end with: cells that collapse, atoms that wander off, displacements that mean nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from anatase.refine.model import Phase, RefinementModel
from anatase.refine.parameters.parameters import parameter_values

__all__ = ["MEAN_SQUARES", "implausible"]

CELL_REACH = 0.03  # of a length; angles in degrees: a hundred times that
LOWEST_U, HIGHEST_U = -0.003, 0.12  # Å²
MEAN_SQUARES = ("u_iso", "u11", "u22", "u33")  # what no atom has less than none of
FARTHEST = 0.4  # Å that an atom moves
SMALLEST, MOST_STRAIN = 15.0, 0.03  # crystallites in Å, microstrain
TEXTURE = (0.1, 8.0)  # March r
LARGEST_SHIFT = {"zero": 1.0, "displacement": 2.0}  # degrees, mm
DIVERGENCE = 0.12
OCCUPANCY = (0.0, 1.05)


def implausible(model: RefinementModel, first: RefinementModel, names: Sequence[str]) -> dict[str, str]:
    """Return which of the named parameters ended where no crystal or diffractometer is, and why, in words.

    ``first`` is the model from which the refinement began.
    """
    values, before = parameter_values(model), parameter_values(first)
    moved = _wandered(model, first)
    found = {}
    for name in names:
        value = values[name]
        last = name.rpartition(".")[2]
        if last in ("a", "b", "c") and abs(value / before[name] - 1.0) > CELL_REACH:
            found[name] = f"ran from {before[name]:.4f} to {value:.4f} Å"
        elif last in ("alpha", "beta", "gamma") and abs(value - before[name]) > 100.0 * CELL_REACH:
            found[name] = f"ran from {before[name]:.3f} to {value:.3f}°"
        elif last in MEAN_SQUARES and not min(LOWEST_U, before[name]) <= value <= max(HIGHEST_U, before[name]):
            found[name] = f"ran to {value:.4f} Å²"
        elif last == "size" and value < SMALLEST:
            found[name] = f"fell to {value:.3g} Å"
        elif last == "strain" and value > MOST_STRAIN:
            found[name] = f"rose to {value:.3g}"
        elif last.startswith("march_r") and not TEXTURE[0] <= value <= TEXTURE[1]:
            found[name] = f"ran to {value:.3g}"
        elif last in LARGEST_SHIFT and abs(value) > LARGEST_SHIFT[last] and name.count(".") == 1:
            if not name.startswith(tuple(f"{one.name}." for one in model.histograms if one.pattern.axis == "tof")):
                found[name] = f"ran to {value:.3g}"
        elif last in ("s_over_l", "h_over_l") and value > DIVERGENCE:
            found[name] = f"rose to {value:.3g}"
        elif last == "occupancy" and not OCCUPANCY[0] <= value <= OCCUPANCY[1]:
            found[name] = f"ran to {value:.3g}"
        elif last in ("x", "y", "z") and name.rpartition(".")[0] in moved:
            found[name] = f"moved its atom by {moved[name.rpartition('.')[0]]:.2f} Å"
    return found


def _wandered(model: RefinementModel, first: RefinementModel) -> dict[str, float]:
    """Return by how much (Å) atoms moved that moved too far, by ``phase.site``."""
    far = {}
    for phase, before in zip(model.phases, first.phases, strict=True):
        for label, distance in _distances(phase, before):
            if distance > FARTHEST:
                far[f"{phase.name}.{label}"] = distance
    return far


def _distances(phase: Phase, before: Phase) -> list[tuple[str, float]]:
    vectors = phase.structure.lattice.vectors
    return [
        (site.label, float(np.linalg.norm((np.array(site.xyz) - np.array(old.xyz)) @ vectors)))
        for site, old in zip(phase.structure.sites, before.structure.sites, strict=True)
    ]

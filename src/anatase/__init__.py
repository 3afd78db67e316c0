"""From measured diffraction to a structure answer that a crystallographer can trust.

The verbs, each importable from here: ``read`` a pattern, ``read_structure``, ``open_library``, ``identify``,
``identify_joint``, ``rank``, ``refine``, ``simulate``, ``simulate_lines``, ``simulate_many``, ``find_peaks``. Nothing
heavy is imported before one of them is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anatase.identify import identify as identify
    from anatase.identify.joint import identify_joint as identify_joint
    from anatase.identify.ranking import rank as rank
    from anatase.io import read as read
    from anatase.io.structure_files import read_structure as read_structure
    from anatase.library import open_library as open_library
    from anatase.peaks import find_peaks as find_peaks
    from anatase.refine import refine as refine
    from anatase.simulation.lines import simulate_lines as simulate_lines
    from anatase.simulation.many import simulate_many as simulate_many
    from anatase.simulation.powder import simulate as simulate

__all__ = [
    "find_peaks",
    "identify",
    "identify_joint",
    "open_library",
    "rank",
    "read",
    "read_structure",
    "refine",
    "simulate",
    "simulate_lines",
    "simulate_many",
]

_MODULES = {
    "find_peaks": "anatase.peaks",
    "identify": "anatase.identify",
    "identify_joint": "anatase.identify.joint",
    "open_library": "anatase.library",
    "rank": "anatase.identify.ranking",
    "read": "anatase.io",
    "read_structure": "anatase.io.structure_files",
    "refine": "anatase.refine",
    "simulate": "anatase.simulation.powder",
    "simulate_lines": "anatase.simulation.lines",
    "simulate_many": "anatase.simulation.many",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'anatase' has no attribute '{name}'")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

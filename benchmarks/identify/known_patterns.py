"""Measured patterns whose phases are known, and the two halves into which their samples fall.

The halves are of samples, not of patterns: the short and the long scan of one sample never stand on both sides.
Whatever is set on measured patterns may look at the tuning half alone; the other half gives the figures to report.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from rows import TruePhase

__all__ = ["HALVES", "KnownPattern", "amorphous_patterns", "half_of", "known_patterns"]

HALVES = ("tuning", "held")
# what the chemist knows of natural glasses, tephras and organic matter
NATURAL_ELEMENTS = ("H", "C", "N", "O", "Na", "Mg", "Al", "Si", "S", "K", "Ca", "Fe")
CRYSTALLINE = ("SAKS_TEPHRA", "OPAL_253")  # filed as amorphous, yet with lines: feldspars, and the opal of CT kind


@dataclass(frozen=True)
class KnownPattern:
    """A measured pattern: its file under ``powder/``, what its maker knew, and its true phases."""

    path: str
    source: str
    radiation: str
    elements: tuple[str, ...]
    phases: tuple[TruePhase, ...]

    @property
    def half(self) -> str:
        """``"tuning"`` or ``"held"``."""
        return half_of([phase.formula for phase in self.phases] or [self.path], self.source)

    @property
    def wavelength(self) -> str | None:
        """What a user would state: the tube's line, or Å."""
        if "CuKa" in self.radiation:
            return "CuKa"
        stated = re.search(r"(\d\.\d+) ?A?\b", self.radiation)
        return stated.group(1) if stated else None

    @property
    def probe(self) -> Literal["neutron"] | None:
        """``"neutron"`` where it is one."""
        return "neutron" if "neutron" in self.radiation else None


def half_of(formulas: Sequence[str], source: str) -> str:
    """Return the half of a sample: an even first hex digit of sha256 of "formula+formula…+source" is ``"tuning"``."""
    text = "+".join([*sorted(formulas), source])
    return HALVES[int(hashlib.sha256(text.encode()).hexdigest()[0], 16) % 2]


def known_patterns(data: Path) -> list[KnownPattern]:
    """Read ``powder/truth.json``, time of flight left out."""
    truth: dict[str, dict[str, Any]] = json.loads((data / "powder" / "truth.json").read_text("utf-8"))
    return [
        KnownPattern(
            path,
            row["source"],
            row["radiation"],
            tuple(row["elements"]),
            tuple(
                TruePhase(
                    phase["formula"],
                    tuple(phase["numbers"]),
                    tuple(phase["names"]),
                    phase["fraction"],
                    bool(phase["nominal"]),
                    bool(phase["in_library"]),
                )
                for phase in row["phases"]
            ),
        )
        for path, row in sorted(truth.items())
        if "TOF" not in row["radiation"]
    ]


def amorphous_patterns(data: Path) -> list[KnownPattern]:
    """Return the measured glasses and organic matter, which have no crystalline phase to name."""
    with (data / "powder" / "manifest.csv").open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["kind"].startswith("measured-amorphous")]
    return [
        KnownPattern(row["path"], "amorphous", row["radiation"], NATURAL_ELEMENTS, ())
        for row in rows
        if not any(name in row["path"] for name in CRYSTALLINE)
    ]

"""What the sections are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Settings"]


@dataclass(frozen=True, slots=True)
class Settings:
    """Folder of the evaluation data, Python that has the rivals, and whether to take fewer patterns."""

    data: Path
    rivals: str
    quick: bool = False

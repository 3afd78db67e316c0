"""Where an answer came from: enough to make the same bytes again."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

__all__ = ["Provenance", "anatase_version", "dependency_versions", "sha256_of"]

NUMERICAL = ("numpy", "scipy", "numba", "gemmi", "moyopy")


def anatase_version() -> str:
    """Return the version of the installed package."""
    try:
        return metadata.version("anatase")
    except metadata.PackageNotFoundError:
        return "0+uninstalled"


def dependency_versions() -> dict[str, str]:
    """Return the versions of the packages that numbers depend on."""
    return {name: metadata.version(name) for name in NUMERICAL}


def sha256_of(source: bytes | str | Path) -> str:
    """Return the hexadecimal SHA-256 digest of bytes or of a file's bytes."""
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Program, version, inputs (name → sha256), settings, library and dependency versions.

    There is no clock in it: same input, seed and version give the same bytes.
    """

    program: str = "anatase"
    version: str = field(default_factory=anatase_version)
    inputs: dict[str, str] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    library: dict[str, Any] = field(default_factory=dict)
    dependencies: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready dictionary."""
        return asdict(self)

"""Every exception that anatase raises on purpose.

::

    AnataseError
    ├── InputError         the user's file or argument is at fault (exit code 1)
    ├── PhysicsError       values that no crystal or instrument can have (exit code 1)
    │   └── UnphysicalInput    such values in a file: an InputError as well
    ├── ConvergenceError   an iteration stopped short; carries the last state (exit code 2)
    └── MissingExtra       an optional dependency is not installed (exit code 1)
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["AnataseError", "ConvergenceError", "InputError", "MissingExtra", "PhysicsError", "UnphysicalInput"]


class AnataseError(Exception):
    """Root of all errors that anatase raises on purpose."""


class InputError(AnataseError):
    """What the user gave cannot be used: says where, what was found and what to do.

    Parameters
    ----------
    found
        What was found, in the field's words, with the offending value.
    remedy
        What the user can do about it.
    file
        The file at fault, if there is one.
    line
        Its 1-based line, if there is one.

    Examples
    --------
    >>> str(InputError("two_theta falls from 20.02 to 19.98 deg", "sort the file", file="scan.xy", line=12))
    'scan.xy line 12: two_theta falls from 20.02 to 19.98 deg; sort the file'
    """

    def __init__(
        self, found: str, remedy: str = "", *, file: str | Path | None = None, line: int | None = None
    ) -> None:
        self.found = found
        self.remedy = remedy
        self.file = None if file is None else str(file)
        self.line = line
        super().__init__(str(self))

    def __str__(self) -> str:
        where = "" if self.file is None else self.file
        if self.line is not None:
            where = f"{where} line {self.line}".strip()
        message = f"{where}: {self.found}" if where else self.found
        return f"{message}; {self.remedy}" if self.remedy else message


class PhysicsError(AnataseError):
    """Values that no crystal or instrument can have (a negative volume, a reflection beyond λ/2)."""


class UnphysicalInput(InputError, PhysicsError):
    """A file gives values that no crystal or instrument can have."""


class ConvergenceError(AnataseError):
    """An iteration stopped before it converged; ``state`` holds the last accepted values."""

    def __init__(self, message: str, state: Any = None) -> None:
        super().__init__(message)
        self.state = state


class MissingExtra(AnataseError):
    """An optional dependency is not installed; the message carries the pip line."""

    def __init__(self, package: str, extra: str) -> None:
        self.package = package
        self.extra = extra
        super().__init__(f"{package} is not installed; run: pip install 'anatase[{extra}]'")

    def __reduce__(self) -> tuple[type[MissingExtra], tuple[str, str]]:
        return type(self), (self.package, self.extra)  # an exception is made anew from its message alone

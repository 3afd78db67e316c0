"""Which refinement the files and options of ``anatase refine`` ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anatase.errors import InputError
from anatase.io.file_role import FileRole, file_role
from anatase.refine.model import Mode
from anatase.refine.refine import refine
from anatase.refine.refinement import Refinement
from anatase.refine.single_crystal.crystal_refinement import CrystalRefinement
from anatase.refine.single_crystal.refine_crystal import refine_crystal

__all__ = ["RefineChoices", "Tell", "refined"]

Tell = Callable[[str], None]


@dataclass(frozen=True)
class RefineChoices:
    """The options of the command that shape the refinement; empty or ``None`` where not given."""

    mode: Mode | None = None
    instrument: tuple[str, ...] = ()
    wavelength: tuple[str, ...] = ()
    probe: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None
    exclude: tuple[tuple[float, float], ...] = ()
    background: int | None = None
    preset: str | None = None


def refined(files: Sequence[str], choices: RefineChoices, tell: Tell | None = None) -> Refinement | CrystalRefinement:
    """Refine what the files hold.

    Raises
    ------
    InputError
        When they do not go together, or options do not go with them.
    """
    roles = _roles(files)
    if roles["crystal"]:
        return _crystal(roles, choices)
    patterns, structures = [*roles["pattern"], *roles["both"]], list(roles["structure"])
    if roles["both"] and roles["pattern"]:  # a CIF with its own pattern beside other patterns gives its structure
        patterns, structures = list(roles["pattern"]), [*structures, *roles["both"]]
    elif roles["both"] and not structures:
        structures = list(roles["both"])
    if not patterns:
        raise InputError("there is no pattern among the files", "give a measured pattern besides the structures")
    if not structures:
        raise InputError("there is no structure among the files", "give a CIF or .str file for each phase")
    return refine(patterns, structures, progress=tell, **_settings(choices))


def _roles(files: Sequence[str]) -> dict[FileRole, list[str]]:
    found: dict[FileRole, list[str]] = {
        "pattern": [], "structure": [], "both": [], "refinement": [], "crystal": [], "reflections": []
    }  # fmt: skip
    for name in files:
        found[file_role(name)].append(name)
    return found


def _settings(choices: RefineChoices) -> dict[str, Any]:
    """Return the arguments of ``refine`` that the options give."""
    given: dict[str, Any] = {
        "mode": choices.mode or "rietveld", "limits": choices.limits, "excluded": choices.exclude,
        "background": choices.background, "preset": choices.preset,
    }  # fmt: skip
    for name in ("instrument", "wavelength", "probe"):
        values = getattr(choices, name)
        given[name] = None if not values else values[0] if len(values) == 1 else values
    return given


def _crystal(roles: dict[FileRole, list[str]], choices: RefineChoices) -> CrystalRefinement:
    others = [name for role, names in roles.items() if role not in ("crystal", "reflections") for name in names]
    if others or len(roles["crystal"]) > 1 or len(roles["reflections"]) > 1:
        raise InputError(
            f"{(others or [*roles['crystal'], *roles['reflections']])[-1]} beside a single crystal",
            "give one .ins or .res file and its .hkl file alone",
        )
    if choices != RefineChoices():
        raise InputError("options of powder patterns for a single crystal", "set what to refine in the .ins file")
    instructions = Path(roles["crystal"][0])
    reflections = roles["reflections"][0] if roles["reflections"] else None
    return refine_crystal(instructions, reflections)

"""The options of ``anatase refine``, and what its files are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from anatase.errors import InputError
from anatase.io.file_role import FileRole, file_role
from anatase.refine.model import Mode
from anatase.refine.refine import RefineOptions
from anatase.refine.uncertainty.exploration import Wanted

__all__ = ["RefineChoices", "RefineFiles", "choices_of"]


@dataclass(frozen=True)
class RefineFiles:
    """The files of a refinement by what they are to it; of ``whole`` ones every phase counts."""

    patterns: tuple[str, ...] = ()
    structures: tuple[str, ...] = ()
    refinements: tuple[str, ...] = ()
    crystals: tuple[str, ...] = ()
    reflections: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.patterns, *self.structures, *self.refinements, *self.crystals, *self.reflections)


@dataclass(frozen=True)
class RefineChoices:
    """What was asked: files, options of ``refine`` by name (empty or ``None`` where not given), series, exploration."""

    files: RefineFiles
    mode: Mode | None = None
    recipe: str | None = None
    instrument: tuple[str, ...] = ()
    wavelength: tuple[str, ...] = ()
    probe: tuple[str, ...] = ()
    limits: tuple[float, float] | None = None
    exclude: tuple[tuple[float, float], ...] = ()
    background: int | None = None
    preset: str | None = None
    series: bool = False
    wanted: Wanted = field(default_factory=Wanted)
    engine: str = "anatase"

    @property
    def options(self) -> RefineOptions:
        """The arguments of ``refine`` that were given."""
        given: dict[str, Any] = {
            "mode": self.mode, "recipe": self.recipe, "limits": self.limits, "excluded": self.exclude,
            "background": self.background, "preset": self.preset,
        }  # fmt: skip
        for name in ("instrument", "wavelength", "probe"):
            values = getattr(self, name)
            given[name] = values[0] if len(values) == 1 else values
        chosen: RefineOptions = {name: value for name, value in given.items() if value}  # type: ignore[assignment]
        return chosen

    @property
    def name(self) -> str:
        """The file after which reports are named."""
        return (self.files.patterns or self.files.refinements or self.files.crystals)[0]

    def refuse(self, allowed: Sequence[str], why: str) -> None:
        """See that no other option than those allowed was given.

        Raises
        ------
        InputError
            When one was.
        """
        given: dict[str, object] = {**self.options, "series": self.series, "wanted": self.wanted.anything}
        given["engine"] = self.engine == "gsas2"
        words = {"limits": "--range", "excluded": "--exclude", "wanted": "--bootstrap, --mcmc, --profile, --multistart"}
        for name, value in given.items():
            if value and name not in allowed:
                raise InputError(f"{words.get(name, f'--{name}')} {why}", "leave it out")


def choices_of(files: Sequence[str], chosen: Mapping[str, Any]) -> RefineChoices:
    """Return what was asked, the files told apart.

    Raises
    ------
    InputError
        When the files do not go together.
    """
    asked = {name: chosen[name] for name in ("bootstrap", "mcmc", "profile", "multistart", "seed")}
    rest = {name: value for name, value in chosen.items() if name not in asked}
    return RefineChoices(_told_apart(files), wanted=Wanted(**asked), **rest)


def _told_apart(files: Sequence[str]) -> RefineFiles:
    roles: dict[FileRole, list[str]] = {}
    for name in files:
        roles.setdefault(file_role(name), []).append(name)
    patterns, structures, both = (roles.get(role, []) for role in ("pattern", "structure", "both"))
    if both and patterns:  # beside other patterns, a CIF with its own gives its structure
        structures = [*structures, *both]
    elif both:
        patterns, structures = both, structures or both
    crystals, reflections = roles.get("crystal", []), roles.get("reflections", [])
    if patterns and not reflections:  # without reflections of its own, a SHELX file is a structure
        structures, crystals = [*structures, *crystals], []
    found = RefineFiles(
        tuple(patterns), tuple(structures), tuple(roles.get("refinement", ())), tuple(crystals), tuple(reflections),
        tuple(both),
    )  # fmt: skip
    _check(found)
    return found


def _check(files: RefineFiles) -> None:
    """See that files make up one refinement.

    Raises
    ------
    InputError
        When they do not.
    """
    single = (*files.crystals, *files.reflections)
    if single:
        others = (*files.patterns, *files.structures, *files.refinements)
        if others or len(files.crystals) != 1 or len(files.reflections) > 1:
            raise InputError(
                f"{(others or single)[-1]} does not go with a single crystal", "give one .ins or .res and its .hkl"
            )
        return
    if files.refinements:
        others = (*files.structures, *files.refinements[1:])
        if others:
            raise InputError(f"{others[-1]} beside {files.refinements[0]}", "that file has its phases: give it alone")
        return
    if not files.patterns:
        raise InputError("there is no pattern among the files", "give a measured pattern besides the structures")
    if not files.structures:
        raise InputError("there is no structure among the files", "give a CIF or .str file for each phase")

"""What stands in a TOPAS input file: scans, the phases in each, and their numbers, before they are put in our terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from anatase.errors import InputError
from anatase.io.topas_emission import EmissionLine
from anatase.io.topas_parameter import TopasNames, TopasNumber
from anatase.io.topas_text import TopasText

__all__ = ["TopasContent", "TopasPhase", "TopasScan", "TopasSite"]


@dataclass
class TopasSite:
    """A site: its label, its numbers by keyword (x, y, z, u11 …), its species as (type, occupancy, beq)."""

    line: int
    label: str
    numbers: dict[str, TopasNumber] = field(default_factory=dict)
    species: list[tuple[str, TopasNumber, TopasNumber | None]] = field(default_factory=list)


@dataclass
class TopasPhase:
    """A ``str`` or ``hkl_Is``: name, group, numbers by keyword (a … ga, scale, U … Y, CS_L …), sites, textures."""

    line: int
    mode: str = "rietveld"
    name: str = ""
    group: str = ""
    numbers: dict[str, TopasNumber] = field(default_factory=dict)
    pseudo_voigt: tuple[TopasNumber, ...] = ()
    sites: list[TopasSite] = field(default_factory=list)
    textures: list[tuple[TopasNumber, tuple[int, int, int], TopasNumber | None]] = field(default_factory=list)


@dataclass
class TopasScan:
    """An ``xdd``: data file, emission lines, numbers by keyword, background, ranges, phases."""

    line: int
    file: str = ""
    probe: str = "xray"
    lines: list[EmissionLine] = field(default_factory=list)
    emission: str = ""
    lp: float | None = None
    background: list[TopasNumber] = field(default_factory=list)
    numbers: dict[str, TopasNumber] = field(default_factory=dict)
    excluded: list[tuple[float, float]] = field(default_factory=list)
    radii: tuple[float, float] = (217.5, 217.5)
    phases: list[TopasPhase] = field(default_factory=list)


@dataclass
class TopasContent:
    """The content of a file as far as it has been read; ``looped`` is the scan that a ``for`` stands at."""

    text: TopasText
    names: TopasNames = field(default_factory=TopasNames)
    scans: list[TopasScan] = field(default_factory=list)
    phase: TopasPhase | None = None
    looped: TopasScan | None = None
    skipped: dict[str, list[int]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def scan(self) -> TopasScan:
        """The scan that is being read; one without data where phases stand alone, as in a ``.str`` file."""
        if self.looped is not None:
            return self.looped
        if not self.scans:
            self.scans.append(TopasScan(self.text.line))
        return self.scans[-1]

    def at(self, line: int, message: str) -> None:
        """Keep a warning with its line."""
        self.warnings.append(f"line {line}: {message}")

    def skip(self, keyword: str, line: int) -> None:
        """Keep a keyword that is not taken over."""
        self.skipped.setdefault(keyword, []).append(line)

    def number(self, text: TopasText) -> TopasNumber:
        """Read a number and see that its equation can be worked out later."""
        return self.names.read(text)

    def pair(self, arguments: Sequence[TopasText], first: int, macro: str) -> TopasNumber:
        """Read the two arguments of a macro from ``first`` on, name and value; or the value that stands alone."""
        if len(arguments) == 1 and first == 0 and arguments[0].next() not in ("", "@", "!"):
            return self.names.read(arguments[0])
        if len(arguments) < first + 2:
            raise self.text.error(f"{macro} has {len(arguments)} arguments", f"write it as {macro}(@, value)")
        return self.names.read_pair(arguments[first], arguments[first + 1])

    def value(self, number: TopasNumber, local: dict[str, TopasNumber] | None = None) -> float:
        """Return the value of a number; errors name file and line."""
        try:
            return self.names.value(number, local)
        except InputError as error:
            raise self.text.source.error(error.found, error.remedy, number.line) from error

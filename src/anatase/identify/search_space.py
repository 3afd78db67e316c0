"""What one identification searches in: the measurement, the candidates' lines, the noise model."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.formula import parse_formula
from anatase.crystal.oxidation_states import balanced
from anatase.errors import InputError
from anatase.identify.library_lines import library_lines
from anatase.identify.noise_model import NoiseModel, noise_model
from anatase.identify.retrieve import LineTable, line_table
from anatase.identify.settings import SearchSettings
from anatase.library import Library
from anatase.library.elements import element_columns
from anatase.refine.start.measurement import Measurement
from anatase.refine.start.whole_pattern import PhaseLines, WholePattern

__all__ = ["SearchSpace"]

Array = NDArray[np.float64]

ANIONS_ABOUT = ("O", "F", "Cl", "Br", "I", "S")


class SearchSpace:
    """Measurement, library entries (m,) and settings of one search; keeps lines once they are made.

    ``price`` is what a phase must save to pay for the many places where a candidate could match by chance:
    2 ln of the candidates times about twenty independent cells each. ``present`` holds, for each phase that is
    certainly there, the entries (k,) that may stand for it; ``anions_expected`` tells whether any candidate holds
    oxygen, a halogen or sulphur.

    Raises
    ------
    InputError
        When more phases are certainly there than may be reported.
    """

    def __init__(
        self,
        measurement: Measurement,
        library: Library,
        entries: NDArray[np.int64],
        settings: SearchSettings,
        present: tuple[NDArray[np.int64], ...] = (),
    ) -> None:
        if len(present) > settings.max_phases:
            raise InputError(
                f"{len(present)} phases are said to be there, and {settings.max_phases} may be reported at most",
                "name fewer, or allow more phases",
            )
        self.measurement = measurement
        self.library = library
        self.settings = settings
        self.present = present
        self._present = tuple(frozenset(library.groups[choices].tolist()) for choices in present)
        self.anions_expected = bool(library.elements[entries][:, element_columns(ANIONS_ABOUT)].any())
        self.noise: NoiseModel = noise_model(measurement, settings)
        self.table: LineTable = line_table(library, entries, measurement)
        self.price = 2.0 * float(np.log(20.0 * max(1, entries.size)))
        t = np.linspace(-1.0, 1.0, measurement.x.size)
        polynomials = np.polynomial.chebyshev.chebvander(t, settings.n_background - 1).T
        self.columns: Array = np.ascontiguousarray(np.vstack([measurement.background[None, :], polynomials]))
        self._lines: dict[int, PhaseLines] = {}

    def lines(self, entry: int) -> PhaseLines:
        """Return the library's lines of an entry, ready to fit."""
        if entry not in self._lines:
            self._lines[entry] = library_lines(self.library, entry, self.measurement)
        return self._lines[entry]

    def model(self, columns: Array, phases: tuple[PhaseLines, ...]) -> WholePattern:
        """Return a whole-pattern model of the measurement."""
        m = self.measurement
        return WholePattern(m.x, columns, m.radiation, phases, m.shift_kind, floor=self.noise.floor, tails=m.tails)

    def is_present(self, entry: int) -> bool:
        """Tell whether the user says that a phase is there, for which this entry may stand."""
        return any(self.group(entry) in choices for choices in self._present)

    def needed(self, entry: int, others: Iterable[int]) -> bool:
        """Tell whether the user says that a phase is there which this entry stands for and none of the others does."""
        group, held = self.group(entry), {self.group(other) for other in others if other != entry}
        return any(group in choices and not held & choices for choices in self._present)

    def lacking(self, entries: Iterable[int]) -> list[NDArray[np.int64]]:
        """Return, of each phase that is certainly there and none of the entries stands for, the choice of entries."""
        held = {self.group(entry) for entry in entries}
        return [one for one, groups in zip(self.present, self._present, strict=True) if not held & groups]

    def usual_chemistry(self, entry: int) -> bool:
        """Tell whether common oxidation states balance an entry; elements are unusual where anions may be about."""
        composition = parse_formula(self.library.formulas[entry])
        if composition is None:
            return True
        if len(composition) == 1:
            return not self.anions_expected
        return balanced(composition)

    def group(self, entry: int) -> int:
        """Return the number of the phase that an entry is one record of."""
        return int(self.library.groups[entry])

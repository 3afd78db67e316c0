"""Candidates ranked while a user thinks: anew whenever elements, wavelength or a phase that must be there change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anatase.identify.answer import PhaseLabel
from anatase.identify.equivalent_pattern import equivalent_pattern, prepared
from anatase.identify.hypothesis import Hypothesis
from anatase.identify.joint_fit import fit_hypothesis
from anatase.identify.opened_pattern import opened_pattern
from anatase.identify.phase_label import phase_label
from anatase.identify.prior_knowledge import ElementList, permitted, present_phases, prior_knowledge
from anatase.identify.retrieve import Hits, LineTable, line_table, retrieve
from anatase.identify.screening import screen
from anatase.identify.search_space import SearchSpace
from anatase.identify.settings import SearchSettings
from anatase.identify.stated_radiation import stated_radiation
from anatase.identify.unknown_wavelength import lacks_wavelength, with_estimated_wavelength
from anatase.io.instrument_file import InstrumentBank, read_instrument
from anatase.library import Library, open_library
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Probe

__all__ = ["RankedPhase", "Ranker", "Ranking", "rank"]

Array = NDArray[np.float64]
Entries = NDArray[np.int64]

WHOLE = 20_000  # entries up to which a whole library is scored at once; of a larger one, what the elements leave
FEW = 0.3  # share of a library that is quicker scored by itself, where the radiation is stated for one call
TRIED = 3  # records of a phase that must be there, of which the best is taken
KEPT = 4  # measurements at stated wavelengths, fits of phases that must be there


@dataclass(frozen=True)
class RankedPhase:
    """A candidate for what the phases that must be there leave over.

    ``score`` is the share of that intensity which it explains, less what it would show and the pattern does not;
    ``matched`` the share of its own intensity that the pattern has; ``strain`` the relative change of the cell's
    lengths at which it fits best. ``library_ids`` are its records in the library, the best first.
    """

    label: PhaseLabel
    score: float
    matched: float
    strain: float
    library_ids: tuple[str, ...]


@dataclass(frozen=True)
class Ranking:
    """Candidates best first, and the fit (n,) on ``two_theta`` (n,) of the phases that must be there."""

    candidates: tuple[RankedPhase, ...]
    present: tuple[PhaseLabel, ...]
    explained: float  # share of the intensity above the background that ``present`` explain, 0–1
    two_theta: Array  # degrees
    intensity: Array
    y_calc: Array


class Ranker:
    """A pattern made ready once, and a library, ranked anew at every call of ``rank``.

    Parameters
    ----------
    pattern
        The measured pattern or its file.
    library
        Reference structures, or their database or folder; ``None``: the embedded ones with the user's own.
    wavelength, probe
        In place of the file's; ``rank`` may state others.
    two_theta_range
        Part of the pattern to use, in units of its axis.
    instrument
        A bank of an instrument file, or the file.

    Raises
    ------
    InputError
        When the pattern, the library or what is stated cannot be used.

    Examples
    --------
    >>> from anatase.pattern.pattern import Pattern
    >>> from anatase.scattering.radiation import radiation_from_name
    >>> x = np.arange(20.0, 80.0, 0.02)
    >>> lines = ((38.18, 100.0), (44.39, 46.0), (64.58, 24.0), (77.55, 24.0))  # gold, Cu Kα1
    >>> y = 50.0 + sum(10.0 * h * np.exp(-(((x - at) / 0.1) ** 2)) for at, h in lines)
    >>> gold = Pattern(x, y, np.sqrt(y), radiation=radiation_from_name("CuKa1"))
    >>> ranker = Ranker(gold)
    >>> ranker.rank(elements="Au").candidates[0].label.name
    'gold'
    """

    def __init__(
        self,
        pattern: Pattern | str | Path,
        library: Library | str | Path | None = None,
        *,
        wavelength: str | float | None = None,
        probe: Probe | None = None,
        two_theta_range: tuple[float, float] | None = None,
        instrument: InstrumentBank | str | Path | None = None,
    ) -> None:
        self.library = library if isinstance(library, Library) else open_library(library)
        self._instrument = read_instrument(instrument) if isinstance(instrument, str | Path) else instrument
        self._pattern = opened_pattern(pattern, wavelength, probe, two_theta_range, self._instrument)
        # each is worked out once for what it depends on
        self._space = lru_cache(KEPT)(self._make_space)
        self._scored = lru_cache(KEPT)(self._score)
        if len(self.library) <= WHOLE:
            self.rank(limit=0)  # so that the first question is answered as quickly as the next

    def rank(
        self,
        *,
        elements: ElementList | None = None,
        exclude: ElementList = (),
        required: ElementList = (),
        at_least_one: ElementList = (),
        present: str | Sequence[str] = (),
        absent: str | Sequence[str] = (),
        wavelength: str | float | None = None,
        probe: Probe | None = None,
        limit: int = 50,
    ) -> Ranking:
        """Rank the phases of the library by what they explain, after those that must be there.

        What is said of the sample means what it means to ``identify``; ``wavelength`` and ``probe`` take the place of
        the pattern's for this call, ``limit`` is the most candidates to return. What did not change since an earlier
        call is not worked out again.

        Raises
        ------
        InputError
            When an element, a phase or the wavelength cannot be used.
        """
        known = prior_knowledge(elements, exclude, required, at_least_one, present, absent)
        entries = permitted(self.library, known)
        phases = tuple(tuple(int(i) for i in phase) for phase in present_phases(self.library, known))
        scope = self._scope(entries, stated=wavelength is not None or probe is not None)
        hypothesis, hits = self._scored(wavelength, probe, scope, phases)
        groups = self.library.groups
        allowed = np.zeros(len(self.library), dtype=np.bool_)
        allowed[entries] = True
        allowed[np.isin(groups, groups[[candidate.entry for candidate in hypothesis.candidates]])] = False
        space = self._space(wavelength, probe, scope)
        return Ranking(
            _by_phase(self.library, hits, allowed, limit),
            tuple(phase_label(self.library, candidate.entry) for candidate in hypothesis.candidates),
            _explained(space, hypothesis),
            space.measurement.x,
            space.measurement.y,
            hypothesis.y,
        )

    def _scope(self, entries: Entries, *, stated: bool) -> bytes:
        """Return which entries to score: none stands for the whole library, whose scores serve any elements."""
        few = entries.size < FEW * len(self.library)
        return entries.tobytes() if len(self.library) > WHOLE or (stated and few) else b""

    def _make_space(self, wavelength: str | float | None, probe: Probe | None, scope: bytes) -> SearchSpace:
        """Return the measurement with the lines of the library, or of the entries of ``scope``."""
        pattern = stated_radiation(self._pattern, wavelength, probe)
        entries = np.frombuffer(scope, dtype=np.int64) if scope else np.arange(len(self.library))
        if lacks_wavelength(pattern):
            pattern = with_estimated_wavelength(pattern, self.library, entries)
        measurement = prepared(equivalent_pattern(pattern, self._instrument))
        return SearchSpace(measurement, self.library, entries, SearchSettings())

    def _score(
        self, wavelength: str | float | None, probe: Probe | None, scope: bytes, phases: tuple[tuple[int, ...], ...]
    ) -> tuple[Hypothesis, Hits]:
        """Fit the phases that must be there, one after the other, and score all entries on what is left."""
        space = self._space(wavelength, probe, scope)
        hypothesis = fit_hypothesis(space, ())
        for phase in phases:
            hypothesis = _with_phase(space, hypothesis, np.array(phase))
        if not space.measurement.has_peaks:
            return hypothesis, Hits(np.zeros(0, np.int64), *(np.zeros(0),) * 3)
        return hypothesis, _hits(space, hypothesis, space.table)


def rank(
    pattern: Pattern | str | Path,
    library: Library | str | Path | None = None,
    *,
    elements: ElementList | None = None,
    exclude: ElementList = (),
    required: ElementList = (),
    at_least_one: ElementList = (),
    present: str | Sequence[str] = (),
    absent: str | Sequence[str] = (),
    wavelength: str | float | None = None,
    probe: Probe | None = None,
    two_theta_range: tuple[float, float] | None = None,
    instrument: InstrumentBank | str | Path | None = None,
    limit: int = 50,
) -> Ranking:
    """Rank the phases of a library by what they explain of a pattern, once; ``Ranker`` answers again and again.

    The arguments are those of ``Ranker`` and of its ``rank``.

    Raises
    ------
    InputError
        When something that is stated cannot be used.
    """
    ranker = Ranker(
        pattern, library, wavelength=wavelength, probe=probe, two_theta_range=two_theta_range, instrument=instrument
    )
    return ranker.rank(
        elements=elements,
        exclude=exclude,
        required=required,
        at_least_one=at_least_one,
        present=present,
        absent=absent,
        limit=limit,
    )


def _hits(space: SearchSpace, hypothesis: Hypothesis, table: LineTable) -> Hits:
    error = space.noise.error(hypothesis.y - hypothesis.background, space.settings.loose_error)
    residual = space.measurement.y - hypothesis.y
    return retrieve(table, space.measurement, residual, error, table.entries.size)


def _with_phase(space: SearchSpace, hypothesis: Hypothesis, entries: Entries) -> Hypothesis:
    """Return the hypothesis with one more phase: that of its records which fits best."""
    hits = _hits(space, hypothesis, line_table(space.library, entries, space.measurement))
    tried = hits.entries[:TRIED] if hits.entries.size else entries[:1]
    grown = [
        fit_hypothesis(space, (*hypothesis.candidates, candidate), hypothesis.parameters, hypothesis.scale)
        for _, candidate in screen(space, hypothesis, set(), TRIED, among=tried)
    ]
    return min(grown, key=lambda fit: fit.cost)


def _by_phase(library: Library, hits: Hits, allowed: NDArray[np.bool_], limit: int) -> tuple[RankedPhase, ...]:
    """Return the hits that are allowed, the records of one phase together at the place of the best."""
    kept = np.flatnonzero(allowed[hits.entries])
    groups = library.groups[hits.entries[kept]]
    records: dict[int, list[int]] = {}
    for i, group in zip(kept.tolist(), groups.tolist(), strict=True):
        if group in records or len(records) < limit:
            records.setdefault(group, []).append(i)
    return tuple(
        RankedPhase(
            phase_label(library, int(hits.entries[first])),
            float(hits.score[first]),
            float(hits.matched[first]),
            float(hits.strain[first]),
            tuple(library.ids[int(hits.entries[i])] for i in own),
        )
        for own in records.values()
        for first in own[:1]
    )


def _explained(space: SearchSpace, hypothesis: Hypothesis) -> float:
    """Return the share of the intensity above the background that the fit accounts for."""
    net = np.maximum(space.measurement.y - hypothesis.background, 0.0)
    found = np.minimum(np.maximum(hypothesis.y - hypothesis.background, 0.0), net)
    return float(found.sum() / max(float(net.sum()), 1e-300))

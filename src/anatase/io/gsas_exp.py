"""Experiment files of GSAS (``.EXP``): phases, powder histograms, what is refined and tied."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from anatase.io.foreign import (
    ForeignBank,
    ForeignHistogram,
    ForeignPart,
    ForeignPhase,
    ForeignRefinement,
    SharedShift,
)
from anatase.io.gsas_cards import Cards, read_cards
from anatase.io.gsas_exp_histograms import beam_of, phase_profile, ranges_of
from anatase.io.gsas_exp_parts import parts_of, profile_constraints, profile_parameters, widths_by_phase
from anatase.io.gsas_exp_phases import ExpPhase, atom_constraints, phases_of_exp
from anatase.io.gsas_profile import CW_FUNCTIONS, TOF_FUNCTIONS
from anatase.io.plain_names import plain_name
from anatase.io.source import open_source

__all__ = ["read_exp"]

POWDER = re.compile(r"P[XN]C|PNT")
PER_CARD = 12  # histograms on one HTYP card
WIDTH = 5  # columns of each


def read_exp(path: str | Path) -> ForeignRefinement:
    """Read a GSAS experiment file.

    Scales at constant wavelength are those of the same pattern here; of time of flight they stay as GSAS has them,
    histogram scale times phase fraction. Single-crystal data, soft restraints and constraints on phase fractions are
    named in the warnings.

    Raises
    ------
    InputError
        When this is no experiment file, or a card in it cannot be read.
    """
    source = open_source(path)
    if not source.is_text:
        raise source.error("this is no GSAS experiment file", "give a .EXP file")
    cards = read_cards(source)
    if " EXPR NPHAS" not in cards or " EXPR  HTYP1" not in cards:
        raise source.error("this is no GSAS experiment file: it lists no phases or data", "give a .EXP file")
    taken: set[str] = set()
    phases = phases_of_exp(cards, taken)
    reading = _Reading(cards, phases, taken)
    for number, kind in enumerate(_kinds(cards), start=1):
        reading.add(number, kind)
    return reading.result()


def _kinds(cards: Cards) -> list[str]:
    """Return the type of each histogram: ``PXC``, ``PNT``; ``*`` behind it means that it is not used."""
    kinds: list[str] = []
    for index in range(1, 100):
        text = cards.text(f" EXPR  HTYP{index}")[2:].ljust(PER_CARD * WIDTH)
        if not text.strip():
            break
        kinds += [text[WIDTH * k : WIDTH * k + WIDTH].strip() for k in range(PER_CARD)]
    count = int(cards.column(" EXPR  NHST", 0, 5) or 0)
    return kinds[:count] if count else [kind for kind in kinds if kind]


class _Reading:
    """What has been read so far; each histogram adds to it."""

    def __init__(self, cards: Cards, phases: Sequence[ExpPhase], taken: set[str]) -> None:
        self.cards, self.phases, self.taken = cards, phases, taken
        self.histograms: list[ForeignHistogram] = []
        self.parts: dict[str, dict[str, ForeignPart]] = {phase.name: {} for phase in phases}
        self.free: set[str] = {name for phase in phases for name in phase.free}
        self.shared: list[SharedShift] = []
        self.terms: dict[tuple[int, int], tuple[Sequence[str], dict[str, str]]] = {}
        self.without_intensities: set[str] = set()
        self.warnings = [warning for phase in phases for warning in phase.warnings]

    def add(self, number: int, kind: str) -> None:
        """Read one histogram and the phases in it; what is not used or no powder data is named and left out."""
        if "*" in kind or not POWDER.match(kind):
            reason = "not in use" if "*" in kind else f"of type {kind or 'unknown'}"
            self.warnings.append(f"histogram {number} is {reason}; left out")
            return
        cards, stem = self.cards, f"HST{number:>3}"
        used = cards.numbers(f"{stem} NPHAS")
        present = [phase for phase in self.phases if phase.number <= len(used) and used[phase.number - 1]]
        functions = TOF_FUNCTIONS if kind[2] == "T" else CW_FUNCTIONS
        profiles = [phase_profile(cards, phase.number, number, functions) for phase in present]
        data_file = cards.text(f"{stem}  HFIL").strip()
        stem_of_file = re.sub(r"\.\w+$", "", re.split(r"[\\/]", data_file)[-1])
        name = plain_name(stem_of_file, f"histogram_{number}", self.taken)
        beam, free, told = beam_of(cards, number, kind, profiles)
        limits, excluded, background, refined, more = ranges_of(cards, number, beam)
        beam, samples, lost = widths_by_phase(beam, profiles)
        parts, part_free, shared, about_parts = parts_of(cards, number, name, beam, present, samples)
        self.warnings += [f"{name}: {warning}" for warning in (*told, *more, *lost)] + list(about_parts)
        self.free |= {f"{name}.{one}" for one in free} | part_free
        if refined and background is not None:
            terms = [one for one in background.names if one != "inverse" or background.inverse]
            self.free |= {f"{name}.background.{one}" for one in terms}
        for phase, profile, sample in zip(present, profiles, samples, strict=True):
            places = profile_parameters(profile, sample, phase.name, name, isinstance(beam, ForeignBank))
            self.free |= {places[one] for one in profile.free if one in places}
            self.terms[phase.number, number] = (functions.get(profile.function, ()), places)
            self.parts[phase.name][name] = parts[phase.name]
            if cards.column(f"{stem} EPHAS", 5 * phase.number - 5, 5 * phase.number):
                self.without_intensities.add(phase.name)
        bank = int(cards.column(f"{stem} BANK", 0, 5) or 1)
        self.shared += shared
        self.histograms.append(ForeignHistogram(name, beam, background, data_file, bank, None, limits, excluded))

    def result(self) -> ForeignRefinement:
        """Return all that was read, with the constraints."""
        atoms, about_atoms = atom_constraints(self.cards, self.phases)
        profiles, about_profiles = profile_constraints(self.cards, self.terms, self.free)
        phases = []
        for phase in self.phases:
            mode: Literal["rietveld", "lebail"] = "lebail" if phase.name in self.without_intensities else "rietveld"
            phases.append(ForeignPhase(phase.name, phase.structure, self.parts[phase.name], mode))
        return ForeignRefinement(
            tuple(phases),
            tuple(self.histograms),
            frozenset(self.free),
            (*atoms, *self.shared, *profiles),
            title=self.cards.text("      DESCR").strip(),
            warnings=(*self.warnings, *about_atoms, *about_profiles),
        )

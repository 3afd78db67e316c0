"""Identification of files: one, many over a pool of processes, or several of one sample."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

from anatase.errors import AnataseError, InputError
from anatase.identify.answer import Identification
from anatase.identify.identify import identify
from anatase.identify.joint import identify_joint
from anatase.identify.joint_answer import JointIdentification
from anatase.identify.prior_knowledge import PriorKnowledge, prior_knowledge
from anatase.identify.stated_amounts import stated_amounts
from anatase.identify.stated_radiation import stated_radiation
from anatase.identify.warm_up import ensure_compiled
from anatase.io import read
from anatase.io.foreign import ForeignBank
from anatase.io.instrument_file import InstrumentBank, read_instrument
from anatase.library import Library, open_library
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Probe

__all__ = ["Options", "identify_file", "identify_files", "identify_sample"]


@dataclass(frozen=True)
class Options:
    """What a user may say about a measurement besides its file."""

    library: str | None = None
    elements: str | None = None
    exclude: str | None = None
    required: str | None = None
    at_least_one: str | None = None
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    wavelength: str | None = None
    probe: Probe | None = None
    range: tuple[float, float] | None = None
    max_phases: int = 6
    scan: int | None = None
    instrument: str | None = None
    bank: int | None = None
    grains: tuple[str, ...] = ()
    fine_grains: bool = False
    standard: tuple[str, float] | None = None


@lru_cache(maxsize=2)
def _library(path: str | None) -> Library:
    return open_library(None if path is None else Path(path))


def with_stated_radiation(pattern: Pattern, options: Options) -> Pattern:
    """Return the pattern with the radiation that the user states in place of the file's."""
    return stated_radiation(pattern, options.wavelength, options.probe)


def identify_file(
    path: str | Path, options: Options, progress: Callable[[str], None] = lambda text: None
) -> Identification:
    """Read a file and identify its phases.

    Raises
    ------
    InputError
        When the file, an element, a phase, a wavelength or the library cannot be used.
    """
    known = _known(options)
    pattern = with_stated_radiation(read(path, scan=options.scan), options)
    ensure_compiled(progress)
    progress("opening the library")
    library = _library(options.library)
    return identify(
        pattern,
        library,
        elements=known.elements,
        exclude=known.excluded,
        required=known.required,
        at_least_one=known.at_least_one,
        present=known.present,
        absent=known.absent,
        two_theta_range=options.range,
        max_phases=options.max_phases,
        quantify=stated_amounts(options.grains, fine=options.fine_grains, standard=options.standard),
        instrument=None if options.instrument is None else read_instrument(options.instrument, options.bank),
        stated={
            "library": options.library,
            "wavelength": options.wavelength,
            "probe": options.probe,
            "scan": options.scan,
            "instrument": options.instrument,
            "grains": list(options.grains),
            "fine_grains": options.fine_grains,
            "standard": None if options.standard is None else list(options.standard),
        },
        progress=progress,
    )


def identify_sample(
    paths: Sequence[str | Path], options: Sequence[Options], progress: Callable[[str], None] = lambda text: None
) -> JointIdentification:
    """Read several patterns of one sample, each with its options, and identify the phases of the sample.

    What is known of the sample and the library are those of the first. An instrument file is used for the patterns of
    its kind, time of flight or constant wavelength.

    Raises
    ------
    InputError
        As for ``identify_file``, and when there are less than two files.
    """
    first, known = options[0], _known(options[0])
    patterns = [with_stated_radiation(read(path, scan=one.scan), one) for path, one in zip(paths, options, strict=True)]
    ensure_compiled(progress)
    progress("opening the library")
    return identify_joint(
        patterns,
        _library(first.library),
        instruments=_instruments(patterns, options),
        elements=known.elements,
        exclude=known.excluded,
        required=known.required,
        at_least_one=known.at_least_one,
        present=known.present,
        absent=known.absent,
        max_phases=first.max_phases,
        quantify=stated_amounts(first.grains, fine=first.fine_grains, standard=first.standard),
        progress=progress,
    )


def _known(options: Options) -> PriorKnowledge:
    return prior_knowledge(
        options.elements,
        exclude=options.exclude if options.exclude is not None else (),
        required=options.required if options.required is not None else (),
        at_least_one=options.at_least_one if options.at_least_one is not None else (),
        present=options.present,
        absent=options.absent,
    )


def _instruments(patterns: Sequence[Pattern], options: Sequence[Options]) -> list[InstrumentBank | None]:
    """Return for each pattern the bank that its options name, if that is of the pattern's kind."""
    found: list[InstrumentBank | None] = []
    for pattern, one in zip(patterns, options, strict=True):
        bank = None if one.instrument is None else read_instrument(one.instrument, one.bank)
        suits = bank is not None and isinstance(bank.beam, ForeignBank) == (pattern.axis == "tof")
        found.append(bank if suits else None)
    named = {one.instrument for one in options if one.instrument is not None}
    used = {one.instrument for one, bank in zip(options, found, strict=True) if bank is not None}
    for path in sorted(named - used):
        raise InputError("no pattern is of this instrument's kind", "give the files that belong together", file=path)
    return found


def _attempt(job: tuple[str, Options]) -> Identification | AnataseError:
    try:
        return identify_file(*job)
    except AnataseError as error:
        return error


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the parent process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def identify_files(
    paths: Sequence[str], options: Sequence[Options]
) -> Iterator[tuple[str, Identification | AnataseError]]:
    """Identify many files, in order, over as many processes as there are cores; a bad file yields its error."""
    # index the library and compile the kernels once, before the workers want them
    _library(options[0].library)
    ensure_compiled()
    workers = min(len(paths), os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_ignore_interrupts) as pool:
        yield from zip(paths, pool.map(_attempt, list(zip(paths, options, strict=True))), strict=True)

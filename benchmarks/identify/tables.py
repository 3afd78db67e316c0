"""From the words of the command line to rows, and from rows to tables of figures and bars."""

from __future__ import annotations

import statistics
from argparse import Namespace
from collections.abc import Sequence

from asking import Question
from empty_patterns import empty_patterns
from figures import exact, false_flags, figures_of
from known_patterns import KnownPattern, amorphous_patterns, known_patterns
from measured import Asking, run
from probabilities import print_reliability
from rows import Row, read_rows, row_line

__all__ = ["collect", "print_tables"]


def chosen(wanted: Namespace) -> list[KnownPattern]:
    """Return the patterns that the command line asks for."""
    every = known_patterns(wanted.data) + amorphous_patterns(wanted.data)
    if not wanted.processes:  # these have no file
        every += empty_patterns()
    begins = tuple(wanted.source or [""])
    kept = [
        known
        for known in every
        if (known.path.startswith(begins) or known.source in begins)
        and (wanted.half is None or known.half == wanted.half)
        and (wanted.pattern is None or wanted.pattern in known.path)
    ]
    if not kept:
        raise SystemExit("no pattern is left; name another --source, --half or --pattern")
    return kept[:: wanted.every]


def collect(wanted: Namespace) -> list[Row]:
    """Return the rows of a file, or run the patterns and modes that are asked for."""
    if wanted.rows:
        rows = read_rows(wanted.rows)
        return [r for r in rows if (not wanted.half or r.half == wanted.half) and r.mode in (wanted.mode or [r.mode])]
    modes = wanted.mode or (["elements", "blind"] if wanted.processes else ["elements", "blind", "removed"])
    if wanted.processes and any(mode.startswith("removed") for mode in modes):
        raise SystemExit("entries are removed inside the program: leave --processes out")
    asking = Asking(
        wanted.data, wanted.library or str(wanted.data / "library"), wanted.jobs, wanted.processes, wanted.timeout
    )
    patterns, rows = chosen(wanted), []
    for mode in modes:
        questions = [Question(known, mode) for known in patterns if known.phases or not mode.startswith("removed")]
        for row in run(questions, asking):
            rows.append(row)
            if wanted.out:
                with wanted.out.open("a", encoding="utf-8") as file:
                    file.write(row_line(row) + "\n")
            _tell(row, wanted.verbose)
    return rows


def _tell(row: Row, verbose: bool) -> None:
    if row.error:
        print(f"  no answer: {row.pattern}: {row.error[:160]}", flush=True)
    elif verbose and (not exact(row) or row.removed):
        true = ", ".join(
            f"{'–' if i in row.removed else ''}{p.formula} {'/'.join(map(str, p.numbers))}"
            for i, p in enumerate(row.true)
        )
        said = ", ".join(
            f"{p.formula} {p.number}" + (f" ({p.probability:.2f})" if p.probability is not None else "")
            for p in row.phases
        )
        unknown = f" | unknown {row.unknown_probability:.2f}" if row.unknown_probability is not None else ""
        print(
            f"  {row.mode} {row.seconds:.1f} s {row.pattern}: {true or 'none'} | {said or 'none'}{unknown}", flush=True
        )


def print_tables(rows: Sequence[Row]) -> bool:
    """Print the figures of each mode; return whether all bars are met."""
    met = True
    for mode in dict.fromkeys(row.mode for row in rows):
        own = [row for row in rows if row.mode == mode]
        halves = ", ".join(sorted({row.half for row in own}))
        complete = sum(exact(row) for row in own if row.true)
        print(
            f"\n{mode}: {len(own)} patterns ({halves} half), {complete} exact sets, "
            f"{sum(bool(row.error) for row in own)} unanswered"
        )
        processor = [row.processor_seconds for row in own if row.processor_seconds is not None]
        if processor:
            print(f"  median seconds of the processor: {statistics.median(processor):.2f}, most {max(processor):.2f}")
        for figure in figures_of(own):
            print(figure)
            met &= figure.passed
        if not mode.startswith("removed"):
            print(f"  something said to be missing where nothing is: {false_flags(own):.1f} %")
            print_reliability([row for row in own if row.true])
    return met

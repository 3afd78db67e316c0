"""Write refinements as GSAS experiment files (``.EXP``).

What GSAS has no cards for stands in the history of the file.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from textwrap import wrap

from anatase.errors import InputError
from anatase.io.foreign import ForeignBank, ForeignHistogram, ForeignRefinement, SharedShift
from anatase.io.gsas_write_histogram import histogram_cards, part_cards, shared_profile_cards
from anatase.io.gsas_write_phase import atom_names, atom_type, constraint_cards, hold_cards, phase_cards
from anatase.io.gsas_write_prm import card
from anatase.io.text_file import write_text

__all__ = ["exp_text", "write_exp"]

PER_TYPE_CARD = 12
MOST_PHASES, MOST_HISTOGRAMS = 9, 99
LONGEST, MOST_HISTORY = 66, 999  # columns of a line of history, and lines


def write_exp(refinement: ForeignRefinement, path: str | Path) -> tuple[str, ...]:
    """Write a refinement as a GSAS ``.EXP`` file, which POWPREF completes from the data.

    Returns
    -------
    What the program has no words for; it stands in the file as a comment too.

    Raises
    ------
    InputError
        As ``exp_text``.
    """
    missing: list[str] = []
    write_text(Path(path), exp_text(refinement, missing))
    return tuple(dict.fromkeys(missing))


def exp_text(refinement: ForeignRefinement, missing: list[str] | None = None) -> str:
    """Return the text of a GSAS experiment file: phases, histograms, what is refined and tied.

    Scales at constant wavelength are those of the same pattern here, as ``read_exp`` takes them. What GSAS has no
    cards for is added to ``missing``.

    Raises
    ------
    InputError
        When there is nothing to write, more than GSAS holds, or something that it has no place for.
    """
    phases, histograms, free = refinement.phases, refinement.histograms, refinement.free
    if not phases or not histograms:
        raise InputError("a GSAS experiment needs a phase and a histogram", "add what is missing")
    if len(phases) > MOST_PHASES or len(histograms) > MOST_HISTOGRAMS:
        raise InputError(
            f"{len(phases)} phases and {len(histograms)} histograms",
            f"GSAS holds {MOST_PHASES} and {MOST_HISTOGRAMS}",
        )
    missing = [] if missing is None else missing
    lines = _table_of_contents(refinement)
    for number, phase in enumerate(phases, start=1):
        lines += phase_cards(phase, number, free) + hold_cards(phase, number, free)
    for number, histogram in enumerate(histograms, start=1):
        lines += histogram_cards(histogram, number, phases, free, missing)
        for index, phase in enumerate(phases, start=1):
            if histogram.name in phase.parts:
                lines += part_cards(phase, histogram, f"HAP{index}{number:>2}", free, missing)
    values = {terms["FRAC"]: species.occupancy for phase in phases for _, species, terms in atom_names(phase)}
    tied = [one for one in refinement.shared if not _already(one, refinement)]
    constraints, lost = constraint_cards(phases, tied, refinement.relations, values)
    lines += constraints + shared_profile_cards(histograms, phases, free)
    missing += lost
    told = [line for one in dict.fromkeys(missing) for line in wrap(f"not written: {one}", LONGEST)]
    lines += [card(f"    HSTRY{i:>3}", f" {line}") for i, line in enumerate(("ANATASE", *told)[:MOST_HISTORY], start=1)]
    first = card("     VERSION", "    6")
    return "".join(f"{line}\n" for line in (first, *sorted(lines), card("ZZZZZZZZZZZZ", "  Last EXP file record")))


def _already(one: SharedShift, refinement: ForeignRefinement) -> bool:
    """Whether widths of one instrument are tied, which its own cards say."""
    names = [name for _, name in one.terms]
    return any(all(name.startswith(f"{h.name}.") for name in names) for h in refinement.histograms)


def _table_of_contents(refinement: ForeignRefinement) -> list[str]:
    """Return the cards that count phases, histograms and types of atoms."""
    types = Counter(atom_type(species) for phase in refinement.phases for _, species, _ in atom_names(phase))
    kinds = [_kind(histogram) for histogram in refinement.histograms]
    present = [1] * len(refinement.phases)
    lines = [
        card("      DESCR", f"  {refinement.title[:60]}"),
        card(" EXPR NPHAS", "".join(f"{one:5d}" for one in (*present, *[0] * 9)[:9])),
        card(" EXPR  NHST", f"{len(kinds):5d}"),
        card(" EXPR  NATYP", f"{len(types):5d}"),
    ]
    for index in range(0, len(kinds), PER_TYPE_CARD):
        text = "".join(f"{kind:<5}" for kind in kinds[index : index + PER_TYPE_CARD])
        lines.append(card(f" EXPR  HTYP{index // PER_TYPE_CARD + 1}", f"  {text}"))
    for index, (kind, count) in enumerate(types.items(), start=1):
        lines.append(card(f" EXPR ATYP{index:>2}", f"  {kind:<8}{count:5d}{1.5:10.2f}{1.3:10.2f}"))
    return lines


def _kind(histogram: ForeignHistogram) -> str:
    if isinstance(histogram.beam, ForeignBank):
        return "PNT"
    return "PXC" if histogram.beam.radiation.probe == "xray" else "PNC"

"""How much of a phase that was not found the pattern could hide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from anatase.errors import InputError
from anatase.identify.answer import DetectionLimit
from anatase.identify.error_space import Elimination, eliminated, error_space
from anatase.identify.final import FinalFit
from anatase.identify.library_lines import library_lines
from anatase.identify.phase_label import phase_label
from anatase.library import Library
from anatase.refine.start.measurement import Measurement, smooth
from anatase.refine.start.whole_pattern import INSTRUMENT, PhaseLines, WholePattern, phase_curve

__all__ = ["detection_limits", "polymorphs", "upper_limit"]

Array = NDArray[np.float64]

STRAINS = np.linspace(-0.008, 0.008, 9)  # of 1/d²: ±0.4 % of length, which the cell of an absent phase may be off
AROUND = 6.0  # FWHM over which the residuals tell how far the model errs there
ERROR = 0.2  # s.u. of ln of the intensity that a phase has for its weight: orientation, grains, its structure
LEAST = -1.0  # s.u. below nothing that an amount counts at most: further down the model errs, not the counts
TAIL = 1e-3  # of the height of a curve of unit area, below which its lines' tails end


def detection_limits(
    final: FinalFit,
    measurement: Measurement,
    library: Library,
    entries: Iterable[int],
    level: float = 0.95,
    at_rest: Elimination | None = None,
) -> tuple[DetectionLimit, ...]:
    """Return for library entries that were looked for and not found the most that the sample may hold of each.

    Each is added by itself to the last fit, whose parameters and whose intensities' errors are free beside it
    (``error_space``): what it shares with phases that are there tells nothing. Its amount a and s.u. σ then follow,
    with variances raised to what the residuals around show, for cells up to 0.4 % off; the largest limit counts. Widths
    are the mean ones of the phases found. As an amount is not negative, the limit U has
    Φ((U − a)/σ) = 1 − (1 − level) Φ(a/σ) (Bayes with a flat prior above 0; Particle Data Group (2022), Prog. Theor.
    Exp. Phys. 2022, 083C01, section 40). 20 % of the absent phase's own intensity may be wrong besides.

    Entries without lines in the pattern have no limit. ``at_rest`` is the error space of the fit, eliminated as it is,
    where that is at hand.

    Raises
    ------
    InputError
        When the level is not between 0.5 and 1.
    """
    if not 0.5 <= level < 1.0:
        raise InputError(f"a level of {level:g}", "give a probability from 0.5 to below 1, as in 0.95")
    if not final.model.phases:
        return ()
    if at_rest is None:
        at_rest = eliminated(error_space(final, measurement))
    local = smooth((at_rest.left / measurement.sigma) ** 2, AROUND * measurement.points_per_width)
    solved = eliminated(at_rest.space, np.maximum(local, 1.0))
    index = final.model.offsets[:-1]
    pairs = zip(final.fit.values[index], final.model.phases, final.structures, strict=True)
    found = sum(area * lines.norm * one.mass_per_cell / one.lattice.volume for area, lines, one in pairs)
    limits = []
    for entry in dict.fromkeys(int(one) for one in entries):
        lines, structure = library_lines(library, entry, measurement), library.structure(entry)
        area = _largest_area(final, solved, lines, level)
        if area is not None:
            mass = area * lines.norm * structure.mass_per_cell / structure.lattice.volume
            limits.append(DetectionLimit(phase_label(library, entry), 1.0 - float(found / (found + mass)), level))
    return tuple(limits)


def upper_limit(amount: Array, su: Array, level: float) -> Array:
    """Return below what an amount (c,) lies with a probability, given that it is not negative.

    Examples
    --------
    >>> upper_limit(np.array([0.0, 5.0]), np.array([1.0, 1.0]), 0.95).round(2).tolist()
    [1.96, 6.64]
    """
    standing = np.maximum(amount / su, LEAST)
    return np.asarray(su * (standing + ndtri(1.0 - (1.0 - level) * ndtr(standing))))


def _largest_area(final: FinalFit, solved: Elimination, lines: PhaseLines, level: float) -> float | None:
    """Return the limit of a phase's area over the cells that it may have, or ``None`` where it has no line."""
    curves = np.array([_unit_curve(final, lines, float(strain)) for strain in STRAINS])
    curves = curves[curves.max(axis=1) > 0.0]
    if not len(curves):
        return None
    information, amount = solved.remaining(curves)
    seen = information > 0.0
    if not seen.any():
        return np.inf  # whatever it scatters, other phases and the background could
    su = 1.0 / np.sqrt(information[seen])
    limit = upper_limit(amount[seen], su, level)
    least = np.maximum(amount[seen], 0.0)
    return float((least + np.hypot(limit - least, ndtri(level) * ERROR * limit)).max())


def _unit_curve(final: FinalFit, lines: PhaseLines, strain: float) -> Array:
    """Return the pattern (n,) of a phase of unit area as wide as the phases found, its 1/d² changed by a strain."""
    old, values = final.model, final.fit.values
    b, k = old.columns.shape[0], lines.basis.shape[0]
    broad = [
        values[at + 1 + len(p.basis) : at + 3 + len(p.basis)] for at, p in zip(old.offsets, old.phases, strict=False)
    ]
    widths = np.average(broad, axis=0, weights=np.maximum(values[old.offsets[:-1]], 1e-12))
    model = WholePattern(
        old.x, old.columns, old.radiation, (lines.with_axis(None),), old.shift_kind, old.asymmetry, TAIL, old.tails
    )
    parameters = np.concatenate([np.zeros(b), values[b : b + len(INSTRUMENT)], [1.0, strain], np.zeros(k - 1), widths])
    return phase_curve(model, parameters, 0)


def polymorphs(library: Library, entries: Sequence[int]) -> tuple[int, ...]:
    """Return an entry of each phase with the composition of one of ``entries``, those phases left out."""
    taken = {int(library.groups[i]) for i in entries}
    others = []
    for entry in entries:
        structure_elements = sorted(library.structure(entry).composition)
        for i in library.select(structure_elements, structure_elements):
            group = int(library.groups[i])
            if group not in taken and library.formulas[int(i)] == library.formulas[entry]:
                taken.add(group)
                others.append(int(i))
    return tuple(others)

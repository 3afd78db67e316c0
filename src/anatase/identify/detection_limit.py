"""How much of a phase that was not found the pattern could hide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from anatase.crystal.structure import Structure
from anatase.errors import InputError
from anatase.identify.answer import DetectionLimit
from anatase.identify.error_space import Elimination, eliminated, error_space
from anatase.identify.final import FinalFit
from anatase.identify.library_lines import library_lines
from anatase.identify.phase_label import phase_label
from anatase.identify.weighing import Weighed, seen_masses
from anatase.library import Library
from anatase.refine.start.measurement import Measurement, smooth
from anatase.refine.start.whole_pattern import INSTRUMENT, PhaseLines, WholePattern, phase_curve

__all__ = ["detection_limits", "polymorphs", "upper_limit"]

Array = NDArray[np.float64]

STEP = 0.002  # of 1/d², between cells that an absent phase is tried with
# of 1/d², as the search looks for phases: ±2 % of length with all axes alike, ±0.012 along each other strain
ALIKE, OTHERWISE, AGAIN = (STEP * np.arange(-n, n + 1) for n in (20, 6, 3))
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
    amounts: Weighed | None = None,
) -> tuple[DetectionLimit, ...]:
    """Return for library entries that were looked for and not found the most that the sample may hold of each.

    Each is added by itself to the last fit, whose parameters and whose intensities' errors are free beside it
    (``error_space``): what it shares with phases that are there tells nothing. Its amount a and s.u. σ then follow,
    with variances raised to what the residuals around show. Its cell may be off the library's as far as the search
    would find it: 2 % in length, and 0.012 in ln 1/d² along each further strain that its symmetry allows; what is
    further off may be more. The largest limit counts, sought along one strain after the other. Widths are the mean ones
    of the phases found. As an amount is not negative, the limit U has
    Φ((U − a)/σ) = 1 − (1 − level) Φ(a/σ) (Bayes with a flat prior above 0; Particle Data Group (2022), Prog. Theor.
    Exp. Phys. 2022, 083C01, section 40). 20 % of the absent phase's own intensity may be wrong besides.

    Entries without lines in the pattern have no limit. ``at_rest`` is the error space of the fit, eliminated as it is,
    where that is at hand. ``amounts`` puts limits on the basis of those weight fractions, corrected for microabsorption
    and of the whole specimen where a standard was given; without it they are of the crystalline part as the fit has it.

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
    # where lines are narrower than their way from one cell to the next they are widened, by Y tan θ as a strain moves
    half_way = float(np.tan(np.radians(0.25 * (measurement.x[0] + measurement.x[-1]))))
    coarse = max(0.0, float(np.degrees(STEP)) - measurement.fwhm / half_way)
    limits = []
    for entry in dict.fromkeys(int(one) for one in entries):
        lines, structure = library_lines(library, entry, measurement), library.structure(entry)
        area = _largest_area(final, solved, lines, level, coarse)
        if area is not None:
            mass = area * lines.norm * structure.mass_per_cell / structure.lattice.volume
            fraction = _share(mass, structure, final, measurement, amounts)
            limits.append(DetectionLimit(phase_label(library, entry), fraction, level))
    return tuple(limits)


def _share(
    mass: float, structure: Structure, final: FinalFit, measurement: Measurement, amounts: Weighed | None
) -> float:
    """Return the weight fraction of a phase that has this mass in units of the fit, area · norm · Z M/V."""
    if amounts is None:
        areas = final.fit.values[np.array(final.model.offsets[:-1], dtype=np.int64)]
        return 1.0 - float(seen_masses(final, areas).sum() / (seen_masses(final, areas).sum() + mass))
    wavelength = measurement.scattering.wavelength
    if amounts.surroundings is not None and wavelength is not None:
        mass /= amounts.surroundings.tau(structure, wavelength)
    if amounts.amorphous is None:
        return 1.0 - amounts.seen_mass / (amounts.seen_mass + mass)
    crystalline = 1.0 - amounts.amorphous.value
    return min(1.0, crystalline * mass / amounts.seen_mass)  # it would be of what is now called amorphous


def upper_limit(amount: Array, su: Array, level: float) -> Array:
    """Return below what an amount (c,) lies with a probability, given that it is not negative.

    Examples
    --------
    >>> upper_limit(np.array([0.0, 5.0]), np.array([1.0, 1.0]), 0.95).round(2).tolist()
    [1.96, 6.64]
    """
    standing = np.maximum(amount / su, LEAST)
    return np.asarray(su * (standing + ndtri(1.0 - (1.0 - level) * ndtr(standing))))


def _largest_area(final: FinalFit, solved: Elimination, lines: PhaseLines, level: float, coarse: float) -> float | None:
    """Return the limit of a phase's area over the cells that it may have, or ``None`` where it has no line."""
    k = len(lines.basis)
    cell, largest = np.zeros(k), None
    for j, steps in ((0, ALIKE), *((j, OTHERWISE) for j in range(1, k)), (0, AGAIN)):
        cells = cell + steps[:, None] * np.eye(k)[j]
        areas = _areas(final, solved, lines, cells, level, coarse)
        best = int(np.argmax(areas))
        if areas[best] >= 0.0 and (largest is None or areas[best] > largest):
            cell, largest = cells[best], float(areas[best])
    return np.inf if largest == 0.0 else largest  # 0: whatever it scatters, other phases and the background could


def _areas(final: FinalFit, solved: Elimination, lines: PhaseLines, cells: Array, level: float, coarse: float) -> Array:
    """Return the limits (c,) of a phase's area at strained cells (c, k): −1 without a line, 0 where nothing tells."""
    curves = np.array([_unit_curve(final, lines, cell, coarse) for cell in cells])
    limits = np.where(curves.max(axis=1) > 0.0, 0.0, -1.0)
    information, amount = solved.remaining(curves)
    seen = (information > 0.0) & (limits == 0.0)
    su = 1.0 / np.sqrt(information[seen])
    limit = upper_limit(amount[seen], su, level)
    least = np.maximum(amount[seen], 0.0)
    limits[seen] = least + np.hypot(limit - least, ndtri(level) * ERROR * limit)
    return limits


def _unit_curve(final: FinalFit, lines: PhaseLines, strains: Array, wider: float) -> Array:
    """Return the pattern (n,) of a phase of unit area, its 1/d² changed by strains (k,).

    Lines are as wide as those of the phases found, and wider by a strain broadening (°).
    """
    old, values = final.model, final.fit.values
    b = old.columns.shape[0]
    broad = [
        values[at + 1 + len(p.basis) : at + 3 + len(p.basis)] for at, p in zip(old.offsets, old.phases, strict=False)
    ]
    widths = np.average(broad, axis=0, weights=np.maximum(values[old.offsets[:-1]], 1e-12))
    model = WholePattern(
        old.x, old.columns, old.radiation, (lines.with_axis(None),), old.shift_kind, old.asymmetry, TAIL, old.tails
    )
    parameters = np.concatenate(
        [np.zeros(b), values[b : b + len(INSTRUMENT)], [1.0], strains, widths + np.array([0.0, wider])]
    )
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

"""The wavelength of a neutron pattern whose file does not state it, from the cells of the phases in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from anatase.crystal.structure import Structure
from anatase.pattern.pattern import Pattern
from anatase.refine.start.alignment import aligned_share, alignment_target
from anatase.refine.start.measurement import prepare
from anatase.refine.start.rough_fit import structure_lines
from anatase.scattering.radiation import Radiation

__all__ = ["with_wavelength_of_cells"]

SHORTEST, LONGEST, STEP = 0.8, 2.7, 0.0008  # Å, Å, of λ


def with_wavelength_of_cells(pattern: Pattern, structures: Sequence[Structure]) -> Pattern:
    """Return the pattern at the wavelength where most of the phases' lines lie on peaks, with a warning.

    The given cells set the scale: refined cells are relative to them.
    """
    shortest = prepare(replace(pattern, radiation=_radiation(SHORTEST)))
    target = alignment_target(shortest, shortest.net, shortest.sigma)
    lines = [structure_lines(structure, shortest) for structure in structures]
    nothing = [np.zeros(len(one.basis)) for one in lines]
    best, found = -1.0, SHORTEST
    for wavelength in np.geomspace(SHORTEST, LONGEST, round(np.log(LONGEST / SHORTEST) / STEP)):
        ready = replace(shortest, radiation=_radiation(float(wavelength)))
        moved = replace(target, u0=target.u0 - float(np.log(wavelength / SHORTEST)))
        share = sum(aligned_share(moved, one, ready, still) for one, still in zip(lines, nothing, strict=True))
        if share > best:
            best, found = share, float(wavelength)
    warning = (
        f"the neutron wavelength is not known; {found:.4f} Å puts the lines of the given cells on the peaks, "
        "and refined cells are relative to them: give the wavelength"
    )
    return replace(pattern, radiation=_radiation(found)).with_warnings(warning)


def _radiation(wavelength: float) -> Radiation:
    return Radiation("neutron", ((wavelength, 1.0),), 0.0, name=f"{wavelength:.4f} Å", assumed=True)

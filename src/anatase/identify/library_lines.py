"""The lines of a library entry, ready to fit a pattern."""

from __future__ import annotations

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.library import Library
from anatase.refine.start.measurement import Measurement
from anatase.refine.start.rough_fit import structure_lines
from anatase.refine.start.whole_pattern import PhaseLines, phase_lines

__all__ = ["library_lines"]


def library_lines(library: Library, entry: int, measurement: Measurement) -> PhaseLines:
    """Return the lines that a library keeps of an entry, for X-rays or neutrons; of electrons from the structure."""
    structure = library.structure(entry)
    if measurement.scattering.probe == "electron":
        return structure_lines(structure, measurement)
    part = slice(library.line_offsets[entry], library.line_offsets[entry + 1])
    hkl = library.line_hkl[part].astype(np.int64)
    return phase_lines(
        hkl,
        np.ones(len(hkl), np.int64),
        library.line_intensity[measurement.scattering.probe][part].astype(float),
        Lattice(*(float(v) for v in library.lattices[entry])),
        structure.space_group,
        measurement.radiation,
    )

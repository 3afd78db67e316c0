"""Compile the numerical kernels once, so that the first identification does not wait for it.

usage: python -m anatase.identify.warm_up

numba keeps the compiled code beside the package (or in the user's cache), and later processes load it in
milliseconds. An installation step may call this; without it the first identification takes the time.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.identify.identify import identify
from anatase.library import open_library
from anatase.pattern.line_derivatives import differentiate_lines
from anatase.pattern.pattern import Pattern
from anatase.refine.start.whole_pattern import WholePattern, evaluate, phase_lines
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.reflections import reflections

__all__ = ["ensure_compiled", "warm_up"]


def ensure_compiled(progress: Callable[[str], None] = lambda text: None) -> None:
    """Compile the kernels where no compiled code is kept yet, and say so: it takes about half a minute."""
    kept = differentiate_lines.stats.cache_path
    if kept is None or not any(Path(kept).glob("line_derivatives.differentiate_lines*.nbi")):
        progress("compiling the numerical kernels, this once (about half a minute)")
        warm_up()


def warm_up() -> None:
    """Identify a calculated pattern of halite, which runs every kernel."""
    library = open_library()
    entry = next(i for i, formula in enumerate(library.formulas) if formula == "NaCl")
    structure, radiation = library.structure(entry), radiation_from_name("CuKa")
    listed = reflections(structure, 0.9, u_default=TYPICAL_U_ISO)
    lines = phase_lines(
        listed.hkl,
        listed.multiplicity,
        listed.multiplicity * listed.f_squared,
        structure.lattice,
        structure.space_group,
        radiation,
    )
    x = np.arange(15.0, 90.0, 0.05)
    model = WholePattern(x, np.ones((1, x.size)), radiation, (lines,), asymmetry=True)
    parameters = np.array([100.0, 0.0, 0.02, 0.01, 0.0, 5000.0, 0.0, 0.05, 0.05])
    y = np.random.default_rng(0).poisson(evaluate(model, parameters)[0]).astype(float)
    identify(Pattern(x, y, np.sqrt(np.maximum(y, 1.0)), radiation=radiation), library, elements=["Na", "Cl"])


if __name__ == "__main__":
    warm_up()

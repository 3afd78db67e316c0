"""Condensed gases stay out unless they are asked for."""

from __future__ import annotations

import numpy as np

from anatase.identify.plausible import plausible


def formulas(library, elements) -> set[str]:
    entries = library.select(allowed=elements)
    return {library.formulas[i] for i in plausible(library, entries, elements)}


def test_ices_and_solid_air_are_left_out(library):
    everything = np.arange(len(library))
    kept = plausible(library, everything, None)
    volatile = {"H", "He", "N", "O", "F", "Ne", "Cl", "Ar", "Kr", "Xe", "Rn"}
    elements = {i: library.structure(i).elements for i in np.setdiff1d(everything, kept)}
    assert elements  # the embedded library holds some ices and noble gases
    assert all({e.replace("D", "H") for e in found} <= volatile for found in elements.values())
    assert {"TiO2", "NaCl", "Si"} <= {library.formulas[i] for i in kept}


def test_volatile_elements_alone_are_what_the_user_means(library):
    entries = library.select(allowed=["H", "O"])
    assert entries.size > 0
    assert plausible(library, entries, ["H", "O"]).tolist() == entries.tolist()


def test_oxides_remain_among_given_elements(library):
    assert "TiO2" in formulas(library, ["Ti", "O", "H"])
    assert not {"H2O", "O", "O2"} & formulas(library, ["Ti", "O", "H"])

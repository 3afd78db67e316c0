"""Names of phases in answers: of the entry, else of another record of its phase, else the formula."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from anatase.identify.phase_label import phase_label

NAMES = ("sg225", "Gold", "sg229", "rutile", "None", "")
FORMULAS = ("Au", "Au", "Cr", "TiO2", "SiO2", "MgO")


def library_of(names, formulas, groups):
    def entry(i):
        return SimpleNamespace(
            name=names[i],
            formula=formulas[i],
            space_group_number=225,
            space_group_symbol="F m -3 m",
            library_id=f"x/{i}",
        )

    return SimpleNamespace(names=names, groups=np.array(groups), entry=entry)


@pytest.mark.parametrize(("which", "name"), list(enumerate(("Gold", "Gold", "Cr", "rutile", "SiO2", "MgO"))))
def test_a_name_that_tells_nothing_gives_way(which, name):
    label = phase_label(library_of(NAMES, FORMULAS, [1, 1, 2, 3, 4, 5]), which)
    assert (label.name, label.formula, label.library_id) == (name, FORMULAS[which], f"x/{which}")

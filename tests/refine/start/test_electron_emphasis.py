"""Electron intensities with the envelope of X-rays."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.refine.start.electron_emphasis import xray_over_electron
from anatase.scattering.scattering_power import ScatteringModel, scattering_power


def test_atoms_scatter_electrons_like_xrays_once_weighted():
    # from d = 5 to 0.83 Å; form factors of International Tables C, 6.1.1.4 and 4.3.2.2
    inverse_d = np.linspace(0.2, 1.2, 60)
    before, after = [], []
    for element in ("C", "O", "Na", "Al", "Ca", "Ti", "Fe", "Zn", "Zr", "Ba", "Pb"):
        x, e = (
            np.asarray(scattering_power(element, 0, 0, (inverse_d / 2.0) ** 2, ScatteringModel(probe))[0]) ** 2
            for probe in ("xray", "electron")
        )
        plain, weighted = e / x, e / x * xray_over_electron(inverse_d)
        before.append(plain.max() / plain.min())
        after.append(weighted.max() / weighted.min())
    assert np.median(before) > 5.0
    assert np.median(after) < 2.5
    assert max(after) < 3.5


def test_one_at_two_angstrom():
    assert xray_over_electron(0.5)[0] == pytest.approx(1.0)

"""Patterns whose points came with wrong s.u."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatase.refine.answer import answer_of
from anatase.refine.fit import fit
from anatase.refine.refine import refine


def test_too_large_errors_of_points_are_told_and_change_no_su(titania, scan):
    """Ten times the s.u. of counting: GOF falls to a tenth, and s.u. of parameters stay: they follow the scatter."""
    pattern = scan([titania[0]], limits=(20.0, 70.0))
    first = refine(pattern, titania[0])
    assert not any("far below 1" in text for text in first.warnings)
    one = first.model.histograms[0]
    scaled = replace(one, pattern=replace(one.pattern, sigma=10.0 * one.pattern.sigma))
    parametrisation = first.fitted.parametrisation
    again = answer_of(
        fit(first.model.with_histogram(0, scaled), parametrisation.names, parametrisation=parametrisation)
    )
    assert again.gof == pytest.approx(0.1 * first.gof, rel=1e-3)
    assert any("is far below 1" in text for text in again.warnings)
    assert again["TiO2.a"].su == pytest.approx(first["TiO2.a"].su, rel=1e-2)

from __future__ import annotations

import math

import pytest

from anatase.estimate import Estimate
from anatase.report.notation import (
    cell_parameters,
    formula_text,
    gof_reading,
    percent,
    radiation_text,
    space_group_text,
    verdict,
)
from anatase.scattering.radiation import Radiation, radiation_from_name


@pytest.mark.parametrize(
    ("symbol", "printed"),
    [  # Hermann–Mauguin symbols in gemmi's spelling and as International Tables A prints them, overlines as minus
        ("P 63/m", "P6₃/m"),
        ("P 1 21/c 1", "P2₁/c"),
        ("P 1 1 21/b", "P112₁/b"),
        ("I a -3 d", "Ia-3d"),
        ("P 3 1 2", "P312"),
        ("P 2 3", "P23"),
        ("P 41 3 2", "P4₁32"),
        ("F d -3 m:2", "Fd-3m:2"),
        ("P -1", "P-1"),
        ("P 1", "P1"),
    ],
)
def test_space_group_symbols(symbol, printed):
    assert space_group_text(symbol) == printed


def test_formula_numbers_become_subscripts():
    assert formula_text("CaSO4(H2O)2") == "CaSO₄(H₂O)₂"
    assert formula_text("Fe0.95O") == "Fe₀.₉₅O"


def test_percent_prints_the_standard_uncertainty():
    assert percent(Estimate(0.4527, 0.0042)) == "45.3(4)"
    assert percent(Estimate(1.0, 0.0)) == "100"
    assert percent(Estimate(0.12345)) == "12.3"
    assert percent(Estimate(math.nan, 0.1)) == "–"


def lattice(a, b, c, alpha, beta, gamma):
    names = ("a", "b", "c", "alpha", "beta", "gamma")
    return {name: Estimate(value) for name, value in zip(names, (a, b, c, alpha, beta, gamma), strict=True)}


@pytest.mark.parametrize(
    ("cell", "names"),
    [
        ((5, 5, 5, 90, 90, 90), "a"),
        ((5, 5, 6, 90, 90, 90), "ac"),
        ((5, 5, 6, 90, 90, 120), "ac"),
        ((5, 5, 5, 60, 60, 60), "aαβγ"),
        ((5, 6, 7, 90, 90, 90), "abc"),
        ((5, 6, 7, 90, 100, 90), "abcβ"),
        ((5, 6, 7, 90, 90, 120), "abcγ"),
        ((5, 6, 7, 91, 92, 93), "abcαβγ"),
    ],
)
def test_only_free_cell_parameters_are_printed(cell, names):
    assert "".join(name for name, _, _ in cell_parameters(lattice(*cell))) == names


def test_radiation_says_when_it_was_assumed():
    assert radiation_text(radiation_from_name("CuKa")) == "X-rays, Cu Kα₁,₂ λ = 1.54059, 1.54443 Å"
    doublet = Radiation("xray", ((1.5406, 1.0), (1.54443, 0.5)), name="CuKa", assumed=True)
    assert radiation_text(doublet) == "X-rays, Cu Kα₁,₂ λ = 1.54060, 1.54443 Å (assumed)"
    assert radiation_text(radiation_from_name("1.494", "neutron")) == "neutrons, λ = 1.494 Å"
    assert radiation_text(radiation_from_name("WKa1")) == "X-rays, W Kα₁ λ = 0.20901 Å"
    assert radiation_text(radiation_from_name("CuKb")) == "X-rays, Cu Kβ λ = 1.39223 Å"
    assert radiation_text(None) == "radiation not stated"


def test_words_follow_the_figures(synthetic):
    assert verdict(synthetic(1, 400)) == "One phase explains 96.9 % of the Bragg intensity."
    assert verdict(synthetic(0, 400)) == "No crystalline phase was identified."
    assert "explains only 20.0 %" in verdict(synthetic(1, 400, unexplained_fraction=0.8))
    assert "could not" in verdict(synthetic(1, 400, unexplained_fraction=math.nan))
    readings = [gof_reading(gof) for gof in (0.5, 1.0, 2.0, 8.0, math.nan)]
    assert len(set(readings)) == 5

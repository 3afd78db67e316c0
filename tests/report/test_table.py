from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from anatase.report.table import identification_table


def printed(identification, width=120):
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(identification_table(identification))
    return console.file.getvalue()


def test_table_says_all_that_matters(two_phases):
    text = printed(two_phases)
    for piece in (
        "Anatase",
        "TiO₂",
        "I4₁/amd",
        "40.0(4)",
        "a=3.7845(8)",
        "P6₃mc",
        "60.0(4)",
        "41.37°",
        "d 2.181 Å",
    ):
        assert piece in text
    assert f"Rwp {two_phases.rwp:.2f} %" in text
    assert "Anatase (TiO₂) + Fluorapatite" in text
    assert "warning: one strong peak at 41.37°" in text


def test_no_phase_is_said(synthetic):
    assert "No crystalline phase was identified." in printed(synthetic(0, 400))


def test_text_of_files_is_never_markup(synthetic, two_phases):
    text = printed(synthetic(2, warnings=("column [red]3[/red] is [bold",)))
    assert "column [red]3[/red] is [bold" in text


def test_formulas_and_odds_stay_whole_in_80_columns(probable):
    long = replace(probable.phases[1].label, name="sodium calcium fluoroaluminate", formula="Na2Ca3Al2F14")
    text = printed(replace(probable, phases=(probable.phases[0], replace(probable.phases[1], label=long))), width=80)
    for piece in ("Na₂Ca₃Al₂F₁₄", "TiO₂", "> 99 %", "93 %", "60.0(4)", "a=3.7845(8)", "c=5.2066(11)", "P6₃mc", "5.2\n"):
        assert piece in text
    assert "fit s.u." not in text  # what is needed least makes room
    assert "\nsodium calcium   Na₂" in text  # the name breaks at spaces
    assert "\nfluoroaluminate  " in text
    assert all(len(line) <= 80 for line in text.splitlines())


def test_narrow_terminal_loses_no_fraction(synthetic):
    text = printed(synthetic(6, 400), width=60)
    assert all(value in text for value in ("22.9(4)", "34.3(4)", "17.1(4)", "11.4(4)", "8.6(4)", "5.7(4)"))
    for phase in synthetic(6, 400).phases:
        assert phase.label.name in text
        assert f"a={phase.lattice['a']}" in text


@pytest.mark.parametrize("width", [50, 66, 80, 100, 120, 200])
def test_no_number_is_broken_at_any_width(probable, width):
    text = printed(probable, width=width)
    assert all(value in text for value in ("60.0(4)", "40.0(4)", "a=3.7845(8)", "c=9.514(2)", "> 99 %"))
    table = text[text.index("phase  ") :].splitlines()[0]
    assert ("fit s.u." in table) == (width >= 80)


def test_probabilities_are_shown_where_they_are_known(probable, two_phases):
    text = printed(probable, width=160)
    for piece in ("prob.", "> 99 %", "93 %", "fit s.u.", "0.13", "Zincite cannot be told from GaN"):
        assert piece in text
    assert "90 %: Anatase + Zincite, or Anatase + Fluorapatite." in text
    assert "A phase is missing from this answer: 7 %" in text
    assert "Not seen, at 95 %: Fluorapatite (Ca₅P₃O₁₂F, P6₃/m) below 0.84 wt%" in text
    assert "Amorphous: 23.0 ± 4.0 wt%" in text
    assert "Rwp 5.20 % in the search, probability 5 %" in text
    without = printed(two_phases, width=160)
    assert not any(word in without for word in ("prob.", "fit s.u.", "is missing from", "Not seen", "Amorphous"))

"""What the first line and the tables say of good fits, of phases that are not there, and of impossible crystals."""

from __future__ import annotations

from dataclasses import replace

import gemmi
import pytest
from rich.console import Console

from anatase.refine.refinement import Refinement
from anatase.report.refinement_cif import refinement_cif
from anatase.report.refinement_document import refinement_to_dict
from anatase.report.refinement_html import refinement_html
from anatase.report.refinement_table import refinement_table
from anatase.report.refinement_words import counted_words, verdict_of_refinement


def printed(refinement: Refinement) -> str:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(refinement_table(refinement))
    return shown.get()


def with_parameters(refinement: Refinement, last: str, **changes: object) -> Refinement:
    """Return the refinement with other fields of all parameters whose names end so."""
    changed = tuple(replace(one, **changes) if one.name.endswith(last) else one for one in refinement.parameters)
    return replace(refinement, parameters=changed)


def test_parameters_that_follow_others_are_counted_apart(mixture):
    assert counted_words(mixture).endswith("parameters (1 more follows them)")  # U of one oxygen equals the other's
    moved = sum(one.refined for one in mixture.parameters)
    assert counted_words(mixture).startswith(f"{moved - 1} ")
    assert counted_words(mixture) in refinement_html(mixture)
    assert verdict_of_refinement(mixture).endswith("converged.")


def test_a_phase_that_is_not_shown_has_no_fraction(mixture):
    doubtful = with_parameters(mixture, "anatase.xray.scale", su_corrected=1.0)
    assert doubtful.absent == ("anatase",)
    assert set(doubtful.fractions) == {"rutile"}
    assert [one["weight_fraction"] is None for one in refinement_to_dict(doubtful)["phases"]] == [False, True]
    row = next(line for line in printed(doubtful).splitlines() if line.startswith("anatase"))
    assert " –  a=" in row
    assert verdict_of_refinement(doubtful).endswith("converged.")  # of the other phase


@pytest.mark.parametrize(
    ("fixture", "said"),
    [("mixture", "but no phase is shown to be present."), ("single", "but the phase is not shown to be present.")],
)
def test_no_phase_at_all_is_said_first(request, fixture, said):
    nothing = with_parameters(request.getfixturevalue(fixture), ".scale", value=1e-9, su_corrected=1e-9)
    assert verdict_of_refinement(nothing).endswith(said)
    assert nothing.fractions == {}
    assert "100" not in next(line for line in printed(nothing).splitlines() if line.startswith("rutile"))
    masses = [list(block.find_values("_pd_phase_mass_%")) for block in gemmi.cif.read_string(refinement_cif(nothing))]
    assert {mass for block in masses for mass in block} == {"."}


@pytest.mark.parametrize(("value", "impossible"), [(3.0, True), (-1.0, True), (1.02, False), (0.7, False)])
def test_an_impossible_occupancy_is_no_convergence(single, value, impossible):
    """An occupancy may miss 0 to 1 by its error: here three s.u. are 0.03."""
    names = [one.name for one in single.parameters if one.name.endswith("O.occupancy")]
    moved = with_parameters(single, names[0], value=value, su_corrected=0.01, refined=True)
    assert moved.impossible == ((names[0],) if impossible else ())
    verdict = verdict_of_refinement(moved)
    assert verdict.endswith("can be in no crystal." if impossible else "converged.")
    assert (names[0] in verdict) is impossible


def test_a_full_site_has_no_number(single):
    page = refinement_html(single)
    assert "<td>Ti</td>" in page
    moved = with_parameters(single, "Ti1.Ti.occupancy", value=0.95)
    assert moved.impossible == ()


def test_its_repr_is_a_line(mixture):
    text = repr(mixture)
    assert "\n" not in text
    assert len(text) < 400
    for said in ("rutile a=4.593", "Rwp", "converged", "xray.xy"):
        assert said in text

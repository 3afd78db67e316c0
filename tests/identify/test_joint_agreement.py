"""What the answers to several patterns of one sample agree on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from anatase.estimate import Estimate
from anatase.identify import identify
from anatase.identify.answer import DetectionLimit
from anatase.identify.joint_agreement import agreed_phases

CORUNDUM = "ncrystal/Al2O3_sg167_Corundum"
FLUORITE = "ncrystal/CaF2_sg225_CalciumFlouride"


@pytest.mark.parametrize(("limit", "possible"), [(0.15, True), (0.12, False)])
def test_limits_of_a_spiked_pattern_are_of_the_whole(library, simulate, limit, possible):
    """A quarter of a spiked sample is corundum, the rest amorphous but for fluorite, of which other patterns show 40 %.

    0.15 of the whole is 0.15/(0.25 + 0.15) = 38 % of what is crystalline, 0.12 is 32 %; 40 % less 3 s.u. is 37 %.
    """
    both = identify(simulate({CORUNDUM: 0.6, FLUORITE: 0.4}, seed=3), library, elements="Al,O,Ca,F")
    values = {CORUNDUM: 0.6, FLUORITE: 0.4}
    phases = tuple(replace(one, weight_fraction=Estimate(values[one.label.library_id], 0.01)) for one in both.phases)
    one, other = (next(p for p in phases if p.label.library_id == wanted) for wanted in (CORUNDUM, FLUORITE))
    spiked = replace(
        both,
        phases=(replace(one, weight_fraction=Estimate(0.25, 0.01)),),
        amorphous_fraction=Estimate(0.75, 0.01),
        detection_limits=(DetectionLimit(other.label, limit),),
    )
    answers = (replace(both, phases=phases, detection_limits=()), spiked)
    found, warnings = agreed_phases(answers, [one.label, other.label], [(100.0, 100.0), (100.0, 0.0)])
    assert any("contradict" in text for text in warnings) is not possible
    assert all((phase.weight_fraction is not None) is possible for phase in found)

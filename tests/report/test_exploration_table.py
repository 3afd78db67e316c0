"""What a terminal shows of bootstrap, posterior and profiles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rich.console import Console

from anatase.refine.uncertainty.bootstrap import Bootstrap
from anatase.refine.uncertainty.exploration import Exploration
from anatase.refine.uncertainty.posterior import Posterior
from anatase.refine.uncertainty.profile_likelihood import ProfileLikelihood
from anatase.report.refinement_table import refinement_table

NAMES = ("rutile.a", "xray.background.chebyshev_0")
DRAWN = np.array([4.5936, 200.0]) + np.outer(
    np.linspace(-1.0, 1.0, 1001), [0.0002, 1.0]
)  # flat: s.d. 0.577 of the half


def printed(refinement, exploration) -> str:
    console = Console(width=120)
    with console.capture() as shown:
        console.print(refinement_table(refinement, exploration))
    return shown.get()


@pytest.fixture
def exploration():
    drawn = Bootstrap(NAMES, DRAWN[500], DRAWN, 0, "residuals", 7)
    posterior = Posterior(NAMES, DRAWN[500], DRAWN, np.ones(1), np.full(2, 3.0), 400, 0.5, True)
    grid = np.array([4.5935, 4.5936, 4.5937])
    profile = ProfileLikelihood("rutile.a", 4.5936, 1e-4, grid, np.array([1.0, 0.0, 1.0]), np.zeros((3, 2)),
                                (4.5935, 4.5937), (4.5934, 4.5938), True, None, ())  # fmt: skip
    return Exploration(drawn, posterior, (profile,))


def test_su_and_quantiles_are_shown(mixture, exploration):
    """Of a flat distribution from 4.5934 to 4.5938, 68.3 % lie within 0.683 of the half-width."""
    lines = printed(mixture, exploration).splitlines()
    rows = [line.split() for line in lines if line.startswith("rutile.a")]
    assert [row[2:] for row in rows] == [["4.59360(12)", "4.59346", "4.59374"]] * 2
    assert not any(line.startswith("xray.background") for line in lines)
    assert any("7 neighbouring residuals kept together" in line for line in lines)
    assert any("400 steps of each chain, 50% of them accepted; 1001 samples kept" in line for line in lines)


def test_what_is_not_corrected_for_serial_correlation_says_so(mixture, exploration):
    correlated = replace(mixture, serial=replace(mixture.serial, factor=1.8))
    assert "multiply half-widths by 1.80" in " ".join(printed(correlated, exploration).split())
    assert "half-widths" not in printed(correlated, replace(exploration, posterior=None, profiles=()))
    alone = replace(mixture, serial=replace(mixture.serial, factor=1.0))
    assert "half-widths" not in printed(alone, exploration)

"""How hard and how sceptically an identification searches."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SearchSettings"]


@dataclass(frozen=True)
class SearchSettings:
    """Widths of the search, the errors it admits in its models, and what it demands of a phase.

    Costs and gains are −2 ln evidence: 20 is odds of 22,000 to 1 on an exact noise model. They were
    set on measured mixtures with known phases so that true minor phases pass and copies of misfit do not.
    """

    max_phases: int = 6
    shortlist: int = 30  # candidates screened for each further phase
    swap_shortlist: int = 15  # the same when a phase might be replaced
    per_group: int = 1  # of them, entries of one phase
    joint: int = 5  # of them, candidates fitted together with all phases found before
    beam: int = 2  # sets of phases followed at once
    near_tie: float = 0.8  # of the best extension's standing, from which another one is followed too
    two_starts: int = 8  # of them, candidates screened from two starting cells
    # errors of the models, beside counting
    loose_error: float = 0.15  # of the Bragg intensity, point by point, while fitting
    strict_error: float = 0.05  # the same once line errors are marginalised
    background_error: float = 0.02  # of the background
    n_background: int = 4  # Chebyshev terms added to the estimated background
    trusted_share: float = 0.95  # of the pattern's blocks that tell the typical misfit
    # what a phase must show
    threshold: float = 20.0  # gain beyond the price of one more phase
    threshold_without_best: float = 12.0  # the same without its best line
    share_of_signal: float = 0.0012  # of the cost of no phase at all
    texture_gain: float = 30.0  # gain that a texture axis needs
    alike: float = 0.8  # cosine of two phases' curves above which one repeats the other
    alike_polymorphs: float = 0.6  # the same for one composition
    no_misfit: float = 0.4  # share of the remaining cost that only a real phase saves

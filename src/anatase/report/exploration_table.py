"""Bootstrap and posterior of a refinement as tables for people at a terminal."""

from __future__ import annotations

import math

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from anatase.estimate import Estimate
from anatase.refine.refinement import Refinement
from anatase.refine.uncertainty.bootstrap import Bootstrap
from anatase.refine.uncertainty.exploration import Exploration
from anatase.refine.uncertainty.posterior import Posterior
from anatase.report.refinement_words import exploration_words

__all__ = ["exploration_parts"]


def exploration_parts(refinement: Refinement, exploration: Exploration) -> list[RenderableType]:
    """Return lines on what was found, and for bootstrap and posterior a table of s.u. and intervals.

    Coefficients of backgrounds are left to the JSON.
    """
    parts: list[RenderableType] = [Text(line) for line in exploration_words(exploration, refinement.serial.factor)]
    found = (("bootstrap", "value", exploration.bootstrap), ("posterior", "median", exploration.posterior))
    parts += [_table(refinement, title, middle, one) for title, middle, one in found if one is not None]
    return parts


def _table(refinement: Refinement, title: str, middle: str, found: Bootstrap | Posterior) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(title, overflow="fold")
    for header in ("refined", f"{middle}(s.u.)", "68.3 % from", "to"):
        table.add_column(header, justify="right", no_wrap=True)
    middles = found.median if isinstance(found, Posterior) else found.values
    rows = zip(found.names, middles.tolist(), found.su.tolist(), found.interval().tolist(), strict=True)
    for name, value, su, ends in rows:
        if ".background." not in name:
            drawn = str(Estimate(value, su))
            limits = [_to_digits(end, su) for end in ends]
            table.add_row(Text(name), str(refinement[name].estimate), drawn, *limits)
    return table


def _to_digits(value: float, su: float) -> str:
    """Return a value to two digits of its s.u."""
    if not math.isfinite(su) or su <= 0.0 or not math.isfinite(value):
        return f"{value:.6g}"
    return f"{value:.{max(0, 1 - math.floor(math.log10(su)))}f}"

"""A comparison with another program as a part of the JSON of a refinement, and as a table for the terminal."""

from __future__ import annotations

from typing import Any

from rich.table import Table
from rich.text import Text

from anatase.estimate import Estimate
from anatase.refine.gsas2.comparison import Comparison

__all__ = ["comparison_dict", "comparison_table"]


def comparison_dict(comparison: Comparison | None) -> dict[str, Any] | None:
    """Return the field ``gsas2`` of the JSON of a refinement, ``None`` where GSAS-II was not asked."""
    if comparison is None:
        return None
    theirs = comparison.theirs
    return {
        "rwp": dict(theirs.rwp),
        "gof": theirs.gof,
        "converged": theirs.converged,
        "seconds": theirs.seconds,
        "parameters": [
            {"name": row.name, "ours": _pair(row.ours), "theirs": _pair(row.theirs), "shift": row.shift}
            for row in comparison.rows
        ],
        "warnings": list(theirs.warnings),
    }


def comparison_table(comparison: Comparison) -> Table:
    """Return both answers side by side."""
    wrong = ", ".join(f"{name} {rwp:.2f} %" for name, rwp in comparison.theirs.rwp.items())
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0), title_justify="left",
                  title=Text(f"GSAS-II: Rwp {wrong}, GOF {comparison.theirs.gof:.2f}"))  # fmt: skip
    table.add_column("parameter")
    for header in ("anatase", "GSAS-II", "difference / s.u."):
        table.add_column(header, justify="right")
    for row in comparison.rows:
        table.add_row(Text(row.name), str(row.ours), str(row.theirs), "–" if row.shift is None else f"{row.shift:+.1f}")
    return table


def _pair(estimate: Estimate) -> dict[str, float | None]:
    return {"value": estimate.value, "su": estimate.su}

"""The tracks of a series as a table: CSV for a spreadsheet, a dictionary for JSON."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from anatase.refine.series import Series

__all__ = ["series_csv", "series_dict"]


def series_dict(series: Series) -> dict[str, Any]:
    """Return a JSON-ready dictionary: the variable, R values, and each refined parameter with its s.u. by pattern."""
    tracks = {}
    for name in series.refined_names:
        found = series.track(name)
        tracks[name] = {
            "value": [None if one is None else one.value for one in found],
            "su": [None if one is None else one.su for one in found],
        }
    return {
        "patterns": list(series.names),
        "variable": series.variable,
        "values": list(series.values),
        "rwp": [one.rwp for one in series.refinements],
        "gof": [one.gof for one in series.refinements],
        "converged": [one.converged for one in series.refinements],
        "weight_fractions": _fractions(series),
        "parameters": tracks,
        "warnings": list(series.warnings),
        "pattern_warnings": [list(one.warnings) for one in series.refinements],
    }


def _fractions(series: Series) -> dict[str, dict[str, list[float | None]]]:
    found: dict[str, dict[str, list[float | None]]] = {}
    for i, one in enumerate(series.refinements):
        for name, fraction in one.fractions.items():
            empty: list[float | None] = [None] * len(series.refinements)
            track = found.setdefault(name, {"value": list(empty), "su": list(empty)})
            track["value"][i], track["su"][i] = fraction.value, fraction.su
    return found


def series_csv(series: Series) -> str:
    """Return the tracks as CSV: a row for each pattern; two columns, value and s.u., for each refined parameter."""
    table = series_dict(series)
    columns: list[tuple[str, list[Any]]] = [
        ("pattern", table["patterns"]), (series.variable, table["values"]), ("rwp", table["rwp"]),
        ("gof", table["gof"]),
    ]  # fmt: skip
    for name, track in table["weight_fractions"].items():
        columns += [(f"{name}.weight_fraction", track["value"]), (f"{name}.weight_fraction su", track["su"])]
    for name, track in table["parameters"].items():
        columns += [(name, track["value"]), (f"{name} su", track["su"])]
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([name for name, _ in columns])
    for i in range(len(series.names)):
        writer.writerow(["" if values[i] is None else values[i] for _, values in columns])
    return text.getvalue()

"""``anatase find_peaks``: list the peaks of a pattern with their standard uncertainties."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from anatase.pattern.pattern import Pattern
    from anatase.peaks import Peaks

__all__ = ["find_peaks", "peak_rows", "peaks_json"]

UNITS = {"two_theta": ("2θ", "°"), "q": ("q", "Å⁻¹"), "d": ("d", "Å"), "tof": ("t", "µs")}
COLUMNS = ("position", "d", "height", "area", "fwhm")


def _columns(peaks: Peaks) -> dict[str, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return name → values and s.u. (n,); without d where the wavelength is unknown or d is the axis."""
    columns = {
        "position": (peaks.position, peaks.position_su),
        "height": (peaks.height, peaks.height_su),
        "area": (peaks.area, peaks.area_su),
        "fwhm": (peaks.fwhm, peaks.fwhm_su),
    }
    spacing, spacing_su = peaks.d_spacing, peaks.d_spacing_su
    if spacing is not None and spacing_su is not None and peaks.axis != "d":
        columns["d"] = (spacing, spacing_su)
    return {name: columns[name] for name in COLUMNS if name in columns}


def peak_rows(peaks: Peaks) -> list[dict[str, dict[str, float] | float]]:
    """Return one dictionary per peak: position, d, height, area, fwhm as value and su, and significance."""
    columns = _columns(peaks)
    rows: list[dict[str, dict[str, float] | float]] = []
    for i in range(len(peaks)):
        row: dict[str, dict[str, float] | float] = {
            name: {"value": float(values[i]), "su": float(su[i])} for name, (values, su) in columns.items()
        }
        row["significance"] = float(peaks.significance[i])
        rows.append(row)
    return rows


def peaks_json(peaks: Peaks, pattern: Pattern) -> dict[str, Any]:
    """Return the answer for programs: input, axis, wavelength (Å), peaks, warnings."""
    return {
        "schema": "anatase/peaks/1",
        "input": {"name": pattern.name, "sha256": pattern.sha256},
        "axis": peaks.axis,
        "wavelength": None if pattern.radiation is None else pattern.radiation.wavelength,
        "peaks": peak_rows(peaks),
        "warnings": list(pattern.warnings),
    }


def _csv(peaks: Peaks) -> str:
    """Return comma-separated columns, each value followed by its s.u."""
    columns = _columns(peaks)
    lines = [",".join(f"{name},{name}_su" for name in columns) + ",significance"]
    for i in range(len(peaks)):
        cells = [f"{values[i]:.7g},{su[i]:.2g}" for values, su in columns.values()]
        lines.append(",".join(cells) + f",{peaks.significance[i]:.1f}")
    return "\n".join(lines) + "\n"


def _print_table(peaks: Peaks) -> None:
    """Print the peaks as a crystallographer writes them: 28.4430(2)."""
    from rich.console import Console
    from rich.table import Table

    from anatase.estimate import Estimate

    symbol, unit = UNITS[peaks.axis]
    heads = {
        "position": f"{symbol} ({unit})", "d": "d (Å)", "height": "height", "area": "area", "fwhm": f"FWHM ({unit})",
    }  # fmt: skip
    columns = _columns(peaks)
    table = Table(*[heads[name] for name in columns], "height/s.u.", box=None, header_style="bold")
    for column in table.columns:
        column.justify = "right"
    for i in range(len(peaks)):
        cells = [str(Estimate(float(values[i]), float(su[i]))) for values, su in columns.values()]
        table.add_row(*cells, f"{peaks.significance[i]:.1f}")
    Console().print(table)


@click.command(name="find_peaks")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--wavelength", help="CuKa, CoKa1, MoKa … or a number in Å, in place of the file's.")
@click.option("--min-significance", type=float, default=4.0, show_default=True, help="Smallest height over its s.u.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer for programs.")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated columns.")
def find_peaks(file: Path, wavelength: str | None, min_significance: float, as_json: bool, as_csv: bool) -> None:
    """List the peaks of the pattern in FILE with their standard uncertainties."""
    from anatase.errors import InputError
    from anatase.io import read
    from anatase.peaks import find_peaks as search
    from anatase.scattering.radiation import radiation_from_name

    if as_json and as_csv:
        raise InputError("both --json and --csv", "give one of them")
    pattern = read(file)
    if wavelength is not None:
        pattern = replace(pattern, radiation=radiation_from_name(wavelength))
    peaks = search(pattern, min_significance=min_significance)
    if as_json:
        click.echo(json.dumps(peaks_json(peaks, pattern), indent=2, ensure_ascii=False))
        return
    for warning in pattern.warnings:
        click.echo(f"warning: {warning}", err=True)
    if as_csv:
        click.echo(_csv(peaks), nl=False)
    elif len(peaks):
        _print_table(peaks)
    else:
        click.echo(
            f"no peaks: nothing in {pattern.name or file} stands {min_significance:g} s.u. out of the background"
        )

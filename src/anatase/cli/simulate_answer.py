"""Print and write what ``anatase simulate`` calculated: tables, JSON, CSV, files, pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from rich.console import Console

from anatase.cli.simulate_choices import Choices
from anatase.errors import InputError
from anatase.io.poni import poni_text
from anatase.io.text_file import write_bytes, write_text
from anatase.io.tiff import tiff_bytes
from anatase.io.write import WRITERS, write
from anatase.pattern.frame import Frame
from anatase.report.frame_picture import frame_png
from anatase.report.pattern_chart import pattern_svg
from anatase.report.simulation import Kind, Simulation, simulation_document
from anatase.report.simulation_table import simulation_csv, simulation_table
from anatase.report.spot_chart import spots_svg, zone_svg

__all__ = ["check_paths", "show_simulation"]

FRAMES = ("tif", "tiff", "npy", "png")
OUTPUTS: dict[Kind, tuple[str, ...]] = {
    "powder": tuple(WRITERS),
    "lines": ("csv",),
    "time_of_flight": tuple(WRITERS),
    "rings": FRAMES,
    "spots": ("csv", *FRAMES),
    "zone": ("csv", *FRAMES),
}
# the first is the usual one
PLOTS: dict[Kind, tuple[str, ...]] = {
    "powder": ("svg",),
    "time_of_flight": ("svg",),
    "rings": ("png",),
    "spots": ("svg", "png"),
    "zone": ("svg", "png"),
}
NAMED = 3  # files of a mixture that give the picture its name


def check_paths(files: Sequence[str], choices: Choices) -> Path | None:
    """Return the path of the picture, if one is asked for; see that nothing to write is in the way of anything.

    Raises
    ------
    InputError
        When a file to write has a suffix that does not fit, or is one of those that are read.
    """
    plot = None if choices.plot is None else _plot_path(files, choices)
    others = [path for path in (choices.poni, choices.tof) if path is not None]
    read = {path.resolve() for path in (*map(Path, files), *others)}
    for option, path, formats in (
        ("--output", choices.output, OUTPUTS[choices.kind]),
        ("--plot", plot, PLOTS.get(choices.kind, ())),
    ):
        if path is None:
            continue
        if path.suffix.lower().removeprefix(".") not in formats:
            known = ", ".join(f".{suffix}" for suffix in formats)
            raise InputError(f"{option} has no suffix that fits", f"give one of {known}", file=path)
        if path.resolve() in read:
            raise InputError(f"{option} is a file that is read", f"give another {option}", file=path)
    if plot is not None and choices.output is not None and plot.resolve() == choices.output.resolve():
        raise InputError("--plot and --output are one file", "give two names, or one of the options", file=plot)
    return plot


def _plot_path(files: Sequence[str], choices: Choices) -> Path:
    """Return where the picture goes: where the user says, else beside the output, under the structures' names."""
    if choices.plot and choices.plot != "-":
        return Path(choices.plot)
    suffix = PLOTS[choices.kind][0]
    if choices.output is not None:
        return choices.output.with_suffix(f".{suffix}")
    stem = "+".join(Path(file).stem for file in files[:NAMED])
    return Path(f"{stem}.{suffix}" if choices.kind == "powder" else f"{stem}_{choices.kind}.{suffix}")


def show_simulation(simulation: Simulation, choices: Choices, plot: Path | None) -> None:
    """Write the files that were asked for, then print the answer."""
    written = [] if choices.output is None else _write_output(simulation, choices.output)
    if plot is not None:
        written.append(("plot", _write_plot(simulation, plot, choices)))
    for warning in simulation.warnings:
        click.echo(f"warning: {warning}", err=True)
    if choices.as_json:
        document = simulation_document(simulation) | {"written": {what: str(path) for what, path in written}}
        click.echo(json.dumps(document, ensure_ascii=False))
    elif choices.as_csv:
        click.echo(simulation_csv(simulation), nl=False)
    elif not choices.quiet and choices.output is None:
        Console().print(simulation_table(simulation))
    for what, path in written:
        click.echo(f"{what}: {path}", err=choices.as_json or choices.as_csv)


def _write_output(simulation: Simulation, path: Path) -> list[tuple[str, Path]]:
    """Write the pattern, the columns, or the frame with its geometry; return what went where."""
    suffix = path.suffix.lower().removeprefix(".")
    if simulation.pattern is not None:
        write(simulation.pattern, path, suffix)
        return [("pattern", path)]
    if suffix == "csv":
        write_text(path, simulation_csv(simulation))
        return [("lines" if simulation.kind == "lines" else "spots", path)]
    frame = _frame_of(simulation)
    write_bytes(path, _frame_bytes(frame, suffix))
    if frame.geometry is None or suffix == "png":
        return [("frame", path)]
    geometry = path.with_suffix(".poni")
    write_text(geometry, poni_text(frame.geometry, frame.radiation))
    return [("frame", path), ("geometry", geometry)]


def _frame_of(simulation: Simulation) -> Frame:
    if simulation.frame is None:
        raise InputError("there is no frame", "give --rings, --spots or --zone")
    return simulation.frame


def _frame_bytes(frame: Frame, suffix: str) -> bytes:
    if suffix == "png":
        return frame_png(frame)
    if suffix == "npy":
        stream = io.BytesIO()
        np.save(stream, frame.image, allow_pickle=False)
        return stream.getvalue()
    return tiff_bytes(frame.image)


def _write_plot(simulation: Simulation, path: Path, choices: Choices) -> Path:
    if path.suffix.lower() == ".png":
        write_bytes(path, frame_png(_frame_of(simulation)))
    elif simulation.kind == "spots":
        write_text(path, spots_svg(simulation))
    elif simulation.kind == "zone":
        write_text(path, zone_svg(simulation))
    else:
        write_text(path, pattern_svg(simulation, square_root=choices.square_root))
    return path

"""The options of ``anatase simulate``, in the groups in which its help shows them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import click

from anatase.cli.number_list import FiniteNumber, NumberList, Texture

__all__ = ["ASKED", "GroupedCommand", "simulate_options"]

F = TypeVar("F", bound=Callable[..., Any])

# what a kind is asked for with
ASKED: dict[str, str] = {
    "powder": "a powder pattern (the default)",
    "lines": "--lines",
    "time_of_flight": "--tof",
    "rings": "--rings",
    "spots": "--spots",
    "zone": "--zone",
}
POWDER, CURVES = ("powder",), ("powder", "time_of_flight")
CONSTANT = ("powder", "lines", "rings", "spots")
FRAMES = ("rings", "spots", "zone")
LINES = ("powder", "lines", "time_of_flight")
WAVES = ("powder", "lines", "rings", "spots", "zone")


class GroupedOption(click.Option):
    """An option with the heading that the help shows it under, and the kinds of simulation it means something to."""

    def __init__(self, *args: Any, group: str, kinds: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.group, self.kinds = group, kinds


class GroupedCommand(click.Command):
    """A command whose help has a section per group of options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the sections."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                groups.setdefault(getattr(parameter, "group", "Help"), []).append(record)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)


def _group(title: str, *kinds: str) -> Callable[..., Callable[[F], F]]:
    return partial(click.option, cls=GroupedOption, group=title, kinds=kinds)


_what = _group("What to simulate (a powder pattern by default)")
_beam, _waves = _group("Radiation", *CONSTANT), _group("Radiation", *WAVES)
_crystal = _group("Structures")
_range = _group("Range")
_sample = _group("Sample", "powder", "time_of_flight", "rings")
_machine, _widths = _group("Diffractometer", *POWDER), _group("Diffractometer", "powder", "rings")
_counts = _group("Counting", *CURVES, *FRAMES)
_camera = _group("Detector", *FRAMES)
_rings, _spots = _group("Rings", "rings"), _group("Single crystal", "spots")
_zone = _group("Zone axis", "zone")
_answer = _group("Answer")
_path = click.Path(path_type=Path)
NUMBER = FiniteNumber()
PAIR = (NUMBER, NUMBER)

OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _what("--lines", "as_lines", is_flag=True, help="The list of powder lines instead of a pattern."),
    _what("--tof", type=_path, metavar="FILE", help="Neutron time of flight on a bank of a GSAS .prm or .instprm."),
    _what("--bank", type=int, metavar="N", kinds=("time_of_flight",),
          help="Number of the bank in that file; its first by default."),
    _what("--rings", is_flag=True, help="Powder rings on an area detector."),
    _what("--spots", is_flag=True, help="Spots of a single crystal, at rest or turning (--rotate)."),
    _what("--zone", type=NumberList("1,1,0", 3, whole=True), metavar="U,V,W",
          help="Electron diffraction along a zone axis."),
    _beam("--probe", type=click.Choice(["xray", "neutron", "electron"]), default="xray", show_default=True,
          help="What is diffracted."),
    _waves("--wavelength", metavar="NAME|Å",
           help="CuKa, MoKa1, CuKb …, 12.4 keV, 200 kV, or a number in Å. CuKa, 1.54 Å or 200 kV after the probe."),
    _beam("--monochromator", type=NUMBER, metavar="2θM", help="Its angle in degrees, for the polarization of X-rays."),
    _beam("--table", type=click.Choice(["IT92", "WK95"]), default="IT92", show_default=True,
          help="X-ray form factors: International Tables C, or Waasmaier & Kirfel.", kinds=("powder", "lines")),
    _beam("--no-dispersion", is_flag=True, help="Leave f′ and f″ out.", kinds=("powder", "lines", "rings")),
    _crystal("--block", metavar="NAME", help="Data block of the CIF; the first with atoms by default."),
    _crystal("--u-iso", type=NUMBER, metavar="Å²", help="U of sites for which the file gives none; 0 by default."),
    _crystal("--fractions", type=NumberList("0.3,0.7"), metavar="W,W…",
             help="Weight fractions of a mixture, in any unit; equal by default.", kinds=CURVES),
    _range("--range", "limits", type=PAIR, metavar="LOW HIGH", kinds=LINES,
           help="2θ in degrees, 5 to 90 by default (electrons: 0.1 to 2); with --tof in µs."),
    _range("--step", type=NUMBER, metavar="STEP", kinds=CURVES,
           help="In degrees, 0.02 by default (electrons: 0.001); with --tof Δt/t, 0.0005."),
    _sample("--size", type=NumberList("300", infinite=True), metavar="Å",
            help="Crystallite size; of several phases as in 300,80."),
    _sample("--strain", type=NumberList("0.1"), metavar="PERCENT",
            help="Microstrain e, as in 0.1; lines widen by 4 e tanθ, of time of flight by 2 e in Δd/d."),
    _sample("--texture", type=Texture(), multiple=True, metavar="H,K,L:R",
            help="March–Dollase: planes and r (below 1 for plates), about the normal of a plate or along a capillary. "
                 "Once for all phases, or once for each ('none')."),
    _machine("--faults", type=NumberList("0.01,0.02", 2), multiple=True, metavar="DEFORMATION,TWIN", group="Sample",
             help="Stacking faults per layer of a close-packed metal. Once for all phases, or once for each (0,0)."),
    _machine("--absorption", type=NUMBER, metavar="ΜT|ΜR", group="Sample",
             help="Of a thin plate μt, of a capillary μR, packing included; else a thick plate, a thin capillary."),
    _sample("--amorphous", type=NumberList("30,22,8"), metavar="PERCENT,X,FWHM…", kinds=CURVES,
            help="Amorphous share by weight, with halos at x of a FWHM, in units of the axis."),
    _machine("--geometry", type=click.Choice(["bragg-brentano", "debye-scherrer", "transmission"]),
             help="Flat plate, capillary, or plate in transmission. X-rays: bragg-brentano by default, else "
                  "debye-scherrer."),
    _machine("--incidence", type=NUMBER, metavar="DEG", help="Fixed angle of incidence on a film; else symmetric."),
    _widths("--fwhm", type=NUMBER, metavar="DEG",
            help="Gaussian lines of one width, in place of a laboratory instrument's."),
    _widths("--uvw", type=NumberList("0.002,-0.002,0.003", 3), metavar="U,V,W",
            help="Gaussian FWHM² = U tan²θ + V tanθ + W, deg². Lorentzian part 0 unless --xyz is given."),
    _widths("--xyz", type=NumberList("0.02,0.02,0", 3), metavar="X,Y,Z",
            help="Lorentzian FWHM = X/cosθ + Y tanθ + Z, degrees."),
    _machine("--axial", type=NumberList("0.02,0.02", 2), metavar="S/L,H/L", help="Axial divergence; none by default."),
    _machine("--zero", type=NUMBER, default=0.0, metavar="DEG", help="Zero error of 2θ."),
    _machine("--displacement", type=NUMBER, default=0.0, metavar="MM", help="Of the sample, too deep by that much."),
    _machine("--radius", type=NUMBER, default=200.0, metavar="MM", show_default=True, help="Of the goniometer."),
    _counts("--background", type=NUMBER, default=0.0, metavar="PERCENT",
            help="Constant, in percent of the highest point above it.", kinds=(*CURVES, "rings", "spots")),
    _counts("--counts", type=NUMBER, metavar="MAX", help="Counts of the highest point, with Poisson noise."),
    _counts("--seed", type=click.IntRange(min=0), default=0, metavar="N", show_default=True,
            help="Of noise, crystallites and the random orientation."),
    _camera("--poni", type=_path, metavar="FILE", help="Geometry as pyFAI keeps it."),
    _camera("--distance", type=NUMBER, metavar="MM", help="Sample to detector, in place of --poni; 100 (--zone: 500)."),
    _camera("--pixel", type=NUMBER, metavar="MM", help="Size of a pixel; 0.172 (--zone: 0.1)."),
    _camera("--shape", type=NumberList("1000,1000", 2, whole=True), metavar="ROWS,COLUMNS",
            help="Of the detector, the beam in its middle; 1000,1000."),
    _rings("--fibre", type=NumberList("1,0,0", 3), metavar="X,Y,Z",
           help="Direction of the texture: 1,0,0 up (the default), 0,0,1 along the beam."),
    _rings("--crystallites", type=NUMBER, metavar="N", help="Number in the beam, for spotty rings; else endless."),
    _spots("--rotate", type=PAIR, metavar="LOW HIGH", help="Turn about the horizontal axis, degrees; else a still."),
    _spots("--orientation", default="random", show_default=True, metavar="U,V,W:H,K,L|MATRIX|random",
           help="[uvw] to the source and hkl to the right, or nine numbers."),
    _spots("--mosaicity", type=NUMBER, default=0.1, metavar="DEG", show_default=True, help="Standard deviation."),
    _spots("--d-min", type=NUMBER, metavar="Å", kinds=("spots", "zone"),
           help="Least d; the detector's edge by default (--zone: 0.5)."),
    _zone("--voltage", type=NUMBER, metavar="KV", help="200 by default."),
    _zone("--thickness", type=NUMBER, default=100.0, show_default=True, metavar="Å", help="Of the crystal."),
    _zone("--tilt", type=NumberList("0.5,0", 2), default=(0.0, 0.0), metavar="A,B",
          help="Out of the zone, degrees about the axis to the right and the axis up."),
    _zone("--precession", type=NUMBER, default=0.0, metavar="DEG", help="Angle of a precessing beam."),
    _zone("--laue-zones", type=click.IntRange(0, 9), default=1, show_default=True, help="Highest order of Laue zone."),
    _zone("--double-diffraction", is_flag=True, help="Mark absent spots that double diffraction reaches."),
    _answer("--output", "-o", type=_path, metavar="PATH",
            help="File for the pattern (xye, csv, cif), lines or spots (csv), or frame (tif, npy, png)."),
    _answer("--plot", is_flag=False, flag_value="-", metavar="[FILE]", type=str, kinds=(*CURVES, *FRAMES),
            help="Draw it, as .svg or .png; by default beside the output, under the structure's name."),
    _answer("--sqrt", "square_root", is_flag=True, help="Draw the square root of intensities.", kinds=CURVES),
    _answer("--json", "as_json", is_flag=True, help="Print the answer for programs."),
    _answer("--csv", "as_csv", is_flag=True, help="Print comma-separated columns.", kinds=(*LINES, "spots", "zone")),
    _answer("--quiet", is_flag=True, help="Print no table and no progress."),
)  # fmt: skip


def simulate_options(command: Any) -> Any:
    """Give a command the options of ``anatase simulate``."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command

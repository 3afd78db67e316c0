"""Scans of TOPAS input files in our terms: radiation, instrument, background, and where their numbers go."""

from __future__ import annotations

from collections.abc import Sequence
from math import degrees, log
from pathlib import Path, PureWindowsPath
from typing import Any, cast

from anatase.errors import InputError
from anatase.io.foreign import ForeignDiffractometer, ForeignHistogram
from anatase.io.phase_widths import PhaseWidths
from anatase.io.read import read
from anatase.io.topas_content import TopasContent, TopasPhase, TopasScan
from anatase.io.topas_emission import COPPER, radiation_of_lines
from anatase.io.topas_model import Placed
from anatase.io.topas_parameter import TopasNumber
from anatase.pattern.background_model import BackgroundModel
from anatase.scattering.radiation import Probe, Radiation
from anatase.simulation.instrument import Geometry, Instrument

__all__ = ["scan_histogram", "scan_radiation"]

MM_PER_CM = 10.0
WHOLE_CIRCLE = (0.0, 180.0)
HAT_TO_GAUSS = 8.0 * log(2.0) / 12.0  # FWHM² of the Gaussian that varies as much as a slit of width 1
# what each width of TCHZ_Peak_Type is here: X of TOPAS goes with tan θ
WIDTH_TARGETS = {"U": "gauss_u", "V": "gauss_v", "W": "gauss_w", "X": "lorentz_y", "Y": "lorentz_x"}


def scan_radiation(content: TopasContent, scan: TopasScan) -> Radiation:
    """Return the radiation of a scan; without emission lines that of a copper tube, with a warning."""
    lines, name = tuple(scan.lines), scan.emission
    if not lines:
        content.at(scan.line, "the scan names no wavelength: CuKa2 taken")
        lines, name = COPPER["CuKa2"], "CuKa2"
    if any(not wavelength > 0.0 for _, wavelength, _ in lines):
        raise content.text.source.error("an emission line has no wavelength", "give it by lo, in angstrom", scan.line)
    if scan.probe == "xray" and scan.lp is None:
        content.at(scan.line, "no LP_Factor: the beam counts as polarized across the plane of diffraction")
    return radiation_of_lines(lines, cast("Probe", scan.probe), scan.lp, name or f"{lines[0][1]:g} Å")


def scan_histogram(
    content: TopasContent, scan: TopasScan, name: str, radiation: Radiation, widths: PhaseWidths, folder: Path
) -> tuple[ForeignHistogram, list[Placed]]:
    """Return a scan as a histogram, with the widths that all its phases share, and the places of its numbers."""
    values = {key: content.value(number) for key, number in scan.numbers.items() if key not in ("zero",)}
    values["zero"] = _zero(content, scan)
    limits, ends = _ranges(content, scan, values, folder)
    instrument = _instrument(content, scan, values, _geometry(scan, radiation), widths)
    background = BackgroundModel(ends, tuple(content.value(one) for one in scan.background), values.get("inverse", 0.0))
    histogram = ForeignHistogram(
        name,
        ForeignDiffractometer(radiation, instrument),
        background,
        scan.file,
        limits=limits,
        excluded=tuple(scan.excluded),
    )
    return histogram, _placed(scan, name, instrument.radius, scan.phases)


def _instrument(
    content: TopasContent, scan: TopasScan, values: dict[str, float], geometry: Geometry, widths: PhaseWidths
) -> Instrument:
    """Return the instrument: widths with those of a slit, axial divergence, shifts."""
    radius = scan.radii[1]
    if not radius > 0.0:
        raise content.text.source.error(f"the radius is {radius:g} mm", "give that of the goniometer", scan.line)
    half = {key: values[key] / (2.0 * radius) for key in ("axial", "sample_length", "slit_length") if key in values}
    s, h = half.get("axial", half.get("sample_length", 0.0)), half.get("axial", half.get("slit_length", 0.0))
    if not 0.0 < min(s, h) <= max(s, h) <= 0.5:
        s = h = 0.0
    slit = 0.0
    if values.get("slit"):
        slit = HAT_TO_GAUSS * degrees(values["slit"] / radius) ** 2
        content.at(scan.numbers["slit"].line, "Slit_Width: taken as a Gaussian of the same variance, in W")
    changes: dict[str, Any] = {}
    if geometry == "bragg_brentano" and values.get("absorption", 0.0) > 0.0:
        changes["penetration"] = MM_PER_CM / values["absorption"]
        content.at(scan.numbers["absorption"].line, "Absorption: shifts the lines; their width by it is left out")
    return Instrument(
        geometry,
        widths.gauss_u,
        widths.gauss_v,
        widths.gauss_w + slit,
        widths.lorentz_x,
        widths.lorentz_y,
        widths.lorentz_z,
        s,
        h,
        values["zero"],
        values.get("displacement", 0.0),
        radius=radius,
        **changes,
    )


def _zero(content: TopasContent, scan: TopasScan) -> float:
    """Return the zero error; an offset that depends on the angle is told of and left out."""
    number = scan.numbers.get("zero")
    if number is None:
        return 0.0
    try:
        return content.names.value(number)
    except InputError:
        content.at(number.line, f"th2_offset = {number.equation}; depends on more than numbers: left out")
        del scan.numbers["zero"]
        return 0.0


def _geometry(scan: TopasScan, radiation: Radiation) -> Geometry:
    """Return a capillary where one is corrected for, for neutrons and for synchrotrons, else a flat plate."""
    synchrotron = len(radiation.lines) == 1 and (scan.lp is None or scan.lp == 90.0)
    if "capillary" in scan.numbers or scan.probe == "neutron":
        return "debye_scherrer"
    return "debye_scherrer" if synchrotron and "displacement" not in scan.numbers else "bragg_brentano"


def _ranges(
    content: TopasContent, scan: TopasScan, values: dict[str, float], folder: Path
) -> tuple[tuple[float, float] | None, tuple[float, float]]:
    """Return the fitted range where the file states it, and the ends to which the background polynomial is scaled."""
    start, finish = values.get("start_X"), values.get("finish_X")
    low, high = WHOLE_CIRCLE
    if start is None or finish is None:
        try:
            measured = read(folder / PureWindowsPath(scan.file).as_posix()) if scan.file else None
        except (InputError, OSError):  # a name that no file can have
            measured = None
        if measured is not None:
            low, high = float(measured.x[0]), float(measured.x[-1])
        elif scan.background:
            content.at(scan.line, "the ends of the data are not known: background scaled from 0 to 180 deg")
    ends = (low if start is None else start, high if finish is None else finish)
    if not ends[0] < ends[1]:
        raise content.text.source.error(f"the range from {ends[0]:g} to {ends[1]:g} is empty", "correct it", scan.line)
    return (None if start is None and finish is None else ends), ends


def _placed(scan: TopasScan, name: str, radius: float, phases: Sequence[TopasPhase]) -> list[Placed]:
    numbers = scan.numbers
    direct = {"zero": "zero", "displacement": "displacement", "inverse": "background.inverse", "lo": "wavelength"}
    found = [Placed(numbers[key], f"{name}.{target}") for key, target in direct.items() if key in numbers]
    found += [Placed(number, f"{name}.background.chebyshev_{k}") for k, number in enumerate(scan.background)]
    for key, targets in (("axial", ("s_over_l", "h_over_l")), ("sample_length", ("s_over_l",))):
        if key in numbers:
            found += [Placed(numbers[key], f"{name}.{target}", 0.5 / radius) for target in targets]
    typed = next((phase for phase in phases if phase.pseudo_voigt or "U" in phase.numbers), None)
    if typed is not None:
        for key, target in WIDTH_TARGETS.items():
            if key in typed.numbers:
                found.append(Placed(typed.numbers[key], f"{name}.{target}", 1.0, typed.numbers))
        widths = typed.pseudo_voigt[:3]
        if any(number.refined for number in widths):
            # three widths of one shape become three squares and three mixed parts: each is free for itself
            free = [TopasNumber(typed.line, f"@{target}", 0.0, refined=True) for target in WIDTH_TARGETS.values()]
            found += [Placed(number, f"{name}.{number.key[1:]}") for number in free]
    return found

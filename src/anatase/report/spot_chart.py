"""Spots as pictures: those of a single crystal on a detector, and zone-axis patterns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.report.markup import tagged, text_html
from anatase.report.notation import formula_text, radiation_text
from anatase.report.simulation import Simulation
from anatase.report.svg import (
    FAINT,
    INK,
    SOFT,
    Panel,
    hkl_svg,
    line_svg,
    nice_ticks,
    page,
    phase_colours,
    polyline,
    text_svg,
    title_svg,
)
from anatase.simulation.zone_axis import ZonePattern

__all__ = ["spots_svg", "zone_svg"]

Array = NDArray[np.float64]

SIZE, MARGIN, TOP = 640.0, 76.0, 64.0
LARGEST, SMALLEST = 7.0, 0.8  # radii of spots on a detector, pixels
ZONE_REACH = 300.0  # pixels from the middle to the farthest spot
FAINTEST, LABELLED = 1e-5, 1e-3  # of the strongest spot of a zone: drawn, and with its indices
LABEL_ROOM = 30.0  # pixels between spots that all carry their indices
CIRCLES = 4  # of equal resolution


def spots_svg(simulation: Simulation) -> str:
    """Return the spots of a single crystal on its detector, seen from the sample, as an SVG document.

    The area of a spot grows with the square root of its intensity; dashed circles mark d. Hover to read hkl.

    Raises
    ------
    InputError
        When no spot falls on the detector.
    """
    spots, frame = simulation.spots, simulation.frame
    if spots is None or frame is None or frame.geometry is None or not len(spots):
        raise InputError("no spot falls on the detector", "bring it closer, or turn the crystal further")
    geometry = frame.geometry
    rows, columns = geometry.shape
    width, height = np.array([columns, rows]) * SIZE / max(geometry.shape)
    box = (MARGIN, TOP, float(width), float(height))
    panel = Panel(box, (-0.5, columns - 0.5), (-0.5, rows - 0.5))
    radius = np.maximum(LARGEST * (spots.intensity / spots.intensity.max()) ** 0.25, SMALLEST)
    marks = []
    for i in np.argsort(-spots.intensity, kind="stable"):
        hkl = " ".join(str(index) for index in spots.hkl[i])
        turn = f", φ = {spots.phi[i]:.2f}°" if simulation.turn is not None else ""
        share = 100.0 * spots.intensity[i] / spots.intensity.max()
        said = title_svg(f"{hkl}: d = {spots.d_spacing[i]:.4f} Å{turn}, I = {share:.3g} %")
        place = (float(panel.x(spots.x[i])), float(panel.y(spots.y[i])))
        marks.append(_circle(*place, float(radius[i]), said))
    said = radiation_text(simulation.radiation)
    if simulation.turn is not None:
        said += ", φ = {:g} to {:g}°".format(*simulation.turn)
    content = [
        _heads(f"{simulation.name}, {len(spots)} spots", said, MARGIN),
        tagged("g", "".join(marks), fill=INK),
        _resolution(geometry, panel, simulation),
        panel.frame(),
        panel.x_axis("column (pixels)", 6),
        panel.y_axis("row (pixels)", count=6),
    ]
    return page(width + 2.0 * MARGIN, TOP + height + 60.0, f"spots of {simulation.name}", "".join(content))


def _circle(x: float, y: float, radius: float, inside: str = "", **attributes: str) -> str:
    return tagged("circle", inside, cx=f"{x:.2f}", cy=f"{y:.2f}", r=f"{radius:.2f}", **attributes)


def _heads(title: str, said: str, left: float) -> str:
    head = text_svg(left, 24.0, text_html(title), style="font-size:15px")
    return head + text_svg(left, 44.0, text_html(said), style=f"fill:{SOFT}")


def _resolution(geometry: DetectorGeometry, panel: Panel, simulation: Simulation) -> str:
    """Return circles of equal d, with their numbers, and a cross in the beam."""
    if simulation.radiation is None:
        return ""
    wavelength, parts = simulation.radiation.wavelength, []
    low, high = geometry.two_theta_range
    chi = np.linspace(-180.0, 180.0, 241)
    for two_theta in np.linspace(low, high, CIRCLES + 2)[1:-1]:
        row, column = geometry.pixel_of_angles(np.full(chi.size, two_theta), chi)
        inside = geometry.holds(row, column)
        starts = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int64), [0]])))
        for first, last in zip(starts[::2], starts[1::2], strict=True):
            if last - first > 1:
                curve = (panel.x(column[first:last]), panel.y(row[first:last]))
                parts.append(polyline(*curve, class_="curve", stroke=FAINT, stroke_dasharray="4 4"))
        top = int(np.argmin(np.abs(chi - 90.0)))
        if inside[top]:
            d = wavelength / (2.0 * np.sin(np.radians(two_theta) / 2.0))
            place = (float(panel.x(column[top])), float(panel.y(row[top])) - 3.0)
            parts.append(text_svg(*place, f"{d:.2f} Å", "middle", class_="small halo", style=f"fill:{SOFT}"))
    row, column = geometry.pixel_of_direction(np.array([0.0, 0.0, 1.0]))
    if geometry.holds(row, column):
        x, y = float(panel.x(column)), float(panel.y(row))
        cross = line_svg(x - 8.0, y, x + 8.0, y) + line_svg(x, y - 8.0, x, y + 8.0)
        parts.append(tagged("g", cross, stroke=phase_colours()[0], stroke_width="1.4"))
    return "".join(parts)


def zone_svg(simulation: Simulation) -> str:
    """Return a zone-axis pattern with its indices as an SVG document.

    Spots of the zero-order Laue zone are black, of higher ones coloured; those that only double diffraction reaches are
    crosses. The area of a spot grows with the square root of its intensity.

    Raises
    ------
    InputError
        When the pattern has no spots.
    """
    zone = simulation.zone
    if zone is None or not len(zone):
        raise InputError("the zone has no spots to draw", "give a smaller d_min or a thinner crystal")
    shown = np.flatnonzero((zone.intensity >= FAINTEST * zone.intensity.max()) | zone.double_diffraction)
    across = np.hypot(*zone.position[shown].T)
    scale = ZONE_REACH / float(across.max())
    spacing = scale * float(across[zone.laue_zone[shown] == 0].min())  # above, spots may project into the beam
    largest = min(12.0, 0.3 * spacing)
    side = 2.0 * ZONE_REACH + 80.0
    middle = (side / 2.0, ZONE_REACH + TOP + 26.0)
    places = middle + scale * zone.position * (1.0, -1.0)
    size = min(11.0, 0.3 * spacing) if spacing > LABEL_ROOM else 9.0
    structure, name = simulation.phases[0].structure, text_html(simulation.phases[0].name)
    head = f"{name} {text_html(formula_text(structure.formula))}, zone axis [{hkl_svg(zone.zone)}]"
    beam = title_svg("direct beam")
    order = [int(i) for i in shown]  # by intensity, so that reversed the strong ones come on top
    marks = "".join(_zone_mark(zone, i, places[i], largest) for i in reversed(order))
    labels = "".join(_zone_label(zone, i, places[i], largest, spacing) for i in order)
    content = [
        text_svg(40.0, 24.0, head, style="font-size:15px"),
        text_svg(40.0, 44.0, f"{text_html(radiation_text(simulation.radiation))}; kinematic", style=f"fill:{SOFT}"),
        marks,
        _circle(*middle, largest, beam, fill="none", stroke=INK, stroke_width="1.2"),
        tagged("g", labels, style=f"font-size:{size:.1f}px"),
        _scale_bar(scale, side),
    ]
    return page(side, side + TOP + 36.0, f"zone axis pattern of {simulation.name}", "".join(content))


def _radius(zone: ZonePattern, i: int, largest: float) -> float:
    return float(max(largest * (zone.intensity[i] / zone.intensity.max()) ** 0.25, 0.9))


def _zone_mark(zone: ZonePattern, i: int, place: Array, largest: float) -> str:
    """Return a spot that tells what it is: a disc, or a cross where only double diffraction reaches."""
    x, y = map(float, place)
    hkl = " ".join(str(index) for index in zone.hkl[i])
    text = f"{hkl}: d = {zone.d_spacing[i]:.4f} Å, s = {zone.excitation_error[i]:+.4f} Å⁻¹"
    said = title_svg(f"{text}, I/I₀ = {zone.intensity[i]:.3g}")
    if zone.double_diffraction[i]:
        arm = 0.35 * largest + 1.0
        cross = line_svg(x - arm, y - arm, x + arm, y + arm) + line_svg(x - arm, y + arm, x + arm, y - arm)
        return tagged("g", said + cross, stroke=SOFT, stroke_width="1.3")
    order = abs(int(zone.laue_zone[i]))
    colours = phase_colours()
    return _circle(x, y, _radius(zone, i, largest), said, fill=colours[(order - 1) % len(colours)] if order else INK)


def _zone_label(zone: ZonePattern, i: int, place: Array, largest: float, spacing: float) -> str:
    """Return the indices under a spot of the zero-order zone: all that are not faint, where crowded only low ones."""
    hkl = zone.hkl[i]
    told = zone.intensity[i] >= LABELLED * zone.intensity.max() or bool(zone.double_diffraction[i])
    low = spacing > LABEL_ROOM or int(np.abs(hkl).max()) <= 2
    if zone.laue_zone[i] != 0 or not told or not low:
        return ""
    x, y = map(float, place)
    return text_svg(x, y + _radius(zone, i, largest) + 12.0, hkl_svg(hkl.tolist()), "middle", class_="halo")


def _scale_bar(scale: float, side: float) -> str:
    length = nice_ticks(0.0, 120.0 / scale, 2)[-1]
    x, y = 40.0, side + TOP + 10.0
    bar = line_svg(x, y, x + length * scale, y, stroke=INK, stroke_width="3")
    return bar + text_svg(x + length * scale + 10.0, y + 4.5, f"{length:g} Å⁻¹")

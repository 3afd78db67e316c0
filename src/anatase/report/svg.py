"""Pictures as SVG for print and screen: the page, its style, axes, symbols of the field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from math import ceil, floor, log10

import numpy as np
from numpy.typing import NDArray

from anatase.report.markup import tagged, text_html

__all__ = ["Panel", "hkl_svg", "line_svg", "nice_ticks", "page", "phase_colours", "polyline", "text_svg", "title_svg"]

Array = NDArray[np.float64]
FONT = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
INK, SOFT, FAINT = "#16191d", "#5a6370", "#b5bcc6"
TICK = 5.0  # length, pixels
LETTER = 0.62  # mean width of a digit over the size of the font, generous


@cache
def phase_colours() -> tuple[str, ...]:
    """Return the colours of phases: those of the report on paper, told apart by the colour-blind."""
    style = resources.files("anatase.report").joinpath("data/report.css").read_text("utf-8")
    found = dict(reversed(re.findall(r"--phase-(\d): (#[0-9a-f]{6})", style)))  # the first is that of paper
    return tuple(found[key] for key in sorted(found))


def page(width: float, height: float, title: str, content: str) -> str:
    """Return a whole SVG document on white."""
    style = (
        f"text{{fill:{INK}}}"
        ".axis{stroke:#16191d;stroke-width:1;fill:none}.curve{fill:none;stroke-linejoin:round}"
        ".hit{stroke:transparent;stroke-width:7;fill:none}.small{font-size:11px}.halo{paint-order:stroke;stroke:#ffffff;stroke-width:3px}"
    )
    head = tagged("title", text_html(title)) + tagged("style", style)
    paper = tagged("rect", "", width="100%", height="100%", fill="#ffffff")
    body = head + paper + content
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="{FONT}" font-size="13" role="img">{body}</svg>\n'
    )


def text_svg(x: float, y: float, content: str, anchor: str = "start", **attributes: str) -> str:
    """Return ready markup as a text; ``anchor`` is start, middle or end."""
    return tagged("text", content, x=f"{x:.2f}", y=f"{y:.2f}", text_anchor=anchor, **attributes)


def line_svg(x1: float, y1: float, x2: float, y2: float, **attributes: str) -> str:
    """Return a straight line."""
    ends = {"x1": f"{x1:.2f}", "y1": f"{y1:.2f}", "x2": f"{x2:.2f}", "y2": f"{y2:.2f}"}
    return tagged("line", "", **ends, **attributes)


def polyline(x: Array, y: Array, **attributes: str) -> str:
    """Return a curve through points (n,) in pixels."""
    points = " ".join(f"{a:.2f},{b:.2f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
    return tagged("polyline", "", points=points, **attributes)


def title_svg(text: str) -> str:
    """Return what shows when the pointer rests on an element."""
    return tagged("title", text_html(text))


def hkl_svg(hkl: Sequence[int]) -> str:
    """Return indices as in print: negative ones overlined, apart where one has two digits."""
    gap = " " if any(abs(index) > 9 for index in hkl) else ""
    parts = [
        tagged("tspan", str(-index), text_decoration="overline") if index < 0 else str(index)
        for index in map(int, hkl)
    ]  # fmt: skip
    return gap.join(parts)


def nice_ticks(low: float, high: float, count: int = 8) -> list[float]:
    """Return about ``count`` round numbers from low to high: steps of 1, 2, 5 times a power of ten.

    Examples
    --------
    >>> nice_ticks(5.0, 90.0)
    [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0]
    """
    raw = (high - low) / count
    power = 10.0 ** floor(log10(raw))
    step = power * next(factor for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= 0.75 * raw)
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [round(k * step, 12) for k in range(first, last + 1)]


class Panel:
    """A frame on the page with linear axes: where data come to lie, in pixels."""

    def __init__(self, box: tuple[float, float, float, float], x: tuple[float, float], y: tuple[float, float]) -> None:
        self.left, self.top, self.width, self.height = box
        self.x_range, self.y_range = x, y

    def x(self, values: Array | float) -> Array:
        """Return pixels along the page."""
        low, high = self.x_range
        return np.asarray(self.left + (np.asarray(values) - low) / (high - low) * self.width)

    def y(self, values: Array | float) -> Array:
        """Return pixels down the page."""
        low, high = self.y_range
        return np.asarray(self.top + self.height - (np.asarray(values) - low) / (high - low) * self.height)

    def frame(self) -> str:
        """Return the box."""
        sides = {"x": self.left, "y": self.top, "width": self.width, "height": self.height}
        return tagged("rect", "", class_="axis", **{name: f"{value:.2f}" for name, value in sides.items()})

    def x_axis(self, label: str, count: int = 10) -> str:
        """Return ticks, numbers and the label under the box."""
        bottom, parts = self.top + self.height, []
        for tick in nice_ticks(*self.x_range, count):
            x = float(self.x(tick))
            parts.append(line_svg(x, bottom, x, bottom - TICK, class_="axis"))
            parts.append(text_svg(x, bottom + 18.0, _number(tick), "middle"))
        parts.append(text_svg(self.left + self.width / 2.0, bottom + 40.0, text_html(label), "middle"))
        return "".join(parts)

    def y_axis(self, label: str, lowest: float = -np.inf, count: int = 6) -> str:
        """Return ticks, numbers (large ones in powers of ten; none below ``lowest``) and the label left of the box."""
        ticks = [tick for tick in nice_ticks(*self.y_range, count) if tick >= lowest]
        power = floor(log10(max(abs(tick) for tick in ticks))) if any(ticks) else 0
        power = power if power >= 4 or power < -2 else 0
        parts = []
        for tick in ticks:
            y = float(self.y(tick))
            parts.append(line_svg(self.left, y, self.left + TICK, y, class_="axis"))
            parts.append(text_svg(self.left - 8.0, y + 4.5, _number(tick / 10.0**power), "end"))
        if power:
            label += f" / 10{str(power).translate(SUPERSCRIPTS)}"
        middle, at = self.top + self.height / 2.0, self.left - 52.0
        turned = f"rotate(-90 {at:.2f} {middle:.2f})"
        parts.append(text_svg(at, middle, text_html(label), "middle", transform=turned))
        return "".join(parts)


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "−")

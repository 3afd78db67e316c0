"""The geometry of a detector as pyFAI keeps it: ``.poni`` files."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

from anatase.io.source import Source, open_source
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.scattering.radiation import Radiation

__all__ = ["poni_text", "read_poni"]

LINE = re.compile(r"^\s*([A-Za-z]\w*)\s*:\s*(.*?)\s*$")
PLAIN_ORIENTATIONS = (0, 3)  # row 0, column 0 at the corner that poni1 and poni2 are counted from


def read_poni(
    path: str | Path, pixel: float | None = None, shape: tuple[int, int] | None = None
) -> tuple[DetectorGeometry, float | None]:
    """Return the geometry in a ``.poni`` file (versions 1 and 2) and the wavelength in Å, ``None`` where it has none.

    Of a key that stands twice the last counts, as pyFAI appends to these files. Pixel (m) and shape stand in for those
    of a detector that the file only names.

    Raises
    ------
    InputError
        When the file is no .poni, lacks distance, pixel or shape, or has the image turned.
    """
    source = open_source(path)
    found: dict[str, tuple[int, str]] = {}
    for number, line in enumerate(source.lines if source.is_text else (), start=1):
        match = None if line.lstrip().startswith("#") else LINE.match(line)
        if match:
            found[match.group(1).lower()] = (number, match.group(2))
    if "distance" not in found or "poni1" not in found:
        raise source.error("this is no .poni file", "give one that pyFAI wrote, or --distance, --pixel and --shape")
    config = _config(source, found)
    sizes = (pixel, pixel) if pixel is not None else _sizes(source, found, config)
    lengths = shape if shape is not None else _shape(source, config)
    distance, poni1, poni2 = (_number(source, found, name) for name in ("distance", "poni1", "poni2"))
    rot1, rot2, rot3 = (_number(source, found, name) for name in ("rot1", "rot2", "rot3"))
    geometry = DetectorGeometry(distance, poni1, poni2, *sizes, lengths, rot1, rot2, rot3)
    wavelength = _number(source, found, "wavelength") * 1e10
    return geometry, wavelength if wavelength > 0.0 else None


def poni_text(geometry: DetectorGeometry, radiation: Radiation | None = None) -> str:
    """Return the ``.poni`` file (version 2.1) of a geometry, which pyFAI and Dioptas read.

    Examples
    --------
    >>> print(poni_text(DetectorGeometry.facing(0.1, (4.5, 4.5), 1e-3, (10, 10))).splitlines()[3])
    Distance: 0.1
    """
    config = {"pixel1": geometry.pixel1, "pixel2": geometry.pixel2, "max_shape": list(geometry.shape), "orientation": 3}
    lines = ["poni_version: 2.1", "Detector: Detector", f"Detector_config: {json.dumps(config)}"]
    values = {
        "Distance": geometry.distance, "Poni1": geometry.poni1, "Poni2": geometry.poni2,
        "Rot1": geometry.rot1, "Rot2": geometry.rot2, "Rot3": geometry.rot3,
    }  # fmt: skip
    lines += [f"{name}: {float(value)!r}" for name, value in values.items()]
    if radiation is not None:
        lines.append(f"Wavelength: {radiation.wavelength * 1e-10!r}")
    return "\n".join(lines) + "\n"


def _number(source: Source, found: dict[str, tuple[int, str]], name: str) -> float:
    line, text = found.get(name, (0, "0"))
    if text.lower() in ("", "none"):
        return 0.0
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise source.error(f"{name} is '{text}'", "give a number", line)
    return value


def _config(source: Source, found: dict[str, tuple[int, str]]) -> dict[str, Any]:
    line, text = found.get("detector_config", (0, "{}"))
    try:
        config = json.loads(text)
    except json.JSONDecodeError as error:
        raise source.error("Detector_config is no JSON", "correct it", line) from error
    if not isinstance(config, dict):
        raise source.error("Detector_config is no JSON object", "correct it", line)
    orientation = config.get("orientation", 3)
    if orientation not in PLAIN_ORIENTATIONS:
        raise source.error(f"the image is turned: orientation {orientation}", "give a geometry of orientation 3", line)
    return config


def _sizes(source: Source, found: dict[str, tuple[int, str]], config: dict[str, Any]) -> tuple[float, float]:
    """Return the size of a pixel between rows and between columns, m: version 2 has it in a JSON, version 1 plain."""
    sizes: list[float] = []
    for name, old in (("pixel1", "pixelsize1"), ("pixel2", "pixelsize2")):
        stated = config.get(name)
        sizes.append(float(stated) if isinstance(stated, int | float) else _number(source, found, old))
    if min(sizes) <= 0.0:
        named = found.get("detector", (0, "unknown"))[1]
        raise source.error(f"the pixels of the detector {named} are not stated", "give --pixel, and --shape")
    return sizes[0], sizes[1]


def _shape(source: Source, config: dict[str, Any]) -> tuple[int, int]:
    shape = config.get("max_shape")
    if not isinstance(shape, list) or len(shape) != 2 or not all(isinstance(n, int) for n in shape):
        raise source.error("the detector's rows and columns are not stated", "give --shape")
    return shape[0], shape[1]

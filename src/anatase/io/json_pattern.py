"""JSON objects with an axis and intensities under names that say which is which."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from anatase.io.column_names import axis_of, is_intensity, is_sigma
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import plausible, radiation_from_number, tube_radiation
from anatase.scattering.radiation import Radiation

__all__ = ["is_json", "read_json"]

MAX_DEPTH = 6


def is_json(source: Source) -> bool:
    """Whether the text starts like a JSON object or list of objects."""
    return re.match(rb'^\s*(\{\s*"|\[\s*\{\s*"|\[\s*\[)', source.head.removeprefix(b"\xef\xbb\xbf")) is not None


def read_json(source: Source) -> tuple[Scan, ...]:
    """Read every object that has an axis and intensities of one length."""
    try:
        document = json.loads(source.text)
    except json.JSONDecodeError as error:
        raise source.error(
            f"the JSON is damaged ({error.msg})", "the file looks truncated; export it again", line=error.lineno
        ) from error
    except (RecursionError, ValueError) as error:
        raise source.error(
            "the JSON cannot be read: nested too deeply or with a number too long", "export it again"
        ) from error
    radiation, said = radiation_in(document)
    scans = [scan_of(node, radiation, said) for node in objects(document)]
    found = tuple(scan for scan in scans if scan is not None)
    if not found and isinstance(document, list) and is_table(document):
        table = np.asarray(document, dtype=np.float64)
        found = (Scan(table[:, 0], table[:, 1], radiation=radiation, warnings=said, metadata={"format": "JSON"}),)
    if not found:
        raise source.error(
            "the JSON holds no axis with intensities", 'name them, as in {"two_theta": [...], "intensity": [...]}'
        )
    return found


def objects(node: Any, depth: int = 0) -> list[dict[str, Any]]:
    """Return all objects down to a depth."""
    if depth > MAX_DEPTH:
        return []
    if isinstance(node, dict):
        return [node, *(found for value in node.values() for found in objects(value, depth + 1))]
    if isinstance(node, list) and len(node) < 10_000:
        return [found for value in node if isinstance(value, (dict, list)) for found in objects(value, depth + 1)]
    return []


def is_numbers(value: Any) -> bool:
    """Whether a value is a list of at least three numbers."""
    return (
        isinstance(value, list)
        and len(value) > 2
        and all(type(item) in (int, float) and abs(item) < 1e300 for item in value)
    )


def is_table(document: list[Any]) -> bool:
    """Whether a list holds pairs of numbers."""
    return len(document) > 2 and all(
        isinstance(row, list) and len(row) == 2 and all(type(v) in (int, float) for v in row) for row in document
    )


def scan_of(node: dict[str, Any], radiation: Radiation | None, said: tuple[str, ...]) -> Scan | None:
    """Return the scan that an object holds, ``None`` where it holds none."""
    lists = {key: value for key, value in node.items() if is_numbers(value)}
    named = [(key, axis_of(key)) for key in lists]
    if "x" in lists:
        named.append(("x", axis_of(str(node.get("axis", "two_theta")))))
    axes = [(key, found.axis, found.scale) for key, found in named if found is not None and found.axis is not None]
    if not axes:
        return None
    key, axis, scale = axes[0]
    y = next((name for name in lists if name != key and is_intensity(name)), "y" if "y" in lists else "")
    if not y:
        return None
    sigma = next((lists[name] for name in lists if name not in (key, y) and is_sigma(name)), None)
    x = np.asarray(lists[key], dtype=np.float64) * scale
    return Scan(x, lists[y], sigma, axis=axis, radiation=radiation, warnings=said, metadata={"format": "JSON"})


def radiation_in(document: Any) -> tuple[Radiation | None, tuple[str, ...]]:
    """Return the radiation from any wavelength named in the document or in JSON text inside it."""
    values: dict[str, float] = {}
    for node in objects(document):
        for key, value in node.items():
            if isinstance(value, str) and "wavelength" in value.lower() and value.lstrip().startswith("{"):
                value = dict(re.findall(r"(\w*wavelength\w*)\W+(\d+\.?\d*)", value.replace("\\", ""), re.IGNORECASE))
            inner = value if isinstance(value, dict) else {key: value}
            for name, number in inner.items():
                if "wavelength" in str(name).lower() and isinstance(number, (int, float, str)):
                    match = re.fullmatch(r"\s*(\d+\.?\d*)\s*(?:Å|A|angstrom)?\s*", str(number))
                    if match and plausible(float(match.group(1))):
                        values.setdefault(str(name).lower(), float(match.group(1)))
    first = next((value for name, value in values.items() if "second" not in name and "2" not in name), 0.0)
    second = next((value for name, value in values.items() if "second" in name or "2" in name), 0.0)
    if first and second:
        return tube_radiation(first, second), ()
    return radiation_from_number(first)

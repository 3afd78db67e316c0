"""NeXus and other HDF5 files: the one-dimensional NXdata groups."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.column_names import axis_of
from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import plausible, radiation_from_number

__all__ = ["HDF5_MAGIC", "read_nexus"]

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
MAX_POINTS = 50_000_000
MAX_OBJECTS = 100_000


def read_nexus(source: Source) -> tuple[Scan, ...]:
    """Read every NXdata group whose signal is one-dimensional."""
    import h5py

    try:
        with h5py.File(io.BytesIO(source.data), "r") as file:
            groups: list[Any] = []
            file.visititems(
                lambda _, item: (
                    groups.append(item) if isinstance(item, h5py.Group) and len(groups) < MAX_OBJECTS else None
                )
            )
            groups = [
                group
                for group in (file, *groups)
                if text(group.attrs.get("NX_class")) == "NXdata" or "signal" in group.attrs
            ]
            images = [group for group in groups if signal_of(group) is not None and signal_of(group).ndim > 1]
            scans = [scan for group in groups if (scan := data_scan(group, source)) is not None]
            wavelength = wavelength_in(file)
    except (OSError, RuntimeError, KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
        raise source.error(f"the HDF5 file is damaged ({str(error)[:120]})", "copy the file again") from error
    if not scans:
        what = "two-dimensional frames only" if images else "no one-dimensional NXdata"
        raise source.error(
            f"the HDF5 file holds {what}", "integrate frames first, or name signal and axes in an NXdata group"
        )
    radiation, said = radiation_from_number(wavelength)
    for scan in scans:
        if scan.axis == "two_theta":
            scan.radiation, scan.warnings = radiation, scan.warnings + said
    return tuple(scans)


def text(value: Any) -> str:
    """Return an attribute as text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, np.ndarray):
        return text(value.reshape(-1)[0]) if value.size else ""
    return "" if value is None else str(value)


def signal_of(group: Any) -> Any:
    """Return the signal data set of a group, ``None`` where it names none."""
    name = text(group.attrs.get("signal"))
    if name in group and hasattr(group[name], "shape"):
        return group[name]
    for item in group.values():
        if hasattr(item, "shape") and text(item.attrs.get("signal")) == "1":
            return item
    return None


def axis_name(group: Any, signal: Any) -> str:
    """Return the name of the first axis."""
    axes = group.attrs.get("axes", signal.attrs.get("axes"))
    if isinstance(axes, np.ndarray):
        axes = axes.reshape(-1)[0] if axes.size else ""
    return text(axes).split(":")[0].split(",")[0].strip("[] ")


def data_scan(group: Any, source: Source) -> Scan | None:
    """Return the scan of one NXdata group, ``None`` where its signal is not one-dimensional."""
    signal = signal_of(group)
    if signal is None or signal.ndim != 1 or not 3 <= signal.size <= MAX_POINTS:
        return None
    name = axis_name(group, signal)
    if name not in group or group[name].ndim != 1:
        return None
    units = text(group[name].attrs.get("units"))
    found = axis_of(f"{name} ({units})") or axis_of(f"{text(group[name].attrs.get('long_name'))} ({units})")
    if found is None or found.axis is None:
        foreign = found.foreign if found is not None else "unknown"
        raise source.error(f"the axis '{name}' in {units or 'no units'} is {foreign}", "give a diffraction pattern")
    x = numbers(group[name]) * found.scale
    if len(x) == signal.size + 1:
        x = (x[1:] + x[:-1]) / 2
    sigma = next(
        (numbers(group[key]) for key in ("errors", f"{signal.name.rpartition('/')[2]}_errors") if key in group), None
    )
    return Scan(x, numbers(signal), sigma, axis=found.axis, metadata={"format": "NeXus", "sample": group.name})


def numbers(item: Any) -> NDArray[np.float64]:
    """Return a data set as float64."""
    return np.asarray(item[()], dtype=np.float64)


def wavelength_in(file: Any) -> float:
    """Return the first scalar called wavelength (Å, or nm where it says so), 0 where there is none."""
    found: list[float] = []

    def visit(path: str, item: Any) -> None:
        if (
            "wavelength" in path.rpartition("/")[2].lower()
            and hasattr(item, "shape")
            and item.size == 1
            and item.dtype.kind in "fiu"
        ):
            scale = 10.0 if text(item.attrs.get("units")).lower() in ("nm", "nanometer") else 1.0
            scale = 1e10 if text(item.attrs.get("units")).lower() in ("m", "meter", "metre") else scale
            found.append(float(np.asarray(item[()]).reshape(-1)[0]) * scale)

    file.visititems(visit)
    return next((value for value in found if plausible(value)), 0.0)

"""PANalytical XRDML (XRDMeasurement schemas 1.0 to 2.x)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.scan import Scan
from anatase.io.source import Source
from anatase.io.wavelength import tube_radiation
from anatase.io.xml_tree import Element, attribute, find, find_all, number_of, numbers_of, parse_xml, text_of
from anatase.scattering.radiation import Radiation

__all__ = ["read_xrdml"]

Array = NDArray[np.float64]
# scan axes along which two_theta does not move, or moves without the sample following
OTHER_AXES = ("omega", "phi", "chi", "psi", "x", "y", "z", "theta")


def read_xrdml(source: Source) -> tuple[Scan, ...]:
    """Read every scan of every measurement of an XRDML file."""
    root = parse_xml(source.data, source)
    scans: list[Scan] = []
    for measurement in find_all(root, "xrdMeasurement"):
        radiation = radiation_of(measurement)
        facts: dict[str, Any] = {
            "format": "XRDML",
            "sample": text_of(root, "sample", "name") or text_of(root, "sample", "id"),
            "instrument": entry(root, "Diffractometer system="),
            "goniometer_radius": radius_of(measurement),
        }
        measured = [scan for scan in find_all(measurement, "scan") if find(scan, "dataPoints") is not None]
        scans += [read_scan(scan, radiation, facts, source) for scan in measured]
    if not scans:
        raise source.error(
            "the XRDML file holds no data points", "the measurement may have been aborted; export it again"
        )
    return tuple(scans)


def entry(root: Element, start: str) -> str:
    """Return what follows ``start`` in the comment entries."""
    for element in find_all(root, "entry"):
        if element.text and element.text.startswith(start):
            return element.text[len(start) :].strip()
    return ""


def radius_of(measurement: Element) -> float | None:
    """Return the goniometer's radius from sample to detector, mm; ``None`` where the file states none."""
    stated = find(find(measurement, "diffractedBeamPath"), "radius")
    radius = number_of(text_of(stated), 0.0) if stated is not None else 0.0
    return radius if radius > 0.0 and attribute(stated, "unit") in ("", "mm") else None


def radiation_of(measurement: Element) -> Radiation | None:
    """Return the tube's lines; only Kα1 behind a germanium monochromator in the incident beam."""
    used = find(measurement, "usedWavelength")
    beam = find(measurement, "incidentBeamPath")
    crystal = text_of(beam, "monochromator", "crystal")
    alpha1_only = "Ge" in crystal or attribute(used, "intended").replace(" ", "") in ("K-Alpha1only", "K-Beta")
    return tube_radiation(
        number_of(text_of(used, "kAlpha1")),
        number_of(text_of(used, "kAlpha2")),
        number_of(text_of(used, "ratioKAlpha2KAlpha1"), 0.5),
        text_of(beam, "anodeMaterial"),
        alpha1_only=alpha1_only,
    )


def read_scan(scan: Element, radiation: Radiation | None, facts: dict[str, Any], source: Source) -> Scan:
    """Return one scan: positions, intensities, counting times and attenuations."""
    points = find(scan, "dataPoints")
    if points is None:
        raise source.error("a scan has no data points", "the file looks truncated; export it again")
    axis = attribute(scan, "scanAxis")
    if axis.lower() in OTHER_AXES:
        raise source.error(f"the scan runs along {axis}, a rocking curve or an alignment", "give a two_theta scan")
    measured = find(points, "intensities")
    raw_counts = measured is None
    values_element = find(points, "counts") if raw_counts else measured
    if values_element is None:
        raise source.error("a scan has neither intensities nor counts", "the file looks truncated; export it again")
    values = np.asarray(numbers_of(values_element.text or "", source, "intensities"))
    attenuation = attenuation_of(points, values.size, source)
    if raw_counts:
        values = values * attenuation
    time = times_of(points, values.size, source)
    per_second = attribute(values_element, "unit").lower() == "cps"
    metadata = {
        **facts,
        "scan_axis": axis,
        "date": text_of(scan, "header", "startTimeStamp"),
        "step_time": float(np.median(time)) if time.size else None,
        "temperature": number_of(text_of(scan, "nonAmbientPoints", "startPosition"), 0.0) or None,
    }
    counts_per_unit: Array | None = None
    if per_second and time.size:
        counts_per_unit = time / attenuation
    elif not np.all(attenuation == 1.0):
        counts_per_unit = 1.0 / attenuation
    return Scan(
        positions_of(points, values.size, source),
        values,
        counts_per_unit=counts_per_unit,
        radiation=radiation,
        metadata=metadata,
    )


def positions_of(points: Element, count: int, source: Source) -> Array:
    """Return the 2θ positions (count,) in degrees."""
    for element in find_all(points, "positions"):
        if attribute(element, "axis") != "2Theta":
            continue
        listed = find(element, "listPositions")
        if listed is not None:
            return np.asarray(numbers_of(listed.text or "", source, "listPositions"))
        if find(element, "commonPosition") is not None:
            raise source.error("two_theta stands still during the scan", "give a two_theta scan")
        start, end = (number_of(text_of(element, tag), np.nan) for tag in ("startPosition", "endPosition"))
        return np.linspace(start, end, count)
    raise source.error("a scan has no 2Theta positions", "the file looks truncated or is no two_theta scan")


def attenuation_of(points: Element, count: int, source: Source) -> Array:
    """Return the beam attenuation factors (count,), one where the file has none."""
    common = number_of(text_of(points, "commonBeamAttenuationFactor"))
    if common > 0:
        return np.full(count, common)
    element = find(points, "beamAttenuationFactors")
    factors = (
        np.asarray(numbers_of(element.text or "", source, "beamAttenuationFactors")) if element is not None else None
    )
    if factors is None or factors.size != count or not np.all(factors > 0):
        return np.ones(count)
    return factors


def times_of(points: Element, count: int, source: Source) -> Array:
    """Return the counting times (count,) in seconds, empty where the file has none."""
    common = number_of(text_of(points, "commonCountingTime"))
    if common > 0:
        return np.full(count, common)
    element = find(points, "countingTimes")
    times = np.asarray(numbers_of(element.text or "", source, "countingTimes")) if element is not None else np.empty(0)
    return times if times.size == count and np.all(times > 0) else np.empty(0)

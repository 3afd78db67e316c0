"""Powder histograms of a GSAS-II project: data, instrument, sample position, background, ranges, what is refined."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anatase.io.foreign import ForeignBank, ForeignDiffractometer, ForeignHistogram, SharedShift
from anatase.io.gsas_background import background_of_gsas
from anatase.io.gsas_profile import CENTIDEGREE, VARIANCE
from anatase.io.gsasii_instprm import GEOMETRIES, bank_of_items
from anatase.io.gsasii_tree import TreeItem, reading, refined_value
from anatase.io.plain_names import plain_name
from anatase.io.source import Source
from anatase.pattern.background_model import BackgroundModel, Hump
from anatase.pattern.pattern import Pattern
from anatase.pattern.profile import pseudo_voigts

__all__ = ["INSTRUMENT_TERMS", "ProjectHistogram", "histogram_of_project"]

Array = NDArray[np.float64]

CW_TERMS = {
    "U": "gauss_u", "V": "gauss_v", "W": "gauss_w", "X": "lorentz_x", "Y": "lorentz_y", "Z": "lorentz_z",
    "Zero": "zero", "Lam": "wavelength", "SH/L": "s_over_l",
}  # fmt: skip
TOF_TERMS = {
    "difC": "difc", "difA": "difa", "difB": "difb", "Zero": "zero", "alpha": "alpha_1",
    "beta-0": "beta_0", "beta-1": "beta_1", "beta-q": "beta_2",
    "sig-0": "variance_0", "sig-1": "variance_1", "sig-2": "variance_2", "sig-q": "variance_3",
    "X": "gamma_1", "Y": "gamma_2", "Z": "gamma_0",
}  # fmt: skip
INSTRUMENT_TERMS = {"C": CW_TERMS, "T": TOF_TERMS}
POSITION = {
    "Shift": "displacement", "Transparency": "penetration", "DisplaceX": "displacement_across",
    "DisplaceY": "displacement",
}  # fmt: skip
OF_PLATE, OF_CAPILLARY = ("Shift", "Transparency"), ("DisplaceX", "DisplaceY")
POINTS = 200


@dataclass(frozen=True)
class ProjectHistogram:
    """A powder histogram: its random identifier, its name in the project, what it is here, and its own scale.

    ``scale`` is the value and whether it is refined; ``absorption`` μR at constant wavelength, and whether refined.
    """

    identifier: Any
    title: str
    histogram: ForeignHistogram
    scale: tuple[float, bool]
    absorption: tuple[float, bool]
    free: frozenset[str]
    shared: tuple[SharedShift, ...]
    warnings: tuple[str, ...]


def histogram_of_project(source: Source, item: TreeItem, taken: set[str]) -> ProjectHistogram:
    """Return a powder histogram (an item ``PWDR …``) of a project.

    Raises
    ------
    InputError
        When its data have another shape than GSAS-II gives them.
    """
    with reading(source, f"histogram '{item.name}'"):
        file_name, bank_number = file_and_bank(item.name)
        name = plain_name(re.sub(r"\.\w+$", "", file_name), "histogram", taken)
        items = item.below["Instrument Parameters"][0]
        sample = item.below.get("Sample Parameters", {})
        plain = {key: value[1] for key, value in items.items() if isinstance(value, (list, tuple)) and len(value) > 1}
        plain |= {"Diff-type": _geometry(sample, plain), "Gonio.radius": sample.get("Gonio. radius", 200.0)}
        bank = bank_of_items(source, plain, bank_number)
        beam = _positioned(bank.beam, sample)
        limits, excluded = _ranges(item)
        pattern = _pattern(item, beam, file_name, source)
        background, refined, told = _background(item, beam, limits, plain)
        kind = "T" if isinstance(beam, ForeignBank) else "C"
        free, shared, lost = _free(name, items, sample, kind)
        free |= {f"{name}.background.{one}" for one in refined}
        warnings = tuple(f"{name}: {one}" for one in (*bank.warnings, *told, *lost))
        found = ForeignHistogram(name, beam, background, file_name, bank_number, pattern, limits, excluded)
        identifier = item.data[0].get("ranId")
        scale, absorption = refined_value(sample, "Scale", 1.0), refined_value(sample, "Absorption")
        return ProjectHistogram(identifier, item.name, found, scale, absorption, frozenset(free), shared, warnings)


def file_and_bank(title: str) -> tuple[str, int]:
    """Return the file and bank in a histogram's name there: ``PWDR fap.XRA Bank 1``."""
    match = re.fullmatch(r"PWDR\s+(.*?)(?:\s+Bank\s+(\d+))?(?:\s*\(\d+\))?", title)
    return (match.group(1), int(match.group(2) or 1)) if match else (title, 1)


def _geometry(sample: Mapping[str, Any], items: Mapping[str, Any]) -> str:
    found = str(sample.get("Type", ""))
    return found if found in GEOMETRIES else "Bragg-Brentano" if "Lam1" in items else "Debye-Scherrer"


def _positioned(
    beam: ForeignDiffractometer | ForeignBank, sample: Mapping[str, Any]
) -> ForeignDiffractometer | ForeignBank:
    """Return a diffractometer with its sample where GSAS-II has it.

    A plate's ``Shift`` is in µm and ``Transparency`` 1/μ in tenths of a millimetre; lines of a capillary lie at
    2θ − 0.09 (X cos 2θ + Y sin 2θ)/(πR), X and Y in µm and R in mm, which is half of what that shift would give.
    """
    if isinstance(beam, ForeignBank):
        return beam
    value = {name: refined_value(dict(sample), name)[0] for name in POSITION}
    if beam.instrument.geometry == "bragg_brentano":
        shift, depth = value["Shift"] / 1000.0, value["Transparency"] / 10.0
        return replace(beam, instrument=replace(beam.instrument, displacement=shift, penetration=depth))
    across, along = -value["DisplaceX"] / 2000.0, value["DisplaceY"] / 2000.0
    return replace(beam, instrument=replace(beam.instrument, displacement_across=across, displacement=along))


def _ranges(item: TreeItem) -> tuple[tuple[float, float], tuple[tuple[float, float], ...]]:
    _, (low, high), *excluded = item.below["Limits"]
    return (float(low), float(high)), tuple(sorted((float(min(one)), float(max(one))) for one in excluded))


def _pattern(
    item: TreeItem, beam: ForeignDiffractometer | ForeignBank, file_name: str, source: Source
) -> Pattern | None:
    """Return the data: weights are 1/σ², points of weight 0 are left out; ``None`` for a simulation."""
    info, arrays = item.data[0], item.data[1]
    x, y, weights = (np.asarray(array, dtype=float) for array in arrays[:3])
    hidden = [
        np.asarray(mask, dtype=bool) for array in arrays[:3] if (mask := getattr(array, "mask", None)) is not None
    ]
    keep = (weights > 0.0) & np.isfinite(y)
    for mask in hidden:
        keep &= ~mask if mask.shape == keep.shape else True
    if info.get("Dummy") or keep.sum() < 2:
        return None
    sigma = 1.0 / np.sqrt(weights[keep] * float(info.get("wtFactor", 1.0) or 1.0))
    time_of_flight = isinstance(beam, ForeignBank)
    radiation = None if isinstance(beam, ForeignBank) else beam.radiation
    return Pattern(
        x[keep], y[keep], sigma, "tof" if time_of_flight else "two_theta", radiation, {}, file_name, source.sha256
    )


def _background(
    item: TreeItem, beam: ForeignDiffractometer | ForeignBank, limits: tuple[float, float], items: Mapping[str, Any]
) -> tuple[BackgroundModel | None, tuple[str, ...], tuple[str, ...]]:
    """Return the background, the names of its refined parameters, and warnings."""
    (kind, refined, terms, *coefficients), *extra = item.below["Background"]
    x = np.asarray(item.data[1][0], dtype=float)
    used = x[(x >= limits[0]) & (x <= limits[1])]
    ends = (float(used[0]), float(used[-1])) if used.size > 1 else limits
    grid = np.linspace(*ends, POINTS)
    if isinstance(beam, ForeignBank):
        q: Array = 2.0 * pi * float(items["difC"]) / grid
    else:
        q = 4.0 * pi * np.sin(np.radians(grid) / 2.0) / beam.radiation.wavelength
    values = [float(value) for value in coefficients[: int(terms)]]
    model, told = background_of_gsas(str(kind), values, ends, q, 180.0 / ends[1])
    if model is None:
        return None, (), told
    free = [one for one in model.names if one != "inverse" or model.inverse] if refined else []
    more = extra[0] if extra else {}
    humps, flags = _humps(more, isinstance(beam, ForeignBank))
    free += [f"hump_{k}_{part}" for k, flagged in enumerate(flags) for part in flagged]
    if more.get("nDebye"):
        told = (*told, f"{more['nDebye']} Debye terms of the background are not taken over")
    fixed = more.get("background PWDR", ["", 1.0])
    if fixed[0]:
        told = (*told, f"the pattern {fixed[0]} as background is not taken over")
    return replace(model, humps=humps), tuple(free), told


def _humps(more: Mapping[str, Any], time_of_flight: bool) -> tuple[tuple[Hump, ...], list[list[str]]]:
    """Return the peaks of the background, and which parts of each are refined.

    GSAS-II lists position, area per centidegree, Gaussian variance and Lorentzian FWHM in centidegrees, with flags.
    """
    humps, flags = [], []
    for position, f1, area, f2, variance, f3, gamma, f4 in more.get("peaksList", [])[: more.get("nPeaks", 0)]:
        gauss = max(float(variance), 0.01) * (8.0 * np.log(2.0) if time_of_flight else VARIANCE)
        lorentz = max(float(gamma), 0.1) * (1.0 if time_of_flight else CENTIDEGREE)
        fwhm, mixing = pseudo_voigts(np.array([np.sqrt(gauss)]), np.array([lorentz]))
        size = float(area) * (1.0 if time_of_flight else CENTIDEGREE)
        humps.append(Hump(size, float(position), float(fwhm[0]), float(np.clip(mixing[0], 0.0, 1.0))))
        wanted = {"position": f1, "area": f2, "fwhm": f3 or f4}
        flags.append([name for name, flag in wanted.items() if flag])
    return tuple(humps), flags


def _free(
    name: str, items: Mapping[str, Any], sample: Mapping[str, Any], kind: str
) -> tuple[set[str], tuple[SharedShift, ...], tuple[str, ...]]:
    """Return the free parameters of instrument and sample position, what moves together, and what is held here."""
    terms = INSTRUMENT_TERMS[kind]
    flagged = [key for key, value in items.items() if isinstance(value, (list, tuple)) and True in value[2:3]]
    free = {f"{name}.{terms[key]}" for key in flagged if key in terms}
    shared: tuple[SharedShift, ...] = ()
    if "SH/L" in flagged:
        free.add(f"{name}.h_over_l")
        shared = (SharedShift(((1.0, f"{name}.s_over_l"), (1.0, f"{name}.h_over_l"))),)
    lost = [key for key in flagged if key not in terms]
    if kind == "C":
        here = OF_PLATE if _geometry(sample, items) == "Bragg-Brentano" else OF_CAPILLARY
        free |= {f"{name}.{POSITION[key]}" for key in here if refined_value(dict(sample), key)[1]}
    rough = [key for key in ("SurfRoughA", "SurfRoughB") if any(refined_value(dict(sample), key))]
    told = (f"held here: {', '.join(lost)}",) if lost else ()
    return free, shared, (*told, "surface roughness is not taken over") if rough else told

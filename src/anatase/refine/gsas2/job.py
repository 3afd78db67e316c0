"""A model and its recipe as GSAS-II takes them: files, starting values, what each stage refines, and where to find it.

GSAS-II refines in groups: all free coordinates of an atom together, all terms of a background, a phase's whole cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anatase.errors import InputError
from anatase.io.foreign import ForeignDiffractometer
from anatase.io.gsas_profile import CENTIDEGREE, VARIANCE
from anatase.io.gsas_scale import scale_unit
from anatase.io.gsasii_instprm import GEOMETRIES, write_instprm
from anatase.io.instrument_bank import InstrumentBank
from anatase.io.write import write
from anatase.io.write_cif import site_label, write_structure
from anatase.refine.model import ConstantWavelength, Histogram, Phase, RefinementModel

__all__ = ["Job", "Place", "job_of"]

INSTRUMENT = {
    "gauss_u": ("U", VARIANCE), "gauss_v": ("V", VARIANCE), "gauss_w": ("W", VARIANCE),
    "lorentz_x": ("X", CENTIDEGREE), "lorentz_y": ("Y", CENTIDEGREE), "lorentz_z": ("Z", CENTIDEGREE),
    "s_over_l": ("SH/L", 0.5), "h_over_l": ("SH/L", 0.5), "zero": ("Zero", 1.0), "wavelength": ("Lam", 1.0),
}  # fmt: skip
OF_PLATE = {"displacement": ("Shift", 1e-3), "penetration": ("Transparency", 0.1)}
OF_CAPILLARY = {"displacement": ("DisplaceY", 5e-4), "displacement_across": ("DisplaceX", -5e-4)}
PART = {"size": ("Size;i", "Size", 1e4), "strain": ("Mustrain;i", "Mustrain", 0.25e-6)}  # µm, 10⁶ Δd/d in full
CELL = {"a": ("length_a", "A0"), "b": ("length_b", "A1"), "c": ("length_c", "A2"),
        "alpha": ("angle_alpha", "A5"), "beta": ("angle_beta", "A4"), "gamma": ("angle_gamma", "A3")}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a parameter stands in GSAS-II's answer: the way to its value, that to its s.u., and the unit of both."""

    value: tuple[str | int, ...]
    su: tuple[str, ...]
    unit: float = 1.0


@dataclass(frozen=True)
class Job:
    """What GSAS-II is asked (JSON), where each parameter is in its answer, and what cannot be asked."""

    told: dict[str, Any]
    places: dict[str, Place]
    left_out: tuple[str, ...]


@dataclass
class _Stages:
    """The stages as they are put together: what each sets, the letters of each atom, and what GSAS-II does not have."""

    places: dict[str, Place] = field(default_factory=dict)
    letters: dict[tuple[str, str], str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


def job_of(model: RefinementModel, stages: Sequence[Sequence[str]], folder: Path, cycles: int = 10) -> Job:
    """Write the files of a job into a folder, and return it.

    Raises
    ------
    InputError
        For time of flight, for phases without atoms, and for what GSAS-II's instrument files have no place for.
    """
    told: dict[str, Any] = {"project": str(folder / "refinement.gpx"), "cycles": cycles, "histograms": [], "phases": []}
    told |= {"parts": [], "stages": []}
    for histogram in model.histograms:
        told["histograms"].append(_histogram(histogram, folder))
    for phase in model.phases:
        if phase.mode != "rietveld":
            raise InputError(f"{phase.name} is fitted by {phase.mode}", "give GSAS-II phases with atoms")
        write_structure(phase.structure, folder / f"{phase.name}.cif")
        told["phases"].append({"name": phase.name, "structure": str(folder / f"{phase.name}.cif")})
    for i in range(len(model.histograms)):
        told["histograms"][i]["sample"]["Scale"] = _scale(model, 0, i)
        told["parts"] += [_part(model, j, i) for j in range(len(model.phases))]
    state = _Stages()
    for names in stages:
        told["stages"].append(_stage(model, names, state))
    return Job(told, state.places, tuple(dict.fromkeys(state.left_out)))


def _beam(histogram: Histogram) -> ConstantWavelength:
    if not isinstance(histogram.beam, ConstantWavelength):
        raise InputError(f"{histogram.name} is of time of flight", "GSAS-II is driven at constant wavelength only")
    return histogram.beam


def _positions(histogram: Histogram) -> dict[str, tuple[str, float]]:
    return OF_PLATE if _beam(histogram).instrument.geometry == "bragg_brentano" else OF_CAPILLARY


def _histogram(histogram: Histogram, folder: Path) -> dict[str, Any]:
    beam = _beam(histogram)
    data, instrument = folder / f"{histogram.name}.xye", folder / f"{histogram.name}.instprm"
    write(histogram.pattern, data, "xye")
    write_instprm([InstrumentBank(1, ForeignDiffractometer(beam.radiation, beam.instrument))], instrument)
    x = histogram.pattern.x[histogram.used]
    inside = [[low, high] for low, high in histogram.excluded if high > x[0] and low < x[-1]]
    geometry = {here: there for there, here in GEOMETRIES.items()}[beam.instrument.geometry]
    sample = {key: getattr(beam.instrument, name) / unit for name, (key, unit) in _positions(histogram).items()}
    terms = histogram.background.chebyshev or (float(histogram.pattern.intensity.min()),)
    return {
        "name": histogram.name, "data": str(data), "instrument": str(instrument), "geometry": geometry,
        "limits": [float(x[0]), float(x[-1])], "excluded": inside, "background": [float(one) for one in terms],
        "radius": beam.instrument.radius, "sample": sample,
    }  # fmt: skip


def _scale(model: RefinementModel, phase: int, histogram: int) -> float:
    """Return a phase's scale in GSAS-II's unit."""
    beam, own = _beam(model.histograms[histogram]), model.phases[phase]
    unit = scale_unit(ForeignDiffractometer(beam.radiation, beam.instrument), own.structure.lattice.volume)
    return own.parts[histogram].scale / unit


def _part(model: RefinementModel, phase: int, histogram: int) -> dict[str, Any]:
    """Return how a phase starts in a histogram; the first one's scale is the histogram's own."""
    own, part = model.phases[phase], model.phases[phase].parts[histogram]
    first = _scale(model, 0, histogram)
    told: dict[str, Any] = {"phase": own.name, "histogram": model.histograms[histogram].name}
    told["scale"] = 1.0 if phase == 0 else _scale(model, phase, histogram) / first if first else 1.0
    if part.sample.size is not None:
        told["size"] = part.sample.size / PART["size"][2] / part.sample.shape_factor
    return told | {"strain": part.sample.strain / PART["strain"][2]}


def _stage(model: RefinementModel, names: Sequence[str], state: _Stages) -> dict[str, Any]:
    """Return what a stage sets, and note where its parameters will be found."""
    told: dict[str, Any] = {"histograms": {}, "phases": {}, "parts": []}
    for name in names:
        owner, _, rest = name.partition(".")
        other, _, last = rest.partition(".")
        histogram = next((i for i, one in enumerate(model.histograms) if one.name == owner), None)
        phase = next((i for i, one in enumerate(model.phases) if one.name == owner), None)
        part = next((i for i, one in enumerate(model.histograms) if one.name == other), None)
        if histogram is not None:
            known = _of_histogram(model.histograms[histogram], histogram, rest, told, state)
        elif phase is not None and part is not None:
            known = _of_part(model, phase, part, last, told, state)
        else:
            known = phase is not None and _of_phase(model.phases[phase], phase, rest, told, state)
        if not known:
            state.left_out.append(f"{name} has no counterpart in GSAS-II here, and is held there")
    return told


def _of_histogram(one: Histogram, index: int, rest: str, told: dict[str, Any], state: _Stages) -> bool:
    settings: dict[str, Any] = told["histograms"].setdefault(one.name, {})
    if rest.startswith("background.chebyshev_"):
        settings["Background"] = {"refine": True}
        k = int(rest.rpartition("_")[2])
        place = Place(("background", one.name, k), ("su", f":{index}:Back;{k}"))
    elif rest in INSTRUMENT and not (rest == "wavelength" and len(_beam(one).radiation.lines) > 1):
        key, unit = INSTRUMENT[rest]
        settings.setdefault("Instrument Parameters", []).append(key)
        place = Place(("instrument", one.name, key), ("su", f":{index}:{key}"), unit)
    elif rest in _positions(one):
        key, unit = _positions(one)[rest]
        settings.setdefault("Sample Parameters", []).append(key)
        place = Place(("sample", one.name, key), ("su", f":{index}:{key}"), unit)
    else:
        return False
    state.places[f"{one.name}.{rest}"] = place
    return True


def _of_part(
    model: RefinementModel, phase: int, histogram: int, last: str, told: dict[str, Any], state: _Stages
) -> bool:
    own, other = model.phases[phase].name, model.histograms[histogram].name
    if last == "scale" and phase == 0:
        told["histograms"].setdefault(other, {}).setdefault("Sample Parameters", []).append("Scale")
    elif last == "scale":
        told["parts"].append([own, other, {"Scale": True}])
    elif last in PART:
        variable, key, unit = PART[last]
        told["parts"].append([own, other, {key: {"type": "isotropic", "refine": True}}])
        # GSAS-II's sizes are of integral breadths: K is 1
        unit *= model.phases[phase].parts[histogram].sample.shape_factor if last == "size" else 1.0
        place = Place(("parts", own, other, last), ("su", f"{phase}:{histogram}:{variable}"), unit)
        state.places[f"{own}.{other}.{last}"] = place
    return last == "scale" or last in PART


def _of_phase(one: Phase, index: int, rest: str, told: dict[str, Any], state: _Stages) -> bool:
    settings: dict[str, Any] = told["phases"].setdefault(one.name, {})
    if rest in CELL:
        settings["Cell"] = True
        key = CELL[rest][0]
        state.places[f"{one.name}.{rest}"] = Place(("cell", one.name, key), ("cell_su", one.name, key))
        return True
    row = 0
    for site in one.structure.sites:
        for k, _ in enumerate(site.species):
            last = rest[len(site.label) + 1 :] if rest.startswith(f"{site.label}.") else ""
            if last in ("x", "y", "z", "u_iso"):
                column = ("x", "y", "z", "u_iso").index(last)
                letters = state.letters.get((one.name, site_label(site, k)), "")
                letters = "".join(sorted({*letters, "X" if column < 3 else "U"}, reverse=True))
                state.letters[one.name, site_label(site, k)] = letters
                settings.setdefault("Atoms", {})[site_label(site, k)] = letters
                variable = f"{index}::AUiso:{row}" if column == 3 else f"{index}::dA{last}:{row}"
                state.places.setdefault(f"{one.name}.{rest}", Place(("atoms", one.name, row, column), ("su", variable)))
            row += 1
    return f"{one.name}.{rest}" in state.places

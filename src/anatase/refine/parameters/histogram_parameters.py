"""The parameters of a histogram by name: wavelength, instrument or time-of-flight bank, and background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from anatase.errors import InputError
from anatase.pattern.background_model import BackgroundModel, DebyeTerm
from anatase.refine.model import ConstantWavelength, Histogram, TimeOfFlight
from anatase.scattering.radiation import Radiation
from anatase.simulation.instrument import Instrument

__all__ = ["background_values", "histogram_values", "with_histogram_values"]

Values = Mapping[str, float]

INSTRUMENT = tuple(field.name for field in fields(Instrument) if field.name not in ("geometry", "radius", "incidence"))
ONLY_OF = {"displacement_across": "debye_scherrer", "penetration": "bragg_brentano"}
BANK = ("difc", "difa", "difb", "zero")
SHAPE = ("alpha", "beta", "variance", "gamma")


def histogram_values(histogram: Histogram) -> dict[str, float]:
    """Return the parameters of a histogram by name: those of its beam, then those of its background."""
    values: dict[str, float] = {}
    if isinstance(histogram.beam, ConstantWavelength):
        values["wavelength"] = histogram.beam.radiation.wavelength
        instrument = histogram.beam.instrument
        known = [name for name in INSTRUMENT if ONLY_OF.get(name, instrument.geometry) == instrument.geometry]
        values.update({name: float(getattr(instrument, name)) for name in known})
    else:
        values.update({name: float(getattr(histogram.beam.bank, name)) for name in BANK})
        for shape in SHAPE:
            numbers = getattr(histogram.beam.profile, shape)
            values.update({f"{shape}_{i}": float(number) for i, number in enumerate(numbers)})
    values.update({f"background.{name}": v for name, v in background_values(histogram.background).items()})
    return values


def background_values(model: BackgroundModel) -> dict[str, float]:
    """Return the parameters of a background by the names that ``BackgroundModel.names`` gives them."""
    numbers = [*model.chebyshev, model.inverse, *model.heights]
    for term in model.debye:
        numbers += [term.amplitude, term.distance, term.u]
    for hump in model.humps:
        numbers += [hump.area, hump.position, hump.fwhm, hump.mixing]
    return dict(zip(model.names, map(float, numbers), strict=True))


def _with_background_values(model: BackgroundModel, values: Values) -> BackgroundModel:
    if unknown := [name for name in values if name not in model.names]:
        raise InputError(f"the background has no {unknown[0]}", f"it has {', '.join(model.names)}")
    new = {**background_values(model), **values}
    debye = tuple(
        DebyeTerm(*[new[f"debye_{k}_{part}"] for part in ("amplitude", "distance", "u")])
        for k in range(len(model.debye))
    )
    humps = tuple(
        replace(
            hump,
            area=new[f"hump_{k}_area"],
            position=new[f"hump_{k}_position"],
            fwhm=new[f"hump_{k}_fwhm"],
            mixing=new[f"hump_{k}_mixing"],
        )
        for k, hump in enumerate(model.humps)
    )
    return replace(
        model,
        chebyshev=tuple(new[f"chebyshev_{k}"] for k in range(len(model.chebyshev))),
        inverse=new["inverse"],
        heights=tuple(new[f"height_{k}"] for k in range(len(model.heights))),
        debye=debye,
        humps=humps,
    )


def with_histogram_values(histogram: Histogram, values: Values) -> Histogram:
    """Return a histogram with new values of some of its parameters.

    Raises
    ------
    InputError
        When it has no such parameter.
    PhysicsError
        When no instrument has such values.
    """
    under = {name.removeprefix("background."): v for name, v in values.items() if name.startswith("background.")}
    rest = {name: v for name, v in values.items() if not name.startswith("background.")}
    background = _with_background_values(histogram.background, under) if under else histogram.background
    if not rest:
        return replace(histogram, background=background)
    beam = histogram.beam
    known = INSTRUMENT if isinstance(beam, ConstantWavelength) else BANK
    if unknown := [name for name in rest if name not in known and not _of_beam(name, beam)]:
        raise InputError(f"{histogram.name} has no parameter {unknown[0]}", f"it has {', '.join(known)}")
    if isinstance(beam, ConstantWavelength):
        instrument = replace(beam.instrument, **_those_of(INSTRUMENT, rest))
        radiation = _at_wavelength(beam.radiation, rest["wavelength"]) if "wavelength" in rest else beam.radiation
        return replace(histogram, beam=replace(beam, instrument=instrument, radiation=radiation), background=background)
    bank = replace(beam.bank, **_those_of(BANK, rest))
    shapes = {shape: list(getattr(beam.profile, shape)) for shape in SHAPE}
    for name, value in rest.items():
        shape, _, number = name.partition("_")
        if number:
            shapes[shape][int(number)] = value
    profile = replace(beam.profile, **{shape: tuple(numbers) for shape, numbers in shapes.items()})
    return replace(histogram, beam=replace(beam, bank=bank, profile=profile), background=background)


def _those_of(names: tuple[str, ...], values: Values) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def _of_beam(name: str, beam: ConstantWavelength | TimeOfFlight) -> bool:
    if isinstance(beam, ConstantWavelength):
        return name == "wavelength"
    shape, _, number = name.partition("_")
    return shape in SHAPE and number.isdigit() and int(number) < len(getattr(beam.profile, shape))


def _at_wavelength(radiation: Radiation, wavelength: float) -> Radiation:
    """Return a radiation stretched so that its first line is at a wavelength (Å); its lines keep their ratios."""
    ratio = wavelength / radiation.wavelength
    lines = tuple((ratio * one, weight) for one, weight in radiation.lines)
    return replace(radiation, lines=lines, line_widths=tuple(ratio * width for width in radiation.line_widths))

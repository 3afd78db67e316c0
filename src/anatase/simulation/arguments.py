"""What callers of the simulation give, made into what it calculates with, or refused with what to give instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import inf
from numbers import Real
from os import PathLike
from typing import Any, TypedDict, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.scattering.form_factors import FormFactorTable, Hydrogen
from anatase.scattering.radiation import Probe, Radiation, radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

__all__ = [
    "USUAL",
    "ScatteringOptions",
    "Usual",
    "as_array",
    "as_flag",
    "as_generator",
    "as_indices",
    "as_kind",
    "as_list",
    "as_name",
    "as_number",
    "as_phases",
    "as_radiation",
    "as_range",
    "as_structure",
    "check_options",
    "scattering_of",
]

Array = NDArray[np.float64]
T = TypeVar("T")

IDEAL = Sample()
STRUCTURE = "a Structure, as anatase.read_structure(path) returns it"
LARGEST = 1e100  # beyond, squares overflow


class ScatteringOptions(TypedDict, total=False):
    """How atoms scatter, by keyword: f′ and f″, tables of X-ray form factors, U_iso (Å²) of sites that have none."""

    dispersion: bool
    table: FormFactorTable
    hydrogen: Hydrogen
    u_default: float


@dataclass(frozen=True)
class Usual:
    """What a probe is used with where nothing is said: wavelength, range and step (degrees 2θ), diffractometer."""

    wavelength: str
    two_theta: tuple[float, float]
    step: float
    instrument: Instrument


USUAL: dict[Probe, Usual] = {
    "xray": Usual("CuKa", (5.0, 90.0), 0.02, Instrument()),
    "neutron": Usual("1.54", (5.0, 90.0), 0.02, Instrument("debye_scherrer")),
    "electron": Usual(
        "200 kV",
        (0.1, 2.0),
        0.001,
        Instrument("debye_scherrer", gauss_u=0.0, gauss_v=0.0, gauss_w=1e-4, lorentz_x=0.0, lorentz_y=0.0),
    ),
}


def _a(given: object) -> str:
    """Return what an argument is, for people."""
    return "None" if given is None else f"a {type(given).__name__}"


def as_structure(given: object, what: str = "the structure") -> Structure:
    """Return a structure as it is.

    Raises
    ------
    InputError
        When it is something else, as the path of one.
    """
    if isinstance(given, Structure):
        return given
    if isinstance(given, (str, PathLike)):
        raise InputError(f"{what} is a path, '{given}'", "give anatase.read_structure(path)")
    if isinstance(given, Sequence) and given and all(isinstance(part, Structure) for part in given):
        raise InputError(f"{what} is {len(given)} structures", "give one; mixtures are for powder patterns")
    raise InputError(f"{what} is {_a(given)}", f"give {STRUCTURE}")


def as_phases(
    given: object, sample: object = None, what: str = "the structure"
) -> tuple[list[Structure], list[Sample]]:
    """Return the phases of one structure or of a mixture, and a sample for each.

    Raises
    ------
    InputError
        When there is no structure, or samples and structures differ in number.
    """
    if isinstance(given, Structure):
        phases = [given]
    else:
        phases = [as_structure(part, f"{what} {i} of the mixture") for i, part in enumerate(as_list(what, given))]
    if not phases:
        raise InputError("there is no structure to simulate", "give one or more")
    if sample is None or isinstance(sample, Sample):
        return phases, [sample or IDEAL] * len(phases)
    parts = as_list("the sample", sample, "Sample(size=..., strain=...), or one for each structure")
    samples = [as_kind("the sample", part, Sample, "Sample(size=..., strain=...)") for part in parts]
    if len(samples) != len(phases):
        raise InputError(f"{len(samples)} samples for {len(phases)} structures", "give one for each, or one for all")
    return phases, samples


def as_list(name: str, given: Any, example: str = STRUCTURE) -> list[Any]:
    """Return the members of any collection or generator.

    Raises
    ------
    InputError
        When it is none; says to give ``example``.
    """
    if isinstance(given, (str, PathLike)):
        raise InputError(f"{name} is a path, '{given}'", "give anatase.read_structure(path)")
    if (
        not isinstance(given, Iterable)
        or isinstance(given, (Mapping, bytes))
        or np.ndim(getattr(given, "size", [])) == 0
    ):
        raise InputError(f"{name} is {_a(given)}", f"give {example}")
    return list(given)


def as_flag(name: str, given: object) -> bool:
    """Return True or False.

    Raises
    ------
    InputError
        When it is neither.
    """
    if not isinstance(given, (bool, np.bool_)):
        raise InputError(f"{name} is {_a(given)}", "give True or False")
    return bool(given)


def as_name(name: str, given: object, known: tuple[str, ...]) -> str:
    """Return one of the known names.

    Raises
    ------
    InputError
        When it is none of them.
    """
    if not isinstance(given, str) or given not in known:
        shown = f"'{given}'" if isinstance(given, str) else _a(given)
        raise InputError(f"{shown} is no {name}", f"give one of {', '.join(known)}")
    return given


def as_kind(name: str, given: object, kind: type[T], example: str) -> T:
    """Return an argument of a class as it is.

    Raises
    ------
    InputError
        When it is of another class; says to give ``example``.
    """
    if not isinstance(given, kind):
        raise InputError(f"{name} is {_a(given)}", f"give {example}")
    return given


def as_number(name: str, given: Any, least: float = -inf) -> float:
    """Return a finite number that is not below the least.

    Raises
    ------
    InputError
        When it is no number.
    PhysicsError
        When it is not finite or below the least.
    """
    try:
        if isinstance(given, str):
            raise TypeError
        number = float(given)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {_a(given)}", "give a number") from None
    if not abs(number) < LARGEST or number < least:
        wanted = "a finite number" if least == -inf else f"a finite number of at least {least:g}"
        raise PhysicsError(f"{name} is {number:g}; give {wanted}")
    return number


def as_array(name: str, given: Any, *shapes: tuple[int, ...], example: str = "finite numbers") -> Array:
    """Return finite numbers of one of the shapes; without shapes, of any.

    Raises
    ------
    InputError
        When they are no numbers, or of another shape.
    PhysicsError
        When one is not finite.
    """
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} is {_a(given)} of no numbers", f"give {example}") from None
    if shapes and values.shape not in shapes:
        raise InputError(f"{name} has shape {values.shape}", f"give {example}")
    if not np.isfinite(values).all():
        raise PhysicsError(f"{name} holds values that are not finite; give {example}")
    return values


def as_indices(name: str, given: Any) -> tuple[int, int, int]:
    """Return three whole numbers.

    Raises
    ------
    InputError
        When they are not three, or not whole.
    """
    a, b, c = as_array(name, given, (3,), example="three whole numbers, as (1, 1, 0)").tolist()
    if any(index != round(index) for index in (a, b, c)):
        raise InputError(f"{name} is {(a, b, c)}", "give three whole numbers, as (1, 1, 0)")
    return round(a), round(b), round(c)


def as_generator(given: object) -> np.random.Generator | None:
    """Return a random generator, or none, as it is.

    Raises
    ------
    InputError
        When it is something else, as a seed.
    """
    if given is None or isinstance(given, np.random.Generator):
        return given
    raise InputError(f"rng is {_a(given)}", "give rng=np.random.default_rng(seed)")


def as_range(given: Any) -> tuple[float, float]:
    """Return the first and last angle, degrees 2θ.

    Raises
    ------
    InputError
        When they are not two numbers.
    PhysicsError
        When they are no range from 0 to 180.
    """
    try:
        if isinstance(given, str):
            raise TypeError
        low, high = (float(angle) for angle in given)
    except (TypeError, ValueError):
        raise InputError(f"two_theta is {given!r}", "give its two ends in degrees, as in (5, 90)") from None
    if not 0.0 <= low < high <= 180.0:
        raise PhysicsError(f"2θ from {low:g} to {high:g} deg is no range; give two angles from 0 to 180")
    return low, high


def check_options(given: Mapping[str, Any], known: Iterable[str]) -> None:
    """Refuse options that there are not.

    Raises
    ------
    InputError
        Names the option and those that there are.
    """
    for name in given:
        if name not in known:
            raise InputError(f"there is no option '{name}'", f"give one of {', '.join(sorted(known))}")


def as_radiation(wavelength: float | str | Radiation | None, probe: Probe | None = None) -> Radiation:
    """Return the radiation that a number (Å) or a name stands for; a whole one stays what it is.

    Without a probe, numbers and names are of X-rays; without a wavelength, the probe's usual one is taken.

    Raises
    ------
    InputError
        When the wavelength is none, the probe is unknown, or a whole radiation is of another probe.
    """
    if isinstance(wavelength, Radiation):
        if probe is not None and as_name("probe", probe, get_args(Probe)) != wavelength.probe:
            raise InputError(
                f"probe '{probe}' and a radiation of the probe '{wavelength.probe}'", "give the radiation alone"
            )
        if not wavelength.lines or not all(line[0] > 0.0 for line in wavelength.lines):
            raise InputError(
                f"radiation '{wavelength.name}' has the lines {wavelength.lines}",
                "give pairs of wavelength in Å and weight, as ((1.5406, 1.0),)",
            )
        return wavelength
    if probe is not None:
        as_name("probe", probe, get_args(Probe))
    beam = probe or "xray"
    if wavelength is None:
        wavelength = USUAL[beam].wavelength
    if not isinstance(wavelength, (str, Real)):
        raise InputError(f"the wavelength is {_a(wavelength)}", "give a number in Å, a name as 'CuKa', or a Radiation")
    return _named(wavelength, beam)


@lru_cache(maxsize=256)
def _named(wavelength: float | str, probe: Probe) -> Radiation:
    radiation = radiation_from_name(str(wavelength), probe)
    # the name of a number is rounded for people; the number itself is not
    return radiation if isinstance(wavelength, str) else replace(radiation, lines=((float(wavelength), 1.0),))


def scattering_of(
    radiation: Radiation, options: ScatteringOptions, dispersion: bool = True
) -> tuple[ScatteringModel, float]:
    """Return how atoms scatter a radiation, and U_iso (Å²) of sites that have none; ``dispersion`` by default.

    Raises
    ------
    InputError
        When there is no such option, table or kind of hydrogen.
    PhysicsError
        When ``u_default`` is negative.
    """
    check_options(options, ScatteringOptions.__annotations__)
    table, hydrogen = options.get("table", "IT92"), options.get("hydrogen", "bonded")
    as_name("table of form factors", table, get_args(FormFactorTable))
    as_name("kind of hydrogen", hydrogen, get_args(Hydrogen))
    with_dispersion = as_flag("dispersion", options.get("dispersion", dispersion))
    model = _model(radiation.probe, radiation.wavelength, table, hydrogen, with_dispersion)
    return model, as_number("u_default", options.get("u_default", 0.0), 0.0)


_model = lru_cache(maxsize=256)(ScatteringModel)

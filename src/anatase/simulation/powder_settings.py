"""How a powder pattern is calculated: radiation, angles, instrument, and the tables of scattering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from anatase.errors import PhysicsError
from anatase.scattering.form_factors import FormFactorTable, Hydrogen
from anatase.scattering.radiation import Probe, Radiation
from anatase.scattering.scattering_power import ScatteringModel
from anatase.simulation.arguments import (
    USUAL,
    ScatteringOptions,
    as_kind,
    as_number,
    as_radiation,
    as_range,
    check_options,
    scattering_of,
)
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder_lines import Beam

__all__ = ["DEFAULT_INSTRUMENT", "PowderOptions", "PowderSettings", "powder_settings"]

Array = NDArray[np.float64]

MOST_POINTS = 5_000_000
DEFAULT_INSTRUMENT = Instrument()


class PowderOptions(ScatteringOptions, total=False):
    """What may be said by keyword besides radiation, angles and instrument: see ``PowderSettings``."""

    probe: Probe | None
    scale: float
    floor: float


@dataclass(frozen=True)
class PowderSettings:
    """How a powder pattern is calculated.

    Parameters
    ----------
    radiation
        By name (``"CuKa"``), as a wavelength in Å, or whole.
    two_theta
        First and last angle, degrees, both included.
    step
        Degrees.
    instrument
        The diffractometer.
    probe
        ``"xray"``, ``"neutron"`` or ``"electron"``; ``None``: that of a whole radiation, else X-rays.
    scale
        S of the areas S m|F|² LP: intensities are in electrons² (neutrons: fm²) per degree at S = 1.
    floor
        Intensity below which a line's tail may be left out; 0 keeps the tails of all lines that count
        (``last_line``) over the whole range.
    dispersion, table, hydrogen
        See ``ScatteringModel``; f′ and f″ are those of the strongest line.
    u_default
        U_iso in Å² of sites that have none.

    Raises
    ------
    PhysicsError
        When scale, floor or ``u_default`` is negative or not finite.
    """

    radiation: float | str | Radiation = "CuKa"
    two_theta: tuple[float, float] = (5.0, 90.0)
    step: float = 0.02
    instrument: Instrument = DEFAULT_INSTRUMENT
    probe: Probe | None = None
    scale: float = 1.0
    floor: float = 0.0
    dispersion: bool = True
    table: FormFactorTable = "IT92"
    hydrogen: Hydrogen = "bonded"
    u_default: float = 0.0

    def __post_init__(self) -> None:
        for name in ("scale", "floor", "u_default"):
            as_number(name, getattr(self, name), 0.0)

    @property
    def points(self) -> Array:
        """The angles (n,), degrees 2θ."""
        low, high = self.two_theta
        if not 0.0 <= low < high <= 180.0 or not self.step > 0.0:
            raise PhysicsError(
                f"2θ from {low:g} to {high:g} deg in steps of {self.step:g} is no range; give angles from 0 to 180"
            )
        count = int(np.floor((high - low) / self.step + 1e-6)) + 1
        if not 2 <= count <= MOST_POINTS:
            raise PhysicsError(f"{count} points of 2θ; give a step that makes 2 to {MOST_POINTS}")
        return np.asarray(low + self.step * np.arange(count))

    @property
    def beam(self) -> Beam:
        """Radiation, instrument and range as the lines need them."""
        radiation = as_radiation(self.radiation, self.probe)
        wavelength = radiation.wavelength if self.dispersion else None
        model = ScatteringModel(radiation.probe, wavelength, self.table, self.hydrogen, self.dispersion)
        return Beam(radiation, self.instrument, *self.two_theta, model, self.u_default)


def powder_settings(
    wavelength: float | str | Radiation | None = None,
    two_theta: tuple[float, float] | None = None,
    step: float | None = None,
    instrument: Instrument | None = None,
    **options: Unpack[PowderOptions],
) -> PowderSettings:
    """Return settings from what a caller gave, the usual ones of the probe where that is nothing.

    Raises
    ------
    InputError
        When an argument is of the wrong kind, or there is no such option.
    PhysicsError
        When a number is not finite, or the scale, the floor or ``u_default`` negative.
    """
    check_options(options, PowderOptions.__annotations__)
    chosen: dict[str, Any] = dict(options)
    radiation = as_radiation(wavelength, chosen.pop("probe", None))
    scattering: Any = {name: chosen[name] for name in ScatteringOptions.__annotations__ if name in chosen}
    scattering_of(radiation, scattering)
    usual = USUAL[radiation.probe]
    return PowderSettings(
        radiation,
        as_range(usual.two_theta if two_theta is None else two_theta),
        as_number("step", usual.step if step is None else step),
        usual.instrument
        if instrument is None
        else as_kind("the instrument", instrument, Instrument, "Instrument(...)"),
        **chosen,
    )

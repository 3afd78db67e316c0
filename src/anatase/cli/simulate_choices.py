"""What the user of ``anatase simulate`` chose, checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from anatase.cli.simulate_options import ASKED
from anatase.errors import InputError

if TYPE_CHECKING:
    from anatase.report.simulation import Kind

__all__ = ["Choices", "choices_of"]


@dataclass(frozen=True)
class Choices:
    """What the user chose; names and units are those of the options."""

    as_lines: bool
    tof: Path | None
    bank: int | None
    rings: bool
    spots: bool
    zone: tuple[int, int, int] | None
    probe: Any
    wavelength: str | None
    monochromator: float | None
    table: Any
    no_dispersion: bool
    block: str | None
    u_iso: float | None
    fractions: tuple[float, ...] | None
    limits: tuple[float, float] | None
    step: float | None
    size: tuple[float, ...] | None
    strain: tuple[float, ...] | None
    texture: tuple[tuple[tuple[int, int, int], float] | None, ...]
    faults: tuple[tuple[float, float], ...]
    absorption: float | None
    amorphous: tuple[float, ...] | None
    geometry: str | None
    incidence: float | None
    fwhm: float | None
    uvw: tuple[float, float, float] | None
    xyz: tuple[float, float, float] | None
    axial: tuple[float, float] | None
    zero: float
    displacement: float
    radius: float
    background: float
    counts: float | None
    seed: int
    poni: Path | None
    distance: float | None
    pixel: float | None
    shape: tuple[int, int] | None
    fibre: tuple[float, float, float] | None
    crystallites: float | None
    rotate: tuple[float, float] | None
    orientation: str
    mosaicity: float
    d_min: float | None
    voltage: float | None
    thickness: float
    tilt: tuple[float, float]
    precession: float
    laue_zones: int
    double_diffraction: bool
    output: Path | None
    plot: str | None
    square_root: bool
    as_json: bool
    as_csv: bool
    quiet: bool

    @property
    def kind(self) -> Kind:
        """What to simulate.

        Raises
        ------
        InputError
            When it is more than one thing.
        """
        asked: dict[Kind, bool] = {
            "lines": self.as_lines,
            "time_of_flight": self.tof is not None,
            "rings": self.rings,
            "spots": self.spots,
            "zone": self.zone is not None,
        }
        kinds = [kind for kind, wanted in asked.items() if wanted]
        if len(kinds) > 1:
            raise InputError(f"{' and '.join(ASKED[kind] for kind in kinds)} at once", "give one of them")
        return kinds[0] if kinds else "powder"


def choices_of(ctx: click.Context, chosen: dict[str, Any]) -> Choices:
    """Return the choices, checked: none that the kind of simulation would leave unused.

    Raises
    ------
    InputError
        When an option means nothing to what is simulated, or contradicts another.
    """
    choices = Choices(**chosen)
    kind = choices.kind
    for option in ctx.command.params:
        kinds = getattr(option, "kinds", ())
        given = ctx.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE
        if given and kinds and kind not in kinds:
            meant = ", ".join(ASKED[other] for other in kinds)
            raise InputError(f"{option.opts[0]} belongs to {meant}", "leave it out here")
    if choices.as_json and choices.as_csv:
        raise InputError("both --json and --csv", "give one of them")
    if choices.fwhm is not None and (choices.uvw is not None or choices.xyz is not None):
        raise InputError("--fwhm with --uvw or --xyz", "give the width once")
    return choices

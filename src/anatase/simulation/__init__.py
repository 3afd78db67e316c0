"""From a structure to its diffraction: powders, frames of rings and spots, zone axes, times of flight.

Every verb, and the classes that it takes and returns, can be imported from here; nothing is loaded before it is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from anatase.pattern.detector_geometry import DetectorGeometry as DetectorGeometry
    from anatase.pattern.fibre_texture import FibreTexture as FibreTexture
    from anatase.pattern.tof_profile import TofProfile as TofProfile
    from anatase.scattering.radiation import Radiation as Radiation
    from anatase.scattering.time_of_flight import TofBank as TofBank
    from anatase.simulation.amorphous import add_amorphous as add_amorphous
    from anatase.simulation.crystallites import Crystallites as Crystallites
    from anatase.simulation.instrument import Instrument as Instrument
    from anatase.simulation.lines import simulate_lines as simulate_lines
    from anatase.simulation.many import simulate_many as simulate_many
    from anatase.simulation.mixture_variety import MixtureVariety as MixtureVariety
    from anatase.simulation.powder import SimulatedDerivatives as SimulatedDerivatives
    from anatase.simulation.powder import simulate as simulate
    from anatase.simulation.powder import simulate_derivatives as simulate_derivatives
    from anatase.simulation.powder_gradient import SimulatedGradient as SimulatedGradient
    from anatase.simulation.powder_gradient import simulate_gradient as simulate_gradient
    from anatase.simulation.random_powder import RandomMixture as RandomMixture
    from anatase.simulation.random_powder import random_empty_pattern as random_empty_pattern
    from anatase.simulation.random_powder import random_mixture as random_mixture
    from anatase.simulation.rings import simulate_rings as simulate_rings
    from anatase.simulation.sample import Sample as Sample
    from anatase.simulation.spot_image import draw_spots as draw_spots
    from anatase.simulation.spot_image import simulate_rotation as simulate_rotation
    from anatase.simulation.spots import CrystalSpread as CrystalSpread
    from anatase.simulation.spots import SpotList as SpotList
    from anatase.simulation.spots import simulate_spots as simulate_spots
    from anatase.simulation.spots import simulate_still as simulate_still
    from anatase.simulation.time_of_flight import simulate_time_of_flight as simulate_time_of_flight
    from anatase.simulation.time_of_flight_derivatives import (
        simulate_time_of_flight_derivatives as simulate_time_of_flight_derivatives,
    )
    from anatase.simulation.zone_axis import ZonePattern as ZonePattern
    from anatase.simulation.zone_axis import simulate_zone_axis as simulate_zone_axis
    from anatase.simulation.zone_axis import zone_orientation as zone_orientation
    from anatase.simulation.zone_image import draw_zone_axis as draw_zone_axis

__all__ = [
    "CrystalSpread",
    "Crystallites",
    "DetectorGeometry",
    "FibreTexture",
    "Instrument",
    "MixtureVariety",
    "Radiation",
    "RandomMixture",
    "Sample",
    "SimulatedDerivatives",
    "SimulatedGradient",
    "SpotList",
    "TofBank",
    "TofProfile",
    "ZonePattern",
    "add_amorphous",
    "draw_spots",
    "draw_zone_axis",
    "random_empty_pattern",
    "random_mixture",
    "simulate",
    "simulate_derivatives",
    "simulate_gradient",
    "simulate_lines",
    "simulate_many",
    "simulate_rings",
    "simulate_rotation",
    "simulate_spots",
    "simulate_still",
    "simulate_time_of_flight",
    "simulate_time_of_flight_derivatives",
    "simulate_zone_axis",
    "zone_orientation",
]

_MODULES = {
    "CrystalSpread": "anatase.simulation.spots",
    "Crystallites": "anatase.simulation.crystallites",
    "DetectorGeometry": "anatase.pattern.detector_geometry",
    "FibreTexture": "anatase.pattern.fibre_texture",
    "Instrument": "anatase.simulation.instrument",
    "MixtureVariety": "anatase.simulation.mixture_variety",
    "Radiation": "anatase.scattering.radiation",
    "RandomMixture": "anatase.simulation.random_powder",
    "Sample": "anatase.simulation.sample",
    "SimulatedDerivatives": "anatase.simulation.powder",
    "SimulatedGradient": "anatase.simulation.powder_gradient",
    "SpotList": "anatase.simulation.spots",
    "TofBank": "anatase.scattering.time_of_flight",
    "TofProfile": "anatase.pattern.tof_profile",
    "ZonePattern": "anatase.simulation.zone_axis",
    "add_amorphous": "anatase.simulation.amorphous",
    "draw_spots": "anatase.simulation.spot_image",
    "draw_zone_axis": "anatase.simulation.zone_image",
    "random_empty_pattern": "anatase.simulation.random_powder",
    "random_mixture": "anatase.simulation.random_powder",
    "simulate": "anatase.simulation.powder",
    "simulate_derivatives": "anatase.simulation.powder",
    "simulate_gradient": "anatase.simulation.powder_gradient",
    "simulate_lines": "anatase.simulation.lines",
    "simulate_many": "anatase.simulation.many",
    "simulate_rings": "anatase.simulation.rings",
    "simulate_rotation": "anatase.simulation.spot_image",
    "simulate_spots": "anatase.simulation.spots",
    "simulate_still": "anatase.simulation.spots",
    "simulate_time_of_flight": "anatase.simulation.time_of_flight",
    "simulate_time_of_flight_derivatives": "anatase.simulation.time_of_flight_derivatives",
    "simulate_zone_axis": "anatase.simulation.zone_axis",
    "zone_orientation": "anatase.simulation.zone_axis",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'anatase.simulation' has no attribute '{name}'")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

"""Scales of GSAS and GSAS-II: what they are here, and which are free."""

from __future__ import annotations

from collections.abc import Mapping

from anatase.io.foreign import ForeignBank, ForeignDiffractometer, SharedShift
from anatase.scattering.lorentz_polarization import effective_polarization

__all__ = ["free_scales", "scale_unit"]

PER_CENTIDEGREE = 100.0  # of an intensity per degree
SQUARE_FERMI = 100.0  # of |F|² in fm² for one in 10⁻²⁴ cm²


def scale_unit(beam: ForeignDiffractometer | ForeignBank, volume: float) -> float:
    """Return the scale here for one of GSAS or GSAS-II, of a phase with a cell of some volume (Å³).

    GSAS has S m|F|² Lp/V per centidegree at constant wavelength, Lp = [P + (1 − P) cos²2θ]/(2 sin²θ cos θ), and |F|²
    of neutrons in 10⁻²⁴ cm²; its second wavelength adds to the intensity of the first. Of time of flight it is 1.
    """
    if isinstance(beam, ForeignBank):
        return 1.0
    radiation = beam.radiation
    total = sum(weight for _, weight in radiation.lines) / radiation.lines[0][1]
    if radiation.probe == "neutron":
        return total / (2.0 * PER_CENTIDEGREE * SQUARE_FERMI * volume)
    return total / (2.0 * PER_CENTIDEGREE * (1.0 + effective_polarization(radiation)) * volume)


def free_scales(
    scales: Mapping[str, tuple[float, bool]], histogram_refined: bool
) -> tuple[frozenset[str], tuple[SharedShift, ...]]:
    """Return the free scales, of parameters with their value and whether the phase's fraction is refined.

    With the histogram's own scale refined all are free, and phases whose fractions are held rise and fall together.
    """
    held = tuple((value, name) for name, (value, refined) in scales.items() if not refined)
    free = frozenset(name for name, (_, refined) in scales.items() if refined or histogram_refined)
    return free, (SharedShift(held),) if histogram_refined and len(held) > 1 else ()

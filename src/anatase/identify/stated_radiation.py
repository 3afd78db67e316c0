"""A pattern with the radiation that the user states."""

from __future__ import annotations

from dataclasses import replace

from anatase.io.wavelength import about_radiation
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Probe, Radiation, radiation_from_name

__all__ = ["stated_radiation"]

NOMINAL = {"neutron": 1.5, "electron": 0.0251}  # Å, where no wavelength is known: a usual one, and that of 200 kV


def stated_radiation(pattern: Pattern, wavelength: str | float | None = None, probe: Probe | None = None) -> Pattern:
    """Return the pattern with the radiation that the user states in place of the file's.

    ``wavelength`` is a name, as in ``CuKa``, or a number in Å. A probe alone keeps the wavelength that is known.
    """
    known = pattern.radiation
    if wavelength is not None:
        radiation = radiation_from_name(str(wavelength), probe or "xray")
    elif probe is None or probe == "xray" or (known is not None and known.probe == probe):
        return pattern
    elif known is not None and not known.assumed:
        radiation = Radiation(probe, known.lines[:1], polarization=0.0)
    else:
        radiation = Radiation(probe, ((NOMINAL[probe], 1.0),), polarization=0.0, assumed=True)
    warnings = tuple(text for text in pattern.warnings if not about_radiation(text))
    return replace(pattern, radiation=radiation, warnings=warnings)

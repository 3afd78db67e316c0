"""The powder diffractometer: geometry, line widths, shifts and asymmetry."""

from __future__ import annotations

from dataclasses import dataclass, fields
from math import isfinite
from typing import Literal, get_args

from anatase.errors import InputError, PhysicsError

__all__ = ["Geometry", "Instrument"]

Geometry = Literal["bragg_brentano", "debye_scherrer", "transmission"]

LARGEST_ZERO = 90.0  # degrees


@dataclass(frozen=True)
class Instrument:
    """A constant-wavelength powder diffractometer; the defaults are a good laboratory one without axial divergence.

    Parameters
    ----------
    geometry
        ``"bragg_brentano"``: a flat plate in symmetric reflection; ``"debye_scherrer"``: a capillary, spun about its
        axis; ``"transmission"``: a flat plate in symmetric transmission.
    incidence
        Fixed angle between beam and plate, degrees, for a film in asymmetric reflection; ``None``: symmetric.
    gauss_u, gauss_v, gauss_w
        Gaussian FWHM² = U tan²θ + V tan θ + W, deg² (Caglioti, Paoletti & Ricci 1958).
    lorentz_x, lorentz_y, lorentz_z
        Lorentzian FWHM = X/cos θ + Y tan θ + Z, degrees.
    s_over_l, h_over_l
        Axial divergence: half-heights of sample and detector slit over the radius (Finger, Cox & Jephcoat 1994);
        both 0 for symmetric lines.
    zero
        Zero error, degrees 2θ.
    displacement
        Of the sample, mm. Plate in reflection: its surface lies too deep by that much. Plate in transmission: along
        its normal, downstream. Capillary: along the beam.
    displacement_across
        Of a capillary, mm, towards positive 2θ.
    penetration
        1/μ of a thick transparent plate, mm.
    radius
        Of the goniometer, mm.

    Raises
    ------
    InputError
        When the geometry is unknown, or does not know a correction that is set.
    PhysicsError
        When S/L or H/L is negative or only one of them is zero, or an angle is none.
    """

    geometry: Geometry = "bragg_brentano"
    gauss_u: float = 0.002
    gauss_v: float = -0.002
    gauss_w: float = 0.003
    lorentz_x: float = 0.02
    lorentz_y: float = 0.02
    lorentz_z: float = 0.0
    s_over_l: float = 0.0
    h_over_l: float = 0.0
    zero: float = 0.0
    displacement: float = 0.0
    displacement_across: float = 0.0
    penetration: float = 0.0
    radius: float = 200.0
    incidence: float | None = None

    def __post_init__(self) -> None:
        if self.geometry not in get_args(Geometry):
            raise InputError(f"'{self.geometry}' is no geometry", f"give one of {', '.join(get_args(Geometry))}")
        if self.geometry != "debye_scherrer" and self.displacement_across != 0.0:
            raise InputError("displacement_across of a flat plate is no error of its own", "set displacement instead")
        if self.geometry != "bragg_brentano" and (self.penetration != 0.0 or self.incidence is not None):
            raise InputError(
                "penetration and incidence belong to a flat plate in reflection", "leave them out for this geometry"
            )
        if self.incidence is not None and not 0.0 < self.incidence <= 90.0:
            raise PhysicsError(f"the angle of incidence is {self.incidence:g} deg; give one above 0, up to 90")
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, float) and not isfinite(value):
                raise PhysicsError(f"{field.name} of the instrument is {value:g}; give a finite number")
        if not self.radius > 0.0:
            raise PhysicsError(f"the radius of the goniometer is {self.radius:g} mm; give a positive one")
        if abs(self.zero) > LARGEST_ZERO:
            raise PhysicsError(f"the zero error is {self.zero:g} deg; give one within {LARGEST_ZERO:g}")
        heights = (self.s_over_l, self.h_over_l)
        if min(heights) < 0.0 or (min(heights) == 0.0) != (max(heights) == 0.0) or max(heights) > 0.5:
            raise PhysicsError(
                f"axial divergence S/L = {heights[0]:g}, H/L = {heights[1]:g}; give both above 0, up to 0.5, or both 0"
            )

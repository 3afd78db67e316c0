"""The powder sample: crystallite size, strain, texture, absorption of one phase."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Literal, get_args

from anatase.errors import InputError, PhysicsError

__all__ = ["RoughnessModel", "Sample"]

RoughnessModel = Literal["suortti", "pitschke"]


@dataclass(frozen=True)
class Sample:
    """What the crystallites of a phase are like, and how they lie; the defaults are an ideal powder.

    Parameters
    ----------
    size
        Volume-weighted mean size, Å; ``None``: too large to broaden lines (above a micrometre).
    size_across
        Size across ``size_axis``, Å; ``size`` is then that along it.
    size_axis
        hkl of a plane whose normal is the axis of needles or plates; symmetry must leave it in place.
    size_gauss_share
        0 for Lorentzian size broadening, 1 for Gaussian, or between: that share of the FWHM goes to the Gaussian
        width, whose squares add, the rest to the Lorentzian. The line is then narrower than the stated FWHM:
        that of 0.818° in halves is 0.668° wide.
    shape_factor
        K of the Scherrer equation.
    strain
        Microstrain e, half the FWHM of the distribution of Δd/d; FWHM = 4 e tan θ.
    strain_gauss_share
        As for size; also for ``stephens``.
    stephens
        S_HKL in Å⁻⁴ for each term of ``stephens_names(space_group)``; empty: none.
    texture_axis, march_r
        hkl of the plane whose normal is the axis, and r of March (1932) and Dollase (1986); r < 1 for plates. The
        axes gather along the normal of a flat plate, or along a capillary, which is seen spun.
    textures
        Several such axes, in place of one: hkl, r and the share of the crystallites that each orients; the rest lie
        at random, P = 1 + Σ f_i (P_i − 1).
    harmonics, harmonic_order
        Coefficients of symmetrised spherical harmonics up to an even order (``symmetrised_harmonics``).
    texture_tilt
        Angle between the axis of the harmonics' texture and the scattering vector, degrees, as of a plate that is
        tilted; ``None``: 0 for a plate in reflection, else 90.
    absorption
        μt of a flat plate or μR of a capillary, packing included, by time of flight μR at 1 Å; ``None``: a thick plate
        in reflection, else a thin sample.
    roughness, roughness_model
        p and q for a flat plate, of Suortti (1972) or of Pitschke, Hermann & Mattern (1993); ``None``: smooth.
    deformation_faults, twin_faults
        Probabilities per layer of faults in a cubic (225, one site at 0,0,0) or hexagonal (194, one site at
        1/3,2/3,1/4) close-packed metal (Warren 1969); twin faults are the growth faults of hexagonal metals.

    Raises
    ------
    InputError
        When an axis is missing, or the model of roughness unknown.
    PhysicsError
        When a share is outside 0 to 1, or a size, strain, axis or March r is impossible.
    """

    size: float | None = None
    size_across: float | None = None
    size_axis: tuple[int, int, int] | None = None
    size_gauss_share: float = 0.0
    shape_factor: float = 0.9
    strain: float = 0.0
    strain_gauss_share: float = 0.0
    stephens: tuple[float, ...] = ()
    texture_axis: tuple[int, int, int] | None = None
    march_r: float = 1.0
    textures: tuple[tuple[tuple[int, int, int], float, float], ...] = ()
    harmonics: tuple[float, ...] = ()
    harmonic_order: int = 0
    texture_tilt: float | None = None
    absorption: float | None = None
    roughness: tuple[float, float] | None = None
    roughness_model: RoughnessModel = "suortti"
    deformation_faults: float = 0.0
    twin_faults: float = 0.0

    def __post_init__(self) -> None:
        if self.size_across is not None and (self.size_axis is None or self.size is None):
            raise InputError(
                "size_across is set without size or size_axis", "give the size along an axis, and the axis"
            )
        if self.march_r != 1.0 and self.texture_axis is None:
            raise InputError(
                f"march_r = {self.march_r:g} is set without texture_axis", "give the axis, as in (0, 0, 1)"
            )
        if self.textures and self.texture_axis is not None:
            raise InputError("texture_axis is set beside textures", "put all axes into textures")
        if self.texture_tilt is not None:
            if self.texture_axis is not None or self.textures:
                raise InputError("texture_tilt is set for March axes", "describe a tilted sample by harmonics")
            if not 0.0 <= self.texture_tilt <= 180.0:
                raise PhysicsError(f"texture_tilt is {self.texture_tilt:g} deg; give an angle from 0 to 180")
        several = [("textures", axis) for axis, _, _ in self.textures]
        for name, axis in (("texture_axis", self.texture_axis), ("size_axis", self.size_axis), *several):
            if axis is not None and not any(axis):
                raise PhysicsError(f"{name} 000 is no plane; give hkl that are not all 0")
        for r in (self.march_r, *(r for _, r, _ in self.textures)):
            if not 1e-3 <= r <= 1e3:
                raise PhysicsError(f"March r is {r:g}; give a number from 0.001 to 1000")
        shares = [share for _, _, share in self.textures]
        if shares and not (min(shares) >= 0.0 and sum(shares) <= 1.0 + 1e-9):
            raise PhysicsError(f"textures orient shares {shares} of the crystallites; give 0 or more, together up to 1")
        if self.roughness_model not in get_args(RoughnessModel):
            raise InputError(
                f"'{self.roughness_model}' is no model of roughness", f"give {' or '.join(get_args(RoughnessModel))}"
            )
        for name in ("size_gauss_share", "strain_gauss_share", "deformation_faults", "twin_faults"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise PhysicsError(f"{name} is {getattr(self, name):g}; give a share from 0 to 1")
        self._check_lengths()

    def _check_lengths(self) -> None:
        for name in ("size", "size_across", "shape_factor"):
            value = getattr(self, name)
            if value is not None and not (value > 0.0 and isfinite(value)):
                raise PhysicsError(f"{name} of the crystallites is {value:g}; give a positive number")
        if not (self.strain >= 0.0 and isfinite(self.strain)):
            raise PhysicsError(f"microstrain is {self.strain:g}; give a number of 0 or more")
        if self.absorption is not None and not self.absorption >= 0.0:
            raise PhysicsError(f"the optical thickness of the sample is {self.absorption:g}; give 0 or more")

    @property
    def has_faults(self) -> bool:
        """Whether any stacking faults are set."""
        return self.deformation_faults > 0.0 or self.twin_faults > 0.0

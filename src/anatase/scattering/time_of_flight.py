"""Neutron time of flight: what a detector bank makes of a d-spacing, and back.

A neutron of wavelength λ needs m λ L/h = 252.778 µs/(Å m) · λ L for a path of length L. With λ = 2 d sinθ the time is
proportional to d; small terms take up what the moderator and the geometry add (Von Dreele, Jorgensen & Windsor (1982)
J. Appl. Cryst. 15, 581).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError, PhysicsError

__all__ = ["MICROSECONDS_PER_ANGSTROM_METRE", "TofBank"]

Array = NDArray[np.float64]

MICROSECONDS_PER_ANGSTROM_METRE = 252.778413165  # m_n/h, CODATA 2018: 1.67492749804e-27/6.62607015e-34 · 1e-10 · 1e6
NEWTON_STEPS = 60


@dataclass(frozen=True)
class TofBank:
    """A bank of detectors at one scattering angle: t = DIFC d + DIFA d² + DIFB/d + ZERO.

    Parameters
    ----------
    difc
        µs/Å.
    difa
        µs/Å².
    difb
        µs Å.
    zero
        µs.
    two_theta
        Scattering angle of the bank, degrees.
    flight_path
        Moderator to sample to detector, m; 0 where it is not known. It does not enter the calibration.
    name
        ``"SEPD bank 1"``.

    Raises
    ------
    PhysicsError
        When DIFC is not positive, the angle is not between 0 and 180°, or the calibration rises nowhere.

    Examples
    --------
    >>> bank = TofBank(7476.91, -1.54, two_theta=144.845)
    >>> round(float(bank.time_of_flight(3.1358)), 1)
    23431.0
    >>> round(float(bank.d_spacing(23431.0)), 4)
    3.1358
    """

    difc: float
    difa: float = 0.0
    difb: float = 0.0
    zero: float = 0.0
    two_theta: float = 90.0
    flight_path: float = 0.0
    name: str = ""

    def __post_init__(self) -> None:
        if not np.all(np.isfinite([self.difc, self.difa, self.difb, self.zero, self.flight_path])):
            raise PhysicsError(f"the calibration {self.label} holds numbers that are not finite")
        if self.difc <= 0.0 or self.flight_path < 0.0:
            raise PhysicsError(f"DIFC = {self.difc:g} µs/Å and flight path {self.flight_path:g} m must be positive")
        if not 0.0 < self.two_theta < 180.0:
            raise PhysicsError(f"a bank at 2θ = {self.two_theta:g}° diffracts nothing; give an angle from 0 to 180°")
        if self.d_limits[0] >= self.d_limits[1]:
            raise PhysicsError(f"the calibration {self.label} rises with d nowhere; look at the signs of DIFA and DIFB")

    @classmethod
    def from_geometry(cls, two_theta: float, flight_path: float, name: str = "") -> TofBank:
        """Return the ideal bank at an angle (°) and total flight path (m): DIFC = 505.557 L sinθ."""
        difc = 2.0 * MICROSECONDS_PER_ANGSTROM_METRE * flight_path * float(np.sin(np.radians(two_theta) / 2.0))
        return cls(difc, two_theta=two_theta, flight_path=flight_path, name=name)

    @property
    def label(self) -> str:
        """The name and the four constants, for messages."""
        constants = f"t = {self.difc:g} d + {self.difa:g} d² + {self.difb:g}/d + {self.zero:g}"
        return f"{self.name}: {constants}" if self.name else constants

    @cached_property
    def d_limits(self) -> tuple[float, float]:
        """The range of d (Å) around the middle of a pattern over which t rises with d: (0, inf) for DIFA = DIFB = 0.

        t rises where 2 DIFA d³ + DIFC d² − DIFB > 0; its positive roots bound one interval.
        """
        roots = np.roots([2.0 * self.difa, self.difc, 0.0, -self.difb])
        ends = np.sort(roots[(np.abs(roots.imag) < 1e-9 * np.abs(roots)) & (roots.real > 1e-12)].real)
        if ends.size == 0:
            rises = 2.0 * self.difa + self.difc - self.difb > 0.0
            return (0.0, np.inf) if rises else (np.inf, 0.0)
        if ends.size == 1:
            return (0.0, float(ends[0])) if self.difa < 0.0 else (float(ends[0]), np.inf)
        return float(ends[0]), float(ends[-1])

    def time_of_flight(self, d_spacing: ArrayLike) -> Array:
        """Return the times of flight t (n,) in µs of d-spacings (n,) in Å.

        Raises
        ------
        PhysicsError
            For d beyond the range over which t rises with d.
        """
        d = np.asarray(d_spacing, dtype=float)
        low, high = self.d_limits
        if d.size and not (d.min() > low and d.max() < high):
            raise PhysicsError(
                f"d = {d.min():g} to {d.max():g} Å leaves the range {low:.4g} to {high:.4g} Å over which "
                f"{self.label} rises"
            )
        return np.asarray(self.difc * d + self.difa * d * d + self.difb / d + self.zero)

    def slope(self, d_spacing: ArrayLike) -> Array:
        """Return dt/dd (n,) in µs/Å at d-spacings (n,) in Å."""
        d = np.asarray(d_spacing, dtype=float)
        return np.asarray(self.difc + 2.0 * self.difa * d - self.difb / (d * d))

    def d_spacing(self, time_of_flight: ArrayLike) -> Array:
        """Return the d-spacings (n,) in Å of times of flight (n,) in µs, by Newton's method kept inside ``d_limits``.

        Raises
        ------
        PhysicsError
            For times that no d-spacing of the rising branch has.
        """
        t = np.asarray(time_of_flight, dtype=float)
        low, high = self.d_limits
        d = np.clip((t - self.zero) / self.difc, max(low * 1.001, 1e-6), high * 0.999)
        for _ in range(NEWTON_STEPS):
            step = (self.difc * d + self.difa * d * d + self.difb / d + self.zero - t) / self.slope(d)
            # a step never leaves the rising branch: at most nine tenths of the way to its ends
            new = np.clip(d - step, low + 0.1 * (d - low), d + 0.9 * (high - d) if np.isfinite(high) else np.inf)
            settled = bool(np.all(np.abs(new - d) <= 4e-16 * d))
            d = new
            if settled:
                break
        missed = np.abs(self.difc * d + self.difa * d * d + self.difb / d + self.zero - t) > 1e-9 * (np.abs(t) + 1.0)
        if np.any(missed):
            raise PhysicsError(f"no d-spacing has the time of flight {t[missed].flat[0]:g} µs: {self.label}")
        return np.asarray(d)

    def wavelength(self, d_spacing: ArrayLike) -> Array:
        """Return the wavelengths λ = 2 d sinθ (n,) in Å that d-spacings (n,) in Å scatter into this bank."""
        return np.asarray(2.0 * np.asarray(d_spacing, dtype=float) * np.sin(np.radians(self.two_theta) / 2.0))

    def lorentz(self, d_spacing: ArrayLike) -> Array:
        """Return the Lorentz factor d⁴ sinθ (n,), Å⁴, of powder lines at constant angle and varying wavelength.

        Buras & Gerward (1975) Acta Cryst. A31, 372; Von Dreele et al. (1982). The intensity per µs follows when
        the area of a line is spread over time.
        """
        d = np.asarray(d_spacing, dtype=float)
        return np.asarray(d**4 * np.sin(np.radians(self.two_theta) / 2.0))

    def flight_wavelength(self, time_of_flight: ArrayLike) -> Array:
        """Return the wavelengths λ = h t/(m L) (n,) in Å by the flight path alone, as an incident spectrum wants it.

        Raises
        ------
        InputError
            When the flight path is not known.
        """
        if self.flight_path == 0.0:
            raise InputError(f"bank {self.label} has no flight path", "give flight_path in m")
        t = np.asarray(time_of_flight, dtype=float) - self.zero
        return np.asarray(t / (MICROSECONDS_PER_ANGSTROM_METRE * self.flight_path))

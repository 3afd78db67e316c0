"""The scattering power of one atom for X-rays, neutrons or electrons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from anatase.errors import InputError
from anatase.scattering.dispersion import anomalous
from anatase.scattering.electron_form_factors import electron_f
from anatase.scattering.form_factors import FormFactorTable, GaussianSum, Hydrogen, gaussian_sum
from anatase.scattering.neutron_lengths import neutron_amplitude
from anatase.scattering.radiation import Probe

__all__ = ["ScatteringModel", "scattering_power", "scattering_power_slope", "xray_gaussians"]

Array = NDArray[np.float64]

RELATIVE_STEP = 1e-5  # for slopes


@dataclass(frozen=True, slots=True)
class ScatteringModel:
    """Which probe scatters, and from which tables atoms take their scattering powers.

    Parameters
    ----------
    probe
        ``"xray"``, ``"neutron"`` or ``"electron"``.
    wavelength
        In Å, for f′ and f″ and for nuclei with thermal resonances; ``None`` leaves both out.
    table
        X-ray form factors of International Tables C (``"IT92"``) or Waasmaier & Kirfel (``"WK95"``).
    hydrogen
        Neutral hydrogen ``"bonded"`` or ``"free"``, for X-rays.
    dispersion
        Whether X-ray form factors include f′ and f″ of the wavelength.

    Raises
    ------
    InputError
        When a probe, table or kind of hydrogen is unknown, or the wavelength is not positive.
    """

    probe: Probe = "xray"
    wavelength: float | None = None
    table: FormFactorTable = "IT92"
    hydrogen: Hydrogen = "bonded"
    dispersion: bool = True

    def __post_init__(self) -> None:
        for name, value, choices in (
            ("probe", self.probe, get_args(Probe)),
            ("table of form factors", self.table, get_args(FormFactorTable)),
            ("kind of hydrogen", self.hydrogen, get_args(Hydrogen)),
        ):
            if value not in choices:
                raise InputError(f"'{value}' is no {name}", f"give one of {', '.join(choices)}")
        if self.wavelength is not None and not self.wavelength > 0.0:
            raise InputError(f"wavelength {self.wavelength:g} Å is not positive", "give it in angstrom, or None")


def scattering_power(
    element: str, charge: int, isotope: int, stol2: Array, model: ScatteringModel
) -> tuple[Array | float, float]:
    """Return real and imaginary part of what one atom scatters, at (sin θ/λ)² (n,) in Å⁻².

    X-rays: f0 + f′ (n,) and f″ in electrons. Neutrons: b and b″ = σ_a/(2λ) in fm, no arrays. Electrons: f_e (n,) in Å
    and 0. Absorption makes the imaginary part positive in the crystallographic convention
    F = Σ f exp(2πi h·x) for both X-rays and neutrons (Sears writes b′ − ib″ for exp(−iQ·r)).

    Raises
    ------
    InputError
        When the element is none or is not in the tables, or no neutron length of the isotope is known.
    PhysicsError
        When f′ and f″ are asked for outside 0.0124 to 24.8 Å, or an ion scatters electrons at sin θ/λ = 0.

    Examples
    --------
    >>> model = ScatteringModel("xray", 1.5405929)
    >>> real, imaginary = scattering_power("Fe", 3, 0, np.array([0.0, 0.1]), model)
    >>> [float(round(value, 1)) for value in real], round(imaginary, 1)
    ([21.9, 15.1], 3.2)
    """
    if model.probe == "neutron":
        return _nucleus(element, isotope, model.wavelength)
    if model.probe == "electron":
        return electron_f(element, stol2, charge, model.table), 0.0
    gaussians, constant, f_second = xray_gaussians(element, charge, model)
    real: Array = gaussians.a @ np.exp(gaussians.minus_b * stol2)
    real += constant
    return real, f_second


def scattering_power_slope(element: str, charge: int, stol2: Array, model: ScatteringModel) -> Array | float:
    """Return the derivative (n,) by (sin θ/λ)², in Å², of the real part of ``scattering_power``; 0.0 for neutrons."""
    if model.probe == "neutron":
        return 0.0
    if model.probe == "electron":  # by central differences, error 1e-10
        step = RELATIVE_STEP * stol2
        ends = [electron_f(element, stol2 + sign * step, charge, model.table) for sign in (1.0, -1.0)]
        return np.asarray((ends[0] - ends[1]) / (2.0 * step))
    gaussians, _, _ = xray_gaussians(element, charge, model)
    return np.asarray((gaussians.a * gaussians.minus_b[:, 0]) @ np.exp(gaussians.minus_b * stol2))


_nucleus = lru_cache(maxsize=1024)(neutron_amplitude)


@lru_cache(maxsize=4096)
def xray_gaussians(element: str, charge: int, model: ScatteringModel) -> tuple[GaussianSum, float, float]:
    """Return the Gaussians of an ion's X-ray form factor, c + f′ in place of their c, and f″, in electrons."""
    gaussians = gaussian_sum(element, charge, model.table, model.hydrogen)
    f_prime = f_second = 0.0
    if model.dispersion and model.wavelength is not None:
        f_prime, f_second = anomalous(element, model.wavelength)
    return gaussians, gaussians.c + f_prime, f_second

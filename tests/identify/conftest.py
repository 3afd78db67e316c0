"""Simulated scans: structures of the embedded library, drawn line by line with numpy, with counting noise.

Only the structure factors are the program's own. Bragg's law, the Lorentz-polarization factor, the profile and each
phase's share are written out here, so that a wrong formula in the fit does not cancel against itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.crystal.lattice import Lattice
from anatase.crystal.structure import Structure
from anatase.library import Library, open_library
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.reflections import reflections
from anatase.scattering.scattering_power import ScatteringModel

Array = NDArray[np.float64]
Cell = tuple[float, float, float]


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Return the embedded library, without what this machine's user may have added to it."""
    patch = pytest.MonkeyPatch()
    patch.setenv("ANATASE_HOME", str(tmp_path_factory.mktemp("home")))
    opened = open_library(None)
    patch.undo()
    return opened


def stretched(structure: Structure, cell: Cell) -> Structure:
    """Return the structure with its axes multiplied by three factors."""
    a, b, c, *angles = structure.lattice.parameters
    return replace(structure, lattice=Lattice(a * cell[0], b * cell[1], c * cell[2], *angles))


def profile(x: Array, place: float, fwhm: float, eta: float) -> Array:
    """Return the pseudo-Voigt of unit area: η Lorentzian + (1 − η) Gaussian of one FWHM."""
    u = (x - place) / fwhm
    gauss = np.sqrt(4.0 * np.log(2.0) / np.pi) * np.exp(-4.0 * np.log(2.0) * u**2)
    return (eta * 2.0 / np.pi / (1.0 + 4.0 * u**2) + (1.0 - eta) * gauss) / fwhm


def phase_pattern(x: Array, structure: Structure, radiation: Radiation, fwhm: float, displacement: float) -> Array:
    """Return Σ m|F|²/V² · LP · profile (n,): what a unit volume of a phase scatters, up to a constant.

    LP = (1 + K cos²2θ)/((1 + K) sin²θ cos θ); a line moves by the displacement (°) times cos θ.
    """
    k = radiation.polarization
    y = np.zeros_like(x)
    total = sum(weight for _, weight in radiation.lines)
    d_min = radiation.wavelength / 2.0 / np.sin(np.radians(x[-1] / 2.0 + 0.5))
    model = ScatteringModel(radiation.probe, radiation.wavelength)
    listed = reflections(structure, d_min, model, u_default=TYPICAL_U_ISO)
    strength = listed.multiplicity * listed.f_squared / structure.lattice.volume**2
    for wavelength, weight in radiation.lines:
        sine = wavelength / (2.0 * listed.d_spacing)
        theta = np.arcsin(np.minimum(sine, 1.0))
        lp = (1.0 + k * np.cos(2.0 * theta) ** 2) / ((1.0 + k) * sine**2 * np.cos(theta))
        place = np.degrees(2.0 * theta) + displacement * np.cos(theta)
        width = fwhm * np.sqrt(0.8 + 0.4 * np.tan(theta) ** 2)
        for i in np.flatnonzero(sine < 0.999):
            low, high = np.searchsorted(x, [place[i] - 40.0 * width[i], place[i] + 40.0 * width[i]])
            y[low:high] += weight / total * strength[i] * lp[i] * profile(x[low:high], place[i], width[i], 0.5)
    return y


@pytest.fixture(scope="session")
def unit_volume() -> Callable[..., Array]:
    """Return ``phase_pattern``, for tests that weigh an answer's curves by hand."""
    return phase_pattern


@pytest.fixture(scope="session")
def simulate(library: Library) -> Callable[..., Pattern]:
    """Return ``simulate(fractions, cells={id: (fa, fb, fc)}, …)``: a scan of phases with given weight fractions.

    A phase's share of the volume is its weight fraction over its density; the highest point of all has ``counts`` above
    a background that falls from ``background`` by two thirds, with a wide hump.
    """

    def draw(
        fractions: Mapping[str, float],
        *,
        cells: Mapping[str, Cell] | None = None,
        radiation: Radiation | str = "CuKa",
        limits: tuple[float, float] = (15.0, 80.0),
        step: float = 0.02,
        fwhm: float = 0.10,
        displacement: float = 0.0,
        counts: float = 6000.0,
        background: float = 150.0,
        seed: int = 1,
    ) -> Pattern:
        beam = radiation_from_name(radiation) if isinstance(radiation, str) else radiation
        x = np.round(np.arange(limits[0], limits[1], step), 6)
        bragg = np.zeros_like(x)
        for library_id, fraction in fractions.items():
            structure = library.structure(library.index_of(library_id))
            placed = stretched(structure, (cells or {}).get(library_id, (1.0, 1.0, 1.0)))
            bragg += fraction / placed.density * phase_pattern(x, placed, beam, fwhm, displacement)
        t = (x - x[0]) / (x[-1] - x[0])
        level = background * (1.0 / 3.0 + 2.0 / 3.0 * np.exp(-4.0 * t) + 0.3 * np.exp(-(((t - 0.2) / 0.12) ** 2)))
        expected = level + (counts * bragg / bragg.max() if fractions else 0.0)
        y = np.random.default_rng(seed).poisson(expected).astype(float)
        return Pattern(x, y, np.sqrt(np.maximum(y, 1.0)), radiation=beam, name="simulated.xy", sha256="0" * 64)

    return draw

"""Capillaries, plates in transmission and films at fixed incidence: factors by hand, and derivatives."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from anatase.crystal.structure import Structure
from anatase.errors import InputError, PhysicsError
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import simulate, simulate_derivatives
from anatase.simulation.sample import Sample

NARROW = Instrument(gauss_u=0.0, gauss_v=0.0, gauss_w=0.0025, lorentz_x=0.0, lorentz_y=0.0)


def area(structure: Structure, near: float, instrument: Instrument, sample: Sample | None = None) -> float:
    """Return the area of the line within 0.4° of an angle."""
    pattern = simulate(structure, "CuKa1", (near - 0.4, near + 0.4), 0.005, instrument, sample)
    return float(pattern.intensity.sum() * 0.005)


def test_texture_of_a_spun_capillary(corundum):
    # 00l planes: r^(3/2); hk0 planes: the mean of March's factor over the azimuth about their normal, by quadrature
    capillary, r = replace(NARROW, geometry="debye_scherrer"), 0.5
    textured = Sample(texture_axis=(0, 0, 1), march_r=r)
    mean = quad(lambda w: (r * r * np.cos(w) ** 2 + np.sin(w) ** 2 / r) ** -1.5, 0.0, np.pi, epsabs=1e-12)[0] / np.pi
    for near, factor in ((41.68, r**1.5), (37.78, mean)):  # 006 and 110
        ratio = area(corundum, near, capillary, textured) / area(corundum, near, capillary)
        assert ratio == pytest.approx(factor, rel=1e-6)
    # a flat plate keeps the conventional factor: r⁻³ and r^(3/2)
    assert area(corundum, 41.68, NARROW, textured) / area(corundum, 41.68, NARROW) == pytest.approx(8.0, rel=1e-6)
    assert mean == pytest.approx(2.03, abs=5e-3)


def test_a_plate_in_transmission(corundum):
    # exp(−μt/cosθ)/cosθ (International Tables C, 6.3.3); −2 s sinθ/R; texture as across its normal
    plate = replace(NARROW, geometry="transmission")
    theta = np.radians(43.355 / 2.0)
    ratio = area(corundum, 43.36, plate, Sample(absorption=0.8)) / area(corundum, 43.36, NARROW)
    assert ratio == pytest.approx(np.exp(-0.8 / np.cos(theta)) / np.cos(theta), rel=1e-4)
    peaks = []
    for displacement in (0.0, 0.4):
        moved = simulate(corundum, "CuKa1", (42.0, 44.0), 0.002, replace(plate, displacement=displacement))
        peaks.append(np.sum(moved.x * moved.intensity) / moved.intensity.sum())
    assert peaks[1] - peaks[0] == pytest.approx(np.degrees(-2.0 * 0.4 * np.sin(theta) / 200.0), rel=1e-3)
    textured = Sample(texture_axis=(0, 0, 1), march_r=0.5)
    assert area(corundum, 41.68, plate, textured) / area(corundum, 41.68, plate) == pytest.approx(0.5**1.5, rel=1e-6)


def test_a_film_at_fixed_incidence(corundum):
    # thick: 2/(1 + sinα/sinβ); thin: μt/sinα of the thick plate's 1/(2μ), times 2; displaced: −s sin2θ/(R sinα)
    film, tt, alpha = replace(NARROW, incidence=5.0), np.radians(43.355), np.radians(5.0)
    thick = area(corundum, 43.36, film) / area(corundum, 43.36, NARROW)
    assert thick == pytest.approx(2.0 / (1.0 + np.sin(alpha) / np.sin(tt - alpha)), rel=1e-4)
    thin = area(corundum, 43.36, film, Sample(absorption=1e-6)) / area(corundum, 43.36, NARROW)
    assert thin == pytest.approx(2e-6 / np.sin(alpha), rel=1e-4)
    peaks = []
    for displacement in (0.0, 0.01):
        moved = simulate(corundum, "CuKa1", (42.0, 44.0), 0.002, replace(film, displacement=displacement))
        peaks.append(np.sum(moved.x * moved.intensity) / moved.intensity.sum())
    assert peaks[1] - peaks[0] == pytest.approx(np.degrees(-0.01 * np.sin(tt) / (200.0 * np.sin(alpha))), rel=1e-3)
    # 012 at 25.6° leaves through the back of a film at 30°
    assert area(corundum, 25.58, replace(NARROW, incidence=30.0)) == pytest.approx(0.0, abs=1e-9)


def test_penetration_at_fixed_incidence_is_that_of_the_plate_at_its_angle(corundum):
    # at α = θ the asymmetric formulas are the symmetric ones: a shift of 0.2°, to 1e-4
    peaks = []
    for incidence in (None, 43.355 / 2.0):
        plate = replace(NARROW, penetration=0.5, displacement=0.2, incidence=incidence)
        pattern = simulate(corundum, "CuKa1", (42.0, 44.0), 0.002, plate)
        peaks.append(np.sum(pattern.x * pattern.intensity) / pattern.intensity.sum())
    assert peaks[0] == pytest.approx(peaks[1], abs=1e-4)


CASES = {
    "capillary": (
        Instrument("debye_scherrer", displacement=0.1, displacement_across=0.05),
        Sample(texture_axis=(0, 1, 4), march_r=0.7, absorption=0.5),
        ["march_r", "absorption", "displacement", "displacement_across"],
    ),
    "needles": (Instrument("debye_scherrer"), Sample(texture_axis=(0, 0, 1), march_r=1.6), ["march_r"]),
    "transmission": (
        Instrument("transmission", displacement=0.1),
        Sample(texture_axis=(0, 0, 1), march_r=0.7, absorption=0.5),
        ["march_r", "absorption", "displacement"],
    ),
    "film": (
        Instrument(incidence=8.0, displacement=0.02, penetration=0.05),
        Sample(absorption=0.3),
        ["absorption", "displacement", "penetration"],
    ),
    "thick film": (Instrument(incidence=8.0, displacement=0.02), Sample(), ["displacement", "zero"]),
    "roughness": (
        Instrument(),
        Sample(roughness=(0.1, 0.05), roughness_model="pitschke"),
        ["zero"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_derivatives(case, corundum):
    # Richardson's central differences, error O(step⁴); relative 1e-6 in the norm
    instrument, sample, names = CASES[case]
    plain = ("CuKa1", (20.0, 70.0), 0.05)
    answer = simulate_derivatives(corundum, *plain, instrument, sample)
    for name in [*names, "a", "c"]:
        numerics = []
        for step in (1e-5, 2e-5):
            ends = []
            for moved in (step, -step):
                own, beam, powder = corundum, instrument, sample
                if name in ("a", "c"):
                    a, c = (getattr(own.lattice, edge) + moved * (edge == name) for edge in ("a", "c"))
                    own = replace(own, lattice=type(own.lattice)(a, a, c, 90.0, 90.0, 120.0))
                elif hasattr(instrument, name):
                    beam = replace(instrument, **{name: getattr(instrument, name) + moved})
                else:
                    powder = replace(sample, **{name: getattr(sample, name) + moved})
                ends.append(simulate(own, *plain, beam, powder).intensity)
            numerics.append((ends[0] - ends[1]) / (2.0 * step))
        numeric = (4.0 * numerics[0] - numerics[1]) / 3.0
        row = answer.jacobian[answer.names.index(name)]
        assert np.linalg.norm(row - numeric) < 1e-6 * np.linalg.norm(numeric), name


def test_pitschkes_roughness_takes_from_low_angles(corundum):
    # the factor by hand: [1 − p (1/sinθ − q/sin²θ)]/[1 − p (1 − q)]
    rough = Sample(roughness=(0.1, 0.05), roughness_model="pitschke")
    sine = np.sin(np.radians(25.576 / 2.0))
    factor = (1.0 - 0.1 * (1.0 / sine - 0.05 / sine**2)) / (1.0 - 0.1 * 0.95)
    assert area(corundum, 25.58, NARROW, rough) / area(corundum, 25.58, NARROW) == pytest.approx(factor, rel=1e-4)


@pytest.mark.parametrize(
    ("instrument", "sample", "error"),
    [
        ({"geometry": "transmission", "penetration": 0.1}, {}, InputError),
        ({"geometry": "debye_scherrer", "incidence": 5.0}, {}, InputError),
        ({"incidence": 0.0}, {}, PhysicsError),
        ({"incidence": 5.0}, {"texture_axis": (0, 0, 1), "march_r": 0.5}, InputError),
        ({"incidence": 5.0}, {"roughness": (0.5, 0.1)}, InputError),
        ({"geometry": "transmission"}, {"roughness": (0.5, 0.1)}, InputError),
        ({}, {"roughness_model": "none"}, InputError),
    ],
)
def test_what_does_not_go_together_is_refused(instrument, sample, error, corundum):
    with pytest.raises(error):
        simulate(corundum, instrument=Instrument(**instrument), sample=Sample(**sample))


@pytest.mark.parametrize("geometry", ["bragg_brentano", "debye_scherrer"])
def test_several_axes_of_texture(geometry, corundum):
    # one axis with all crystallites is the single axis; 1 + Σ f (P − 1) of two; derivatives to 1e-6
    instrument, plain = replace(NARROW, geometry=geometry), ("CuKa1", (20.0, 70.0), 0.05)
    first, second = Sample(texture_axis=(0, 0, 1), march_r=0.6), Sample(texture_axis=(1, 0, 4), march_r=1.5)
    alone = Sample(textures=(((0, 0, 1), 0.6, 1.0),))
    curves = [simulate(corundum, *plain, instrument, s).intensity for s in (Sample(), first, second, alone)]
    np.testing.assert_allclose(curves[3], curves[1], rtol=1e-12)
    axes = (((0, 0, 1), 0.6, 0.3), ((1, 0, 4), 1.5, 0.5))
    answer = simulate_derivatives(corundum, *plain, instrument, Sample(textures=axes))
    expected = 0.2 * curves[0] + 0.3 * curves[1] + 0.5 * curves[2]  # Gaussians end at 1e-11 of their height
    np.testing.assert_allclose(answer.pattern.intensity, expected, rtol=1e-9, atol=1e-10 * expected.max())
    for name, i, place in (("march_r0", 0, 1), ("march_share0", 0, 2), ("march_r1", 1, 1), ("march_share1", 1, 2)):
        ends = []
        for step in (1e-5, -1e-5, 2e-5, -2e-5):
            moved = [list(axis) for axis in axes]
            moved[i][place] += step
            own = Sample(textures=tuple(tuple(axis) for axis in moved))
            ends.append(simulate(corundum, *plain, instrument, own).intensity)
        numeric = (8.0 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / 12e-5
        row = answer.jacobian[answer.names.index(name)]
        assert np.linalg.norm(row - numeric) < 1e-6 * np.linalg.norm(numeric), name
    row = answer.jacobian[answer.names.index("c")]
    ends = []
    for c in (12.9933 + 1e-5, 12.9933 - 1e-5, 12.9933 + 2e-5, 12.9933 - 2e-5):
        cell = type(corundum.lattice)(4.7602, 4.7602, c, 90.0, 90.0, 120.0)
        ends.append(simulate(replace(corundum, lattice=cell), *plain, instrument, Sample(textures=axes)).intensity)
    numeric = (8.0 * (ends[0] - ends[1]) - (ends[2] - ends[3])) / 12e-5
    assert np.linalg.norm(row - numeric) < 1e-6 * np.linalg.norm(numeric)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"textures": (((0, 0, 1), 0.5, 0.7), ((1, 0, 0), 0.5, 0.7))}, PhysicsError),
        ({"textures": (((0, 0, 0), 0.5, 0.7),)}, PhysicsError),
        ({"textures": (((0, 0, 1), 0.0, 0.7),)}, PhysicsError),
        ({"textures": (((0, 0, 1), 0.5, 0.7),), "texture_axis": (0, 0, 1)}, InputError),
    ],
)
def test_textures_that_cannot_be_are_refused(changes, error):
    with pytest.raises(error):
        Sample(**changes)

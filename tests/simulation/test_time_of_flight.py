"""Simulated time-of-flight patterns: areas, positions, broadening, and a measured pattern of silicon."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import least_squares

from anatase.crystal.lattice import Lattice
from anatase.crystal.site_freedom import TENSOR
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.tof_profile import TofProfile
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.powder import simulate
from anatase.simulation.sample import Sample
from anatase.simulation.time_of_flight import simulate_time_of_flight
from anatase.simulation.time_of_flight_derivatives import simulate_time_of_flight_derivatives

# easyDiffraction's example of the SEPD bank at 144.845°: DIFC, DIFA and profile coefficients as it starts from
SEPD = TofBank(7476.91, -1.54, two_theta=144.845, name="SEPD")
SEPD_PROFILE = TofProfile((0.0, 0.5971), (0.04221, 0.00946), (3.0, 40.0, 2.0))
SILICON = Structure(
    Lattice(5.43146, 5.43146, 5.43146),
    SpaceGroup.from_symbol("F d -3 m :2"),
    (Site("Si", (Species("Si"),), (0.125, 0.125, 0.125), u_iso=0.529 / (8.0 * np.pi**2), multiplicity=8),),
    "Si",
)


def test_one_line_by_hand():
    # nickel 111: m = 8, F = 4 · 10.3 fm · T, d = 3.5238/√3; area = m F² d⁴ sinθ (Sears: b = 10.3 fm)
    nickel = Structure(
        Lattice(3.5238, 3.5238, 3.5238), SpaceGroup.from_number(225), (Site("Ni", (Species("Ni"),), (0, 0, 0), 0.005),)
    )
    d = 3.5238 / np.sqrt(3.0)
    tof = np.arange(14_600.0, 16_200.0, 1.0)
    pattern = simulate_time_of_flight(nickel, SEPD, SEPD_PROFILE, tof, scale=0.01, tail=1e-5)
    f = 4.0 * 10.3 * np.exp(-2.0 * np.pi**2 * 0.005 / d**2)
    expected = 0.01 * 8.0 * f**2 * d**4 * np.sin(np.radians(144.845 / 2.0))
    assert pattern.intensity.sum() == pytest.approx(expected, rel=2e-4)
    # the centroid of the exponentials lies 1/β − 1/α after the line (first moments of the two sides)
    alpha, beta, _, _ = (float(p) for p in SEPD_PROFILE.at(d))
    centroid = np.average(tof, weights=pattern.intensity)
    assert centroid == pytest.approx(float(SEPD.time_of_flight(d)) + 1.0 / beta - 1.0 / alpha, abs=0.05)


def test_spectrum_and_background_enter_as_they_should():
    tof = np.arange(5_000.0, 26_000.0, 5.0)
    plain = simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, tof)
    spectrum, background = 1.0 + 1e4 / tof, np.full(tof.size, 7.0)
    other = simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, tof, spectrum=spectrum, background=background)
    np.testing.assert_allclose(other.intensity, plain.intensity * spectrum + 7.0, rtol=1e-12)
    assert plain.axis == "tof"
    np.testing.assert_array_equal(plain.sigma, np.sqrt(np.maximum(plain.intensity, 1.0)))


def test_a_window_is_part_of_the_whole():
    whole = np.arange(5_000.0, 26_000.0, 5.0)
    part = whole[(whole > 9_000.0) & (whole < 12_000.0)]
    sample = Sample(size=500.0, strain=5e-4)
    inside = simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, part, sample)
    full = simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, whole, sample)
    np.testing.assert_allclose(inside.intensity, full.cut(9_001.0, 11_999.0).intensity, rtol=1e-10)


def test_size_and_strain_broaden_as_stated():
    # Lorentzian FWHM of the 111 line: 2 e DIFC d + K DIFC d²/D in µs, measured where the exponentials are sharp
    sharp = TofProfile((50.0, 0.0), (50.0, 0.0), (1e-6, 0.0, 0.0))
    d = 5.43146 / np.sqrt(3.0)
    centre = float(SEPD.time_of_flight(d))
    tof = np.arange(centre - 400.0, centre + 400.0, 0.25)
    for size, strain in ((400.0, 0.0), (None, 1e-3), (800.0, 5e-4)):
        pattern = simulate_time_of_flight(SILICON, SEPD, sharp, tof, Sample(size=size, strain=strain), tail=1e-2)
        above = tof[pattern.intensity > pattern.intensity.max() / 2.0]
        expected = 7476.91 * (2.0 * strain * d + (0.9 * d * d / size if size else 0.0))
        assert above[-1] - above[0] == pytest.approx(expected, rel=0.01)


def test_strain_is_one_quantity_for_angles_and_times():
    # the FWHM of the 111 line alone, over its position: Δd/d = 2 e by time of flight and FWHM/(2 tan θ) by angle;
    # 1 % for points 0.25 µs and 0.0005° apart and the widths of the instruments
    sample = Sample(strain=2e-3)
    d = 5.43146 / np.sqrt(3.0)
    centre = float(SEPD.time_of_flight(d))
    tof = np.arange(centre - 400.0, centre + 400.0, 0.25)
    by_time = simulate_time_of_flight(
        SILICON, SEPD, TofProfile((50.0, 0.0), (50.0, 0.0), (1e-6, 0.0, 0.0)), tof, sample
    )
    sharp = Instrument(gauss_u=0.0, gauss_v=0.0, gauss_w=1e-6, lorentz_x=0.0, lorentz_y=0.0)
    by_angle = simulate(SILICON, 1.54056, (27.0, 30.0), 0.0005, sharp, sample)
    widths = []
    for pattern in (by_time, by_angle):
        above = pattern.x[pattern.intensity > pattern.intensity.max() / 2.0]
        widths.append(above[-1] - above[0])
    theta = np.arcsin(1.54056 / (2.0 * d))
    assert widths[0] / (7476.91 * d) == pytest.approx(2.0 * 2e-3, rel=0.01)
    assert np.radians(widths[1]) / (2.0 * np.tan(theta)) == pytest.approx(2.0 * 2e-3, rel=0.01)


def test_texture_is_seen_across_its_axis():
    # a can spun about the axis of the texture: the ratio of 111 to 200 follows those of a capillary's angles
    sample = Sample(texture_axis=(1, 1, 1), march_r=0.6)
    tof = np.arange(5_000.0, 26_000.0, 5.0)
    plain, textured = (simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, tof, s, tail=1e-4) for s in (None, sample))
    capillary = Instrument("debye_scherrer")
    flat, turned = (simulate(SILICON, 1.54, (25.0, 80.0), 0.02, capillary, s, probe="neutron") for s in (None, sample))
    for h in ((1, 1, 1), (2, 2, 0), (3, 1, 1)):
        d = 5.43146 / np.sqrt(np.dot(h, h))
        times = np.abs(tof - float(SEPD.time_of_flight(d)) - 20.0) < 60.0
        angles = np.abs(flat.x - 2.0 * np.degrees(np.arcsin(0.77 / d))) < 0.1
        by_time = textured.intensity[times].sum() / plain.intensity[times].sum()
        by_angle = turned.intensity[angles].sum() / flat.intensity[angles].sum()
        assert by_time == pytest.approx(by_angle, rel=5e-3)  # tails of neighbours have other factors
        assert abs(by_time - 1.0) > 0.02


def test_phases_add_up_with_their_weights():
    # S ∝ W/(Z M V) of Hill & Howard (1987): here by hand for silicon and nickel
    nickel = Structure(
        Lattice(3.5238, 3.5238, 3.5238), SpaceGroup.from_number(225), (Site("Ni", (Species("Ni"),), (0, 0, 0), 0.005),)
    )
    tof = np.arange(8_000.0, 20_000.0, 5.0)
    given = (SEPD, SEPD_PROFILE, tof)
    shares = np.array([2.0 / (8 * 28.0855 * 5.43146**3), 1.0 / (4 * 58.6934 * 3.5238**3)])
    shares /= shares.sum()
    expected = sum(
        simulate_time_of_flight(phase, *given, scale=share).intensity
        for phase, share in zip((SILICON, nickel), shares, strict=True)
    )
    both = simulate_time_of_flight([SILICON, nickel], *given, weight_fractions=(2.0, 1.0))
    np.testing.assert_allclose(both.intensity, expected, rtol=1e-5)  # masses of six digits
    answer = simulate_time_of_flight_derivatives([SILICON, nickel], *given, weight_fractions=(2.0, 1.0))
    assert {"difc", "alpha_1", "0:scale", "1:scale", "0:a", "1:a", "1:Ni.u_iso"} <= set(answer.names)
    scaled = sum(share * answer.jacobian[answer.names.index(f"{i}:scale")] for i, share in enumerate(shares))
    # where silicon's 222 alone stands, whose |F|² is 0, rounding is all that there is
    np.testing.assert_allclose(scaled, both.intensity, rtol=1e-5, atol=1e-20 * both.intensity.max())


# a made structure with general coordinates, a mixed site and a tensor; P 1 21/c 1 as in baddeleyite
MADE = Structure(
    Lattice(5.15, 5.21, 5.31, 90.0, 99.2, 90.0),
    SpaceGroup.from_number(14),
    (
        Site("Zr", (Species("Zr", 0.8), Species("Ti", 0.1)), (0.2758, 0.0411, 0.2082), 0.006),
        Site("O1", (Species("O"),), (0.0703, 0.3359, 0.3406), 0.009),
        Site("O2", (Species("O"),), (0.4423, 0.7549, 0.4789), None, (0.007, 0.009, 0.008, 0.001, -0.001, 0.0)),
    ),
)
MADE_PROFILE = TofProfile((0.1, 0.6), (0.04, 0.01, 0.002), (3.0, 40.0, 2.0, 1.0), (1.0, 2.0, 1.5))
SAMPLE = Sample(size=700.0, strain=7.5e-4, texture_axis=(0, 0, 1), march_r=0.8)


def altered(name: str, step: float) -> np.ndarray:
    """Return the intensities of the made structure with one parameter moved."""
    structure, bank, profile, sample, scale = MADE, SEPD, MADE_PROFILE, SAMPLE, 0.02
    head, *rest = name.split(".")
    if name == "scale":
        scale += step
    elif name in ("size", "strain", "march_r"):
        sample = replace(sample, **{name: getattr(sample, name) + step})
    elif name in ("difc", "difa", "difb", "zero"):
        bank = replace(bank, **{name: getattr(bank, name) + step})
    elif name in ("a", "b", "c", "alpha", "beta", "gamma"):
        structure = replace(MADE, lattice=replace(MADE.lattice, **{name: getattr(MADE.lattice, name) + step}))
    elif not rest:
        field, index = name.split("_")
        values = list(getattr(profile, field))
        values[int(index)] += step
        profile = replace(profile, **{field: tuple(values)})
    else:
        (i,) = (i for i, site in enumerate(MADE.sites) if site.label == head)
        site = MADE.sites[i]
        if rest[-1] == "occupancy":
            moved = tuple(replace(k, occupancy=k.occupancy + step * (k.element == rest[0])) for k in site.species)
            site = replace(site, species=moved)
        elif rest[0] == "u_iso":
            site = replace(site, u_iso=site.u_iso + step)
        elif rest[0] in TENSOR:
            u = list(site.u_aniso)
            u[TENSOR.index(rest[0])] += step
            site = replace(site, u_aniso=tuple(u))
        else:
            xyz = list(site.xyz)
            xyz["xyz".index(rest[0])] += step
            site = replace(site, xyz=tuple(xyz))
        structure = replace(MADE, sites=(*MADE.sites[:i], site, *MADE.sites[i + 1 :]))
    return simulate_time_of_flight(structure, bank, profile, TOF, sample, scale=scale, tail=1e-6).intensity


TOF = np.arange(12_000.0, 16_000.0, 40.0)


def test_derivatives_by_every_parameter():
    # fourth-order central differences; lines are drawn to 1e-6 of their area, so that cutting them off hides in rtol
    given = (MADE, SEPD, MADE_PROFILE, TOF, SAMPLE)
    answer = simulate_time_of_flight_derivatives(*given, scale=0.02, tail=1e-6)
    names, jacobian = answer.names, answer.jacobian
    plain = simulate_time_of_flight(*given, scale=0.02, tail=1e-6)
    np.testing.assert_allclose(answer.pattern.intensity, plain.intensity, rtol=1e-11)
    steps = {"difc": 1e-2, "difa": 1e-2, "difb": 1e-2, "zero": 1e-2, "size": 1.0, "strain": 1e-6}
    assert len(names) == len(set(names)) == len(jacobian) == 1 + 4 + 2 + 3 + 4 + 3 + 3 + 4 + 11 + 4 + 6
    for name, analytic in zip(names, jacobian, strict=True):
        step = steps.get(name, 1e-3 if name.startswith(("variance", "gamma")) else 1e-5)
        near = altered(name, step) - altered(name, -step)
        wide = altered(name, 2 * step) - altered(name, -2 * step)
        numeric = (8.0 * near - wide) / (12.0 * step)
        size = np.abs(numeric).max()
        assert size > 0.0
        np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-6 * size, err_msg=name)


@pytest.mark.parametrize(
    "sample",
    [
        Sample(harmonics=(0.3, -0.2, 0.1), harmonic_order=2),
        Sample(textures=(((0, 0, 1), 0.7, 0.5), ((1, 0, 0), 1.4, 0.3))),
    ],
)
def test_derivatives_with_other_textures(sample):
    # cell parameters turn the axes of textures as well; fourth-order central differences
    def curve(a: float) -> np.ndarray:
        moved = replace(MADE, lattice=replace(MADE.lattice, a=a))
        return simulate_time_of_flight(moved, SEPD, MADE_PROFILE, TOF, sample, tail=1e-6).intensity

    answer = simulate_time_of_flight_derivatives(MADE, SEPD, MADE_PROFILE, TOF, sample, tail=1e-6)
    analytic, a, step = answer.jacobian[answer.names.index("a")], MADE.lattice.a, 1e-5
    near, wide = curve(a + step) - curve(a - step), curve(a + 2 * step) - curve(a - 2 * step)
    numeric = (8.0 * near - wide) / (12.0 * step)
    np.testing.assert_allclose(analytic, numeric, rtol=1e-6, atol=1e-6 * np.abs(numeric).max())
    plain = simulate_time_of_flight_derivatives(MADE, SEPD, MADE_PROFILE, TOF, tail=1e-6)
    assert set(answer.names) > set(plain.names)


def test_derivatives_scale_with_the_spectrum():
    spectrum = 1.0 + 1e4 / TOF
    one = simulate_time_of_flight_derivatives(MADE, SEPD, MADE_PROFILE, TOF)
    other = simulate_time_of_flight_derivatives(MADE, SEPD, MADE_PROFILE, TOF, spectrum=spectrum, background=3.0)
    assert "size" not in one.names
    np.testing.assert_allclose(other.jacobian, one.jacobian * spectrum, rtol=1e-12)
    np.testing.assert_allclose(other.pattern.intensity, one.pattern.intensity * spectrum + 3.0, rtol=1e-12)


def test_impossible_arguments_are_refused():
    tof = np.arange(5_000.0, 6_000.0, 5.0)
    with pytest.raises(PhysicsError, match="microstrain"):
        simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, tof, Sample(strain=0.3))
    for inapplicable in ({"size_gauss_share": 0.5}, {"roughness": (0.1, 0.1)}):
        with pytest.raises(InputError, match=next(iter(inapplicable))):
            simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, tof, Sample(**inapplicable))
    with pytest.raises(InputError, match="dispersion"):
        simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, tof, dispersion=True)
    with pytest.raises(InputError, match="increase"):
        simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, tof[::-1])
    with pytest.raises(InputError, match="tail"):
        simulate_time_of_flight(SILICON, SEPD, SEPD_PROFILE, tof, tail=0.5)


def test_silicon_measured_at_sepd(shared_data: Path):
    # fitted are the six profile coefficients, DIFC, DIFA, ZERO, from the instrument's own, and the scale with a smooth
    # spectrum and background. Rwp 6.4 % and χ² 3.0 are what this fit reaches; a misplaced peak costs far more.
    x, y, sigma = np.loadtxt(shared_data / "refine" / "easydiff" / "sepd.xye").T
    scaled = (2.0 * x - x[0] - x[-1]) / (x[-1] - x[0])
    smooth = np.polynomial.chebyshev.chebvander(scaled, 5)

    def curve(p: np.ndarray) -> np.ndarray:
        profile = TofProfile((0.0, p[0]), (p[1], p[2]), (p[3], p[4], p[5]))
        bank = TofBank(p[6], p[7], 0.0, p[8], 144.845)
        lines = simulate_time_of_flight(SILICON, bank, profile, x, scale=1e-3).intensity
        design = np.hstack([lines[:, None] * smooth[:, :3], smooth])
        return design @ np.linalg.lstsq(design / sigma[:, None], y / sigma, rcond=None)[0]

    def rwp(p: np.ndarray) -> float:
        return float(np.sqrt(np.sum(((curve(p) - y) / sigma) ** 2) / np.sum((y / sigma) ** 2)))

    start = np.array([0.5971, 0.04221, 0.00946, 3.0, 40.0, 2.0, 7476.91, -1.54, 0.0])
    bounds = [0.05, 0.005, 0, 0, 0, 0, 7000, -50, -50], [10, 1, 1, 100, 1000, 1000, 8000, 50, 50]
    fit = least_squares(
        lambda p: (curve(p) - y) / sigma, start, bounds=bounds, x_scale=0.1 * np.maximum(start, 1.0), max_nfev=15
    )
    assert rwp(fit.x) < 0.07
    # and the lines stand where they are measured: the maxima of six lines within 3 channels of 5 µs
    fitted = curve(fit.x)
    bank = TofBank(fit.x[6], fit.x[7], 0.0, fit.x[8], 144.845)
    for h in ((1, 1, 1), (2, 2, 0), (3, 1, 1), (4, 0, 0), (3, 3, 1), (4, 2, 2)):
        t = float(bank.time_of_flight(5.43146 / np.sqrt(np.dot(h, h))))
        near = np.abs(x - t) < 100.0
        assert abs(x[near][fitted[near].argmax()] - x[near][y[near].argmax()]) <= 15.0

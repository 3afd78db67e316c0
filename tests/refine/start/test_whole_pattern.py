"""The whole-pattern model: positions, areas, sums, and every derivative against central differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Structure
from anatase.refine.start.cell_strain import strained_lattice
from anatase.refine.start.whole_pattern import (
    INSTRUMENT,
    PhaseLines,
    WholePattern,
    evaluate,
    line_profiles,
    phase_curve,
    phase_lines,
)
from anatase.scattering.lorentz_polarization import lorentz_polarization
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.reflections import reflections
from anatase.scattering.scattering_power import ScatteringModel

Array = NDArray[np.float64]
CU = radiation_from_name("CuKa")
B = 3  # background columns
UNCUT = 1e-12  # a floor that lets every line reach as far as it may


def lines_of(structure: Structure, radiation: Radiation = CU, two_theta_max: float = 80.0) -> PhaseLines:
    d_min = radiation.wavelength / 2.0 / np.sin(np.radians(two_theta_max / 2.0))
    model = ScatteringModel(radiation.probe, radiation.wavelength)
    listed = reflections(structure, d_min, model, u_default=TYPICAL_U_ISO)
    intensity = listed.multiplicity * listed.f_squared / structure.lattice.volume**2
    return phase_lines(listed.hkl, listed.multiplicity, intensity, structure.lattice, structure.space_group, radiation)


def one_line() -> PhaseLines:
    """Return a cubic phase with its 111 only, at 28.44° of Cu Kα1."""
    hkl = np.array([[1, 1, 1]])
    lattice = Lattice(5.431, 5.431, 5.431)
    return phase_lines(hkl, np.array([8]), np.ones(1), lattice, SpaceGroup.from_number(227), CU)


def model_of(phases: tuple[PhaseLines, ...], x: Array, **changes) -> WholePattern:
    columns = np.polynomial.chebyshev.chebvander(np.linspace(-1, 1, x.size), B - 1).T.copy()
    return WholePattern(x, columns, **{"radiation": CU, "phases": phases, "floor": UNCUT, **changes})


def parameters_of(model: WholePattern, instrument: list[float], widths: tuple[float, float]) -> Array:
    """Return parameters with small strains, a scale of 500, 600 …, and March r of 0.8 where there is an axis."""
    blocks = []
    for i, phase in enumerate(model.phases):
        k = len(phase.basis)
        blocks.append([500.0 + 100 * i, *np.linspace(0.001, -0.001, k), *widths, *([0.8] if phase.axis else [])])
    return np.concatenate([[50.0, -10.0, 5.0], instrument, *blocks])


def differences(model: WholePattern, p: Array, steps: Array) -> Array:
    rows = []
    for i, step in enumerate(steps):
        up, down = p.copy(), p.copy()
        up[i] += step
        down[i] -= step
        rows.append((evaluate(model, up)[0] - evaluate(model, down)[0]) / (2.0 * step))
    return np.array(rows)


def steps_of(model: WholePattern, step: float) -> Array:
    """Return a step for each parameter; those of background and scales are a hundred times larger (linear)."""
    steps = np.full(model.offsets[-1], step)
    steps[:B] *= 100.0
    steps[model.offsets[:-1]] *= 100.0
    return steps


def errors(exact: Array, numeric: Array) -> Array:
    return np.linalg.norm(exact - numeric, axis=1) / np.linalg.norm(numeric, axis=1)


def test_parameters_stand_in_the_documented_order(titania):
    rutile, anatase = (lines_of(s) for s in titania)
    model = model_of((rutile.with_axis((0, 0, 1)), anatase), np.arange(20.0, 60.0, 0.1))
    # 3 background, 4 instrument; rutile: scale, 2 strains, X, Y, r; anatase: scale, 2 strains, X, Y
    assert INSTRUMENT == ("shift", "divergence", "gauss_w", "gauss_u")
    assert model.offsets == [7, 13, 18]
    assert [p.n_parameters for p in model.phases] == [6, 5]
    p = parameters_of(model, [0.0, 0.0, 0.01, 0.0], (0.05, 0.05))
    y, jacobian = evaluate(model, p)
    assert (y.shape, jacobian.shape) == ((400,), (18, 400))
    np.testing.assert_array_equal(jacobian[:B], model.columns)
    # the scale's row is the phase's curve at unit scale
    curves = [phase_curve(model, p, i) for i in (0, 1)]
    # the two kernels end their Gaussians at different points, where they are 1e-11 of the height
    np.testing.assert_allclose(jacobian[7] * p[7], curves[0], atol=1e-9 * curves[0].max())
    np.testing.assert_allclose(jacobian[13] * p[13], curves[1], atol=1e-9 * curves[1].max())


@pytest.mark.parametrize("kind", ["displacement", "zero"])
@pytest.mark.parametrize("system", ["tetragonal", "triclinic"])
@pytest.mark.parametrize("fwhm", [0.1, 1.3])
def test_derivatives_of_symmetric_lines(titania, kind, system, fwhm):
    # every row is exact, strains included: what moves a line also changes its Lorentz-polarization factor and width
    phases = tuple(lines_of(s).with_axis((1, 0, 1)) for s in titania)
    if system == "triclinic":
        cell = Lattice(5.1, 6.3, 7.7, 83.0, 97.0, 104.0)
        hkl = np.array([[1, 0, 1], [1, 1, 0], [0, -1, 2], [1, -1, 1]])
        phases = (phase_lines(hkl, np.full(4, 2), np.array([1.0, 2.0, 0.5, 1.0]), cell, SpaceGroup.from_number(2), CU),)
    model = model_of(phases, np.arange(20.0, 60.0, 0.05), shift_kind=kind, floor=0.0)
    p = parameters_of(model, [0.03, 0.02, 0.6 * fwhm**2, 0.3 * fwhm**2], (0.25 * fwhm, 0.3 * fwhm))
    jacobian = evaluate(model, p)[1]
    numeric = differences(model, p, steps_of(model, 1e-5 * fwhm))
    rows = [i for i in range(p.size) if i != B + 1]
    assert errors(jacobian[rows], numeric[rows]).max() < 1e-6
    assert not jacobian[B + 1].any()  # the divergence does nothing to symmetric profiles
    assert not numeric[B + 1].any()


@pytest.mark.parametrize(("fwhm", "divergence"), [(0.1, 0.02), (1.3, 0.08)])
def test_derivatives_of_asymmetric_lines(titania, fwhm, divergence):
    # S/L = 0.08 is the bound of the fits; the lines' places and the divergence move nodes and their weights
    phases = tuple(lines_of(s).with_axis((1, 0, 1)) for s in titania)
    model = model_of(phases, np.arange(20.0, 60.0, 0.02), asymmetry=True, floor=0.0)
    p = parameters_of(model, [0.03, divergence, 0.6 * fwhm**2, 0.2 * fwhm**2], (0.25 * fwhm, 0.3 * fwhm))
    relative = errors(evaluate(model, p)[1], differences(model, p, steps_of(model, 1e-5 * fwhm)))
    assert relative.max() < 1e-6


def test_divergence_moves_low_angle_lines_to_smaller_angles():
    model = model_of((one_line(),), np.arange(26.0, 31.0, 0.01), asymmetry=True, radiation=radiation_from_name("CuKa1"))
    curves = []
    for divergence in (0.0, 0.02, 0.04):
        p = parameters_of(model, [0.0, divergence, 0.01, 0.0], (0.0, 0.0))
        curves.append(phase_curve(model, p, 0))
    centroids = [float(model.x @ c / c.sum()) for c in curves]
    assert [float(c.sum()) for c in curves] == pytest.approx([curves[0].sum()] * 3, rel=1e-3)
    # leading order of Finger, Cox & Jephcoat: the mean shifts by −(2a)²/12 · cot 2θ
    for divergence, centroid in zip((0.02, 0.04), centroids[1:], strict=True):
        expected = -np.degrees((2 * divergence) ** 2 / 12 / np.tan(np.radians(centroids[0])))
        assert centroid - centroids[0] == pytest.approx(expected, rel=0.05)


def test_the_pattern_is_background_plus_phases(titania):
    model = model_of(tuple(lines_of(s) for s in titania), np.arange(20.0, 70.0, 0.05), asymmetry=True, floor=0.5)
    p = parameters_of(model, [0.02, 0.02, 0.01, 0.003], (0.05, 0.05))
    total = p[:B] @ model.columns + phase_curve(model, p, 0) + phase_curve(model, p, 1)
    np.testing.assert_allclose(evaluate(model, p)[0], total, atol=1e-9 * total.max())


def test_two_wavelengths_are_the_weighted_sum_of_one_each(titania):
    phase = lines_of(titania[0])
    x = np.arange(20.0, 60.0, 0.05)
    both = model_of((phase,), x)
    p = parameters_of(both, [0.0, 0.0, 0.02, 0.0], (0.05, 0.05))
    single = [replace(both, radiation=Radiation("xray", ((line, 1.0),))) for line, _ in CU.lines]
    expected = 2.0 / 3.0 * phase_curve(single[0], p, 0) + 1.0 / 3.0 * phase_curve(single[1], p, 0)
    np.testing.assert_allclose(phase_curve(both, p, 0), expected, rtol=1e-10, atol=1e-10)


def test_lines_lie_where_bragg_puts_them_with_lorentz_polarization(titania):
    structure = titania[0]
    phase = lines_of(structure)
    model = model_of((phase,), np.arange(20.0, 80.0, 0.05), radiation=radiation_from_name("CuKa1"))
    p = parameters_of(model, [0.0, 0.0, 0.01, 0.0], (0.0, 0.0))
    p[model.offsets[0] + 1 : model.offsets[0] + 3] = 0.0
    position, fwhm, eta, area = line_profiles(model, p, 0)
    # d of a tetragonal cell by hand
    h, k, l = phase.hkl.T
    d = 1.0 / np.sqrt((h**2 + k**2) / 4.5937**2 + l**2 / 2.9587**2)
    bragg = 2.0 * np.degrees(np.arcsin(1.5405929 / 2.0 / d))
    inside = bragg < 80.0
    np.testing.assert_allclose(position, bragg[inside], atol=1e-9)
    np.testing.assert_allclose(fwhm, 0.1, rtol=1e-10)
    np.testing.assert_allclose(eta, 0.0, atol=1e-12)
    expected = phase.strength * lorentz_polarization(bragg, model.radiation)
    np.testing.assert_allclose(area, 500.0 * expected[inside], rtol=1e-10)
    assert expected.sum() == pytest.approx(1.0, rel=1e-12)  # a phase's pattern has unit area at unit scale


@pytest.mark.parametrize(("kind", "lever"), [("displacement", np.cos), ("zero", np.ones_like)])
def test_the_shift_has_its_lever(titania, kind, lever):
    model = model_of((lines_of(titania[1]),), np.arange(20.0, 80.0, 0.05), shift_kind=kind)
    p = parameters_of(model, [0.0, 0.0, 0.01, 0.0], (0.0, 0.0))
    before = line_profiles(model, p, 0)[0]
    p[B] = 0.1
    moved = line_profiles(model, p, 0)[0] - before
    np.testing.assert_allclose(moved, 0.1 * lever(np.radians(before / 2.0)), rtol=1e-8)


def test_strain_parameters_move_lines_as_the_strained_lattice_does(titania):
    structure = titania[0]
    phase = lines_of(structure)
    model = model_of((phase,), np.arange(20.0, 75.0, 0.05))
    p = parameters_of(model, [0.0, 0.0, 0.01, 0.0], (0.0, 0.0))
    strain = p[model.offsets[0] + 1 : model.offsets[0] + 3] = np.array([0.004, -0.007])
    lattice = strained_lattice(structure.lattice, phase.basis, strain)
    h, k, l = phase.hkl.T
    sine = np.sqrt((h**2 + k**2) / lattice.a**2 + l**2 / lattice.c**2) / 2.0
    bragg = np.concatenate([2.0 * np.degrees(np.arcsin(w * sine)) for w, _ in CU.lines])
    np.testing.assert_allclose(line_profiles(model, p, 0)[0], bragg[bragg < 75.0 - 0.05], atol=1e-8)


def test_scale_is_the_area(titania):
    # Gaussians of 0.1° within 3 FWHM hold all but 1e-11 of their area; single wavelength, all lines inside
    radiation = radiation_from_name("CuKa1")
    model = model_of((lines_of(titania[0], radiation),), np.arange(20.0, 85.0, 0.01), radiation=radiation)
    p = parameters_of(model, [0.0, 0.0, 0.01, 0.0], (0.0, 0.0))
    p[model.offsets[0] + 1 : model.offsets[0] + 3] = 0.0
    assert phase_curve(model, p, 0).sum() * 0.01 == pytest.approx(500.0, rel=1e-8)


def test_widths_add_as_caglioti_and_scherrer_have_it():
    # Gaussian² = W + U tan²θ; Lorentzian = X/cos θ + Y tan θ; for a Gaussian alone FWHM is its own
    model = model_of((one_line(),), np.arange(20.0, 40.0, 0.01), radiation=radiation_from_name("CuKa1"))
    theta = np.arcsin(1.5405929 / 2.0 / (5.431 / np.sqrt(3.0)))
    p = parameters_of(model, [0.0, 0.0, 0.01, 0.04], (0.0, 0.0))
    p[model.offsets[0] + 1] = 0.0
    assert line_profiles(model, p, 0)[1][0] == pytest.approx(np.sqrt(0.01 + 0.04 * np.tan(theta) ** 2), rel=1e-9)
    p[B + 2 : B + 4] = 0.0  # the narrowest Gaussian is 1e-4°
    p[-2:] = 0.1, 0.2
    _, fwhm, eta, _ = line_profiles(model, p, 0)
    assert fwhm[0] == pytest.approx(0.1 / np.cos(theta) + 0.2 * np.tan(theta), rel=1e-3)
    assert eta[0] == pytest.approx(1.0, abs=2e-3)


def test_march_r_of_one_is_no_texture(titania):
    plain = model_of((lines_of(titania[1]),), np.arange(20.0, 60.0, 0.05))
    textured = replace(plain, phases=(plain.phases[0].with_axis((0, 0, 1)),))
    p = parameters_of(plain, [0.0, 0.0, 0.01, 0.0], (0.05, 0.0))
    np.testing.assert_allclose(phase_curve(textured, np.append(p, 1.0), 0), phase_curve(plain, p, 0), rtol=1e-12)
    at_004 = np.argmin(np.abs(plain.x - 37.8))  # 2θ of anatase 004, Cu Kα1
    lying = phase_curve(textured, np.append(p, 0.6), 0)[at_004] / phase_curve(plain, p, 0)[at_004]
    assert lying == pytest.approx(0.6**-3, rel=0.05)  # along the axis P = r⁻³; 103 and 112 lie near


def test_tails_are_left_out_where_they_fall_to_the_floor():
    # far out a Lorentzian of area A and width w is A w/(2π δ²); where that is the floor the line ends
    whole = model_of((one_line(),), np.arange(20.0, 40.0, 0.01), radiation=radiation_from_name("CuKa1"), floor=0.0)
    p = parameters_of(whole, [0.0, 0.0, 1e-4, 0.0], (0.1, 0.0))
    full, cut = phase_curve(whole, p, 0), phase_curve(replace(whole, floor=100.0), p, 0)
    missing = full - cut
    assert missing.min() > -1e-4 * full.max()  # the interpolation of tails
    assert 0.8 * 100.0 < missing.max() < 1.02 * 100.0


def test_lines_outside_the_pattern_and_beyond_backscattering_leave_it_alone(titania):
    model = model_of((lines_of(titania[0]),), np.arange(5.0, 20.0, 0.05))  # rutile 110 lies at 27.4°
    p = parameters_of(model, [0.0, 0.0, 0.01, 0.0], (0.05, 0.05))
    y, jacobian = evaluate(model, p)
    np.testing.assert_allclose(y, p[:B] @ model.columns, rtol=1e-14)
    assert not jacobian[B:].any()
    long = replace(model, radiation=Radiation("xray", ((8.0, 1.0),)))
    np.testing.assert_allclose(evaluate(long, p)[0], p[:B] @ model.columns, rtol=1e-14)

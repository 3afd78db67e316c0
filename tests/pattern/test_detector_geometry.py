"""The detector's geometry against pyFAI, and forth and back."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import PhysicsError
from anatase.pattern.detector_geometry import DetectorGeometry, scattered_direction

# pyFAI 2026.9.0, Geometry.tth and .chi with path="tan" and diffSolidAngle, detectors of 600 × 800 pixels: distance,
# poni1, poni2, rot1, rot2, rot3, pixel1, pixel2, row, column, 2θ (°), χ (°), relative solid angle
PYFAI = [
    (
        0.399059,
        -0.016219,
        -0.004975,
        0.896528,
        -1.187363,
        0.770948,
        0.000143764,
        0.000184582,
        478.242,
        374.348,
        91.01377510286515,
        -13.881479941882759,
        0.8910250288952004,
    ),
    (
        0.164691,
        0.016761,
        0.025682,
        0.128394,
        1.189201,
        0.702389,
        9.5455e-05,
        9.1764e-05,
        373.308,
        791.168,
        63.7718255995941,
        -104.28055885092242,
        0.8733021519360139,
    ),
    (
        0.325643,
        -0.043409,
        -0.044648,
        0.035733,
        -0.081106,
        1.001203,
        8.2296e-05,
        7.4032e-05,
        377.536,
        411.294,
        22.799414209256685,
        -8.176699767728522,
        0.8602054587901258,
    ),
    (
        0.055307,
        -0.02114,
        0.053805,
        -0.718544,
        -0.313113,
        -1.191038,
        0.000124531,
        8.7127e-05,
        498.029,
        123.569,
        96.83838856565069,
        -162.2090043537884,
        0.13142425166252436,
    ),
    (
        0.279406,
        0.077073,
        0.045958,
        0.58025,
        -0.980411,
        0.098745,
        9.014e-05,
        0.00018205,
        304.663,
        697.072,
        60.23055174643565,
        24.74040001005475,
        0.8486845395591942,
    ),
    (
        0.076663,
        0.008145,
        -0.001545,
        -0.839521,
        0.759211,
        -0.289329,
        0.00010419,
        0.000139728,
        587.249,
        471.993,
        16.935084458060572,
        -94.27538734788264,
        0.29504378005103027,
    ),
    (
        0.354403,
        -0.027382,
        0.016047,
        -0.625046,
        -0.234004,
        -0.96791,
        0.000140758,
        0.000145699,
        580.697,
        172.003,
        45.626723201383264,
        -165.57965567521998,
        0.8720343238052316,
    ),
    (
        0.443335,
        0.049332,
        -0.030258,
        0.828178,
        1.067876,
        0.9694,
        0.000150765,
        9.5063e-05,
        341.831,
        116.368,
        72.78182435134885,
        -89.06270049252817,
        0.987041625373676,
    ),
    (
        0.298547,
        -0.022917,
        0.082609,
        0.339772,
        0.167266,
        -0.296909,
        7.887e-05,
        0.000189186,
        246.573,
        191.591,
        10.652150256511437,
        9.247678394630652,
        0.9371945575371677,
    ),
    (
        0.260479,
        0.032145,
        -0.001676,
        0.60318,
        -1.139528,
        -0.306755,
        5.5709e-05,
        0.000181433,
        18.21,
        98.314,
        64.49342384716094,
        63.917635494352005,
        0.9708441481727076,
    ),
    (
        0.242699,
        0.028561,
        0.080921,
        -0.373894,
        0.216698,
        0.440842,
        0.000195072,
        0.000148664,
        213.248,
        415.279,
        27.29662297468762,
        172.57861299862236,
        0.9864613846465391,
    ),
    (
        0.117978,
        0.090013,
        -0.049223,
        0.607146,
        0.745264,
        -0.871766,
        0.000164787,
        0.000186377,
        251.342,
        652.205,
        98.99423144029066,
        40.3138315263065,
        0.16936410930534304,
    ),
]
TILTED = DetectorGeometry(0.15, 0.04, 0.03, 1e-4, 1.5e-4, (500, 600), rot1=0.3, rot2=-0.2, rot3=0.7)


def _geometry(row) -> DetectorGeometry:
    distance, poni1, poni2, rot1, rot2, rot3, pixel1, pixel2 = row[:8]
    return DetectorGeometry(distance, poni1, poni2, pixel1, pixel2, (600, 800), rot1, rot2, rot3)


@pytest.mark.parametrize("reference", PYFAI)
def test_angles_agree_with_pyfai(reference):
    # 1e-9 degrees: both are double precision
    two_theta, chi = _geometry(reference).angles(reference[8], reference[9])
    assert float(two_theta) == pytest.approx(reference[10], abs=1e-9)
    assert float(chi) == pytest.approx(reference[11], abs=1e-9)


@pytest.mark.parametrize("reference", PYFAI)
def test_solid_angle_agrees_with_pyfai(reference):
    # the formula at the point itself: 1e-9; the map at the pixels around it brackets the value
    geometry, row, column = _geometry(reference), reference[8], reference[9]
    t1, t2, t3 = geometry.position(row, column)
    assert (geometry.distance / np.sqrt(t1**2 + t2**2 + t3**2)) ** 3 == pytest.approx(reference[12], abs=1e-9)
    near = geometry.solid_angle[round(row) - 1 : round(row) + 2, round(column) - 1 : round(column) + 2]
    assert near.min() <= reference[12] <= near.max()


@pytest.mark.parametrize("reference", PYFAI)
def test_angles_lead_back_to_the_pixel(reference):
    row, column = _geometry(reference).pixel_of_angles(reference[10], reference[11])
    assert float(row) == pytest.approx(reference[8], abs=1e-6)
    assert float(column) == pytest.approx(reference[9], abs=1e-6)


def test_the_maps_are_those_of_the_pixels_centres():
    rows, columns = np.meshgrid(np.arange(500), np.arange(600), indexing="ij")
    two_theta, chi = TILTED.angles(rows, columns)
    np.testing.assert_allclose(TILTED.two_theta, two_theta, atol=1e-12)
    np.testing.assert_allclose(TILTED.chi, chi, atol=1e-12)


def test_the_solid_angle_of_all_pixels_is_that_of_the_detector():
    # a plane rectangle a × b square to and centred on the axis at distance d subtends
    # 4 atan(ab / (2d √(4d² + a² + b²))) (Khadjavi, 1968, J. Opt. Soc. Am. 58, 1417); sums of pixels: 1e-5
    geometry = DetectorGeometry.facing(0.1, (249.5, 299.5), 4e-4, (500, 600))
    a, b, d = 0.2, 0.24, 0.1
    exact = 4.0 * np.arctan(a * b / (2.0 * d * np.sqrt(4.0 * d * d + a * a + b * b)))
    assert geometry.solid_angle.sum() * (4e-4 / 0.1) ** 2 == pytest.approx(exact, rel=1e-5)


def test_extent_of_pixels_in_two_theta():
    # central differences over one pixel agree to the curvature, 1e-3 away from the beam
    rows, columns = np.meshgrid(np.arange(0, 500, 7), np.arange(0, 600, 9), indexing="ij")
    a = TILTED.angles(rows + 0.5, columns)[0] - TILTED.angles(rows - 0.5, columns)[0]
    b = TILTED.angles(rows, columns + 0.5)[0] - TILTED.angles(rows, columns - 0.5)[0]
    far = TILTED.two_theta[rows, columns] > 1.0
    assert far.sum() > 4000
    larger, smaller = (extent[rows, columns][far] for extent in TILTED.two_theta_extents)
    np.testing.assert_allclose(larger, np.maximum(abs(a), abs(b))[far], rtol=1e-3)
    np.testing.assert_allclose(smaller, np.minimum(abs(a), abs(b))[far], rtol=0.02, atol=1e-5)


def test_the_pixel_in_the_beam_has_an_extent():
    geometry = DetectorGeometry.facing(0.1, (3.0, 3.0), 1e-4, (7, 7))
    larger, smaller = (extent[3, 3] for extent in geometry.two_theta_extents)
    assert larger == pytest.approx(np.degrees(1e-3), rel=1e-5)
    assert smaller == pytest.approx(0.0, abs=1e-6)


def test_axes_of_a_panel_give_its_rotations():
    # corner and axes of a tilted detector, from its own rotation matrix, lead back to it: 1e-12
    origin = np.array([float(t) for t in TILTED.position(-0.5, -0.5)])
    found = DetectorGeometry.from_axes(origin, TILTED.rotation[:, 0], TILTED.rotation[:, 1], (1e-4, 1.5e-4), (500, 600))
    for name in ("distance", "poni1", "poni2", "rot1", "rot2", "rot3"):
        assert getattr(found, name) == pytest.approx(getattr(TILTED, name), abs=1e-12)


def test_panels_that_are_mirrored_or_askew_are_refused():
    with pytest.raises(PhysicsError, match="reverse the rows"):
        DetectorGeometry.from_axes([0, 0, 0.1], [-1, 0, 0], [0, 1, 0], (1e-4, 1e-4), (5, 5))
    with pytest.raises(PhysicsError, match="not 90 deg"):
        DetectorGeometry.from_axes([0, 0, 0.1], [1, 0.1, 0], [0, 1, 0], (1e-4, 1e-4), (5, 5))


def test_the_beam_hits_where_it_was_said_to():
    geometry = DetectorGeometry.facing(0.3, (120.25, 310.75), 7.5e-5, (400, 500))
    row, column = geometry.pixel_of_direction([[0.0, 0.0, 2.0]])
    assert (row[0], column[0]) == pytest.approx((120.25, 310.75), abs=1e-9)


def test_up_is_up():
    # χ = 90° is up, axis 1, towards higher rows; χ = 0 is axis 2, towards higher columns
    geometry = DetectorGeometry.facing(0.1, (100.0, 100.0), 1e-4, (201, 201))
    assert geometry.pixel_of_angles(45.0, 90.0) == pytest.approx((1100.0, 100.0), abs=1e-6)
    assert geometry.pixel_of_angles(45.0, 0.0) == pytest.approx((100.0, 1100.0), abs=1e-6)
    assert scattered_direction(90.0, 90.0) == pytest.approx([1.0, 0.0, 0.0], abs=1e-15)


def test_rays_away_from_the_plane_meet_nothing():
    geometry = DetectorGeometry.facing(0.1, (100.0, 100.0), 1e-4, (201, 201))
    row, column = geometry.pixel_of_angles([89.0, 90.0, 120.0], 30.0)
    assert np.isfinite(row).tolist() == [True, False, False]
    assert geometry.holds(row, column).tolist() == [False, False, False]
    assert geometry.holds([0.0, -0.6, 200.4, 200.6], 5.0).tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"distance": 0.0}, "distance = 0 m"),
        ({"distance": np.nan}, "distance = nan m"),
        ({"pixel2": -1e-4}, "pixel2 = -0.0001 m"),
        ({"shape": (0, 5)}, r"shape \(0, 5\)"),
        ({"rot2": np.inf}, "not all finite"),
    ],
)
def test_impossible_detectors_are_refused(changes, message):
    given = {"distance": 0.1, "poni1": 0.0, "poni2": 0.0, "pixel1": 1e-4, "pixel2": 1e-4, "shape": (5, 5), **changes}
    with pytest.raises(PhysicsError, match=message):
        DetectorGeometry(**given)

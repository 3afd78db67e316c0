"""Zone-axis patterns: the zone equation, angles and rows, absences, extinction distances, Laue zones, frames."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.scattering.radiation import radiation_from_name
from anatase.simulation.zone_axis import excitation_error, simulate_zone_axis
from anatase.simulation.zone_image import draw_zone_axis, zone_spots


@pytest.fixture(scope="module")
def aluminium() -> Structure:
    site = Site("Al", (Species("Al"),), (0.0, 0.0, 0.0))
    return Structure(Lattice(4.0495, 4.0495, 4.0495), SpaceGroup.from_number(225), (site,))


def _at(pattern, hkl) -> int:
    found = np.flatnonzero(np.all(pattern.hkl == hkl, axis=1))
    assert found.size == 1, f"{hkl} is there {found.size} times"
    return int(found[0])


@pytest.mark.parametrize("zone", [(0, 0, 1), (1, 1, 0), (1, 2, -3), (2, -1, 5)])
def test_reflections_belong_to_their_zones(corundum, zone):
    pattern = simulate_zone_axis(corundum, zone, laue_zones=1, d_min=0.6)
    np.testing.assert_array_equal(pattern.hkl @ zone, pattern.laue_zone)
    assert np.count_nonzero(pattern.laue_zone == 0) > 5


def test_rows_and_angles_of_face_centred_cubic_along_110(aluminium):
    # between 111 and 002: 54.74°; between 1-11 and 1-1-1: 109.47° (tan of half √2); ratio g(002)/g(111) = 2/√3
    pattern = simulate_zone_axis(aluminium, (1, 1, 0), laue_zones=0)
    first, second, third = (pattern.position[_at(pattern, hkl)] for hkl in ((1, -1, 1), (1, -1, -1), (0, 0, 2)))

    def angle(a, b) -> float:
        return float(np.degrees(np.arccos(a @ b / np.linalg.norm(a) / np.linalg.norm(b))))

    assert angle(first, third) == pytest.approx(np.degrees(np.arctan(np.sqrt(2.0))), abs=1e-9)
    assert angle(first, second) == pytest.approx(2.0 * np.degrees(np.arctan(1.0 / np.sqrt(2.0))), abs=1e-9)
    assert np.linalg.norm(third) / np.linalg.norm(first) == pytest.approx(2.0 / np.sqrt(3.0), abs=1e-12)


def test_positions_are_those_of_the_reciprocal_lattice(corundum):
    # lengths 1/d, scalar products g·g′ of the reciprocal metric, in the zero-order zone: 1e-12
    pattern = simulate_zone_axis(corundum, (2, 1, 0), laue_zones=0, d_min=0.8)
    np.testing.assert_allclose(np.linalg.norm(pattern.position, axis=1), 1.0 / pattern.d_spacing, rtol=1e-12)
    products = pattern.hkl @ corundum.lattice.reciprocal_metric @ pattern.hkl.T
    np.testing.assert_allclose(pattern.position @ pattern.position.T, products, atol=1e-12)


def test_right_up_and_the_zone_are_right_handed(aluminium):
    # seen along the beam, 200 to the right and 020 up have 001 towards the viewer
    pattern = simulate_zone_axis(aluminium, (0, 0, 1), right=(2, 0, 0), laue_zones=0)
    np.testing.assert_allclose(pattern.position[_at(pattern, (2, 0, 0))], [2.0 / 4.0495, 0.0], atol=1e-12)
    np.testing.assert_allclose(pattern.position[_at(pattern, (0, 2, 0))], [0.0, 2.0 / 4.0495], atol=1e-12)


def test_centring_and_glides_leave_gaps(aluminium, silicon):
    odd = simulate_zone_axis(aluminium, (1, 1, 0), laue_zones=1).hkl % 2
    assert set(odd.sum(axis=1).tolist()) <= {0, 3}
    # diamond: 002 absent, 004 there
    found = {tuple(hkl) for hkl in simulate_zone_axis(silicon, (1, 1, 0), laue_zones=0).hkl.tolist()}
    assert (0, 0, 4) in found
    assert (0, 0, 2) not in found


def test_double_diffraction_reaches_what_sums_of_two_reach(silicon, aluminium):
    # 002 = 1-11 + -111 in the zone [110] of silicon; in [001], 200 is no sum of two reflections such as 220
    pattern = simulate_zone_axis(silicon, (1, 1, 0), laue_zones=0, double_diffraction=True)
    spot = _at(pattern, (0, 0, 2))
    assert pattern.double_diffraction[spot]
    assert pattern.intensity[spot] == 0.0
    cube = simulate_zone_axis(silicon, (0, 0, 1), laue_zones=0, double_diffraction=True)
    assert not cube.double_diffraction.any()
    # what a centring forbids stays forbidden
    assert not simulate_zone_axis(aluminium, (1, 1, 0), double_diffraction=True).double_diffraction.any()


@pytest.mark.parametrize(
    ("element", "a", "number", "x", "hkl", "zone", "distance"),
    [
        ("Al", 4.0495, 225, 0.0, (1, -1, 1), (1, 1, 0), 556.0),
        ("Al", 4.0495, 225, 0.0, (0, 0, 2), (1, 1, 0), 673.0),
        ("Al", 4.0495, 225, 0.0, (2, -2, 0), (1, 1, 0), 1057.0),
        ("Si", 5.4310, 227, 0.125, (1, -1, 1), (1, 1, 0), 602.0),
        ("Si", 5.4310, 227, 0.125, (2, -2, 0), (1, 1, 0), 757.0),
    ],
)
def test_extinction_distances_are_the_published_ones(element, a, number, x, hkl, zone, distance):
    # ξ in Å at 100 kV, table of Hirsch et al. (1965), other form factors: 3 %; from I = (πt/ξ)² sinc²(s t)
    site = Site(element, (Species(element),), (x, x, x))
    structure = Structure(Lattice(a, a, a), SpaceGroup.from_number(number), (site,))
    pattern = simulate_zone_axis(structure, zone, "100 kV", thickness=10.0, laue_zones=0)
    spot = _at(pattern, hkl)
    shape = np.sinc(pattern.excitation_error[spot] * 10.0)
    assert np.pi * 10.0 * shape / np.sqrt(pattern.intensity[spot]) == pytest.approx(distance, rel=0.03)


def test_relrods(corundum):
    # a crystal tilted through s: the intensity over that at half the thickness follows t² sinc²(s t)
    thin, thick = (simulate_zone_axis(corundum, (0, 1, 0), thickness=t, tilt=(1.0, 0.5)) for t in (40.0, 80.0))
    for hkl in ((0, 0, 6), (0, 0, -6), (2, 0, 2)):
        i, j = _at(thin, hkl), _at(thick, hkl)
        s = thin.excitation_error[i]
        assert thick.excitation_error[j] == s
        expected = 4.0 * (np.sinc(80.0 * s) / np.sinc(40.0 * s)) ** 2
        assert thick.intensity[j] / thin.intensity[i] == pytest.approx(expected, rel=1e-9)


def test_excitation_errors_end_on_the_sphere():
    # |k + g + s e₃| = k with and without a tilted beam: 1e-12; s = −λ g²/2 across the beam to fourth order
    rng = np.random.default_rng(6)
    vectors, wavelength = rng.normal(size=(200, 3)), 0.02508
    for precession, azimuth in ((0.0, 0.0), (2.0, 130.0)):
        s = excitation_error(vectors, wavelength, precession, azimuth)
        tilt, turn = np.radians(precession), np.radians(azimuth)
        beam = np.array([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt)]) / wavelength
        ends = beam + vectors + s[:, None] * np.array([0.0, 0.0, 1.0])
        np.testing.assert_allclose(np.linalg.norm(ends, axis=1), 1.0 / wavelength, rtol=1e-13)
    across = excitation_error(np.array([[0.3, 0.4, 0.0]]), wavelength)[0]
    assert across == pytest.approx(-wavelength * 0.25 / 2.0, rel=1e-4)


def test_the_first_laue_zone_is_a_ring(aluminium):
    # thick crystal: its reflections lie where the sphere cuts the layer at height N/|r|, g² = 2kH − H²: 1e-6 for
    # s = 0, here to the width of relrods; layers of fcc [001] with N = 1 are 1/a apart
    pattern = simulate_zone_axis(aluminium, (0, 0, 1), "100 kV", thickness=300.0, d_min=0.25, laue_zones=1)
    ring = pattern.laue_zone == 1
    assert ring.sum() > 20
    height, k = 1.0 / 4.0495, 1.0 / pattern.radiation.wavelength
    radius = np.linalg.norm(pattern.position[ring], axis=1)
    expected = np.sqrt(2.0 * k * height - height**2)
    np.testing.assert_allclose(np.average(radius, weights=pattern.intensity[ring]), expected, rtol=2e-3)


def test_friedel_mates_are_alike_in_the_zone_and_not_out_of_it(aluminium):
    even = simulate_zone_axis(aluminium, (1, 1, 1), laue_zones=0)
    a, b = _at(even, (2, -2, 0)), _at(even, (-2, 2, 0))
    assert even.intensity[a] == pytest.approx(even.intensity[b], rel=1e-12)
    tilted = simulate_zone_axis(aluminium, (1, 1, 1), laue_zones=0, tilt=(0.0, 1.0))
    a, b = _at(tilted, (2, -2, 0)), _at(tilted, (-2, 2, 0))
    assert tilted.intensity[a] != pytest.approx(tilted.intensity[b], rel=0.01)


def test_precession_brings_reflections_far_out_to_light(aluminium):
    # the beam sweeps the sphere through them
    still, moving = (
        simulate_zone_axis(aluminium, (0, 0, 1), thickness=500.0, laue_zones=0, precession=p) for p in (0.0, 2.0)
    )
    a, b = (p.intensity[_at(p, (6, 0, 0))] / p.intensity[_at(p, (2, 0, 0))] for p in (still, moving))
    assert b > 10.0 * a
    assert abs(moving.excitation_error[_at(moving, (6, 0, 0))]) < 1e-3


def test_on_the_screen(aluminium):
    # camera equation R d = λ L, corrected by tan 2θ: 2.0243 Å at 200 kV and 1 m
    pattern = simulate_zone_axis(aluminium, (0, 0, 1), right=(2, 0, 0))
    radius = pattern.on_screen(1000.0)[_at(pattern, (2, 0, 0)), 0]
    angle = np.arcsin(pattern.radiation.wavelength * 2.0 / 4.0495)
    assert radius == pytest.approx(1000.0 * np.tan(angle), rel=1e-12)
    camera = DetectorGeometry.facing(1.0, (255.5, 255.5), 2e-4, (512, 512))
    spots = zone_spots(pattern, camera)
    spot = int(np.flatnonzero(np.all(spots.hkl == (2, 0, 0), axis=1))[0])
    assert (spots.x[spot] - 255.5) * 0.2 == pytest.approx(radius, rel=1e-9)
    assert spots.y[spot] == pytest.approx(255.5, abs=1e-9)


def test_frames_keep_the_electrons(aluminium):
    # with the direct beam all that come in arrive, but for spots off the camera: 1e-5
    pattern = simulate_zone_axis(aluminium, (0, 0, 1), thickness=30.0, laue_zones=0)
    camera = DetectorGeometry.facing(0.5, (255.5, 255.5), 2e-4, (512, 512))
    frame = draw_zone_axis(pattern, camera, counts=1e5, direct_beam=True)
    assert len(zone_spots(pattern, camera)) == len(pattern)
    assert frame.image.sum() == pytest.approx(1e5, rel=1e-5)
    assert frame.name == "[0 0 1]"
    assert frame.image[254:258, 254:258].max() == frame.image.max()


def test_thick_crystals_are_doubted(aluminium):
    assert simulate_zone_axis(aluminium, (0, 0, 1), thickness=30.0).warnings == ()
    doubted = simulate_zone_axis(aluminium, (0, 0, 1), thickness=400.0)
    assert "dynamically" in doubted.warnings[0]
    camera = DetectorGeometry.facing(0.5, (31.5, 31.5), 1e-3, (64, 64))
    assert draw_zone_axis(doubted, camera).warnings == doubted.warnings


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"zone": (0, 0, 0)}, InputError, r"zone \[0, 0, 0\]"),
        ({"wavelength": 0.7, "zone": (0, 0, 1), "right": (1, 0, 1)}, InputError, "is not in the zone"),
        ({"right": (0, 0, 0)}, InputError, "is not in the zone"),
        ({"thickness": 0.0}, PhysicsError, "positive thickness"),
        ({"precession": -1.0}, PhysicsError, "precession from 0"),
        ({"d_min": 3.0}, PhysicsError, "has no reflection with d ≥ 3 Å"),
        ({"laue_zones": -1}, InputError, "Laue zones up to -1"),
    ],
)
def test_impossible_patterns_are_refused(aluminium, changes, error, message):
    with pytest.raises(error, match=message):
        simulate_zone_axis(aluminium, **{"zone": (0, 0, 1), **changes})


def test_only_electrons_and_positive_cameras(aluminium):
    with pytest.raises(InputError, match="are of electrons, not xray"):
        simulate_zone_axis(aluminium, (0, 0, 1), radiation_from_name("CuKa"))
    pattern = simulate_zone_axis(aluminium, (0, 0, 1))
    with pytest.raises(PhysicsError, match="no camera has a length"):
        pattern.on_screen(0.0)
    with pytest.raises(PhysicsError, match="no exposure has 0 electrons"):
        zone_spots(pattern, DetectorGeometry.facing(1.0, (1, 1), 1e-4, (3, 3)), 0.0)

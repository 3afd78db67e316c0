"""Spots of single crystals: counts, intensities, partiality, stills against turning crystals, frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.orientation_matrix import b_matrix, random_orientation, rotation_about
from anatase.errors import InputError, PhysicsError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.scattering.radiation import radiation_from_name
from anatase.scattering.scattering_power import ScatteringModel
from anatase.scattering.structure_factor import structure_factors
from anatase.simulation.spot_image import draw_spots, simulate_rotation
from anatase.simulation.spots import CrystalSpread, simulate_spots, simulate_still

CAMERA = DetectorGeometry.facing(0.06, (499.5, 499.5), 1e-4, (1000, 1000))
MOLYBDENUM = radiation_from_name("MoKa1")
ORIENTATION = random_orientation(np.random.default_rng(11))
SPREAD = CrystalSpread(mosaicity=0.2, divergence=0.05, bandwidth=5e-4)


def test_spots_satisfy_bragg_and_laue(silicon):
    # 2θ of the pixel is that of Bragg's law, and s1 − s0 is U B h turned by φ: 1e-9
    spots = simulate_spots(silicon, MOLYBDENUM, CAMERA, ORIENTATION, phi=(10.0, 100.0), axis=(0.3, 1.0, 0.1))
    assert len(spots) > 60
    two_theta, _ = CAMERA.angles(spots.y, spots.x)
    bragg = 2.0 * np.degrees(np.arcsin(MOLYBDENUM.wavelength / 2.0 / silicon.lattice.d_spacing(spots.hkl)))
    np.testing.assert_allclose(two_theta, bragg, atol=1e-9)
    np.testing.assert_allclose(spots.d_spacing, silicon.lattice.d_spacing(spots.hkl), rtol=1e-12)
    for i in range(0, len(spots), 9):
        beam = np.array([float(t) for t in CAMERA.position(spots.y[i], spots.x[i])])
        beam /= np.linalg.norm(beam) * MOLYBDENUM.wavelength
        turned = rotation_about((0.3, 1.0, 0.1), spots.phi[i]) @ ORIENTATION @ b_matrix(silicon.lattice) @ spots.hkl[i]
        np.testing.assert_allclose(beam - [0.0, 0.0, 1.0 / MOLYBDENUM.wavelength], turned, atol=1e-9)


def test_absent_reflections_make_no_spots(silicon):
    # diamond glide and centring: all odd, or all even with a sum divisible by four
    hkl = simulate_spots(silicon, MOLYBDENUM, CAMERA, ORIENTATION).hkl
    odd = hkl % 2
    assert np.all((odd.sum(axis=1) == 3) | ((odd.sum(axis=1) == 0) & (hkl.sum(axis=1) % 4 == 0)))


def test_intensities_by_hand(quartz):
    # |F|² P/(|ζ| sin 2θ) with all factors from their definitions, a tube's P = 1 + cos²2θ: 1e-9
    spots = simulate_spots(quartz, MOLYBDENUM, CAMERA, ORIENTATION, phi=(0.0, 60.0), scale=3.0)
    factors = structure_factors(quartz, spots.hkl, ScatteringModel("xray", MOLYBDENUM.wavelength))
    two_theta = 2.0 * np.arcsin(MOLYBDENUM.wavelength / 2.0 / spots.d_spacing)
    beams = np.array(CAMERA.position(spots.y, spots.x)).T
    normal = np.cross(beams, [0.0, 0.0, 1.0])
    speed = np.abs(normal[:, 1]) / np.linalg.norm(normal, axis=1)
    expected = 3.0 * np.abs(factors) ** 2 * (1.0 + np.cos(two_theta) ** 2) / (speed * np.sin(two_theta))
    np.testing.assert_allclose(spots.intensity, expected, rtol=1e-9)


def test_friedel_mates_differ_where_dispersion_makes_them(quartz):
    # P3221 is chiral: at 2.29 Å (Cr Kα) f″ of silicon parts |F(hkl)| from |F(-h-k-l)|
    camera = replace(CAMERA, distance=0.02)
    spots = simulate_spots(quartz, radiation_from_name("CrKa1"), camera, ORIENTATION)
    two_theta, _ = camera.angles(spots.y, spots.x)
    beams = np.array(camera.position(spots.y, spots.x)).T
    speed = np.abs(np.cross(beams, [0.0, 0.0, 1.0])[:, 1]) / np.hypot(beams[:, 0], beams[:, 1])
    tt = np.radians(two_theta)
    squared = spots.intensity * speed * np.sin(tt) / (1.0 + np.cos(tt) ** 2)
    of = {tuple(h): value for h, value in zip(spots.hkl.tolist(), squared, strict=True)}
    ratio = np.array([value / of[tuple(-x for x in h)] for h, value in of.items() if tuple(-x for x in h) in of])
    assert ratio.size > 10
    assert np.abs(ratio - 1.0).max() > 0.01


def test_a_whole_turn_sees_each_reflection_twice(silicon):
    spots = simulate_spots(silicon, MOLYBDENUM, CAMERA, ORIENTATION, phi=(0.0, 360.0), d_min=1.2)
    inside = spots.select((spots.phi > 2.0) & (spots.phi < 358.0))
    _, counts = np.unique(inside.hkl, axis=0, return_counts=True)
    assert counts.max() == 2


def test_partial_frames_add_up(silicon):
    # over frames of 0.5° the shares of a spot well inside the sweep sum to one: 1e-4 at four standard deviations
    spots = simulate_spots(silicon, MOLYBDENUM, CAMERA, ORIENTATION, phi=(0.0, 20.0), spread=SPREAD)
    shares = sum(spots.partiality(start, start + 0.5) for start in np.arange(0.0, 20.0, 0.5))
    reach = 4.0 * spots.rocking_width
    whole = (spots.phi - reach > 0.0) & (spots.phi + reach < 20.0)
    assert whole.sum() > 10
    assert (~whole).sum() > 0
    np.testing.assert_allclose(shares[whole], 1.0, atol=1e-4)
    assert np.all(shares[~whole] < 1.0)


def test_a_still_is_a_short_turn(corundum):
    # intensity of a still × the turn in radians, against a frame of 0.0002°; ε(φ) is linear to 3 % within 4σ
    turn, spread, compared = 0.0002, CrystalSpread(mosaicity=0.02), 0
    for seed in range(150):
        u = random_orientation(np.random.default_rng(seed))
        still = simulate_still(corundum, MOLYBDENUM, CAMERA, u, spread=spread)
        turned = simulate_spots(corundum, MOLYBDENUM, CAMERA, u, phi=(-turn / 2, turn / 2), spread=spread)
        recorded = turned.intensity * turned.partiality(-turn / 2, turn / 2)
        steep = turned.rocking_width < 3.0 * spread.mosaicity  # |ζ| > 1/3
        of = {tuple(h): v for h, v in zip(turned.hkl[steep].tolist(), recorded[steep], strict=True)}
        for hkl, value in zip(still.hkl.tolist(), still.intensity * np.radians(turn), strict=True):
            if tuple(hkl) in of:
                assert value == pytest.approx(of[tuple(hkl)], rel=0.03)
                compared += 1
    assert compared > 30


def test_rocking_width():
    # √(σM² + σD² + (Δλ/λ tan θ)²), by hand at 2θ = 60°
    spread = CrystalSpread(0.3, 0.4, 0.01)
    assert spread.rocking_width(np.radians([60.0]))[0] == pytest.approx(
        np.sqrt(0.25 + (np.degrees(0.01) / np.sqrt(3.0)) ** 2), rel=1e-12
    )


def test_rocking_width_is_that_of_random_crystals_and_beams(silicon):
    # mosaic blocks, directions and wavelengths drawn at random: the φ at which each diffracts scatters by the
    # stated width, 5 % (4 standard errors of 4,000 draws)
    spots = simulate_spots(silicon, MOLYBDENUM, CAMERA, ORIENTATION, phi=(0.0, 90.0), spread=SPREAD)
    chosen = int(np.argmin(np.abs(spots.d_spacing - 1.0)))
    rng = np.random.default_rng(8)
    vector = ORIENTATION @ b_matrix(silicon.lattice) @ spots.hkl[chosen]
    vector = rotation_about((0, 1, 0), spots.phi[chosen]) @ vector
    angles = []
    for _ in range(4000):
        block = rng.normal(0.0, SPREAD.mosaicity, 3)
        r = rotation_about(block, float(np.linalg.norm(block))) @ vector
        tilt = np.radians(rng.normal(0.0, SPREAD.divergence, 2))
        beam = np.array([tilt[0], tilt[1], 1.0]) / np.sqrt(1.0 + tilt @ tilt)
        beam /= MOLYBDENUM.wavelength * (1.0 + rng.normal(0.0, SPREAD.bandwidth))
        # Newton's step from φ = 0, where s0·r + r²/2 is small
        angles.append(-(beam @ r + 0.5 * r @ r) / (beam @ np.cross([0.0, 1.0, 0.0], r)))
    assert np.degrees(np.std(angles)) == pytest.approx(spots.rocking_width[chosen], rel=0.05)


def test_a_frame_keeps_the_counts(silicon):
    # spots well inside the frame: 1e-5, the tails beyond five standard deviations
    spots = simulate_spots(silicon, MOLYBDENUM, CAMERA, ORIENTATION, phi=(0.0, 5.0), d_min=1.2)
    spots = spots.select((abs(spots.x - 500) < 470) & (abs(spots.y - 500) < 470))
    frame = draw_spots(spots, CAMERA, fwhm=3.0)
    assert frame.image.sum() == pytest.approx(spots.intensity.sum(), rel=1e-5)
    brightest = np.unravel_index(np.argmax(frame.image), frame.shape)
    strongest = np.argmax(spots.intensity)
    assert brightest == pytest.approx((spots.y[strongest], spots.x[strongest]), abs=0.6)


def test_spots_have_the_width_asked_for(silicon):
    # second moment of an isolated spot: σ² and a twelfth of a pixel², 1e-3
    spots = simulate_spots(silicon, MOLYBDENUM, CAMERA, ORIENTATION, phi=(0.0, 90.0))
    one = spots.select(np.array([np.argmin(np.hypot(spots.x - 300, spots.y - 600))]))
    image = draw_spots(one, CAMERA, fwhm=4.0).image
    rows, columns = np.indices(image.shape)
    for grid, centre in ((rows, one.y[0]), (columns, one.x[0])):
        assert np.sum(image * grid) / image.sum() == pytest.approx(centre, abs=1e-4)
        variance = np.sum(image * (grid - centre) ** 2) / image.sum()
        assert variance == pytest.approx(16.0 / (8.0 * np.log(2.0)) + 1.0 / 12.0, rel=1e-3)


def test_noise_mask_and_background(silicon):
    mask = np.zeros(CAMERA.shape, bool)
    mask[:, 400:420] = True
    given = {"phi": (0.0, 2.0), "scale": 0.01, "background": 5.0, "mask": mask}
    frame = simulate_rotation(silicon, MOLYBDENUM, CAMERA, ORIENTATION, rng=np.random.default_rng(1), **given)
    again = simulate_rotation(silicon, MOLYBDENUM, CAMERA, ORIENTATION, rng=np.random.default_rng(1), **given)
    np.testing.assert_array_equal(frame.image, again.image)
    assert np.all(frame.image[mask] == 0.0)
    assert np.all(frame.image == np.round(frame.image))
    # median of Poisson counts of mean 5
    assert np.median(frame.image[~mask]) == 5.0
    assert frame.metadata == {"phi": [0.0, 2.0]}
    assert frame.name == "Si"


def test_nothing_on_the_detector(silicon):
    far = replace(CAMERA, distance=100.0)
    spots = simulate_spots(silicon, MOLYBDENUM, far, ORIENTATION, d_min=1.0)
    assert len(spots) == 0
    assert draw_spots(spots, far).image.max() == 0.0


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"phi": (10.0, 10.0)}, InputError, "turns from 10 to 10 deg"),
        ({"phi": (0.0, 400.0)}, InputError, "within 360"),
        ({"axis": (0.0, 0.0, 0.0)}, PhysicsError, "no crystal turns about"),
        ({"orientation": -np.eye(3)}, PhysicsError, "is no rotation"),
        ({"orientation": 2 * np.eye(3)}, PhysicsError, "is no rotation"),
        ({"d_min": -1.0}, PhysicsError, "d_min = -1 Å"),
    ],
)
def test_impossible_turns_are_refused(silicon, changes, error, message):
    given = {"orientation": ORIENTATION, **changes}
    with pytest.raises(error, match=message):
        simulate_spots(silicon, MOLYBDENUM, CAMERA, given.pop("orientation"), **given)


def test_impossible_spreads_and_spots_are_refused(silicon):
    with pytest.raises(PhysicsError, match="mosaicity, divergence and bandwidth"):
        CrystalSpread(0.0, 0.0, 0.0)
    with pytest.raises(PhysicsError, match="give none below 0"):
        CrystalSpread(0.1, -0.1)
    spots = simulate_spots(silicon, MOLYBDENUM, CAMERA, ORIENTATION, d_min=2.0)
    with pytest.raises(PhysicsError, match="FWHM of 0 pixels"):
        draw_spots(spots, CAMERA, fwhm=0.0)
    with pytest.raises(PhysicsError, match="background of -1"):
        draw_spots(spots, CAMERA, background=-1.0)
    with pytest.raises(InputError, match="give a number or an image"):
        draw_spots(spots, CAMERA, background=np.zeros((3, 3)))

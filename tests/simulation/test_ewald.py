"""The Ewald construction: identities, hand-made cases, and the predictions of DIALS."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.orientation_matrix import b_matrix, random_orientation, rotation_about
from anatase.errors import PhysicsError
from anatase.pattern.azimuthal_polarization import azimuthal_polarization
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.scattering.radiation import radiation_from_name
from anatase.simulation.ewald import BEAM, all_hkl, crossings, misorientation, onto_sphere, zeta

LATTICE = Lattice(7.0, 8.0, 9.0, 85.0, 97.0, 103.0)
WAVELENGTH = 0.9795
AXIS = np.array([0.2, 1.0, -0.1])


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    orientation = random_orientation(np.random.default_rng(5))
    return all_hkl(LATTICE, 1.1) @ (orientation @ b_matrix(LATTICE)).T


def test_crossings_lie_on_the_sphere(vectors):
    # |s0 + r| = 1/λ and |r| kept: 1e-12 Å⁻¹; the turn is that of Rodrigues about the axis
    index, phi, at = crossings(vectors, WAVELENGTH, AXIS)
    assert index.size > 1000
    np.testing.assert_allclose(np.linalg.norm(BEAM / WAVELENGTH + at, axis=1), 1.0 / WAVELENGTH, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(at, axis=1), np.linalg.norm(vectors[index], axis=1), atol=1e-12)
    for i in range(0, index.size, 97):
        np.testing.assert_allclose(rotation_about(AXIS, phi[i]) @ vectors[index[i]], at[i], atol=1e-12)


def test_every_crossing_is_found(vectors):
    # counted another way: changes of the sign of |s0 + r(φ)| − |s0| over 7200 steps of a turn
    chosen = vectors[:: max(len(vectors) // 150, 1)]
    index, _, _ = crossings(chosen, WAVELENGTH, AXIS)
    steps = np.linspace(0.0, 360.0, 7201)
    turned = np.array([chosen @ rotation_about(AXIS, phi).T for phi in steps])
    outside = np.linalg.norm(turned + BEAM / WAVELENGTH, axis=2) > 1.0 / WAVELENGTH
    changes = np.sum(outside[1:] != outside[:-1], axis=0)
    counts = np.bincount(index, minlength=len(chosen))
    assert set(counts.tolist()) == {0, 2}
    assert np.sum(counts != changes) <= 1  # one that grazes may fall between two steps


def test_zeta_is_the_speed_of_the_crossing(vectors):
    # d(s0·r)/dφ = ζ |s1 × s0|: by central differences, 1e-6
    index, phi, at = crossings(vectors, WAVELENGTH, AXIS)
    factor = zeta(at, AXIS)
    step = 1e-4
    for i in range(0, index.size, 131):
        there, back = (rotation_about(AXIS, phi[i] + sign * step) @ vectors[index[i]] for sign in (1, -1))
        speed = (there - back) @ BEAM / (2.0 * np.radians(step))
        assert speed == pytest.approx(factor[i] * np.linalg.norm(np.cross(at[i], BEAM)), rel=1e-6, abs=1e-9)


def test_the_smallest_turn_reaches_the_sphere(vectors):
    # turned by ε about the normal of beam and vector, the vector is where `onto_sphere` puts it
    off = misorientation(vectors, WAVELENGTH)
    moved = onto_sphere(vectors, WAVELENGTH)
    near = np.flatnonzero(np.isfinite(off))[::53]
    assert near.size > 20
    for i in near:
        turn = rotation_about(np.cross(BEAM, vectors[i]), off[i])
        np.testing.assert_allclose(turn @ vectors[i], moved[i], atol=1e-12)
        distance = np.linalg.norm(BEAM / WAVELENGTH + vectors[i]) - 1.0 / WAVELENGTH
        assert np.sign(distance) == np.sign(off[i])
    np.testing.assert_allclose(np.linalg.norm(BEAM / WAVELENGTH + moved[near], axis=1), 1.0 / WAVELENGTH, atol=1e-12)


def test_a_crossing_by_hand():
    # r = 0.5 Å⁻¹ along the beam, λ = 1 Å, turned about axis 2: sin θ = 0.25, so that the vector must stand at
    # 90° + θ to the beam: φ = ±(90° + 14.4775°)
    _, phi, at = crossings([[0.0, 0.0, 0.5]], 1.0, [0.0, 1.0, 0.0])
    assert np.sort(phi) == pytest.approx([-104.477512, 104.477512], abs=1e-6)
    np.testing.assert_allclose(at[:, 2], -0.125, atol=1e-12)
    # it moves in the plane at right angles to the axis: ζ = ±1
    np.testing.assert_allclose(np.sort(zeta(at, [0.0, 1.0, 0.0])), [-1.0, 1.0], atol=1e-12)


def test_vectors_out_of_reach_cross_nothing():
    # longer than 2/λ, and along the axis
    index, _, _ = crossings([[0.0, 0.0, 2.1], [0.0, 0.3, 0.0]], 1.0, [0.0, 1.0, 0.0])
    assert index.size == 0
    assert np.isnan(misorientation(np.array([[0.1, 0.0, 2.1], [0.0, 0.0, 0.3]]), 1.0)).all()


def test_all_reflections_within_the_sphere():
    # every one once, its Friedel mate as well; their number against the volume of the sphere, 1 %
    hkl = all_hkl(LATTICE, 0.8)
    assert len({tuple(row) for row in hkl.tolist()}) == len(hkl)
    assert LATTICE.d_spacing(hkl).min() >= 0.8
    assert len(hkl) == pytest.approx(4.0 / 3.0 * np.pi * LATTICE.volume / 0.8**3, rel=0.01)
    np.testing.assert_array_equal(hkl, -hkl[::-1])


@pytest.mark.parametrize(("d_min", "message"), [(0.0, "d_min = 0 Å"), (0.01, "raise d_min")])
def test_impossible_limits_are_refused(d_min, message):
    with pytest.raises(PhysicsError, match=message):
        all_hkl(LATTICE, d_min)


def _column(table: bytes, name: str, kind: str, width: int, code: str) -> np.ndarray:
    """Return a column of a DIALS reflection table: MessagePack's name, [kind, [rows, bytes]]."""
    head = bytes([0xA0 + len(name)]) + name.encode() + bytes([0x92, 0xA0 + len(kind)]) + kind.encode()
    at = table.index(head) + len(head)
    # an array of two, an unsigned 16-bit number of rows, bytes with a 16-bit length
    assert table[at] == 0x92
    assert (table[at + 1], table[at + 4]) == (0xCD, 0xC5)
    rows, size = struct.unpack_from(">H", table, at + 2)[0], struct.unpack_from(">H", table, at + 5)[0]
    return np.frombuffer(table[at + 7 : at + 7 + size], code).reshape(rows, width)


def _dials(folder: Path):
    """Return geometry, B-oriented matrix, axis and scan of an experiment in the frame of `DetectorGeometry`."""
    text = json.loads((folder / "indexed.expt").read_text())
    beam, panel = text["beam"][0], text["detector"][0]["panels"][0]
    origin = np.add(panel["origin"], text["detector"][0]["hierarchy"]["origin"])
    along = -np.array(beam["direction"])
    second = np.array([1.0, 0.0, 0.0]) - along[0] * along
    second /= np.linalg.norm(second)
    frame = np.array([np.cross(second, along), second, along])
    pixel, (columns, rows) = panel["pixel_size"][0] * 1e-3, panel["image_size"]
    # DIALS numbers rows downwards: the last becomes the first
    corner = origin * 1e-3 + np.array(panel["slow_axis"]) * rows * pixel
    axes = frame @ corner, -frame @ panel["slow_axis"], frame @ panel["fast_axis"]
    geometry = DetectorGeometry.from_axes(*axes, (pixel, pixel), (rows, columns))
    real = np.array([text["crystal"][0][f"real_space_{name}"] for name in "abc"])
    goniometer = text["goniometer"][0]
    fixed = np.array(goniometer["fixed_rotation"]).reshape(3, 3)
    matrix = frame @ fixed @ np.linalg.inv(real)
    return geometry, matrix, frame @ goniometer["rotation_axis"], text["scan"][0], beam["wavelength"]


@pytest.mark.parametrize("name", ["dials_centroid_reflonly", "dials_quartz_ED"])
def test_predictions_agree_with_those_of_dials(shared_data, name):
    # xyzcal.px of DIALS for the same model: 0.01 pixels and 0.002 frames for all spots that it indexed
    folder = shared_data / "images" / name
    if not folder.exists():
        pytest.skip(f"{folder} is not there")
    geometry, matrix, axis, scan, wavelength = _dials(folder)
    table = (folder / "indexed.refl").read_bytes()
    hkl = _column(table, "miller_index", "cctbx::miller::index<>", 3, "<i4")
    predicted = _column(table, "xyzcal.px", "vec3<double>", 3, "<f8")
    keep = np.any(hkl != 0, axis=1)
    hkl, predicted = hkl[keep], predicted[keep]
    index, phi, at = crossings(hkl @ matrix.T, wavelength, axis)
    row, column = geometry.pixel_of_direction(BEAM / wavelength + at)
    x, y = column + 0.5, geometry.shape[0] - (row + 0.5)
    start, step = scan["oscillation"]
    z = ((phi - start + 180.0) % 360.0 - 180.0) / step + scan["image_range"][0] - 1
    best = np.full(len(hkl), np.inf)
    for spot, *where in zip(index, x, y, z, strict=True):
        turns = 360.0 / step
        frames = (where[2] - predicted[spot, 2] + turns / 2) % turns - turns / 2
        distance = max(abs(where[0] - predicted[spot, 0]), abs(where[1] - predicted[spot, 1]), 5.0 * abs(frames))
        best[spot] = min(best[spot], distance)
    assert len(hkl) > 400
    assert np.percentile(best, 99) < 0.01


def test_lorentz_and_polarization_agree_with_those_of_dials(shared_data):
    # the columns zeta and lp (1/Lorentz/polarization) of the 1991 spots that DIALS integrated, from its own beams s1.
    # The direction of the incident beam then is in no file of the folder; it is the one that makes ζ agree, and lp
    # is left to judge. 1e-9
    folder = shared_data / "images" / "dials_centroid_reflonly"
    if not folder.exists():
        pytest.skip(f"{folder} is not there")
    wavelength, share = 0.9795, 0.999
    along = np.array([-0.002603839787, 0.0, -1.0]) / np.hypot(0.002603839787, 1.0)
    second = np.cross(along, [0.0, 1.0, 0.0])
    frame = np.array([np.cross(second, along), second, along])
    table = (folder / "integrated.refl").read_bytes()
    beams = _column(table, "s1", "vec3<double>", 3, "<f8") @ frame.T
    lp, speed = (_column(table, name, "double", 1, "<f8")[:, 0] for name in ("lp", "zeta"))
    used = lp > 0.0
    assert used.sum() == 1991
    ours = zeta(beams - BEAM / wavelength, frame[:, 0])
    np.testing.assert_allclose(ours[used], speed[used], atol=1e-9)
    sine = np.linalg.norm(np.cross(beams, BEAM), axis=1) * wavelength
    two_theta, chi = np.degrees(np.arcsin(sine)), np.degrees(np.arctan2(beams[:, 0], beams[:, 1]))
    polarization = share * azimuthal_polarization(two_theta, chi, radiation_from_name(f"{wavelength}"), share=share)
    np.testing.assert_allclose((np.abs(ours) * sine / polarization)[used], lp[used], rtol=1e-9)

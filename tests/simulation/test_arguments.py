"""What the doors of the simulation refuse, and that nothing falls through them."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import anatase.simulation
from anatase import read_structure
from anatase.crystal.structure import Structure
from anatase.errors import AnataseError, InputError, PhysicsError
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.simulation import (
    DetectorGeometry,
    Instrument,
    Sample,
    TofBank,
    TofProfile,
    simulate,
    simulate_lines,
    simulate_many,
    simulate_rings,
    simulate_spots,
    simulate_zone_axis,
)

CAMERA = DetectorGeometry.facing(0.06, (19.5, 19.5), 4e-3, (40, 40))
POWDERS = ("simulate", "simulate_lines", "simulate_many")
FRAMES = ("simulate_rings", "simulate_spots", "simulate_still", "simulate_rotation")
TIMES = ("simulate_time_of_flight", "simulate_time_of_flight_derivatives")
DOORS = (*POWDERS, "simulate_derivatives", "simulate_gradient", *FRAMES, "simulate_zone_axis", *TIMES)
OPTIONS = ("probe", "dispersion", "table", "hydrogen", "u_default", "scale", "nonsense")
NEUTRONS = Radiation("neutron", ((1.5, 1.0),), 0.0)


def arguments_of(door: str, structure: Structure) -> dict[str, Any]:
    """Return arguments that are in order."""
    if door == "simulate_many":
        return {"structures": [structure], "two_theta": (25.0, 50.0), "step": 0.1}
    if door in FRAMES:
        turned = {} if door == "simulate_rings" else {"orientation": np.eye(3)}
        return {"structure": structure, "wavelength": "MoKa1", "geometry": CAMERA, **turned}
    if door == "simulate_zone_axis":
        return {"structure": structure, "zone": (1, 1, 0), "d_min": 1.0}
    if door in TIMES:
        bank = TofBank(7476.91, -1.54, two_theta=144.845)
        return {"structures": structure, "bank": bank, "profile": TofProfile(), "tof": np.arange(1.4e4, 1.6e4, 20.0)}
    first = "structure" if door == "simulate_lines" else "structures"
    weights = {"weights": np.ones(251)} if door == "simulate_gradient" else {}
    sampled = {} if door == "simulate_lines" else {"step": 0.1}
    return {first: structure, "two_theta": (25.0, 50.0), **sampled, **weights}


def called(door: str, given: dict[str, Any]) -> object:
    """Return what a door gives, to the end."""
    answer = getattr(anatase.simulation, door)(**given)
    return list(answer) if door == "simulate_many" else answer


def test_arguments_in_order_are_taken(silicon):
    for door in DOORS:
        called(door, arguments_of(door, silicon))


WRONG = [
    # doors, argument, what is given, what the message says
    (DOORS, "structure", "silicon.cif", "give anatase.read_structure"),
    (DOORS, "structure", Path("silicon.cif"), "give anatase.read_structure"),
    (DOORS, "structure", None, "is None; give"),
    (DOORS, "structure", 5, "give a"),
    (DOORS, "nonsense", 1, "there is no option 'nonsense'; give one of dispersion"),
    ((*POWDERS, *FRAMES), "wavelength", [1.54], "the wavelength is a list"),
    ((*POWDERS, *FRAMES), "wavelength", "nonsense", "'nonsense' is no wavelength"),
    ((*POWDERS, *FRAMES), "wavelength", float("nan"), "no wavelength"),
    ((*POWDERS, *FRAMES), "wavelength", Radiation("xray", ()), r"has the lines \(\); give pairs"),
    ((*POWDERS, *FRAMES), "probe", "muon", "'muon' is no probe; give one of xray, neutron, electron"),
    (POWDERS, "two_theta", 90.0, r"two_theta is 90.0; give its two ends in degrees, as in \(5, 90\)"),
    (POWDERS, "two_theta", "5-90", "give its two ends"),
    (POWDERS, "two_theta", (5.0, 90.0, 0.02), "give its two ends"),
    (POWDERS, "two_theta", (5.0, float("nan")), "no range"),
    (("simulate", "simulate_many"), "step", "0.02", "step is a str; give a number"),
    (("simulate", "simulate_many"), "instrument", {"zero": 0.1}, r"the instrument is a dict; give Instrument\("),
    (("simulate", "simulate_many", "simulate_rings", *TIMES), "sample", {"size": 100}, r"is a dict; give Sample\("),
    (("simulate", "simulate_many", *FRAMES, *TIMES), "scale", float("nan"), "scale is nan"),
    (("simulate", "simulate_many", *FRAMES, *TIMES), "scale", float("inf"), "scale is inf"),
    (("simulate", "simulate_many", *FRAMES, *TIMES), "scale", -1.0, "scale"),
    (("simulate", "simulate_many", "simulate_rings", *TIMES), "background", float("nan"), "not finite"),
    (DOORS, "u_default", -0.1, "u_default is -0.1"),
    (DOORS, "table", "IT93", "'IT93' is no table of form factors"),
    (DOORS, "dispersion", "yes", "dispersion is a str; give True or False"),
    (FRAMES, "geometry", "detector.poni", "give DetectorGeometry.facing"),
    (FRAMES[1:], "orientation", np.eye(2), "orientation has shape"),
    (FRAMES[1:], "spread", 0.1, "spread is a float; give CrystalSpread"),
    (("simulate_rings",), "rng", 7, "give rng=np.random.default_rng"),
    (("simulate_rings",), "texture", (0, 0, 1), "give FibreTexture"),
    (("simulate_zone_axis",), "zone", (1, 1), "zone has shape"),
    (("simulate_zone_axis",), "zone", (1, 0.5, 0), "give three whole numbers"),
    (TIMES, "bank", "powgen.instprm", "bank is a str; give TofBank"),
    (TIMES, "profile", {}, "profile is a dict; give TofProfile"),
]


@pytest.mark.parametrize(
    ("door", "argument", "given", "message"),
    [(door, argument, given, message) for doors, argument, given, message in WRONG for door in doors],
)
def test_what_is_wrong_is_told_with_what_to_give(silicon, door, argument, given, message):
    arguments = arguments_of(door, silicon)
    if argument == "structure" and "structures" in arguments:
        argument = "structures"
    with pytest.raises((InputError, PhysicsError), match=message):
        called(door, {**arguments, argument: given})


JUNK = [
    None,
    object(),
    {},
    [],
    (1, 2, 3),
    (90, 5),
    "abc",
    float("nan"),
    -1,
    0,
    1e300,
    3 + 4j,
    b"x",
    [None],
    (None, 2),
    slice(2),
    np.ones((2, 2)),
    np.array([]),
    np.array(5.0),
    Radiation("xray", ()),
]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # 1e300 Å overflows, and no more
@pytest.mark.parametrize("door", DOORS)
def test_nothing_falls_through(silicon, door):
    # every argument of every door, given what it is not: an answer, or an error of ours
    arguments = arguments_of(door, silicon)
    function = getattr(anatase.simulation, door)
    named = [name for name, parameter in inspect.signature(function).parameters.items() if parameter.kind != 4]
    refused = 0
    for name in dict.fromkeys((*named, *OPTIONS)):
        for junk in JUNK:
            try:
                called(door, {**arguments, name: junk})
            except AnataseError:
                refused += 1
    assert refused > 5 * len(named)


def test_a_probe_alone_chooses_its_wavelength(silicon):
    for probe, wavelength, two_theta in (("neutron", 1.54, (5.0, 90.0)), ("electron", "200 kV", (0.1, 2.0))):
        alone = simulate_lines(silicon, probe=probe)
        said = simulate_lines(silicon, wavelength, two_theta, probe)
        np.testing.assert_array_equal(alone.intensity, said.intensity)
        assert simulate(silicon, probe=probe).radiation == radiation_from_name(str(wavelength), probe)
    assert len(simulate(silicon, probe="electron")) == 1901
    np.testing.assert_array_equal(
        simulate(silicon, probe="neutron").intensity,
        simulate(silicon, 1.54, (5.0, 90.0), 0.02, Instrument("debye_scherrer"), probe="neutron").intensity,
    )


def test_a_probe_must_not_contradict_the_radiation(silicon):
    assert simulate_lines(silicon, NEUTRONS).radiation == simulate_lines(silicon, NEUTRONS, probe="neutron").radiation
    for door in ("simulate", "simulate_lines", "simulate_many", *FRAMES):
        with pytest.raises(InputError, match="probe 'xray' and a radiation of the probe 'neutron'"):
            called(door, {**arguments_of(door, silicon), "wavelength": NEUTRONS, "probe": "xray"})
    with pytest.raises(InputError, match="zone-axis patterns are of electrons"):
        simulate_zone_axis(silicon, (0, 0, 1), NEUTRONS)


def test_options_of_scattering_are_the_same_everywhere(corundum):
    # a default U is what sites without one have; a table, what form factors are of
    bare = Structure(
        corundum.lattice, corundum.space_group, tuple(type(s)(s.label, s.species, s.xyz) for s in corundum.sites)
    )
    warm = Structure(
        corundum.lattice, corundum.space_group, tuple(type(s)(s.label, s.species, s.xyz, 0.01) for s in corundum.sites)
    )
    for door in DOORS:
        given = arguments_of(door, bare)
        first = next(iter(given))
        other = {**given, first: [warm] if door == "simulate_many" else warm}
        by_default, by_site = (strength(called(door, g)) for g in ({**given, "u_default": 0.01}, other))
        np.testing.assert_allclose(by_default, by_site, rtol=1e-12, err_msg=door)
        assert not np.allclose(by_default, strength(called(door, given)), rtol=1e-6), door
    spots = [simulate_spots(bare, "MoKa1", CAMERA, np.eye(3), table=table).intensity for table in ("IT92", "WK95")]
    assert 1e-6 < np.abs(spots[0] / spots[1] - 1.0).max() < 0.05  # tables differ in the third digit
    rings = [simulate_rings(bare, "MoKa1", CAMERA, hydrogen=kind).image for kind in ("bonded", "free")]
    np.testing.assert_array_equal(*rings)  # corundum has no hydrogen


def strength(answer: Any) -> np.ndarray:
    """Return the intensities of any answer."""
    found = answer[0] if isinstance(answer, list) else getattr(answer, "pattern", answer)
    return found.image if hasattr(found, "image") else found.intensity


def test_structures_may_come_from_a_generator(silicon):
    (made,) = simulate_many(s for s in [silicon])
    np.testing.assert_array_equal(made.intensity, simulate(silicon).intensity)


def test_a_sample_for_each_phase(silicon, corundum):
    samples = (Sample(size=100.0), Sample())
    pair = simulate((silicon, corundum), sample=samples, weight_fractions=np.array([1.0, 3.0]))
    assert pair.name == "Si + Al2O3"


@pytest.mark.parametrize("path", [None, 5, ["a.cif"], b"a.cif", {}])
def test_paths_that_are_none(path):
    with pytest.raises(InputError, match="give its path"):
        read_structure(path)


SURFACE = """
CrystalSpread Crystallites DetectorGeometry FibreTexture Instrument MixtureVariety Radiation RandomMixture Sample
SimulatedDerivatives SimulatedGradient SpotList TofBank TofProfile ZonePattern add_amorphous draw_spots draw_zone_axis
random_empty_pattern random_mixture simulate simulate_derivatives simulate_gradient simulate_lines simulate_many
simulate_rings simulate_rotation simulate_spots simulate_still simulate_time_of_flight
simulate_time_of_flight_derivatives simulate_zone_axis zone_orientation
"""


def test_the_surface_is_this():
    assert sorted(anatase.simulation.__all__) == sorted(SURFACE.split())
    for name in SURFACE.split():
        assert callable(getattr(anatase.simulation, name)), name
        assert name in dir(anatase.simulation)
    with pytest.raises(AttributeError, match="nonsense"):
        anatase.simulation.nonsense  # noqa: B018

"""Powder patterns: against hand-made sums of lines, and every derivative against central differences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from anatase.crystal.free_cell import CELL_NAMES, free_cell_parameters
from anatase.crystal.lattice import Lattice
from anatase.crystal.site_freedom import TENSOR, site_freedom
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.pattern.stephens import stephens_names
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.simulation.instrument import Instrument
from anatase.simulation.lines import simulate_lines
from anatase.simulation.powder import powder_pattern, simulate, simulate_derivatives
from anatase.simulation.powder_settings import PowderSettings
from anatase.simulation.sample import Sample

RUTILE = Structure(
    Lattice(4.5937, 4.5937, 2.9587),
    SpaceGroup.from_number(136),
    (
        Site("Ti1", (Species("Ti"),), (0.0, 0.0, 0.0), u_iso=0.004),
        Site("O1", (Species("O", 0.97),), (0.3048, 0.3048, 0.0), u_aniso=(0.005, 0.005, 0.004, 0.001, 0.0, 0.0)),
    ),
    name="rutile",
)
FELDSPAR = Structure(
    Lattice(8.142, 12.785, 7.159, 94.19, 116.61, 87.68),
    SpaceGroup.from_number(2),
    (
        Site("Na1", (Species("Na", 0.8), Species("K", 0.2)), (0.268, 0.989, 0.146), u_iso=0.02),
        Site("Si1", (Species("Si"),), (0.004, 0.820, 0.237), u_aniso=(0.006, 0.007, 0.005, 0.001, 0.003, -0.001)),
        Site("O1", (Species("O"),), (0.005, 0.131, 0.967), u_iso=0.01),
    ),
    name="feldspar",
)
CORUNDUM = Structure(
    Lattice(4.757, 4.757, 12.9877, 90, 90, 120),
    SpaceGroup.from_number(167),
    (
        Site("Al1", (Species("Al"),), (0.0, 0.0, 0.35216), u_iso=0.003),
        Site("O1", (Species("O"),), (0.30624, 0.0, 0.25), u_iso=0.004),
    ),
)


def strain_terms(structure: Structure) -> tuple[float, ...]:
    """Return terms that are positive for every hkl: those of (1/d²)² but for their size."""
    from anatase.pattern.stephens import quartic_columns

    hkl = np.array([(h, k, l) for h in range(-3, 4) for k in range(-3, 4) for l in range(-3, 4)])
    columns = quartic_columns(hkl, structure.space_group)
    target = structure.lattice.inverse_d_squared(hkl) ** 2
    return tuple(1e-6 * np.linalg.lstsq(columns, target, rcond=None)[0])


def test_the_pattern_is_the_sum_of_the_listed_lines():
    # Gaussians of 0.1°: every line by hand from position and m|F|²LP of simulate_lines, one wavelength
    radiation = radiation_from_name("CuKa1")
    flat = Instrument(gauss_u=0.0, gauss_v=0.0, gauss_w=0.01, lorentz_x=0.0, lorentz_y=0.0)
    pattern = simulate(RUTILE, radiation, (20.0, 80.0), instrument=flat, background=3.0)
    lines = simulate_lines(RUTILE, radiation, (18.0, 82.0), dispersion=True)
    u = (pattern.x[:, None] - lines.two_theta) / 0.1
    bell = 2.0 * np.sqrt(np.log(2.0) / np.pi) / 0.1 * np.exp(-4.0 * np.log(2.0) * u**2)
    # without Lorentzian width η is 0, and Gaussians end at 1e-11 of their height
    np.testing.assert_allclose(pattern.intensity, 3.0 + bell @ lines.intensity, atol=1e-9 * pattern.intensity.max())
    np.testing.assert_array_equal(pattern.sigma, np.sqrt(np.maximum(pattern.intensity, 1.0)))
    assert pattern.radiation == radiation
    assert pattern.name == "rutile"


def test_two_wavelengths_share_the_area_by_their_weights():
    pattern = simulate(RUTILE)
    single = [simulate(RUTILE, Radiation("xray", (line,))) for line in radiation_from_name("CuKa").lines]
    # f′ and f″ of Ti at Kα2 are those of Kα1 in the common pattern: 5e-4 apart
    expected = (single[0].intensity * 2.0 + single[1].intensity) / 3.0
    assert len(pattern) == 4251
    np.testing.assert_allclose(pattern.intensity, expected, atol=1e-3 * expected.max())


def test_absolute_intensity_is_the_sum_of_areas():
    lines = simulate_lines(RUTILE, "CuKa1", (5.0, 139.0), dispersion=True)
    inside = simulate(RUTILE, "CuKa1", (20.0, 139.0), scale=2.5).intensity.sum() * 0.02
    # Lorentzian tails of lines 0.1° wide leave the range: below 0.2 %
    assert inside == pytest.approx(2.5 * lines.intensity.sum(), rel=4e-3)


def moved(structure: Structure, sample: Sample, settings: PowderSettings, name: str, step: float):
    """Return structure, sample and settings with one parameter moved."""
    instrument = settings.instrument
    if name == "scale":
        return structure, sample, replace(settings, scale=settings.scale + step)
    if hasattr(instrument, name):
        instrument = replace(instrument, **{name: getattr(instrument, name) + step})
        return structure, sample, replace(settings, instrument=instrument)
    names, rates = free_cell_parameters(structure.lattice, structure.space_group)
    if name in names:
        cell = np.array(structure.lattice.parameters) + step * rates[names.index(name)]
        return replace(structure, lattice=Lattice(*cell)), sample, settings
    if name.startswith(("S", "harmonic", "roughness")) and "." not in name:
        if name[0] == "S":
            attribute, i = "stephens", stephens_names(structure.space_group).index(name)
        elif name[0] == "h":
            attribute, i = "harmonics", int(name.removeprefix("harmonic"))
        else:
            attribute, i = "roughness", "pq".index(name[-1])
        values = list(getattr(sample, attribute))
        values[i] += step
        return structure, replace(sample, **{attribute: tuple(values)}), settings
    if "." not in name:
        return structure, replace(sample, **{name: getattr(sample, name) + step}), settings
    label, *rest = name.split(".")
    index = [site.label for site in structure.sites].index(label)
    site = structure.sites[index]
    if rest[-1] == "occupancy":
        species = tuple(replace(s, occupancy=s.occupancy + step * (s.element == rest[0])) for s in site.species)
        site = replace(site, species=species)
    elif rest[0] == "u_iso":
        site = replace(site, u_iso=site.u_iso + step)
    elif rest[0] in TENSOR:
        free = site_freedom(structure, index)
        u = np.array(site.u_aniso) + step * free.tensor_directions[free.tensor.index(rest[0])]
        site = replace(site, u_aniso=tuple(u))
    else:
        xyz = np.array(site.xyz)
        xyz["xyz".index(rest[0])] += step
        if structure is RUTILE and label == "O1":
            xyz[1] += step  # the site lies on x, x, 0
        site = replace(site, xyz=tuple(xyz))
    sites = (*structure.sites[:index], site, *structure.sites[index + 1 :])
    return replace(structure, sites=sites), sample, settings


def largest_error(structure: Structure, settings: PowderSettings, sample: Sample) -> tuple[float, str, set[str]]:
    """Return the largest relative difference between a derivative and its central difference, with its name."""
    plain = (settings.radiation, settings.two_theta, settings.step, settings.instrument, sample)
    answer = simulate_derivatives(structure, *plain)
    np.testing.assert_allclose(answer.pattern.intensity, simulate(structure, *plain).intensity, rtol=1e-9, atol=1e-9)
    worst, worst_name = 0.0, ""
    steps = {"size": 1e-2, "size_across": 1e-2, "strain": 1e-7, "gauss_u": 1e-6, "gauss_v": 1e-6, "gauss_w": 1e-6}
    for name, row in zip(answer.names, answer.jacobian, strict=True):
        step = 1e-12 if name[0] == "S" and name[1:].isdigit() else steps.get(name, 1e-5)
        numerics = []
        for factor in (1.0, 2.0):
            ends = [powder_pattern(s, t, p).intensity for s, p, t in (
                moved(structure, sample, settings, name, sign * step * factor) for sign in (1.0, -1.0)
            )]  # fmt: skip
            numerics.append((ends[0] - ends[1]) / (2.0 * factor * step))
        numeric = (4.0 * numerics[0] - numerics[1]) / 3.0  # Richardson: error O(step⁴)
        error = float(np.linalg.norm(row - numeric) / np.linalg.norm(numeric))
        if error > worst:
            worst, worst_name = error, name
    return worst, worst_name, set(answer.names)


def test_derivatives_of_a_plate():
    instrument = Instrument(
        displacement=0.1, penetration=0.05, zero=0.01, s_over_l=0.025, h_over_l=0.02, lorentz_z=0.01, gauss_w=0.01
    )
    sample = Sample(
        size=400.0, strain=1e-3, size_gauss_share=0.3, strain_gauss_share=0.4, stephens=strain_terms(RUTILE),
        texture_axis=(1, 0, 1), march_r=0.8, absorption=2.0, roughness=(0.5, 0.1),
    )  # fmt: skip
    settings = PowderSettings("CuKa", (20.0, 80.0), 0.05, instrument)
    error, name, names = largest_error(RUTILE, settings, sample)
    assert error < 1e-6, name
    assert names >= {"scale", "zero", "displacement", "penetration", "gauss_u", "gauss_v", "gauss_w", "lorentz_x"}
    assert names >= {"s_over_l", "h_over_l", "size", "strain", "march_r", "absorption", "roughness_p", "a", "c"}
    assert names >= {"S400", "S004", "S220", "S202", "O1.x", "Ti1.u_iso", "O1.O.occupancy", "Ti1.Ti.occupancy"}
    assert names >= {"O1.u11", "O1.u12", "O1.u33"}
    assert not names & {"Ti1.x", "O1.y", "O1.z", "O1.u_iso", "b", "alpha"}


def test_derivatives_of_a_capillary_and_a_triclinic_cell():
    instrument = Instrument("debye_scherrer", displacement=0.1, displacement_across=-0.05, lorentz_z=0.05)
    sample = Sample(size=300.0, strain=5e-4, stephens=strain_terms(FELDSPAR), texture_axis=(0, 1, 0), march_r=1.2,
                    absorption=0.7)  # fmt: skip
    settings = PowderSettings("1.2", (15.0, 45.0), 0.05, instrument)
    error, name, names = largest_error(FELDSPAR, settings, sample)
    assert error < 1e-6, name
    assert names >= {*CELL_NAMES, "Na1.K.occupancy", "Na1.x", "O1.z", "displacement_across", "S211"}


def test_derivatives_of_uniaxial_sizes_and_harmonics():
    sample = Sample(
        strain=1e-4, size=200.0, size_across=500.0, size_axis=(0, 0, 1), size_gauss_share=0.5,
        harmonics=(0.4, 0.2, -0.1), harmonic_order=4,
    )  # fmt: skip
    settings = PowderSettings("CuKa1", (20.0, 100.0), 0.05)
    error, name, names = largest_error(CORUNDUM, settings, sample)
    assert error < 1e-6, name
    assert names >= {"size", "size_across", "harmonic0", "harmonic2", "a", "c"}


def test_natural_widths_of_the_spectrum_widen_lines():
    sharp = radiation_from_name("CuKa1")
    wide = replace(sharp, line_widths=(5e-4,))
    pure = Instrument(gauss_u=0.0, gauss_v=0.0, gauss_w=1e-4, lorentz_x=0.0, lorentz_y=0.0)
    heights = [simulate(RUTILE, r, (27.0, 28.0), 0.001, pure).intensity.max() for r in (sharp, wide)]
    # 2 tan θ Δλ/λ = 0.0091° at 27.43° beside a Gaussian of 0.01°: the Voigt function is 0.66 as high (wofz)
    from scipy.special import voigt_profile

    lorentz = np.degrees(2.0 * np.tan(np.radians(27.434 / 2.0)) * 5e-4 / 1.5405929)
    true = voigt_profile(0.0, 0.01 / np.sqrt(8 * np.log(2)), lorentz / 2) / voigt_profile(0, 0.01 / 2.3548, 1e-12)
    assert heights[1] / heights[0] == pytest.approx(true, rel=0.015)


def test_weight_fractions_follow_hill_and_howard():
    # one phase's contribution over the other's in the ratio of W/(Z M V), whatever else is in the sample
    alone = [simulate(s, "CuKa1").intensity for s in (RUTILE, CORUNDUM)]
    mixed = simulate([RUTILE, CORUNDUM], "CuKa1", weight_fractions=(0.3, 0.7)).intensity
    amounts = np.linalg.lstsq(np.array(alone).T, mixed, rcond=None)[0]
    zmv = [s.mass_per_cell * s.lattice.volume for s in (RUTILE, CORUNDUM)]
    assert amounts[0] / amounts[1] == pytest.approx(0.3 / 0.7 * zmv[1] / zmv[0], rel=1e-9)
    assert amounts.sum() == pytest.approx(1.0, rel=1e-9)


def test_derivatives_of_a_mixture_are_those_of_its_phases():
    phases = [RUTILE, CORUNDUM]
    answer = simulate_derivatives(phases, "CuKa1", (20.0, 60.0), weight_fractions=(0.5, 0.5))
    assert {"0:a", "1:a", "0:scale", "1:scale", "zero"} <= set(answer.names)
    step = 1e-5
    ends = [simulate(phases, "CuKa1", (20.0, 60.0), 0.02, Instrument(zero=z)).intensity for z in (step, -step)]
    numeric = (ends[0] - ends[1]) / (2 * step)
    row = answer.jacobian[answer.names.index("zero")]
    assert np.linalg.norm(row - numeric) < 1e-6 * np.linalg.norm(numeric)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"two_theta": (90.0, 20.0)}, "range"),
        ({"step": 0.0}, "range"),
        ({"step": 1e-9}, "points"),
        ({"instrument": Instrument(gauss_u=0.0, gauss_v=-0.1, gauss_w=0.001)}, "raise W"),
        ({"instrument": Instrument(lorentz_x=-0.5)}, "Lorentzian"),
    ],
)
def test_impossible_settings_are_refused(change, word):
    with pytest.raises(PhysicsError, match=word):
        simulate(RUTILE, **change)


def test_impossible_samples_are_refused():
    with pytest.raises(PhysicsError, match="size"):
        simulate(RUTILE, sample=Sample(size=-3.0))
    with pytest.raises(InputError, match="S400"):
        simulate(RUTILE, sample=Sample(stephens=(1.0,)))
    with pytest.raises(PhysicsError, match="negative variance"):
        simulate(RUTILE, sample=Sample(stephens=(-1e-6, 1e-6, 0.0, 0.0)))
    with pytest.raises(InputError, match="turns the size axis"):
        simulate(RUTILE, sample=Sample(size=100.0, size_across=50.0, size_axis=(1, 0, 0)))
    with pytest.raises(InputError, match="background"):
        simulate(RUTILE, background=[1.0, 2.0])
    with pytest.raises(PhysicsError, match="weight fractions"):
        simulate([RUTILE, CORUNDUM], weight_fractions=(1.0, -1.0))
    with pytest.raises(PhysicsError, match="axial"):
        Instrument(s_over_l=0.02)

"""I/Ic of simple phases against measured standards and cards, and quantification with it."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError, PhysicsError
from anatase.refine.quantity.reference_intensity_ratio import (
    corundum,
    ratio_amounts,
    reference_intensity_ratio,
    strongest_line,
)
from anatase.refine.quantity.weight_fractions import phase_amounts, weight_fractions
from anatase.simulation import simulate_lines


def crystal(number: int, cell: tuple[float, ...], *atoms: tuple[str, tuple[float, float, float], float]) -> Structure:
    a, c = cell[0], cell[-1]
    gamma = 120.0 if 143 <= number <= 194 else 90.0
    sites = tuple(Site(element, (Species(element),), xyz, u_iso=u) for element, xyz, u in atoms)
    return Structure(Lattice(a, a, c, 90.0, 90.0, gamma), SpaceGroup.from_number(number), sites)


# Kisi & Elcombe (1989) Acta Cryst. C45, 1867
ZINCITE = crystal(186, (3.2498, 5.2066), ("Zn", (1 / 3, 2 / 3, 0.0), 0.0080), ("O", (1 / 3, 2 / 3, 0.3820), 0.0086))
# U of alkali halides at room temperature: International Tables B values of Na 1.7 and Cl 1.4 Å²
HALITE = crystal(225, (5.6402,), ("Na", (0.0, 0.0, 0.0), 0.0215), ("Cl", (0.5, 0.5, 0.5), 0.0177))
SILICON = crystal(227, (5.4310,), ("Si", (0.125, 0.125, 0.125), 0.0058))
FLUORITE = crystal(225, (5.4630,), ("Ca", (0.0, 0.0, 0.0), 0.0060), ("F", (0.25, 0.25, 0.25), 0.0085))


def test_corundum_is_the_unit(titania):
    c = corundum()
    assert c.formula == "Al2O3"
    assert c.density == pytest.approx(3.987, abs=0.005)  # g/cm³, of the cell of SRM 674
    lines = simulate_lines(c, "CuKa1", dispersion=True)
    relative = dict(zip(lines.two_theta.round(1), lines.intensity, strict=True))
    # SRM 674 certificate: 116 has 92.5(26), 104 has 87.4(19) of the height of 113; widths grow with the angle
    assert relative[57.5] / relative[43.4] == pytest.approx(0.98, abs=0.10)
    assert relative[35.2] / relative[43.4] == pytest.approx(0.93, abs=0.08)


@pytest.mark.parametrize(
    ("structure", "hkl", "published", "tolerance"),
    [
        # NIST SRM 674, International Tables C, table 5.2.11.1: 5.17(13) and 3.39(12), peak heights
        (ZINCITE, (1, 0, 1), 5.17, 0.10),
        ("rutile", (1, 1, 0), 3.39, 0.10),
        # powder diffraction file, measured: 27-1402, 5-628
        (SILICON, (1, 1, 1), 4.70, 0.10),
        (HALITE, (2, 0, 0), 4.40, 0.10),
        # the same file, calculated from structures
        ("anatase", (1, 0, 1), 4.95, 0.10),
        (FLUORITE, (2, 2, 0), 3.84, 0.10),
    ],
)
def test_known_phases(structure, hkl, published, tolerance, titania):
    if isinstance(structure, str):
        structure = dict(zip(("rutile", "anatase"), titania, strict=True))[structure]
    line = strongest_line(structure)
    assert line.hkl == hkl
    assert reference_intensity_ratio(structure) == pytest.approx(published, rel=tolerance)


def test_lines_that_coincide_add_up():
    """The strongest line of quartz is 101 with 011, which have the same spacing."""
    quartz = crystal(
        154, (4.9134, 5.4051), ("Si", (0.4697, 0.0, 0.0), 0.0075), ("O", (0.4133, 0.2672, 0.1188 + 2 / 3), 0.012)
    )
    quartz = Structure(quartz.lattice, SpaceGroup.from_number(152), quartz.sites)
    lines = simulate_lines(quartz, "CuKa1", (26.0, 27.0), dispersion=True)
    assert len(lines.hkl) == 2
    assert strongest_line(quartz).intensity == pytest.approx(lines.intensity.sum(), rel=1e-12)


def test_ratios_and_scales_agree(titania):
    """Intensities S m|F|²LP with I/Ic give the same weight fractions as the scales S do."""
    scales = np.array([2.0, 0.7])
    lines = [strongest_line(one).intensity for one in titania]
    ratios = [reference_intensity_ratio(one) for one in titania]
    by_scales = phase_amounts(
        scales, [one.mass_per_cell for one in titania], [one.lattice.volume for one in titania], np.diag([0.01, 0.02])
    )
    intensities, covariance = scales * lines, np.diag([0.01, 0.02]) * np.outer(lines, lines)
    by_ratios = ratio_amounts(intensities, ratios, covariance)
    assert weight_fractions(by_ratios).values == pytest.approx(weight_fractions(by_scales).values, rel=1e-12)
    assert weight_fractions(by_ratios).covariance == pytest.approx(weight_fractions(by_scales).covariance, rel=1e-9)
    # with the wavelength, they are on the scale of the others, so that both kinds can stand in one mixture
    assert ratio_amounts(intensities, ratios, wavelength="CuKa1").values == pytest.approx(by_scales.values, rel=1e-12)


def test_a_weaker_line_counts_by_its_strength():
    assert ratio_amounts([50.0], [2.0], relative=[0.5]).values == pytest.approx([50.0])


def test_refusals(titania):
    with pytest.raises(InputError, match="1 intensities, 2 ratios"):
        ratio_amounts([1.0], [1.0, 2.0])
    with pytest.raises(PhysicsError, match="ratios and relative intensities are above 0"):
        ratio_amounts([1.0], [0.0])
    with pytest.raises(InputError, match="for 1 intensities"):
        ratio_amounts([1.0], [1.0], np.eye(2))
    with pytest.raises(PhysicsError, match="has no line between 2 and 120 deg"):
        strongest_line(titania[0], 24.0)

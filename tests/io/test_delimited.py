"""Text columns in every dialect."""

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.io.text_table import dialect_of

ROWS = [(10.0 + 0.02 * i, 100 + (37 * i) % 11) for i in range(60)]  # arbitrary numbers, exact in every dialect


def rows(separator, decimal=".", end=""):
    return "\n".join(f"{x:.2f}{separator}{y}".replace(".", decimal) + end for x, y in ROWS) + "\n"


@pytest.mark.parametrize(
    ("separator", "decimal"),
    [
        (" ", "."),
        ("\t", "."),
        (",", "."),
        (";", "."),
        ("|", "."),
        (", ", "."),
        ("\t", ","),
        (";", ","),
        (" ", ","),
        ("   ", ","),
    ],
)
@pytest.mark.parametrize("header", ["", "# a comment\n", "two_theta{}intensity\n", "Sample 12 of the series\n\n"])
def test_every_dialect_gives_the_same_numbers(read_bytes, separator, decimal, header):
    (pattern,) = read_bytes(header.format(separator) + rows(separator, decimal))
    np.testing.assert_allclose(pattern.x, [round(x, 2) for x, _ in ROWS], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(pattern.intensity, [y for _, y in ROWS])
    np.testing.assert_allclose(pattern.sigma, np.sqrt([y for _, y in ROWS]))  # counting statistics


def test_trailing_delimiters_line_ends_and_byte_order_mark_do_not_matter(read_bytes):
    data = b"\xef\xbb\xbf" + rows(";", ",", ";").replace("\n", "\r\n").encode()
    assert len(read_bytes(data)[0]) == len(ROWS)
    assert len(read_bytes(rows(" ").encode("utf-16"))[0]) == len(ROWS)


def test_integers_parted_by_commas_are_two_columns_not_decimals():
    assert dialect_of(["10,123", "11,124", "12,99"]) == (",", ".")


def test_wavelength_line_names_the_tube_and_its_doublet(read_bytes):
    (pattern,) = read_bytes("1.540593\n" + rows(" "))  # the first line of the round-robin's CPD-1A.xye
    alpha1, alpha2 = (line[0] for line in pattern.radiation.lines)
    assert alpha1 == 1.540593
    assert alpha2 == pytest.approx(1.544427, abs=2e-6)  # Hölzer et al. (1997)
    assert not pattern.radiation.assumed


def test_synchrotron_and_neutron_wavelengths_come_from_comments(read_bytes):
    (pattern,) = read_bytes("# Mean wavelength is: 0.413128\n" + rows(" "))
    assert pattern.radiation.lines == ((0.413128, 1.0),)
    (pattern,) = read_bytes("# neutrons, lambda = 1.909 A\n" + rows(" "))
    assert (pattern.radiation.probe, pattern.radiation.wavelength) == ("neutron", 1.909)


def test_without_wavelength_copper_is_assumed_and_said(read_bytes):
    (pattern,) = read_bytes(rows(" "))
    assert pattern.radiation.assumed
    assert any("assumed Cu" in warning for warning in pattern.warnings)
    assert any("far shorter" in warning for warning in pattern.warnings)  # the sample ends at 11.18°


def test_d_column_beside_two_theta_gives_the_wavelength(read_bytes):
    two_theta = np.linspace(10, 60, 80)
    d = 0.7 / (2 * np.sin(np.deg2rad(two_theta / 2)))  # Bragg's law at 0.7 Å
    text = "twotheta dspacing intensity\n" + "".join(f"{a:.5f} {b:.6f} 5\n" for a, b in zip(two_theta, d, strict=True))
    assert read_bytes(text)[0].radiation.wavelength == pytest.approx(0.7, abs=1e-4)


@pytest.mark.parametrize(
    ("name", "first"), [("1/d (nm^-1)", 2.0 * np.pi), ("1/d (1/A)", 20.0 * np.pi), ("d^-1", 20.0 * np.pi)]
)
def test_reciprocal_spacings_become_q(read_bytes, name, first):
    (pattern,) = read_bytes(f"{name},I\n" + rows(","))
    assert pattern.axis == "q"
    assert pattern.x[0] == pytest.approx(first)  # q = 2π/d


def test_q_in_inverse_nanometres_becomes_inverse_angstrom(read_bytes):
    (pattern,) = read_bytes("q (nm^-1),I\n" + rows(","))
    assert pattern.axis == "q"
    assert pattern.x[0] == pytest.approx(1.0)  # 10 nm⁻¹


def test_third_column_is_sigma_only_when_it_can_be(read_bytes):
    good = "".join(f"{x:.2f} {y} {y**0.5:.4f}\n" for x, y in ROWS)
    assert read_bytes(good)[0].sigma[0] == 10.0  # √100
    zeros = "".join(f"{x:.2f} {y} 0\n" for x, y in ROWS)
    (pattern,) = read_bytes(zeros)
    assert pattern.sigma[0] == 10.0
    assert "column 3 is all zeros; using sqrt(counts)" in pattern.warnings
    another_curve = "".join(f"{x:.2f} {1000 + y} {1000 + y}\n" for x, y in ROWS)
    assert any("no s.u." in warning for warning in read_bytes(another_curve)[0].warnings)


def test_partly_zero_sigma_is_repaired_where_it_is_zero(read_bytes):
    text = "".join(f"{x:.2f} {y} {0 if i == 3 else 7}\n" for i, (x, y) in enumerate(ROWS))
    (pattern,) = read_bytes(text)
    assert pattern.sigma[0] == 7.0
    assert pattern.sigma[3] == pytest.approx(ROWS[3][1] ** 0.5)


def test_normalised_intensities_get_sigma_from_their_noise(read_bytes):
    rng = np.random.default_rng(1)
    truth = 0.2 + np.exp(-0.5 * ((np.arange(400) - 200) / 8) ** 2)
    noisy = rng.normal(truth, 0.02 * np.sqrt(truth))  # σ = 0.02 √I by construction
    (pattern,) = read_bytes("".join(f"{10 + 0.02 * i:.2f} {y:.6f}\n" for i, y in enumerate(noisy)))
    assert np.median(pattern.sigma / (0.02 * np.sqrt(truth))) == pytest.approx(1.0, abs=0.15)  # 400 points: 5 %


def test_rows_whose_columns_ran_together_are_split_by_position(read_bytes):
    text = "".join(f"{10 + 0.05 * i:7.4f}{90 + 7 * i:4d}\n" for i in range(200))  # from i = 130 on no blank is left
    (pattern,) = read_bytes(text)
    np.testing.assert_array_equal(pattern.intensity, 90 + 7 * np.arange(200))


def test_repeated_scan_and_next_range_are_scans_of_their_own(read_bytes):
    assert len(read_bytes(rows(" ") + rows(" "))) == 2
    second = "".join(f"{11 + 0.05 * i:.2f} 50\n" for i in range(60))
    assert len(read_bytes(rows(" ") + second)) == 2


def test_rows_of_intensities_below_a_row_of_positions(read_bytes):
    line = ",".join(str(0.5 + 0.05 * i) for i in range(60))
    counts = [",".join(str((i * k) % 13 + 1) for i in range(60)) for k in (3, 5)]
    patterns = read_bytes("\n".join([line, *counts]) + "\n")
    assert [pattern.axis for pattern in patterns] == ["q", "q"]
    np.testing.assert_array_equal(patterns[1].intensity, [(i * 5) % 13 + 1 for i in range(60)])


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("10 5\n10.1 nan\n10.2 4\n10.3 6\n", 2, "not finite"),
        ("10 5\n10.1 6\n10.2 4\n10.15 6\n10.4 3\n", 4, "two_theta falls from 10.2 to 10.15 deg"),
        ("10.4 5\n10.3 6\n10.2 4\n10.1 6\n", 2, "falls"),
        ("120 10.0\n117 10.1\n130 10.2\n110 10.3\n115 10.4\n", 1, "columns are swapped"),
        ("10\n11\n12\n13\n", 1, "single column"),
        ("10 5\n10.1 6\n10.2 4\n10.3 7\n10.4\n", 5, "truncated"),
        ("10 5\n10.1 6\n10.2 x4\n10.3 7\n10.4 3\n", 3, "stands between two rows"),
        ("Wavelength,S1\nnm,CPS\n610,14\n611,15\n612,16\n", None, "a wavelength"),
        ("Energy (eV),counts\n100,14\n101,15\n102,16\n", None, "an energy"),
        ("600 14\n601 15\n602 16\n603 12\n", 1, "beyond two_theta"),
        ("# values in kinetic energy\n10 14\n11 15\n12 16\n", None, "inetic energy"),
        ("a letter to a friend\nwithout numbers\n", None, "no line holds numbers"),
        ("10 5\n10.1 6\n", None, "at least 3"),
    ],
)
def test_unusable_text_is_refused_with_its_line(read_bytes, text, line, words):
    with pytest.raises(InputError) as caught:
        read_bytes(text, "scan.xy")
    assert caught.value.line == line
    assert words in str(caught.value)
    assert str(caught.value).startswith("scan.xy")
    assert caught.value.remedy

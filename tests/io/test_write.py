"""Writers: what is written is read back, bit for bit."""

import os
import stat

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from anatase.cli.convert import convert
from anatase.errors import InputError
from anatase.io import WRITERS, read, write
from anatase.io.read import patterns_of
from anatase.io.source import Source
from anatase.pattern.pattern import Pattern
from anatase.scattering.radiation import Radiation, radiation_from_name

RADIATIONS = [
    None,
    radiation_from_name("CuKa"),
    radiation_from_name("CuKa5"),
    radiation_from_name("1.909", "neutron"),
    Radiation("xray", ((0.41, 1.0), (0.5, 0.25)), 0.1, 26.6, "odd 'beam' \"it\"", assumed=True),
]
STARTS = {"two_theta": (0.5, 100), "q": (0.1, 50), "d": (0.3, 50), "tof": (1.0, 1e5)}


@st.composite
def patterns(draw):
    axis = draw(st.sampled_from(sorted(STARTS)))
    low, span = STARTS[axis]
    steps = draw(arrays(np.float64, st.integers(3, 30), elements=st.floats(1e-3, span / 31)))
    size = steps.size
    intensity = draw(arrays(np.float64, size, elements=st.floats(-1e9, 1e9)))
    sigma = draw(arrays(np.float64, size, elements=st.floats(1e-6, 1e6)))
    metadata = draw(st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(), max_size=3))
    radiation = draw(st.sampled_from(RADIATIONS))
    return Pattern(low + np.cumsum(steps), intensity, sigma, axis, radiation, metadata, draw(st.text(max_size=12)))


@pytest.mark.parametrize("format_name", sorted(WRITERS))
@settings(max_examples=60, deadline=None, derandomize=True)
@given(pattern=patterns())
def test_reading_what_was_written_gives_the_same_pattern(format_name, pattern):
    (back,) = patterns_of(Source("x", write(pattern, format=format_name).encode(), ""))
    np.testing.assert_array_equal(back.x, pattern.x)
    np.testing.assert_array_equal(back.intensity, pattern.intensity)
    np.testing.assert_array_equal(back.sigma, pattern.sigma)
    assert back.axis == pattern.axis
    assert back.radiation == pattern.radiation
    assert back.warnings == ()


def sample():
    return Pattern(
        20 + 0.02 * np.arange(5),
        np.arange(5.0) + 3,
        np.ones(5),
        radiation=radiation_from_name("MoKa"),
        name="a b.raw",
        sha256="ab" * 32,
    )


def test_powder_cif_has_the_dictionary_s_names_and_the_source():
    from gemmi import cif

    block = cif.read_string(write(sample(), format="cif")).sole_block()
    assert block.find_values("_pd_meas_2theta_scan")[0] == "20.0"
    assert list(block.find_values("_diffrn_radiation_wavelength")) == ["0.7093171", "0.713607"]  # Mo in TUBES
    assert block.find_value("_diffrn_radiation_probe") == "x-ray"
    assert block.find_value("_anatase_source_sha256") == f"'{'ab' * 32}'"


def test_a_file_appears_whole_with_ordinary_rights(tmp_path):
    mask = os.umask(0)
    os.umask(mask)
    write(sample(), tmp_path / "out.xye")
    assert [path.name for path in tmp_path.iterdir()] == ["out.xye"]
    assert stat.S_IMODE((tmp_path / "out.xye").stat().st_mode) == 0o666 & ~mask
    np.testing.assert_array_equal(read(tmp_path / "out.xye").intensity, sample().intensity)


def test_unwritable_place_and_unknown_format_are_refused(tmp_path):
    (tmp_path / "occupied").write_text("a file, not a folder")
    with pytest.raises(InputError, match="cannot write"):
        write(sample(), tmp_path / "occupied" / "out.xye")
    with pytest.raises(InputError, match="no format to write"):
        write(sample(), format="xls")


def test_convert_prints_to_standard_output_and_writes_files(tmp_path):
    source = tmp_path / "a.csv"
    source.write_text("".join(f"{10 + i / 10},{100 + i}\n" for i in range(20)))
    shown = CliRunner().invoke(convert, [str(source), "--to", "csv"], standalone_mode=False)
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[-1] == f"11.9,119.0,{np.sqrt(119.0)!r}".replace("np.float64(", "").replace(")", "")
    assert "warning: the file names no wavelength" in shown.stderr
    result = CliRunner().invoke(
        convert, [str(source), "--to", "cif", "--output", str(tmp_path / "a.cif")], standalone_mode=False
    )
    assert result.stdout == ""
    assert read(tmp_path / "a.cif").intensity[3] == 103.0

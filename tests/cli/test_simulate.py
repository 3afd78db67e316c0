"""``anatase simulate``: what it prints and writes is what the functions calculate."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from anatase.cli.simulate import simulate as command
from anatase.errors import AnataseError, InputError
from anatase.io import read
from anatase.io.poni import read_poni
from anatase.io.structure_files import read_structure
from anatase.simulation.instrument import Instrument
from anatase.simulation.lines import simulate_lines
from anatase.simulation.powder import simulate
from anatase.simulation.sample import Sample

EXAMPLES = Path(__file__).parents[2] / "examples"
QUARTZ, RUTILE = str(EXAMPLES / "quartz.cif"), str(EXAMPLES / "rutile.cif")
# the bank of test_instrument_file.py: POWGEN at the SNS
POWGEN = """#GSAS-II instrument parameter file; do not add/delete items!
Type:PNT
fltPath:63.183
2-theta:90.0
difC:22597.136
difA:-5.316
difB:-4.125
Zero:-9.5
alpha:1.2
beta-0:0.0378
beta-1:0.0124
beta-q:0.0091
sig-0:211.819
sig-1:-148.756
sig-2:71.437
sig-q:-101.232
X:1.5
Y:0.25
Z:0.75
"""


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments):
    result = CliRunner().invoke(command, [str(a) for a in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def answer(*arguments):
    return json.loads(CliRunner().invoke(command, [*map(str, arguments), "--json"], catch_exceptions=False).stdout)


def test_the_default_is_the_pattern_of_the_function():
    got = answer(QUARTZ)["pattern"]
    expected = simulate(read_structure(QUARTZ), "CuKa", (5.0, 90.0), 0.02)
    assert got["axis"] == "two_theta"
    assert np.allclose(got["x"], expected.x, rtol=1e-9)  # JSON has ten digits
    assert np.allclose(got["intensity"], expected.intensity, rtol=1e-9)


def test_table_for_people():
    output = run(QUARTZ)
    assert "SiO₂  P3₂21: 44 lines, the strongest 12" in output
    # 1/d² = 4/3 (h² + hk + k²)/a² + l²/c² gives d(101) = 3.3446 Å, 2θ = 26.631° for λ = 1.540593 Å
    assert any(line.split()[:5] == ["1", "0", "1", "6", "3.3446"] for line in output.splitlines())
    assert "26.631" in output


def test_a_table_for_people_ends_somewhere():
    output = run(QUARTZ, "--lines", "--wavelength", "0.3")
    rows = run(QUARTZ, "--lines", "--wavelength", "0.3", "--csv").splitlines()[1:]
    assert len(rows) > 1000
    assert f"{len(rows)} lines, the first 1000 (--csv prints all)" in output
    assert len(output.splitlines()) == 1003


def test_all_lines_as_columns():
    rows = list(csv.DictReader(io.StringIO(run(QUARTZ, "--lines", "--csv"))))
    lines = simulate_lines(read_structure(QUARTZ), "CuKa", (5.0, 90.0), dispersion=True)
    assert len(rows) == len(lines)
    got = np.array([float(row["intensity"]) for row in rows])
    assert np.allclose(got, 100.0 * lines.intensity / lines.intensity.max(), rtol=1e-6)  # written with eight digits
    assert [int(row["multiplicity"]) for row in rows] == lines.multiplicity.tolist()
    assert {(row["h"], row["k"], row["l"]) for row in rows} >= {("1", "0", "1"), ("0", "1", "1"), ("1", "1", "0")}
    run(QUARTZ, "--lines", "--output", "lines.csv")
    assert list(csv.DictReader(io.StringIO(Path("lines.csv").read_text()))) == rows


@pytest.mark.parametrize("suffix", ["xye", "csv", "cif"])
def test_written_patterns_are_read_back(suffix):
    assert run(QUARTZ, "--output", f"out.{suffix}").strip() == f"pattern: out.{suffix}"
    back, expected = read(f"out.{suffix}"), simulate(read_structure(QUARTZ))
    assert np.array_equal(back.intensity, expected.intensity)  # written to the last digit
    assert back.radiation == expected.radiation


def test_neutrons_and_the_picture():
    output = run(QUARTZ, "--probe", "neutron", "--wavelength", "1.54", "--plot")
    assert "neutrons, λ = 1.54 Å" in output
    assert output.rstrip().endswith("plot: quartz.svg")
    assert Path("quartz.svg").read_text("utf-8").startswith("<svg")


def test_a_mixture_by_weight():
    document = answer(QUARTZ, RUTILE, "--fractions", "3,1", "--u-iso", "0.005")
    assert [p["weight_fraction"] for p in document["phases"]] == [0.75, 0.25]
    structures = [read_structure(QUARTZ), read_structure(RUTILE)]
    assert [p["formula"] for p in document["phases"]] == [s.formula for s in structures]
    only = answer(QUARTZ, RUTILE, "--fractions", "1,0")["pattern"]["intensity"]
    # the area of a phase follows its weight over Z M V: with no rutile the pattern is that of quartz, scaled
    quartz = simulate(structures[0]).intensity
    assert np.allclose(np.asarray(only) / max(only), quartz / quartz.max(), atol=1e-9)


def test_displacement_parameters_where_the_file_has_none():
    at_rest, moving = (answer(RUTILE, "--lines", *more)["phases"][0]["lines"] for more in ([], ["--u-iso", "0.01"]))
    ratio = moving[-1]["f_squared"] / at_rest[-1]["f_squared"]
    # |F|² falls by exp(−16π² U sin²θ/λ²) = exp(−4π² U/d²) where all atoms share U
    assert ratio == pytest.approx(np.exp(-4.0 * np.pi**2 * 0.01 / at_rest[-1]["d_spacing"] ** 2), rel=1e-6)
    assert answer(QUARTZ, "--lines", "--u-iso", "0.01")["phases"] == answer(QUARTZ, "--lines")["phases"]


def test_size_strain_and_texture_reach_the_pattern():
    def height(*more):
        return max(answer(QUARTZ, "--range", 20, 30, *more)["pattern"]["intensity"])

    plain = height()
    assert height("--size", "100") < 0.5 * plain
    assert height("--strain", "0.5") < 0.7 * plain
    assert height("--texture", "0,1,1:0.7") > 1.1 * plain
    assert height("--size", "inf") == plain


def test_widths():
    # a Gaussian alone: FWHM from the half-height points, between samples of 0.002°
    got = answer(QUARTZ, "--wavelength", "CuKa1", "--fwhm", "0.1", "--range", 20.4, 21.3, "--step", 0.002)["pattern"]
    x, y = np.array(got["x"]), np.array(got["intensity"])
    above = x[y > 0.5 * y.max()]
    assert above[-1] - above[0] == pytest.approx(0.1, abs=0.004)


def test_counts_are_poisson_and_repeat():
    clean = np.array(answer(QUARTZ, "--background", 10)["pattern"]["intensity"])
    first, again, other = (
        np.array(answer(QUARTZ, "--background", 10, "--counts", 1000, "--seed", seed)["pattern"]["intensity"])
        for seed in (4, 4, 5)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(first, np.round(first))
    expected = clean * 1000.0 / clean.max()
    assert expected.min() == pytest.approx(1000.0 / 11.0, rel=0.01)  # 10 % of the highest point above it
    # Σ (N − μ)²/μ over n points has mean n and variance near 2n: five standard deviations
    n = clean.size
    assert np.sum((first - expected) ** 2 / expected) == pytest.approx(n, abs=5.0 * np.sqrt(2.0 * n))


def test_time_of_flight(tmp_path):
    (tmp_path / "powgen.instprm").write_text(POWGEN)
    document = answer(QUARTZ, "--tof", "powgen.instprm", "--range", 50000, 80000)
    assert (document["kind"], document["radiation"], document["pattern"]["axis"]) == ("time_of_flight", None, "tof")
    (line,) = [row for row in document["phases"][0]["lines"] if row["hkl"] == [1, 0, 1]]
    d = line["d_spacing"]
    assert line["tof"] == pytest.approx(22597.136 * d - 5.316 * d * d - 4.125 / d - 9.5, rel=1e-9)
    x = document["pattern"]["x"]
    assert x[int(np.argmax(document["pattern"]["intensity"]))] == pytest.approx(line["tof"], rel=2e-3)
    assert "time of flight at 2θ = 90°" in run(QUARTZ, "--tof", "powgen.instprm", "--plot", "t.svg")
    with pytest.raises(InputError, match="there is no bank 7; give one of 1"):
        run(QUARTZ, "--tof", "powgen.instprm", "--bank", 7)


def test_a_textured_mixture_by_time_of_flight(tmp_path):
    (tmp_path / "powgen.instprm").write_text(POWGEN)
    bank = ("--tof", "powgen.instprm", "--range", 50000, 80000)
    alone = [np.array(answer(file, *bank)["pattern"]["intensity"]) for file in (QUARTZ, RUTILE)]
    document = answer(QUARTZ, RUTILE, *bank, "--fractions", "1,3")
    assert [phase["weight_fraction"] for phase in document["phases"]] == [0.25, 0.75]
    found = np.linalg.lstsq(np.column_stack(alone), document["pattern"]["intensity"], rcond=None)[0]
    # S ∝ W/(Z M V): three SiO2 in 113.0 Å³, two TiO2 in 62.4 Å³ (molar masses of IUPAC 2021)
    assert found[1] / found[0] == pytest.approx(3.0 * (3 * 60.083 * 113.0) / (2 * 79.865 * 62.4), rel=5e-3)
    textured = answer(QUARTZ, *bank, "--texture", "0,0,1:0.5")["pattern"]["intensity"]
    assert np.abs(np.array(textured) - alone[0]).max() > 0.1 * alone[0].max()


def test_rings_with_their_geometry():
    camera = ("--rings", "--wavelength", "MoKa1", "--distance", "50", "--pixel", "0.5", "--shape", "120,100")
    output = run(QUARTZ, *camera, "--output", "rings.npy", "--plot")
    assert output.split("\n")[:3] == ["frame: rings.npy", "geometry: rings.poni", "plot: rings.png"]
    image = np.load("rings.npy")
    geometry, wavelength = read_poni("rings.poni")
    assert (image.shape, geometry.shape) == ((120, 100), (120, 100))
    assert wavelength == pytest.approx(0.70932, abs=1e-5)  # Mo Kα1
    angle = geometry.two_theta[np.unravel_index(image.argmax(), image.shape)]
    # Bragg: d(101) = 3.3446 Å; a pixel is 0.5°
    assert angle == pytest.approx(2.0 * np.degrees(np.arcsin(wavelength / 2.0 / 3.3446)), abs=0.5)
    again = answer(QUARTZ, "--rings", "--poni", "rings.poni")
    assert again["frame"]["geometry"]["distance"] == 0.05
    assert again["radiation"]["lines"][0][0] == pytest.approx(wavelength, rel=1e-9)
    run(QUARTZ, *camera, "--output", "counted.npy", "--counts", 100, "--texture", "1,0,1:0.5")
    counted = np.load("counted.npy")
    assert np.array_equal(counted, np.round(counted))
    assert 70 < counted.max() < 150  # the brightest pixels count 100, within five times √100


def test_spots_of_a_known_orientation():
    camera = ("--spots", "--wavelength", "MoKa1", "--distance", "60", "--orientation", "0,0,1:1,0,0")
    document = answer(RUTILE, *camera, "--rotate", -20, 20)
    assert document["turn"] == [-20.0, 20.0]
    spots = {tuple(spot["hkl"]): spot for spot in document["spots"]}
    # 200 lies along the axis of rotation, in the blind region; 0k0 at right angles to it
    assert (2, 0, 0) not in spots
    assert {(0, 2, 0), (0, -2, 0)} <= set(spots)
    for spot in spots.values():
        # 2θ from the pixel, 60 mm away, beam at 499.5, pixels of 0.172 mm, against Bragg
        radius = 0.172 * np.hypot(spot["x"] - 499.5, spot["y"] - 499.5)
        bragg = 2.0 * np.arcsin(0.7093172 / 2.0 / spot["d_spacing"])
        assert np.arctan(radius / 60.0) == pytest.approx(bragg, abs=2e-4)
    still = answer(RUTILE, *camera)
    assert still["turn"] is None
    assert len(still["spots"]) < len(spots)
    matrix = ",".join(str(number) for row in document["orientation"] for number in row)
    assert answer(RUTILE, *camera[:-2], "--orientation", matrix, "--rotate", -20, 20)["spots"] == document["spots"]
    assert run(RUTILE, *camera, "--output", "spots.csv", "--plot").split() == [
        "spots:", "spots.csv", "plot:", "spots.svg"
    ]  # fmt: skip
    assert Path("spots.csv").read_text().count("\n") == 1 + len(still["spots"])


def test_random_orientations_follow_the_seed():
    first, again, other = (answer(QUARTZ, "--spots", "--seed", s)["orientation"] for s in (1, 1, 2))
    assert first == again != other
    assert np.linalg.det(first) == pytest.approx(1.0, abs=1e-9)


def test_zone_axis():
    document = answer(RUTILE, "--zone", "1,-1,0", "--voltage", 300, "--double-diffraction", "--thickness", 20)
    # λ of 300 kV: 0.019687 Å (International Tables C, table 4.3.2.1)
    assert document["radiation"]["lines"][0][0] == pytest.approx(0.019687, abs=1e-6)
    spots = {tuple(spot["hkl"]): spot for spot in document["zone"]["spots"]}
    assert spots[0, 0, 1]["double_diffraction"]  # 00l: l = 2n in No. 136; 001 = 111 + -1-10
    assert spots[0, 0, 1]["intensity"] == 0.0
    assert not spots[1, 1, 0]["double_diffraction"]
    assert np.hypot(*spots[1, 1, 0]["position"]) == pytest.approx(1.0 / spots[1, 1, 0]["d_spacing"], rel=1e-9)
    output = run(RUTILE, "--zone", "1,0,0", "--thickness", "20", "--plot", "zone.png", "--csv", "-o", "zone.npy")
    assert output.startswith("h,k,l,g_x,g_y,laue_zone,d,excitation_error,intensity\n")
    assert Path("zone.png").read_bytes()[:4] == b"\x89PNG"
    assert np.load("zone.npy").shape == (1000, 1000)


def test_electron_powder():
    document = answer(QUARTZ, "--probe", "electron")
    x = document["pattern"]["x"]
    assert (x[0], x[-1]) == (0.1, pytest.approx(2.0))
    peak = x[int(np.argmax(document["pattern"]["intensity"]))]
    lines = document["phases"][0]["lines"]
    strongest = max(lines, key=lambda row: row["intensity"])["two_theta"]
    assert peak == pytest.approx(strongest, abs=0.003)


def test_same_input_same_bytes():
    run(QUARTZ, "--counts", "500", "--background", "1", "-o", "a.xye", "--plot", "a.svg", "--quiet")
    run(QUARTZ, "--counts", "500", "--background", "1", "-o", "b.xye", "--plot", "b.svg", "--quiet")
    assert Path("a.xye").read_bytes() == Path("b.xye").read_bytes()
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_warnings_go_to_standard_error():
    result = CliRunner().invoke(command, [RUTILE, "--zone", "1,0,0", "--json"], catch_exceptions=False)
    assert "diffracts dynamically" in result.stderr
    assert json.loads(result.stdout)["warnings"][0] in result.stderr


def test_a_range_without_lines_is_said():
    result = CliRunner().invoke(command, [QUARTZ, "--range", "1", "2"], catch_exceptions=False)
    assert "warning: quartz has no reflection from 1 to 2° 2θ" in result.stderr
    assert "0 lines in this range" in result.stdout


def test_an_amorphous_share():
    plain, half = (answer(QUARTZ, *more) for more in ([], ["--amorphous", "50,22,8"]))
    assert half["phases"][0]["weight_fraction"] == 0.5
    sums = [sum(document["pattern"]["intensity"]) for document in (plain, half)]
    assert sums[1] == pytest.approx(sums[0], rel=1e-3)  # as much in the halo as the lines lose; its tails are cut off
    x = np.array(plain["pattern"]["x"])
    i = int(np.argmax(plain["pattern"]["intensity"]))
    # a Gaussian of FWHM 8 and that area, at its distance from 22°
    halo = 0.5 * sums[0] * 0.02 * np.sqrt(4 * np.log(2) / np.pi) / 8.0 * 2.0 ** (-((x[i] - 22.0) ** 2) / 16.0)
    expected = 0.5 * plain["pattern"]["intensity"][i] + halo
    assert half["pattern"]["intensity"][i] == pytest.approx(expected, rel=1e-3)
    mixed = answer(QUARTZ, RUTILE, "--fractions", "3,1", "--amorphous", "20,25,6,45,10")
    assert [p["weight_fraction"] for p in mixed["phases"]] == pytest.approx([0.6, 0.2])


def test_faults_and_geometries(tmp_path):
    Path("copper.cif").write_text(
        "data_copper\n_cell_length_a 3.6149\n_cell_length_b 3.6149\n_cell_length_c 3.6149\n_cell_angle_alpha 90\n"
        "_cell_angle_beta 90\n_cell_angle_gamma 90\n_space_group_IT_number 225\nloop_\n_atom_site_label\n"
        "_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\nCu 0 0 0\n"
    )
    run("copper.cif", "--faults", "0.02,0.01", "-o", "faulted.xye")
    copper = read_structure(Path("copper.cif"))
    expected = simulate(copper, sample=Sample(deformation_faults=0.02, twin_faults=0.01))
    np.testing.assert_allclose(read(Path("faulted.xye")).intensity, expected.intensity, rtol=1e-5, atol=1e-2)
    for options, instrument in (
        (("--geometry", "transmission"), Instrument("transmission")),
        (("--incidence", "5"), Instrument(incidence=5.0)),
    ):
        run(QUARTZ, *options, "-o", "other.xye")
        expected = simulate(read_structure(Path(QUARTZ)), instrument=instrument)
        np.testing.assert_allclose(read(Path("other.xye")).intensity, expected.intensity, rtol=1e-5, atol=1e-2)


def test_absorption_of_a_capillary():
    clear, dark = (
        answer(QUARTZ, "--probe", "neutron", *more)["pattern"]["intensity"] for more in ([], ["--absorption", "1.0"])
    )
    # International Tables C, table 6.3.3.2: A* = 5.09 at μR = 1 and θ = 0, falling slowly with θ, here 13°
    assert 4.9 < max(clear) / max(dark) < 5.09


REFUSED = {
    "--amorphous 30": "--amorphous wants the share",
    "--amorphous 100,22,8": "an amorphous share of 1 leaves no crystal",
    "--amorphous 30,22,0": "FWHM 0",
    "--absorption -1": "optical thickness of the sample is -1",
    "--range 90 5": "2θ from 90 to 5 deg is no range",
    "--range nan 90": "--range is 'nan'",
    "--step 0": "in steps of 0 is no range",
    "--step many": "--step is 'many'",
    "--wavelength xyz": "'xyz' is no wavelength",
    "--probe neutron --wavelength CuKa": "is an X-ray line",
    "--size 0": "size of the crystallites is 0",
    "--size 1,2": "--size has 2 values for 1 structures",
    "--texture 0,0,1": "give planes and r",
    "--texture 0,0,0:0.5": "give planes other than 000",
    "--uvw 1,2": "--uvw is '1,2'",
    "--uvw -1,0,0": "Gaussian FWHM²",
    "--fwhm 0.1 --uvw 1,0,0": "give the width once",
    "--fwhm 0": "--fwhm is 0°",
    "--axial 0.02,0": "axial divergence",
    "--zero inf": "--zero is 'inf'",
    "--background -1": "--background is -1 %",
    "--counts 1e300": "--counts is 1e+300",
    "--counts 0": "--counts is 0",
    "--fractions 1,2": "weight fractions",
    "--u-iso -1": "--u-iso is -1 Å²",
    "--block none": "no data block 'none'",
    "--monochromator 500": "a monochromator at 2θ = 500°",
    "--lines --rings": "--lines and --rings at once",
    "--lines --plot": "--plot belongs to",
    "--thickness 50": "--thickness belongs to --zone",
    "--json --csv": "both --json and --csv",
    "--output x.txt": "--output has no suffix that fits",
    "--plot x.jpg": "--plot has no suffix that fits",
    "--rings --plot x.png --output x.png": "are one file",
    "--tof nowhere.prm": "there is no such file",
    "--rings --distance 0": "no detector has distance = 0 m",
    "--rings --shape 0,5": "a detector of 0 × 5 pixels",
    "--rings --shape 1000000,1000000": "a detector of 1000000 × 1000000 pixels",
    "--rings --fibre 0,0,1": "--fibre without --texture",
    "--spots --rotate 30 0": "the crystal turns from 30 to 0 deg",
    "--spots --orientation up": "--orientation is 'up'",
    "--spots --orientation 1,0,0": "--orientation is '1,0,0'",
    "--spots --orientation 1,0,0,0,1,0,0,0,2": "is no rotation",
    "--spots --d-min 100 --plot": "no spot falls on the detector",
    "--zone 0,0,0": "zone [0, 0, 0]",
    "--zone 0,0,1 --voltage 0": "is no wavelength",
    "--zone 0,0,1 --voltage 200 --wavelength 0.02": "both --voltage and --wavelength",
    "--zone 0,0,1 --d-min 0.001": "raise d_min",
}


@pytest.mark.parametrize("options", REFUSED)
def test_what_makes_no_sense_is_refused(options):
    with pytest.raises(AnataseError) as caught:
        run(QUARTZ, *options.split())
    assert REFUSED[options] in str(caught.value)
    assert not list(Path().iterdir())  # nothing half done lies about


def test_structures_that_are_none():
    for name, text in {"empty.cif": "", "pattern.xy": "10 5\n11 6\n12 7\n"}.items():
        Path(name).write_text(text)
        with pytest.raises(InputError, match=name):
            run(name)
    with pytest.raises(InputError, match="no such file"):
        run("nowhere.cif")
    text = Path(RUTILE).read_text().replace("_atom_site_fract_z\n", "_atom_site_fract_z\n_atom_site_occupancy\n")
    Path("full.cif").write_text(text.replace("Ti1 Ti 0 0 0", "Ti1 Ti 0 0 0 1.5").replace("0.3048 0\n", "0.3048 0 1\n"))
    with pytest.raises(AnataseError, match=r"Ti1.*occupancy 1\.5"):
        run("full.cif")


def test_the_input_is_never_overwritten():
    Path("mine.cif").write_bytes(Path(QUARTZ).read_bytes())
    with pytest.raises(InputError, match="--output is a file that is read"):
        run("mine.cif", "--output", "mine.cif")
    with pytest.raises(InputError, match="no suffix that fits"):
        run(RUTILE, "--plot", "mine.cif")  # someone put --plot before the files
    assert Path("mine.cif").read_bytes() == Path(QUARTZ).read_bytes()

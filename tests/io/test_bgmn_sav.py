"""BGMN control files and structure files: read with what they name, written and read back."""

from __future__ import annotations

from dataclasses import replace
from math import cos, pi, radians
from pathlib import Path

import pytest

from anatase.crystal.lattice import Lattice
from anatase.crystal.space_group import SpaceGroup
from anatase.crystal.structure import Site, Species, Structure
from anatase.errors import InputError
from anatase.io.bgmn import read_bgmn
from anatase.io.bgmn_sav import bgmn_sav, read_bgmn_sav, write_bgmn_sav
from anatase.io.bgmn_write import bgmn_str, write_bgmn_str
from anatase.io.foreign import (
    ForeignBank,
    ForeignDiffractometer,
    ForeignHistogram,
    ForeignPart,
    ForeignPhase,
    ForeignRefinement,
)
from anatase.pattern.background_model import BackgroundModel
from anatase.scattering.radiation import Radiation, radiation_from_name
from anatase.scattering.time_of_flight import TofBank
from anatase.simulation.instrument import Instrument
from anatase.simulation.sample import Sample

RUTILE = """PHASE=Rutile // a test
MineralName=Rutile //
SpacegroupNo=136 HermannMauguin=P4_2/m2_1/n2/m //
PARAM=A=0.4594_0.456^0.464 PARAM=C=0.2959_0.295^0.297 //
RP=4 k1=0 k2=0 PARAM=B1=0_0^0.01 GEWICHT=SPHAR4 //
GOAL:Rutile=GEWICHT
E=TI+4 Wyckoff=a TDS=0.007
E=O-2 Wyckoff=f x=0.306 TDS=0.007
"""
SAV = """% Theoretical instrumental function
VERZERR=device.geq
% Wavelength
LAMBDA=CU
POL=sqr(cos(26.6*pi/180))
pi=2*acos(0)
STRUC[1]=rutile.str
STRUCOUT[1]=rutile-out.str
VAL[1]=scans\\sample 1.xrdml
WMIN=10
WMAX=60
RU=9
LIST=sample.lst
EPS1=0
PARAM[1]=EPS2=0.001_-0.01^0.01
betaratio=0.005
NTHREADS=2
GOAL[1]=Rutile/(Rutile)
"""


def read(tmp_path: Path, content: str = SAV, structure: str | None = RUTILE) -> ForeignRefinement:
    (tmp_path / "sample.sav").write_text(content)
    if structure is not None:
        (tmp_path / "rutile.str").write_text(structure)
    return read_bgmn_sav(tmp_path / "sample.sav")


def test_a_control_file(tmp_path: Path) -> None:
    found = read(tmp_path)
    (phase,), (histogram,) = found.phases, found.histograms
    assert (phase.name, phase.structure.formula, list(phase.parts)) == ("Rutile", "TiO2", ["sample_1"])
    assert (histogram.name, histogram.data_file) == ("sample_1", r"scans\sample 1.xrdml")
    assert histogram.limits == (10.0, 60.0)
    assert histogram.background is not None
    assert len(histogram.background.chebyshev) == 9
    assert isinstance(histogram.beam, ForeignDiffractometer)
    radiation = histogram.beam.radiation
    assert radiation.wavelength == pytest.approx(1.5406, abs=2e-4)
    assert radiation.monochromator_two_theta == pytest.approx(26.6)
    chebyshev = {f"sample_1.background.chebyshev_{k}" for k in range(9)}
    of_phase = {"Rutile.a", "Rutile.c", "Rutile.sample_1.scale", "Rutile.sample_1.size"}
    assert found.free == chebyshev | of_phase | {"sample_1.displacement"}
    told = " ".join(found.warnings)
    for words in ("device.geq is not read", "EPS2 is a shift in BGMN's own unit", "betaratio is not taken over"):
        assert words in told


def test_synchrotrons_and_other_anodes(tmp_path: Path) -> None:
    beam = read(tmp_path, SAV.replace("LAMBDA=CU", "SYNCHROTRON=0.04")).histograms[0].beam
    assert isinstance(beam, ForeignDiffractometer)
    assert beam.radiation.lines == ((0.4, 1.0),)  # in nm there
    assert beam.radiation.polarization == 0.0
    found = read(tmp_path, SAV.replace("LAMBDA=CU", "LAMBDA=co_special2012"))
    beam = found.histograms[0].beam
    assert isinstance(beam, ForeignDiffractometer)
    assert beam.radiation.wavelength == pytest.approx(1.789, abs=1e-3)
    assert "read as the Kα lines of Co" in " ".join(found.warnings)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("STRUC[1]=rutile.str\n", ""), "sample.sav: the file names no structure"),
        (("rutile.str\nSTRUCOUT", "lost.str\nSTRUCOUT"), "line 7: the structure file lost.str is missing"),
        (("VAL[1]=scans\\sample 1.xrdml", "VAL[1]="), "names no pattern"),
        (("LAMBDA=CU", "LAMBDA=QQ"), "line 4: LAMBDA=QQ names no known anode"),
        (("WMAX=60", "WMAX=6"), "line 11: the range from 10 to 6 is empty"),
        (("RU=9", "RU=0"), "line 12: RU = 0 terms"),
        (("WMIN=10", "WMIN=ten"), "line 10: 'ten' in 'ten' is not defined"),
        (("POL=sqr(cos(26.6*pi/180))", "POL=3"), "line 5: POL = 3.0 is no cos²"),
    ],
)
def test_what_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in SAV
    with pytest.raises(InputError, match=message):
        read(tmp_path, SAV.replace(*change, 1))


def test_a_binary_file(tmp_path: Path) -> None:
    (tmp_path / "a.sav").write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match="no BGMN control file"):
        read_bgmn_sav(tmp_path / "a.sav")


def corundum() -> Structure:
    sites = (
        Site("Al1", (Species("Al", 0.75, 3), Species("Cr", 0.25, 3)), (0.0, 0.0, 0.3522), 0.004),
        Site("O1", (Species("O", 1.0, -2),), (0.3063, 0.0, 0.25), 0.005),
    )
    return Structure(Lattice(4.7589, 4.7589, 12.992, 90, 90, 120), SpaceGroup.from_number(167), sites, "Corundum")


def test_a_structure_comes_back(tmp_path: Path) -> None:
    write_bgmn_str(corundum(), tmp_path / "a.str")
    (found,) = read_bgmn(tmp_path / "a.str")
    assert found.name == "Corundum"
    assert found.space_group == corundum().space_group
    assert found.lattice.parameters == pytest.approx(corundum().lattice.parameters, rel=1e-8)
    for site, other in zip(found.sites, corundum().sites, strict=True):
        assert site.xyz == pytest.approx(other.xyz, abs=1e-8)
        assert site.u_iso == pytest.approx(other.u_iso, rel=1e-8)
        assert [(s.element, s.charge) for s in site.species] == [(s.element, s.charge) for s in other.species]
        assert [s.occupancy for s in site.species] == pytest.approx([s.occupancy for s in other.species])


def test_what_bgmn_refines_is_declared() -> None:
    text = bgmn_str(corundum())
    assert "PARAM=A=0.47589_0.471131^0.480649 PARAM=C=1.2992_1.28621^1.31219 //" in text
    assert f"TDS={8 * pi**2 * 0.004 / 100:.9g}" in text
    assert "Wyckoff=c " in text
    assert "Wyckoff=e " in text
    assert "E=(AL+3(0.75),CR+3(0.25))" in text


@pytest.mark.parametrize(
    ("symbol", "xyz"),
    [
        ("F d -3 m:1", (0.0, 0.0, 0.0)),
        ("F d -3 m:2", (0.125, 0.125, 0.125)),
        ("R -3 c:R", (0.25, 0.25, 0.25)),
        ("P 1 21/n 1", (0.1, 0.2, 0.3)),
        ("C -1", (0.1, 0.2, 0.3)),
        ("I 41/a m d:2", (0.0, 0.25, 0.375)),
    ],
)
def test_settings(tmp_path: Path, symbol: str, xyz: tuple[float, float, float]) -> None:
    group = SpaceGroup.from_symbol(symbol)
    cells = {"cubic": (5.0, 5.0, 5.0), "tetragonal": (5.0, 5.0, 7.0), "trigonal": (5.0, 5.0, 5.0, 56.0, 56.0, 56.0)}
    cells |= {"monoclinic": (5.0, 6.0, 7.0, 90.0, 100.0, 90.0), "triclinic": (5.0, 6.0, 7.0, 95.0, 100.0, 85.0)}
    lattice = Lattice(*cells[group.crystal_system])
    structure = Structure(lattice, group, (Site("Si", (Species("Si"),), xyz, 0.005),), "Test")
    write_bgmn_str(structure, tmp_path / "a.str")
    (found,) = read_bgmn(tmp_path / "a.str")
    assert found.space_group == group
    assert found.composition == structure.composition
    assert found.lattice.parameters == pytest.approx(lattice.parameters, rel=1e-8)


def test_settings_without_a_symbol_are_refused() -> None:
    group = SpaceGroup.from_hall("-P 2ybc (x+1/8,y,z)")
    structure = Structure(Lattice(5, 6, 7, 90, 100, 90), group, (Site("Si", (Species("Si"),), (0.1, 0.2, 0.3)),), "X")
    with pytest.raises(InputError, match="setting without a symbol"):
        bgmn_str(structure)
    with pytest.raises(InputError, match="no atoms"):
        bgmn_str(replace(structure, sites=()))


def refinement() -> ForeignRefinement:
    radiation = replace(radiation_from_name("CuKa4"), monochromator_two_theta=26.6)
    beam = ForeignDiffractometer(radiation, Instrument())
    background = BackgroundModel((10.0, 80.0), (1.0, 2.0, 3.0))
    histogram = ForeignHistogram("scan", beam, background, "scan.xy", limits=(10.0, 80.0))
    phase = ForeignPhase("Corundum", corundum(), {"scan": ForeignPart()})
    free = {"Corundum.a", "Corundum.c", "Corundum.scan.scale", "scan.displacement"}
    return ForeignRefinement((phase,), (histogram,), frozenset(free | {f"scan.{name}" for name in _chebyshev(3)}))


def _chebyshev(count: int) -> list[str]:
    return [f"background.chebyshev_{k}" for k in range(count)]


def test_a_control_file_comes_back(tmp_path: Path) -> None:
    write_bgmn_sav(refinement(), tmp_path / "sample.sav")
    found = read_bgmn_sav(tmp_path / "sample.sav")
    assert found.free == refinement().free | {"Corundum.scan.size", "Corundum.scan.strain"}  # B1 and k2 are free
    assert found.phases[0].structure.formula == corundum().formula
    (histogram,), (expected,) = found.histograms, refinement().histograms
    assert (histogram.data_file, histogram.limits) == (expected.data_file, expected.limits)
    assert isinstance(histogram.beam, ForeignDiffractometer)
    assert isinstance(expected.beam, ForeignDiffractometer)
    assert histogram.beam.radiation.lines == expected.beam.radiation.lines
    angle = histogram.beam.radiation.monochromator_two_theta
    assert cos(radians(angle)) == pytest.approx(cos(radians(26.6)))


def test_refined_sites_come_back(tmp_path: Path) -> None:
    # z of 12c and x of 18e are free by symmetry (International Tables A, R-3c)
    sites = {"Corundum.Al1.z", "Corundum.Al1.u_iso", "Corundum.O1.x"}
    write_bgmn_sav(replace(refinement(), free=refinement().free | sites), tmp_path / "sample.sav")
    found = read_bgmn_sav(tmp_path / "sample.sav")
    assert {name for name in found.free if name.count(".") == 2 and "scan." not in name} == {
        "Corundum.Al1.z",
        "Corundum.Al1.u_iso",
        "Corundum.O2.x",  # BGMN has no labels: numbers in the order of the file
    }


def test_what_bgmn_has_no_words_for_is_told(tmp_path: Path) -> None:
    one = refinement()
    sample = Sample(texture_axis=(0, 0, 1), march_r=0.8)
    histogram = replace(one.histograms[0], excluded=((20.0, 21.0),))
    phase = replace(one.phases[0], parts={"scan": ForeignPart(sample=sample)}, mode="lebail")
    lossy = replace(one, histograms=(histogram,), phases=(phase,), free=one.free | {"scan.s_over_l"})
    told = write_bgmn_sav(lossy, tmp_path / "sample.sav")
    for words in ("Le Bail mode", "March and Dollase", "1 excluded ranges", "refined: scan.s_over_l"):
        assert sum(words in text for text in told) == 1
    lines = (tmp_path / "sample.sav").read_text().splitlines()
    assert [line.removeprefix("% not written: ") for line in lines if "not written" in line] == list(told)
    assert not any("mode" in text or "refined" in text for text in write_bgmn_sav(one, tmp_path / "plain.sav"))


def test_refinements_that_bgmn_cannot_do() -> None:
    one = refinement()
    with pytest.raises(InputError, match="has 2 patterns"):
        bgmn_sav(replace(one, histograms=one.histograms * 2))
    neutrons = ForeignDiffractometer(Radiation("neutron", ((1.5, 1.0),), 0.0), Instrument("debye_scherrer"))
    for beam in (neutrons, ForeignBank(TofBank(5000.0))):
        with pytest.raises(InputError, match="scan is no X-ray pattern"):
            bgmn_sav(replace(one, histograms=(replace(one.histograms[0], beam=beam),)))
    synchrotron = ForeignDiffractometer(Radiation("xray", ((0.4, 1.0),), 0.0), Instrument())
    text = bgmn_sav(replace(one, histograms=(replace(one.histograms[0], beam=synchrotron),)))
    assert "SYNCHROTRON=0.04\n" in text

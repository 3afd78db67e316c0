"""Measured patterns of known samples, where the evaluation data are at hand."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from anatase.identify import Identification
from anatase.identify.many import Options, identify_file


def fractions(answer: Identification) -> dict[tuple[str, int], float]:
    """Return weight fraction by formula and space-group number."""
    return {(p.label.formula, p.label.space_group_number): p.weight_fraction.value for p in answer.phases}


def test_round_robin_sample_1d(shared_data):
    answer = identify_file(shared_data / "powder/cpd_roundrobin/xray/CPD-1D.xye", Options(elements="Al,Ca,F,Zn,O"))
    # weighed: Madsen et al. (2001) J. Appl. Cryst. 34, 409, sample 1D
    weighed = {("Al2O3", 167): 0.1353, ("CaF2", 225): 0.5358, ("ZnO", 186): 0.3289}
    assert fractions(answer) == pytest.approx(weighed, abs=0.06)
    assert answer.unexplained_fraction < 0.02


def test_srm_1976b(shared_data):
    """A sintered disc of corundum with preferred orientation, certified: a = 4.758877, c = 12.99284 Å."""
    path = shared_data / "powder/rietserv/17_05_23_0014_NIST SRM 1976b.xye"
    answer = identify_file(path, Options(elements="Al,O"))
    assert set(fractions(answer)) == {("Al2O3", 167)}
    lattice = answer.phases[0].lattice
    # the specimen stands 0.15° off: a simple displacement leaves some hundred ppm of the edges
    assert lattice["a"].value == pytest.approx(4.758877, rel=5e-4)
    assert lattice["c"].value == pytest.approx(12.99284, rel=5e-4)
    texture = answer.phases[0].preferred_orientation
    assert texture is not None
    assert texture[0] == (0, 0, 1)  # the plates lie on their basal plane
    assert texture[1].value < 0.9


@pytest.mark.parametrize("elements", ["Ti,O", None])
def test_rutile(shared_data, elements):
    answer = identify_file(shared_data / "powder/powdr/rockjock_library/RUTILE.xy", Options(elements=elements))
    first = answer.phases[0].label
    assert (first.formula, first.space_group_number) == ("TiO2", 136)
    assert answer.phases[0].weight_fraction.value > 0.7  # the mineral standard has some quartz in it
    assert any("names no wavelength" in w for w in answer.warnings)


def test_neutrons_of_stated_wavelength(shared_data):
    # PbSO4 on D1A at 1.909 Å: the IUCr Rietveld round robin, Hill (1992) J. Appl. Cryst. 25, 589
    options = Options(elements="Pb,S,O", probe="neutron", wavelength="1.909")
    answer = identify_file(shared_data / "powder/easydiffraction/D1A@ILL.xye", options)
    assert set(fractions(answer)) == {("PbSO4", 62)}
    edges = sorted(answer.phases[0].lattice[n].value for n in "abc")
    assert edges == pytest.approx([5.398, 6.959, 8.479], rel=1e-3)  # the round robin's cell


def test_weighed_mixture_with_a_folder_of_cifs(shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANATASE_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "cifs"
    folder.mkdir()
    for name in (
        "openchemistry/oxides/NiO-Bunsenite",
        "autoanalyzer/La(OH)3_176",
        "ncrystal/ZnO_sg186_ZincOxide",
        "ncrystal/TiO2_sg141_Anatase",
        "openchemistry/oxides/In2O3-IndiumOxide",
    ):
        shutil.copy(shared_data / "library" / f"{name}.cif", folder)
    path = shared_data / "powder/dara/precursor_mixture/NiO_0p7028-La(OH)3_0p1010-ZnO_0p2000--2min.xrdml"
    answer = identify_file(path, Options(library=str(folder)))
    found = {p.label.formula: p.weight_fraction.value for p in answer.phases}
    # weighed: the file's name; the bar for weighed fractions is a mean error of 6 wt%
    weighed = {"NiO": 0.7001, "LaH3O3": 0.1006, "ZnO": 0.1992}
    assert set(found) == set(weighed)
    assert sum(abs(found[k] - weighed[k]) for k in found) / 3 < 0.06

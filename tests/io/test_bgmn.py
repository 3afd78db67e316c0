"""BGMN .str: cells in nm, implicit coordinates, mixtures, expressions, settings, bad files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anatase.crystal.standardize import standardize
from anatase.errors import InputError
from anatase.io.bgmn import read_bgmn
from anatase.io.bgmn_setting import settings_of
from anatase.io.cif import read_structures
from anatase.library.powder_lines import powder_lines

# hematite: Blake et al. (1966) Am. Mineral. 51, 123: a = 5.038, c = 13.772 Å, z(Fe) = 0.3553, x(O) = 0.3059
HEMATITE = """PHASE=Hematite // a test
MineralName=Hematite //
SpacegroupNo=167 HermannMauguin=R-32/c //
PARAM=A=0.5038_0.501^0.507 PARAM=C=1.3772_1.37^1.383 //
RP=4 k1=0 k2=0 PARAM=B1=0_0^0.01 GEWICHT=SPHAR4 //
GOAL:Hematite=GEWICHT*ifthenelse(ifdef(d),exp(my*d*3/4),1) //
E=FE+3  Wyckoff=c z=0.3553 TDS=0.004
E=O-2  Wyckoff=e x=0.3059 TDS=0.005
"""


def test_implicit_coordinates(tmp_path: Path) -> None:
    path = tmp_path / "hematite.str"
    path.write_text(HEMATITE)
    (structure,) = read_bgmn(path)
    assert structure.name == "Hematite"
    assert structure.formula == "Fe2O3"
    assert structure.lattice.c == pytest.approx(13.772)
    assert structure.sites[0].xyz == pytest.approx((0, 0, 0.3553))
    assert structure.sites[1].xyz == pytest.approx((0.3059, 0, 0.25))
    assert structure.sites[1].u_iso == pytest.approx(0.5 / (8 * np.pi**2))  # TDS 0.005 nm² is B = 0.5 Å²
    assert structure.density == pytest.approx(5.27, abs=0.02)  # g/cm³, Handbook of Mineralogy (calculated)
    assert structure.sites[0].species[0].charge == 3


def test_mixtures_and_definitions(tmp_path: Path) -> None:
    path = tmp_path / "mixed.str"
    path.write_text(HEMATITE.replace("E=FE+3 ", "E=(FE+3,AL+3(p*2)) PARAM=p=0.1_0^0.2 "))
    (structure,) = read_bgmn(path)
    assert structure.composition == pytest.approx({"Al": 2.4, "Fe": 9.6, "O": 18.0})


def test_origin_that_the_file_leaves_open(tmp_path: Path) -> None:
    """Anatase with O at 0,0,z of origin choice 1 (Howard et al., 1991): Ti-O 1.93 and 1.98 Å."""
    path = tmp_path / "anatase.str"
    path.write_text(
        "PHASE=Anatase SpacegroupNo=141 HermannMauguin=I4_1/a2/m2/d\nPARAM=A=0.3785_0.37^0.39 PARAM=C=0.9514_0.9^1\n"
        "E=TI+4 Wyckoff=a TDS=0.004\nE=O-2 Wyckoff=e z=0.2081 TDS=0.005\n"
    )
    (structure,) = read_bgmn(path)
    standard = standardize(structure)
    assert standard.space_group.number == 141
    assert standard.formula == "TiO2"
    assert any("origin choice" in warning for warning in structure.warnings)


def test_settings() -> None:
    assert settings_of(14, "P12_1/n1", "")[0].group.hall == "-P 2yn"
    assert settings_of(62, "P2_1/b2_1/n2_1/m", "")[0].group.symbol == "P b n m"
    assert settings_of(227, "F4_1/d-32/m", "2")[0].group.symbol == "F d -3 m:2"
    assert settings_of(2, "C-1", "")[0].group.order == 4
    assert settings_of(166, "", "")[0].group.symbol == "R -3 m:H"
    with pytest.raises(InputError, match="space group 14 has no setting 'P4/m'"):
        settings_of(14, "P4/m", "")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("SpacegroupNo=167", "SpacegroupNo=231", "no SpacegroupNo from 1 to 230"),
        ("R-32/c", "Pm3m", "space group 167 has no setting 'Pm3m'"),
        ("PARAM=A=0.5038_0.501^0.507", "", "no lattice parameter A"),
        ("z=0.3553", "z=X(ECA)", "line 7: 'X(' in 'X(ECA)' is no known function"),
        ("z=0.3553", "z=zFe/2", "line 7: 'zFe' in 'zFe/2' is not defined"),
        ("E=FE+3", "E=QX+3", "line 7: 'QX+3' is no element"),
        ("Wyckoff=e x", "Wyckoff=q x", "line 8: y, z is missing, and Wyckoff position 'q'"),
        ("E=", "F=", "no atom (E=...)"),
    ],
)
def test_bad_files(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = tmp_path / "bad.str"
    path.write_text(HEMATITE.replace(old, new))
    with pytest.raises(InputError) as caught:
        read_bgmn(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        "Alumina-Titania-Zirconia-Yttria/Al2O3-alpha",
        "Minerals/Zircon",
        "Cement-PST/Calcite",
        "Phosphate/TetCP",
        "Alumina-Titania-Zirconia-Yttria/Y2O3",
        "SiC/SiC-15R",
    ],
)
def test_same_intensities_as_the_converted_cif(shared_data: Path, name: str) -> None:
    """The CIFs beside the .str files were converted by another program."""
    folder, stem = name.split("/")
    source = shared_data / "library" / "profex_str" / f"{name}.str"
    converted = shared_data / "library" / "profex_cif" / f"{folder}__{stem}.cif"
    if not (source.exists() and converted.exists()):
        pytest.skip(f"{source.name} is not among the evaluation data")
    ours, theirs = (standardize(s) for s in (read_bgmn(source)[0], read_structures(converted)[0]))
    assert ours.space_group.number == theirs.space_group.number
    strengths = [
        dict(zip(map(tuple, hkl.tolist()), xray, strict=True)) for hkl, xray, _ in map(powder_lines, (ours, theirs))
    ]
    common = sorted(strengths[0].keys() & strengths[1].keys())
    assert len(common) > 0.9 * len(strengths[0])
    a, b = (np.array([s[hkl] for hkl in common]) for s in strengths)
    assert float(np.corrcoef(a, b)[0, 1]) > 0.99

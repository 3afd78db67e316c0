"""TOPAS input files: conventions, names, equations, what is told of and what is refused."""

from __future__ import annotations

from contextlib import suppress
from math import cos, degrees, pi, radians
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatase.errors import InputError, PhysicsError
from anatase.io.foreign import ForeignDiffractometer, ForeignRefinement, LinearRelation, SharedShift
from anatase.io.topas_inp import read_topas, read_topas_structures
from anatase.pattern.line_width import size_broadening

B_TO_U = 1.0 / (8.0 * pi**2)

# corundum: Lewis, Schwarzenbach & Flack (1982) Acta Cryst. A38, 733; quartz: Levien et al. (1980) Am. Mineral. 65, 920
MIXTURE = r"""
' two minerals on a laboratory diffractometer
r_wp 8.2 r_exp 5.1 gof 1.6
/* iters 5
*/
iters 100
prm b_O 0.5`_0.02 min 0 max 3
xdd "data\scan1.xy"
  bkg @ 100.2`_0.5 -20 3.1
  start_X 15 finish_X 90
  exclude 40 41
  Radius(217.5)
  CuKa2(0.0001)
  LP_Factor(26.4)
  Zero_Error(@, 0.012`_0.001)
  Specimen_Displacement(sd, -0.05)
  Simple_Axial_Model(@, 8.7)
  One_on_X(!oox, 500)
  str
    phase_name "Corundum"
    space_group R-3c
    Hexagonal(@ 4.7589`_0.0001, @ 12.992)
    scale @ 0.001
    site Al1 x 0 y 0 z zal 0.3522 occ Al+3 1 beq @ 0.3
    site O1 x @ 0.3063 y 0 z =1/4; : 0.25 occ O-2 1 beq = b_O;
    TCHZ_Peak_Type(pku, 0.002, pkv, -0.002, pkw, 0.003, !pkz, 0.001, pkx, 0.02, !pky, 0.03)
    PO(@, 0.9,, 0 0 1)
    r_bragg 1.2
    MVW(611.77, 254.8, 60.1)
  STR(P3221)
    phase_name Quartz
    a lpa 4.913 b = Get(a); c @ 5.405 ga 120
    scale @ 0.0005
    site Si1 x @ 0.469 y 0 z =2/3; occ Si 1 beq 0.5
    site O1 x @ 0.413 y @ 0.267 z @ 0.786 occ O oo 0.9 beq = 2 b_O;
    TCHZ_Peak_Type(pku, 0.002, pkv, -0.002, pkw, 0.003, !pkz, 0.001, pkx, 0.02, !pky, 0.03)
    CS_L(@, 120)
    Strain_G(, 0.1)
    Rotating_Anode_Wobble(@, 3)
"""


def read(tmp_path: Path, content: str, name: str = "mixture.inp") -> ForeignRefinement:
    path = tmp_path / name
    path.write_text(content)
    return read_topas(path)


def beam_of(refinement: ForeignRefinement) -> ForeignDiffractometer:
    beam = refinement.histograms[0].beam
    assert isinstance(beam, ForeignDiffractometer)
    return beam


def test_the_measurement(tmp_path: Path) -> None:
    found = read(tmp_path, MIXTURE)
    (histogram,) = found.histograms
    assert (histogram.name, histogram.data_file) == ("scan1", r"data\scan1.xy")
    assert (histogram.limits, histogram.excluded) == ((15.0, 90.0), ((40.0, 41.0),))
    assert histogram.background is not None
    assert histogram.background.chebyshev == (100.2, -20.0, 3.1)
    assert histogram.background.limits == (15.0, 90.0)
    assert histogram.background.inverse == 500.0
    radiation, instrument = beam_of(found).radiation, beam_of(found).instrument
    assert [wavelength for wavelength, _ in radiation.lines] == [1.540596, 1.544493]
    assert radiation.line_widths == pytest.approx((0.501844e-3, 0.626579e-3))  # lh is in mÅ
    assert radiation.polarization * cos(radians(radiation.monochromator_two_theta)) ** 2 == pytest.approx(
        cos(radians(26.4)) ** 2
    )
    assert (instrument.geometry, instrument.radius) == ("bragg_brentano", 217.5)
    assert (instrument.zero, instrument.displacement) == (0.012, -0.05)
    assert instrument.s_over_l == instrument.h_over_l == pytest.approx(8.7 / 2 / 217.5)
    # Z/cos² = Z (1 + tan²); X goes with tan θ and Y with 1/cos θ
    assert (instrument.gauss_u, instrument.gauss_v, instrument.gauss_w) == pytest.approx((0.003, -0.002, 0.004))
    assert (instrument.lorentz_y, instrument.lorentz_x) == (0.02, 0.03)


def test_the_phases(tmp_path: Path) -> None:
    found = read(tmp_path, MIXTURE)
    corundum, quartz = found.phases
    assert (corundum.name, quartz.name) == ("Corundum", "Quartz")
    assert corundum.structure.formula == "Al2O3"
    assert corundum.structure.space_group.symbol == "R -3 c:H"
    assert corundum.structure.lattice.parameters == (4.7589, 4.7589, 12.992, 90.0, 90.0, 120.0)
    assert quartz.structure.lattice.parameters == (4.913, 4.913, 5.405, 90.0, 90.0, 120.0)
    assert corundum.structure.sites[0].u_iso == pytest.approx(0.3 * B_TO_U)
    assert quartz.structure.sites[1].u_iso == pytest.approx(2 * 0.5 * B_TO_U)
    assert quartz.structure.sites[0].xyz[2] == pytest.approx(2 / 3)
    assert corundum.parts["scan1"].scale == 0.001
    assert corundum.parts["scan1"].sample.texture_axis == (0, 0, 1)
    assert corundum.parts["scan1"].sample.march_r == 0.9
    sample = quartz.parts["scan1"].sample
    # CS_L: FWHM = λ/(L cos θ) in radians, L = 120 nm
    width = size_broadening(np.array([40.0]), np.array([1.5406]), sample.size or 0.0, sample.shape_factor).value[0]
    assert width == pytest.approx(degrees(1.5406 / 1200.0) / cos(radians(20.0)))
    assert (sample.strain, sample.strain_gauss_share) == (pytest.approx(radians(0.1) / 4.0), 1.0)  # FWHM = 4 e tan θ


def test_what_is_free_and_tied(tmp_path: Path) -> None:
    found = read(tmp_path, MIXTURE)
    assert found.free == {
        "Corundum.Al1.u_iso",
        "Corundum.Al1.z",
        "Corundum.O1.u_iso",
        "Corundum.O1.x",
        "Corundum.a",
        "Corundum.c",
        "Corundum.scan1.march_r",
        "Corundum.scan1.scale",
        "Quartz.O1.O.occupancy",
        "Quartz.O1.u_iso",
        "Quartz.O1.x",
        "Quartz.O1.y",
        "Quartz.O1.z",
        "Quartz.Si1.x",
        "Quartz.a",
        "Quartz.c",
        "Quartz.scan1.scale",
        "Quartz.scan1.size",
        "scan1.background.chebyshev_0",
        "scan1.background.chebyshev_1",
        "scan1.background.chebyshev_2",
        "scan1.displacement",
        "scan1.gauss_u",
        "scan1.gauss_v",
        "scan1.gauss_w",
        "scan1.h_over_l",
        "scan1.lorentz_y",
        "scan1.s_over_l",
        "scan1.zero",
    }
    assert found.shared == (
        SharedShift(((0.5, "Corundum.O1.u_iso"), (1.0, "Quartz.O1.u_iso"))),
        SharedShift(((1.0, "scan1.h_over_l"), (1.0, "scan1.s_over_l"))),
    )
    assert found.warnings == ("line 39: Rotating_Anode_Wobble is not taken over",)


NEUTRON = """
xdd hrpt.xye
  neutron_data
  bkg bk 1 2
  start_X 10 finish_X 160
  lam ymin_on_ymax 0.001 la 1 lo @ 1.494 lh 0.1
  Lorentz_Factor
  Zero_Error(!zero, 0.1)
  prm !full 1
  str
    phase_name LBCO space_group "Pm-3m" Cubic(lp 3.89 min 3.8 max = 4;)
    site A x 0 y 0 z 0 occ La+3 occLa 0.6 beq bA 0.5 occ Ba+2 = full - occLa; beq = bA;
    site B x 0.5 y 0.5 z 0.5 occ Co+3 c1 0.5 beq 0.3 occ Fe+3 c2 0.3 beq 0.3 occ Mn+3 = 1 - c1 - c2; beq 0.3
    site O num_posns 3 x 0 y 0.5 z 0.5 occ O-2 0.97 u11 @ 0.01 u22 @ 0.02 u33 @ 0.02 u12 0 u13 0 u23 0
    scale s 0.001
    PV_Peak_Type(@, 0.1, @, 0.05,, 0, @, 0.5,,0,,0)
  hkl_Is
    phase_name Extra  Tetragonal(@ 4, @ 5)  space_group P4/mmm  lebail 1
    load hkl_m_d_th2 I { 1 0 0 4 4.0 22 @ 1.2  1 1 0 4 3 33 @ 5 }
  hkl_Is
    space_group 225 Cubic(4.05)
"""


def test_sums_modes_and_pseudo_voigts(tmp_path: Path) -> None:
    found = read(tmp_path, NEUTRON)
    assert beam_of(found).radiation.probe == "neutron"
    assert beam_of(found).instrument.geometry == "debye_scherrer"
    assert [(phase.name, phase.mode) for phase in found.phases] == [
        ("LBCO", "rietveld"),
        ("Extra", "lebail"),
        ("phase_3", "pawley"),
    ]
    a_site, b_site, oxygen = found.phases[0].structure.sites
    assert [species.occupancy for species in a_site.species] == pytest.approx([0.6, 0.4])
    assert [species.occupancy for species in b_site.species] == pytest.approx([0.5, 0.3, 0.2])
    assert oxygen.u_aniso == (0.01, 0.02, 0.02, 0.0, 0.0, 0.0)
    assert SharedShift(((1.0, "LBCO.A.Ba.occupancy"), (-1.0, "LBCO.A.La.occupancy"))) in found.shared
    (relation,) = found.relations
    assert isinstance(relation, LinearRelation)
    assert {target: factor for factor, target in relation.terms} == pytest.approx(
        {"LBCO.B.Co.occupancy": 1.0, "LBCO.B.Fe.occupancy": 1.0, "LBCO.B.Mn.occupancy": 1.0}
    )
    assert relation.total == pytest.approx(1.0)
    assert "hrpt.wavelength" in found.free
    assert "LBCO.O.u33" not in found.free  # tied to u22 by the site's symmetry
    assert {"hrpt.gauss_u", "hrpt.gauss_v", "hrpt.gauss_w"} <= found.free
    # PV of FWHM 0.1 + 0.05 tan θ: W/U is (0.1/0.05)²
    instrument = beam_of(found).instrument
    assert instrument.gauss_w / instrument.gauss_u == pytest.approx(4.0, rel=1e-6)


def test_a_structure_file(tmp_path: Path) -> None:
    path = tmp_path / "si.str"
    path.write_text('str\nphase_name "Si" space_group F_D_-3_M:1 a @ 5.4311\n site Si x 0 y 0 z 0 occ Si 1 beq 0.5\n')
    (structure,) = read_topas_structures(path)
    assert structure.formula_units_per_cell == 8
    found = read_topas(path)
    assert found.histograms == ()
    assert found.warnings == ()
    assert found.free == {"Si.a"}


def test_two_patterns_share_a_phase(tmp_path: Path) -> None:
    block = """  LP_Factor(90) lam ymin_on_ymax 0.001 la 1 lo 0.4 lh 0.1 start_X 1 finish_X 30
    str phase_name Ni space_group Fm-3m Cubic(lp 3.524) scale @ 1 site Ni x 0 y 0 z 0 occ Ni 1 beq b 0.3"""
    found = read(tmp_path, f"xdd one.xye\n{block}\nxdd one.xye\n{block}\n")
    assert [histogram.name for histogram in found.histograms] == ["one", "one_2"]
    (phase,) = found.phases
    assert set(phase.parts) == {"one", "one_2"}
    assert beam_of(found).instrument.geometry == "debye_scherrer"
    assert beam_of(found).radiation.polarization * cos(
        radians(beam_of(found).radiation.monochromator_two_theta)
    ) ** 2 == pytest.approx(0.0, abs=1e-30)
    assert found.free == {"Ni.a", "Ni.Ni.u_iso", "Ni.one.scale", "Ni.one_2.scale"}
    assert found.shared == ()


def test_profiles_without_names(tmp_path: Path) -> None:
    content = """xdd a.xye lam ymin_on_ymax 0.001 la 1 lo 0.2 lh 0.1 LP_Factor( 90)
    start_X 2.5 finish_X 15 Rp 217.5 Rs 217.5
    hkl_Is
        lebail 1
        hkl_m_d_th2 1 1 1 8  2.054194     5.11767      I  4.42477
        LVol_FWHM_CS_G_L( 1, 24.32394`_0.33591, 0.89, 34.00508`_0.46960,,,@, 38.20796`_0.52764)
        e0_from_Strain(0.0001, , 0.1, @, 0.2)
        TCHZ_Peak_Type(, 0.043745,, 0.002665796,, 0.0004827216,, 0,, 0.01274415,, 0.002455547)
        phase_name "Fm3m" space_group "Fm-3m" Cubic(@  3.557968`_0.000058) scale @  0.008`_4.611e-005
    hkl_Is space_group F_M_3_M Cubic(4) CS_G(50) MS(0.1)
    """
    found = read(tmp_path, content)
    first, second = found.phases
    assert (first.name, first.mode, second.mode) == ("Fm3m", "lebail", "pawley")
    sample = first.parts["a"].sample
    assert sample.size == pytest.approx(382.0796)
    assert sample.strain == pytest.approx(radians(0.3) / 4.0)
    assert sample.strain_gauss_share == pytest.approx(1 / 3)
    assert beam_of(found).instrument.lorentz_y == 0.01274415
    assert second.parts["a"].sample.size == pytest.approx(500.0)
    assert second.parts["a"].sample.strain == pytest.approx(radians(0.1) / 4.0)
    assert found.free == {"Fm3m.a", "Fm3m.a.scale", "Fm3m.a.size", "Fm3m.a.strain"}
    assert found.warnings == ()


def test_macros_of_the_file(tmp_path: Path) -> None:
    """They may be defined after their use, stand in the place of a flag, and use each other."""
    content = """xdd a.xye CuKa1(0.001) LP_Factor(0) start_X 5 finish_X 80
    macro Size(n, & v)
    {
      CS_L(n, v) Half(n, v)
    }
    str space_group 225 Cubic(FLAG 4.05) scale FLAG 0.1
      site Al x 0 y 0 z 0 occ Al 1 beq 1
      Size(cs, 100) Unknown(1)
    macro FLAG { @ }
    macro Half(n, v) { Strain_L(, = v / 1000;) }
    """
    found = read(tmp_path, content)
    sample = found.phases[0].parts["a"].sample
    assert sample.size == pytest.approx(1000.0)
    assert sample.strain == pytest.approx(radians(0.1) / 4.0)
    assert found.free == {"phase_1.a", "phase_1.a.scale", "phase_1.a.size"}
    assert found.warnings == ("line 8: Unknown is not taken over",)


def test_loops_over_phases_and_scans(tmp_path: Path) -> None:
    content = """xdd a.xye lam ymin_on_ymax 0.001 la 1 lo 0.4 lh 0.1 LP_Factor(90) start_X 1 finish_X 30
    STR(Fm-3m, "Ni") Cubic(3.52) site Ni x 0 y 0 z 0 occ Ni 1
    STR(Fm-3m, "Al") Cubic(4.05) site Al x 0 y 0 z 0 occ Al 1
    STR(Fm-3m, "Ag") Cubic(4.09) site Ag x 0 y 0 z 0 occ Ag 1
    for xdds {
      Zero_Error(@, 0.02)
      for strs { scale @ 0.5 }
      for strs 2 to 3 {
        CS_L(cs, 40)
      }
    }
    """
    found = read(tmp_path, content)
    assert beam_of(found).instrument.zero == 0.02
    assert [phase.parts["a"].scale for phase in found.phases] == [0.5, 0.5, 0.5]
    assert [phase.parts["a"].sample.size for phase in found.phases] == pytest.approx([None, 400.0, 400.0])
    assert found.free == {"a.zero", "Ni.a.scale", "Al.a.scale", "Ag.a.scale", "Al.a.size", "Ag.a.size"}
    assert found.shared == (SharedShift(((1.0, "Ag.a.size"), (1.0, "Al.a.size"))),)


def test_the_background_scales_to_the_data(tmp_path: Path) -> None:
    (tmp_path / "scan.xy").write_text("".join(f"{x} {100}\n" for x in range(20, 81)))
    content = "xdd scan.xy CuKa1(0.001) LP_Factor(0) bkg 1 2 str space_group 225 Cubic(4) site A x 0 y 0 z 0 occ Al 1"
    found = read(tmp_path, content)
    assert found.histograms[0].background is not None
    assert found.histograms[0].background.limits == (20.0, 80.0)
    lost = read(tmp_path, content.replace("scan.xy", "lost.xy"))
    assert "line 1: the ends of the data are not known: background scaled from 0 to 180 deg" in lost.warnings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("R-3c", "R-7c"), "mixture.inp line 19: 'R-7c' is no space group symbol"),
        (("@ 12.992", "@ -12.992"), "line 19: no cell has a, b, c"),
        (("z zal 0.3522", "z @"), "line 24: 'occ' stands in the place of a number"),
        (("beq = b_O;", "beq = b_X;"), "line 25: 'b_X' in 'b_X' is not defined"),
        (("space_group R-3c", ""), "a phase has no space_group"),
        (("PO(@, 0.9,, 0 0 1)", "PO(@, 0.9)"), "line 27: Preferred_Orientation names no plane"),
        (("iters 100", "#include local.inc"), "line 6: #include local.inc needs another file"),
        (("iters 100", "for sites { beq 1 }"), "line 6: 'for sites' is not followed"),
        (("iters 100", "macro My { a My }\nMy"), "line 6: macro My or one beside it stands for itself"),
        (("iters 100", "macro My(v) { v v }\nMy(1, 2)"), "line 7: macro My has 2 arguments"),
        (("iters 100", "macro My(v) { #m_ifarg v @ #m_endif }"), "line 6: macro My asks for TOPAS's own directives"),
        (("Hexagonal(@ 4.7589`_0.0001, @ 12.992)", "Hexagonal(@ 4.7589)"), "line 22: Hexagonal has 1 arguments"),
        (("start_X 15", "start_X 95"), "the range from 95 to 90 is empty"),
        (("CS_L(@, 120)", "CS_L(@)"), "CS_L has 1 arguments"),
    ],
)
def test_what_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in MIXTURE
    with pytest.raises(InputError, match=message):
        read(tmp_path, MIXTURE.replace(*change, 1))


def test_impossible_cells_are_unphysical(tmp_path: Path) -> None:
    with pytest.raises(PhysicsError):
        read(tmp_path, MIXTURE.replace("@ 12.992", "@ -12.992"))


@pytest.mark.parametrize("content", ["", "no words of TOPAS here: 1 2 3", "\x00\x01\x02", "xdd a.xy bkg @ 1 2"])
def test_files_of_another_kind(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError):
        read(tmp_path, content)


def test_details_are_told(tmp_path: Path) -> None:
    content = MIXTURE.replace("CuKa2(0.0001)", "CoKa3(0.0001)").replace("LP_Factor(26.4)", "Slit_Width(0.1)")
    content = content.replace("Zero_Error(@, 0.012`_0.001)", "th2_offset = 0.1 Cos(Th);")
    found = read(tmp_path, content)
    told = " ".join(found.warnings)
    for words in ("CoKa3: took the 7 lines", "no LP_Factor", "Slit_Width", "depends on more than numbers"):
        assert words in told
    assert beam_of(found).instrument.zero == 0.0
    # a slit of 0.1 mm at 217.5 mm: a hat of that width varies as a Gaussian of FWHM² = 8 ln 2 w²/12
    assert beam_of(found).instrument.gauss_w == pytest.approx(0.004 + 8 * np.log(2) / 12 * degrees(0.1 / 217.5) ** 2)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(MIXTURE)), st.integers(0, 8), st.text("0123456789.-+eE@!=;(){}'\"# \nabxyz", max_size=6))
def test_damaged_files_are_read_or_refused(tmp_path: Path, at: int, cut: int, put: str) -> None:
    path = tmp_path / "damaged.inp"
    path.write_text(MIXTURE[:at] + put + MIXTURE[at + cut :])
    with suppress(InputError):
        read_topas(path)

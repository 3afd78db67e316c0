"""FullProf control files: both layouts, conventions, codewords, what is told of and what is refused."""

from __future__ import annotations

from contextlib import suppress
from math import cos, degrees, pi, radians
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anatase.errors import InputError, PhysicsError
from anatase.io.foreign import ForeignBank, ForeignDiffractometer, ForeignRefinement, SharedShift
from anatase.io.fullprof_pcr import read_fullprof, read_fullprof_structures
from anatase.io.fullprof_text import decoded
from anatase.pattern.line_shift import plate_displacement, transparency

B_TO_U = 1.0 / (8.0 * pi**2)

HEAD = """COMM Corundum and quartz, laboratory
! Current global Chi2 (Bragg contrib.) =      2.1
! Files => DAT-file: mix.dat,  PCR-file: mix
!Job Npr Nph Nba Nex Nsc Nor Dum Iwg Ilo Ias Res Ste Nre Cry Uni Cor Opt Aut
   0   7   2   0   1   0   1   0   0   0   1   0   0   0   0   0   0   0   1
!
!Ipr Ppl Ioc Mat Pcr Ls1 Ls2 Ls3 NLI Prf Ins Rpa Sym Hkl Fou Sho Ana
   0   0   1   0   1   0   4   0   0   3  10   0   0   0   0   0   0
!
! Lambda1  Lambda2    Ratio    Bkpos    Wdt    Cthm     muR   AsyLim   Rpolarz  2nd-muR -> Patt# 1
 1.540560 1.544390  0.50000   40.000 15.0000  0.7998  0.0000   60.00    0.0000  0.0000
!
!NCY  Eps  R_at  R_an  R_pr  R_gl     Thmin       Step       Thmax    PSD    Sent0
 10  0.10  1.00  1.00  1.00  1.00     15.0000   0.020000   120.0000   0.000   0.000
!
! Excluded regions (LowT  HighT)
        0.00       18.00
!
      24    !Number of refined parameters
!
!  Zero    Code    SyCos    Code   SySin    Code  Lambda     Code MORE ->Patt# 1
 -0.01230   31.0  0.02000   41.0 -0.00300    0.0 0.000000    0.00   0
!   Background coefficients/codes  for Pattern#  1  (Polynomial of 6th degree)
      100.0     -20.0      10.0      0.0       0.0       0.000
       51.00       61.00       71.00        0.00        0.00        0.00
"""
CORUNDUM = """!-------------------------------------------------------------------------------
!  Data for PHASE number:   1  ==> Current R_Bragg for Pattern#  1:     3.10
!-------------------------------------------------------------------------------
Corundum
!
!Nat Dis Ang Pr1 Pr2 Pr3 Jbt Irf Isy Str Furth       ATZ    Nvk Npr More
   2   0   0 0.0 0.0 1.0   0   0   0   0   0        611.768   0   7   0
!
R -3 c                   <--Space group symbol
!Atom   Typ       X        Y        Z     Biso       Occ     In Fin N_t Spc /Codes
Al     AL+3    0.00000  0.00000  0.35220  0.30000   0.33333   0   0   0    0
                  0.00     0.00    81.00    91.00      0.00
O      O-2     0.30630  0.00000  0.25000  0.00000   0.50000   0   0   2    0
                101.00     0.00     0.00     0.00      0.00
      0.00500  0.00500  0.00060  0.00250  0.00000   0.00000
       111.00   111.00   121.00   110.50     0.00      0.00
!-------> Profile Parameters for Pattern #  1
!  Scale        Shape1      Bov      Str1      Str2      Str3   Strain-Model
  0.12345E-02   0.00000   0.00000   0.00000   0.00000   0.00000       0
     11.00000     0.000     0.000     0.000     0.000     0.000
!       U         V          W           X          Y        GauSiz   LorSiz Size-Model
   0.010000  -0.008000   0.006000   0.020000   0.010000   0.000000   0.000000    0
    131.000    141.000    151.000    161.000    171.000      0.000      0.000
!     a          b         c        alpha      beta       gamma      #Cell Info
   4.758900   4.758900  12.992000  90.000000  90.000000 120.000000
   181.00000   181.00000   191.00000    0.00000    0.00000     0.00000
!  Pref1    Pref2      Asy1     Asy2     Asy3     Asy4      S_L      D_L
  0.90000  0.25000  0.00000  0.00000  0.00000  0.00000  0.02000  0.03000
   201.00   281.00     0.00     0.00     0.00     0.00   291.00   291.00
"""
QUARTZ = """!  Data for PHASE number:   2  ==> Current R_Bragg for Pattern#  1:     4.10
Quartz
   2   0   0 0.0 0.0 1.0   0   0   0   0   0        180.0   0   7   0
P 32 2 1                   <--Space group symbol
Si     SI      0.46970  0.00000  0.66667  0.50000   0.50000   0   0   0    0
                211.00     0.00     0.00    90.50      0.00
O      O       0.41350  0.26690  0.78610  0.80000   1.00000   0   0   0    0
                221.00   231.00   241.00     0.00      0.00
  0.500E-03     0.00000   0.20000   0.00000   0.00000   0.00000       0
     21.00000     0.000     0.000     0.000     0.000     0.000
   0.010000  -0.008000   0.006000   0.020000   0.060000   0.000000   0.000000    0
    131.000    141.000    151.000    161.000    251.000      0.000      0.000
   4.913000   4.913000   5.405000  90.000000  90.000000 120.000000
   261.00000   261.00000   271.00000    0.00000    0.00000     0.00000
  1.00000  0.00000  0.00000  0.00000  0.00000  0.00000  0.02000  0.03000
     0.00     0.00     0.00     0.00     0.00     0.00   291.00   291.00
!  2Th1/TOF1    2Th2/TOF2  Pattern to plot
      15.000     120.000       1
"""
MIXTURE = HEAD + CORUNDUM + QUARTZ


def read(tmp_path: Path, content: str) -> ForeignRefinement:
    path = tmp_path / "mix.pcr"
    path.write_text(content)
    return read_fullprof(path)


def beam_of(refinement: ForeignRefinement) -> ForeignDiffractometer:
    beam = refinement.histograms[0].beam
    assert isinstance(beam, ForeignDiffractometer)
    return beam


@pytest.mark.parametrize(
    ("code", "expected"),
    [(0.0, None), (151.0, ("15", 1.0)), (-150.5, ("15", -0.5)), (21.25, ("2", 1.25)), (180.0, None), (5.0, None)],
)
def test_codewords(code: float, expected: tuple[str, float] | None) -> None:
    assert decoded(code) == expected


def test_the_measurement(tmp_path: Path) -> None:
    found = read(tmp_path, MIXTURE)
    assert found.title == "Corundum and quartz, laboratory"
    (histogram,) = found.histograms
    assert (histogram.name, histogram.data_file) == ("mix", "mix.dat")
    assert (histogram.limits, histogram.excluded) == ((15.0, 120.0), ((0.0, 18.0),))
    radiation, instrument = beam_of(found).radiation, beam_of(found).instrument
    assert radiation.lines == ((1.54056, 1.0), (1.54439, 0.5))
    assert radiation.polarization * cos(radians(radiation.monochromator_two_theta)) ** 2 == pytest.approx(0.7998)
    assert (instrument.geometry, instrument.zero) == ("bragg_brentano", -0.0123)
    angle = np.array([40.0])
    # observed − true = SyCos cos θ + SySin sin 2θ
    assert plate_displacement(angle, instrument.displacement, instrument.radius).value == pytest.approx(
        0.02 * np.cos(np.radians(20.0))
    )
    assert transparency(angle, instrument.penetration, instrument.radius).value == pytest.approx(
        -0.003 * np.sin(np.radians(40.0))
    )
    # X goes with tan θ, Y with 1/cos θ: here the letters are the other way round
    assert (instrument.lorentz_y, instrument.lorentz_x) == (0.02, 0.01)
    assert (instrument.gauss_u, instrument.gauss_v, instrument.gauss_w) == (0.01, -0.008, 0.006)
    assert (instrument.s_over_l, instrument.h_over_l) == (0.02, 0.03)


def test_the_background_polynomial(tmp_path: Path) -> None:
    background = read(tmp_path, MIXTURE).histograms[0].background
    assert background is not None
    angle = np.array([15.0, 40.0, 77.0, 120.0])
    t = angle / 40.0 - 1.0  # 2θ/Bkpos − 1
    assert background.intensity(angle) == pytest.approx(100.0 - 20.0 * t + 10.0 * t**2, rel=1e-12)


def test_the_phases(tmp_path: Path) -> None:
    found = read(tmp_path, MIXTURE)
    corundum, quartz = found.phases
    assert corundum.structure.formula == "Al2O3"
    assert corundum.structure.space_group.symbol == "R -3 c:H"
    aluminium, oxygen = corundum.structure.sites
    assert (aluminium.occupancy, oxygen.occupancy) == (1.0, 1.0)  # 12/36 and 18/36 of the general position
    assert aluminium.u_iso == pytest.approx(0.3 * B_TO_U)
    star = 1.0 / (4.7589 * cos(radians(30.0)))
    assert oxygen.u_aniso is not None
    assert oxygen.u_aniso[0] == pytest.approx(0.005 / (2.0 * pi**2 * star**2))
    assert oxygen.u_aniso[2] == pytest.approx(0.0006 * 12.992**2 / (2.0 * pi**2))
    assert oxygen.u_aniso[3] == pytest.approx(oxygen.u_aniso[0] / 2.0)
    assert quartz.structure.sites[0].u_iso == pytest.approx((0.5 + 0.2) * B_TO_U)  # the overall B is added
    assert corundum.parts["mix"].scale == 0.0012345
    assert corundum.parts["mix"].sample.textures == (((0, 0, 1), 0.9, 0.75),)
    # the second phase's lines are 0.05°/cos θ wider: Scherrer's size with K = 0.9
    assert quartz.parts["mix"].sample.size == pytest.approx(degrees(0.9 * 1.54056) / 0.05)


def test_what_is_free_and_tied(tmp_path: Path) -> None:
    found = read(tmp_path, MIXTURE)
    assert found.free == {
        "Corundum.Al.u_iso",
        "Corundum.Al.z",
        "Corundum.O.u11",
        "Corundum.O.u22",
        "Corundum.O.u33",
        "Corundum.O.x",
        "Corundum.a",
        "Corundum.c",
        "Corundum.mix.march_r0",
        "Corundum.mix.march_share0",
        "Corundum.mix.scale",
        "Quartz.O.x",
        "Quartz.O.y",
        "Quartz.O.z",
        "Quartz.Si.u_iso",
        "Quartz.Si.x",
        "Quartz.a",
        "Quartz.c",
        "Quartz.mix.scale",
        "Quartz.mix.size",
        "mix.background.chebyshev_0",
        "mix.background.chebyshev_1",
        "mix.background.chebyshev_2",
        "mix.displacement",
        "mix.gauss_u",
        "mix.gauss_v",
        "mix.gauss_w",
        "mix.h_over_l",
        "mix.lorentz_x",
        "mix.lorentz_y",
        "mix.s_over_l",
        "mix.zero",
    }
    assert found.shared == (
        SharedShift(((1.0, "Corundum.Al.u_iso"), (0.5, "Quartz.Si.u_iso"))),
        SharedShift(((1.0, "Corundum.O.u11"), (1.0, "Corundum.O.u22"))),
        SharedShift(((1.0, "mix.h_over_l"), (1.0, "mix.s_over_l"))),
    )
    assert found.warnings == ("line 63: the overall B of Quartz is added to the atoms'",)


SEVERAL = """COMM PbSO4 with X-rays and neutrons
NPATT      2       1 1 <- Flags for patterns (1:refined, 0: excluded)
W_PAT   0.500 0.500
!Nph Dum Ias Nre Cry Opt Aut
   2   0   0   0   0   0   1
!Job Npr Nba Nex Nsc Nor Iwg Ilo Res Ste Uni Cor Anm Int
   0   5   3   0   0   0   0   0   0   0   0   0   0   0  !-> Patt#: 1
   1   7  -6   1   0   0   0   0   0   0   0   0   0   0  !-> Patt#: 2
!File names of data(patterns) files
pbsox.dat
pbson.dat
!Mat Pcr NLI Rpa Sym Sho
   0   1   0   0   0   0
!Ipr Ppl Ioc Ls1 Ls2 Ls3 Prf Ins Hkl Fou Ana
   0   0   1   0   4   0   3  10   0   0   0  !-> Patt#: 1
   0   0   1   0   4   0   3   6   0   0   0  !-> Patt#: 2
! Lambda1  Lambda2    Ratio    Bkpos    Wdt    Cthm     muR   AsyLim   Rpolarz  2nd-muR -> Patt# 1
 1.540560 1.544390  0.50000   40.000 15.0000  0.7998  0.0000   60.00    0.0000  0.0000
 1.912000 1.912000  1.00000   70.000  8.0000  0.0000  0.3000   60.00    0.0000  0.0000
!NCY  Eps  R_at  R_an  R_pr  R_gl
 10  0.10  1.00  1.00  1.00  1.00
!     Thmin       Step       Thmax    PSD    Sent0
    10.0000   0.025000   155.4500   0.000   0.000
    10.0000   0.050000   153.0000   0.000   0.000
!2Theta/TOF/E(Kev)   Background  for Pattern#  1
   16.0   200.0   11.00
   60.0   150.0   21.00
  150.0   120.0    0.00
   10.0   300.0    0.00
   40.0   280.0    0.00
   70.0   270.0    0.00
  100.0   260.0    0.00
  130.0   265.0    0.00
  153.0   270.0    0.00
!Excluded regions
    0.0    12.0
      10    !Number of refined parameters
 -0.03000   31.0  0.00000    0.0  0.00000    0.0 0.000000    0.00   0
 -0.08000   41.0  0.00000    0.0  0.01000    0.0 0.000000    0.00   0
PbSO4
   5   0   0   0   0   0   0       1213.0   0   0
!Contributions (0/1) of this phase to the patterns
 1 1
   0   5    0      0      0
  0.000  0.000  1.000  1.000  0.000  0.000  0.000
   0   7    0      0      0
  0.000  0.000  1.000  1.000  0.000  0.000  0.000
P n m a                   <--Space group symbol
Pb     PB      0.18790  0.25000  0.16700  1.40000   0.50000   0   0   0    0
                 51.00     0.00     0.00     0.00      0.00
S      S       0.06540  0.25000  0.68400  0.50000   0.50000   0   0   0    0
                  0.00     0.00     0.00     0.00      0.00
O1     O       0.90820  0.25000  0.59540  1.90000   0.50000   0   0   0    0
                  0.00     0.00     0.00     0.00      0.00
O2     O       0.19350  0.25000  0.54320  1.50000   0.50000   0   0   0    0
                  0.00     0.00     0.00     0.00      0.00
O3     O       0.08110  0.02720  0.80860  1.30000   1.00000   0   0   0    0
                  0.00     0.00     0.00     0.00      0.00
  1.5   0.60000   0.00000   0.00000   0.00000   0.00000       0
  61.00     71.00     0.000     0.000     0.000     0.000
   0.010000  -0.010000   0.020000   0.001000   0.000000   0.000000   0.000000    0
     81.000     81.000      0.000      0.000      0.000      0.000      0.000
   8.480000   5.398000   6.960000  90.000000  90.000000  90.000000
   91.00000     0.00000     0.00000    0.00000    0.00000     0.00000
  0.00000  0.00000  0.02000  0.01000  0.00000  0.00000
     0.00     0.00     0.00     0.00     0.00     0.00
  0.4   0.00000   0.00000   0.00000   0.00000   0.00000       0
 101.00     0.000     0.000     0.000     0.000     0.000
   0.200000  -0.400000   0.300000   0.000000   0.020000   0.000000   0.000000    0
      0.000      0.000      0.000      0.000      0.000      0.000      0.000
   8.480000   5.398000   6.960000  90.000000  90.000000  90.000000
   91.00000     0.00000     0.00000    0.00000    0.00000     0.00000
  0.00000  0.00000  0.00000  0.00000  0.00000  0.00000  0.00000  0.00000
     0.00     0.00     0.00     0.00     0.00     0.00     0.00     0.00
Aluminium can
   0   0   0   2   0   0   0          0.0   0   0
 0 1
   0   7    0      0      0
  0.000  0.000  1.000  1.000  0.000  0.000  0.000
F m -3 m                   <--Space group symbol
  1.0   0.00000   0.00000   0.00000   0.00000   0.00000       0
  0.00     0.000     0.000     0.000     0.000     0.000
   0.200000  -0.400000   0.300000   0.000000   0.020000   0.000000   0.000000    0
      0.000      0.000      0.000      0.000      0.000      0.000      0.000
   4.050000   4.050000   4.050000  90.000000  90.000000  90.000000
    0.00000     0.00000     0.00000    0.00000    0.00000     0.00000
  0.00000  0.00000  0.00000  0.00000  0.00000  0.00000  0.00000  0.00000
     0.00     0.00     0.00     0.00     0.00     0.00     0.00     0.00
"""


def test_several_patterns(tmp_path: Path) -> None:
    found = read(tmp_path, SEVERAL)
    xrays, neutrons = found.histograms
    assert (xrays.name, neutrons.name) == ("pbsox", "pbson")
    assert isinstance(neutrons.beam, ForeignDiffractometer)
    assert neutrons.beam.radiation.probe == "neutron"
    assert neutrons.beam.instrument.geometry == "debye_scherrer"
    # a capillary's SySin sin 2θ is −u sin 2θ/R
    assert neutrons.beam.instrument.displacement == pytest.approx(-radians(0.01) * neutrons.beam.instrument.radius)
    lead_sulphate, can = found.phases
    assert (lead_sulphate.structure.formula, lead_sulphate.structure.formula_units_per_cell) == ("PbSO4", 4)
    assert (can.name, can.mode, set(can.parts)) == ("Aluminium_can", "lebail", {"pbson"})
    assert lead_sulphate.parts["pbsox"].scale == 1.5
    assert lead_sulphate.parts["pbson"].sample.absorption == 0.3  # μR
    assert xrays.background is not None
    assert neutrons.background is not None
    assert (xrays.background.nodes, xrays.background.interpolation) == ((16.0, 60.0, 150.0), "linear")
    assert neutrons.background.interpolation == "cubic"
    assert found.free == {
        "PbSO4.Pb.x",
        "PbSO4.a",
        "PbSO4.pbson.scale",
        "PbSO4.pbsox.scale",
        "pbsox.background.height_0",
        "pbsox.background.height_1",
        "pbsox.gauss_u",
        "pbsox.gauss_v",
        "pbsox.lorentz_x",
        "pbsox.zero",
        "pbson.zero",
    }
    assert SharedShift(((1.0, "pbsox.gauss_u"), (1.0, "pbsox.gauss_v"))) in found.shared
    told = " ".join(found.warnings)
    assert "the asymmetry parameters Asy1 to Asy4 are left out" in told
    assert "the pseudo-Voigt is kept within" in told


TOF = """COMM silicon by time of flight
! Files => DAT-file: si.dat,  PCR-file: si
  -1   9   1   2   0   0   0   0   0   0   0   0   0   0   0   1   0   0   1
   0   0   1   0   1   0   4   0   0   3  10   0   0   0   0   0   0
! Bkpos   Wdt  Iabscor
  10000.0   20.0   0
 10  0.10  1.00  1.00  1.00  1.00   2000.0   5.0   30000.0   0.000   0.000
  2000.0  50.0   0.0
 30000.0  40.0   0.0
   3
! Zero Code Dtt1 Code Dtt2 Code 2ThetaBank
 -9.2  11.0  7476.91  21.0  -1.54  0.0  144.845
Silicon
   1   0   0 0.0 0.0 1.0   0   0   0   0   0   224.7   0   9   0
F d -3 m
Si     SI      0.12500  0.12500  0.12500  0.50000   0.04167   0   0   0    0
                  0.00     0.00     0.00    31.00      0.00
  1.0   0.00000   0.00000   0.00000   0.00000   0.00000       0
  0.00     0.000     0.000     0.000     0.000     0.000
! Sig-2 Sig-1 Sig-0 Xt Yt Z1 Z0
   2.0   40.0   3.0   0.0   0.0   0.0   0.0   0
   0.0   41.0   0.0   0.0   0.0   0.0   0.0
   0.1    0.2   0.3   0.0   0.0
   0.0    0.0   0.0   0.0   0.0
   5.4307 5.4307 5.4307 90.0 90.0 90.0
   51.0 51.0 51.0 0.0 0.0 0.0
   0.0 0.0 0.0 0.04221 0.5971 0.00946
   0.0 0.0 0.0 0.0 0.0 0.0
   0.0 0.0 0.0 0.0
"""


def test_a_phase_without_a_pattern(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="phase Aluminium can contributes to no pattern"):
        read(tmp_path, SEVERAL.replace("\n 0 1\n", "\n 0 0\n"))


def test_time_of_flight(tmp_path: Path) -> None:
    """Profile function 9: α = α0 + α1/d, β = β0 + β1/d⁴, σ² = σ2 d⁴ + σ1 d² + σ0, γ = γ2 d² + γ1 d + γ0."""
    found = read(tmp_path, TOF)
    beam = found.histograms[0].beam
    assert isinstance(beam, ForeignBank)
    assert (beam.bank.difc, beam.bank.difa, beam.bank.zero, beam.bank.two_theta) == (7476.91, -1.54, -9.2, 144.845)
    assert beam.profile is not None
    assert (beam.profile.alpha, beam.profile.beta) == ((0.0, 0.5971), (0.04221, 0.00946))
    assert (beam.profile.variance, beam.profile.gamma) == ((3.0, 40.0, 2.0), (0.3, 0.2, 0.1))
    assert found.phases[0].structure.formula_units_per_cell == 8
    assert found.free == {"si.zero", "si.difc", "si.variance_1", "Silicon.a", "Silicon.Si.u_iso"}


def test_occupancies_in_another_unit(tmp_path: Path) -> None:
    """Occupancies as atoms of the formula, Al 2 and O 3, are 6 times m/M: F² is 36 times too large, the scale small."""
    content = MIXTURE.replace("0.30000   0.33333", "0.30000   2.00000").replace(
        "0.00000   0.50000", "0.00000   3.00000"
    )
    found = read(tmp_path, content)
    assert found.phases[0].structure.formula == "Al2O3"
    assert [site.occupancy for site in found.phases[0].structure.sites] == pytest.approx([1.0, 1.0])
    assert found.phases[0].parts["mix"].scale == pytest.approx(0.0012345 * 36.0)
    assert "occupancies of Corundum are 6 times m/M" in " ".join(found.warnings)


def test_b_beside_betas(tmp_path: Path) -> None:
    """FullProf multiplies both factors: U_ij = β_ij/(2π² a*_i a*_j) + B/(8π²) along a*, with cos γ* beside it."""
    oxygen = read(tmp_path, MIXTURE).phases[0].structure.sites[1].u_aniso
    found = read(tmp_path, MIXTURE.replace("0.25000  0.00000   0.50000", "0.25000  0.40000   0.50000"))
    added = found.phases[0].structure.sites[1].u_aniso
    assert oxygen is not None
    assert added is not None
    expected = np.array([1.0, 1.0, 1.0, 0.5, 0.0, 0.0]) * 0.4 * B_TO_U
    assert np.subtract(added, oxygen) == pytest.approx(expected, abs=1e-12)


def test_calculated_patterns(tmp_path: Path) -> None:
    """Job 2 calculates X-rays, Job 3 neutrons."""
    assert (
        beam_of(read(tmp_path, MIXTURE.replace("   0   7   2   0   1", "   2   7   2   0   1"))).radiation.probe
        == "xray"
    )
    found = beam_of(read(tmp_path, MIXTURE.replace("   0   7   2   0   1", "   3   7   2   0   1")))
    assert found.radiation.probe == "neutron"


def test_partial_occupancies_stay(tmp_path: Path) -> None:
    found = read(tmp_path, MIXTURE.replace("0.30000   0.33333", "0.30000   0.30000"))
    assert found.phases[0].structure.sites[0].occupancy == pytest.approx(0.9)


def test_the_structures_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.pcr"
    path.write_text(SEVERAL)
    assert [structure.name for structure in read_fullprof_structures(path)] == ["PbSO4"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("   0   7   2   0   1", "  -2   7   2   0   1"), "mix.pcr line 5: Job = -2 is no kind of pattern"),
        (("   0   7   2   0   1", "   0  11   2   0   1"), "line 5: profile function Npr = 11"),
        (("   0   7   2   0   1", "   0   7   3   0   1"), "the file ends before"),
        (("   0   7   2   0   1", "   0   7   2   4   1"), "is not a point of the background"),
        (("   0   7   2   0   1", "   0   7   0   0   1"), "the file has 0 phases"),
        (("R -3 c   ", "R -3 q   "), "'R -3 q' is no space group symbol"),
        (
            ("1.0   0   0   0   0   0        611", "1.0   1   0   0   0   0        611"),
            "line 32: Jbt = 1: magnetic phases",
        ),
        (
            ("1.0   0   0   0   0   0        611", "1.0   0   0   0   1   0        611"),
            "Str = 1 asks for further lines",
        ),
        (("   4.758900   4.758900  12.992000", "   4.758900   4.758900 -12.992000"), "line 50: no cell has"),
        ((" 1.540560 1.544390", " 0.000000 1.544390"), "line 5: Lambda1 is 0"),
        (("  0.7998", "  1.7998"), "Cthm = 1.7998 is no cos²"),
        (("0.50000   0   0   2    0", "0.50000   0   0   4    0"), "N_t = 4 of atom O is not read"),
        (("      24    !Number", "      some    !Number"), "line 19: 'some' is not the number of refined parameters"),
    ],
)
def test_what_is_refused(tmp_path: Path, change: tuple[str, str], message: str) -> None:
    assert change[0] in MIXTURE
    with pytest.raises(InputError, match=message):
        read(tmp_path, MIXTURE.replace(*change, 1))


def test_types_that_are_no_element(tmp_path: Path) -> None:
    found = read(tmp_path, MIXTURE.replace("AL+3", "QQ+3"))
    assert "line 36: QQ+3 of atom Al is no element: read by its label" in found.warnings
    assert found.phases[0].structure.formula == "Al2O3"


def test_impossible_cells_are_unphysical(tmp_path: Path) -> None:
    with pytest.raises(PhysicsError):
        read(tmp_path, MIXTURE.replace("4.758900  12.992000", "4.758900 -12.992000"))


@pytest.mark.parametrize("content", ["COMM only a title\n", "! comments\n", "\x00\x01", "a\nb c\n", "COMM x\nNPATT\n"])
def test_files_of_another_kind(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError):
        read(tmp_path, content)


def test_every_cut_file_is_refused(tmp_path: Path) -> None:
    """A file that ends early is told of, whatever the line."""
    lines = (HEAD + CORUNDUM.replace("0.900", "0.901")).replace("   0   7   2 ", "   0   7   1 ").splitlines()
    read(tmp_path, "\n".join(lines) + "\n")
    for count in range(1, len(lines) - 1):
        with pytest.raises(InputError):
            read(tmp_path, "\n".join(lines[:count]) + "\n")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, len(MIXTURE)), st.integers(0, 8), st.text("0123456789.-+eE@!=;(){}'\"# \nabxyz", max_size=6))
def test_damaged_files_are_read_or_refused(tmp_path: Path, at: int, cut: int, put: str) -> None:
    path = tmp_path / "damaged.pcr"
    path.write_text(MIXTURE[:at] + put + MIXTURE[at + cut :])
    with suppress(InputError):
        read_fullprof(path)

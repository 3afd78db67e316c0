"""Instrument files of time of flight: GSAS and GSAS-II."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.io.instrument_file import read_tof_instrument
from anatase.scattering.incident_spectrum import incident_spectrum

# layout of the cards as GPPD at Argonne wrote them (function 1, spectrum 1; second bank function 2, spectrum 4)
PRM = """\
            123456789012345678901234567890123456789012345678901234567890
INS   BANK      2
INS   FPATH1      9.07617
INS   HTYPE   PNTR
INS  1 ICONS   5073.42     -1.73      5.11
INS  1BNKNAM  MINUS_153
INS  1BNKPAR    1.2495  -151.000      25.0     1.321     30.48   16   77
INS  1I HEAD  CALIBRATION V/NB
INS  1I ITYP    1    1.0000   23.9997     41946
INS  1ICOFF1    .208819E+01    .161677E+05    .386291E+00    .546976E+05
INS  1ICOFF2    .645872E-01   -.103173E+05    .652500E-02   -.362341E+05
INS  1ICOFF3    .311174E-01    .665847E+04    .213234E+00    .000000E+00
INS  1PRCF1     1    9   0.01000
INS  1PRCF11    .000000E+00    .500000E+01    .275585E-01    .728077E-02
INS  1PRCF12    .000000E+00    .730770E+02    .000000E+00    .000000E+00
INS  1PRCF13   0.000000E+00
INS  2 ICONS   1468.19      4.82      8.95   AZ
INS  2BNKPAR    1.7714     17.98      0.00    .00000     .3000    1    1
INS  2I ITYP    4    1.000     21.000       2
INS  2PRCF      2   12   0.00100
INS  2PRCF 1   0.000000E+00   0.163590E+00   0.265000E-01   0.210800E-01
INS  2PRCF 2   0.000000E+00   0.151242E+03   0.103200E+02   0.000000E+00
"""
INSTPRM = """\
#GSAS-II instrument parameter file; do not add/delete items!
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


def written(folder: Path, text: str, name: str = "bank.prm") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_gsas(tmp_path: Path):
    first, second = read_tof_instrument(written(tmp_path, PRM))
    bank = first.bank
    assert (first.number, bank.difc, bank.difa, bank.difb, bank.zero) == (1, 5073.42, -1.73, 0.0, 5.11)
    assert (bank.two_theta, bank.name) == (151.0, "MINUS_153")
    # the flight path agrees with DIFC: 505.5568 · 10.32567 · sin 75.5° = 5053.9, to 0.4 %
    assert bank.flight_path == pytest.approx(10.32567)
    assert bank.difc == pytest.approx(505.5568 * bank.flight_path * np.sin(np.radians(75.5)), rel=5e-3)
    assert first.profile is not None
    assert first.profile.alpha == (0.0, 5.0)
    assert first.profile.beta == (0.0275585, 0.00728077)
    assert first.profile.variance == (0.0, 73.077, 0.0)
    assert first.spectrum is not None
    kind, coefficients = first.spectrum
    assert kind == "exponential"
    assert coefficients[:3] == (2.08819, 16167.7, 0.386291)
    assert len(coefficients) == 11
    assert first.warnings == ()
    assert np.all(incident_spectrum([3_000.0, 10_000.0, 20_000.0], kind, coefficients) > 0.0)
    assert (second.bank.difc, second.profile, second.spectrum) == (1468.19, None, None)
    assert len(second.warnings) == 2


def test_gsas_pseudo_voigt(tmp_path: Path):
    lines = [
        *PRM.splitlines()[:12],
        "INS  1PRCF1    -3   21   0.00200",
        "INS  1PRCF11   1.200000E+00   0.300000E-01   0.400000E-02   2.000000E+00",
        "INS  1PRCF12   3.000000E+01   4.000000E+00   5.000000E-01   6.000000E-01",
        "INS  1PRCF13   7.000000E-01   0.000000E+00   0.000000E+00   0.000000E+00",
    ]
    (only,) = read_tof_instrument(written(tmp_path, "\n".join(lines)))
    profile = only.profile
    assert profile is not None
    assert (profile.alpha, profile.beta) == ((0.0, 1.2), (0.03, 0.004))
    assert (profile.variance, profile.gamma) == ((2.0, 30.0, 4.0), (0.5, 0.6, 0.7))


def test_gsas_ii(tmp_path: Path):
    (only,) = read_tof_instrument(written(tmp_path, INSTPRM, "powgen.instprm"))
    bank, profile = only.bank, only.profile
    assert (bank.difc, bank.difa, bank.difb, bank.zero) == (22597.136, -5.316, -4.125, -9.5)
    assert (bank.two_theta, bank.flight_path) == (90.0, 63.183)
    assert profile is not None
    # by hand at d = 1 and 2: σ² = 211.819 − 148.756·d² + 71.437·d⁴ − 101.232·d, γ = 0.75 + 1.5 d + 0.25 d²
    alpha, beta, variance, gamma = profile.at([1.0, 2.0])
    assert alpha == pytest.approx([1.2, 0.6])
    assert beta == pytest.approx([0.0378 + 0.0124 + 0.0091, 0.0378 + 0.000775 + 0.002275])
    assert variance == pytest.approx([33.268, 211.819 - 595.024 + 1142.992 - 202.464])
    assert gamma == pytest.approx([2.5, 4.75])
    assert only.warnings == ()


def test_several_banks_and_defaults(tmp_path: Path):
    text = "#Bank 1: x\nType:PNT\nBank:1\ndifC:5000.0;2-theta:150.0\n#Bank 2: y\nType:PNT\nBank:2\ndifC:3000.0\n"
    first, second = read_tof_instrument(written(tmp_path, text, "two.instprm"))
    assert (first.number, first.bank.two_theta, second.number, second.bank.difc) == (1, 150.0, 2, 3000.0)
    assert "lacks 2-theta, alpha" in second.warnings[0]


def test_other_files_are_refused(tmp_path: Path, shared_data: Path):
    for path in (
        shared_data / "formats" / "instprm" / "gsas2_BNL-I.instprm",
        shared_data / "formats" / "prm" / "gsas2_INST_XRY.PRM",
    ):
        with pytest.raises(InputError, match="time of flight"):
            read_tof_instrument(path)


def test_damaged_files_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="line 5"):
        read_tof_instrument(written(tmp_path, INSTPRM.replace("22597.136", "22597,136")))
    with pytest.raises(InputError, match=r"line 5: '--1\.73' is no number"):
        read_tof_instrument(written(tmp_path, PRM.replace("    -1.73", "   --1.73")))
    with pytest.raises(InputError, match="BNKPAR"):
        read_tof_instrument(written(tmp_path, PRM.replace("BNKPAR", "BNKPAX")))
    with pytest.raises(InputError, match="time of flight"):
        read_tof_instrument(written(tmp_path, "1.0 2.0\n2.0 3.0\n"))

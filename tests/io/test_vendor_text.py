"""Vendors' and programs' text formats, each from a small file with known numbers."""

import json

import numpy as np
import pytest

from anatase.errors import InputError

COUNTS = [100, 104, 110, 180, 400, 220, 130, 105]  # arbitrary
X = 20 + 0.02 * np.arange(8)
LINE = " ".join(map(str, COUNTS))


def check(pattern, x=X, counts=COUNTS):
    np.testing.assert_allclose(pattern.x, x, rtol=0, atol=1e-9)
    np.testing.assert_allclose(pattern.intensity, counts)


def test_uxd_reads_counts_positions_and_the_tube(read_bytes):
    header = "_FILEVERSION=2\n_SAMPLE='BT86'\n_WL1=1.540600\n_WL2=1.544390\n_WLRATIO=0.5\n_ANODE='Cu'\n"
    ranged = "; range 1\n_DRIVE='COUPLED'\n_STEPTIME=2.0\n_STEPSIZE=0.02\n_START=20.0\n"
    (pattern,) = read_bytes(f"{header}{ranged}_COUNTS\n{LINE}\n")
    check(pattern)
    assert pattern.radiation.lines == ((1.5406, 1.0), (1.54439, 0.5))
    assert pattern.metadata["step_time"] == 2.0
    listed = "".join(f"{x:.2f}\t{y}\n" for x, y in zip(X, COUNTS, strict=True))
    two = read_bytes(f"{header}{ranged}_2THETACOUNTS\n{listed}{ranged}_2THETACOUNTS\n{listed}")
    assert len(two) == 2
    check(two[1])


def test_uxd_counts_per_second_take_sigma_from_the_counts(read_bytes):
    text = "_FILEVERSION=2\n_DRIVE='COUPLED'\n_STEPTIME=4.0\n_STEPSIZE=0.02\n_START=20.0\n_CPS\n" + LINE
    assert read_bytes(text)[0].sigma[0] == pytest.approx(np.sqrt(100 * 4.0) / 4.0)  # √N / t


def test_rigaku_asc_reads_every_group(read_bytes):
    group = "*BEGIN\n*START = 20.0\n*STOP = 20.14\n*STEP = 0.02\n*COUNT = 8\n" + LINE.replace(" ", ", ") + "\n*END\n"
    head = "*TYPE = Raw\n*GROUP_COUNT = 2\n*TARGET = Co\n*WAVE_LENGTH1 = 1.78892\n*WAVE_LENGTH2 = 1.79278\n"
    first, second = read_bytes(head + group + group + "*EOF\n")
    check(first)
    check(second)
    assert first.radiation.lines == ((1.78892, 1.0), (1.79278, 0.5))
    with pytest.raises(InputError, match="truncated"):
        read_bytes(head + group.replace("105", ""))


def test_ras_multiplies_by_the_attenuator_and_keeps_its_statistics(read_bytes):
    rows = "".join(f"{x:.4f} {y}.0 {10 if i == 4 else 1}.0\n" for i, (x, y) in enumerate(zip(X, COUNTS, strict=True)))
    header = '*RAS_DATA_START\n*RAS_HEADER_START\n*HW_XG_TARGET_NAME "Cu"\n*RAS_HEADER_END\n'
    text = f"{header}*RAS_INT_START\n{rows}*RAS_INT_END\n"
    (pattern,) = read_bytes(text)
    assert pattern.intensity[4] == 4000.0  # 400 counts behind a tenfold attenuator
    assert pattern.sigma[4] == pytest.approx(200.0)  # 10 √400
    assert pattern.radiation.name == "CuKa"


def test_ras_rates_called_counts_are_recognised_by_their_arithmetic(read_bytes):
    rows = "".join(f"{x:.4f} {y / 4.8:.6f} 1.0\n" for x, y in zip(X, COUNTS, strict=True))  # 4.8 s per step
    header = '*RAS_HEADER_START\n*MEAS_SCAN_STEP "0.02"\n*MEAS_SCAN_SPEED "0.25"\n*MEAS_SCAN_SPEED_UNIT "deg/min"\n'
    (pattern,) = read_bytes(f'{header}*MEAS_SCAN_UNIT_Y "counts"\n*RAS_INT_START\n{rows}*RAS_INT_END\n')
    assert pattern.sigma[0] == pytest.approx(np.sqrt(100) / 4.8, rel=1e-4)


def test_ras_scanned_downwards_is_turned_round(read_bytes):
    rows = "".join(f"{x:.4f} {y} 1\n" for x, y in reversed(list(zip(X, COUNTS, strict=True))))
    check(read_bytes(f"*RAS_DATA_START\n*RAS_INT_START\n{rows}*RAS_INT_END\n")[0])


def test_highscore_csv_with_its_sections(read_bytes):
    rows = "".join(f"{x:.2f},4.0,{y},{y**0.5:.3f}\n" for x, y in zip(X, COUNTS, strict=True))
    conditions = (
        "[Measurement conditions]\nAnode material,Co\nK-Alpha1 wavelength,1.78901\nK-Alpha2 wavelength,1.7929\n"
    )
    (pattern,) = read_bytes(f"{conditions}[Scan points]\nAngle,TimePerStep,Intensity,ESD\n{rows}")
    check(pattern)
    assert pattern.sigma[0] == 10.0
    assert pattern.radiation.name == "CoKa"


def test_cpi_udf_chi_and_fullprof(read_bytes):
    cpi = "SIETRONICS XRD SCAN\n20.00\n20.14\n0.02\nCu\n1.54056\n1-1-1900\n0.6\nsample\nSCANDATA\n" + "\n".join(
        map(str, COUNTS)
    )
    check(read_bytes(cpi)[0])
    entries = "SampleIdent,S1 ,/\nDataAngleRange, 20.0000, 20.1400,/\nScanStepSize, 0.020,/\nAnode,Cu,/\n"
    udf = f"{entries}RawScan\n{LINE.replace(' ', ', ')}/\n"
    check(read_bytes(udf)[0])
    chi = "frame.tif\n 2-Theta Angle (Degrees)\n Intensity\n 8\n" + "".join(
        f" {x:.7E} {y:.7E}\n" for x, y in zip(X, COUNTS, strict=True)
    )
    check(read_bytes(chi)[0])
    fullprof = f"20.0 0.02 20.14 a sample\n{LINE}\n"
    check(read_bytes(fullprof)[0])


def test_psi_lists_sigma_behind_the_intensities_and_is_neutron_data(read_bytes):
    text = (
        f"HRPT, sample\nlambda=  1.49400, T=   2.500, Date=2001-06-16\n  20.000   0.020  20.140 1000000.\n{LINE}\n"
        + "3. " * 8
        + "\nFilelist='x'\n"
    )
    (pattern,) = read_bytes(text)
    check(pattern)
    assert np.all(pattern.sigma == 3.0)
    assert (pattern.radiation.probe, pattern.radiation.wavelength) == ("neutron", 1.494)
    assert pattern.metadata["temperature"] == 2.5


def test_gsas_with_the_calibration_that_mantid_writes(read_bytes):
    rows = "".join(f"{5000.0 + 4 * i} {y} 10.0\n" for i, y in enumerate(COUNTS))
    text = "NiFe2O4\n# Instrument: POWGEN\n# Primary flight path 60m\n"
    for bank, (path, angle, difc) in enumerate(((63.18, 90, 22586.1), (62.5, 60, 15586.1)), 1):
        text += f"# Total flight path {path}m, tth {angle}deg, DIFC {difc}\n# Data for spectrum :{bank}\n"
        text += f"BANK {bank} 8 8 SLOG 5000 5028 0.0008 0 FXYE\n{rows}"
    first, second = read_bytes(text)
    names = ("difc", "two_theta", "flight_path")
    assert [first.metadata[name] for name in names] == [22586.1, 90.0, 63.18]
    assert [second.metadata[name] for name in names] == [15586.1, 60.0, 62.5]
    np.testing.assert_array_equal(first.intensity, COUNTS)


def test_gsas_standard_counts_of_several_detectors_have_the_mean_s_variance(read_bytes):
    text = "title\nBANK 1 8 1 CONST 2000 2 0 0 STD\n" + "".join(f"{2:2d}{y:6d}" for y in COUNTS) + "\n"
    (pattern,) = read_bytes(text)
    check(pattern)
    assert pattern.sigma[0] == pytest.approx(np.sqrt(100 / 2))  # mean of two counters


def test_gsas_esd_fxye_and_alt(read_bytes):
    esd = "title\nBANK 1 8 2 CONST 2000 2 0 0 ESD\n" + "".join(f"{y:8.1f}{5:8.1f}" for y in COUNTS) + "\n"
    assert np.all(read_bytes(esd)[0].sigma == 5.0)
    rows = "".join(f"{100 * x:.3f} {y} 4\n" for x, y in zip(X, COUNTS, strict=True))
    check(read_bytes("title\nBANK 1 8 8 CONS 2000 2 0 0 FXYE\n" + rows)[0])
    alt = "title\nBANK 1 8 2 RALF 64000 32 64000 0.001 ALT\n" + "".join(
        f"{64000 + 32 * i:8d}{y:7d}{9:5d}" for i, y in enumerate(COUNTS)
    )
    (pattern,) = read_bytes(alt)
    assert pattern.axis == "tof"
    check(pattern, 2000 + np.arange(8))  # 1/32 µs


def test_gsas_slog_steps_are_in_proportion_to_the_time(read_bytes):
    text = "title\nBANK 1 8 1 SLOG 1000 1010 0.001 0 STD\n" + "".join(f"{y:8d}" for y in COUNTS)
    np.testing.assert_allclose(read_bytes(text)[0].x, 1000 * 1.001 ** np.arange(8), rtol=1e-12)


def test_gsas_time_map_gives_bin_centres_in_microseconds(read_bytes):
    text = "title\nTIME_MAP 1 7 1 TIME_MAP 100\n 1 1000 10 5 1040 20 1120\nBANK 1 8 1 TIME_MAP 1 STD\n" + "".join(
        f"{y:8d}" for y in COUNTS
    )
    (pattern,) = read_bytes(text)
    edges = np.array([1000, 1010, 1020, 1030, 1040, 1060, 1080, 1100, 1120]) * 0.1  # ticks of 100 ns
    np.testing.assert_allclose(pattern.x, (edges[1:] + edges[:-1]) / 2)


def test_truncated_gsas_bank_names_its_line(read_bytes):
    with pytest.raises(InputError, match=r"line 2: bank 1 announces 80 channels, 8 follow"):
        read_bytes("title\nBANK 1 80 8 CONST 2000 2 0 0 STD\n" + "".join(f"{y:8d}" for y in COUNTS))


def test_json_under_any_sensible_names(read_bytes):
    for x, y in (("two_theta", "intensity"), ("two_theta_values", "intensities"), ("2theta", "counts"), ("x", "y")):
        check(read_bytes(json.dumps({"data": {x: X.tolist(), y: COUNTS}, "wavelength": "0.7093"}))[0])
    (pattern,) = read_bytes(json.dumps({"q": X.tolist(), "I": COUNTS, "sigma": [2.0] * 8}))
    assert pattern.axis == "q"
    assert np.all(pattern.sigma == 2.0)


def test_powder_cif_reads_range_s_u_and_wavelengths(read_bytes):
    values = "\n".join(f"{y}({7})" for y in COUNTS)
    cif = f"""data_a
_pd_meas_2theta_range_min 20.0
_pd_meas_2theta_range_max 20.14
_pd_meas_2theta_range_inc 0.02
loop_
_diffrn_radiation_wavelength
_diffrn_radiation_wavelength_wt
0.7093 1.0
0.7136 0.5
loop_
_pd_meas_intensity_total
{values}
"""
    (pattern,) = read_bytes(cif)
    check(pattern)
    assert np.all(pattern.sigma == 7.0)
    assert pattern.radiation.lines == ((0.7093, 1.0), (0.7136, 0.5))


def test_structure_cif_is_refused_as_a_structure(read_bytes):
    with pytest.raises(InputError, match="a structure"):
        read_bytes("data_a\nloop_\n_atom_site_label\n_atom_site_fract_x\nTi 0.0\n")


XRDML = """<?xml version="1.0"?><xrdMeasurements xmlns="http://www.xrdml.com/XRDMeasurement/1.5">
<xrdMeasurement><usedWavelength intended="K-Alpha 1"><kAlpha1>1.540598</kAlpha1><kAlpha2>1.544426</kAlpha2>
<ratioKAlpha2KAlpha1>0.5</ratioKAlpha2KAlpha1></usedWavelength><incidentBeamPath>{beam}<xRayTube>
<anodeMaterial>Cu</anodeMaterial></xRayTube></incidentBeamPath><scan scanAxis="{axis}"><dataPoints>
<positions axis="2Theta"><startPosition>20.0</startPosition><endPosition>20.14</endPosition></positions>
<commonCountingTime>4.0</commonCountingTime>{extra}<{tag} unit="{unit}">{values}</{tag}></dataPoints></scan>
</xrdMeasurement></xrdMeasurements>"""


def xrdml(**changes):
    return XRDML.format(
        **{"beam": "", "axis": "Gonio", "extra": "", "tag": "intensities", "unit": "counts", "values": LINE, **changes}
    )


def test_xrdml_positions_lines_and_time(read_bytes):
    (pattern,) = read_bytes(xrdml())
    check(pattern)
    assert pattern.radiation.lines == ((1.540598, 1.0), (1.544426, 0.5))
    assert pattern.metadata["step_time"] == 4.0


def test_xrdml_counts_per_second_attenuation_and_monochromator(read_bytes):
    (pattern,) = read_bytes(xrdml(unit="cps"))
    assert pattern.sigma[0] == pytest.approx(np.sqrt(100 * 4.0) / 4.0)
    factors = "<beamAttenuationFactors>1 1 1 1 9 1 1 1</beamAttenuationFactors>"
    (pattern,) = read_bytes(xrdml(extra=factors, tag="counts"))
    assert pattern.intensity[4] == 3600.0  # 400 counts behind a ninefold attenuator
    assert pattern.sigma[4] == pytest.approx(9 * 20.0)
    (pattern,) = read_bytes(xrdml(beam="<monochromator><crystal>Ge</crystal></monochromator>"))
    assert pattern.radiation.lines == ((1.540598, 1.0),)


def test_xrdml_rocking_curve_and_document_type_are_refused(read_bytes):
    with pytest.raises(InputError, match="rocking curve"):
        read_bytes(xrdml(axis="Omega"))
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbb">]><xrdMeasurements>&b;</xrdMeasurements>'
    with pytest.raises(InputError, match="document type"):
        read_bytes(bomb)


def test_jade_work_file(read_bytes):
    facts = "<Wave>1.54056</Wave><Npts>8</Npts><Xbeg>20.0</Xbeg><Xend>20.14</Xend>"
    text = f'<?xml version="1.0"?><Jadex><Scan>{facts}<Data> {LINE} </Data></Scan></Jadex>'
    check(read_bytes(text)[0])

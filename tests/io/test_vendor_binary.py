"""Vendors' binary formats, built byte by byte after their published layouts."""

import io
import struct
import zipfile

import numpy as np
import pytest

from anatase.errors import InputError

COUNTS = [100, 104, 110, 180, 400, 220, 130, 105]  # arbitrary
FLOATS = struct.pack("<8f", *COUNTS)


def placed(size, *parts):
    """Return ``size`` bytes with packed values at offsets."""
    data = bytearray(size)
    for offset, layout, *values in parts:
        struct.pack_into("<" + layout, data, offset, *values)
    return bytes(data)


def check(pattern, start=20.0, step=0.02):
    np.testing.assert_allclose(pattern.x, start + step * np.arange(8), rtol=0, atol=1e-5)  # single precision
    np.testing.assert_array_equal(pattern.intensity, COUNTS)


def raw1():
    header = placed(
        152, (0, "I", 8), (4, "f", 3.0), (8, "f", 0.02), (20, "f", 20.0), (68, "f", 1.5406), (72, "f", 1.5444)
    )
    return b"RAW " + header + FLOATS


def raw2():
    header = placed(256, (0, "4sH", b"RAW2", 1), (188, "2s", b"Cu"), (190, "fff", 1.5406, 1.5444, 0.5))
    return header + placed(60, (0, "HH", 60, 8), (8, "fff", 3.0, 0.02, 20.0)) + FLOATS


def raw3(ranges=1):
    header = placed(
        712,
        (0, "8s", b"RAW1.01\0"),
        (12, "I", ranges),
        (608, "4s", b"Co"),
        (616, "5d", 1.79, 1.78897, 1.79285, 1.62, 0.5),
    )
    one = (
        placed(304, (0, "II", 304, 8), (8, "dd", 10.0, 20.0), (176, "d", 0.02), (192, "f", 2.0), (252, "II", 4, 0))
        + FLOATS
    )
    return header + one * ranges


def raw4():
    header = b"RAW4.00" + bytes(54)
    sample = placed(39, (0, "II", 10, 39), (12, "24s", b"SAMPLEID"), (36, "3s", b"abc"))
    tube = placed(120, (0, "II", 30, 120), (72, "5d", 1.5418, 1.5406, 1.54439, 1.39, 0.5), (116, "4s", b"Cu"))
    scan = placed(160, (32, "24s", b"Locked Coupled"), (72, "ddIf", 20.0, 0.02, 8, 1.0), (136, "II", 8, 0))
    return header + sample + tube + scan + b"".join(struct.pack("<ff", y, 1e-45) for y in COUNTS)


def stoe(width="i"):
    header = placed(512, (0, "16s", b"RAW_1.06Powdat"), (322, "ff", 1.5406, 0.0), (378, "H", 1), (480, "H", 2))
    extremes = (120, "ii", min(COUNTS), max(COUNTS))
    scan = placed(512, (34, "H", 8), (40, "f", 1.0), (44, "7f", 20.0, 10.0, 20.14, 10.07, 0.02, 0.01, 30.0), extremes)
    counts = struct.pack(f"<8{width}", *COUNTS)
    return header + scan + counts + bytes(512 - len(counts))


@pytest.mark.parametrize(
    "data", [raw1(), raw2(), raw3(), raw4(), stoe(), stoe("h")], ids=["v1", "v2", "v3", "v4", "stoe", "stoe16"]
)
def test_axis_counts_and_wavelength(read_bytes, data):
    (pattern,) = read_bytes(data)
    check(pattern)
    assert not pattern.radiation.assumed


@pytest.mark.parametrize("data", [raw1(), raw2(), raw3(), raw4(), stoe()], ids=["v1", "v2", "v3", "v4", "stoe"])
def test_every_truncation_is_an_input_error(read_bytes, data):
    last = len(data) - (513 if data.startswith(b"RAW_") else 1)  # a STOE record is padded
    for size in (*range(8, last, 41), last):
        with pytest.raises(InputError):
            read_bytes(data[:size])


def test_ranges_sample_and_both_lines_are_kept(read_bytes):
    patterns = read_bytes(raw3(3))
    assert len(patterns) == 3
    assert patterns[0].radiation.lines == ((1.78897, 1.0), (1.79285, 0.5))
    (pattern,) = read_bytes(raw4())
    assert pattern.metadata["sample"] == "abc"


def archive(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return buffer.getvalue()


def test_rasx_profile_with_conditions(read_bytes):
    tube = "<TargetName>Cu</TargetName><WaveType>Ka1</WaveType><WavelengthKalpha1>1.540593</WavelengthKalpha1>"
    conditions = f"<M><XrayGenerator>{tube}</XrayGenerator></M>"
    rows = "".join(f"{20 + 0.02 * i:.4f}\t{y}\t1\r\n" for i, y in enumerate(COUNTS))
    (pattern,) = read_bytes(
        archive({"Data0/Profile0.txt": "\ufeff" + rows, "Data0/MesurementConditions0.xml": conditions})
    )
    check(pattern)
    assert pattern.radiation.lines == ((1.540593, 1.0),)


def test_brml_columns_follow_the_data_views(read_bytes):
    rows = "".join(f"<Datum>1.5,2,{20 + 0.02 * i:.4f},{10 + 0.01 * i:.4f},{y}</Datum>" for i, y in enumerate(COUNTS))
    views = (
        '<RawDataView Start="0" LogicName="MeasuredTime"/><RawDataView Start="1" LogicName="AbsorptionFactor"/>'
        '<RawDataView type="VaryingRawDataView" Start="2"><FieldDefinitions FieldName="TwoTheta"/>'
        '<FieldDefinitions FieldName="Theta"/></RawDataView>'
        '<RawDataView type="RecordedRawDataView" Start="4" Length="1"/>'
    )
    lines = '<WaveLengthAlpha1 Value="1.5406"/><WaveLengthAlpha2 Value="1.54439"/><WaveLengthRatio Value="0.5"/>'
    xml = f'<RawData><DataRoute RouteFlag="Measured">{rows}{views}</DataRoute><Tube>{lines}</Tube></RawData>'
    (pattern,) = read_bytes(archive({"Experiment0/RawData0.xml": xml}))
    np.testing.assert_array_equal(pattern.intensity, COUNTS)  # stored corrected for the absorber
    assert pattern.sigma[0] == pytest.approx(2 * np.sqrt(50))  # 50 counts behind an absorber of factor 2
    assert pattern.radiation.lines == ((1.5406, 1.0), (1.54439, 0.5))


def test_spreadsheet_cells_shared_and_inline(read_bytes):
    rows = "".join(
        f'<row r="{i + 2}"><c r="A{i + 2}"><v>{20 + 0.02 * i:.2f}</v></c><c r="B{i + 2}"><v>{y}</v></c></row>'
        for i, y in enumerate(COUNTS)
    )
    head = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>counts</t></is></c></row>'
    sheet = f"<worksheet><sheetData>{head}{rows}</sheetData></worksheet>"
    members = {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": "<sst><si><t>2theta</t></si></sst>"}
    check(read_bytes(archive(members))[0])


def test_zip_bomb_and_foreign_zip_are_refused(read_bytes, monkeypatch):
    with pytest.raises(InputError, match="no BRML"):
        read_bytes(archive({"readme.txt": "hello"}))
    monkeypatch.setattr("anatase.io.archive.MAX_BYTES", 1000)
    with pytest.raises(InputError, match="unpacks to more"):
        read_bytes(archive({"Experiment0/RawData0.xml": " " * 100_000}))


def test_nexus_data_group(read_bytes, tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.nxs", "w") as file:
        group = file.create_group("entry/data")
        group.attrs.update({"NX_class": "NXdata", "signal": "counts", "axes": "q"})
        group["counts"] = COUNTS
        group["q"] = 20 + 0.02 * np.arange(8)
        group["q"].attrs["units"] = "nm^-1"
        image = file.create_group("entry/image")
        image.attrs.update({"NX_class": "NXdata", "signal": "frame"})
        image["frame"] = np.ones((4, 4))
    (pattern,) = read_bytes((tmp_path / "a.nxs").read_bytes())
    assert pattern.axis == "q"
    check(pattern, 2.0, 0.002)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"II*\0" + bytes(100), "two-dimensional detector frame"),
        (b"###CBF: VERSION 1.5\r\n" + bytes(100), "two-dimensional detector frame"),
        (b"{\nHEADER_BYTES=512;\n", "two-dimensional detector frame"),
        (b"VAMAS Surface Chemical Analysis Standard Data Transfer Format 1988 May 4\n", "VAMAS"),
        (b"%PDF-1.4\n", "PDF"),
        (b"INS   BANK      1\nINS   HTYPE   PXCR\n", "instrument parameter file"),
        (bytes(range(256)) * 4, "binary data of no known pattern format"),
        (b'<?xml version="1.0"?><Sample lexsygID="0"><Curve curveType="measured"/></Sample>', "luminescence"),
    ],
)
def test_other_files_are_refused_by_what_they_are(read_bytes, data, words):
    with pytest.raises(InputError, match=words):
        read_bytes(data)

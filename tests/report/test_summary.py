from __future__ import annotations

import csv
import math

from anatase.report.summary import COLUMNS, summary_csv, write_summary


def rows_of(text):
    return list(csv.DictReader(text.splitlines()))


def test_row_per_phase_and_one_for_none(synthetic):
    rows = rows_of(summary_csv([synthetic(2, 400), synthetic(0, 400)]))
    assert [row["phase"] for row in rows] == ["Anatase", "Zincite", ""]
    assert tuple(rows[0]) == COLUMNS
    assert (rows[1]["weight_percent"], rows[1]["weight_percent_su"]) == ("60.000", "0.420")  # as put in: 0.6, 0.0042
    assert [row["phases"] for row in rows] == ["2", "2", "0"]
    assert rows[0]["unexplained_percent"] == "3.10"


def test_spreadsheets_find_no_formula_and_no_nan(synthetic):
    text = summary_csv([synthetic(1, 400, warnings=('=HYPERLINK("http://x")', "b"), rwp=math.nan)])
    row = rows_of(text)[0]
    assert row["warnings"].startswith("'=")
    assert row["rwp"] == ""


def test_file_holds_the_summary(two_phases, tmp_path):
    write_summary([two_phases], tmp_path / "summary.csv")
    assert (tmp_path / "summary.csv").read_text("utf-8") == summary_csv([two_phases])


def test_probabilities_and_limits_have_columns(probable):
    row = rows_of(summary_csv([probable]))[1]
    assert (row["probability"], row["set_probability"], row["unknown_probability"]) == ("0.934", "0.870", "0.070")
    assert (row["weight_percent_su"], row["weight_percent_su_fit"]) == ("0.420", "0.130")
    assert row["members"] == "x/GaN | openchemistry/fluorapatite"
    assert (row["amorphous_percent"], row["amorphous_percent_su"]) == ("23.000", "4.000")
    assert row["detection_limits"].startswith(
        "Fluorapatite (Ca₅P₃O₁₂F, P6₃/m), if present, is below 0.84 wt% at 95 % | rutile"
    )


def test_what_is_unknown_is_empty(two_phases):
    row = rows_of(summary_csv([two_phases]))[0]
    unknown = ("probability", "set_probability", "unknown_probability", "amorphous_percent", "detection_limits")
    assert [row[name] for name in unknown] == [""] * 5

"""Names for phases and histograms."""

from __future__ import annotations

from anatase.io.plain_names import plain_name


def test_names_are_plain_and_unlike():
    taken: set[str] = set()
    names = [
        plain_name(text, "phase_1", taken) for text in ("rock salt", "Rock*salt", " [?] ", "", "Fe3+/II", "α-Al2O3")
    ]
    assert names == ["rock_salt", "Rock_salt_2", "phase_1", "phase_1_2", "Fe3+_II", "α-Al2O3"]
    assert not any(mark in name for name in names for mark in ".*?[] ")

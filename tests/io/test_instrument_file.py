"""Files that are no instrument files."""

from __future__ import annotations

from pathlib import Path

import pytest

from anatase.errors import InputError
from anatase.io.instrument_file import read_instrument


def test_other_files_are_refused(tmp_path: Path):
    path = tmp_path / "scan.xy"
    for data, message in (
        (b"1.0 2.0\n2.0 3.0\n", "type unknown"),
        (b"\x00\x01" * 80, "no instrument file"),
        (b"", "empty"),
        (b"INS   BANK      1\n", "type unknown"),
        (b"INS   HTYPE   PXCR\n", "no bank has an ICONS card"),
    ):
        path.write_bytes(data)
        with pytest.raises(InputError, match=message):
            read_instrument(path)
    with pytest.raises(InputError, match="no such file"):
        read_instrument(tmp_path / "none.prm")

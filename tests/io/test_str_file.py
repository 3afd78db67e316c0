"""Structure files named .str, of BGMN and of TOPAS."""

from __future__ import annotations

from pathlib import Path

import pytest

from anatase.errors import InputError
from anatase.io.structure_files import read_structure

BGMN = "PHASE=Si SpacegroupNo=227 HermannMauguin=F4_1/d-32/m OriginChoice=1\nPARAM=A=0.5431_0.53^0.55\nE=SI Wyckoff=a\n"
TOPAS = "'silicon\nstr\n\tphase_name Si space_group Fd-3m:1\n\tCubic(@ 5.431)\n\tsite Si x 0 y 0 z 0 occ Si 1 beq 0.5\n"


MACRO = "STR(Fd-3m:1)\n\tCubic(@ 5.431)\n\tsite Si x 0 y 0 z 0 occ Si 1 beq 0.5\n"


@pytest.mark.parametrize("content", [BGMN, TOPAS, MACRO])
def test_either_program(tmp_path: Path, content: str) -> None:
    path = tmp_path / "si.str"
    path.write_text(content)
    structure = read_structure(path)
    assert structure.formula_units_per_cell == 8
    assert structure.lattice.a == pytest.approx(5.431)


def test_neither_program(tmp_path: Path) -> None:
    path = tmp_path / "a.str"
    path.write_text("nothing of either\n")
    with pytest.raises(InputError, match="no SpacegroupNo"):
        read_structure(path)

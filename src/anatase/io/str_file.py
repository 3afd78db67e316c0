"""Structure files named .str: BGMN's, or those of TOPAS."""

from __future__ import annotations

import re
from pathlib import Path

from anatase.crystal.structure import Structure

__all__ = ["read_str"]

TOPAS = re.compile(r"^\s*(?:str\b|STR\s*\(|space_group\b|site\s)", re.MULTILINE)
BGMN = re.compile(r"\bSpaceg\w+No=|^\s*PHASE=|^E=", re.MULTILINE)


def read_str(path: str | Path) -> list[Structure]:
    """Return the structures of a ``.str`` file: one of BGMN, which is the default, or the phases of TOPAS.

    Raises
    ------
    InputError
        When the file cannot be read as what it is.
    """
    from anatase.io.bgmn import read_bgmn
    from anatase.io.topas_inp import read_topas_structures

    head = Path(path).read_bytes()[:65536].decode("latin-1")
    if TOPAS.search(head) and not BGMN.search(head):
        return read_topas_structures(path)
    return read_bgmn(path)

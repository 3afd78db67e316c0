"""Bytes to patterns and back: vendors' scans, powder CIF, text columns; see ``READERS`` for the formats."""

from __future__ import annotations

from anatase.io.read import read, read_scans
from anatase.io.registry import READERS
from anatase.io.write import WRITERS, write

__all__ = ["READERS", "WRITERS", "read", "read_scans", "write"]

"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of measured evaluation data, or skip where it is absent."""
    folder = Path(os.environ.get("ANATASE_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not (folder / "README.md").exists():
        pytest.skip(f"evaluation data not found at {folder}; set ANATASE_DATA to its folder")
    return folder

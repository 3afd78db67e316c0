"""The hand-made answers of synthetic.py as fixtures."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from anatase.identify.answer import Identification


@pytest.fixture(scope="session")
def synthetic() -> Callable[..., Identification]:
    """Return the maker of hand-made identifications."""
    spec = importlib.util.spec_from_file_location("synthetic", Path(__file__).with_name("synthetic.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.synthetic


@pytest.fixture(scope="session")
def two_phases(synthetic: Callable[..., Identification]) -> Identification:
    """Return anatase and zincite with one stray peak."""
    return synthetic(2)

"""The hand-made answers of synthetic.py and the refinements of refined.py as fixtures."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from anatase.identify.answer import Identification
from anatase.refine.refinement import Refinement


def beside(name: str) -> Any:
    """Return a module of this folder."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def synthetic() -> Callable[..., Identification]:
    """Return the maker of hand-made identifications."""
    maker: Callable[..., Identification] = beside("synthetic").synthetic
    return maker


@pytest.fixture(scope="session")
def mixture() -> Refinement:
    """Return the refinement of a simulated X-ray pattern of rutile and anatase."""
    answer: Refinement = beside("refined").refined()
    return answer


@pytest.fixture(scope="session")
def joint() -> Refinement:
    """Return the joint refinement of simulated X-ray and neutron patterns of rutile."""
    answer: Refinement = beside("refined").refined(("xray", "neutron"), 1)
    return answer


@pytest.fixture(scope="session")
def two_phases(synthetic: Callable[..., Identification]) -> Identification:
    """Return anatase and zincite with one stray peak."""
    return synthetic(2)


@pytest.fixture(scope="session")
def single() -> Refinement:
    """Return the refinement of a simulated X-ray pattern of rutile."""
    answer: Refinement = beside("refined").refined(phases=1)
    return answer


@pytest.fixture(scope="session")
def flight() -> Refinement:
    """Return the joint refinement of simulated X-ray and time-of-flight patterns of rutile."""
    answer: Refinement = beside("refined").refined(("xray", "tof"), 1)
    return answer

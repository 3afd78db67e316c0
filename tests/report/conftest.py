"""The hand-made answers of synthetic.py and the refinements of refined.py as fixtures."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from anatase.estimate import Estimate
from anatase.identify.answer import Alternative, DetectionLimit, Identification, PhaseLabel
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
def probable(two_phases: Identification) -> Identification:
    """Return anatase and zincite with all that a calibrated answer says: odds, members, limits, amorphous part."""
    label = two_phases.alternatives[0].phases[1]  # fluorapatite
    anatase, zincite = two_phases.phases
    phases = (
        replace(anatase, probability=0.998, fitted_fraction=Estimate(0.4, 0.0013)),
        replace(
            zincite,
            probability=0.934,
            fitted_fraction=Estimate(0.6, 0.0013),
            members=(
                PhaseLabel("GaN", "GaN", 186, "P 63 m c", "x/GaN"),
                replace(label, name="wurtzite", formula="ZnS"),
            ),
        ),
    )
    other = Alternative((anatase.label, label), 5.2, 0.05)
    return replace(
        two_phases,
        phases=phases,
        alternatives=(other, replace(other, phases=(anatase.label,), probability=0.004)),
        probability=0.87,
        unknown_probability=0.07,
        coverage=0.9,
        in_coverage=1,
        detection_limits=(DetectionLimit(label, 0.0084), DetectionLimit(replace(label, name="rutile"), 0.021)),
        amorphous_fraction=Estimate(0.23, 0.04),
    )


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

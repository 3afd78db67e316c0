"""The Frame: what it accepts and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.detector_geometry import DetectorGeometry
from anatase.pattern.frame import Frame

GEOMETRY = DetectorGeometry.facing(0.1, (1.0, 1.5), 1e-4, (3, 4))


def test_images_become_read_only_doubles():
    frame = Frame(np.arange(12, dtype=np.uint16).reshape(3, 4), geometry=GEOMETRY)  # type: ignore[arg-type]
    assert frame.image.dtype == np.float64
    assert frame.shape == (3, 4)
    assert frame.mask is not None
    assert not frame.mask.any()
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0, 0] = 1.0


@pytest.mark.parametrize(
    "given",
    [
        {"image": np.zeros(4)},
        {"image": np.zeros((3, 4)), "mask": np.zeros((4, 3), bool)},
        {"image": np.zeros((4, 3)), "geometry": GEOMETRY},
    ],
)
def test_shapes_that_differ_are_refused(given):
    with pytest.raises(InputError, match=r"^a\.cbf: image, mask and geometry have shapes"):
        Frame(**given, name="a.cbf")


def test_warnings_add_up():
    frame = Frame(np.zeros((3, 4)), warnings=("one",)).with_warnings("two")
    assert frame.warnings == ("one", "two")

"""Frames drawn in grey: dark where bright, row 0 at the bottom."""

from __future__ import annotations

import numpy as np
import pytest

from anatase.errors import InputError
from anatase.pattern.frame import Frame
from anatase.report.frame_picture import frame_levels


def test_row_0_lies_at_the_bottom():
    image = np.zeros((4, 3))
    image[0, 2] = 100.0
    levels = frame_levels(Frame(image))
    assert levels[3, 2] == 0
    assert (levels == 255).sum() == 11


def test_square_root_of_the_intensity():
    levels = frame_levels(Frame(np.array([[400.0, 100.0, 0.0]])))
    top = np.quantile([400.0, 100.0], 0.995)  # the pixel drawn black
    assert levels[0].tolist() == [0, round(255 * (1 - (100.0 / top) ** 0.5)), 255]


def test_masked_pixels_are_white_and_set_no_scale():
    image = np.array([[1e6, 50.0, 50.0]])
    levels = frame_levels(Frame(image, np.array([[True, False, False]])))
    assert levels[0].tolist() == [255, 0, 0]


def test_a_dark_frame_is_refused():
    with pytest.raises(InputError, match="nothing falls on the detector"):
        frame_levels(Frame(np.zeros((2, 2))))

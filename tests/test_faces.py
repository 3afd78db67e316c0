"""What answers show of themselves exists, and is loaded only when it is asked for."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from anatase.faces import FACES
from anatase.identify.answer import Identification
from anatase.identify.joint_answer import JointIdentification
from anatase.refine.refinement import Refinement


@pytest.mark.parametrize("answer", FACES)
def test_every_face_exists(answer):
    assert set(FACES[answer]) == set(FACES["Identification"])
    for place in FACES[answer].values():
        module, _, function = place.partition(":")
        assert callable(getattr(import_module(module), function)), place


def test_answers_are_those_of_the_table():
    assert {one.__name__ for one in (Identification, JointIdentification, Refinement)} == set(FACES)


def test_answers_load_no_report():
    code = (
        "import sys, anatase.identify.answer, anatase.refine.refinement;"
        "print([m for m in sys.modules if m.startswith(('anatase.report', 'matplotlib', 'rich'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

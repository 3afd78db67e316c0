"""The public surface: the verbs that ``import anatase`` offers, and what it costs."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import anatase
from anatase.errors import InputError
from anatase.pattern.pattern import Pattern
from anatase.scattering.reflections import Reflections

VERBS = [
    "find_peaks", "identify", "identify_joint", "open_library", "rank", "read", "read_structure", "refine",
    "simulate", "simulate_lines", "simulate_many",
]  # fmt: skip
HEAVY = ("numpy", "numba", "scipy", "gemmi", "h5py", "click", "rich", "matplotlib", "torch")


def test_the_verbs_are_these():
    assert sorted(anatase.__all__) == VERBS
    for name in VERBS:
        assert callable(getattr(anatase, name)), name
        assert name in dir(anatase)


def test_a_verb_stays_one_after_its_modules_are_imported():
    import anatase.identify.identify
    import anatase.refine.refine
    import anatase.simulation.lines

    assert callable(anatase.simulate)
    # the stages of these names are packages: called, they are the verb
    with pytest.raises(InputError, match=r"nowhere\.xy: there is no such file"):
        anatase.identify("nowhere.xy")
    with pytest.raises(InputError, match=r"nowhere\.xy: there is no such file"):
        anatase.refine("nowhere.xy", "nowhere.cif")
    assert anatase.identify.identify is sys.modules["anatase.identify.identify"].identify


def test_import_is_light():
    code = f"import sys, anatase; print([m for m in {HEAVY} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_from_a_file_to_lines_and_pattern(tmp_path):
    file = tmp_path / "iron.cif"
    cell = "".join(f"_cell_length_{a} 2.8665\n" for a in "abc") + "".join(
        f"_cell_angle_{a} 90\n" for a in ("alpha", "beta", "gamma")
    )
    loop = "loop_\n" + "".join(f"_atom_site_{n}\n" for n in ("label", "fract_x", "fract_y", "fract_z"))
    file.write_text(f"data_iron\n{cell}_space_group_name_H-M_alt 'I m -3 m'\n{loop}Fe 0 0 0\n")
    structure = anatase.read_structure(file)
    lines = anatase.simulate_lines(structure, wavelength=1.54056, two_theta=(5.0, 90.0), probe="xray")
    assert isinstance(lines, Reflections)
    assert lines.hkl.tolist() == [[1, 1, 0], [2, 0, 0], [2, 1, 1]]
    pattern = anatase.simulate(structure, wavelength="CuKa1", two_theta=(5.0, 90.0), step=0.02)
    assert isinstance(pattern, Pattern)
    assert pattern.x.shape == pattern.intensity.shape == (4251,)
    assert abs(pattern.x[pattern.intensity.argmax()] - lines.two_theta[0]) < 0.02
    (same,) = anatase.simulate_many([structure], wavelength="CuKa1", workers=1)
    np.testing.assert_array_equal(same.intensity, pattern.intensity)

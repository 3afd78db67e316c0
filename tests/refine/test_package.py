"""What ``anatase.refine`` offers, and that asking for it costs nothing before it is used."""

from __future__ import annotations

import subprocess
import sys

SAID = """
import sys
import anatase.refine
print("numpy" in sys.modules, "refine" in dir(anatase.refine))
import anatase.refine.refine  # the module does not take the place of the verb
from anatase.refine import Parameter, Refinement, Step, refine
print(callable(refine), anatase.refine.refine is refine, Step.__name__)
try:
    anatase.refine.nothing
except AttributeError as error:
    print(error)
"""


def test_names_are_imported_when_they_are_used():
    done = subprocess.run([sys.executable, "-W", "error", "-c", SAID], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        "False True",
        "True True Step",
        "module 'anatase.refine' has no attribute 'nothing'",
    ]

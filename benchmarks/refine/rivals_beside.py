"""rietx and easydiffraction on the same data, each in a process of its own, beside the same fits of ours."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bars import Bar, best_of
from fluorapatite import apatite_model, apatite_stages
from neutrons import lbco_model, lbco_stages
from settings import Settings
from staged import staged

__all__ = ["rivals_beside"]

FASTER = 1.0  # ratio of CPU seconds, theirs over ours
LIMIT = 600.0  # s


def _asked(settings: Settings, script: str, module: str, folder: Path) -> dict[str, Any] | None:
    """Return what a rival's script tells, or say why there is nothing."""
    found = subprocess.run([settings.rivals, "-c", f"import {module}"], capture_output=True, check=False)
    if found.returncode:
        print(f"  {module} is not installed: pip install {module}, and name its Python with --rivals")
        return None
    path = Path(__file__).parent / "rivals" / script
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run([settings.rivals, str(path), str(folder.resolve())], capture_output=True, text=True,
                              cwd=scratch, timeout=LIMIT, check=False)  # fmt: skip
    if done.returncode:
        print(f"  {module} failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        return None
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def rivals_beside(settings: Settings) -> list[Bar]:
    """Run each rival that is installed and print the ratio of processor time."""
    bars = []
    folder = settings.data / "refine" / "fap"
    if told := _asked(settings, "rietx_fluorapatite.py", "rietx", folder):
        model = apatite_model(folder, json.loads((folder / "g2_fap_eq.json").read_text()))
        stages = apatite_stages(model)
        rwp = staged(model, stages).residuals.total
        ours = best_of(lambda: staged(model, stages), 3).cpu
        print(f"  fluorapatite, rietx {told['version']}: Rwp {told['rwp']:.3f} %, {told['parameters']} parameters, "
              f"{told['seconds']:.2f} s; ours {rwp:.3f} %, {ours:.2f} s")  # fmt: skip
        bars.append(Bar("fluorapatite, rietx's CPU over ours", told["seconds"] / ours, FASTER, True))
    folder = settings.data / "refine" / "easydiff"
    if told := _asked(settings, "easydiffraction_lbco.py", "easydiffraction", folder):
        neutron = lbco_model(folder)
        chi2 = staged(neutron, lbco_stages()).gof ** 2
        ours = best_of(lambda: staged(neutron, lbco_stages()), 3).cpu
        print(f"  LBCO, easydiffraction {told['version']}: reduced χ² {told['chi2']:.4f}, {told['seconds']:.2f} s; "
              f"ours {chi2:.4f}, {ours:.2f} s")  # fmt: skip
        bars.append(Bar("LBCO, easydiffraction's CPU over ours", told["seconds"] / ours, FASTER, True))
    return bars

"""Run a job in the Python that has GSAS-II."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anatase.errors import ConvergenceError, InputError
from anatase.estimate import Estimate
from anatase.refine.gsas2 import worker
from anatase.refine.gsas2.job import Job, Place, job_of
from anatase.refine.model import RefinementModel

__all__ = ["VARIABLE", "Gsas2Answer", "refine_with_gsas2"]

VARIABLE = "ANATASE_GSAS2_PYTHON"  # names the Python that has GSAS-II
HOURS = 1.0


@dataclass(frozen=True)
class Gsas2Answer:
    """What GSAS-II found: Rwp (percent) of each histogram, GOF, parameters by our names in our units, CPU seconds.

    ``warnings`` tell what could not be asked of it, and whether it says that it converged.
    """

    rwp: dict[str, float]
    gof: float
    parameters: dict[str, Estimate]
    converged: bool
    seconds: float
    warnings: tuple[str, ...] = ()


def refine_with_gsas2(
    model: RefinementModel,
    stages: Sequence[Sequence[str]],
    *,
    folder: Path | None = None,
    python: str | Path | None = None,
    cycles: int = 10,
) -> Gsas2Answer:
    """Refine a model with GSAS-II from the same start, stage by stage, and return its values in our names and units.

    Parameters
    ----------
    model
        Where to start: Rietveld phases, patterns at constant wavelength.
    stages
        The parameters that each stage frees besides those before; absent in GSAS-II: held there, with a warning.
    folder
        Keeps the project ``refinement.gpx`` and its files; a temporary one by default.
    python
        The Python that has GSAS-II; that of the environment's ``ANATASE_GSAS2_PYTHON``, else this one.
    cycles
        Of GSAS-II in each stage.

    Raises
    ------
    InputError
        When that Python has no GSAS-II, or GSAS-II has no place for the model.
    ConvergenceError
        When GSAS-II stops with an error; the message carries its last line.
    """
    chosen = str(python or os.environ.get(VARIABLE) or sys.executable)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        return _refined(job_of(model, stages, folder.resolve(), cycles), folder.resolve(), chosen)
    with tempfile.TemporaryDirectory() as scratch:
        return _refined(job_of(model, stages, Path(scratch), cycles), Path(scratch), chosen)


def _refined(job: Job, folder: Path, python: str) -> Gsas2Answer:
    question, answer = folder / "job.json", folder / "answer.json"
    answer.unlink(missing_ok=True)
    question.write_text(json.dumps(job.told), encoding="utf-8")
    command = [python, str(Path(worker.__file__)), str(question), str(answer)]
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, timeout=3600.0 * HOURS, check=False
        )
    except OSError as error:
        raise InputError(f"{python} cannot be run: {error.strerror}", f"name a Python with {VARIABLE}") from None
    except subprocess.TimeoutExpired:
        raise ConvergenceError(f"GSAS-II did not end within {HOURS:g} h") from None
    if done.returncode == worker.ABSENT:
        raise InputError(
            f"{python} has no GSAS-II",
            f"install it (https://gsas-ii.readthedocs.io) and name its Python with {VARIABLE}",
        )
    if done.returncode or not answer.exists():
        lines = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()
        raise ConvergenceError(f"GSAS-II stopped with an error: {lines[-1]}")
    return _answer(json.loads(answer.read_text(encoding="utf-8")), job)


def _answer(told: dict[str, Any], job: Job) -> Gsas2Answer:
    parameters = {name: found for name, place in job.places.items() if (found := _estimate(told, place)) is not None}
    warnings = list(job.left_out)
    if lost := [name for name in job.places if name not in parameters]:
        warnings.append(f"GSAS-II's answer lacks {', '.join(lost)}")
    if not told["converged"]:
        warnings.append("GSAS-II does not say that it converged")
    return Gsas2Answer(
        dict(told["rwp"]), float(told["gof"]), parameters, bool(told["converged"]), float(told["seconds"]),
        tuple(warnings),
    )  # fmt: skip


def _estimate(told: dict[str, Any], place: Place) -> Estimate | None:
    value = _found(told, place.value)
    if value is None:
        return None
    su = _found(told, place.su)
    return Estimate(value * place.unit, abs(su * place.unit) if su else None)


def _found(told: Any, way: Sequence[str | int]) -> float | None:
    for step in way:
        try:
            told = told[step]
        except (KeyError, IndexError):
            return None
    return float(told)

"""What runs in GSAS-II's own Python: a job in JSON, refined through GSASIIscriptable, an answer in JSON.

Nothing of anatase is imported here, for that Python need not have it: ``python worker.py job.json answer.json``. The
calls are those of GSASIIscriptable's documentation (G2Project, G2PwdrData, G2Phase; gsas-ii.readthedocs.io).
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

__all__ = ["ABSENT", "carried_out", "scriptable"]

ABSENT = 3  # exit code where this Python has no GSAS-II
HOMES = ("GSASII.GSASIIscriptable", "G2script", "GSASIIscriptable")  # of a package, a shortcut, a folder on the path
CELL = ("length_a", "length_b", "length_c", "angle_alpha", "angle_beta", "angle_gamma")


def scriptable() -> Any:
    """Return the module GSASIIscriptable, or ``None``."""
    for name in HOMES:
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    return None


def carried_out(job: dict[str, Any], module: Any) -> dict[str, Any]:
    """Make the project, refine it stage by stage, and return what came out."""
    start = time.process_time()
    project = module.G2Project(newgpx=job["project"])
    project.set_Controls("cycles", job["cycles"])
    histograms = {one["name"]: _histogram(project, one) for one in job["histograms"]}
    phases = {one["name"]: _phase(project, one, list(histograms.values())) for one in job["phases"]}
    for part in job["parts"]:
        _start_part(phases[part["phase"]], histograms[part["histogram"]], part)
    stages = []
    for stage in job["stages"]:
        for name, settings in stage["histograms"].items():
            histograms[name].set_refinements(settings)
        for name, settings in stage["phases"].items():
            phases[name].set_refinements(settings)
        for name, other, settings in stage["parts"]:
            phases[name].set_HAP_refinements(settings, histograms=[histograms[other]])
        project.refine()
        stages.append({name: float(one.get_wR()) for name, one in histograms.items()})
    return _answer(project, histograms, phases, stages) | {"seconds": time.process_time() - start}


def _histogram(project: Any, told: dict[str, Any]) -> Any:
    histogram = project.add_powder_histogram(told["data"], told["instrument"], fmthint="xye")
    histogram.set_refinements({"Limits": told["limits"]})
    if told["excluded"]:
        histogram.Excluded(told["excluded"])
    histogram.clear_refinements({"Background": {"refine": False}, "Sample Parameters": ["Scale"]})
    terms = {"type": "chebyschev-1", "no. coeffs": len(told["background"]), "coeffs": told["background"]}
    histogram.set_refinements({"Background": {**terms, "refine": False}})
    histogram.SampleParameters["Type"] = told["geometry"]
    histogram.SampleParameters["Gonio. radius"] = told["radius"]
    for name, value in told["sample"].items():
        histogram.SampleParameters[name][0] = value
    return histogram


def _phase(project: Any, told: dict[str, Any], histograms: list[Any]) -> Any:
    return project.add_phase(told["structure"], phasename=told["name"], histograms=histograms, fmthint="CIF")


def _start_part(phase: Any, histogram: Any, told: dict[str, Any]) -> None:
    if "size" in told:
        phase.setSampleProfile(histogram, "size", "isotropic", told["size"])
    if "strain" in told:
        phase.setSampleProfile(histogram, "microstrain", "isotropic", told["strain"])
    phase.data["Histograms"][histogram.name]["Scale"][0] = told["scale"]


def _answer(
    project: Any, histograms: dict[str, Any], phases: dict[str, Any], stages: list[dict[str, float]]
) -> dict[str, Any]:
    found = project.data["Covariance"]["data"]
    figures = found.get("Rvals", {})
    su = {name: float(value) for name, value in zip(found.get("varyList", []), found.get("sig", []))}  # noqa: B905
    groups = ("cell", "cell_su", "atoms", "instrument", "sample", "background", "parts")
    answer: dict[str, Any] = {"su": su, "stages": stages, "rwp": stages[-1] if stages else {}}
    answer |= {group: {} for group in groups}
    answer["gof"] = float(figures.get("GOF", float("nan")))
    answer["converged"] = bool(figures.get("converged", False))
    for name, phase in phases.items():
        cell, cell_su = phase.get_cell_and_esd()
        answer["cell"][name] = {one: float(cell[one]) for one in CELL}
        answer["cell_su"][name] = {one: float(cell_su.get(one, 0.0)) for one in CELL}
        answer["atoms"][name] = [[*map(float, one.coordinates), float(one.uiso)] for one in phase.atoms()]
        answer["parts"][name] = {}
        for other, histogram in histograms.items():
            own = phase.data["Histograms"][histogram.name]
            answer["parts"][name][other] = {"size": float(own["Size"][1][0]), "strain": float(own["Mustrain"][1][0])}
    for name, histogram in histograms.items():
        numbers = histogram.InstrumentParameters.items()
        answer["instrument"][name] = {one: float(v[1]) for one, v in numbers if _is_number(v)}
        numbers = histogram.SampleParameters.items()
        answer["sample"][name] = {one: float(v[0]) for one, v in numbers if isinstance(v, list) and v}
        answer["background"][name] = [float(one) for one in histogram.data["Background"][0][3:]]
    return answer


def _is_number(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) > 1 and isinstance(value[1], (int, float))


def _main(job: str, answer: str) -> int:
    module = scriptable()
    if module is None:
        return ABSENT
    told = carried_out(json.loads(Path(job).read_text(encoding="utf-8")), module)
    Path(answer).write_text(json.dumps(told), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1], sys.argv[2]))

"""A refinement as a JSON document, ``anatase.refinement/1``.

R values are in percent, lengths in Å, angles in degrees, fractions 0–1, U in Å². What is unknown is ``null``: NaN and
infinity never appear. The shape is fixed by ``data/refinement.schema.json``.
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from anatase.io.text_file import write_text
from anatase.refine.refined_structure import refined_cell, refined_sites
from anatase.report.comparison_document import comparison_dict
from anatase.report.document import json_ready
from anatase.report.exploration_document import exploration_dict
from anatase.scattering.radiation import Radiation

if TYPE_CHECKING:
    from anatase.refine.gsas2.comparison import Comparison
    from anatase.refine.model import Histogram, Phase
    from anatase.refine.refinement import Refinement, Step
    from anatase.refine.uncertainty.exploration import Exploration

__all__ = [
    "REFINEMENT_SCHEMA",
    "all_refinement_warnings",
    "mean_r_bragg",
    "r_expected",
    "refinement_json_schema",
    "refinement_to_dict",
    "refinement_to_json",
    "strong_pairs",
    "write_refinement_json",
]

REFINEMENT_SCHEMA = "anatase.refinement/1"
STRONG = 0.9  # correlation from which a pair is told


def refinement_to_dict(
    refinement: Refinement, exploration: Exploration | None = None, comparison: Comparison | None = None
) -> dict[str, Any]:
    """Return the JSON-ready dictionary of a refinement, what was asked of it beyond its covariance, and GSAS-II's."""
    answer = refinement
    amorphous = None if answer.quantification is None else answer.quantification.amorphous
    document = {
        "schema": REFINEMENT_SCHEMA,
        "rwp": answer.rwp,
        "gof": answer.gof,
        "chi_squared": answer.residuals.chi2,
        "r_bragg": {phase.name: mean_r_bragg(answer, phase.name) for phase in answer.model.phases},
        "n_parameters": answer.fitted.n_free,
        "n_points": answer.n_points,
        "n_restraints": restraint_count(answer),
        "converged": answer.converged,
        "max_shift": answer.max_shift,
        "phases": [_phase(answer, phase) for phase in answer.model.phases],
        "amorphous": amorphous,
        "histograms": [_histogram(answer, i) for i in range(len(answer.model.histograms))],
        "parameters": [
            {
                "name": one.name,
                "value": one.value,
                "su": one.su,
                "su_corrected": one.su_corrected,
                "refined": one.refined,
                "at_bound": one.at_bound,
                "tied_to": one.tied_to or None,
            }
            for one in answer.parameters
        ],
        "correlations": [
            {"first": first, "second": second, "coefficient": value} for first, second, value in strong_pairs(answer)
        ],
        "serial_correlation": {
            "factor": answer.serial.factor,
            "durbin_watson": answer.serial.durbin_watson,
            "durbin_watson_band": list(answer.serial.band),
            "length": answer.serial.length,
        },
        **exploration_dict(exploration),
        "gsas2": comparison_dict(comparison),
        "steps": [_step(step) for step in answer.steps],
        "warnings": list(all_refinement_warnings(answer, exploration)),
        "provenance": answer.provenance.as_dict(),
    }
    ready: dict[str, Any] = json_ready(document)
    return ready


def refinement_to_json(
    refinement: Refinement, exploration: Exploration | None = None, comparison: Comparison | None = None
) -> str:
    """Return the document as text, the same bytes for the same answer."""
    document = refinement_to_dict(refinement, exploration, comparison)
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_refinement_json(refinement: Refinement, path: Path, exploration: Exploration | None = None) -> None:
    """Write the document to a file."""
    write_text(path, refinement_to_json(refinement, exploration))


def all_refinement_warnings(refinement: Refinement, exploration: Exploration | None = None) -> tuple[str, ...]:
    """Return the warnings of a refinement and of what was asked of it, each once."""
    more = () if exploration is None else exploration.warnings
    return tuple(dict.fromkeys((*refinement.warnings, *more)))


def refinement_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) that every document of this version satisfies."""
    text = resources.files("anatase.report").joinpath("data/refinement.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def mean_r_bragg(refinement: Refinement, phase: str) -> float | None:
    """Return R_Bragg (percent) of a phase, the mean over the patterns in which it has reflections."""
    found = [value for (name, _), value in refinement.r_bragg.items() if name == phase and np.isfinite(value)]
    return float(np.mean(found)) if found else None


def r_expected(refinement: Refinement, index: int) -> float:
    """Return R_exp = √((N − P)/Σ w y²) of a histogram in percent, P shared out by its number of points N.

    Young (1993), The Rietveld Method, table 1.3.
    """
    histogram = refinement.model.histograms[index]
    used, pattern = histogram.used, histogram.pattern
    n = int(used.sum())
    free = n * (1.0 - refinement.fitted.n_free / max(refinement.n_points, 1))
    return 100.0 * float(np.sqrt(max(free, 0.0) / np.sum((pattern.intensity[used] / pattern.sigma[used]) ** 2)))


def restraint_count(refinement: Refinement) -> int:
    """Return how many restraints took part in the last fit."""
    points = sum(len(one.pattern) for one in refinement.model.histograms)
    return int(refinement.fitted.problem.observed.size - points)


def strong_pairs(refinement: Refinement, above: float = STRONG) -> list[tuple[str, str, float]]:
    """Return the pairs of refined parameters that correlate by more than ``above``, the strongest first.

    Parameters that follow others are left out: they correlate with those by definition.
    """
    refined = [one for one in refinement.parameters if one.refined]
    own = [i for i, one in enumerate(refined) if not one.tied_to and one.su is not None]
    matrix = refinement.correlation[np.ix_(own, own)]
    first, second = np.nonzero(np.triu(np.abs(matrix) > above, 1))
    order = np.argsort(-np.abs(matrix[first, second]), kind="stable")
    return [
        (refined[own[first[k]]].name, refined[own[second[k]]].name, float(matrix[first[k], second[k]])) for k in order
    ]


def _phase(answer: Refinement, phase: Phase) -> dict[str, Any]:
    structure = phase.structure
    return {
        "name": phase.name,
        "formula": structure.formula if structure.sites else None,
        "space_group": {"number": structure.space_group.number, "symbol": structure.space_group.symbol},
        "mode": phase.mode,
        "lattice": refined_cell(answer, phase),
        "weight_fraction": answer.fractions.get(phase.name),
        "density": structure.density if structure.sites else None,
        "r_bragg": mean_r_bragg(answer, phase.name),
        "patterns": [
            {
                "histogram": histogram.name,
                "r_bragg": answer.r_bragg.get((phase.name, histogram.name)),
                "scale": part.scale,
            }
            for histogram, part in zip(answer.model.histograms, phase.parts, strict=True)
        ],
        "sites": [] if phase.mode != "rietveld" else _sites(answer, phase),
        "source": " ".join(text for text in (structure.origin.source, structure.origin.identifier) if text),
    }


def _sites(answer: Refinement, phase: Phase) -> list[dict[str, Any]]:
    return [
        {
            "label": site.label,
            "species": [
                {"element": one.element, "charge": one.charge, "occupancy": occupancy}
                for one, occupancy in zip(site.species, refined.occupancy, strict=True)
            ],
            "multiplicity": int(multiplicity),
            "x": refined.xyz[0],
            "y": refined.xyz[1],
            "z": refined.xyz[2],
            "u_iso": refined.u_iso,
            "u_aniso": list(refined.u_aniso) or None,
        }
        for site, refined, multiplicity in zip(
            phase.structure.sites,
            refined_sites(answer, phase),
            phase.structure.cell_content.multiplicities,
            strict=True,
        )
    ]


def _histogram(answer: Refinement, index: int) -> dict[str, Any]:
    histogram, residuals = answer.model.histograms[index], answer.residuals
    pattern = histogram.pattern
    return {
        "name": histogram.name,
        "file": pattern.name,
        "sha256": pattern.sha256,
        "axis": pattern.axis,
        "range": [pattern.x[0], pattern.x[-1]],
        "excluded": [list(pair) for pair in histogram.excluded],
        "n_points": int(histogram.used.sum()),
        "rwp": residuals.rwp[index],
        "rp": residuals.rp[index],
        "rwp_background": residuals.rwp_background[index],
        "r_exp": r_expected(answer, index),
        "radiation": _radiation(histogram),
    }


def _radiation(histogram: Histogram) -> dict[str, Any]:
    radiation = getattr(histogram.beam, "radiation", None)
    if not isinstance(radiation, Radiation):
        return {"probe": "neutron", "name": "time of flight", "lines": [], "assumed": False}
    return {
        "probe": radiation.probe,
        "name": radiation.name,
        "lines": [{"wavelength": wavelength, "weight": weight} for wavelength, weight in radiation.lines],
        "assumed": radiation.assumed,
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "title": step.title,
        "reason": step.reason,
        "freed": list(step.freed),
        "n_refined": len(step.refined),
        "rwp_before": step.before,
        "rwp_after": step.after,
        "iterations": step.iterations,
        "converged": step.converged,
        "reverted": step.reverted,
        "outcome": step.outcome,
    }

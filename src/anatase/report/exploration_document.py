"""Bootstrap, posterior, profiles and other minima of a refinement as parts of its JSON and of its report."""

from __future__ import annotations

from typing import Any

from anatase.refine.uncertainty.bootstrap import Bootstrap
from anatase.refine.uncertainty.exploration import Exploration
from anatase.refine.uncertainty.multistart import MultiStart
from anatase.refine.uncertainty.posterior import Posterior
from anatase.refine.uncertainty.profile_likelihood import ProfileLikelihood

__all__ = ["exploration_dict"]

LEVEL = 0.683


def exploration_dict(found: Exploration | None) -> dict[str, Any]:
    """Return the fields that an exploration adds to the JSON of a refinement, ``null`` where not asked for."""
    found = Exploration() if found is None else found
    return {
        "bootstrap": None if found.bootstrap is None else _bootstrap(found.bootstrap),
        "posterior": None if found.posterior is None else _posterior(found.posterior),
        "profiles": [_profile(one) for one in found.profiles],
        "other_minima": None if found.minima is None else _minima(found.minima),
    }


def _bootstrap(found: Bootstrap) -> dict[str, Any]:
    ends = found.interval(LEVEL).tolist()
    return {
        "refits": len(found.samples),
        "failures": found.failures,
        "kind": found.kind,
        "block_length": found.block_length,
        "parameters": [
            {"name": name, "su": su, "low": low, "high": high, "bias": bias}
            for name, su, (low, high), bias in zip(
                found.names, found.su.tolist(), ends, found.bias.tolist(), strict=True
            )
        ],
        "warnings": list(found.warnings),
    }


def _posterior(found: Posterior) -> dict[str, Any]:
    ends = found.interval(LEVEL).tolist()
    return {
        "samples": len(found.samples),
        "steps": found.steps,
        "acceptance": found.acceptance,
        "converged": found.converged,
        "parameters": [
            {"name": name, "median": median, "su": su, "low": low, "high": high}
            for name, median, su, (low, high) in zip(
                found.names, found.median.tolist(), found.su.tolist(), ends, strict=True
            )
        ],
        "warnings": list(found.warnings),
    }


def _profile(found: ProfileLikelihood) -> dict[str, Any]:
    return {
        "name": found.name,
        "value": found.value,
        "su": found.su,
        "interval_68": list(found.interval_68),
        "interval_95": list(found.interval_95),
        "parabolic": found.parabolic,
        "grid": found.grid.tolist(),
        "rise": found.rise.tolist(),
        "warnings": list(found.warnings),
    }


def _minima(found: MultiStart) -> dict[str, Any]:
    return {
        "starts": found.starts,
        "failures": found.failures,
        "minima": [
            {
                "rwp": one.rwp,
                "hits": one.hits,
                "differences": [
                    {"name": name, "value": there, "lowest": here} for name, there, here in found.differences(one)
                ],
            }
            for one in found.minima
        ],
        "warnings": list(found.warnings),
    }

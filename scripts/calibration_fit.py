"""Logistic calibration of identification on rows of simulated cases, and the check on the cases left out."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(1, str(Path(__file__).parents[1] / "benchmarks" / "identify"))

from reliability import reliability

from anatase.identify.calibration import table_of

__all__ = ["fit_calibration", "print_check"]

Array = NDArray[np.float64]
Samples = tuple[Array, NDArray[np.bool_]]  # features (n, k), whether right (n,)

RIDGE = 1.0  # prior precision of the coefficients of features of unit variance
WIDEST = 4.0  # standard deviations at which a feature counts no further
TABLES = ("phase", "answer", "unknown")


def is_held(row: dict[str, Any]) -> bool:
    """Tell whether a case belongs to the third on which the calibration is checked."""
    return int(hashlib.sha256(f"{row['seed']}:{row['index']}".encode()).hexdigest()[:8], 16) % 3 == 0


def samples_of(rows: Sequence[dict[str, Any]], table: str, names: Sequence[str]) -> Samples:
    """Return what one table is fitted to: phases of answers, answers, or what no phase of an answer explains."""
    if table == "phase":
        pairs = [(phase["features"], phase["match"] is not None) for row in rows for phase in row["phases"]]
    elif table == "answer":
        pairs = [(row["features"], row["exact"]) for row in rows if row["phases"]]
    else:
        pairs = [(row["features"], row["missing"]) for row in rows]
    values = np.array([[one[name] for name in names] for one, _ in pairs], dtype=float).reshape(len(pairs), len(names))
    return values, np.array([right for _, right in pairs], dtype=bool)


def logistic(values: Array, right: NDArray[np.bool_]) -> tuple[Array, float]:
    """Return coefficients (k,) and intercept of a ridge-penalised logistic regression, by Newton's method.

    Features have mean 0 and variance 1; the intercept is not penalised (Bishop, 2006, section 4.3.3).
    """
    design = np.hstack([values, np.ones((len(values), 1))])
    penalty = np.diag([RIDGE] * values.shape[1] + [1e-9])
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-design @ weights))
        gradient = design.T @ (p - right) + penalty @ weights
        hessian = (design * (p * (1.0 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(hessian, gradient)
        weights -= step * min(1.0, 4.0 / float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return weights[:-1], float(weights[-1])


def fit_table(values: Array, right: NDArray[np.bool_], names: Sequence[str]) -> dict[str, Any]:
    """Return mean, scale, coefficients and intercept, in the order of the features' names."""
    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
    coefficients, intercept = logistic(np.clip((values - mean) / scale, -WIDEST, WIDEST), right)
    numbers = {"mean": mean, "scale": scale, "coefficients": coefficients}
    rounded = {name: [float(f"{v:.6g}") for v in vector] for name, vector in numbers.items()}
    return {"features": list(names), **rounded, "intercept": float(f"{intercept:.6g}"), "cases": len(right)}


def fit_calibration(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the calibration fitted to two thirds of the cases, with where it comes from."""
    fitted = [row for row in rows if not is_held(row)]
    tables: dict[str, Any] = {}
    for table in TABLES:
        first = next(row["phases"][0] if table == "phase" else row for row in fitted if row["phases"])
        names = list(first["features"])
        tables[table] = fit_table(*samples_of(fitted, table, names), names)
    digest = hashlib.sha256(json.dumps(fitted, sort_keys=True).encode()).hexdigest()
    provenance = {
        "made_by": "scripts/calibrate_identification.py",
        "cases": len(fitted),
        "seeds": sorted({row["seed"] for row in rows}),
        "libraries": sorted({row["library"] for row in rows}),
        "rows_sha256": digest,
    }
    return {"widest": WIDEST, "tables": tables, "provenance": provenance}


def print_check(rows: Sequence[dict[str, Any]], calibration: dict[str, Any]) -> None:
    """Print coefficients, and Brier score, calibration error and bins on the third that was left out."""
    held = [row for row in rows if is_held(row)]
    for name, table in calibration["tables"].items():
        values, right = samples_of(held, name, table["features"])
        stated = table_of(calibration, name).probabilities(values)
        bins, error = reliability(stated, right)
        base = float(right.mean())
        brier = float(np.mean((stated - right) ** 2))
        print(
            f"{name}: fitted to {table['cases']}, checked on {len(right)}: Brier {brier:.3f} (knowing only the share of"
        )
        print(f"  {base:.2f}: {base * (1.0 - base):.3f}), calibration error {error:.3f}")
        for count, mean, share in bins:
            print(f"    {count:5d} stated at {mean:.2f}: {share:.2f}")
        order = np.argsort(-np.abs(table["coefficients"]))
        print("  " + ", ".join(f"{table['features'][i]} {table['coefficients'][i]:+.2f}" for i in order))

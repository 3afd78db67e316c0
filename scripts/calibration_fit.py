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

from anatase.identify.acceptance import REPORTED
from anatase.identify.calibration import table_of, with_products
from anatase.identify.phase_features import belief_features

__all__ = ["fit_calibration", "print_check"]

Array = NDArray[np.float64]
Samples = tuple[Array, NDArray[np.bool_], Array]  # features (n, k), whether right (n,), what each counts (n,)

RIDGE = 8.0  # prior precision of the coefficients of features of unit variance
# of the features, those that told something in cross-validation beside the others
OF_PHASES = (
    "second", "lines", "mismatch", "strain", "texture", "margin", "chemistry", "misfit", "candidates", "saved", "left",
    "share", "unexplained", "highest_peak",
)  # fmt: skip
OF_ANSWERS = (
    "unexplained", "highest_peak", "left", "next", "worst_strain", "worst_mismatch", "misfit", "unusual", "phases",
    "believed", "doubted",
)  # fmt: skip
WIDEST = 4.0  # standard deviations at which a feature counts no further
MEASURED = 4.0  # simulated cases that a measured one counts for
VISIBLE = 10.0  # signal over the noise of counting from which a missing phase could be told


# features of phases that mean another thing where the other is large
TOGETHER = (
    ("lines", "mismatch"), ("lines", "strain"), ("saved", "mismatch"), ("saved", "strain"), ("mismatch", "misfit"),
    ("strain", "mismatch"), ("texture", "lines"), ("texture", "mismatch"), ("saved", "texture"), ("share", "mismatch"),
    ("share", "misfit"), ("left", "misfit"), ("left", "mismatch"), ("unexplained", "share"), ("unexplained", "saved"),
    ("unexplained", "lines"), ("left", "saved"), ("left", "share"),
)  # fmt: skip
OF_ANSWERS_TOGETHER = (("unexplained", "left"), ("believed", "left"), ("believed", "unexplained"), ("misfit", "left"))


def is_held(row: dict[str, Any]) -> bool:
    """Tell whether a simulated case belongs to the third on which the calibration is checked."""
    return (
        "measured" not in row
        and int(hashlib.sha256(f"{row['seed']}:{row['index']}".encode()).hexdigest()[:8], 16) % 3 == 0
    )


def samples_of(rows: Sequence[dict[str, Any]], table: str, names: Sequence[str]) -> Samples:
    """Return what one table is fitted to: phases of answers, answers, or what no phase of an answer explains."""
    weights = [MEASURED if "measured" in row else 1.0 for row in rows]
    if table == "phase":
        told = [
            (row["features"] | phase["features"], phase["match"] is not None, weight)
            for row, weight in zip(rows, weights, strict=True)
            for phase in row["phases"]
        ]
    else:
        told = [
            (row["features"], row[table], weight)
            for row, weight in zip(rows, weights, strict=True)
            if table == "unknown" or row["phases"]
        ]
    values = np.array([[one[name] for name in names] for one, _, _ in told], dtype=float).reshape(len(told), len(names))
    return values, np.array([right for _, right, _ in told], dtype=bool), np.array([weight for _, _, weight in told])


def after_acceptance(row: dict[str, Any], calibration: dict[str, Any]) -> dict[str, Any]:
    """Return a row with how sure its phases are, and whether those that are believed are all there is.

    ``answer``: the believed phases are the true ones. ``unknown``: a true phase that stands out of the counting noise
    is not among them.
    """
    table = table_of(calibration, "phase")
    stated = [table.probability(row["features"] | phase["features"]) for phase in row["phases"]]
    believed = [phase for phase, p in zip(row["phases"], stated, strict=True) if p >= REPORTED]
    belief = belief_features([p for p in stated if p >= REPORTED], [p for p in stated if p < REPORTED])
    found = {phase["match"] for phase in believed}
    missing = [i for i, true in enumerate(row["true"]) if i not in found and true["significance"] > VISIBLE]
    answer = None not in found and len(found) == len(row["true"])
    return row | {"features": row["features"] | belief, "answer": answer, "unknown": bool(missing)}


def logistic(values: Array, right: NDArray[np.bool_], counts: Array) -> tuple[Array, float]:
    """Return coefficients (k,) and intercept of a ridge-penalised logistic regression, by Newton's method.

    Features have mean 0 and variance 1; the intercept is not penalised (Bishop, 2006, section 4.3.3).
    """
    design = np.hstack([values, np.ones((len(values), 1))])
    penalty = np.diag([RIDGE] * values.shape[1] + [1e-9])
    weights = np.zeros(design.shape[1])
    for _ in range(100):
        p = 1.0 / (1.0 + np.exp(-design @ weights))
        gradient = design.T @ (counts * (p - right)) + penalty @ weights
        hessian = (design * (counts * p * (1.0 - p))[:, None]).T @ design + penalty
        step = np.linalg.solve(hessian, gradient)
        weights -= step * min(1.0, 4.0 / float(np.abs(step).max()))
        if np.abs(step).max() < 1e-9:
            break
    return weights[:-1], float(weights[-1])


def fit_table(samples: Samples, names: Sequence[str], together: Sequence[tuple[str, str]] = ()) -> dict[str, Any]:
    """Return mean, scale, coefficients and intercept, in the order of the features' names.

    Where features act together, their products and the squares of all are features too.
    """
    values, right, counts = samples
    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
    products = [(names.index(a), names.index(b)) for a, b in together]
    products += [(i, i) for i in range(len(names))] if together else []
    z = np.clip((values - mean) / scale, -WIDEST, WIDEST)
    coefficients, intercept = logistic(with_products(z, products), right, counts)
    numbers = {"mean": mean, "scale": scale, "coefficients": coefficients}
    rounded = {name: [float(f"{v:.6g}") for v in vector] for name, vector in numbers.items()}
    return {
        "features": list(names),
        "products": products,
        **rounded,
        "intercept": float(f"{intercept:.6g}"),
        "cases": len(right),
    }


def fit_calibration(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the calibration fitted to two thirds of the cases, with where it comes from."""
    fitted = [row for row in rows if not is_held(row)]
    tables = {"phase": fit_table(samples_of(fitted, "phase", OF_PHASES), OF_PHASES, TOGETHER)}
    weighed = [after_acceptance(row, {"widest": WIDEST, "tables": tables}) for row in fitted]
    for table in ("answer", "unknown"):
        tables[table] = fit_table(samples_of(weighed, table, OF_ANSWERS), OF_ANSWERS, OF_ANSWERS_TOGETHER)
    digest = hashlib.sha256(json.dumps(fitted, sort_keys=True).encode()).hexdigest()
    provenance = {
        "made_by": "scripts/calibrate_identification.py",
        "cases": sum("measured" not in row for row in fitted),
        "measured_cases": sum("measured" in row for row in fitted),
        "seeds": sorted({row["seed"] for row in rows}),
        "libraries": sorted({row["library"] for row in rows}),
        "rows_sha256": digest,
    }
    return {"widest": WIDEST, "tables": tables, "provenance": provenance}


def print_check(rows: Sequence[dict[str, Any]], calibration: dict[str, Any]) -> None:
    """Print coefficients, and Brier score, calibration error and bins on the third that was left out."""
    held = [after_acceptance(row, calibration) for row in rows if is_held(row)]
    for name, table in calibration["tables"].items():
        values, right, _ = samples_of(held, name, table["features"])
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
        names = [*table["features"], *(f"{table['features'][i]}·{table['features'][j]}" for i, j in table["products"])]
        order = np.argsort(-np.abs(table["coefficients"]))[:14]
        print("  " + ", ".join(f"{names[i]} {table['coefficients'][i]:+.2f}" for i in order))

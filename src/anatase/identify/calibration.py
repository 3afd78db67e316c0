"""From features of a fit to calibrated probabilities: logistic tables that simulated mixtures were used to set.

``scripts/calibrate_identification.py`` makes ``data/calibration.json``: for each kind of statement the features that
it takes, their means and spreads among simulated cases, coefficients and an intercept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.provenance import sha256_of

__all__ = ["LogisticTable", "calibration_digest", "calibration_table", "table_of", "with_products"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LogisticTable:
    """A logistic regression: names of k features, their mean and scale (k,), coefficients (k + m,) and the intercept.

    The last m coefficients are of ``products``, pairs of indices of standardised features. Features count no further
    than ``widest`` scales from their mean: what is unlike everything simulated is not extrapolated to.
    """

    features: tuple[str, ...]
    mean: Array
    scale: Array
    coefficients: Array
    intercept: float
    widest: float
    products: tuple[tuple[int, int], ...] = ()

    def probabilities(self, values: ArrayLike) -> Array:
        """Return 1/(1 + exp(−c·z − b)) (n,) of features (n, k), z their standardised values.

        Examples
        --------
        >>> table = LogisticTable(("gain",), np.array([4.0]), np.array([2.0]), np.array([1.0]), 0.0, 4.0)
        >>> table.probabilities([[4.0], [6.0], [100.0]]).round(3).tolist()
        [0.5, 0.731, 0.982]
        """
        z = np.clip((np.asarray(values, dtype=float) - self.mean) / self.scale, -self.widest, self.widest)
        return np.asarray(1.0 / (1.0 + np.exp(-(with_products(z, self.products) @ self.coefficients + self.intercept))))

    def probability(self, features: Mapping[str, float]) -> float:
        """Return the probability for features by name; more may be given than are used."""
        return float(self.probabilities([[features[name] for name in self.features]])[0])


def with_products(z: Array, products: Sequence[tuple[int, int]]) -> Array:
    """Return features (n, k) with the products of some of them beside them (n, k + m)."""
    return np.column_stack([z, *(z[:, i] * z[:, j] for i, j in products)])


def table_of(document: Mapping[str, Any], name: str) -> LogisticTable:
    """Return a table of a calibration document by name: ``"phase"``, ``"answer"``, ``"unknown"``."""
    table = document["tables"][name]
    mean, scale, coefficients = (np.array(table[key], dtype=np.float64) for key in ("mean", "scale", "coefficients"))
    names, widest = tuple(table["features"]), float(document["widest"])
    products = tuple((int(i), int(j)) for i, j in table.get("products", ()))
    return LogisticTable(names, mean, scale, coefficients, float(table["intercept"]), widest, products)


@lru_cache(maxsize=8)
def calibration_table(name: str) -> LogisticTable | None:
    """Return a table of the program's own calibration, ``None`` where the program was built without one."""
    content = _content()
    return None if content is None else table_of(json.loads(content), name)


@lru_cache(maxsize=1)
def calibration_digest() -> str | None:
    """Return the SHA-256 digest of the program's own calibration, for provenance; ``None`` where there is none."""
    content = _content()
    return None if content is None else sha256_of(content)


def _content() -> bytes | None:
    path = resources.files("anatase.identify").joinpath("data/calibration.json")
    return path.read_bytes() if path.is_file() else None

"""Weighed mixtures of the IUCr round robin on quantification, CPD 1A, 1D and 1G, from a cold start.

Corundum, fluorite and zincite; weighed fractions: Madsen et al. (2001) J. Appl. Cryst. 34, 409, as ``truth.json`` has
them. Structures are plain ones of the library; no correction for microabsorption, which in this mixture is small.
"""

from __future__ import annotations

import json

import numpy as np
from bars import Bar
from settings import Settings

from anatase.refine import refine

__all__ = ["check_mixtures"]

FILES = {
    "Corundum": "openchemistry/oxides/Al2O3-Corundum.cif",
    "Fluorite": "profex_str/Minerals/Fluorite.str",
    "Zincite": "profex_str/Minerals/Zincite.str",
}
LARGEST = 1.5  # wt%, mean absolute error


def check_mixtures(settings: Settings) -> list[Bar]:
    """Refine the three mixtures and compare weight fractions with the weighed ones."""
    truth = json.loads((settings.data / "powder" / "truth.json").read_text())
    errors = []
    for sample in ("1A", "1D", "1G"):
        path = f"cpd_roundrobin/xray/CPD-{sample}.xye"
        weighed = {one["name"]: 100.0 * one["fraction"] for one in truth[path]["phases"]}
        phases = [settings.data / "library" / FILES[name] for name in weighed]
        answer = refine(settings.data / "powder" / path, phases, wavelength="CuKa")
        assert answer.quantification is not None
        words = []
        for (name, expected), own in zip(weighed.items(), answer.quantification.phases, strict=True):
            fraction = 100.0 * own.weight_fraction.value
            errors.append(fraction - expected)
            words.append(f"{name} {fraction:.2f} ({errors[-1]:+.2f})")
        print(f"  CPD {sample}: {', '.join(words)} wt%; Rwp {answer.rwp:.2f} %, converged: {answer.converged}")
    return [Bar("CPD 1A, 1D, 1G, mean absolute error", float(np.mean(np.abs(errors))), LARGEST, False, " wt%")]

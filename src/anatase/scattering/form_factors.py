"""X-ray form factors of atoms and ions as sums of Gaussians."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

import gemmi
import numpy as np
from numpy.typing import ArrayLike, NDArray

from anatase.errors import InputError
from anatase.scattering.dispersion import atomic_number

__all__ = ["FormFactorTable", "GaussianSum", "Hydrogen", "gaussian_sum", "xray_f0"]

Array = NDArray[np.float64]
FormFactorTable = Literal["IT92", "WK95"]
Hydrogen = Literal["bonded", "free"]

# The free atom in the Hartree-Fock row "H" of International Tables C (1992), table 6.1.1.4: a, b (Å²) and c.
# The table's other row, "H SDS", is the bonded atom of Stewart, Davidson & Simpson (1965), which gemmi has.
FREE_HYDROGEN = (0.489918, 0.262003, 0.196767, 0.049879), (20.6593, 7.74039, 49.5519, 2.20159), 0.001305


@dataclass(frozen=True, slots=True, eq=False)
class GaussianSum:
    """f0(s) = Σ a exp(−b s²) + c with s = sin θ/λ: a (k,), −b (k, 1) in Å², c in electrons.

    ``charge`` is 0 where the table lacks the ion and these are the neutral atom's.
    """

    a: Array
    minus_b: Array
    c: float
    charge: int = 0

    def __call__(self, stol2: Array) -> Array:
        """Return f0 (n,) in electrons at (sin θ/λ)² (n,) in Å⁻²."""
        return np.asarray(self.a @ np.exp(self.minus_b * stol2) + self.c)


@lru_cache(maxsize=1024)
def gaussian_sum(
    element: str, charge: int = 0, table: FormFactorTable = "IT92", hydrogen: Hydrogen = "bonded"
) -> GaussianSum:
    """Return the Gaussians of an ion, or of its neutral atom where the table lacks the ion.

    Raises
    ------
    InputError
        When the element is none or has no entry in the table (beyond Cf).
    """
    number = atomic_number(element)
    if number == 1 and charge == 0:
        return _sum(*FREE_HYDROGEN) if hydrogen == "free" else _it92(element, 0)
    return _waasmaier_kirfel(gemmi.Element(number).name, charge) if table == "WK95" else _it92(element, charge)


def _sum(a: ArrayLike, b: ArrayLike, c: float, charge: int = 0) -> GaussianSum:
    return GaussianSum(np.array(a, dtype=float), -np.array(b, dtype=float)[:, None], float(c), charge)


def _missing(element: str) -> InputError:
    return InputError(f"no X-ray form factor of {element} is tabulated", "give an element up to Cf")


def _it92(element: str, charge: int) -> GaussianSum:
    el = gemmi.Element(element)
    table = None
    if charge:
        ignored = gemmi.IT92_get_ignore_charge()
        gemmi.IT92_set_ignore_charge(False)  # gemmi's default for the whole process takes every ion as neutral
        table = gemmi.IT92_get_exact(el, charge)
        gemmi.IT92_set_ignore_charge(ignored)
    charge = charge if table else 0
    table = table or el.it92
    if table is None:
        raise _missing(element)
    # gemmi holds single precision; seven digits bring the printed numbers back
    coefficients = [float(f"{value:.7g}") for value in table.get_coefs()]
    return _sum(coefficients[:4], coefficients[4:8], coefficients[8], charge)


def _waasmaier_kirfel(element: str, charge: int) -> GaussianSum:
    table = _waasmaier_kirfel_table()
    charge = charge if (element, charge) in table else 0
    row = table.get((element, charge))
    if row is None:
        raise _missing(element)
    return _sum(row[:5], row[5:10], row[10], charge)


@cache
def _waasmaier_kirfel_table() -> dict[tuple[str, int], tuple[float, ...]]:
    text = resources.files("anatase.scattering").joinpath("data/waasmaier_kirfel_1995.csv").read_text("utf-8")
    rows = [line.split(",") for line in text.splitlines() if line[0] != "#"][1:]
    return {(row[0], int(row[1])): tuple(float(word) for word in row[2:]) for row in rows}


def xray_f0(
    element: str,
    stol2: ArrayLike,
    charge: int = 0,
    table: FormFactorTable = "IT92",
    hydrogen: Hydrogen = "bonded",
) -> Array:
    """Return the X-ray form factor f0 (n,), in electrons, at (sin θ/λ)² (n,) in Å⁻².

    ``"IT92"``: four Gaussians and a constant of International Tables C (1992), table 6.1.1.4, for
    sin θ/λ up to 2 Å⁻¹. ``"WK95"``: five Gaussians and a constant of Waasmaier & Kirfel (1995) Acta Cryst. A51, 416,
    up to 6 Å⁻¹. The ion's own where the table has it, else the neutral atom's. Neutral hydrogen is the ``"bonded"``
    atom of Stewart, Davidson & Simpson (1965) J. Chem. Phys. 42, 3175 or the ``"free"`` one, whatever the table.

    Raises
    ------
    InputError
        When the element is none or has no entry in the table (beyond Cf).

    Examples
    --------
    >>> float(round(xray_f0("Ti", [0.0], charge=4)[0], 1))
    18.0
    """
    return gaussian_sum(element, charge, table, hydrogen)(np.asarray(stol2, dtype=float))

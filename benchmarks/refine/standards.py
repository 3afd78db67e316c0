"""Cells of certified reference materials, from a cold start.

Conventions: Cu Kα1 at 1.5405929 Å (the NIST value, on which the certificates stand), displacement refined and zero
held, no correction for refraction; certificates are for 22.5 °C, and patterns are taken as measured there. The disc of
SRM 1976b stood 0.3 mm off, where a zero error and axial divergence are hard to tell from the cell: both are taken from
the scan of LaB6 on the same diffractometer, refined with the certified cell of SRM 660c.
"""

from __future__ import annotations

from pathlib import Path

from bars import Bar
from settings import Settings
from staged import staged

from anatase.crystal.structure import Structure
from anatase.refine import refine
from anatase.refine.fit import fit
from anatase.refine.model import RefinementModel
from anatase.refine.parameters.parameters import parameter_values, with_values

__all__ = ["check_standards"]

# Å, from the certificates of NIST
LAB6, CORUNDUM, PPM = {"a": 4.156826}, {"a": 4.758877, "c": 12.99284}, 40.0
CALIBRATED = ("xray.zero", "xray.s_over_l", "xray.h_over_l")


def _off(structure: Structure, certified: dict[str, float]) -> dict[str, float]:
    """Return how far a cell is from the certified one, ppm."""
    cell = dict(zip(("a", "b", "c"), structure.lattice.parameters[:3], strict=True))
    return {one: 1e6 * (cell[one] / value - 1.0) for one, value in certified.items()}


def _told(name: str, found: RefinementModel, certified: dict[str, float], rwp: float) -> float:
    """Print a cell beside the certified one and return the largest distance, ppm."""
    structure = found.phases[0].structure
    words = ", ".join(f"{one} {getattr(structure.lattice, one):.6f} Å ({off:+.1f} ppm)"
                      for one, off in _off(structure, certified).items())  # fmt: skip
    print(f"  {name}: {words}, Rwp {rwp:.2f} %")
    return max(map(abs, _off(structure, certified).values()))


def _of_the_diffractometer(folder: Path, lab6: Path) -> dict[str, float]:
    """Return zero and axial divergence of the diffractometer that measured LaB6 and the disc."""
    answer = refine(folder / "LaB6_16_03_09_0004.xye", lab6 / "cod_1000055.cif", wavelength="CuKa")
    cell = f"{answer.model.phases[0].name}.a"
    free = [name for name in answer.fitted.parametrisation.names if name != cell]
    found = fit(with_values(answer.model, {cell: LAB6["a"]}), [*free, "xray.zero"], max_iterations=60)
    values = parameter_values(found.model)
    return {name: values[name] for name in CALIBRATED}


def check_standards(settings: Settings) -> list[Bar]:
    """Refine both standards without any recipe and compare their cells with the certificates."""
    lab6, folder = settings.data / "refine" / "lab6", settings.data / "powder" / "rietserv"
    corundum = settings.data / "library" / "ncrystal" / "Al2O3_sg167_Corundum.cif"
    first = refine(lab6 / "nist_srm660c_100a.cif", lab6 / "cod_1000055.cif")
    off = _told("SRM 660c", first.model, LAB6, first.rwp)
    cold = refine(folder / "17_05_23_0014_NIST SRM 1976b.xye", corundum, wavelength="CuKa")
    _told("SRM 1976b, from a cold start", cold.model, CORUNDUM, cold.rwp)
    known = _of_the_diffractometer(folder, lab6)
    print("  the diffractometer, from LaB6: " + ", ".join(f"{name} {value:.5f}" for name, value in known.items()))
    cell = ["xray.displacement", *(name for name in cold.fitted.parametrisation.names if name.endswith((".a", ".c")))]
    rest = [name for name in cold.fitted.parametrisation.names if name not in {*CALIBRATED, *cell} and ".S" not in name]
    found = staged(with_values(cold.model, known), [cell[:1], cell[1:], rest], 100)
    again = _told("SRM 1976b, diffractometer known", found.model, CORUNDUM, found.residuals.total)
    return [
        Bar("SRM 660c, cell from the certificate", off, PPM, False, " ppm"),
        Bar("SRM 1976b, cell from the certificate", again, PPM, False, " ppm"),
    ]

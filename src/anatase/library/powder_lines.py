"""The powder lines that the library keeps of each structure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anatase.crystal.displacement import TYPICAL_U_ISO
from anatase.crystal.structure import Structure

__all__ = ["D_MIN", "MAX_LINES", "powder_lines"]

D_MIN = 0.80  # Å
MAX_LINES = 250
MAX_LATTICE_POINTS = 300_000  # cells beyond 36,000 Å³ are cut at a larger d: their 250 strongest lines lie well above
NEGLIGIBLE = 1e-5  # of the strongest line


def powder_lines(structure: Structure) -> tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]:
    """Return hkl (n, 3) and m·|F|²/V² (n,) for X-rays and neutrons of the lines worth keeping, in descending d.

    Kept are d ≥ 0.80 Å and the 250 strongest, strength being the intensity times d² (a rough Lorentz
    weight). A line that only neutrons see competes at half its strength.
    """
    from anatase.scattering.neutron_lengths import has_neutron_length
    from anatase.scattering.reflections import reflections
    from anatase.scattering.scattering_power import ScatteringModel
    from anatase.scattering.structure_factor import f_squared

    volume = structure.lattice.volume
    d_min = max(D_MIN, float((4.0 / 3.0 * np.pi * volume / MAX_LATTICE_POINTS) ** (1.0 / 3.0)))
    lines = reflections(structure, d_min, u_default=TYPICAL_U_ISO)
    scale = lines.multiplicity / volume**2
    xray = lines.f_squared * scale
    neutron = np.zeros(len(lines))
    if all(
        has_neutron_length(species.element, species.isotope) for site in structure.sites for species in site.species
    ):
        neutron = f_squared(structure, lines.hkl, ScatteringModel("neutron"), TYPICAL_U_ISO) * scale
    lorentz = lines.d_spacing**2
    strength = np.maximum(_relative(xray * lorentz), 0.5 * _relative(neutron * lorentz))
    strongest = np.argsort(-strength, kind="stable")[:MAX_LINES]
    kept = np.sort(strongest[strength[strongest] > NEGLIGIBLE])
    return lines.hkl[kept].astype(np.int16), xray[kept].astype(np.float32), neutron[kept].astype(np.float32)


def _relative(strength: NDArray[np.float64]) -> NDArray[np.float64]:
    top = strength.max(initial=0.0)
    return strength / top if top > 0 else strength

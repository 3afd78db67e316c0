"""What a user may say of grains and standards, so that weight fractions can take it into account."""

from __future__ import annotations

from dataclasses import dataclass

from anatase.estimate import Estimate
from anatase.refine.quantity import InternalStandard
from anatase.refine.quantity.quantify import ParticleSize

__all__ = ["Quantify", "UNKNOWN_GRAINS"]

UNKNOWN_GRAINS = Estimate(1.5, 0.75)  # µm, of each phase apart from what all have in common


@dataclass(frozen=True)
class Quantify:
    """How the weight fractions of an identification are found.

    Parameters
    ----------
    particle_size
        Diameters of the grains, µm, for Brindley's correction of microabsorption: one for all, or by phase (library id,
        name or formula); an ``Estimate`` where an s.u. is known. ``None``: not known, which is taken for 1.5 µm within
        a factor of 2.6 either way.
    microabsorption
        ``False`` leaves the correction and its uncertainty out, as for grains that are known to be fine.
    internal_standard
        A spike that was weighed in, its ``phase`` by library id, name or formula. Fractions are then of the whole
        spiked specimen, and what is left of 1 is amorphous or unknown.

    Examples
    --------
    >>> options = Quantify({"magnetite": 3.0}, internal_standard=InternalStandard("corundum", Estimate(0.2)))
    >>> options.particle_size
    {'magnetite': 3.0}
    """

    particle_size: ParticleSize | None = None
    microabsorption: bool = True
    internal_standard: InternalStandard | None = None

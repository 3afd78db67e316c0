"""An amorphous share of the sample: halos beside the lines, and less of the crystal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import trapezoid

from anatase.errors import InputError, PhysicsError
from anatase.pattern.background_model import Hump
from anatase.pattern.pattern import Pattern

__all__ = ["add_amorphous", "diluted_fractions"]

Array = NDArray[np.float64]


def diluted_fractions(crystalline: Sequence[float], amorphous: float) -> Array:
    """Return the weight fractions (n,) of crystalline phases in a sample with an amorphous share.

    Quantification sees the fractions among the crystalline phases; in the whole sample each is less by 1 − share.

    Raises
    ------
    PhysicsError
        When fractions are negative or add up to nothing, or the share is not from 0 to below 1.
    """
    fractions = np.asarray(crystalline, dtype=float)
    if fractions.size == 0 or fractions.min() < 0.0 or fractions.sum() <= 0.0:
        raise PhysicsError(f"weight fractions {fractions.tolist()} are negative or none")
    _require_share(amorphous)
    return np.asarray(fractions / fractions.sum() * (1.0 - amorphous))


def add_amorphous(
    pattern: Pattern, share: float, halos: Sequence[Hump], background: Array | float = 0.0, contrast: float = 1.0
) -> Pattern:
    """Return the pattern of a sample of which a weight share has become amorphous.

    The crystal's lines shrink by 1 − share. The halos together get the area share · contrast times that of
    the lines over the range of the pattern: coherent scattering is a matter of the atoms, not of their order
    (Ruland (1961) Acta Cryst. 14, 1180), so that ``contrast``, intensity of glass over crystal per mass, is near 1
    for one composition, less where the range leaves halos out.

    Parameters
    ----------
    pattern
        The wholly crystalline sample's.
    share
        Amorphous weight fraction, 0 to below 1.
    halos
        Humps in units of the pattern's axis; their areas matter relative to each other.
    background
        What of the pattern is not the sample's: a number or (n,). It stays as it is.
    contrast
        Scattering of the amorphous material per mass, relative to the crystal's.

    Raises
    ------
    PhysicsError
        When share, contrast or the halos' area are impossible.
    InputError
        When a halo is given in q.

    Examples
    --------
    >>> x = np.arange(10.0, 80.0, 0.05)
    >>> lines = Pattern(x, 1000.0 * np.exp(-(((x - 30.0) / 0.1) ** 2)), np.ones(x.size))
    >>> half = add_amorphous(lines, 0.5, [Hump(1.0, 25.0, 8.0)])
    >>> bool(abs(half.intensity.sum() / lines.intensity.sum() - 1.0) < 1e-3)
    True
    """
    _require_share(share)
    areas = np.array([halo.area for halo in halos])
    if areas.size == 0 or areas.min() < 0.0 or areas.sum() <= 0.0 or not 0.0 < contrast < np.inf:
        raise PhysicsError(f"halos of areas {areas.tolist()} with a contrast of {contrast:g} scatter nothing")
    if any(halo.in_q for halo in halos):
        raise InputError("a halo is given in q", "give its position and FWHM in the units of the pattern's axis")
    lines = pattern.intensity - background
    total = float(trapezoid(lines, pattern.x))
    if total < 0.0:
        raise PhysicsError("the background is higher than the pattern")
    shapes = np.stack([halo.slopes(pattern.x)[0] for halo in halos])
    glass = share * contrast * total / areas.sum() * (areas @ shapes)
    intensity = (1.0 - share) * lines + glass + background
    metadata = pattern.metadata | {"amorphous_share": share}
    return replace(pattern, intensity=intensity, sigma=np.sqrt(np.maximum(intensity, 1.0)), metadata=metadata)


def _require_share(share: float) -> None:
    if not 0.0 <= share < 1.0:
        raise PhysicsError(f"an amorphous share of {share:g} leaves no crystal; give 0 to below 1")

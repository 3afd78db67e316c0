"""What a user says of grains and of a standard, read from text."""

from __future__ import annotations

import math
from collections.abc import Sequence

from anatase.errors import InputError
from anatase.estimate import Estimate
from anatase.identify.quantify import Quantify
from anatase.refine.quantity import InternalStandard

__all__ = ["stated_amounts", "with_standard"]


def stated_amounts(
    grains: Sequence[str] = (), *, fine: bool = False, standard: tuple[str, float] | None = None
) -> Quantify | None:
    """Return how weight fractions are to be found, or ``None`` where nothing is said of it.

    ``grains`` are diameters in µm, ``"3"`` of all phases or ``"magnetite=3"`` of one; ``fine`` ones need no correction
    of microabsorption; ``standard`` is a phase that was weighed in and its weight percent of the specimen.

    Raises
    ------
    InputError
        When a diameter is none, one is given twice, grains are said to be fine and to have a size, or the percentage is
        not between 0 and 100.

    Examples
    --------
    >>> stated_amounts(["magnetite=3"], standard=("corundum", 20.0)).particle_size
    {'magnetite': 3.0}
    """
    if fine and grains:
        raise InputError("grains are said to be fine and to have a size", "say one of the two")
    if standard is not None and not 0.0 < standard[1] < 100.0:
        raise InputError(
            f"{standard[1]:g} is no weight percent of the standard {standard[0]}", "give a number between 0 and 100"
        )
    if not (grains or fine or standard):
        return None
    spike = None if standard is None else InternalStandard(standard[0], Estimate(standard[1] / 100.0))
    return Quantify(_diameters(grains), microabsorption=not fine, internal_standard=spike)


def with_standard(present: str | Sequence[str], quantify: Quantify | None) -> tuple[str, ...]:
    """Return the phases that must be there, a standard that was weighed in among them."""
    phases = (present,) if isinstance(present, str) else tuple(present)
    standard = None if quantify is None else quantify.internal_standard
    return phases if standard is None else tuple(dict.fromkeys((*phases, standard.phase)))


def _diameters(grains: Sequence[str]) -> float | dict[str, float | Estimate] | None:
    """Return the diameter of all phases, or those by phase."""
    if not grains:
        return None
    named: dict[str, float | Estimate] = {}
    for text in grains:
        phase, _, size = text.rpartition("=")
        if phase.strip() in named:
            raise InputError(f"two grain sizes are given for {phase.strip() or 'all phases'}", "give one")
        named[phase.strip()] = _diameter(size, text)
    if "" not in named:
        return named
    if len(named) > 1:
        raise InputError("a grain size is given for all phases and for some", "give PHASE=SIZE for each")
    whole = named[""]
    return whole if isinstance(whole, float) else whole.value


def _diameter(size: str, text: str) -> float:
    try:
        value = float(size)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0.0):
        raise InputError(f"'{text}' states no diameter of grains", "give µm, as in 3 or magnetite=3")
    return value

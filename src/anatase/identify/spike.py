"""A standard that was weighed in, among the phases found, and whether it tells what the whole specimen holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from anatase.identify.found_under_name import found_under_name
from anatase.library import Library
from anatase.refine.quantity import InternalStandard, Quantification

__all__ = ["impossible", "named_spike", "too_faint"]

SEEN = 3.0  # s.u. by which the amount of a standard must stand above nothing
BEYOND = 2.0  # s.u. by which the phases may sum to more than 1
VAGUE = 0.25  # s.u. of the amorphous fraction at which a 95 % interval is as wide as all that it may be
INSTEAD = "weight fractions are of the crystalline phases, with no amorphous fraction"


def named_spike(
    standard: InternalStandard | None, library: Library, entries: Sequence[int], names: Sequence[str]
) -> tuple[InternalStandard | None, list[str]]:
    """Return a standard under the name of the phase found, or ``None`` and a warning that it is not one of them."""
    if standard is None:
        return None, []
    found = found_under_name(library, entries, standard.phase)
    if len(found) == 1:
        return replace(standard, phase=names[found[0]]), []
    if not found:
        return None, [f"the internal standard '{standard.phase}' is not among the phases found: {INSTEAD}"]
    which = " or ".join(f"{names[i]} [{library.ids[entries[i]]}]" for i in found)
    return None, [f"the internal standard '{standard.phase}' may be {which}: {INSTEAD}; give its library id"]


def too_faint(spike: InternalStandard, variance: float) -> str:
    """Return why a standard tells nothing, its ln having this variance; nothing where it is seen well enough."""
    if variance <= SEEN**-2:
        return ""
    return (
        f"the internal standard {spike.phase} is only {variance**-0.5:.2g} s.u. above nothing in the pattern: {INSTEAD}"
    )


def impossible(spike: InternalStandard, answer: Quantification) -> str:
    """Return why the fractions that a standard gives cannot be, or mean nothing; nothing where they may be."""
    rest = answer.amorphous
    if rest is None:
        return ""
    su = rest.su or 0.0
    total, error = 100.0 * (1.0 - rest.value), 100.0 * su
    said = f"beside {100.0 * spike.weight_fraction.value:g} wt% of the internal standard {spike.phase} the phases"
    if rest.value < -BEYOND * su - 1e-6:
        return (
            f"{said} would sum to {total:.0f} ± {error:.0f} wt%, more than all; look at what was weighed in: {INSTEAD}"
        )
    if su > VAGUE:
        return f"{said} sum to {total:.0f} ± {error:.0f} wt%, which tells nothing: {INSTEAD}"
    return ""

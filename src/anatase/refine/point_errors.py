"""What the goodness of fit says of the s.u. that the points of a pattern came with."""

from __future__ import annotations

__all__ = ["point_error_doubts"]

LOW = 0.8  # GOF: chance alone leaves it within 0.05 of 1 from 200 points on


def point_error_doubts(gof: float) -> list[str]:
    """Return a warning where residuals are far smaller than the s.u. σ of the points allow.

    S.u. of parameters are multiplied by GOF below 1 as above: they then follow the scatter that is seen, whatever the
    unit of σ, so that a pattern in counts per second has the s.u. of the same pattern in counts. Held at 1 instead,
    the factor would make s.u. as wrong as σ is. Only a pattern that was smoothed before gets too small ones.

    Examples
    --------
    >>> point_error_doubts(0.97)
    []
    >>> point_error_doubts(0.135)[0].partition(":")[0]
    'GOF 0.135 is far below 1'
    """
    if gof >= LOW:
        return []
    return [
        f"GOF {gof:.3g} is far below 1: residuals are smaller than the s.u. of the points allow. Where intensities are "
        "no counts but were scaled, GOF and Rexp mean nothing, and s.u., which follow the residuals, hold; where the "
        "pattern was smoothed, they are too small"
    ]

"""A value and its standard uncertainty, printed as crystallographers print them."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Estimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard uncertainty (s.u.).

    ``su`` is ``None`` for a value that was fixed or whose uncertainty is unknown.
    Printing follows the rule of 19 of Acta Cryst.: the s.u. has the digits that
    keep it between 2 and 19 in units of the last place.

    Examples
    --------
    >>> str(Estimate(5.43102, 0.00021))
    '5.4310(2)'
    >>> str(Estimate(12.9928, 0.0013))
    '12.9928(13)'
    >>> str(Estimate(0.5))
    '0.5'
    """

    value: float
    su: float | None = None

    def __str__(self) -> str:
        if self.su is None or not math.isfinite(self.su) or self.su <= 0 or not math.isfinite(self.value):
            return f"{self.value:.6g}"
        decimals = -math.floor(math.log10(self.su))
        if round(self.su * 10.0**decimals, 6) < 1.95:
            decimals += 1
        digits = round(self.su * 10.0**decimals)
        if decimals <= 0:
            step = 10 ** (-decimals)
            return f"{round(self.value / step) * step:d}({digits * step:d})"
        return f"{self.value:.{decimals}f}({digits:d})"

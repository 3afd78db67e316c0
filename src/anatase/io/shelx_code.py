"""How SHELX codes a number: free, fixed, tied to a free variable, or a multiple of U_eq."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anatase.errors import InputError

__all__ = ["ShelxNumber", "decoded"]

FREE_LIMIT = 5.0  # numbers between −5 and 5 are free
RIDING_U = (-5.0, -0.5)  # U_iso in this range is that multiple of U_eq of the last atom that does not ride


@dataclass(frozen=True, slots=True)
class ShelxNumber:
    """value = constant + factor · fv(variable); ``free`` where it is refined by itself, ``variable`` 0 where untied."""

    constant: float
    factor: float = 0.0
    variable: int = 0
    free: bool = False

    def value(self, variables: Sequence[float]) -> float:
        """Return the number for free variables fv(1), fv(2) and so on."""
        return self.constant + (self.factor * variables[self.variable - 1] if self.variable else 0.0)


def decoded(coded: float, variables: int) -> ShelxNumber:
    """Return what a coded number means where ``variables`` numbers stand on FVAR.

    x for |x| < 5 is free; 10 + x is fixed at x; 10 m + x is x · fv(m); −10 m − x is x · (1 − fv(m))
    (SHELXL manual, chapter 2.8).

    Raises
    ------
    InputError
        When the number lies between −15 and −5, where it has no meaning, or there is no such free variable.

    Examples
    --------
    >>> decoded(10.25, 1).constant, decoded(0.3, 1).free
    (0.25, True)
    >>> decoded(-20.5, 2).value((1.0, 0.6))
    0.2
    """
    if abs(coded) < FREE_LIMIT:
        return ShelxNumber(coded, free=True)
    tens = int(abs(coded) / 10.0 + 0.5)
    rest = round(abs(coded) - 10.0 * tens, 9)
    if coded > 0.0 and tens <= 1:
        return ShelxNumber(rest)
    if tens <= 1:
        raise InputError(f"{coded:g} is neither a value nor tied to a free variable", "give it from -5 to 5, or 10+x")
    if tens > variables:
        raise InputError(f"{coded:g} refers to free variable {tens}, and FVAR has {variables}", "add it to FVAR")
    if coded > 0.0:
        return ShelxNumber(0.0, rest, tens)
    return ShelxNumber(rest, -rest, tens)

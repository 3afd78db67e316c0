"""Options that hold several numbers: ``0.3,0.7``, ``1,0,0``, ``0,0,1:0.7``."""

from __future__ import annotations

import math
import re
from typing import Any

import click

from anatase.errors import InputError

__all__ = ["FiniteNumber", "NumberList", "Texture"]


STRONGEST = 0.1  # r, and one over the largest: beyond, all crystallites lie alike


def _name(param: click.Parameter | None) -> str:
    return param.opts[0] if param is not None else "the option"


class FiniteNumber(click.ParamType[float]):
    """A number; neither nan nor infinity is one."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number of a text."""
        del ctx
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise InputError(f"{_name(param)} is '{value}'", "give a number")
        return number


class NumberList(click.ParamType[tuple[float, ...]]):
    """Numbers between commas, as a tuple of float or int.

    Parameters
    ----------
    example
        What the message shows: ``"1,0,0"``.
    count
        How many there must be, 0 for any number.
    whole
        Whether they are integers.
    infinite
        Whether ``inf`` is one.
    """

    name = "numbers"

    def __init__(self, example: str, count: int = 0, *, whole: bool = False, infinite: bool = False) -> None:
        self.example, self.count, self.whole, self.infinite = example, count, whole, infinite

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the numbers of a text."""
        del ctx
        return value if isinstance(value, tuple) else self.numbers(str(value), _name(param))

    def numbers(self, text: str, option: str) -> tuple[float, ...]:
        """Return the numbers of a text.

        Raises
        ------
        InputError
            When one of them is none, or they are too many or too few.
        """
        parts = re.split(r"\s*,\s*|\s+", text.strip(" []()"))
        kind: type[int] | type[float] = int if self.whole else float
        try:
            found = tuple(kind(part) for part in parts)
        except ValueError:
            found = ()
        usable = all(math.isfinite(number) or (self.infinite and number == math.inf) for number in found)
        if not found or not usable or (self.count and len(found) != self.count):
            raise InputError(f"{option} is '{text}'", f"give it as in {option} {self.example}")
        return found


class Texture(click.ParamType[Any]):
    """A March–Dollase texture, ``0,0,1:0.7``: indices of the planes and r. ``none`` for a phase without."""

    name = "texture"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[tuple[int, int, int], float] | None:
        """Return the planes and r of a text, ``None`` for none."""
        del ctx
        if isinstance(value, tuple):
            return value
        text = str(value)
        if text.strip().lower() == "none":
            return None
        planes, colon, r = text.partition(":")
        option = _name(param)
        if not colon:
            raise InputError(f"{option} is '{text}'", f"give planes and r, as in {option} 0,0,1:0.7")
        h, k, l = NumberList("0,0,1:0.7", 3, whole=True).numbers(planes, option)
        (strength,) = NumberList("0,0,1:0.7", 1).numbers(r, option)
        if not any((h, k, l)) or not STRONGEST <= strength <= 1.0 / STRONGEST:
            raise InputError(f"{option} is '{text}'", f"give planes other than 000 and r from {STRONGEST:g} to 10")
        return (int(h), int(k), int(l)), strength

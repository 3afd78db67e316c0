"""Items, loops and values of a CIF that is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill

from anatase.estimate import Estimate
from anatase.io.write import cif_value, one_line

__all__ = ["item", "loop", "number", "number_with_su", "word"]

# as cif_core writes letters beyond ASCII
LETTERS = str.maketrans({
    "α": "\\a", "β": "\\b", "γ": "\\g", "θ": "\\q", "λ": "\\l", "μ": "\\m", "µ": "\\m", "σ": "\\s", "χ": "\\c",
    "Å": "\\%A", "°": "\\%", "²": "^2^", "³": "^3^", "₁": "1", "₂": "2", "–": "-",
    "−": "-", "×": "x", "é": "\\'e", "→": "->", "±": "+-",
})  # fmt: skip
WIDEST = 79


def item(tag: str, value: object) -> str:
    """Return an item with its value; ``?`` for ``None``, ``.`` stays itself; long texts stand between semicolons.

    Examples
    --------
    >>> item("_cell_length_a", Estimate(5.43102, 0.00021)), item("_pd_spec_mounting", None), item("_cell_volume", 160.2)
    ('_cell_length_a 5.4310(2)', '_pd_spec_mounting ?', '_cell_volume 160.2')
    """
    if isinstance(value, str):
        plain = one_line(value).translate(LETTERS)
        if len(plain) > WIDEST:
            wrapped = fill(plain.encode("ascii", "backslashreplace").decode("ascii"), WIDEST)
            return f"{tag}\n;\n{wrapped.replace(chr(10) + ';', chr(10) + ' ;')}\n;"
        return f"{tag} {value if value in ('.', '?') else cif_value(plain)}"
    if isinstance(value, Estimate):
        return f"{tag} {number_with_su(value)}"
    if isinstance(value, float):
        return f"{tag} {number(value)}"
    return f"{tag} {'?' if value is None else value}"


def loop(tags: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a loop of ready-made values; nothing where there is no row."""
    body = [" ".join(row) for row in rows]
    return ["loop_", *tags, *body] if body else []


def number(value: float, digits: int = 8) -> str:
    """Return a number with so many significant digits; ``?`` where it is none."""
    return f"{value:.{digits}g}" if value - value == 0.0 else "?"


def number_with_su(value: Estimate) -> str:
    """Return a number with the s.u. of its last digits; one without s.u. with all its digits."""
    return str(value) if value.su is not None and value.su > 0.0 else number(value.value)


def word(text: str) -> str:
    """Return a text as one value of a loop, in quotation marks where it needs them."""
    plain = one_line(text).translate(LETTERS).encode("ascii", "backslashreplace").decode("ascii").strip()
    if plain and not any(mark in plain for mark in " '\"#;_$[]") and plain.lower() not in ("loop_", ".", "?"):
        return plain
    return "'" + plain.replace("' ", " ").removesuffix("'") + "'" if plain else "."

"""Pieces of HTML from text that nobody vouches for: all of it is escaped here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from anatase.report.notation import formula_parts, symbol_parts

__all__ = ["formula_html", "list_html", "space_group_html", "table_html", "tagged", "text_html"]


def text_html(text: object) -> str:
    """Escape text for element content and for attribute values."""
    return escape(str(text), quote=True)


def tagged(tag: str, content: str, **attributes: str) -> str:
    """Wrap ready HTML in an element; attribute values are escaped (``class_`` for ``class``)."""
    written = "".join(f' {name.rstrip("_").replace("_", "-")}="{text_html(v)}"' for name, v in attributes.items())
    return f"<{tag}{written}>{content}</{tag}>"


def formula_html(formula: str) -> str:
    """Write a formula with its subscripts."""
    return "".join(
        tagged("sub", text_html(text)) if kind == "sub" else text_html(text) for kind, text in formula_parts(formula)
    )


def space_group_html(symbol: str) -> str:
    """Write a Hermann–Mauguin symbol as in print: italic letters, subscripts, overlined axes."""
    written = {
        "letter": lambda text: tagged("i", text_html(text)),
        "sub": lambda text: tagged("sub", text_html(text)),
        "bar": lambda text: tagged("span", text_html(text[1:]), class_="overline"),
    }
    parts = "".join(written.get(kind, text_html)(text) for kind, text in symbol_parts(symbol))
    return tagged("span", parts, class_="symbol", title=symbol)


def table_html(
    caption: str, headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Iterable[int] = (), class_: str = ""
) -> str:
    """Return a table of ready-made cells; the first cell of a row is its header, ``numeric`` columns align right."""
    right = set(numeric)

    def cell(column: int, content: str, scope: str = "") -> str:
        attributes = ({"class_": "number"} if column in right else {}) | ({"scope": scope} if scope else {})
        return tagged("th" if scope else "td", content, **attributes)

    def row_of(cells: Sequence[str]) -> str:
        return tagged("tr", "".join(cell(k, content, "" if k else "row") for k, content in enumerate(cells)))

    head = "".join(cell(k, header, "col") for k, header in enumerate(headers))
    body = "".join(row_of(row) for row in rows)
    content = tagged("caption", caption) + tagged("thead", tagged("tr", head)) + tagged("tbody", body)
    table = tagged("table", content, **({"class_": class_} if class_ else {}))
    return tagged("div", table, class_="scroll", tabindex="0", role="region", aria_label="table")


def list_html(pairs: Iterable[tuple[str, str]], class_: str = "") -> str:
    """Return a definition list of ready-made terms and values."""
    items = "".join(tagged("div", tagged("dt", term) + tagged("dd", value)) for term, value in pairs)
    return tagged("dl", items, **({"class_": class_} if class_ else {}))

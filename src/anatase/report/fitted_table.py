"""Tables for terminals of any width: numbers stay whole, words break at spaces, and what is needed least goes first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderResult
from rich.table import Table
from rich.text import Text

__all__ = ["FittedColumn", "FittedTable"]

GAP = 2  # spaces between columns
LONGEST_WORD = 24  # characters: a longer one may be broken


@dataclass(frozen=True)
class FittedColumn:
    """A column: header, a text for each row, and ``leaves``, its turn to go where the terminal is narrow (0: never).

    Columns of numbers stand at the right, and no cell of theirs is broken.
    """

    header: str
    cells: tuple[str, ...]
    leaves: int = 0
    number: bool = False

    @property
    def narrowest(self) -> int:
        """Width that breaks no word of the header and the cells, unless it is very long."""
        words = [word for text in self.cells for word in ([text] if self.number else text.split())]
        longest = [cell_len(word) if self.number else min(cell_len(word), LONGEST_WORD) for word in words]
        return max([*longest, *(min(cell_len(word), LONGEST_WORD) for word in self.header.split())])

    @property
    def widest(self) -> int:
        """Width that breaks nothing."""
        return max(cell_len(text) for text in (self.header, *self.cells))


@dataclass(frozen=True)
class FittedTable:
    """Columns that rich lays out in the width it has: as many as fit there with their words whole."""

    columns: tuple[FittedColumn, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table of the columns that fit."""
        shown = _fitting(self.columns, options.max_width)
        table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, GAP, 0, 0))
        for column, width in zip(shown, _widths(shown, options.max_width), strict=True):
            side: JustifyMethod = "right" if column.number else "left"
            table.add_column(Text(column.header), justify=side, overflow="fold", min_width=width, width=width)
        for row in zip(*(column.cells for column in shown), strict=True):
            table.add_row(*(Text(text) for text in row))
        yield table


def _gaps(columns: Sequence[FittedColumn]) -> int:
    return GAP * max(0, len(columns) - 1)


def _fitting(columns: Sequence[FittedColumn], width: int) -> list[FittedColumn]:
    """Return the columns that stay: those that may leave do so in their turn until the rest fits."""
    shown = list(columns)
    for column in sorted((one for one in columns if one.leaves), key=lambda one: one.leaves):
        if sum(one.narrowest for one in shown) + _gaps(shown) <= width:
            break
        shown.remove(column)
    return shown


def _widths(columns: Sequence[FittedColumn], width: int) -> list[int]:
    """Return the width of each column: whole words for all; what is left over to numbers, then from the left."""
    widths = [column.narrowest for column in columns]
    spare = max(0, width - sum(widths) - _gaps(columns))
    for i, column in sorted(enumerate(columns), key=lambda one: not one[1].number):
        more = min(spare, column.widest - widths[i])
        widths[i] += more
        spare -= more
    return widths

"""Texts of a library's entries (names, formulas, ids), fetched as they are asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, SupportsIndex, overload

from anatase.library.catalogue import Catalogue
from anatase.library.snapshot import unchanged
from anatase.library.table import EntryTable

__all__ = ["StoredTexts", "Texts"]

CHUNK = 20_000


class Texts(Protocol):
    """Texts (n,) of a library's entries: a list, or what fetches them."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[str]: ...
    def __contains__(self, text: object, /) -> bool: ...
    @overload
    def __getitem__(self, index: SupportsIndex, /) -> str: ...
    @overload
    def __getitem__(self, index: slice, /) -> Sequence[str]: ...


class StoredTexts(Sequence[str]):
    """One column of texts (n,) of a library; an item is one look into the database, a loop reads it in order."""

    def __init__(self, catalogues: Sequence[Catalogue], table: EntryTable, column: str) -> None:
        self._catalogues = catalogues
        self._table = table
        self._column = column
        self._seen: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._table)

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> str: ...
    @overload
    def __getitem__(self, index: slice, /) -> Sequence[str]: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        i = range(len(self))[index]
        if i not in self._seen:
            query = f"SELECT {self._column} FROM entry WHERE n = ?"  # noqa: S608, the column is ours
            with unchanged(self._catalogues[self._table.owner[i]]) as connection:
                self._seen[i] = str(connection.execute(query, (int(self._table.row[i]),)).fetchone()[0])
        return self._seen[i]

    def __iter__(self) -> Iterator[str]:
        query = f"SELECT n, {self._column} FROM entry ORDER BY library_id"  # noqa: S608, the column is ours
        for owner, catalogue in enumerate(self._catalogues):
            wanted = iter(self._table.row[self._table.owner == owner].tolist())
            with unchanged(catalogue) as connection:
                expected = next(wanted, None)
                for row, text in connection.execute(query):
                    if row == expected:
                        yield text
                        expected = next(wanted, None)

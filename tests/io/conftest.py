"""Helpers of the reader tests: sources from bytes, small files of each format."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from anatase.io.read import patterns_of
from anatase.io.source import Source
from anatase.pattern.pattern import Pattern

ReadBytes = Callable[..., tuple[Pattern, ...]]


@pytest.fixture
def read_bytes() -> ReadBytes:
    """Return a function from bytes or text to patterns, without a file."""

    def read(data: bytes | str, name: str = "sample") -> tuple[Pattern, ...]:
        return patterns_of(Source(name, data.encode() if isinstance(data, str) else data, "0" * 64))

    return read

"""The bytes of one input file, its text and its errors."""

from __future__ import annotations

import gzip
import io
import zlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from anatase.errors import InputError
from anatase.provenance import sha256_of

__all__ = ["MAX_BYTES", "Source", "open_source"]

MAX_BYTES = 512 * 1024 * 1024  # no one-dimensional pattern is larger; holds for packed and unpacked bytes
GZIP_MAGIC = b"\x1f\x8b"
CONTROL = frozenset(range(32)) - {9, 10, 11, 12, 13, 26, 27}  # tab, line ends, form feed, Ctrl-Z, escape occur in text


@dataclass(frozen=True)
class Source:
    """One input file: its name, its (unpacked) bytes, and the digest of the bytes on disk."""

    name: str
    data: bytes
    sha256: str

    def error(self, found: str, remedy: str = "", line: int | None = None) -> InputError:
        """Return an `InputError` that names this file."""
        return InputError(found, remedy, file=self.name, line=line)

    @property
    def head(self) -> bytes:
        """The first 4096 bytes, for recognising the format."""
        return self.data[:4096]

    @cached_property
    def is_text(self) -> bool:
        """Whether the first 64 kB read as text: no NUL and hardly any control character."""
        sample = self.data[:65536]
        if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return True
        if b"\0" in sample:
            return False
        return sum(byte in CONTROL for byte in sample) <= 0.005 * len(sample)

    @cached_property
    def text(self) -> str:
        """The bytes as text: UTF-8 or UTF-16 by their mark, else UTF-8, else Latin-1."""
        if self.data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return self.data.decode("utf-16", errors="replace")
        try:
            return self.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self.data.decode("latin-1")

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The text's lines without their ends; line ``n`` of an editor is ``lines[n - 1]``."""
        return tuple(self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


def open_source(path: str | Path) -> Source:
    """Read a file, unpacking gzip, within `MAX_BYTES`.

    Raises
    ------
    InputError
        When the file is missing, a folder, unreadable, empty, too large or badly packed.
    """
    path = Path(path)
    name = path.name or str(path)
    if path.is_dir():
        raise InputError("this is a folder, not a file", "name one of the pattern files in it", file=path)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(
                f"the file has {size} bytes, more than {MAX_BYTES}", "a pattern is never so large", file=path
            )
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError("there is no such file", "check the path", file=path) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(
            f"the file cannot be opened ({reason})", "check the path and its permissions", file=path
        ) from error
    digest = sha256_of(data)
    if data[:2] == GZIP_MAGIC:
        data = unpack_gzip(data, name)
    if not data.strip():
        raise InputError("the file is empty", "export the pattern again", file=name)
    return Source(name, data, digest)


def unpack_gzip(data: bytes, name: str) -> bytes:
    """Return gzip-packed bytes unpacked, refusing what is damaged or grows beyond `MAX_BYTES`."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            unpacked = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"the gzip data is damaged ({error})", "copy the file again", file=name) from error
    if len(unpacked) > MAX_BYTES:
        raise InputError(f"the file unpacks to more than {MAX_BYTES} bytes", "a pattern is never so large", file=name)
    return unpacked

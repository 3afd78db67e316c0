"""Members of zip containers (BRML, RASX, XLSX), read within limits."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from anatase.io.source import MAX_BYTES, Source

__all__ = ["ZIP_MAGIC", "member", "open_archive"]

ZIP_MAGIC = b"PK\x03\x04"
MAX_MEMBERS = 20_000


@contextmanager
def open_archive(source: Source) -> Iterator[zipfile.ZipFile]:
    """Open the zip container of a source.

    Raises
    ------
    InputError
        When the container is damaged, encrypted, or declares more than `MAX_BYTES` or too many members.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source.data)) as archive:
            infos = archive.infolist()
            if len(infos) > MAX_MEMBERS or sum(info.file_size for info in infos) > MAX_BYTES:
                raise source.error(
                    "the zip container unpacks to more than a scan can hold", "check where the file came from"
                )
            yield archive
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise source.error(f"the zip container is damaged ({error})", "copy or export the file again") from error
    except (RuntimeError, zlib.error, KeyError, UnicodeDecodeError, IndexError) as error:
        raise source.error(
            f"the zip container cannot be unpacked ({error})", "copy or export the file again"
        ) from error


def member(archive: zipfile.ZipFile, name: str, source: Source) -> bytes:
    """Return one member's bytes, at most `MAX_BYTES` whatever its header declares."""
    with archive.open(name) as stream:
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise source.error(f"{name} unpacks to more than {MAX_BYTES} bytes", "check where the file came from")
    return data

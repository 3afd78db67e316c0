"""Structure files inside zip archives and wheels, taken out with care."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

from anatase.errors import InputError
from anatase.io.structure_files import MAX_FILE_BYTES, is_structure_file
from anatase.library.entry import Refusal

__all__ = ["WHEEL_NOTICES", "download_wheel", "extract_structures"]

MAX_TOTAL_BYTES = 16 * 2**30
MAX_RATIO = 200  # a CIF shrinks to a tenth, at best to a hundredth
PIP_LIMIT = 600.0  # seconds

# what a user should know about the contents of a package before using them
WHEEL_NOTICES = {
    "autoxrd": (
        "autoxrd carries 1,089 BGMN structures of minerals, ceramics and cements. The wheel says MIT; the licence "
        "of the structures upstream is unverified. They are added to your own library at your request and are not "
        "part of anatase."
    ),
}


def extract_structures(archive: Path, folder: Path) -> list[Refusal]:
    """Take the structure files of a zip archive out into a folder; return what was refused.

    Names that leave the folder, files over 64 MiB, and members that shrink more than text can
    are refused.

    Raises
    ------
    InputError
        When the file is no zip archive, is damaged or encrypted, or holds more than 16 GiB.
    """
    refused: list[Refusal] = []
    total = 0
    try:
        with zipfile.ZipFile(archive) as opened:
            for member in opened.infolist():
                if member.is_dir() or not is_structure_file(PurePosixPath(member.filename).name):
                    continue
                reason = _refusal(member)
                if reason:
                    refused.append(Refusal(member.filename, reason))
                    continue
                total += member.file_size
                if total > MAX_TOTAL_BYTES:
                    raise InputError("the archive holds more than 16 GiB", "split it", file=archive)
                target = folder / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
                _stamp(target, member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise InputError(
            f"the archive cannot be read ({error})", "pack it anew, without password", file=archive
        ) from error
    return refused


def _stamp(path: Path, member: zipfile.ZipInfo) -> None:
    """Give a file the date and the checksum of its member, so that the same content has the same time of change."""
    year, month, day, hour, minute, second = member.date_time  # unchecked: zero months occur
    seconds = ((((year - 1980) * 12 + month) * 31 + day) * 24 + hour) * 3600 + minute * 60 + second
    os.utime(path, ns=(0, seconds * 10**9 + member.CRC % 10**9))


def _refusal(member: zipfile.ZipInfo) -> str:
    path = PurePosixPath(member.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in path.parts[0]:
        return "its name leads out of the archive"
    if member.file_size > MAX_FILE_BYTES:
        return f"it unpacks to {member.file_size / 2**20:.0f} MiB, the limit is {MAX_FILE_BYTES // 2**20}"
    if member.file_size > 2**20 and member.file_size > MAX_RATIO * max(member.compress_size, 1):
        return "it unpacks to more than 200 times its size"
    return ""


def download_wheel(package: str, folder: Path) -> Path:
    """Download the wheel of a package with pip, without installing it or what it needs.

    Raises
    ------
    InputError
        When the name is no package name or pip cannot get a wheel.
    """
    if not package.replace("-", "").replace("_", "").replace(".", "").isalnum() or package.startswith("-"):
        raise InputError(f"'{package}' is no package name", "write it as in pypi:autoxrd")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    try:
        done = subprocess.run(  # noqa: S603, a list, no shell, and the name is checked
            [*command, "--dest", str(folder), package], capture_output=True, text=True, timeout=PIP_LIMIT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"pip did not get {package} within {PIP_LIMIT:.0f} s", "check the network") from error
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR") or "No module" in line]
        reason = lines[0] if lines else f"pip ended with {done.returncode}"
        raise InputError(f"pip cannot download {package}: {reason}", "check the name and the network")
    return wheels[0]

"""Pickles of plain data, read without running anything that they ask for.

A pickle is a program: it may call any function that Python can import. Here its instructions are looked through first,
and the few names that numpy arrays, simple containers and GSAS-II's own records need stand for functions of this file;
every other name is refused (docs/decisions/006-restricted-unpickler.md).
"""

from __future__ import annotations

import io
import pickle
import pickletools
import re
from collections.abc import Callable, Iterator
from typing import Any

from anatase.errors import InputError
from anatase.io.pickled_array import PickledDtype, array_from_buffer, new_array, scalar_of
from anatase.io.source import Source

__all__ = ["PlainRecord", "plain_pickles"]

MOST_INSTRUCTIONS = 20_000_000
# what asks for objects from outside the file or from tables of the process; no plain data needs them
REFUSED = frozenset({"PERSID", "BINPERSID", "EXT1", "EXT2", "EXT4", "NEXT_BUFFER", "READONLY_BUFFER", "NEWOBJ_EX"})
WRAPPING = frozenset({"TUPLE", "TUPLE1", "TUPLE2", "TUPLE3", "FROZENSET", "REDUCE", "NEWOBJ", "INST", "OBJ"})
MARK, DEEPEST = -1, 500
NUMBERED = frozenset({"PUT", "BINPUT", "LONG_BINPUT"})
RECORDS = re.compile(r"(GSASII\.)?GSASII\w*|wx\._(core|gdi_?)")
BUILTINS = ("builtins", "__builtin__")  # of Python 3 and 2
DAMAGE = (
    pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError,
    MemoryError, RecursionError,
)  # fmt: skip


class PlainRecord:
    """An object of a class of GSAS-II: its class' name and what it held, and no behaviour."""

    kind = ""
    contents: tuple[Any, ...]
    fields: dict[str, Any]

    def __new__(cls, *contents: Any) -> PlainRecord:
        """Make a record of what the file gives its class, which need not be called for it."""
        self = super().__new__(cls)
        self.contents, self.fields = contents, {}
        return self

    def __setstate__(self, state: Any) -> None:
        self.fields = dict(state) if isinstance(state, dict) else {"state": state}


def _encoded(text: Any, encoding: Any = "latin1") -> bytes:
    if encoding not in ("latin1", "latin-1"):
        raise InputError(f"bytes stand as text in {encoding}", "the file is damaged")
    return str(text).encode("latin-1")


def _no_bytes(*contents: Any) -> bytes:
    """Return the empty text of bytes, which old protocols write as a call; with a number it would take memory."""
    if contents:
        raise InputError("bytes are made by a call", "the file is damaged")
    return b""


def _remade(kind: Any, *_: Any) -> Any:
    """Return a record as the pickles of old classes ask for it."""
    if not (isinstance(kind, type) and issubclass(kind, PlainRecord)):
        raise InputError("an object of no known class is made anew", "the file is damaged")
    return kind()


def _never(*_: Any) -> Any:
    raise InputError("a type is called", "the file is damaged")


class _Maker:
    """Stands for a function or type that a pickle names; its state cannot be changed."""

    __slots__ = ("make",)
    make: Callable[..., Any]

    def __init__(self, make: Callable[..., Any]) -> None:
        object.__setattr__(self, "make", make)

    def __call__(self, *arguments: Any) -> Any:
        return self.make(*arguments)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(name)

    def __setstate__(self, state: Any) -> None:
        raise InputError("a function's state is set", "the file is damaged")


ADMITTED: dict[str, _Maker] = {
    **{f"{core}.multiarray._reconstruct": _Maker(new_array) for core in ("numpy.core", "numpy._core")},
    **{f"{core}.multiarray.scalar": _Maker(scalar_of) for core in ("numpy.core", "numpy._core")},
    **{f"{core}.numeric._frombuffer": _Maker(array_from_buffer) for core in ("numpy.core", "numpy._core")},
    "numpy.ndarray": _Maker(_never),
    "numpy.dtype": _Maker(PickledDtype),
    "numpy.ma.core._mareconstruct": _Maker(new_array),
    "numpy.ma.core.MaskedArray": _Maker(_never),
    "numpy.ma.MaskedArray": _Maker(_never),
    "collections.OrderedDict": _Maker(dict),
    **{f"{module}.{kind.__name__}": _Maker(kind) for module in BUILTINS for kind in (set, frozenset, complex)},
    **{f"{module}.object": _Maker(_never) for module in BUILTINS},
    **{f"{module}.bytes": _Maker(_no_bytes) for module in BUILTINS},
    **{f"{module}._reconstructor": _Maker(_remade) for module in ("copyreg", "copy_reg")},
    "_codecs.encode": _Maker(_encoded),
}


def _refuse(name: str) -> InputError:
    return InputError(
        f"the file names {name}, which is no plain data", "do not open it elsewhere unless you trust who made it"
    )


class _Unpickler(pickle.Unpickler):
    """An unpickler that knows the names of ``ADMITTED`` and GSAS-II's records."""

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full in ADMITTED:
            return ADMITTED[full]
        if RECORDS.fullmatch(module) and name.isidentifier():
            return type(name, (PlainRecord,), {"kind": name})  # a class of its own: nothing outlives this file
        raise _refuse(full)


def plain_pickles(source: Source) -> Iterator[Any]:
    """Yield the objects of the pickles that follow each other in a file.

    Raises
    ------
    InputError
        When the file is no pickle, names a function or class that is no plain data, is damaged or too long.
    """
    position, instructions = 0, 0
    while position < len(source.data):
        try:
            end, count = _looked_through(source.data, position, MOST_INSTRUCTIONS - instructions)
            stream = io.BytesIO(source.data[position:end])
            yield _Unpickler(stream, encoding="latin-1").load()
        except InputError as error:
            raise source.error(error.found, error.remedy) from error
        except DAMAGE as error:
            raise source.error(
                f"the pickled data at byte {position} cannot be read ({error})", "save the project again"
            ) from error
        position, instructions = end, instructions + count


def _looked_through(data: bytes, start: int, most: int) -> tuple[int, int]:
    """Return where a pickle ends and how many instructions it has, each one that may stand there."""
    stream = io.BytesIO(data)
    stream.seek(start)
    count, nesting = 0, _Nesting()
    for count, (instruction, argument, _) in enumerate(pickletools.genops(stream), start=1):
        name = instruction.name
        if name in REFUSED:
            raise InputError(f"the pickled data has the instruction {name}", "only plain data are read")
        if name in NUMBERED and int(argument or 0) > count:
            raise InputError(f"the pickled data skips to memory {argument}", "the file is damaged")
        if name in ("GLOBAL", "INST"):
            module, _, word = str(argument).partition(" ")
            if f"{module}.{word}" not in ADMITTED and not RECORDS.fullmatch(module):
                raise _refuse(f"{module}.{word}")
        if count > most:
            raise InputError(f"the pickled data has over {MOST_INSTRUCTIONS} instructions", "a project has fewer")
        nesting.follow(instruction, argument)
    return stream.tell(), count


class _Nesting:
    """How deep tuples stand in tuples: Python would run out of stack when it compares too many of them."""

    def __init__(self) -> None:
        self.stack: list[int] = []
        self.memory: dict[int, int] = {}

    def follow(self, instruction: pickletools.OpcodeInfo, argument: Any) -> None:
        """Take the next instruction."""
        name, stack, before = instruction.name, self.stack, instruction.stack_before
        if name == "MARK":
            stack.append(MARK)
            return
        if name.endswith("PUT") or name == "MEMOIZE":
            self.memory[len(self.memory) if name == "MEMOIZE" else int(argument)] = stack[-1]
            return
        popped = []
        if pickletools.stackslice in before:
            while (depth := stack.pop()) != MARK:
                popped.append(depth)
            before = before[: before.index(pickletools.markobject)]
        popped += [stack.pop() for _ in before]
        if name.endswith("GET"):
            depth = self.memory[int(argument)]
        elif name in WRAPPING:
            depth = 1 + max(popped, default=0)
        else:
            depth = popped[-1] if popped and instruction.stack_after else 0
        if depth > DEEPEST:
            raise InputError(f"the pickled data nests over {DEEPEST} deep", "the file is damaged")
        stack += [depth] * len(instruction.stack_after)

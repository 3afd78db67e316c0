"""What stands for numpy's arrays and numbers in a pickle: shape, type and bytes are checked before they are made."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from anatase.errors import InputError

__all__ = ["PickledArray", "PickledDtype", "array_from_buffer", "new_array", "scalar_of"]

DTYPE = re.compile(r"[<>|=]?(b1|i[1248]|u[1248]|f[248]|c8|c16|S[1-9]\d{0,5}|U[1-9]\d{0,5}|O8?)")


class PickledDtype:
    """The type of an array's elements, as numpy writes it: a code, and by its state the order of bytes."""

    __slots__ = ("code", "order")

    def __init__(self, code: Any, *_: Any) -> None:
        self.code, self.order = _text(code), "|"

    def __setstate__(self, state: Any) -> None:
        order = _text(state[1])
        self.order = order if order in ("<", ">", "|", "=") else "?"

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of numpy, of numbers, texts and objects alone."""
        match = DTYPE.fullmatch(self.code)
        if match is None or self.order == "?":
            raise InputError(f"an array holds elements of type '{self.code}'", "only numbers and texts are read")
        return np.dtype(self.order + match.group(1)) if self.order in "<>" else np.dtype(match.group(1))


class PickledArray(np.ndarray[Any, Any]):
    """An array whose state is checked before it is taken; ``mask`` tells which elements of a masked one are hidden."""

    mask: Any = None

    def __setstate__(self, state: Any) -> None:
        shape, dtype, fortran, raw = _array_state(state[-4:] if len(state) < 7 else state[1:5])
        plain: Any = super()  # its annotation knows only numpy's own bool
        plain.__setstate__((1, shape, dtype, fortran, raw))
        if len(state) == 7:  # a masked array: its mask is a second text of bytes
            hidden = np.frombuffer(_bytes(state[5]), dtype=np.bool_)
            self.mask = hidden.reshape(shape, order="F" if fortran else "C")


def _array_state(state: Any) -> tuple[tuple[int, ...], np.dtype[Any], bool, Any]:
    """Return shape, type, order and elements of an array, once they agree."""
    shape, kind, fortran, raw = state
    if not isinstance(kind, PickledDtype) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise InputError("an array has no proper shape or type", "the file is damaged")
    dtype, count = kind.dtype, 1
    for n in shape:
        count *= n
    if dtype.hasobject:
        if not isinstance(raw, list) or len(raw) != count:
            raise InputError(f"an array of shape {tuple(shape)} lacks elements", "the file is damaged")
        return tuple(shape), dtype, bool(fortran), raw
    raw = _bytes(raw)
    if len(raw) != count * dtype.itemsize:
        raise InputError(f"an array of shape {tuple(shape)} has {len(raw)} bytes", "the file is damaged")
    return tuple(shape), dtype, bool(fortran), raw


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(value: Any) -> bytes:
    """Return bytes; pickles of Python 2 hold them as text."""
    return value.encode("latin-1") if isinstance(value, str) else bytes(memoryview(value))


def new_array(*_: Any) -> PickledArray:
    """Return an empty array, whatever is asked for: its state brings the elements."""
    return np.ndarray.__new__(PickledArray, (0,))


def array_from_buffer(raw: Any, kind: Any, shape: Any, order: Any = "C") -> PickledArray:
    """Return the array of some bytes, as pickles of protocol 5 hold it."""
    array = new_array()
    array.__setstate__((shape, kind, order == "F", raw))
    return array


def scalar_of(kind: Any, raw: Any = b"") -> Any:
    """Return the number of numpy that some bytes hold."""
    if isinstance(kind, PickledDtype) and kind.dtype.hasobject:
        return raw
    _, dtype, _, checked = _array_state(((), kind, False, raw))
    return np.frombuffer(checked, dtype=dtype, count=1)[0]

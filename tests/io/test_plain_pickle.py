"""Pickles of plain data: what is read, and that nothing of a hostile one runs."""

from __future__ import annotations

import contextlib
import os
import pickle
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from anatase.errors import InputError
from anatase.io.plain_pickle import PlainRecord, plain_pickles
from anatase.io.source import Source

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def load(data: bytes) -> list[object]:
    return list(plain_pickles(Source("project.gpx", data, "")))


def array_of(shape: str, kind: str = "f8", raw: bytes = b"\x00" * 8) -> bytes:
    """Return a pickle of an array with a state that need not agree with itself."""
    return (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntc_codecs\nencode\n(Vb\nVlatin1\ntRtR("
        + f"I1\n{shape}cnumpy\ndtype\n(V{kind}\nI00\nI01\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntbI00\n".encode()
        + b"c_codecs\nencode\n(V" + raw.decode("latin-1").encode("raw_unicode_escape") + b"\nVlatin1\ntRtb."
    )  # fmt: skip


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_and_containers(protocol: int):
    held = {
        "array": np.arange(6.0).reshape(2, 3),
        "by columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "big endian": np.arange(3, dtype=">i4"),
        "texts": np.array(["ab", "c"]),
        "objects": np.array(["a", None, 3], dtype=object),
        "masked": np.ma.masked_array([1.0, 2.0, 3.0], [False, True, False]),
        "number": np.float64(3.5),
        "truth": np.bool_(True),
        "set": {1, 2},
        "frozen": frozenset([3]),
        "complex": 2.0 + 1.0j,
        "bytes": b"\xff\x00",
        "long": -(10**30),
        "ordered": OrderedDict(a=1, b=2),
        "nested": [(1, [2, {"three": (4, None, True)}])],
    }
    (found,) = load(pickle.dumps(held, protocol))
    assert isinstance(found, dict)
    for name, value in held.items():
        if isinstance(value, np.ndarray):
            assert found[name].dtype.kind == value.dtype.kind
            assert np.array_equal(np.asarray(found[name]), np.asarray(value)), name
        else:
            assert found[name] == value, name
    assert found["masked"].mask.tolist() == [False, True, False]


def test_several_pickles_follow_each_other():
    assert load(pickle.dumps([1], 1) + pickle.dumps("two", 4) + pickle.dumps(3.0, 0)) == [[1], "two", 3.0]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
)


@given(plain, st.sampled_from(PROTOCOLS))
def test_plain_data_come_back(value: object, protocol: int):
    assert load(pickle.dumps(value, protocol)) == [value]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("module", ["GSASIIobj", "GSASII.GSASIIobj"])
def test_records_of_gsas_ii_have_no_behaviour(protocol: int, module: str, monkeypatch: pytest.MonkeyPatch):
    class G2VarObj:
        def __init__(self) -> None:
            self.name, self.phase = "AUiso", 7

    fake = ModuleType(module)
    G2VarObj.__module__, G2VarObj.__qualname__, fake.G2VarObj = module, "G2VarObj", G2VarObj  # type: ignore[attr-defined]
    for part in (module.split(".")[0], module):
        monkeypatch.setitem(sys.modules, part, fake)
    data = pickle.dumps([G2VarObj()], protocol)
    monkeypatch.undo()
    ((found,),) = load(data)
    assert isinstance(found, PlainRecord)
    assert (found.kind, found.fields) == ("G2VarObj", {"name": "AUiso", "phase": 7})


class Call:
    """Pickles as a call of any function with any arguments."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.function, self.arguments


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_calls_of_functions_are_refused(protocol: int, tmp_path: Path):
    mark = tmp_path / "it_ran"
    for function, arguments, name in (
        (os.system, (f"touch {mark}",), f"{os.system.__module__}.system"),
        (eval, (f"open({str(mark)!r}, 'w')",), "eval"),
        (exec, (f"open({str(mark)!r}, 'w')",), "exec"),
        (getattr, (os, "system"), "getattr"),
        (open, (str(mark), "w"), "open"),
        (np.load, (str(mark),), "load"),
        (__import__, ("os",), "__import__"),
        (bytearray, (10**12,), "bytearray"),
    ):
        held = arguments if function is not getattr else ("os", "system")
        with pytest.raises(InputError, match=rf"names \S*{name}") as caught:
            load(pickle.dumps([Call(function, *held)], protocol))
        assert caught.value.file == "project.gpx"
    assert not mark.exists()


def test_dotted_names_and_other_ways_out_are_refused():
    for data, message in (
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "names os.system"),
        (b"\x80\x04\x8c\x08builtins\x8c\x11set.__class__.mro\x93.", "names builtins.set.__class__"),
        (b"\x80\x04\x8c\x05numpy\x8c\x10ndarray.__reduce\x93.", "names numpy.ndarray.__reduce"),
        (b"(S'ls'\nios\nsystem\n.", "names os.system"),
        (b"Pmine\n.", "instruction PERSID"),
        (b"\x80\x02\x82\x01.", "instruction EXT1"),
        (b"\x80\x05\x97.", "instruction NEXT_BUFFER"),
        (b"\x80\x02cnumpy\nndarray\nK\x01\x85R.", "a type is called"),
        (b"\x80\x02c_codecs\nencode\nN}X\x04\x00\x00\x00makeK\x01s\x86b.", "function's state"),
        (b"\x80\x02ccopy_reg\n_reconstructor\nc__builtin__\nset\nNN\x87R.", "no known class"),
        (b"\x80\x02cnumpy\ndtype\nX\x03\x00\x00\x00V64\x85R.", None),
    ):
        if message is None:
            assert len(load(data)) == 1  # an element type alone is harmless: it is checked when an array wants it
            continue
        with pytest.raises(InputError, match=message):
            load(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (array_of("(I1000000000000\nt"), "has 8 bytes"),
        (array_of("(I-1\nt"), "no proper shape"),
        (array_of("(I1\nt", "V8"), "elements of type 'V8'"),
        (array_of("(I1\nt", "O8"), "lacks elements"),
        (array_of("(I1\nt", "f8", b"\x00" * 7), "has 7 bytes"),
        (array_of("N"), "cannot be read"),
    ],
)
def test_arrays_that_lie_are_refused(data: bytes, message: str):
    with pytest.raises(InputError, match=message):
        load(data)


def test_a_sound_array_of_that_form_is_read():
    (found,) = load(array_of("(I1\nt", "f8", np.array([2.5]).tobytes()))
    assert np.asarray(found).tolist() == [2.5]


def test_damage_and_size_are_told(monkeypatch: pytest.MonkeyPatch):
    whole = pickle.dumps([np.arange(50.0), "text", {"a": (1, 2)}], 2)
    for length in range(1, len(whole)):
        with pytest.raises(InputError, match=r"project\.gpx"):
            load(whole[:length])
    for data in (b"no pickle at all", b"\x80\x63.", b"0.", b"\x80\x02h\x05.", b"a.", b"\x80\x02(."):
        with pytest.raises(InputError, match=r"project\.gpx"):
            load(data)
    with pytest.raises(InputError, match="skips to memory 2147483647"):
        load(b"\x80\x02K\x01r\xff\xff\xff\x7f.")
    with pytest.raises(InputError, match="nests over"):
        load(b"\x80\x02}()" + b"\x85" * 100_000 + b"K\x01u.")
    monkeypatch.setattr("anatase.io.plain_pickle.MOST_INSTRUCTIONS", 1000)
    with pytest.raises(InputError, match="over 1000 instructions"):
        load(pickle.dumps(list(range(2000)), 2))


@given(st.binary(min_size=1, max_size=200))
def test_no_bytes_raise_anything_else(data: bytes):
    with contextlib.suppress(InputError):
        load(data)
    with contextlib.suppress(InputError):
        load(b"\x80\x02" + data + b".")

"""The process that indexes files for another: requests on stdin, rows on stdout, one JSON document a line.

Run as ``python -m anatase.library.worker``. A process of its own can be ended when a file makes it hang
or crash, and needs nothing of the caller's main module.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from anatase.crystal.lattice import Lattice
from anatase.library.entry import Entry, Record, Refusal

__all__ = ["from_message", "main", "to_message"]

_ARRAYS = {"hkl": np.int16, "xray": np.float32, "neutron": np.float32}


def to_message(item: Record | Refusal) -> dict[str, Any]:
    """Return a JSON-ready form of a row or a refusal."""
    if isinstance(item, Refusal):
        return {"refusal": asdict(item)}
    entry = {name: getattr(item.entry, name) for name in Entry.__dataclass_fields__ if name != "lattice"}
    blobs = {name: getattr(item, name).tobytes() for name in _ARRAYS} | {"structure": item.structure}
    return {
        "entry": entry,
        "lattice": item.entry.lattice.parameters,
        "row": [item.elements, item.phase_key, item.atom_volume, item.file],
        "blobs": {name: base64.b64encode(blob).decode() for name, blob in blobs.items()},
    }


def from_message(message: dict[str, Any]) -> Record | Refusal:
    """Return the row or the refusal that ``to_message`` wrote."""
    if "refusal" in message:
        return Refusal(**message["refusal"])
    blobs = {name: base64.b64decode(text) for name, text in message["blobs"].items()}
    hkl, xray, neutron = (np.frombuffer(blobs[name], dtype=kind) for name, kind in _ARRAYS.items())
    elements, key, atom_volume, file = message["row"]
    return Record(
        Entry(**message["entry"], lattice=Lattice(*message["lattice"])),
        (elements[0], elements[1]),
        key,
        atom_volume,
        hkl.reshape(-1, 3),
        xray,
        neutron,
        blobs["structure"],
        file,
    )


def main() -> None:
    """Answer requests until stdin closes."""
    from anatase.library.index_file import index_file

    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not mix with the answers
    for line in sys.stdin:
        request = json.loads(line)
        for item in index_file(Path(request["path"]), request["file"], request["library_id"]):
            answers.write(json.dumps(to_message(item)) + "\n")
            answers.flush()
        answers.write('{"done": true}\n')
        answers.flush()


if __name__ == "__main__":
    main()

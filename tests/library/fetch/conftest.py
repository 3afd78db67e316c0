"""The reference OPTIMADE server on loopback, with structures of the embedded library and awkward ones of our own."""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from anatase.library import Library, open_library
from anatase.library.fetch import indexing
from anatase.library.index_file import index_file

LICENCE = "CC-BY-4.0"
ELEMENTS = ("Ti", "O", "Mg", "Fe", "Al", "Zn", "Ca", "Ni")


@dataclass(frozen=True)
class ReferenceServer:
    """Its address, and the embedded entries that it serves: identifier on the server → row of the embedded library."""

    url: str
    served: dict[str, int]
    awkward: tuple[str, ...]


def optimade_attributes(library: Library, i: int) -> dict:
    """Return an embedded structure as a database of calculated crystals would serve it: in P 1, Cartesian."""
    structure = library.structure(i)
    owners, positions = structure.cell_positions
    vectors = structure.lattice.vectors
    species, names = {}, []
    for owner in owners:
        site = structure.sites[owner]
        name = "+".join(f"{s.element}{s.occupancy:.4f}" for s in site.species)
        empty = round(1 - site.occupancy, 6)
        symbols = [s.element for s in site.species] + (["vacancy"] if empty > 1e-3 else [])
        shares = [s.occupancy for s in site.species] + ([empty] if empty > 1e-3 else [])
        species[name] = {"name": name, "chemical_symbols": symbols, "concentration": shares}
        names.append(name)
    composition = structure.composition
    total = sum(composition.values())
    return {
        "elements": sorted(composition),
        "nelements": len(composition),
        "elements_ratios": [composition[e] / total for e in sorted(composition)],
        "chemical_formula_reduced": structure.formula,
        "chemical_formula_descriptive": structure.formula,
        "chemical_formula_anonymous": "A",
        "dimension_types": [1, 1, 1],
        "nperiodic_dimensions": 3,
        "lattice_vectors": vectors.tolist(),
        "cartesian_site_positions": (positions @ vectors).tolist(),
        "nsites": len(names),
        "species": list(species.values()),
        "species_at_sites": names,
        "structure_features": ["disorder"] if any(len(s["chemical_symbols"]) > 1 for s in species.values()) else [],
        "last_modified": "2026-01-01T00:00:00Z",
    }


def awkward_attributes(library: Library, i: int) -> dict[str, dict]:
    """Return entries that are no whole crystals."""
    whole = optimade_attributes(library, i)
    slab = {**whole, "dimension_types": [1, 1, 0], "nperiodic_dimensions": 2}
    unknown = {**whole, "species": [{**s, "chemical_symbols": ["X"], "concentration": [1]} for s in whole["species"]]}
    far = {**whole, "lattice_vectors": (9 * np.array(whole["lattice_vectors"])).tolist()}
    return {"slab": slab, "unknown-atoms": unknown, "gas": far}


@pytest.fixture(scope="session")
def reference_server(tmp_path_factory: pytest.TempPathFactory):
    """Run the server of the package ``optimade`` for the session, with ten structures a page at most."""
    if importlib.util.find_spec("optimade") is None or importlib.util.find_spec("httpx") is None:
        pytest.skip("the package optimade[server] is not installed; it comes with the extra dev")
    library = open_library()
    chosen = [i for i in library.select(allowed=ELEMENTS).tolist() if library.structure(i).n_atoms < 25]
    served = {f"s-{n}": i for n, i in enumerate(chosen)}
    entries = {name: optimade_attributes(library, i) | {"license": LICENCE} for name, i in served.items()}
    awkward = awkward_attributes(library, next(i for i in chosen if library.formulas[i] == "TiO2"))
    folder = tmp_path_factory.mktemp("optimade")
    lines = [json.dumps({"x-optimade": {"meta": {"api_version": "1.2.0"}}})]
    for name, attributes in {**entries, **awkward}.items():
        lines.append(json.dumps({"id": name, "type": "structures", "attributes": attributes}))
    (folder / "structures.jsonl").write_text("\n".join(lines))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {"name": "license", "type": "string", "description": "SPDX identifier"}
    settings = {
        "OPTIMADE_INSERT_TEST_DATA": "false",
        "OPTIMADE_INSERT_FROM_JSONL": str(folder / "structures.jsonl"),
        "OPTIMADE_CONFIG_FILE": str(folder / "none.json"),
        "OPTIMADE_PAGE_LIMIT_MAX": "10",
        "OPTIMADE_PROVIDER_FIELDS": json.dumps({"structures": [own]}),
        "OPTIMADE_LOG_LEVEL": "warning",
    }
    command = [sys.executable, "-W", "ignore", "-m", "uvicorn", "optimade.server.main:app", "--port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--log-level", "warning"], env={**os.environ, **settings}, cwd=folder, stdout=log, stderr=log
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/versions", process, folder / "log")
        yield ReferenceServer(f"http://127.0.0.1:{port}", served, tuple(awkward))
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def in_this_process():
    """Spare the start of worker processes; ``test_worker_pool`` and the fetch that is killed cover those."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            indexing, "index_files", lambda tasks: [list(index_file(t.path, t.file, t.library_id)) for t in tasks]
        )
        yield


def _wait_for(url: str, process: subprocess.Popen, log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"the reference server ended: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the reference server does not answer: {log.read_text()[-2000:]}")

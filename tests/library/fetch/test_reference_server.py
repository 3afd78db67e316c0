"""Fetching from the reference implementation of OPTIMADE, over HTTP on loopback."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from anatase.cli import cli
from anatase.errors import InputError
from anatase.library import Library, open_library
from anatase.library.fetch import PoliteClient, Query, fetch_structures
from anatase.library.fetch.staging import Staging

LICENCE = "CC-BY-4.0"
ELEMENTS = ("Ti", "O", "Mg", "Fe", "Al", "Zn", "Ca", "Ni")
RATE = 100.0  # requests a second; the server is ours
WANTED = ("Al", "Ca", "Fe", "Mg", "O", "Ti")


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


@pytest.fixture(scope="module")
def reference_server(tmp_path_factory: pytest.TempPathFactory):
    """Run the server of the package ``optimade`` with ten structures a page at most."""
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


@pytest.fixture(scope="module")
def fetched(reference_server, in_this_process, tmp_path_factory):
    """All alloys and oxides of five metals that the server has, in a library of their own."""
    target = tmp_path_factory.mktemp("fetched") / "library.sqlite"
    with PoliteClient(RATE) as client:
        answer = fetch_structures(reference_server.url, Query(WANTED), target, client=client)
    return answer, open_library(target)


def test_structures_come_back_as_they_were_before_they_were_served(reference_server, fetched):
    answer, library = fetched
    embedded = open_library()
    expected = {n: i for n, i in reference_server.served.items() if embedded.structure(i).elements <= set(WANTED)}
    assert 20 < len(expected) < len(reference_server.served)  # three pages and more
    assert sorted(library.ids) == sorted(f"exmpl/{name}" for name in expected)
    assert answer.pages >= 3
    for name, i in expected.items():
        j = library.ids.index(f"exmpl/{name}")
        assert library.formulas[j] == embedded.formulas[i]
        assert library.space_group_numbers[j] == embedded.space_group_numbers[i]
        # the served cell is the standard cell to 7 digits; moyo's own reduction rounds further
        assert library.entry(j).density == pytest.approx(embedded.entry(i).density, rel=1e-4)
        first, then = (lib.line_offsets[k : k + 2] for lib, k in ((embedded, i), (library, j)))
        assert abs((first[1] - first[0]) - (then[1] - then[0])) <= 2  # a line at the edge of the range


def test_every_entry_carries_source_licence_and_address(reference_server, fetched):
    _, library = fetched
    entry = library.entry(0)
    name = entry.library_id.removeprefix("exmpl/")
    assert entry.source == "Example provider"
    assert entry.licence == "CC-BY-4.0"  # a property of the entry, _exmpl_license
    assert entry.url == f"{reference_server.url}/v1/structures/{name}"


def test_what_is_no_crystal_is_refused_with_its_reason(reference_server, fetched):
    answer, _ = fetched
    reasons = {refusal.file.removeprefix("exmpl/"): refusal.reason for refusal in answer.refused}
    assert set(reasons) == set(reference_server.awkward)
    assert "periodic in 2 dimensions" in reasons["slab"]
    assert "no known element" in reasons["unknown-atoms"]
    assert "density" in reasons["gas"]
    assert answer.received == answer.added + len(reasons)
    assert answer.licences == {"CC-BY-4.0": answer.added}


def test_a_second_fetch_replaces_and_doubles_nothing(reference_server, fetched, tmp_path):
    target = tmp_path / "again.sqlite"
    answers = []
    for _ in range(2):
        with PoliteClient(RATE) as client:
            answers.append(fetch_structures(reference_server.url, Query(("Ti",)), target, client=client))
    first, second = answers
    assert first.added == first.total == second.total > 0
    assert second.added == 0
    assert [path.name for path in tmp_path.iterdir() if "fetch-" in path.name] == []


def test_contains_and_conditions_select(reference_server, in_this_process, tmp_path):
    target = tmp_path / "ternary.sqlite"
    query = Query(contains=("Ca", "O"), condition="nelements=3")
    with PoliteClient(RATE) as client:
        fetch_structures(reference_server.url + "/v1/structures?page_limit=3", query, target, client=client)
    library = open_library(target)
    assert len(library)
    assert all({"Ca", "O"} <= library.structure(i).elements for i in range(len(library)))
    assert set(library.n_elements.tolist()) == {3}


def test_a_limit_stops_and_a_wrong_filter_is_explained(reference_server, in_this_process, tmp_path):
    with PoliteClient(RATE) as client:
        answer = fetch_structures(reference_server.url, Query(limit=3), tmp_path / "few.sqlite", client=client)
        assert (answer.received, answer.pages) == (3, 1)
        with pytest.raises(InputError, match=r"refuses with status 400: Unable to parse filter"):
            fetch_structures(
                reference_server.url, Query(condition="nelements==="), tmp_path / "x.sqlite", client=client
            )
        with pytest.raises(InputError, match=r"status 404"):
            fetch_structures(f"{reference_server.url}/nowhere", Query(("Ti",)), tmp_path / "x.sqlite", client=client)
        nothing = fetch_structures(reference_server.url, Query(("Xe",)), tmp_path / "none.sqlite", client=client)
    assert nothing.warnings == ["no structure matches: nothing was changed"]
    assert sorted(path.name for path in tmp_path.iterdir() if "lock" not in path.name) == ["few.sqlite"]


def test_command_line(reference_server, in_this_process, tmp_path, monkeypatch):
    monkeypatch.setenv("ANATASE_HOME", str(tmp_path))
    command = ["library", "fetch", "optimade", reference_server.url, "--elements", "Ti", "--rate", "100"]
    result = CliRunner().invoke(cli, [*command, "--json"], standalone_mode=False)
    answer = json.loads(result.stdout)
    assert answer["entries"] == answer["added"] == answer["received"] > 0
    assert answer["licences"] == {"CC-BY-4.0": answer["added"]}
    again = CliRunner().invoke(cli, command, standalone_mode=False)
    assert "0 entries added, 0 refused" in again.stdout
    assert "exmpl/" in CliRunner().invoke(cli, ["library", "list", "--elements", "Ti"], standalone_mode=False).stdout


def test_a_fetch_that_is_killed_goes_on_where_it_stopped(reference_server, in_this_process, tmp_path):
    query = Query(("Al", "Ca", "O", "Ti", "Zn"))
    with PoliteClient(RATE) as client:
        expected = fetch_structures(reference_server.url, query, tmp_path / "whole.sqlite", client=client)
    assert expected.pages >= 2
    target = tmp_path / "library.sqlite"
    command = [sys.executable, "-c", "from anatase.cli import main; main()", "library", "fetch", "optimade"]
    command += [reference_server.url, "--elements", ",".join(query.elements), "--rate", "20"]
    command += ["--library", str(target), "--json"]
    for seconds in (1.2, 2.2):  # while it starts, and amid the pages
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = json.loads(done.stdout)
    whole = open_library(tmp_path / "whole.sqlite")
    assert open_library(target).ids == whole.ids
    assert open_library(target).sha256 == whole.sha256  # the same rows, whatever the interruptions
    assert (answer["received"], answer["pages"]) == (expected.received, expected.pages)


@pytest.mark.parametrize(("name", "call"), [("commit", 1), ("commit", 2), ("commit", 3), ("items", 1)])
def test_an_interruption_at_any_step_loses_nothing(reference_server, fetched, tmp_path, monkeypatch, name, call):
    target, calls = tmp_path / "library.sqlite", []
    step = getattr(Staging, name)

    def interrupted(self, *given, **more):
        calls.append(name)
        if len(calls) == call:
            raise KeyboardInterrupt
        return step(self, *given, **more)

    with monkeypatch.context() as patched, PoliteClient(RATE) as client:
        patched.setattr(Staging, name, interrupted)
        with pytest.raises(KeyboardInterrupt):
            fetch_structures(reference_server.url, Query(WANTED), target, client=client)
    assert not target.exists()  # the library changes at the end, at once
    with PoliteClient(RATE) as client:
        answer = fetch_structures(reference_server.url, Query(WANTED), target, client=client)
        spared = fetched[0].pages - (call - 1) if name == "commit" else 0
        assert client.requests <= 3 + 2 + spared  # versions, info, properties; two page limits that are refused
    assert open_library(target).sha256 == fetched[1].sha256
    assert answer.received == fetched[0].received
    assert not list(tmp_path.glob("*.fetch-*"))

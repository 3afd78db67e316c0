"""Servers that are busy, broken, forgetful or hostile."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from anatase.errors import InputError, MissingExtra
from anatase.library import open_library
from anatase.library.fetch import PROVIDERS, PoliteClient, Query, fetch, fetch_structures, polite_client
from anatase.library.fetch.staging import staged
from anatase.library.fetch.structure_filter import spelled_out, structure_filter

pytest.importorskip("httpx", reason="httpx comes with the extra fetch")
Reply = dict  # status, body, headers, cut: see conftest.py
pytestmark = pytest.mark.usefixtures("in_this_process")
TITANIUM = Query(("O", "Ti"))
ANGLES = ("alpha", "beta", "gamma")


def rock_salt(number: int, **more) -> dict:
    """A titanium monoxide of its own size; a = 4.17 Å and more."""
    a = 4.17 + 0.01 * number
    faces = [[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]]
    positions = [[a * x for x in place] for place in faces]
    attributes = {
        "elements": ["O", "Ti"],
        "elements_ratios": [0.5, 0.5],
        "nperiodic_dimensions": 3,
        "lattice_vectors": [[a, 0, 0], [0, a, 0], [0, 0, a]],
        "cartesian_site_positions": positions + [[x + a / 2, y, z] for x, y, z in positions],
        "species_at_sites": ["Ti"] * 4 + ["O"] * 4,
        "species": [{"name": e, "chemical_symbols": [e], "concentration": [1.0]} for e in ("Ti", "O")],
    }
    return {"id": str(number), "type": "structures", "attributes": {**attributes, **more}}


class Clock:
    """A clock that only sleeping advances."""

    def __init__(self) -> None:
        self.time, self.slept = 0.0, []

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        self.slept.append(seconds)

    def client(self, rate: float = 1.0) -> PoliteClient:
        return PoliteClient(rate, self.sleep, lambda: self.time)


@pytest.fixture
def server(serve):
    with serve([rock_salt(n) for n in range(5)]) as script:
        yield script


def run(server, target, query: Query = TITANIUM, clock: Clock | None = None):
    with (clock or Clock()).client() as client:
        return fetch_structures(server.url, query, target, client=client)


def test_one_request_a_second_at_most(server, tmp_path):
    clock = Clock()
    answer = run(server, tmp_path / "l.sqlite", clock=clock)
    assert (answer.pages, answer.received, answer.added) == (3, 5, 5)
    assert len(server.asked) == 6  # versions, info, properties, three pages
    assert clock.slept == [1.0] * 5


PASSING = {
    "busy": Reply(status=503, body="busy"),
    "an error of its own": Reply(status=500, body="Traceback"),
    "broken JSON": Reply(body='{"data": [{"id": "1", '),
    "a list where an object stands": Reply(body="[]"),
    "a body that breaks off": Reply(body={"data": [], "padding": "x" * 5000}, cut=3000),
}


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
def test_faults_that_pass_are_waited_for(server, tmp_path, fault):
    clock = Clock()
    server.faults = [None, fault, fault]
    answer = run(server, tmp_path / "l.sqlite", clock=clock)
    assert answer.received == 5
    assert sorted(clock.slept)[-1] == 2.0  # the second pause is twice the first
    assert answer.warnings == []


def test_the_server_says_how_long_to_wait(server, tmp_path):
    clock = Clock()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=50), usegmt=True)
    server.faults = [
        Reply(status=429, body="slowly", headers={"Retry-After": "7"}),
        Reply(status=429, body="slowly", headers={"Retry-After": later}),
    ]
    assert run(server, tmp_path / "l.sqlite", clock=clock).received == 5
    assert 7.0 in clock.slept
    assert 45.0 < max(clock.slept) <= 50.0
    server.faults = [Reply(status=429, body="slowly", headers={"Retry-After": "86400"})]
    with pytest.raises(InputError, match=r"asks to wait 86400 s; give the same command then"):
        run(server, tmp_path / "m.sqlite")


def test_a_server_that_stays_busy_is_left_and_gone_on_with_later(server, tmp_path):
    target = tmp_path / "l.sqlite"
    server.faults = [None, None, *[Reply(status=503, body="busy")] * 7]
    with pytest.raises(InputError, match=r"did not answer 7 times \(status 503\); give the same command later"):
        run(server, target)
    assert not target.exists()
    server.asked.clear()
    answer = run(server, target)
    assert (answer.pages, answer.received, answer.added) == (3, 5, 5)
    assert [query["page_offset"] for query in server.pages_asked] == ["4"]
    assert sorted(open_library(target).ids) == [f"scr/{n}" for n in range(5)]


def test_an_address_that_has_expired_is_begun_anew(server, tmp_path):
    target = tmp_path / "l.sqlite"
    server.faults = [None, *[Reply(status=503, body="busy")] * 7]
    with pytest.raises(InputError, match="did not answer"):
        run(server, target)
    server.faults = [Reply(status=410, body={"errors": [{"detail": "cursor expired"}]})]
    answer = run(server, target)
    assert (answer.pages, answer.received) == (3, 5)


@pytest.mark.parametrize("form", [lambda url: {"href": url}, lambda url: url[url.index("/v1") :]])
def test_next_pages_in_every_form_ask_for_the_same_properties(server, tmp_path, form):
    server.next_link = lambda url, query: form(url)
    assert run(server, tmp_path / "l.sqlite").added == 5
    fields = {query["response_fields"] for query in server.pages_asked}
    assert len(fields) == 1
    assert "cartesian_site_positions" in fields.pop().split(",")


def test_pages_in_a_circle_end(server, tmp_path):
    server.next_link = lambda url, query: f"{server.url}/v1/structures?page_offset=2"
    answer = run(server, tmp_path / "l.sqlite")
    assert answer.received == 4
    assert answer.warnings == [fetch.CIRCLE]


def test_offsets_that_are_ignored_end(server, tmp_path):
    server.next_link = lambda url, query: f"{server.url}/v1/structures?cursor={len(server.asked)}"
    answer = run(server, tmp_path / "l.sqlite")
    assert answer.received == 2
    assert answer.warnings == [fetch.CIRCLE]


def test_a_list_that_ends_early_is_doubted(server, tmp_path):
    server.next_link = lambda url, query: None
    answer = run(server, tmp_path / "l.sqlite")
    assert answer.warnings == ["the server says that there are more structures but not where"]
    server.page = lambda query: Reply(body={"data": server.entries[:1], "meta": {"data_returned": 5}})
    answer = run(server, tmp_path / "m.sqlite")
    assert answer.warnings == ["the server told of 5 structures and sent 1"]


def test_pages_of_other_servers_are_not_followed(server, tmp_path):
    server.next_link = lambda url, query: "http://example.com/v1/structures?page_offset=2"
    with pytest.raises(InputError, match=r"sends on to http://example\.com for the next page"):
        run(server, tmp_path / "l.sqlite")


@pytest.mark.parametrize("status", [400, 501])
def test_a_server_without_has_only_is_asked_in_other_words(server, tmp_path, status):
    def refuses(query):
        return (
            Reply(status=status, body={"errors": [{"detail": "HAS ONLY"}]})
            if "HAS ONLY" in query.get("filter", "")
            else None
        )

    server.refuses = refuses
    assert run(server, tmp_path / "l.sqlite").added == 5
    condition = server.pages_asked[-3]["filter"]
    assert condition == spelled_out(("O", "Ti"))
    assert condition.startswith('NOT (elements HAS ANY "Ac","Ag"')
    assert '"O"' not in condition


def test_entries_of_other_elements_stay_outside(server, tmp_path):
    server.entries[1] = rock_salt(1, elements=["Ca", "O"])
    answer = run(server, tmp_path / "l.sqlite")
    assert (answer.received, answer.left_out, answer.added, answer.warnings) == (4, 1, 4, [])
    server.entries = [rock_salt(1, elements=["Ca", "O"])] * 3
    with pytest.raises(InputError, match="its filter cannot be relied on"):
        run(server, tmp_path / "m.sqlite")


def test_what_is_far_above_the_hull_is_left_out(server, tmp_path):
    energies = [0.0, 0.049, 0.3, -0.02]
    for entry, energy in zip(server.entries, energies, strict=False):
        entry["attributes"]["_scr_stability"] = {"gga_gga+u": {"energy_above_hull": energy}, "note": "calculated"}
    answer = run(server, tmp_path / "l.sqlite", replace(TITANIUM, max_hull=0.05))
    assert (answer.received, answer.left_out, answer.warnings) == (4, 1, [])
    assert "scr/2" not in open_library(tmp_path / "l.sqlite").ids
    with pytest.raises(InputError, match="-1 eV/atom above the hull"):
        run(server, tmp_path / "l.sqlite", replace(TITANIUM, max_hull=-1.0))


def test_web_pages_and_other_programs_are_no_optimade(server, tmp_path):
    html = Reply(status=200, body="<!DOCTYPE html><html>Sign in</html>", headers={"Content-Type": "text/html"})
    server.special = {"/v1/info": html}
    with pytest.raises(InputError, match=r"answers with a web page \(status 200\), no OPTIMADE"):
        run(server, tmp_path / "l.sqlite")
    server.special = {"/v1/info": Reply(body={"hello": "world"})}
    with pytest.raises(InputError, match="no description of an OPTIMADE server"):
        run(server, tmp_path / "l.sqlite")
    server.special = {"/v1/info": Reply(status=404, body={"detail": "Not Found"})}
    with pytest.raises(InputError, match=r"refuses with status 404: Not Found; check the address"):
        run(server, tmp_path / "l.sqlite")
    server.special = {}
    server.versions = "version\n0\n2"
    with pytest.raises(InputError, match="offers OPTIMADE versions 0, 2; 1 is needed"):
        run(server, tmp_path / "l.sqlite")
    server.versions = "version\n1"
    server.info = {"available_endpoints": ["info", "references"]}
    with pytest.raises(InputError, match="serves info, references, no structures"):
        run(server, tmp_path / "l.sqlite")


def test_entries_without_an_id_are_told_apart_by_their_content(server, tmp_path):
    for entry in server.entries:
        del entry["id"]
    first, again = (run(server, tmp_path / "l.sqlite") for _ in range(2))
    assert (first.added, again.added, again.total) == (5, 0, 5)


def test_an_index_leads_to_its_default_database(server, tmp_path):
    child = {"link_type": "child", "base_url": {"href": server.url}, "name": "the data"}
    data = {"attributes": {"api_version": "1.0", "is_index": True}}
    server.special = {
        "/index/v1/info": Reply(body={"data": {**data, "relationships": {"default": {"data": {"id": "d"}}}}}),
        "/index/v1/links": Reply(body={"data": [{"id": "d", "attributes": child}]}),
    }
    with Clock().client() as client:
        answer = fetch_structures(f"{server.url}/index", TITANIUM, tmp_path / "l.sqlite", client=client)
    assert answer.added == 5
    server.special["/index/v1/info"] = Reply(body={"data": data})
    with Clock().client() as client, pytest.raises(InputError, match=rf"an index of databases \(d: {server.url}\)"):
        fetch_structures(f"{server.url}/index", TITANIUM, tmp_path / "m.sqlite", client=client)


def test_licences_of_the_server_and_of_entries(server, tmp_path):
    server.info = {"available_licenses": ["CC-BY-4.0", "ODbL-1.0"]}
    server.entries[0]["attributes"]["_scr_license"] = "CC0-1.0"
    answer = run(server, tmp_path / "l.sqlite")
    assert answer.licences == {"CC0-1.0": 1, "CC-BY-4.0 or ODbL-1.0": 4}


def test_redirects_stay_on_the_web(server, tmp_path):
    server.special = {"/old/v1/info": Reply(status=301, body="", headers={"Location": "/v1/info"})}
    with Clock().client() as client:
        answer = fetch_structures(f"{server.url}/old", TITANIUM, tmp_path / "l.sqlite", client=client)
    assert answer.added == 5
    for location, message in [
        ("file:///etc/hosts", "'file:///etc/hosts' is no web address"),
        ("/v1/info", "more than 5 times"),
    ]:
        server.special = {"/v1/info": Reply(status=302, body="", headers={"Location": location})}
        with pytest.raises(InputError, match=message):
            run(server, tmp_path / "m.sqlite")


def test_answers_without_end_are_cut(server, tmp_path, monkeypatch):
    monkeypatch.setattr(polite_client, "MAX_ANSWER_BYTES", 700)
    with pytest.raises(InputError, match=r"127\.0\.0\.1 sends more than"):
        run(server, tmp_path / "l.sqlite")


def test_structures_that_the_answer_lacks_are_read_from_their_cif(server, tmp_path, monkeypatch):
    server.entries = [
        rock_salt(1, cartesian_site_positions=None, _scr_mineral="Hongquiite", _scr_authors="Yu, Z.", _scr_year=1976),
        rock_salt(2),
        rock_salt(3, cartesian_site_positions=None),
        rock_salt(4, _scr_status="retracted"),
    ]
    atoms = "loop_\n_atom_site_type_symbol\n_atom_site_fract_x\n_atom_site_fract_y\n_atom_site_fract_z\n"
    cell = "".join(
        f"_cell_length_{axis} 4.18\n_cell_angle_{angle} 90\n" for axis, angle in zip("abc", ANGLES, strict=True)
    )
    symmetry = "_symmetry_space_group_name_H-M 'F m -3 m'\n_chemical_name_mineral Hongquiite\n_journal_year 1976\n"
    cif = f"data_1\n{cell}{symmetry}{atoms}Ti 0 0 0\nO 0.5 0.5 0.5\n"
    server.special = {"/cif/1.cif": Reply(body=cif, headers={"Content-Type": "chemical/x-cif"})}
    known = replace(PROVIDERS["cod"], base_url=server.url, cif=f"{server.url}/cif/{{id}}.cif")
    monkeypatch.setitem(PROVIDERS, "cod", known)
    with Clock().client() as client:
        answer = fetch_structures("cod", TITANIUM, tmp_path / "l.sqlite", client=client)
    library = open_library(tmp_path / "l.sqlite")
    assert sorted(library.ids) == ["cod/1", "cod/2"]
    entry = library.entry(library.ids.index("cod/1"))
    assert (entry.name, entry.source, entry.licence) == ("Hongquiite", "COD", "CC0-1.0")
    assert entry.url == "https://www.crystallography.net/cod/1.html"
    assert entry.space_group_number == 225
    reasons = {refusal.file: refusal.reason for refusal in answer.refused}
    assert "status 404" in reasons["cod/3"]
    assert reasons["cod/4"] == "its database marks it as 'retracted'"
    assert library.entry(library.ids.index("cod/2")).citation.startswith("Gražulis")


def test_two_processes_are_not_at_one_fetch(server, tmp_path):
    query = f"{server.url} {structure_filter(TITANIUM.elements)}"
    with staged(tmp_path / "l.sqlite", query), pytest.raises(InputError, match="another process is at the same fetch"):
        run(server, tmp_path / "l.sqlite")
    assert run(server, tmp_path / "l.sqlite").added == 5


def test_what_is_no_library_is_refused_before_anything_is_asked(server, tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("shopping: milk")
    with pytest.raises(InputError, match="no library of anatase"):
        run(server, notes)
    with pytest.raises(InputError, match="no file can be written here"):
        run(server, notes / "library.sqlite")
    assert (server.asked, notes.read_text()) == ([], "shopping: milk")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (Query(), "would fetch the whole database"),
        (Query(("Ti",), limit=0), "a limit of 0 entries"),
        (Query(("Ti",), ("O",)), "O must be there but is not among the elements"),
    ],
)
def test_queries_that_make_no_sense(server, tmp_path, query, message):
    with pytest.raises(InputError, match=message):
        run(server, tmp_path / "l.sqlite", query)


def test_addresses_rates_and_missing_packages(tmp_path, monkeypatch):
    for url, message in [
        ("ftp://host/optimade", "no web address"),
        ("http://127.0.0.1:9/optimade", r"127\.0\.0\.1:9 cannot be reached"),
        ("http://[::1", "no web address"),
    ]:
        with Clock().client() as client, pytest.raises(InputError, match=message):
            fetch_structures(url, TITANIUM, tmp_path / "l.sqlite", client=client)
    with pytest.raises(InputError, match="a rate of 0 requests a second"):
        PoliteClient(0.0)
    monkeypatch.setitem(sys.modules, "httpx", None)
    with pytest.raises(MissingExtra, match=r"pip install 'anatase\[fetch\]'"):
        PoliteClient()

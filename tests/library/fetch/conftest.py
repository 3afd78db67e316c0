"""A small OPTIMADE server on loopback that misbehaves as it is told to, and indexing without worker processes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from anatase.library.fetch import indexing
from anatase.library.index_file import index_file

Reply = dict  # status, body (bytes, text or a document), headers, cut: bytes kept back after they were promised


@dataclass
class Script:
    """Entries in pages of ``page_size``, faults for the next requests of structures, and what was asked for."""

    entries: list[dict]
    page_size: int = 2
    faults: list[Reply | None] = field(default_factory=list)
    info: dict = field(default_factory=dict)
    versions: str = "version\n1"
    special: dict[str, Reply] = field(default_factory=dict)
    next_link: Callable[[str, dict], object] = lambda url, query: url
    refuses: Callable[[dict], Reply | None] = lambda query: None
    asked: list[str] = field(default_factory=list)
    url: str = ""

    @property
    def pages_asked(self) -> list[dict[str, str]]:
        """The queries of the requests for structures."""
        paths = [urlsplit(path) for path in self.asked]
        return [{k: v[0] for k, v in parse_qs(p.query).items()} for p in paths if p.path == "/v1/structures"]

    def reply(self, path: str) -> Reply:
        self.asked.append(path)
        parts = urlsplit(path)
        query = {k: v[0] for k, v in parse_qs(parts.query).items()}
        if parts.path in self.special:
            return self.special[parts.path]
        if parts.path == "/versions":
            return Reply(body=self.versions, headers={"Content-Type": "text/csv"})
        if parts.path == "/v1/info":
            attributes = {"api_version": "1.2.0", "available_endpoints": ["info", "structures"], **self.info}
            return Reply(body={"data": {"attributes": attributes}, "meta": {"provider": {"prefix": "scr"}}})
        if parts.path == "/v1/info/structures":
            names = {key for entry in self.entries for key in entry["attributes"]}
            return Reply(body={"data": {"properties": {name: {} for name in names}}})
        if parts.path == "/v1/structures":
            fault = self.faults.pop(0) if self.faults else None
            return fault or self.refuses(query) or self.page(query)
        return Reply(status=404, body={"errors": [{"detail": "no such page"}]})

    def page(self, query: dict[str, str]) -> Reply:
        offset = int(query.get("page_offset", 0))
        chosen = self.entries[offset : offset + self.page_size]
        fields = query.get("response_fields", "").split(",")
        data = [{**e, "attributes": {k: v for k, v in e["attributes"].items() if k in fields}} for e in chosen]
        more = offset + self.page_size < len(self.entries)
        address = f"{self.url}/v1/structures?page_offset={offset + self.page_size}"
        following = self.next_link(address, query) if more else None
        meta = {"data_returned": len(self.entries), "more_data_available": more}
        return Reply(body={"data": data, "links": {"next": following}, "meta": meta})


@contextmanager
def running(script: Script) -> Iterator[Script]:
    """Serve a script on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = script.reply(self.path)
            body = reply.get("body", b"")
            text = json.dumps(body) if isinstance(body, dict) else body
            data = text.encode() if isinstance(text, str) else text
            self.send_response(reply.get("status", 200))
            kind = {"Content-Type": "application/vnd.api+json", "Content-Length": str(len(data))}
            for name, value in {**kind, **reply.get("headers", {})}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data[: len(data) - reply.get("cut", 0)])

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def serve() -> Callable[[list[dict]], AbstractContextManager[Script]]:
    """Serve entries from a server that may be told to misbehave."""
    return lambda entries: running(Script(entries))


@pytest.fixture(scope="module")
def in_this_process():
    """Spare the start of worker processes; ``test_worker_pool`` and the fetch that is killed cover those."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            indexing, "index_files", lambda tasks: [list(index_file(t.path, t.file, t.library_id)) for t in tasks]
        )
        yield

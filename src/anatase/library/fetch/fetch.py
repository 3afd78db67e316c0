"""Fetch structures from an OPTIMADE server into a library, and go on after an interruption."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from anatase.errors import InputError
from anatase.library.catalogue import connect, read_catalogue, write_lock, written
from anatase.library.entry import Record, Refusal
from anatase.library.fetch.indexing import index_entries
from anatase.library.fetch.page import Page, first_address, read_page
from anatase.library.fetch.polite_client import Answer, PoliteClient
from anatase.library.fetch.provider import PROVIDERS, Provider, provider_of_url
from anatase.library.fetch.query import Query
from anatase.library.fetch.service import Service, discover, document_of, named
from anatase.library.fetch.staging import Staging, staged
from anatase.library.opening import user_library
from anatase.library.progress import Progress

__all__ = ["Fetch", "fetch_structures"]

PAGE_LIMITS = (100, None, 10)  # entries asked for at once, until the server agrees; None: as it likes
CIRCLE = "the server sends its pages in a circle: the list may not be whole"


@dataclass(frozen=True)
class Fetch:
    """What a fetch did.

    ``received`` entries came on ``pages`` pages, in this run and in those it went on from, and ``left_out`` more that
    the query does not admit; ``added`` are new to the library, which now has ``total``. ``licences`` counts the
    entries under each.
    """

    database: Path
    source: str
    url: str
    pages: int
    received: int
    left_out: int
    added: int
    total: int
    refused: list[Refusal] = field(default_factory=list)
    licences: dict[str, int] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def fetch_structures(
    source: str,
    query: Query,
    database: Path | None = None,
    *,
    client: PoliteClient | None = None,
    progress: Progress | None = None,
) -> Fetch:
    """Fetch structures from a database into the user's library, or into another.

    Every page is kept as it comes, with the address of the next, beside the library. When the fetch is
    interrupted, even by a kill, the same call goes on where it stopped; the library changes at its end, at once.

    Parameters
    ----------
    source
        ``"cod"``, ``"mp"``, or the address of any OPTIMADE server.
    query
        Which structures.
    database
        ``None`` for the user's own library; another is made where there is none.
    client
        By default one that sends a request a second at most.
    progress
        Called with the entries received and all that match.

    Raises
    ------
    InputError
        When the server cannot be reached, is no OPTIMADE server, or refuses the filter; or the library cannot be
        written.
    MissingExtra
        When httpx is not installed.
    """
    query.check()
    target = database or user_library()
    if target.exists():
        connect(target).close()  # what is no library is refused before anything is fetched
    provider = PROVIDERS.get(source) or provider_of_url(source)
    hull = "" if query.max_hull is None else f" {query.max_hull}"
    with staged(target, f"{provider.base_url} {query.filters()[0]}{hull}") as staging:
        if staging.state("complete") != "yes":
            with PoliteClient() if client is None else nullcontext(client) as open_client:
                _Download(open_client, provider, query, staging, progress).run()
        return _into_library(staging, target)


def _into_library(staging: Staging, target: Path) -> Fetch:
    """Bring what has come into the library, all at once; leave the library alone where nothing has."""
    refused: list[Refusal] = []
    licences: Counter[str] = Counter()
    warnings = [line for line in staging.state("warnings").splitlines() if line]
    counts = (staging.pages, staging.received, int(staging.state("left_out", "0")))
    about = (target, staging.state("source"), staging.state("url"), *counts)
    if not staging.received:
        warnings.append("no structure matches: nothing was changed")
        total = len(read_catalogue(target)) if target.exists() else 0
        return Fetch(*about, 0, total, warnings=warnings)
    with write_lock(target), written(target) as writer:
        before = len(writer)
        for item in staging.items():
            if isinstance(item, Record):
                writer.add(item)
                licences[item.entry.licence or "licence not stated"] += 1
            else:
                refused.append(item)
        total = len(writer)
    return Fetch(*about, total - before, total, refused, dict(licences), warnings)


@dataclass
class _Download:
    """The pages of one query, each kept as it comes."""

    client: PoliteClient
    provider: Provider
    query: Query
    staging: Staging
    progress: Progress | None

    def run(self) -> None:
        """Fetch page after page until the last, from where an earlier run stopped."""
        if self.query.limit is not None and self.staging.received >= self.query.limit:
            return
        service = discover(self.client, self.provider)
        self.provider = named(service, self.provider)
        address, answer = self._resumed()
        if answer is None:
            self.staging.begin_anew()
            address, answer = self._first(service)
        while True:
            page = read_page(document_of(answer), answer.url)
            address = self._keep(address, page, service)
            if not address:
                return
            answer = self.client.get(address)

    def _resumed(self) -> tuple[str, Answer | None]:
        """Return the page after the last that came; none when there is none or its address has expired."""
        address = self.staging.state("next")
        if not address:
            return "", None
        answer = self.client.get(address)
        return address, answer if answer.status == 200 else None

    def _first(self, service: Service) -> tuple[str, Answer]:
        """Return the first page, asked for in simpler words where the server refuses."""
        refused: list[tuple[str, Answer]] = []
        for condition in self.query.filters():
            for limit in PAGE_LIMITS:
                address = first_address(service.url, condition, service.fields, limit)
                answer = self.client.get(address)
                if answer.status == 200:
                    return address, answer
                refused.append((address, answer))
                if answer.status not in (400, 403, 422, 501):
                    return refused[-1]
        return refused[len(PAGE_LIMITS) - 1]  # what it says of the filter itself, asked for few

    def _keep(self, address: str, page: Page, service: Service) -> str:
        """Keep a page and return the address of the next, "" after the last."""
        asked = [entry for entry in page.entries if self.query.of_these_elements(entry)]
        if page.entries and not asked and not self.staging.pages:
            raise InputError(f"{service.url} sends structures of other elements", "its filter cannot be relied on")
        entries = [entry for entry in asked if self.query.stable_enough(entry)]
        left_out = int(self.staging.state("left_out", "0")) + len(page.entries) - len(entries)
        new = [entry for entry in entries if not self.staging.has_entry(entry["id"])]
        room = len(new) if self.query.limit is None else max(0, self.query.limit - self.staging.received)
        items = index_entries(new[:room], page.included, self.provider, self._cif)
        received = self.staging.received + len(new[:room])
        full = received == self.query.limit
        circle = page.next_address == address or self.staging.has_page(page.next_address) or (entries and not new)
        following = "" if full or circle else page.next_address
        state = {"source": self.provider.title, "url": service.url, "next": following, "left_out": str(left_out)}
        if not following:
            doubt = "" if full else CIRCLE if circle else _doubt(page, received + left_out)
            state |= {"complete": "yes", "warnings": doubt}
        self.staging.commit(address, [entry["id"] for entry in new[:room]], items, **state)
        if self.progress is not None:
            wanted = page.returned or received
            self.progress(received, min(wanted, self.query.limit or wanted))
        return following

    def _cif(self, address: str) -> bytes | str:
        """Return the content of a CIF, or why there is none."""
        answer = self.client.get(address, as_json=False)
        if answer.status != 200 or answer.is_html:
            return f"neither the answer nor {address} (status {answer.status}) holds its structure"
        return answer.body


def _doubt(page: Page, received: int) -> str:
    """Return what makes the list doubtful at its end."""
    if page.more:
        return "the server says that there are more structures but not where"
    if page.returned is not None and received < page.returned:
        return f"the server told of {page.returned} structures and sent {received}"
    return ""

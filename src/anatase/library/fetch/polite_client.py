"""Ask a web server politely: slowly, patiently, and never for more than can be held."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from anatase.errors import InputError, MissingExtra
from anatase.library.fetch.address import host_of, joined_address, split_address

if TYPE_CHECKING:
    from types import TracebackType

    import httpx

__all__ = ["Answer", "PoliteClient"]

MAX_ANSWER_BYTES = 64 * 2**20
WAITS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # seconds before each new attempt, unless the server names its own
LONGEST_WAIT = 300.0  # seconds; who is asked to wait longer comes back by himself
CONNECT_LIMIT, READ_LIMIT, ANSWER_LIMIT = 20.0, 120.0, 600.0  # seconds: for a connection, a silence, an answer
TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
REDIRECTS = 5


@dataclass(frozen=True)
class Answer:
    """What a server answered: the address that answered, status, kind of content, bytes, and two headers."""

    url: str
    status: int
    kind: str
    body: bytes = field(repr=False)
    location: str = ""
    retry_after: str = ""

    @property
    def text(self) -> str:
        """The content as text."""
        return self.body.decode("utf-8", errors="replace")

    @property
    def is_html(self) -> bool:
        """Whether it is a page for people."""
        return "html" in self.kind or self.body[:256].lstrip()[:1] == b"<"

    def document(self) -> dict[str, Any]:
        """Return the JSON object in it.

        Raises
        ------
        ValueError
            When it is none.
        """
        document = json.loads(self.body)
        if not isinstance(document, dict):
            raise ValueError("no JSON object")
        return document


class _PassingFaultError(Exception):
    """A fault that may pass: the server is busy, or its answer broke off."""


class PoliteClient:
    """GET requests to one server at a modest rate, repeated with growing pauses when it is busy.

    Parameters
    ----------
    rate
        Most requests per second.
    sleep, now
        Pause for some seconds; a clock in seconds.

    Raises
    ------
    MissingExtra
        When httpx is not installed.
    """

    def __init__(
        self,
        rate: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0.0 < rate <= 100.0:
            raise InputError(f"a rate of {rate:g} requests a second", "give one above 0 and up to 100; 1 is polite")
        try:
            import httpx
        except ImportError as error:
            raise MissingExtra("httpx", "fetch") from error
        self._errors = (httpx.TransportError, httpx.DecodingError)
        self._unreachable = (httpx.ConnectError, httpx.ConnectTimeout)
        self._http = httpx.Client(
            timeout=httpx.Timeout(READ_LIMIT, connect=CONNECT_LIMIT),
            follow_redirects=False,
            headers={
                "User-Agent": f"anatase/{version('anatase')} (phase identification by powder diffraction)",
                "Accept": "application/vnd.api+json, application/json, text/plain;q=0.8, */*;q=0.5",
            },
        )
        self._pause, self._sleep, self._now = 1.0 / rate, sleep, now
        self._free_at = -float("inf")
        self._reached = False
        self.requests = 0

    def __enter__(self) -> PoliteClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, url: str, *, as_json: bool = True) -> Answer:
        """Return the answer to a GET; a refusal (status 4xx, 501) is an answer as well.

        With ``as_json`` an answer of status 200 that is broken JSON is asked for again.

        Raises
        ------
        InputError
            When the server cannot be reached, stays busy, redirects elsewhere, or sends more than 64 MiB.
        """
        for wait in (*WAITS, None):
            try:
                answer = self._get(url)
                if as_json and answer.status == 200 and not answer.is_html:
                    _check_whole(answer)
            except self._unreachable as error:
                if not self._reached or wait is None:
                    raise InputError(
                        f"{host_of(url)} cannot be reached ({_reason(error)})", "check the address and the network"
                    ) from error
                asked = 0.0
            except (*self._errors, _PassingFaultError) as error:
                if wait is None:
                    raise InputError(
                        f"{host_of(url)} did not answer {len(WAITS) + 1} times ({_reason(error)})",
                        "give the same command later: it goes on where it stopped",
                    ) from error
                asked = _asked_wait(error)
            else:
                return answer
            self._sleep(max(wait, asked))
        raise AssertionError  # the last attempt returns or raises

    def _get(self, url: str) -> Answer:
        """Send one request and follow its redirects."""
        for _ in range(REDIRECTS + 1):
            answer = self._send(url)
            if answer.status not in (301, 302, 303, 307, 308):
                if answer.status in TRANSIENT:
                    raise _PassingFaultError(f"status {answer.status}", answer.retry_after)
                return answer
            url = _redirected(url, answer)
        raise InputError(f"{host_of(url)} redirects more than {REDIRECTS} times", "check the address")

    def _send(self, url: str) -> Answer:
        import httpx

        split_address(url)
        delay = self._free_at - self._now()
        if delay > 0:
            self._sleep(delay)
        self._free_at = self._now() + self._pause
        self.requests += 1
        try:
            with self._http.stream("GET", url) as response:
                self._reached = True
                return self._read(response)
        except httpx.InvalidURL as error:
            raise InputError(f"'{url:.200}' is no address ({error})", "give one as in https://host/optimade") from error

    def _read(self, response: httpx.Response) -> Answer:
        deadline = self._now() + ANSWER_LIMIT
        body = bytearray()
        for part in response.iter_bytes():
            body += part
            if len(body) > MAX_ANSWER_BYTES:
                raise InputError(
                    f"{response.url.host} sends more than {MAX_ANSWER_BYTES // 2**20} MiB in one answer",
                    "narrow the query",
                )
            if self._now() > deadline:
                raise _PassingFaultError(f"an answer took more than {ANSWER_LIMIT:.0f} s", "")
        headers = response.headers
        named = (headers.get(name, "") for name in ("location", "retry-after"))
        return Answer(str(response.url), response.status_code, headers.get("content-type", ""), bytes(body), *named)


def _check_whole(answer: Answer) -> None:
    try:
        answer.document()
    except (ValueError, RecursionError) as error:
        raise _PassingFaultError(f"its answer is no JSON object: {error}", "") from error


def _redirected(url: str, answer: Answer) -> str:
    """Return where a redirect leads: to a web address, and never from https to http."""
    target = joined_address(url, answer.location)
    if split_address(url).scheme == "https" != split_address(target).scheme:
        raise InputError(f"{host_of(url)} redirects to '{target:.200}'", "only addresses as safe as yours are followed")
    return target


def _asked_wait(error: BaseException) -> float:
    """Return the seconds that ``Retry-After`` asks for, as a number or a date; 0 without it."""
    asked = error.args[1] if isinstance(error, _PassingFaultError) else ""
    if not asked:
        return 0.0
    try:
        seconds = float(asked)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    if seconds > LONGEST_WAIT:
        raise InputError(
            f"the server asks to wait {seconds:.0f} s", "give the same command then: it goes on where it stopped"
        )
    return max(seconds, 0.0)


def _reason(error: BaseException) -> str:
    return str(error.args[0]) if error.args and str(error.args[0]) else type(error).__name__

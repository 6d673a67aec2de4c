"""The only HTTP client: it checks every address as it connects, and follows no redirects.

It limits the total time and the size of the answer. Connections may be kept for the next request of the
same store; a request is never sent a second time because the connection it left through broke.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from urllib.parse import urlsplit

import requests
from requests_hardened.ip_filter import InvalidIPAddress
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.exceptions import SSLError as TLSError

from automations.connectors.checked_connection import CheckedConnection
from automations.connectors.deadline import Deadline
from automations.connectors.host_allowlist import Address, Allowed, UrlRefused, refusal, url_problem
from automations.connectors.kept_connections import KeptConnections, Whose
from automations.connectors.masking import NOTHING, Mask
from automations.faults import crash

__all__ = [
    "HttpAnswer",
    "NoAnswer",
    "Request",
    "Unreachable",
    "UrlRefused",
    "allow",
    "is_listed",
    "problem_of",
    "send",
]

TIMEOUT = 15.0
LONGEST_ANSWER = 64 * 1024
#: Raised before anything is sent; headers beyond Latin-1 raise UnicodeEncodeError.
_UNSENDABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    LocationParseError,
    UnicodeEncodeError,
)
_BAD_TLS = (requests.exceptions.SSLError, TLSError)
_BROKE = (requests.RequestException, HTTPError, HTTPException, OSError, ValueError)


class Unreachable(Exception):
    """No connection was established, so nothing was sent. `str(error)` is a sentence."""


class NoAnswer(Exception):
    """Connected, but no complete answer: the request may have taken effect. `str(error)` is a sentence."""


@dataclass(frozen=True)
class Request:
    """A request to send. Header values are one line of Latin-1."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class HttpAnswer:
    """The answer: the beginning of its body, and whether that is all of it; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


_allowed = Allowed()
_kept: KeptConnections[CheckedConnection] = KeptConnections()


def allow(words: Iterable[str]) -> None:
    """Set which private hosts and addresses this process may call besides the public internet."""
    global _allowed  # a setting of the process, like the environment it comes from
    _allowed = Allowed.parse(words)


def is_listed(host: str, address: Address | None) -> bool:
    """Whether the operator lists this host or its address."""
    return host in _allowed.hosts or (address is not None and _allowed.covers(host, address))


def problem_of(url: str) -> str | None:
    """Return why this URL would not be called, as a sentence, or None."""
    return url_problem(url, _allowed)


def send(
    request: Request,
    timeout: float = TIMEOUT,
    mask: Mask = NOTHING,
    keeper: str = "",
    longest: int = LONGEST_ANSWER,
) -> HttpAnswer:
    """Send one request and return its answer, within `timeout` seconds in total, masked by `mask`.

    With a `keeper`, such as a store, the connection stays open for its next request to the same host. Of the
    body, at most `longest` bytes are read.
    Raises UrlRefused, Unreachable or NoAnswer, and nothing else.
    """
    problem = problem_of(request.url)
    if problem:
        raise UrlRefused(problem)
    whose = _whose(keeper, request.url)
    connection = _kept.take(whose, _may_serve) if whose else None
    if connection is None:
        connection = CheckedConnection(_allowed, timeout)
        deadline = connection.deadline
    else:
        deadline = connection.begin(timeout)
    crash.at("egress.connecting")
    try:
        answer = _exchange(connection, request, deadline, longest)
        deadline.close()
        if whose and not answer.cut:
            connection.rest(answer.headers.get("keep-alive", ""))
            _kept.keep(whose, connection)
            connection = None
        answer = _masked(answer, mask)
        crash.at("egress.read")
        return answer
    finally:
        if connection:
            connection.close()


def _whose(keeper: str, url: str) -> Whose | None:
    parts = urlsplit(url)
    return Whose(keeper, parts.scheme, parts.hostname or "", parts.port) if keeper else None


def _may_serve(connection: CheckedConnection) -> bool:
    return connection.may_serve(_allowed)


def close_kept() -> None:
    """Close the connections that are kept."""
    _kept.close_all()


def _exchange(
    connection: CheckedConnection, request: Request, deadline: Deadline, longest: int
) -> HttpAnswer:
    try:
        raw = connection.request(request.method, request.url, dict(request.headers), request.body)
        with contextlib.closing(raw):
            crash.at("egress.answered")
            body = _read(raw, longest)
    except InvalidIPAddress as error:
        raise UrlRefused(refusal(_shown_host(request.url))) from error
    except _UNSENDABLE as error:
        raise UrlRefused("The request has a URL or a header that cannot be sent. Check both.") from error
    except _BROKE as error:
        raise _broken(request, deadline, error) from error
    if deadline.over:
        # A cut connection looks like the end of an answer without a Content-Length.
        raise _broken(request, deadline)
    headers = {name.lower(): value for name, value in raw.headers.items()}
    return HttpAnswer(raw.status, headers, body[:longest], len(body) > longest)


def _masked(answer: HttpAnswer, mask: Mask) -> HttpAnswer:
    text = answer.text
    safe = mask(text, cut=answer.cut)
    return answer if safe == text else replace(answer, body=safe.encode())


def _read(response: BaseHTTPResponse, longest: int) -> bytes:
    body = bytearray()
    while len(body) <= longest:
        piece = response.read(longest + 1 - len(body), decode_content=True)
        if not piece:
            break
        body += piece
    return bytes(body)


def _broken(request: Request, deadline: Deadline, error: Exception | None = None) -> Unreachable | NoAnswer:
    host = _shown_host(request.url)
    if isinstance(error, _BAD_TLS) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Unreachable(f"The certificate of {host} is not valid.")
    if not deadline.connected:
        return Unreachable(f"{host} cannot be reached.")
    if deadline.over:
        return NoAnswer(f"{host} did not answer in time.")
    return NoAnswer(f"The connection to {host} broke before a whole answer came.")


def _shown_host(url: str) -> str:
    return urlsplit(url).hostname or url[:100]

"""The only HTTP client: it checks every address as it connects, and follows no redirects.

It uses no proxies or passwords from the environment, and limits the total time and the size of the answer.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError, LocationParseError

from automations.connectors.deadline import Deadline
from automations.connectors.host_allowlist import (
    Address,
    Allowed,
    UrlRefused,
    is_public,
    refusal,
    url_problem,
)
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

log = logging.getLogger("automations.egress")
# It warns of every private address, also of those that the operator lists; what is refused is logged here.
logging.getLogger("requests_hardened.ip_filter").setLevel(logging.ERROR)

TIMEOUT = 15.0
LONGEST_ANSWER = 64 * 1024
USER_AGENT = "store-automations"
#: Raised before anything is sent; headers beyond Latin-1 raise UnicodeEncodeError.
_UNSENDABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    LocationParseError,
    UnicodeEncodeError,
)
_BROKE = (requests.RequestException, HTTPError, OSError, ValueError)


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
    """The answer: at most LONGEST_ANSWER bytes of its body, header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


_allowed = Allowed()


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


def send(request: Request, timeout: float = TIMEOUT, mask: Mask = NOTHING) -> HttpAnswer:
    """Send one request and return its answer, within `timeout` seconds in total, masked by `mask`.

    Raises UrlRefused, Unreachable or NoAnswer, and nothing else.
    """
    problem = problem_of(request.url)
    if problem:
        raise UrlRefused(problem)
    deadline = Deadline(timeout)
    crash.at("egress.connecting")
    try:
        with _session(deadline) as session:
            answer = _masked(_exchange(session, request, deadline), mask)
            crash.at("egress.read")
            return answer
    finally:
        deadline.close()


def _exchange(session: requests.Session, request: Request, deadline: Deadline) -> HttpAnswer:
    try:
        with session.request(
            request.method,
            request.url,
            headers=dict(request.headers),
            data=request.body,
            stream=True,
            timeout=(deadline.left, deadline.left),
        ) as response:
            crash.at("egress.answered")
            body = _read(response)
    except InvalidIPAddress as error:
        raise UrlRefused(refusal(_shown_host(request.url))) from error
    except _UNSENDABLE as error:
        raise UrlRefused("The request has a URL or a header that cannot be sent. Check both.") from error
    except _BROKE as error:
        raise _broken(request, deadline, error) from error
    if deadline.over:
        # A cut connection looks like the end of an answer without a Content-Length.
        raise _broken(request, deadline)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return HttpAnswer(response.status_code, headers, body[:LONGEST_ANSWER], len(body) > LONGEST_ANSWER)


def _masked(answer: HttpAnswer, mask: Mask) -> HttpAnswer:
    text = answer.text
    safe = mask(text, cut=answer.cut)
    return answer if safe == text else replace(answer, body=safe.encode())


def _read(response: requests.Response) -> bytes:
    body = b""
    while len(body) <= LONGEST_ANSWER:
        piece = response.raw.read(LONGEST_ANSWER + 1 - len(body), decode_content=True)
        if not piece:
            break
        body += piece
    return body


def _broken(request: Request, deadline: Deadline, error: Exception | None = None) -> Unreachable | NoAnswer:
    host = _shown_host(request.url)
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Unreachable(f"The certificate of {host} is not valid.")
    if not deadline.connected:
        return Unreachable(f"{host} cannot be reached.")
    if deadline.over:
        return NoAnswer(f"{host} did not answer in time.")
    return NoAnswer(f"The connection to {host} broke before a whole answer came.")


def _shown_host(url: str) -> str:
    return urlsplit(url).hostname or url[:100]


def _session(deadline: Deadline) -> HTTPSession:
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(TIMEOUT, TIMEOUT),
        user_agent_override=USER_AGENT,
    )
    session = _Session(config)
    session.trust_env = False
    for scheme, tls in (("http://", False), ("https://", True)):
        session.mount(scheme, _Adapter(tls, deadline, _allowed))
    return session


class _Session(HTTPSession):
    def get_redirect_target(self, response: requests.Response) -> None:
        """Return None: the library would parse the target, and fail on some, without following it."""


class _Adapter(IPFilterAdapter):
    """The library's address filter, with our stricter check, the operator's list and a deadline."""

    def __init__(self, tls: bool, deadline: Deadline, allowed: Allowed) -> None:
        super().__init__(is_https_proto=tls)
        self._deadline = deadline
        self._allowed = allowed

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return where to connect: the one address that was resolved and checked, never the name."""
        look_up = partial(super().build_connection_pool_key_attributes, request, verify, cert)
        try:
            where, how = self._deadline.within(look_up)
            if is_public(ipaddress.ip_address(where["host"].strip("[]"))):
                return where, how
            raise InvalidIPAddress(ipaddress.ip_address(where["host"].strip("[]")))
        except InvalidIPAddress as error:
            return self._listed(request, verify, cert, error.args[0])

    def _listed(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any, address: Address
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        where, how = HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
        host = where["host"]
        if not self._allowed.covers(host, address):
            log.warning("Not called: %s is at %s, which is not a public address.", host, address)
            raise InvalidIPAddress(address)
        if self._is_https_proto:
            how = {**how, "assert_hostname": host, "server_hostname": host}
        return {**where, "host": f"[{address}]" if address.version == 6 else str(address)}, how

    def get_connection_with_tls_context(self, *args: Any, **options: Any) -> Any:
        """Return a pool whose connections end at the deadline."""
        pool = super().get_connection_with_tls_context(*args, **options)
        pool.ConnectionCls = _watched(_Tls if self._is_https_proto else _Plain, self._deadline)
        return pool


class _Plain(HTTPConnection):
    deadline: Deadline

    def _new_conn(self) -> Any:
        # Resolving the name has used up part of the time.
        self.timeout = self.deadline.left
        connection = super()._new_conn()
        crash.at("egress.connected")
        self.deadline.watch(connection)
        return connection


class _Tls(HTTPSConnection):
    deadline: Deadline

    def _new_conn(self) -> Any:
        # Resolving the name has used up part of the time.
        self.timeout = self.deadline.left
        connection = super()._new_conn()
        self.deadline.watch(connection)
        return connection


def _watched(kind: type[_Plain] | type[_Tls], deadline: Deadline) -> Callable[..., _Plain | _Tls]:
    def made(*args: Any, **options: Any) -> _Plain | _Tls:
        connection = kind(*args, **options)
        connection.deadline = deadline
        return connection

    return made

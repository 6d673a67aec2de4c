"""One connection to a host: its address is checked as it opens, and it serves one request at a time.

It uses no proxies or passwords from the environment and follows no redirects. Part of: egress.
"""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import re
import socket
import time
from functools import partial
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests_hardened import Config, HTTPSession
from requests_hardened.ip_filter import InvalidIPAddress
from requests_hardened.ip_filter_adapter import IPFilterAdapter
from urllib3 import BaseHTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection

from automations.connectors.deadline import Deadline
from automations.connectors.host_allowlist import Address, Allowed, is_public
from automations.faults import crash

log = logging.getLogger("automations.egress")
# It warns of every private address, also of those that the operator lists; what is refused is logged here.
logging.getLogger("requests_hardened.ip_filter").setLevel(logging.ERROR)

USER_AGENT = "store-automations"
#: The library's headers of every request.
_USUAL = dict(requests.utils.default_headers())
#: Seconds since its address was looked up and checked for which a connection may serve further requests.
LONGEST_KEPT = 30.0
#: Seconds a connection may be idle: fewer than any usual server waits, so that it is not closed as we write.
LONGEST_IDLE = 1.5
#: Acknowledges what arrives at once, where the system can.
_AT_ONCE: int | None = getattr(socket, "TCP_QUICKACK", None)
_ITS_TIMEOUT = re.compile(r"timeout\s*=\s*(\d{1,6})", re.IGNORECASE)


class CheckedConnection:
    """A connection that is opened by its first request; `deadline` is that of the request under way."""

    def __init__(self, allowed: Allowed, timeout: float) -> None:
        self.deadline = Deadline(timeout)
        #: The host as it was looked up, and the address that was checked and connected to.
        self.checked: tuple[str, Address] | None = None
        #: Set by the connection itself when it is made.
        self.socket_owner: _Plain | _Tls | None = None
        self.idle_until = 0.0
        self._expires = time.monotonic() + LONGEST_KEPT
        self._session = _session(self, allowed)

    def request(self, method: str, url: str, headers: dict[str, str], body: bytes) -> BaseHTTPResponse:
        """Send one request; return the answer, its body unread. Raises the errors of the libraries."""
        prepared = _prepared(method, url, headers)
        left = self.deadline.left
        if self.socket_owner is not None:
            return self._request_again(self.socket_owner, prepared, body, left)
        prepared.prepare_body(body, None)
        prepared.prepare_cookies(None)
        answer = self._session.send(prepared, stream=True, timeout=(left, left))
        raw: BaseHTTPResponse = answer.raw
        return raw

    def _request_again(
        self, owner: _Plain | _Tls, prepared: requests.PreparedRequest, body: bytes, left: float
    ) -> BaseHTTPResponse:
        """Send a further request through the open connection, without the library's pool of one."""
        owner.timeout = left
        named: dict[str, Any] = {**prepared.headers, "Host": self._session.host_header}
        path = prepared.path_url
        owner.request(prepared.method, path, body or None, named, preload_content=False, decode_content=False)
        return owner.getresponse()

    def begin(self, timeout: float) -> Deadline:
        """Begin another request, which has to end within `timeout` seconds."""
        self.deadline = Deadline(timeout)
        return self.deadline

    def note_host(self, header: str) -> None:
        """Remember what later requests through the connection that is being opened send as Host."""
        self._session.host_header = header

    def may_serve(self, allowed: Allowed) -> bool:
        """Return whether it is still open and its address may still be called."""
        # What the server has closed, or written to without being asked, is readable.
        if self.checked is None or self.socket_owner is None or not self.socket_owner.is_connected:
            return False
        host, address = self.checked
        is_young = time.monotonic() < min(self._expires, self.idle_until)
        return is_young and (is_public(address) or allowed.covers(host, address))

    def rest(self, keep_alive: str) -> float:
        """Note that its request was answered whole; return the moment until which it may be idle.

        `keep_alive` is the header of that name, in which a server says how long it waits.
        """
        its_own = _ITS_TIMEOUT.search(keep_alive)
        seconds = min(LONGEST_IDLE, int(its_own[1]) - 0.5) if its_own else LONGEST_IDLE
        self.idle_until = time.monotonic() + seconds
        return min(self.idle_until, self._expires)

    def leave(self) -> None:
        """Close it: HTTP has no goodbye."""
        self.close()

    def close(self) -> None:
        self.deadline.close()
        self._session.close()
        if self.socket_owner:
            self.socket_owner.close()


def _prepared(method: str, url: str, headers: dict[str, str]) -> requests.PreparedRequest:
    """Return the request as the library sends it, without its body, cookies, passwords and hooks."""
    prepared = requests.PreparedRequest()
    prepared.prepare_method(method)
    prepared.prepare_url(url, None)
    prepared.prepare_headers({**_USUAL, **headers, "User-Agent": USER_AGENT})
    return prepared


def _session(connection: CheckedConnection, allowed: Allowed) -> _Session:
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=False,
        never_redirect=True,
        default_timeout=(connection.deadline.left, connection.deadline.left),
    )
    session = _Session(config)
    session.trust_env = False
    for scheme, tls in (("http://", False), ("https://", True)):
        session.mount(scheme, _Adapter(tls, connection, allowed))
    return session


class _Session(HTTPSession):
    #: What later requests through its connection send as Host: the name, not the address.
    host_header = ""

    def get_redirect_target(self, response: requests.Response) -> None:
        """Return None: the library would parse the target, and fail on some, without following it."""


class _Adapter(IPFilterAdapter):
    """The library's address filter, with our stricter check, the operator's list and a deadline."""

    def __init__(self, tls: bool, connection: CheckedConnection, allowed: Allowed) -> None:
        super().__init__(is_https_proto=tls)
        self._connection = connection
        self._allowed = allowed

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: bool | str, cert: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return where to connect: the one address that was resolved and checked, never the name."""
        host = HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)[0]["host"]
        look_up = partial(super().build_connection_pool_key_attributes, request, verify, cert)
        try:
            where, how = self._connection.deadline.within(look_up)
            address = ipaddress.ip_address(where["host"].strip("[]"))
            if not is_public(address):
                raise InvalidIPAddress(address)
        except InvalidIPAddress as error:
            address = error.args[0]
            where, how = self._listed(request, verify, cert, address)
        self._connection.checked = host, address
        return where, how

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

    def get_connection_with_tls_context(
        self, request: requests.PreparedRequest, *args: Any, **options: Any
    ) -> Any:
        """Return a pool of the one connection, which ends at the deadline of the request under way."""
        pool = super().get_connection_with_tls_context(request, *args, **options)
        kind = _Tls if self._is_https_proto else _Plain

        def made(*args: Any, **options: Any) -> _Plain | _Tls:
            connection = kind(*args, **options)
            connection.of = self._connection
            self._connection.socket_owner = connection
            return connection

        pool.ConnectionCls = made
        self._connection.note_host(str(request.headers.get("Host") or ""))
        return pool


class _Plain(HTTPConnection):
    """A connection of the library that ends at the deadline of the request under way."""

    of: CheckedConnection
    sock: Any
    timeout: Any
    #: A second descriptor of the same connection: TLS takes the first one away from its socket.
    _own: socket.socket | None = None
    _is_watched = False

    def _opened(self, connection: socket.socket) -> None:
        self._forget()
        self._own, self._is_watched = connection.dup(), True
        self.of.deadline.watch(connection)

    def _watch_again(self) -> None:
        if self.sock is not None and self._own is not None and not self._is_watched:
            self.of.deadline.watch(self._own)
        self._is_watched = False

    def _answer_soon(self) -> None:
        # A server that writes head and body apart waits for the receipt of the first, on a kept connection
        # 40 ms.
        if self.sock is not None and _AT_ONCE is not None:
            with contextlib.suppress(OSError):
                self.sock.setsockopt(socket.IPPROTO_TCP, _AT_ONCE, 1)

    def _forget(self) -> None:
        if self._own is not None:
            self._own.close()
        self._own = None

    def _new_conn(self) -> socket.socket:
        # Resolving the name has used up part of the time.
        self.timeout = self.of.deadline.left
        connection = super()._new_conn()
        crash.at("egress.connected")
        self._opened(connection)
        return connection

    def request(self, *args: Any, **options: Any) -> None:
        self._watch_again()
        super().request(*args, **options)
        self._is_watched = False
        self._answer_soon()

    def close(self) -> None:
        self._forget()
        super().close()


class _Tls(_Plain, HTTPSConnection):
    """The same over TLS."""

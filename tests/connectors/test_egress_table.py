"""No dangerous address is connected to, in any form and by any route.

The network is replaced by a list of attempted connections.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from automations.connectors import checked_connection, egress
from automations.connectors.egress import NoAnswer, Request, Unreachable, UrlRefused
from tests.connectors.forms import ADDRESSES, SHAPES, Address, urls
from tests.connectors.servers import endless_server
from tests.kit.outside.outside import allowing

PUBLIC = ipaddress.ip_address("8.8.8.8")
#: A proxy would be asked in place of the address; these are set for every test here.
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")

REAL_CONNECT = socket.socket.connect


@pytest.fixture(autouse=True)
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of addresses of attempted connections of the test itself; every attempt is refused."""
    attempts: list[str] = []

    def connect(outgoing: socket.socket, where: Any) -> None:
        if _is_another_thread():
            return REAL_CONNECT(outgoing, where)
        attempts.append(str(where[0]))
        raise ConnectionRefusedError

    for name in PROXIES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setattr(socket.socket, "connect", connect)
    return attempts


def _is_another_thread() -> bool:
    # Servers and drivers of earlier tests in this process may still be connecting to their own programs.
    return threading.current_thread() is not threading.main_thread()


def ask(url: str) -> None:
    with contextlib.suppress(UrlRefused, Unreachable, NoAnswer):
        egress.send(Request("POST", url, {}, b"x"), timeout=30)


def names_lead_to(monkeypatch: pytest.MonkeyPatch, *answers: list[Address]) -> None:
    """Every name leads to these addresses: to the first list when it is first looked up, then to the next."""
    following: Iterator[list[Address]] = cycle(answers)

    def look_up(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        try:
            addresses = [ipaddress.ip_address(host.partition("%")[0])]
        except ValueError:
            addresses = next(following)
        return [
            (socket.AF_INET6 if address.version == 6 else socket.AF_INET, 1, 6, "", (str(address), port))
            for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def test_the_address_table_has_its_stated_size() -> None:
    assert len(ADDRESSES) >= 54
    assert all(len(set(urls(address))) >= 33 for address in ADDRESSES)


def test_no_spelling_of_a_dangerous_address_is_connected_to(
    tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # What is a name to us may still be an address to a resolver: the worst one would say so.
    for address in ADDRESSES:
        names_lead_to(monkeypatch, [address])
        for url in urls(address):
            ask(url)
    assert tried == []


def test_no_name_leads_to_a_dangerous_address(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for address in ADDRESSES:
        for answers in ([address], [address, PUBLIC]):
            names_lead_to(monkeypatch, answers)
            for shape in SHAPES:
                ask(shape.format("rebind.example"))
    assert tried == []


def test_a_name_whose_address_changes_is_connected_to_at_the_checked_address(
    tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rebound(tried, monkeypatch) == set()
    assert tried.count(str(PUBLIC)) >= len(ADDRESSES), "a public address is connected to"


#: Every address in every form.
REDIRECTED = [url for address in ADDRESSES for url in urls(address)]


@pytest.mark.slow
def test_a_redirect_to_a_dangerous_address_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(REDIRECTED) >= 54 * 33
    statuses, elsewhere = redirected(monkeypatch, REDIRECTED)
    assert len(statuses) == len(REDIRECTED) and set(statuses) == {301, 302, 303, 307, 308}
    assert elsewhere == []


def test_following_redirects_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plant the fault: the library follows redirects to any address."""
    monkeypatch.setattr(checked_connection._Session, "send", requests.Session.send)
    monkeypatch.delattr(checked_connection._Session, "get_redirect_target")
    plain = HTTPAdapter.build_connection_pool_key_attributes
    monkeypatch.setattr(checked_connection._Adapter, "build_connection_pool_key_attributes", plain)
    _, elsewhere = redirected(
        monkeypatch, [f"http://{address}/" for address in ADDRESSES if address.version == 4]
    )
    assert len(elsewhere) > 20


def redirected(monkeypatch: pytest.MonkeyPatch, wanted: list[str]) -> tuple[list[int], list[str]]:
    """What a server that leads to each of these is answered with, and who else is connected to."""
    statuses, elsewhere, connect = [], [], REAL_CONNECT
    with endless_server(_redirects(wanted)) as port, allowing("127.0.0.1"):

        def noted(one: socket.socket, where: Any) -> None:
            if where[:2] != ("127.0.0.1", port) and not _is_another_thread():
                elsewhere.append(str(where[0]))
                raise ConnectionRefusedError
            connect(one, where)

        monkeypatch.setattr(socket.socket, "connect", noted)
        for _ in wanted:
            with contextlib.suppress(UrlRefused, Unreachable, NoAnswer):
                statuses.append(egress.send(Request("GET", f"http://127.0.0.1:{port}/"), timeout=60).status)
    return statuses, elsewhere


def test_checking_before_instead_of_while_connecting_would_be_noticed(
    tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plant the fault: the name is looked up, found not to be private, and then connected to by name."""
    plain = HTTPAdapter.build_connection_pool_key_attributes
    monkeypatch.setattr(checked_connection._Adapter, "build_connection_pool_key_attributes", plain)
    monkeypatch.setattr(egress, "problem_of", _is_private)
    assert rebound(tried, monkeypatch)


def test_only_asking_whether_it_is_private_would_be_noticed(
    tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other fault: `is_private` knows nothing of multicast, of NAT64 and of shared addresses."""
    monkeypatch.setattr(checked_connection, "is_public", lambda address: not address.is_private)
    monkeypatch.setattr(
        checked_connection.IPFilterAdapter, "build_connection_pool_key_attributes", _found_out
    )
    for address in ADDRESSES:
        names_lead_to(monkeypatch, [address])
        ask("http://rebind.example/")
    assert tried


def rebound(tried: list[str], monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Return the dangerous addresses connected to through names that resolve differently on each lookup."""
    for address in ADDRESSES:
        for answers in ([[PUBLIC], [address]], [[address], [PUBLIC]]):
            for scheme in ("http", "https"):
                names_lead_to(monkeypatch, *answers)
                ask(f"{scheme}://rebind.example/")
    return set(tried) - {str(PUBLIC)}


def _is_private(url: str) -> str | None:
    address = socket.getaddrinfo("rebind.example", 80)[0][4][0]
    return "It is private." if ipaddress.ip_address(address).is_private else None


def _found_out(self: HTTPAdapter, request: Any, verify: Any, cert: Any = None) -> Any:
    where, how = HTTPAdapter.build_connection_pool_key_attributes(self, request, verify, cert)
    return {**where, "host": socket.getaddrinfo(where["host"], 80)[0][4][0]}, how


def _redirects(wanted: list[str]) -> Callable[[socket.socket], None]:
    left, statuses = iter(wanted), cycle((301, 302, 303, 307, 308))

    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        where = next(left).encode("utf-8").replace(b"\n", b"").replace(b"\x00", b"")
        head = f"HTTP/1.1 {next(statuses)} Moved\r\nContent-Length: 0\r\nConnection: close\r\n"
        connection.sendall(
            head.encode() + b"Location: " + where + b"\r\nRefresh: 0; url=" + where + b"\r\n\r\n"
        )

    return talk

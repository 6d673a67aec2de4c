"""Connections that stay open: for one store, to a checked address, and never a reason to send twice."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from automations.connectors import checked_connection, egress, kept_connections
from automations.connectors.egress import HttpAnswer, NoAnswer, Request, UrlRefused
from tests.kit.outside.outside import allowing

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\nok"


class Keeping:
    """A server that answers as many requests on one connection as come; notes what came on which."""

    def __init__(self, header: bytes = b"", answers: int = 1000, takes_more: bool = False) -> None:
        self.header, self.answers, self.takes_more = header, answers, takes_more
        #: The number of the connection, and what was asked for.
        self.seen: list[tuple[int, str]] = []
        self.ended = threading.Semaphore(0)
        self.connections = 0

    def talk(self, connection: socket.socket) -> None:
        self.connections += 1
        number = self.connections
        with connection, connection.makefile("rb") as lines:
            for place in range(self.answers + self.takes_more):
                head = lines.readline()
                while head and lines.readline().strip():
                    pass
                if not head:
                    break
                self.seen.append((number, head.split(b" ")[1].decode()))
                if place < self.answers:
                    connection.sendall(ANSWER % self.header)
        self.ended.release()

    def has_ended(self) -> bool:
        """Wait until one more connection is closed."""
        return self.ended.acquire(timeout=60)


@contextmanager
def serving(server: Keeping) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=server.talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture(autouse=True)
def _patiently(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    # On a busy machine more than a second may pass between two requests.
    monkeypatch.setattr(checked_connection, "LONGEST_IDLE", 60.0)
    with allowing("127.0.0.1", "localhost"):
        yield
    egress.close_kept()


def ask(
    port: int,
    path: str = "/a",
    keeper: str = "store 1",
    host: str = "127.0.0.1",
    longest: int = egress.LONGEST_ANSWER,
) -> HttpAnswer:
    return egress.send(Request("GET", f"http://{host}:{port}{path}"), 30, keeper=keeper, longest=longest)


def test_the_next_request_of_the_store_leaves_through_the_same_connection() -> None:
    server = Keeping()
    with serving(server) as port:
        assert [ask(port, path).text for path in ("/a", "/b", "/c")] == ["ok"] * 3
    assert server.seen == [(1, "/a"), (1, "/b"), (1, "/c")]


def test_stores_share_no_connection_and_hosts_share_none() -> None:
    server = Keeping()
    with serving(server) as port:
        ask(port)
        ask(port, keeper="store 2")
        ask(port, host="localhost")
        ask(port, keeper="")
        ask(port, keeper="")
    assert [number for number, _ in server.seen] == [1, 2, 3, 4, 5]


def test_requests_at_the_same_time_have_a_connection_each() -> None:
    server, together = Keeping(), threading.Barrier(3)

    def one() -> None:
        together.wait(60)
        ask(port)

    with serving(server) as port:
        threads = [threading.Thread(target=one) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        before = server.connections
        ask(port)
    assert 1 <= before <= 3 and server.connections == before


def test_the_address_is_looked_up_and_checked_anew_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked_connection, "LONGEST_KEPT", 0.0)
    server = Keeping()
    with serving(server) as port:
        ask(port, host="localhost")
        ask(port, host="localhost")
        assert [number for number, _ in server.seen] == [1, 2]
        # The name leads elsewhere by now.
        private = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: private)
        egress.allow(["127.0.0.1"])
        with pytest.raises(UrlRefused):
            ask(port, host="rebind.example")


@pytest.mark.parametrize("host", ["127.0.0.1", "shop.example"])
def test_a_connection_to_an_address_that_is_not_allowed_any_more_is_not_used(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Keeping()
    with serving(server) as port:
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert ask(port, host=host).text == "ok"
        egress.allow([])
        with pytest.raises(UrlRefused):
            ask(port, host=host)
        assert len(server.seen) == 1
        # An address in the URL is refused before any connection is looked for.
        assert host == "127.0.0.1" or server.has_ended()


def test_a_connection_is_closed_when_nobody_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checked_connection, "LONGEST_IDLE", 0.05)
    server = Keeping()
    with serving(server) as port:
        ask(port)
        assert server.has_ended()
        ask(port)
    assert [number for number, _ in server.seen] == [1, 2]


@pytest.mark.parametrize("header", [b"Connection: close\r\n", b"Keep-Alive: timeout=0\r\n"])
def test_a_server_may_decide_that_a_connection_is_not_used_again(header: bytes) -> None:
    server = Keeping(header)
    with serving(server) as port:
        ask(port)
        ask(port)
    assert [number for number, _ in server.seen] == [1, 2]


def test_a_connection_that_the_server_closed_is_replaced_before_anything_is_sent() -> None:
    server = Keeping(answers=1)
    with serving(server) as port:
        assert ask(port, "/a").text == "ok"
        assert server.has_ended()
        assert ask(port, "/b").text == "ok"
    assert server.seen == [(1, "/a"), (2, "/b")]


def test_a_request_whose_connection_breaks_under_it_is_not_sent_again() -> None:
    # The second request arrives whole, and the server hangs up instead of answering.
    server = Keeping(answers=1, takes_more=True)
    with serving(server) as port:
        ask(port, "/a")
        with pytest.raises(NoAnswer, match="broke before a whole answer"):
            ask(port, "/b")
        assert server.has_ended()
    assert server.seen == [(1, "/a"), (1, "/b")]


def test_an_answer_that_is_too_long_ends_its_connection() -> None:
    server = Keeping()
    with serving(server) as port:
        assert ask(port, longest=1).cut
        ask(port)
    assert [number for number, _ in server.seen] == [1, 2]


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_connections, "MOST", 1)
    server = Keeping()
    with serving(server) as port:
        ask(port, keeper="store 1")
        ask(port, keeper="store 2")
        ask(port, keeper="store 1")
    assert [number for number, _ in server.seen] == [1, 2, 1]

"""The one HTTP client: which addresses it refuses, and when it gives up."""

from __future__ import annotations

import ast
import logging
import socket
import threading
import time

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Seen
from werkzeug import Response

from automations.connectors import egress
from automations.connectors.egress import NoAnswer, Request, Unreachable, UrlRefused
from tests.connectors.servers import scripted_server
from tests.kit import source
from tests.kit.outside.outside import allowing

CLIENTS = {"requests", "urllib3", "httpx", "aiohttp", "http", "urllib", "httplib2", "pycurl", "apprise"}
INSIDE_WORDS = (
    "0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 "
    "169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 "
    "192.168.0.1 192.168.255.255 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 "
    "239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 "
    "::ffff:169.254.169.254 ::127.0.0.1 ::a00:1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 "
    "100::1 2001::1 2001:db8::1 2001:20::1 2002:7f00:1:: 2002:a00:1:: fc00::1 fd00::1 fdff:ffff::1 "
    "fe80::1 febf::1 fec0::1 ff00::1 ff02::1 ff0e::1 3fff::1 5f00::1 ::ffff:0.0.0.0 "
    "::ffff:192.168.1.1 "
)
INSIDE = INSIDE_WORDS.split()
SPELLED_WORDS = (
    "127.1 127.0.1 0177.0.0.1 0x7f.0.0.1 0x7f000001 2130706433 017700000001 127.0.0.1. 0 10.1 "
    "192.168.257 localhost LOCALHOST localhost. ip6-localhost printer intranet router.lan nas.local "
    "vault.internal a.localhost x.corp x.home.arpa １２７.0.0.1 127。0。0。1 １０.0.0.1 [::1] "
    "[::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:0:0:1] [fe80::1%25eth0] [64:ff9b::7f00:1] "
    "metadata.google.internal "
)
SPELLED = SPELLED_WORDS.split()


def _url(host: str) -> str:
    return f"http://[{host}]/x" if ":" in host and not host.startswith("[") else f"http://{host}/x"


@pytest.mark.parametrize("host", [*INSIDE, *SPELLED])
def test_a_private_address_is_refused_however_it_is_spelled(host: str) -> None:
    with pytest.raises(UrlRefused):
        egress.send(Request("GET", _url(host)))


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_resolves_to_a_private_address_is_refused_on_connecting(
    address: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found = [(family, socket.SOCK_STREAM, 6, "", (address, 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert egress.problem_of(f"{scheme}://rebind.example/") is None
    with pytest.raises(UrlRefused, match="is not a public address"):
        egress.send(Request("POST", f"{scheme}://rebind.example/", {}, b"x"), timeout=1)


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "ftp://a.example/",
            "file:///etc/passwd",
            "gopher://a.example/",
            "//a.example/",
            "javascript:1",
        ),
        *(
            "http://",
            "http:///x",
            "http://a.example:0/",
            "http://a.example:99999/",
            "http://[::1/",
            "https:a",
        ),
        *(
            "http://user:pw@a.example/",
            "http://a.example/a\\b",
            "http://a.example/\nx",
            "http://a b/",
        ),
        *(
            "http://a.example/\tx",
            "http://a.example/\x00",
            "http://a.example/" + "x" * 2000,
            "HTTP",
            "http://\ud800/",
        ),
    ],
)
def test_anything_but_a_plain_web_url_is_refused(url: str) -> None:
    assert egress.problem_of(url)
    with pytest.raises(UrlRefused):
        egress.send(Request("GET", url))


@pytest.mark.parametrize(
    "url", ["https://api.courier.example/jobs", "http://8.8.8.8/", "https://[2606:4700::1]/x?y=1"]
)
def test_a_public_address_is_not_refused(url: str) -> None:
    assert egress.problem_of(url) is None


@pytest.mark.parametrize("listed", ["127.0.0.1", "127.0.0.0/8", "localhost"])
def test_a_host_the_operator_lists_is_called(listed: str, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data("hello", status=201)
    host = "localhost" if listed == "localhost" else "127.0.0.1"
    with allowing(listed):
        answer = egress.send(Request("POST", f"http://{host}:{httpserver.port}/x", {"A": "b"}, b"body"))
    assert (answer.status, answer.text, answer.cut) == (201, "hello", False)
    ((seen, _),) = httpserver.log
    assert (seen.data, seen.headers["A"], seen.headers["Host"]) == (b"body", "b", f"{host}:{httpserver.port}")


def test_one_listed_address_does_not_open_another() -> None:
    with allowing("10.0.0.7", "printer.lan"):
        assert egress.problem_of("http://10.0.0.7/") is None
        assert egress.problem_of("http://printer.lan/") is None
        assert egress.problem_of("http://10.0.0.8/")
        assert egress.problem_of("http://other.lan/")


@pytest.mark.usefixtures("local_calls")
def test_a_redirect_is_returned_and_not_followed(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data(
        status=302, headers={"Location": httpserver.url_for("/y")}
    )
    assert egress.send(Request("GET", httpserver.url_for("/x"))).status == 302
    assert len(httpserver.log) == 1


@pytest.mark.usefixtures("local_calls")
def test_proxies_and_passwords_from_the_environment_are_not_used(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    httpserver.expect_request("/x").respond_with_data("direct")
    assert egress.send(Request("GET", httpserver.url_for("/x"))).text == "direct"


@pytest.mark.usefixtures("local_calls")
@pytest.mark.parametrize("extra", [-1, 0, 1, 500_000])
def test_the_first_64_kilobytes_of_an_answer_are_kept(extra: int, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/x").respond_with_data("x" * (egress.LONGEST_ANSWER + extra))
    answer = egress.send(Request("GET", httpserver.url_for("/x")))
    assert len(answer.body) == egress.LONGEST_ANSWER + min(extra, 0)
    assert answer.cut is (extra > 0)


class Drip:
    """A server that sends `first` and then one byte at a time, for a minute."""

    def __init__(self, first: bytes) -> None:
        self.first = first
        self.came_to_its_end = False

    def __call__(self, connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(self.first)
        for _ in range(1200):
            connection.sendall(b"x")
            time.sleep(0.05)
        self.came_to_its_end = True


@pytest.mark.usefixtures("local_calls")
@pytest.mark.parametrize("first", [b"", b"HTTP/1.1 200 OK\r\nX-", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_dripping_answer_ends_at_the_deadline(first: bytes) -> None:
    drip = Drip(first)
    with scripted_server(drip) as port:
        with pytest.raises(NoAnswer, match="did not answer in time"):
            egress.send(Request("GET", f"http://127.0.0.1:{port}/"), timeout=0.5)
        assert not drip.came_to_its_end


@pytest.mark.usefixtures("local_calls")
def test_a_dripping_handshake_ends_at_the_deadline() -> None:
    drip = Drip(b"\x16\x03\x03\x40\x00")
    with scripted_server(drip) as port:
        with pytest.raises(NoAnswer):
            egress.send(Request("GET", f"https://127.0.0.1:{port}/"), timeout=0.5)
        assert not drip.came_to_its_end


@pytest.mark.usefixtures("local_calls")
def test_a_refused_connection_means_that_nothing_was_sent() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(Unreachable, match="cannot be reached"):
        egress.send(Request("GET", f"http://127.0.0.1:{port}/"))


@pytest.mark.usefixtures("local_calls")
def test_a_connection_that_breaks_leaves_no_answer() -> None:
    with scripted_server(lambda connection: connection.recv(10) and None) as port, pytest.raises(NoAnswer):
        egress.send(Request("GET", f"http://127.0.0.1:{port}/"))


@pytest.mark.usefixtures("local_calls")
def test_a_header_value_cannot_add_another_header(httpserver: HTTPServer) -> None:
    with pytest.raises(UrlRefused):
        egress.send(Request("GET", httpserver.url_for("/x"), {"A": "b\r\nEvil: 1"}))


@pytest.mark.usefixtures("local_calls")
def test_a_request_names_this_program_and_sends_no_cookies(httpserver: HTTPServer) -> None:
    def answer(seen: Seen) -> Response:
        return Response("ok", headers={"Set-Cookie": "a=b"})

    httpserver.expect_request("/x").respond_with_handler(answer)
    for _ in range(2):
        egress.send(Request("GET", httpserver.url_for("/x")))
    assert [seen.headers.get("User-Agent") for seen, _ in httpserver.log] == ["store-automations"] * 2
    assert not any("Cookie" in seen.headers for seen, _ in httpserver.log)


def test_no_other_module_imports_an_http_client() -> None:
    allowed = {
        "automations/connectors/egress.py": {"http", "requests", "urllib3"},
        "automations/connectors/checked_connection.py": {"requests", "urllib3"},
        "automations/connectors/chat.py": {"apprise"},
    }
    imports = {
        (file.name, module)
        for file in source.product()
        for module in _imported(file.tree) & CLIENTS
        if module not in allowed.get(file.name, set())
    }
    assert imports == set()


def _imported(tree: ast.Module) -> set[str]:
    """Top-level names of what can call out; taking a URL apart cannot."""
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    return {name.partition(".")[0] for name in names - {"urllib.parse", "http.cookies", "http"}}


def test_a_hanging_resolver_ends_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes_on, ended = threading.Event(), threading.Event()

    def hanging(*_: object, **__: object) -> None:
        goes_on.wait(60)
        ended.set()
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    with pytest.raises(Unreachable, match=r"slow\.example cannot be reached"):
        egress.send(Request("GET", "https://slow.example/"), timeout=0.3)
    assert not ended.is_set()
    goes_on.set()
    assert ended.wait(60)


def test_connecting_gets_only_the_time_left_by_the_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def slowly(*_: object, **__: object) -> list[object]:
        threading.Event().wait(0.5)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 443))]

    def connecting(_: object, timeout: float, *__: object, **___: object) -> None:
        given.append(timeout)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    monkeypatch.setattr("urllib3.util.connection.create_connection", connecting)
    with pytest.raises(Unreachable):
        egress.send(Request("GET", "https://slow.example/"), timeout=9)
    assert len(given) == 1 and 0 < given[0] <= 8.5


def test_the_log_warns_of_no_address_that_the_operator_lists(
    httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    httpserver.expect_request("/x").respond_with_data("ok")
    with allowing("127.0.0.1"):
        assert egress.send(Request("GET", f"http://127.0.0.1:{httpserver.port}/x")).status == 200
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_the_log_names_a_host_that_turned_out_to_be_private(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.7", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(UrlRefused):
        egress.send(Request("GET", "https://shop.example/"))
    assert [record.getMessage() for record in caplog.records] == [
        "Not called: shop.example is at 10.0.0.7, which is not a public address."
    ]

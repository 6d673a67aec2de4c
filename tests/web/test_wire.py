"""Requests no browser makes, byte by byte, to the server that `python app.py` starts."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from automations.web.server import Server
from tests.web.pages import EMAILS
from tests.world import PASSWORD

#: What would be the second request of somebody else, smuggled behind the first.
SECOND = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HOST = b"Host: 127.0.0.1\r\n"
CHUNKS = b"0\r\n\r\n" + SECOND
SMUGGLED = {
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n" + CHUNKS,
    "two lengths": b"Content-Length: 0\r\nContent-Length: 47\r\n\r\n" + SECOND,
    "two lengths in one": b"Content-Length: 0, 47\r\n\r\n" + SECOND,
    "a length with a sign": b"Content-Length: +0\r\n\r\n" + SECOND,
    "a length below nothing": b"Content-Length: -1\r\n\r\n" + SECOND,
    "a length in another base": b"Content-Length: 0x0\r\n\r\n" + SECOND,
    "a length with underscores": b"Content-Length: 0_0\r\n\r\n" + SECOND,
    "a length of no digits": "Content-Length: ０\r\n\r\n".encode() + SECOND,
    "an encoding nobody knows": b"Transfer-Encoding: xchunked\r\n\r\n" + CHUNKS,
    "an encoding after another": b"Transfer-Encoding: gzip, chunked\r\n\r\n" + CHUNKS,
    "an encoding twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + CHUNKS,
    "a space before the colon": b"Content-Length : 47\r\n\r\n" + SECOND,
    "a tab in the name": b"Transfer-Encoding\t: chunked\r\n\r\n" + CHUNKS,
    "a folded header": b"X: y\r\n Transfer-Encoding: chunked\r\n\r\n" + SECOND,
    "an encoding on two lines": b"Transfer-Encoding:\r\n chunked\r\n\r\n" + CHUNKS,
    "a control in the encoding": b"Transfer-Encoding: \x0bchunked\r\n\r\n" + CHUNKS,
    "a bare line feed": b"X: y\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "a bare carriage return": b"X: y\rTransfer-Encoding: chunked\r\n\r\n" + CHUNKS,
    "a NUL in a header": b"X: a\x00b\r\n\r\n",
    "a chunk size with a sign": b"Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" + SECOND,
    "a chunk size in hex": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + SECOND,
    "a chunk size below nothing": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + SECOND,
    "a chunk that is longer": b"Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n" + SECOND,
    "a chunk size of a gigabyte of digits": b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 40 + b"\r\n",
}


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The port of a real server."""
    server = Server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server._listening[0].effective_port
    server.stop()
    thread.join()


def said(port: int, sent: bytes) -> bytes:
    """All that a server answers to these bytes, until it hangs up or has nothing more to say."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        answer = b""
        # A server that has heard enough hangs up in the middle.
        with contextlib.suppress(ConnectionError):
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
    return answer


def test_a_plain_request_is_answered_without_naming_the_program(port: int) -> None:
    answer = said(port, b"GET /sign-in HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and b"Sign in" in answer
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nserver:" not in head and b"waitress" not in head and b"python" not in head


def test_no_request_is_smuggled_behind_another(app: Flask, port: int) -> None:
    seen: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(request.path))
    try:
        for words, rest in SMUGGLED.items():
            seen.clear()
            answer = said(port, b"POST /sign-in HTTP/1.1\r\n" + HOST + rest)
            assert "/smuggled" not in seen, words
            assert answer.count(b"HTTP/1.1 ") + answer.count(b"HTTP/1.0 ") <= 1, (words, answer)
            assert b" 500 " not in answer.partition(b"\r\n")[0], words
    finally:
        app.before_request_funcs[None].pop()


LINES = [
    b"GET http://evil.example/sign-in HTTP/1.1",
    b"GET //evil.example/sign-in HTTP/1.1",
    b"GET https://127.0.0.1@evil.example/sign-in HTTP/1.1",
    b"CONNECT evil.example:443 HTTP/1.1",
    b"GET /\\evil.example HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"TRACE /sign-in HTTP/1.1",
    b"GET /sign-in HTTP/9.9",
    b"GET /" + b"x" * 300_000 + b" HTTP/1.1",
    b"get /sign-in HTTP/1.1",
    b"G\x00T / HTTP/1.1",
    b"\xff\xfe / HTTP/1.1",
]
HOSTS = [
    b"evil.example",
    b"127.0.0.1.evil.example",
    b"evil.example:80",
    b"127.0.0.1@evil.example",
    b"",
    b"a b",
]


def test_a_request_to_another_host_goes_nowhere(port: int) -> None:
    for line in LINES:
        answer = said(port, line + b"\r\n" + HOST + b"Connection: close\r\n\r\n")
        assert b"evil.example" not in answer.partition(b"\r\n\r\n")[0], line
        assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.0 5")) or b" 501 " in answer[:20], line


def test_a_host_that_is_not_ours_gets_no_page_and_no_link(port: int) -> None:
    for host in HOSTS:
        answer = said(port, b"GET /sign-in HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n")
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400")), host
        assert b"evil.example" not in answer, host


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]
)
def test_headers_of_proxies_are_not_believed_without_one(client: FlaskClient, header: str) -> None:
    answer = client.get(
        "/orders", headers={header: "host=evil.example;proto=https", "X-Forwarded-Proto": "https"}
    )
    assert answer.status_code == 303 and answer.location.startswith("/sign-in")
    assert "evil.example" not in str(answer.headers) and "Strict-Transport-Security" not in answer.headers


AWAY = (
    *("https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
    *(
        "/\t/evil.example",
        "/\n/evil.example",
        "http:evil.example",
        "https:/evil.example",
        "javascript:boom()",
    ),
    *(
        "data:text/html,x",
        "/%5cevil.example\\",
        "//evil.example/%2f..",
        "/x\r\nLocation: https://evil.example",
    ),
    *("https://127.0.0.1@evil.example", "/\u2028/evil.example", " //evil.example", "／／evil.example"),
    *("/.//evil.example\\", "//127.0.0.1.evil.example", "/@evil.example\\..", "\x01//evil.example"),
)


@pytest.mark.parametrize("where", AWAY)
def test_nothing_redirects_to_another_site(client: FlaskClient, where: str) -> None:
    entered = {"email": EMAILS["rosa"], "password": PASSWORD}
    sent = [
        client.get("/orders", headers={"Referer": _one_line(where)}),
        client.post("/theme", data={"theme": "dark", "next": where}),
        client.post("/sign-in", data={**entered, "next": where}),
        client.post(f"/sign-in?{urlencode({'next': where})}", data=entered),
        client.get(f"/sign-in?{urlencode({'next': where})}"),
    ]
    for answer in sent:
        location = answer.headers.get("Location", "/")
        assert location.startswith("/") and location[1:2] not in ("/", "\\", "\t", "\n"), location
        assert "HX-Redirect" not in answer.headers


def _one_line(text: str) -> str:
    return "".join(one for one in text if one.isascii() and one.isprintable())


def test_a_body_larger_than_any_form_is_not_even_read(port: int) -> None:
    head = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999\r\n\r\n"
    assert said(port, head).startswith(b"HTTP/1.1 413")

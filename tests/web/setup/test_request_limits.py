"""Requests that no browser makes, byte by byte, to the web server inside this process."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from app import create_app
from tests.kit.hostile.raw_requests import (
    HOST,
    HOSTS,
    LINES,
    PLAIN,
    count_answers,
    is_failure,
    send_bytes,
    smuggled,
    strictly_refused,
)
from tests.kit.served import served
from tests.web.pages import EMAILS
from tests.world import PASSWORD

#: The second request, hidden in the body of the first or behind it.
SECOND = b"GET /smuggled HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """Run a real server and return its port."""
    with served(app) as found:
        yield found


def test_a_plain_request_is_answered_without_naming_the_program(port: int) -> None:
    answer = send_bytes(port, b"GET /sign-in HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and b"Sign in" in answer
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b"\r\nserver:" not in head and b"waitress" not in head and b"python" not in head


def test_no_request_is_smuggled_behind_another(app: Flask, port: int) -> None:
    seen: list[str] = []
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(request.path))
    try:
        for name, sent in smuggled(SECOND).items():
            seen.clear()
            answer = send_bytes(port, sent)
            assert "/smuggled" not in seen, name
            assert count_answers(answer) <= 1 and not is_failure(answer), (name, answer)
        seen.clear()
        assert count_answers(send_bytes(port, PLAIN + b"\r\n" + SECOND)) == 2 and "/smuggled" in seen, (
            "two honest ones"
        )
    finally:
        app.before_request_funcs[None].pop()


def test_the_strict_parser_refuses_ambiguous_requests(port: int) -> None:
    for name, sent in strictly_refused().items():
        answer = send_bytes(port, sent)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400")) and count_answers(answer) == 1, (
            name,
            answer,
        )


def test_a_request_for_another_host_is_never_forwarded(port: int) -> None:
    for line in LINES:
        answer = send_bytes(port, line + b"\r\n" + HOST + b"Connection: close\r\n\r\n")
        assert b"evil.example" not in answer.partition(b"\r\n\r\n")[0], line
        assert not is_failure(answer), line


def test_an_unknown_host_gets_no_page_and_no_link(port: int) -> None:
    for host in HOSTS:
        answer = send_bytes(
            port, b"GET /sign-in HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
        )
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400")), host
        assert b"evil.example" not in answer, host


@pytest.mark.parametrize(
    "header", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-URL", "X-Rewrite-URL"]
)
def test_forwarding_headers_are_ignored_without_a_proxy(client: FlaskClient, header: str) -> None:
    answer = client.get(
        "/orders", headers={header: "host=evil.example;proto=https", "X-Forwarded-Proto": "https"}
    )
    assert answer.status_code == 303 and answer.location.startswith("/sign-in")
    assert "evil.example" not in str(answer.headers) and "Strict-Transport-Security" not in answer.headers


def test_what_the_proxy_says_reaches_the_program(app: Flask) -> None:
    same = {name: app.config[name] for name in ("DATABASE_URL", "DATA_FOLDER", "SECRET_KEY")}
    behind, seen = create_app({**same, "PROXIES": 1}), []
    behind.before_request_funcs.setdefault(None, []).append(
        lambda: seen.append((request.remote_addr, request.scheme, request.host))
    )
    said = (
        b"X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: localhost\r\n"
    )
    with served(behind) as port:
        answer = send_bytes(port, b"GET /sign-in HTTP/1.1\r\n" + HOST + said + b"Connection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200") and b"Strict-Transport-Security" in answer
    assert seen == [("192.0.2.7", "https", "localhost")], "the proxy's word counts, not the browser's"


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
    return "".join(character for character in text if character.isascii() and character.isprintable())


def test_a_body_larger_than_any_form_is_not_read(port: int) -> None:
    head = b"POST /sign-in HTTP/1.1\r\n" + HOST + b"Content-Length: 99999999999\r\n\r\n"
    assert send_bytes(port, head).startswith(b"HTTP/1.1 413")

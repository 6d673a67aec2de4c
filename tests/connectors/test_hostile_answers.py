"""Oversized, malformed and slow answers: each ends at the size limit or the deadline, with a sentence."""

from __future__ import annotations

import contextlib
import datetime as dt
import gzip
import itertools
import socket
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator

import pytest

from automations.connectors import egress, http_responses
from automations.connectors.egress import LONGEST_ANSWER, HttpAnswer, NoAnswer, Request
from automations.connectors.http_responses import wait_asked
from automations.pipeline.runs.retry_schedule import LONGEST_WAIT, next_try
from tests.connectors.servers import scripted_server
from tests.kit.outside.outside import allowing
from tests.world import NOW

Talk = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\n"
MEGABYTE = 1024 * 1024
#: Well over what is kept, well under what is sent.
MOST_MEMORY = 8 * MEGABYTE
DEADLINE = 1.0


def _says(first: bytes, more: Callable[[], Iterator[bytes]] = lambda: iter(())) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.recv(65536)
        with contextlib.suppress(OSError):
            connection.sendall(first)
            for piece in more():
                connection.sendall(piece)

    return talk


def _sixteen_megabytes() -> Iterator[bytes]:
    return itertools.repeat(b"x" * MEGABYTE, 16)


def _compressed(wrap: int) -> Callable[[], Iterator[bytes]]:
    """Return what makes sixteen megabytes, compressed; `wrap` is zlib's window size with its format."""

    def pieces() -> Iterator[bytes]:
        packer = zlib.compressobj(9, zlib.DEFLATED, wrap)
        for _ in range(16):
            yield packer.compress(bytes(MEGABYTE))
        yield packer.flush()

    return pieces


def _drip(piece: bytes = b"x") -> Iterator[bytes]:
    # Ends when the other side has hung up: the next piece cannot be sent.
    while True:
        time.sleep(0.02)
        yield piece


#: Made before anything is measured.
_TWICE = gzip.compress(gzip.compress(bytes(16 * MEGABYTE)))


CAPPED = {
    "a long answer": _says(OK + b"Content-Length: 16777216\r\n\r\n", _sixteen_megabytes),
    "a long answer without a length": _says(OK + b"\r\n", _sixteen_megabytes),
    "a long answer in gzip": _says(OK + b"Content-Encoding: gzip\r\n\r\n", _compressed(31)),
    "a long answer in deflate": _says(OK + b"Content-Encoding: deflate\r\n\r\n", _compressed(15)),
    "a long answer in gzip twice": _says(OK + b"Content-Encoding: gzip, gzip\r\n\r\n" + _TWICE),
}
NO_ANSWER = {
    "a length that is a lie": _says(OK + b"Content-Length: 100\r\n\r\nshort"),
    "a chunk size of letters": _says(OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n"),
    "a chunk size below nothing": _says(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n"),
    "a chunk that never ends": _says(OK + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\nabc"),
    "a chunk size that never ends": _says(OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"F" * 12),
    "no last chunk": _says(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
    "gzip that is none": _says(OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnone"),
    "a status of letters": _says(b"HTTP/1.1 OK\r\n\r\n"),
    "another protocol": _says(b"220 mail.example ESMTP\r\n"),
    "a header without an end": _says(OK + b"X: " + b"y" * 70_000),
    "headers without an end": _says(OK + b"X: y\r\n" * 200),
    "nothing at all": _says(b""),
    "noise": _says(bytes(range(256)) * 10),
    "a hundred continues": _says(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
}
SLOW = {
    "a header byte by byte": _says(OK, _drip),
    "a body byte by byte": _says(OK + b"\r\n", _drip),
    "chunks byte by byte": _says(OK + b"Transfer-Encoding: chunked\r\n\r\n", lambda: _drip(b"1\r\nx\r\n")),
    "a status byte by byte": _says(b"", _drip),
}


@pytest.mark.parametrize("talk", CAPPED.values(), ids=CAPPED)
def test_an_answer_over_the_limit_is_cut_and_not_held_in_memory(talk: Talk) -> None:
    tracemalloc.start()
    try:
        with scripted_server(talk) as port:
            answer = _ask(port, 60)
            _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(answer.body) == LONGEST_ANSWER and answer.cut
    assert most < MOST_MEMORY


@pytest.mark.parametrize("talk", NO_ANSWER.values(), ids=NO_ANSWER)
def test_an_incomplete_or_malformed_answer_counts_as_no_answer(talk: Talk) -> None:
    with scripted_server(talk) as port, pytest.raises(NoAnswer):
        _ask(port, 60)


@pytest.mark.parametrize("talk", SLOW.values(), ids=SLOW)
def test_an_answer_that_never_ends_is_cut_at_the_deadline(talk: Talk) -> None:
    # The server drips until someone hangs up: without a deadline this test would never end.
    with scripted_server(talk) as port, pytest.raises(NoAnswer, match="did not answer in time"):
        _ask(port, DEADLINE)


@pytest.mark.parametrize(
    "asked",
    [
        *("9" * 5000, "99999999999", "1e9", "-5", "0", "NaN", "٣", "1.5", "", " 7 ", "0x10"),
        *("Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 99999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
        *("Fri, 31 Dec 9999 23:59:59 -2359", "tomorrow", "\x00", "2026-11-24T00:00:00Z", "31 Dec"),
    ],
)
def test_the_next_try_is_within_a_day_whatever_wait_is_asked_for(asked: str) -> None:
    due = next_try(NOW, 1, wait_asked({"retry-after": asked}, NOW), 1.0)
    assert due is not None and NOW < due <= NOW + dt.timedelta(seconds=LONGEST_WAIT)


@pytest.mark.parametrize("error", [ValueError, TypeError, IndexError])
def test_a_wait_the_date_parser_fails_on_is_none(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: str) -> None:
        raise error

    monkeypatch.setattr(http_responses, "parsedate_to_datetime", failing)
    assert wait_asked({"retry-after": "tomorrow"}, NOW) is None


def _ask(port: int, timeout: float) -> HttpAnswer:
    with allowing("127.0.0.1"):
        return egress.send(Request("GET", f"http://127.0.0.1:{port}/"), timeout)

"""Requests written byte by byte, as no browser writes them: malformed, or ambiguous about where they end."""

from __future__ import annotations

import socket

HOST = b"Host: 127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
FIRST = b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM
CHUNKED = b"Transfer-Encoding: chunked\r\n"
PLAIN = b"GET /sign-in HTTP/1.1\r\n" + HOST
#: A chunked body with nothing in it: five bytes.
EMPTY_BODY = b"0\r\n\r\n"


def smuggled(second: bytes, first: bytes = FIRST) -> dict[str, bytes]:
    """Return malformed requests by what is wrong: the head of `first`, then `second` behind or inside it."""
    endings = _lengths(second) | _encodings(EMPTY_BODY + second) | _chunks(second)
    requests = {words: first + ending for words, ending in endings.items()}
    length = b"Content-Length: %d\r\n\r\n" % len(second)
    requests["a length before the host"] = first.replace(HOST, b" " + HOST) + length + second
    return requests


def refused(first: bytes = FIRST) -> dict[str, bytes]:
    """Return requests by what `StrictParser` refuses in them; nothing is hidden, all readers see one end."""
    length = b"Content-Length: %d\r\n" % len(EMPTY_BODY)
    requests = {
        "a length and chunks": length + CHUNKED + b"\r\n" + EMPTY_BODY,
        "chunks and a length": CHUNKED + length + b"\r\n" + EMPTY_BODY,
        "an encoding that is not chunked": b"Transfer-Encoding: identity\r\n\r\n",
        "a header on two lines": b"X: y\r\n z\r\nContent-Length: 0\r\n\r\n",
        "a header on two lines, with a tab": b"X: y\r\n\tz\r\nContent-Length: 0\r\n\r\n",
        "a length of more than forty digits": b"Content-Length: " + b"0" * 41 + b"\r\n\r\n",
    }
    old = first.replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    return {words: first + ending for words, ending in requests.items()} | {
        "chunks before HTTP 1.1": old + CHUNKED + b"\r\n" + EMPTY_BODY
    }


def _lengths(second: bytes) -> dict[str, bytes]:
    length = b"Content-Length: %d\r\n" % len(second)
    return {
        "two lengths": b"Content-Length: 0\r\n" + length + b"\r\n" + second,
        "two lengths in one": b"Content-Length: 0, %d\r\n\r\n" % len(second) + second,
        "the same length twice": length + length + b"\r\n" + second,
        "the same length twice in one": b"Content-Length: %d, %d\r\n\r\n" % (len(second), len(second))
        + second,
        "a length with a sign": b"Content-Length: +0\r\n\r\n" + second,
        "a negative length": b"Content-Length: -1\r\n\r\n" + second,
        "a hexadecimal length": b"Content-Length: 0x0\r\n\r\n" + second,
        "a length with underscores": b"Content-Length: 0_0\r\n\r\n" + second,
        "a length with a decimal point": b"Content-Length: 0.0\r\n\r\n" + second,
        "a length with a space inside": b"Content-Length: 0 0\r\n\r\n" + second,
        "a length in digits other than ASCII": "Content-Length: ０\r\n\r\n".encode() + second,
        "an empty length": b"Content-Length: \r\n\r\n" + second,
        "a space before the colon": b"Content-Length : %d\r\n\r\n" % len(second) + second,
        "a NUL in a header": b"X: a\x00b\r\n\r\n",
        "a header without a colon": b"X\r\n" + length + b"\r\n" + second,
        "a header without a name": b": x\r\n" + length + b"\r\n" + second,
    }


def _encodings(chunks: bytes) -> dict[str, bytes]:
    return {
        "an unknown encoding": b"Transfer-Encoding: xchunked\r\n\r\n" + chunks,
        "an encoding before another": b"Transfer-Encoding: chunked, identity\r\n\r\n" + chunks,
        "two encodings": CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + chunks,
        "an encoding in quotes": b'Transfer-Encoding: "chunked"\r\n\r\n' + chunks,
        "a tab in the name": b"Transfer-Encoding\t: chunked\r\n\r\n" + chunks,
        "a control character in the encoding": b"Transfer-Encoding: \x0bchunked\r\n\r\n" + chunks,
        "a NUL in the encoding": b"Transfer-Encoding: chunked\x00\r\n\r\n" + chunks,
        "a bare line feed": b"X: y\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
        "a bare carriage return": b"X: y\rTransfer-Encoding: chunked\r\n\r\n" + chunks,
    }


def _chunks(second: bytes) -> dict[str, bytes]:
    return {
        "a chunk size with a sign": CHUNKED + b"\r\n+0\r\n\r\n" + second,
        "a chunk size with a prefix": CHUNKED + b"\r\n0x0\r\n\r\n" + second,
        "a negative chunk size": CHUNKED + b"\r\n-1\r\n\r\n" + second,
        "a chunk size with underscores": CHUNKED + b"\r\n0_0\r\n\r\n" + second,
        "an empty chunk size": CHUNKED + b"\r\n\r\n\r\n" + second,
        "a chunk size and a bare line feed": CHUNKED + b"\r\n5\nAAAAA\r\n0\r\n\r\n" + second,
        "an extension with a bare line feed": CHUNKED + b"\r\n0;a\nb\r\n\r\n" + second,
        "a chunk longer than its size": CHUNKED + b"\r\n1\r\nabc\r\n0\r\n\r\n" + second,
        "a chunk that ends in a line feed": CHUNKED + b"\r\n1\r\na\n0\r\n\r\n" + second,
        "a chunk that never comes": CHUNKED + b"\r\n5\r\n",
    }


#: Request lines that name another host or are malformed.
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
    b"GET  /sign-in  HTTP/1.1",
    b"GET /sign-in",
    b"GET /%00%0d%0aX:%20y HTTP/1.1",
    b"GET /sign-in#@evil.example HTTP/1.1",
    b"PRI * HTTP/2.0",
]
#: Host headers that are not ours.
HOSTS = [
    b"evil.example",
    b"127.0.0.1.evil.example",
    b"evil.example:80",
    b"127.0.0.1@evil.example",
    b"127.0.0.1, evil.example",
    b"127.0.0.1/evil.example",
    b"127.0.0.1#evil.example",
    b"evil.example\xff",
    b"",
    b"a b",
]


def said(port: int, sent: bytes) -> bytes:
    """Send these bytes and return all that the server answers before it closes. Raises TimeoutError."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        answer = b""
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                answer += piece
        except TimeoutError:
            raise
        except OSError:
            # A server that refuses a request may reset the connection while we are still sending.
            return answer
        return answer


def answers(said: bytes) -> int:
    """Return the number of HTTP answers in what a server said."""
    return said.count(b"HTTP/1.1 ") + said.count(b"HTTP/1.0 ")


def is_failure(said: bytes) -> bool:
    """Return whether the status is 5xx, other than 501 and 505: a server may not know a method or version."""
    return said[9:10] == b"5" and said[9:12] not in (b"501", b"505")

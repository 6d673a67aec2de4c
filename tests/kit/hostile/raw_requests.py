"""Requests that no browser makes, byte by byte, and that two programs could read differently.

Every one of them is refused by both servers on their own, or means the same to every program.
"""

from __future__ import annotations

import socket

HOST = b"Host: 127.0.0.1\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
FIRST = b"POST /sign-in HTTP/1.1\r\n" + HOST + FORM
CHUNKED = b"Transfer-Encoding: chunked\r\n"
PLAIN = b"GET /sign-in HTTP/1.1\r\n" + HOST


def smuggled(second: bytes, first: bytes = FIRST) -> dict[str, bytes]:
    """Return one request each, which begins with `first` and hides `second` in its body or behind it."""
    bodies = _lengths(second) | _encodings(b"0\r\n\r\n" + second) | _chunks(second)
    requests = {name: first + body for name, body in bodies.items()}
    length = b"Content-Length: %d\r\n\r\n" % len(second)
    requests["a length before the host"] = first.replace(HOST, b" " + HOST) + length + second
    return requests


def strictly_refused(first: bytes = FIRST) -> dict[str, bytes]:
    """Return requests that StrictParser refuses; each is one request, whichever way it is read."""
    return {
        "a folded header": first + b"X: y\r\n z\r\nContent-Length: 0\r\n\r\n",
        "an encoding besides chunked": first + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "chunks and a length": first + CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n",
        "chunks before HTTP 1.1": first.replace(b"1.1", b"1.0", 1) + CHUNKED + b"\r\n0\r\n\r\n",
        "a length longer than any": first + b"Content-Length: " + b"9" * 41 + b"\r\n\r\n",
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
        "a length below nothing": b"Content-Length: -1\r\n\r\n" + second,
        "a length in another base": b"Content-Length: 0x0\r\n\r\n" + second,
        "a length with underscores": b"Content-Length: 0_0\r\n\r\n" + second,
        "a length with a point": b"Content-Length: 0.0\r\n\r\n" + second,
        "a length with a space inside": b"Content-Length: 0 0\r\n\r\n" + second,
        "a length in other digits": "Content-Length: ０\r\n\r\n".encode() + second,
        "a length that is empty": b"Content-Length: \r\n\r\n" + second,
        "a length longer than any": b"Content-Length: " + b"9" * 41 + b"\r\n\r\n" + second,
        "a space before the colon": b"Content-Length : %d\r\n\r\n" % len(second) + second,
        "a NUL in a header": b"X: a\x00b\r\n\r\n",
        "a header without a colon": b"X\r\n" + length + b"\r\n" + second,
        "a header without a name": b": x\r\n" + length + b"\r\n" + second,
    }


def _encodings(chunks: bytes) -> dict[str, bytes]:
    return {
        "an encoding nobody knows": b"Transfer-Encoding: xchunked\r\n\r\n" + chunks,
        "an encoding after another": b"Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks,
        "an encoding before another": b"Transfer-Encoding: chunked, identity\r\n\r\n" + chunks,
        "an encoding twice": CHUNKED + b"Transfer-Encoding: identity\r\n\r\n" + chunks,
        "an encoding in quotes": b'Transfer-Encoding: "chunked"\r\n\r\n' + chunks,
        "a tab in the name": b"Transfer-Encoding\t: chunked\r\n\r\n" + chunks,
        "a control in the encoding": b"Transfer-Encoding: \x0bchunked\r\n\r\n" + chunks,
        "a NUL in the encoding": b"Transfer-Encoding: chunked\x00\r\n\r\n" + chunks,
        "a bare line feed": b"X: y\nTransfer-Encoding: chunked\r\n\r\n" + chunks,
        "a bare carriage return": b"X: y\rTransfer-Encoding: chunked\r\n\r\n" + chunks,
    }


def _chunks(second: bytes) -> dict[str, bytes]:
    return {
        "a chunk size with a sign": CHUNKED + b"\r\n+0\r\n\r\n" + second,
        "a chunk size in hex": CHUNKED + b"\r\n0x0\r\n\r\n" + second,
        "a chunk size below nothing": CHUNKED + b"\r\n-1\r\n\r\n" + second,
        "a chunk size with underscores": CHUNKED + b"\r\n0_0\r\n\r\n" + second,
        "a chunk size that is empty": CHUNKED + b"\r\n\r\n\r\n" + second,
        "a chunk size and a bare line feed": CHUNKED + b"\r\n5\nAAAAA\r\n0\r\n\r\n" + second,
        "an extension with a bare line feed": CHUNKED + b"\r\n0;a\nb\r\n\r\n" + second,
        "a chunk that is longer": CHUNKED + b"\r\n1\r\nabc\r\n0\r\n\r\n" + second,
        "a chunk that ends in a line feed": CHUNKED + b"\r\n1\r\na\n0\r\n\r\n" + second,
        "a chunk larger than any body": CHUNKED + b"\r\nFFFFFFFF\r\n",
    }


#: Request lines that are odd or name another host.
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
#: Hosts that are not ours.
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


def send_bytes(port: int, sent: bytes) -> bytes:
    """Send the bytes and return everything the server answers until it closes the connection."""
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
            # A server that refuses a request may close the connection while it is still being sent.
            return answer
        return answer


def count_answers(received: bytes) -> int:
    """Return the number of responses in what a server sent."""
    return received.count(b"HTTP/1.1 ") + received.count(b"HTTP/1.0 ")


def is_failure(received: bytes) -> bool:
    """Return whether the response is a server error; 501 and 505, "not supported", are not."""
    return received[9:10] == b"5" and received[9:12] not in (b"501", b"505")

"""The services outside: they count every effect by key, and answer by script.

A share of the answers is lost or wrong *after* the effect took place: an HTTP 503, a broken connection.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.kit.fire.programs import free_port

HOST = "127.0.0.1"
#: Requests that a connection of the API takes.
KEPT_FOR = 3


@dataclass
class Sinks:
    """A mail server, an API that knows idempotency keys, and a gateway for text messages that knows none.

    An effect is identified by a header or word of the message that the automation wrote, so that a program
    that changed its keys between two tries could not hide it.
    """

    #: The share of answers that are lost or wrong after the effect.
    faults: float = 0.02
    smtp_port: int = 0
    http_port: int = 0
    #: Effects of each channel by what they are about; a repeated key of the API is no effect.
    emails: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    #: Every delivery, repeated ones included.
    deliveries: int = 0
    #: What arrived, in order: (channel, what it is about).
    arrived: list[tuple[str, str]] = field(default_factory=list)
    _keys: set[str] = field(default_factory=set)
    _chance: Random = field(default_factory=lambda: Random(7))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def takes(self, channel: Counter[str], name: str, about: str, key: str = "") -> bool:
        """Record one delivery; return whether its answer is to go wrong."""
        with self._lock:
            self.deliveries += 1
            if key and key in self._keys:
                return False
            self._keys.add(key)
            channel[about] += 1
            self.arrived.append((name, about))
            return self._chance.random() < self.faults

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        subject = next(line for line in content.splitlines() if line.startswith(b"Subject: "))
        if self.takes(self.emails, "email", subject[9:].decode()):
            # The message is taken, but the connection breaks before the answer.
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        return "250 taken"


@contextmanager
def sinks(faults: float = 0.02) -> Iterator[Sinks]:
    """Run the three servers and yield their record."""
    outside = Sinks(faults, smtp_port=free_port())
    mail = Controller(outside, hostname=HOST, port=outside.smtp_port)
    web = ThreadingHTTPServer((HOST, 0), _handler(outside))
    web.daemon_threads = True
    outside.http_port = web.server_port
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    mail.start()
    thread.start()
    try:
        yield outside
    finally:
        web.shutdown()
        thread.join()
        web.server_close()
        mail.stop()


def _handler(outside: Sinks) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        # Connections are kept, and closed without a word after a few requests.
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        answered = 0

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == "/sms":
                wrong = outside.takes(outside.texts, "sms", body["text"])
                self._answer(503 if wrong else 200, {"status": "ok", "id": body["reference"]})
                return
            key = self.headers["Idempotency-Key"]
            wrong = outside.takes(outside.calls, "http", body["about"], key)
            self._answer(503 if wrong else 200, {"id": key})

        def _answer(self, status: int, words: dict[str, Any]) -> None:
            content = json.dumps(words).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.answered += 1
            self.close_connection = self.answered >= KEPT_FOR

        def log_message(self, format: str, *arguments: Any) -> None:
            """Log nothing."""

    return Handler

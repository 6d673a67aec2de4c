"""A mail server that does what a test asks for at any command of any of its connections."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

GREETING, RECEIVED, KEPT = "greeting", "received", "kept"
REPLIES = {GREETING: "220 hello", "EHLO": "250 hello", "DATA": "354 go on", RECEIVED: "250 kept"}
#: What it does instead of answering: it closes the connection, or says nothing until the other side does.
CLOSES, IS_SILENT = "closes", "is silent"


class Moment(NamedTuple):
    """A command on a connection: the number of the connection and of the email on it, both from 1."""

    connection: int
    email: int
    command: str


def _polite(moment: Moment) -> str:
    return ""


@dataclass
class PostOffice:
    """Takes emails over as many connections as come; `answer` may give another reply to a command, or an end.

    After each email it does what `answer` says for KEPT, unasked.
    """

    answer: Callable[[Moment], str] = _polite
    #: The number of the connection and the body of every email that came whole.
    emails: list[tuple[int, bytes]] = field(default_factory=list)
    #: Every command but those of the greeting.
    heard: list[Moment] = field(default_factory=list)
    connections: int = 0
    under_way: int = 0
    ended: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def by_connection(self) -> list[int]:
        return [connection for connection, _ in self.emails]

    def talk(self, connection: socket.socket, number: int) -> None:
        """Serve one connection to its end."""
        with connection, connection.makefile("rb") as lines, contextlib.suppress(OSError):
            email = 1
            if not self._reply(connection, Moment(number, email, GREETING)):
                return
            for line in iter(lines.readline, b""):
                moment = Moment(number, email, line[:4].decode().strip().upper())
                self.heard.append(moment)
                if moment.command == "QUIT" or not self._reply(connection, moment):
                    return
                if moment.command == "DATA" and REPLIES["DATA"] == (self.answer(moment) or REPLIES["DATA"]):
                    if not self._take(lines, number) or not self._reply(
                        connection, moment._replace(command=RECEIVED)
                    ):
                        return
                    extra = self.answer(moment._replace(command=KEPT))
                    if extra == CLOSES:
                        return
                    if extra:
                        connection.sendall(extra.encode() + b"\r\n")
                    email += 1

    def _take(self, lines: Iterator[bytes], number: int) -> bool:
        body = []
        for line in lines:
            if line == b".\r\n":
                self.emails.append((number, b"".join(body)))
                return True
            body.append(line)
        return False

    def _reply(self, connection: socket.socket, moment: Moment) -> bool:
        """Answer a command; return whether the connection goes on."""
        words = self.answer(moment) or REPLIES.get(moment.command, "250 OK")
        if words == IS_SILENT:
            while connection.recv(65536):
                pass
        if words in (CLOSES, IS_SILENT):
            return False
        connection.sendall(words.encode() + b"\r\n")
        return not words.startswith("421")


@contextmanager
def open_office(office: PostOffice) -> Iterator[int]:
    """Run it; yield its port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def serve(connection: socket.socket, number: int) -> None:
        office.talk(connection, number)
        office.ended.release()

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            office.connections += 1
            threading.Thread(target=serve, args=(connection, office.connections), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)
        listener.close()

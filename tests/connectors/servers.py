"""Real SMTP servers on a free port of this machine, with the manners a test asks for."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mail:
    """What arrived: the envelope and the parsed message."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass
class Handler:
    """Keeps every mail; answers a command with the reply given for it instead."""

    replies: dict[str, str] = field(default_factory=dict)
    mails: list[Mail] = field(default_factory=list)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" not in self.replies:
            envelope.rcpt_tos.append(address)
        return self.replies.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(Mail(envelope.mail_from or "", list(envelope.rcpt_tos), envelope.content))
        return self.replies.get("DATA", "250 queued as 4711")


@contextmanager
def mail_server(
    handler: Handler,
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: bool = False,
) -> Iterator[int]:
    """A running server; yields its port. With `login` it wants user "shop", password "right"."""
    controller = Controller(
        handler,
        hostname="127.0.0.1",
        port=_free_port(),
        ssl_context=tls,
        tls_context=starttls,
        authenticator=_authenticate if login else None,
        auth_required=login,
        auth_require_tls=False,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _authenticate(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"shop", b"right")
    return AuthResult(success=right, handled=False)


@contextmanager
def scripted_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does with its one connection what `talk` does, then closes it; yields its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_serve, args=(listener, talk), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        thread.join(5)


@contextmanager
def endless_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """The same for every connection, one after the other."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    thread = threading.Thread(target=_serve_all, args=(listener, talk), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        # To close it does not wake a thread that waits in it.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(60)
        listener.close()


def _serve_all(listener: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            talk(connection)


def _serve(listener: socket.socket, talk: Callable[[socket.socket], None]) -> None:
    try:
        connection, _ = listener.accept()
        with connection:
            talk(connection)
    except OSError:
        return


def until_data(connection: socket.socket) -> None:
    """Be polite until the first byte of the message."""
    connection.sendall(b"220 hello\r\n")
    lines = connection.makefile("rb")
    for line in iter(lines.readline, b""):
        if line.upper().startswith(b"DATA"):
            connection.sendall(b"354 go on\r\n")
            return
        connection.sendall(b"250 OK\r\n")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

"""An SMTP connection that ends at a deadline, however slowly the server sends, and rests between emails."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import time
from typing import Literal

from automations.connectors.deadline import Deadline
from automations.connectors.masking import NOTHING, Mask

Security = Literal["none", "starttls", "tls"]

#: Seconds since it was opened, its name looked up and its certificate checked, for which it may be used.
LONGEST_KEPT = 30.0
#: Seconds it may be idle: servers wait for minutes, but one that closes sooner should be a rare surprise.
LONGEST_IDLE = 5.0
#: Emails through one connection; many servers end it after a hundred.
MOST_EMAILS = 100


class Session(smtplib.SMTP):
    """An open, greeted and (where asked) encrypted connection.

    `timeout` is in seconds until it has to be open and, if nothing else begins, closed again. Raises OSError,
    of which smtplib's and ssl's errors are kinds.
    """

    def __init__(
        self,
        host: str,
        port: int,
        security: Security,
        timeout: float,
        context: ssl.SSLContext,
        mask: Mask = NOTHING,
    ) -> None:
        self.idle_until = 0.0
        self.emails = 0
        #: What it was opened with; with other settings it is not used again.
        self.settings: object = None
        self._mask = mask
        self._implicit_tls = context if security == "tls" else None
        self._expires = time.monotonic() + LONGEST_KEPT
        # A socket's timeout is per read: a server that drips bytes would hold us for ever, so the connection
        # is shut down at the deadline.
        self._deadline = Deadline(timeout)
        #: A second descriptor of the same connection: TLS takes the first one away from its socket.
        self._own: socket.socket | None = None
        try:
            super().__init__(host, port, local_hostname=_our_name(), timeout=timeout)
            if security == "starttls":
                self.starttls(context=context)
            self.ehlo_or_helo_if_needed()
        except BaseException:
            self.close()
            raise

    def connect(
        self,
        host: str = "localhost",
        port: int = 0,
        source_address: object = None,
    ) -> tuple[int, bytes]:
        """Open the socket and read the greeting; `smtplib` calls this once, from the constructor."""
        self.file = None
        self.sock = socket.create_connection((host, port), self._deadline.left)
        # Every command waits for an answer: nothing is gained by waiting for more to send.
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._own = self.sock.dup()
        self._deadline.watch(self._own)
        if self._implicit_tls:
            self.sock = self._implicit_tls.wrap_socket(self.sock, server_hostname=host)
        return self.getreply()

    def begin(self, timeout: float, mask: Mask) -> None:
        """Begin something else, which has to end within `timeout` seconds."""
        self._deadline.close()
        self._deadline, self._mask = Deadline(timeout), mask
        if self.sock is not None and self._own is not None:
            self.sock.settimeout(self._deadline.left)
            self._deadline.watch(self._own)

    def rest(self) -> None:
        """Note that an email was answered, and that nothing is under way until another begins."""
        self._deadline.close()
        self.emails += 1
        self.idle_until = min(time.monotonic() + LONGEST_IDLE, self._expires)

    @property
    def may_serve(self) -> bool:
        """Whether it may be used once more: it is young, and the server has said nothing since."""
        is_young = time.monotonic() < self.idle_until and self.emails < MOST_EMAILS
        return is_young and self.sock is not None and not self._has_said_more()

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's reply, with our secrets masked."""
        code, words = super().getreply()
        return code, self._mask(words.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def leave(self) -> None:
        """Say goodbye without waiting for anything, which could only spoil a success."""
        with contextlib.suppress(OSError):
            if self.sock:
                self.sock.settimeout(0)
                self.putcmd("quit")
        self.close()

    def close(self) -> None:
        """Close the connection; harmless when it is closed already."""
        self._deadline.close()
        if self._own is not None:
            self._own.close()
            self._own = None
        with contextlib.suppress(OSError):
            super().close()

    def _has_said_more(self) -> bool:
        # A reply nobody asked for, which would be taken for the answer to what is asked next; or the end.
        if self.sock is None or self._own is None or self.file is None:
            return True
        self.sock.settimeout(0)
        self._own.settimeout(0)
        try:
            self._own.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return self._has_read_more()
        except OSError:
            return True
        return True

    def _has_read_more(self) -> bool:
        try:
            return bool(self.file and self.file.peek(1))
        except ssl.SSLWantReadError:
            return False


def _our_name() -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"

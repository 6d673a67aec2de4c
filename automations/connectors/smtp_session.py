"""An SMTP connection that ends at a deadline, however slowly the server sends."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
import time
from typing import Literal

from automations.connectors.masking import NOTHING, Mask

Security = Literal["none", "starttls", "tls"]


class Session(smtplib.SMTP):
    """An open, greeted and (where asked) encrypted connection.

    `timeout` is in seconds for the whole session. Raises OSError, of which smtplib's and ssl's errors
    are kinds.
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
        self._mask = mask
        self._implicit_tls = context if security == "tls" else None
        self._deadline = time.monotonic() + timeout
        # A socket's timeout is per read: a server that drips bytes would hold us for ever, so a timer
        # shuts the connection down.
        self._cut = threading.Timer(timeout, self._hang_up)
        self._cut.daemon = True
        self._cut.start()
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
        left = max(0.01, self._deadline - time.monotonic())
        self.file = None
        self.sock = socket.create_connection((host, port), left)
        if self._implicit_tls:
            self.sock = self._implicit_tls.wrap_socket(self.sock, server_hostname=host)
        return self.getreply()

    def getreply(self) -> tuple[int, bytes]:
        """Return the server's reply, with our secrets masked."""
        code, words = super().getreply()
        return code, self._mask(words.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def leave(self) -> None:
        """Say goodbye without waiting for the answer, which could only spoil a success."""
        with contextlib.suppress(OSError):
            self.putcmd("quit")
        self.close()

    def close(self) -> None:
        """Close the connection; harmless when it is closed already."""
        self._cut.cancel()
        with contextlib.suppress(OSError):
            super().close()

    def _hang_up(self) -> None:
        with contextlib.suppress(OSError):
            if self.sock:
                self.sock.shutdown(socket.SHUT_RDWR)


def _our_name() -> str:
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"

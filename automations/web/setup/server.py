"""The web server. It answers the requests under way before it stops."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import waitress
from click import ClickException
from flask import Flask
from sqlalchemy import make_url
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from automations.web.setup.request_limits import StrictChannel

#: As many requests as can be received together: whoever waits for others' commit keeps a thread. On Postgres
#: a busy moment costs the server a connection for each.
THREADS = {"sqlite": 32, "postgresql": 16}
#: Bytes of a request body. Twice what a form may hold, so that a form that is somewhat too large is refused
#: with a page; a larger body is not even read.
LARGEST = 16 * 1024 * 1024
#: Seconds that requests under way may take to finish once the server was told to stop.
GRACE = 8.0


def listen(app: Flask) -> Server:
    """Return a server at HOST and PORT, 127.0.0.1:8000 unless the environment says otherwise.

    Raises ClickException if they cannot be used.
    """
    host, port = os.environ.get("HOST") or "127.0.0.1", app.config["PORT"]
    try:
        return Server(app, host, port)
    except ValueError as error:
        raise ClickException(f"HOST is “{host}”, which is no address of this machine.") from error
    except OSError as error:
        raise ClickException(
            f"Port {port} cannot be used ({error.strerror}). Choose another in PORT, such as {port + 1}."
        ) from error


class Server:
    """A server that listens once it is constructed.

    Raises OSError if the port cannot be used, ValueError if there is no such host.
    """

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._sockets: dict[int, Any] = {}
        self._stopping = threading.Event()
        backend = make_url(app.config["SQLALCHEMY_DATABASE_URI"]).get_backend_name()
        options = {"threads": THREADS[backend], "ident": None, "max_request_body_size": LARGEST}
        # The server library would take them away before the program, which counts its proxies, can read them.
        options["clear_untrusted_proxy_headers"] = not app.config["PROXIES"]
        # It warns of each request that waits for a thread: a tenth of the work when many arrive together.
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        waitress.create_server(app, host=host, port=port, map=self._sockets, **options)
        #: A host name may resolve to several addresses, each with its own socket.
        self._listening = [
            listener for listener in self._sockets.values() if isinstance(listener, BaseWSGIServer)
        ]
        for listener in self._listening:
            listener.channel_class = StrictChannel
        self.address = f"http://{host}:{self._listening[0].effective_port}"

    def run_until_signalled(self, leave: Callable[[], None] | None = None) -> None:
        """Serve until SIGTERM or SIGINT, then call `leave` and stop. Must be called in the main thread."""

        def stop(*_: object) -> None:
            if leave:
                leave()
            self.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop)
        self.run()

    def run(self) -> None:
        """Serve until `stop` is called; then accept nothing new and finish the requests under way."""
        while not self._stopping.is_set():
            self._poll(1.0)
        # Close only the listening sockets: closing the server would also close the trigger of its threads.
        for listener in self._listening:
            wasyncore.dispatcher.close(listener)
        deadline = time.monotonic() + GRACE
        while self._is_answering() and time.monotonic() < deadline:
            self._poll(0.1)
        self._listening[0].task_dispatcher.shutdown(timeout=max(0.0, deadline - time.monotonic()))
        wasyncore.close_all(self._sockets)

    def stop(self) -> None:
        """Make `run` return. Safe to call from a signal handler."""
        self._stopping.set()
        self._listening[0].pull_trigger()

    def _poll(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._sockets, count=1)

    def _is_answering(self) -> bool:
        channels = [channel for listener in self._listening for channel in listener.active_channels.values()]
        busy = [
            channel
            for channel in channels
            if channel.requests or channel.request or channel.total_outbufs_len
        ]
        for idle in set(channels) - set(busy):
            # A kept-alive connection would otherwise bring the next request, and never become idle for good.
            idle.will_close = True
        return bool(busy)

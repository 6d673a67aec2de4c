"""The web server of `python app.py`, which answers what came in before it leaves."""

from __future__ import annotations

import threading
import time
from typing import Any

import waitress
from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from automations.web.wire import StrictChannel

THREADS = 8
#: Twice what a form may hold, so that the refusal of one that is too large is a page. More is not even read.
LARGEST = 16 * 1024 * 1024
#: Seconds a request that is under way may still take once the server was told to stop.
GRACE = 8.0


class Server:
    """Listens from the moment it is made. Raises OSError when the port cannot be used."""

    def __init__(self, app: Flask, host: str, port: int) -> None:
        self._sockets: dict[int, Any] = {}
        self._stopping = threading.Event()
        options = {"threads": THREADS, "ident": None, "max_request_body_size": LARGEST}
        waitress.create_server(app, host=host, port=port, map=self._sockets, **options)
        #: A name may stand for several addresses, each with its own socket.
        self._listening = [one for one in self._sockets.values() if isinstance(one, BaseWSGIServer)]
        for one in self._listening:
            one.channel_class = StrictChannel

    def run(self) -> None:
        """Serve until `stop`; then take nothing new, and answer what came in."""
        while not self._stopping.is_set():
            self._look(1.0)
        # Only the listening socket: closing the server would also close what its threads wake it by.
        for one in self._listening:
            wasyncore.dispatcher.close(one)
        ends = time.monotonic() + GRACE
        while self._is_answering() and time.monotonic() < ends:
            self._look(0.1)
        self._listening[0].task_dispatcher.shutdown(timeout=max(0.0, ends - time.monotonic()))
        wasyncore.close_all(self._sockets)

    def stop(self, *_: object) -> None:
        """Let `run` come to its end; may be called from a signal."""
        self._stopping.set()
        self._listening[0].pull_trigger()

    def _look(self, seconds: float) -> None:
        wasyncore.loop(timeout=seconds, map=self._sockets, count=1)

    def _is_answering(self) -> bool:
        channels = [channel for one in self._listening for channel in one.active_channels.values()]
        busy = [one for one in channels if one.requests or one.request or one.total_outbufs_len]
        for idle in set(channels) - set(busy):
            # A connection kept open for a next request would be busy again and again.
            idle.will_close = True
        return bool(busy)

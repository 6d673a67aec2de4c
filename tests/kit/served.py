"""The product's own web server, inside the test's process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask

from automations.web.setup.server import Server


@contextmanager
def served(app: Flask) -> Iterator[int]:
    """Serve `app` on 127.0.0.1 while the block runs; yield the port."""
    server = Server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield int(server._listening[0].effective_port)
    finally:
        server.stop()
        thread.join()

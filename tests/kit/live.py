"""The product running for real in this process: an HTTP server and a worker on the test's database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from automations.models.base import db
from automations.pipeline.worker import Worker

LIMIT = 240.0


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The address of a real HTTP server of `app` on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def working(app: Flask) -> Iterator[Worker]:
    """A worker of `app`, ended before the test's database goes away."""
    worker = Worker(app)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def eventually(holds: Callable[[], bool], limit: float = LIMIT) -> None:
    """Wait until `holds()`; each look sees the database as it then is."""
    ends = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < ends, "It did not come to pass in time."
        db.session.rollback()
        time.sleep(0.02)

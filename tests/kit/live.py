"""The real product in this process: an HTTP server and a worker on the test's database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import make_server

from automations.models.db.base import db
from automations.worker.worker import Worker

LIMIT = 240.0


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve `app` over HTTP on a free port; yield the URL."""
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
    """Run a worker of `app`; it stops before the test's database goes away."""
    worker = Worker(app)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def wait_until(
    holds: Callable[[], bool], limit: float = LIMIT, instead: Callable[[], object] | None = None
) -> None:
    """Wait until `holds()` is true, at most `limit` seconds; each call sees current data.

    `instead` tells what there is to be seen if it does not become true.
    """
    ends = time.monotonic() + limit
    while not holds():
        seen = instead() if instead and time.monotonic() >= ends else ""
        assert time.monotonic() < ends, f"The condition did not become true in time. {seen}"
        db.session.rollback()
        time.sleep(0.02)

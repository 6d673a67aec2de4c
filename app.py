"""Builds the application. Run as a program, it also serves it together with a worker on this machine."""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click import ClickException
from flask import Flask
from sqlalchemy.exc import DBAPIError

from automations.features.past import tables
from automations.models.db.base import db, is_unavailable, unavailable_reason
from automations.models.db.database import prepare_engine, sqlite_warning
from automations.web import blueprints
from automations.web.cli import commands
from automations.web.request import errors, security
from automations.web.setup import bootstrap, config, logs, time_zones
from automations.web.setup.one_core import keep_to_one_core
from automations.web.setup.server import listen
from automations.worker.worker import Worker, WorkerRunning

ROOT = config.ROOT
#: Garbage collection thresholds. With Python's defaults, one batch of orders is scanned a hundred times,
#: which takes a tenth of its time, and a scan of all of a store's rules takes 100 ms. Nothing in the
#: pipeline creates reference cycles.
GARBAGE = (10_000, 20, 50)


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Return the web application, configured from the environment and then from `overrides`."""
    gc.set_threshold(*GARBAGE)
    time_zones.use_pinned()
    app = errors.Application(__name__, static_folder="static", template_folder="templates")
    app.config.update(config.from_environment())
    app.config.update(overrides or {})
    config.finish(app.config)
    if overrides is None:
        logs.set_up(app.config["LOG_FORMAT"])
    tables.keep_in(Path(app.config["DATA_FOLDER"]) / "past")
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    security.protect(app)
    blueprints.register(app)
    commands.register(app)
    return app


def main() -> int:
    """Run web server and worker in one process, on 127.0.0.1:8000 unless HOST and PORT say otherwise.

    Return the exit code.
    """
    keep_to_one_core()
    try:
        app = create_app()
    except config.BadConfiguration as error:
        return _stop(str(error))
    worker = Worker(app)
    try:
        worker.lock()
    except WorkerRunning as error:
        return _stop(str(error))
    try:
        bootstrap.prepare(app, create_app)
        worker.start()
    except ClickException as error:
        return _stop(error.message)
    except DBAPIError as error:
        if not is_unavailable(error):
            raise
        return _stop(f"{unavailable_reason(error)} Start it again when it does.")
    try:
        server = listen(app)
    except ClickException as error:
        worker.stop()
        return _stop(error.message)
    print(f"\n  Store Automations is ready:  {server.address}\n  {sqlite_warning() or ''}", flush=True)
    server.run_until_signalled(worker.leave)
    print("\n  Finishing what is under way …", flush=True)
    worker.stop()
    return 0


def _stop(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())

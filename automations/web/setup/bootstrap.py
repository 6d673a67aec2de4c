"""What `python app.py` does before it serves: migrate the schema, and fill an empty database."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Callable

from click import ClickException
from flask import Flask

from automations.features.figures.counting import FigureCounting
from automations.features.sample_shop import fill
from automations.features.search.catching_up import CatchingUp
from automations.features.surge import usual_past
from automations.models.access.password_hashing import Passwords
from automations.models.db import schema
from automations.models.db.base import db


def prepare(app: Flask, make_app: Callable[[], Flask]) -> None:
    """Bring the schema up to date; outside production, fill an empty database with the sample shop.

    Raises ClickException. `make_app` is called in another process, so it has to be a function of a module.
    """
    with app.app_context():
        with db.engine.connect() as connection:
            revision = schema.current_revision(connection)
        newer = schema.too_new_problem(revision)
        if newer:
            raise ClickException(newer)
        is_current = revision == schema.required_revision()
        if not is_current or _wants_sample_shop(app):
            _prepare_elsewhere(make_app)


def _wants_sample_shop(app: Flask) -> bool:
    if app.config["PRODUCTION"]:
        return False
    empty = fill.is_empty(db.session())
    db.session.rollback()
    return empty


def _prepare_elsewhere(make_app: Callable[[], Flask]) -> None:
    # This process would keep the memory that migrating and filling take for as long as it runs.
    preparing = multiprocessing.get_context("spawn").Process(target=_prepare, args=(make_app,))
    preparing.start()
    preparing.join()
    if preparing.exitcode:
        raise ClickException("The database could not be prepared, see above.")


def _prepare(make_app: Callable[[], Flask]) -> None:
    app = make_app()
    with app.app_context():
        schema.upgrade()
        if _wants_sample_shop(app):
            print("\n  Filling a sample shop …", flush=True)
            fill_sample_shop(app)
            _look_through_it(dt.datetime.now(dt.UTC))


def _look_through_it(now: dt.datetime) -> None:
    """Do what a worker does at its first look: the memory that it takes for so much at once goes with us."""
    usual_past.refresh_due(now)
    FigureCounting().once(now)
    words = CatchingUp()
    words.once(now)
    while words.older_is_left:
        words.once(now)


def fill_sample_shop(app: Flask) -> None:
    """Create the sample shop and print its sign-ins. Raises ValueError if the database is not empty."""
    people = fill.fill(dt.datetime.now(dt.UTC), Passwords(app.config["ARGON2"]).hash)
    width = max(len(email) for email, _, _ in people)
    print("\n  Sign in with one of these; the passwords are shown only once:\n")
    for email, password, role in people:
        print(f"    {email:<{width}}   {password}   ({role})")

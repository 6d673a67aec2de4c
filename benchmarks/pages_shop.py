"""The shop that `pages.py` asks: the sample shop with one record of every kind, multiplied."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import create_app
from automations.features.figures.counting import FigureCounting
from automations.features.sample_shop import fill
from automations.features.search import catching_up
from automations.features.search.kept_words import locked_progress
from automations.models.access.password_hashing import Passwords
from automations.models.db import schema
from automations.models.db.base import db, run_in_write
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.store import Store
from benchmarks import pages_grow
from tests.kit.databases import PostgresDatabases, postgres_url
from tests.kit.pages.one_of_each import one_of_each

ADMIN = "ada@bloom.example"
KEPT = "shop.json"
#: So many customers are read at once; a worker reads fewer, since others want to write meanwhile.
CUSTOMERS = 2_000


@dataclass(frozen=True)
class Shop:
    """An application with a client whose browser is signed in; `ids` are values of parts of an address."""

    app: Flask
    client: FlaskClient
    ids: dict[str, Any]
    #: The same of what has most to show: the busiest automation, a record with a long log.
    busy: dict[str, Any]


@contextmanager
def prepared(kind: str, folder: Path, occurrences: int, keep: bool = False) -> Iterator[Shop]:
    """Yield the shop with so many occurrences, built if the folder has none; 0 is the sample shop."""
    kept = folder / KEPT
    known: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() else {}
    # Asked for its address, the server starts, also for a database that was kept.
    server = postgres_url(hurry=False) if kind == "postgres" else ""
    made = PostgresDatabases(server) if server and not known else None
    url = known.get("url") or (made.url if made else f"sqlite:///{folder / 'pages.db'}")
    settings = {"SECRET_KEY": "only-for-measuring-" * 3, "DATABASE_URL": url, "DATA_FOLDER": str(folder)}
    app = create_app(settings | {"TESTING": True, "WTF_CSRF_ENABLED": False})
    with app.app_context():
        schema.upgrade()
        client = app.test_client()
        if not known:
            known = {"url": url} | _build(client, occurrences)
            kept.write_text(json.dumps(known))
        _sign_in(client, known["password"])
        yield Shop(app, client, known["ids"], _busy())
        db.session.remove()
        db.engine.dispose()
    if made and not keep:
        made.drop()


def _build(client: FlaskClient, occurrences: int) -> dict[str, Any]:
    begun = perf_counter()
    now = dt.datetime.now(dt.UTC)
    hasher = Passwords(client.application.config["ARGON2"]).hash
    people = fill.fill(now - pages_grow.SHIFT if occurrences else now, hasher)
    password = next(one.password for one in people if one.email == ADMIN)
    _sign_in(client, password)
    _keep_words(now)
    if occurrences:
        pages_grow.grow(db.engine, occurrences)
        run_in_write(_read_customers_again)
        _keep_words(now)
    FigureCounting().once(now)
    ada = db.session.query(User).filter_by(email=ADMIN).one()
    bloom = db.session.query(Store).order_by(Store.id).limit(1).one()
    ids = one_of_each(bloom, ada)
    db.session.rollback()
    print(f"{occurrences or 'Sample'}: built in {perf_counter() - begun:.0f} s", flush=True)
    return {"password": password, "ids": ids}


def _keep_words(now: dt.datetime) -> None:
    """Keep the words by which records are found, as a worker would have done by now."""
    catching_up.OLDER = CUSTOMERS
    while catching_up.CatchingUp().once(now):
        pass


def _read_customers_again(session: Session) -> None:
    """Let the words of all customers be read, and of nothing else: those of the others were multiplied."""
    progress = locked_progress(session)
    progress.occurrence_id = session.scalar(sa.select(sa.func.max(Occurrence.id))) or 0
    progress.customer_id = (session.scalar(sa.select(sa.func.max(Customer.id))) or 0) + 1


def _sign_in(client: FlaskClient, password: str) -> None:
    answer = client.post("/sign-in", data={"email": ADMIN, "password": password})
    if answer.status_code != 303:
        raise SystemExit(f"Signing in answered {answer.status_code}.")


def _busy() -> dict[str, Any]:
    """Return the automation that fired most lately, and the order to which most happened lately."""
    newest = sa.select(Evaluation.automation_id).order_by(Evaluation.id.desc()).limit(10_000).subquery()
    most = sa.select(newest.c.automation_id).group_by(newest.c.automation_id)
    automation_id = db.session.scalar(most.order_by(sa.func.count().desc()).limit(1))
    of_orders = sa.select(Occurrence.record_id).where(Occurrence.store_id == 1, Occurrence.subject == "order")
    latest = of_orders.order_by(Occurrence.id.desc()).limit(2_000).subquery()
    longest = sa.select(latest.c.record_id).group_by(latest.c.record_id).order_by(sa.func.count().desc())
    number = db.session.scalar(sa.select(Order.number).where(Order.id.in_(longest.limit(1))))
    db.session.rollback()
    return {"automation_id": automation_id, "number": number}

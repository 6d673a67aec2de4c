from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from automations.models.access import api_keys
from automations.models.db.base import db, write
from automations.models.tables.people import ApiKey, User
from automations.models.tables.store import Store
from tests.web.api.conftest import Till, till_of
from tests.world import NOW


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer sa_live_wrong", "Basic eDp5", "Bearer \xff"])
def test_a_request_without_a_valid_key_is_refused(app: Flask, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    for method, path in (("GET", "/api/orders"), ("POST", "/api/orders"), ("PATCH", "/api/orders/1")):
        answer = app.test_client().open(path, method=method, headers=headers, json={})
        assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == "Bearer"
        assert answer.mimetype == "application/problem+json"


def test_a_revoked_key_opens_nothing(app: Flask, till: Till) -> None:
    assert till.get("/api/orders").status_code == 200
    with write() as session:
        session.execute(sa.update(ApiKey).values(revoked_at=NOW))
    assert till.get("/api/orders").status_code == 401


def test_a_key_that_may_read_may_not_write(app: Flask) -> None:
    reader = till_of(app, scope="read")
    assert reader.get("/api/orders").status_code == 200
    for answer in (
        reader.post("/api/orders", {}),
        reader.post("/api/orders/batch", []),
        reader.patch("/api/orders/1", {}),
    ):
        assert answer.status_code == 403 and answer.mimetype == "application/problem+json"


def test_scopes_add_up_and_say_what_is_missing(app: Flask) -> None:
    shop = till_of(app, scope="orders:write customers:write")
    assert shop.post("/api/orders", {"number": "1"}).status_code == 201
    assert shop.post("/api/customers", {"first_name": "Eva"}).status_code == 201
    refused = shop.get("/api/events")
    assert refused.status_code == 403 and refused.json is not None
    assert refused.json["detail"] == "The API key “Front desk till” may not read events."


def test_an_expired_key_is_refused(app: Flask) -> None:
    with write() as session:
        store, user = session.query(Store).first(), session.query(User).first()
        assert store and user
        ends = NOW + dt.timedelta(days=30)
        _, secret = api_keys.create(session, store, "Till", "read", user, NOW, ends)
    till = Till(app, secret)
    with time_machine.travel(ends - dt.timedelta(seconds=1), tick=False) as clock:
        assert till.get("/api/orders").status_code == 200
        clock.shift(1)
        assert till.get("/api/orders").status_code == 401


def test_the_secret_is_kept_only_as_a_hash(till: Till) -> None:
    row = db.session.scalars(sa.select(ApiKey)).one()
    assert till.secret.startswith("sa_live_") and till.secret.startswith(row.prefix)
    assert till.secret not in str([getattr(row, column.name) for column in ApiKey.__table__.columns])


def test_the_last_use_is_written_once_a_minute(till: Till) -> None:
    till.get("/api/orders")
    first = _last_used()
    till.get("/api/orders")
    assert _last_used() == first
    with write() as session:
        session.execute(sa.update(ApiKey).values(last_used_at=first - dt.timedelta(seconds=61)))
    till.get("/api/orders")
    assert _last_used() >= first


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/nothing", 404), ("DELETE", "/api/orders/1", 405), ("PUT", "/api/orders", 405)],
)
def test_an_unknown_api_path_answers_with_problem_details(
    till: Till, method: str, path: str, status: int
) -> None:
    answer = till.send(method, path)
    assert answer.status_code == status and answer.mimetype == "application/problem+json"


def _last_used() -> dt.datetime:
    db.session.rollback()
    found = db.session.scalars(sa.select(ApiKey.last_used_at)).one()
    assert found is not None
    return found

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.base import db, write
from automations.models.people import ApiKey
from tests.web.api.conftest import Till, till_of
from tests.world import NOW


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer sa_live_wrong", "Basic eDp5", "Bearer \xff"])
def test_without_a_valid_key_there_is_nothing(app: Flask, header: str | None) -> None:
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
def test_an_address_the_api_does_not_have_is_a_problem_too(
    till: Till, method: str, path: str, status: int
) -> None:
    answer = till.send(method, path)
    assert answer.status_code == status and answer.mimetype == "application/problem+json"


def _last_used() -> dt.datetime:
    db.session.rollback()
    found = db.session.scalars(sa.select(ApiKey.last_used_at)).one()
    assert found is not None
    return found

"""A key that a process remembers is confirmed in the transaction in which it writes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models.access import api_authentication
from automations.models.db.base import db, write
from automations.models.settings import choices
from automations.models.tables.people import ApiKey
from automations.models.tables.store import Store
from automations.pipeline.intake import joint_intake
from automations.pipeline.intake.idempotency import StoredAnswer
from automations.pipeline.intake.intake_task import IntakeTask, Outdated
from automations.pipeline.intake.reading import Item
from automations.pipeline.records.change import Cause
from tests.kit.statements import recorded_statements
from tests.web.api.conftest import Till, count, till_of
from tests.world import NOW

PAST = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
#: What reaches the transaction, and what is refused before it.
REQUESTS: list[tuple[str, str, Any]] = [
    ("POST", "/api/orders", {"number": "2"}),
    ("POST", "/api/orders/batch", [{"number": "3"}, {"number": "4"}]),
    ("PATCH", "/api/orders/1", {"note": "Ring"}),
    ("PATCH", "/api/orders/absent", {"note": "Ring"}),
    ("POST", "/api/orders", {"status": "No such status"}),
    ("POST", "/api/orders?colour=red", {}),
]


@pytest.fixture
def remembered(till: Till) -> Till:
    """A till whose key this process remembers."""
    assert till.post("/api/orders", {"number": "1"}).status_code == 201
    assert till.post("/api/orders", {"number": "1"}).status_code == 200
    assert api_authentication.remembered(db.engine, till.secret)
    return till


def change_key(**values: Any) -> None:
    with write() as session:
        session.execute(sa.update(ApiKey).values(**values))


def test_who_is_remembered_is_looked_up_in_the_transaction_alone(remembered: Till) -> None:
    with recorded_statements() as statements:
        assert remembered.post("/api/orders", {"number": "2"}).status_code == 201
    about_keys = [text for text, _ in statements if "api_key" in text]
    assert len(about_keys) == 1 and "JOIN" not in about_keys[0]


@pytest.mark.parametrize("ended", [{"revoked_at": NOW}, {"expires_at": PAST}])
def test_a_key_that_ended_writes_nothing_from_then_on(remembered: Till, ended: dict[str, Any]) -> None:
    change_key(**ended)
    for method, path, body in REQUESTS:
        assert remembered.send(method, path, json=body).status_code == 401, (method, path)
    assert count("order") == 1
    change_key(**dict.fromkeys(ended))
    assert remembered.post("/api/orders", {"number": "2"}).status_code == 201


def test_a_key_whose_scope_changed_may_do_what_it_may_now(app: Flask) -> None:
    till = till_of(app)
    assert till.post("/api/orders", {"number": "1"}).status_code == 201
    change_key(scope="read")
    assert till.post("/api/orders", {"number": "2"}).status_code == 403
    assert till.post("/api/orders", {"number": "2"}).status_code == 403
    change_key(scope="orders:write")
    assert till.post("/api/orders", {"number": "2"}).status_code == 201
    assert till.post("/api/events", {"number": "2"}).status_code == 403


def test_what_the_store_calls_things_counts_from_the_moment_it_changes(
    remembered: Till, bloom: Store
) -> None:
    store_id = bloom.id
    with write() as session:
        store = session.get_one(Store, store_id)
        before = choices.StoreWords(session, store).options("order_status")
        session.execute(
            sa.text("UPDATE choice SET label = 'Brand new' WHERE key = :key"), {"key": before[0][0]}
        )
        store.ruleset += 1
    answer = remembered.post("/api/orders", {"number": "2", "status": "Brand new"})
    assert answer.status_code == 201 and answer.json is not None
    assert answer.json["record"]["status"] == before[0][0]


def test_of_several_only_the_one_whose_key_ended_is_refused(app: Flask, bloom: Store) -> None:
    tills = [till_of(app), till_of(app)]
    callers = [api_authentication.find(db.session(), till.secret) for till in tills]
    assert callers[1]
    with write() as session:
        key = session.get_one(ApiKey, callers[1].key_id)
        key.revoked_at = NOW
    tasks = [task(bloom.id, str(place), caller) for place, caller in enumerate(callers)]
    with write() as session:
        store = api_authentication.current_store(session, tasks[0].store_id)
        kept, refused = joint_intake.take_together(session, store, tasks)
    assert kept().status == 201
    with pytest.raises(Outdated):
        refused()
    assert db.session.scalars(sa.text('SELECT number FROM "order"')).all() == ["0"]
    with pytest.raises(Outdated):
        joint_intake.take(tasks[1])


def task(store_id: int, number: str, caller: Any) -> IntakeTask:
    return IntakeTask(
        store_id,
        "order",
        [Item(number, {})],
        lambda *_: StoredAnswer(201, "{}"),
        Cause("api", "till"),
        caller=caller,
    )

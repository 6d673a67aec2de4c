"""Every route whose address names a record answers 404 to the people of another store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.order import Order
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.web.kit.permissions import PERMISSIONS
from tests.kit.pages.one_of_each import NUMBER, one_of_each
from tests.kit.rows import all_rows
from tests.kit.shop import place_order, publish_automation
from tests.web.api.conftest import till_of
from tests.web.pages import sign_in
from tests.world import NOW

#: Parts of an address that name no record.
NO_RECORD = {"filename", "name", "list_key", "plural", "token", "kind", "key", "page"}
#: Valid enough for every form to get as far as the check of whose record it is.
GIVEN = {"role": "viewer", "label": "Mine", "decision": "arrived"}


@pytest.fixture
def ids(app: Flask, bloom: Store, rosa: User) -> dict[str, Any]:
    """Return a record of Bloom & Wild St for each part of an address."""
    sign_in(app.test_client(), "rosa")
    return one_of_each(bloom, rosa)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Mallory, an admin of her own store."""
    with write() as session:
        mallory = session.query(User).filter_by(email="mallory@thorn.example").one()
        session.query(Membership).filter_by(user_id=mallory.id).update({"role": "admin"})
    return sign_in(app.test_client(), "mallory")


def addresses(app: Flask, ids: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (endpoint, method, address) of each page whose address names a record."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        parts = rule.arguments - NO_RECORD
        if not parts or PERMISSIONS[rule.endpoint].startswith("api:"):
            continue
        for plural in ("orders", "events"):
            values = {part: ids[part] for part in parts}
            if "plural" in rule.arguments:
                values["plural"] = plural
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, adapter.build(rule.endpoint, values)


def test_nobody_sees_or_touches_a_record_of_another_store(
    app: Flask, ids: dict[str, Any], stranger: FlaskClient
) -> None:
    walked, before = list(addresses(app, ids)), all_rows()
    assert len(walked) > 40
    for endpoint, method, address in walked:
        answer = stranger.open(address, method=method, data=GIVEN if method == "POST" else None)
        assert answer.status_code == 404, (endpoint, method, answer.status_code)
    assert all_rows() == before


def test_a_key_sees_and_changes_only_the_records_of_its_store(app: Flask, ids: dict[str, Any]) -> None:
    till, before = till_of(app, "Thorn & Co"), all_rows()
    for plural in ("orders", "events", "customers"):
        assert till.get(f"/api/{plural}").json == {"items": [], "next": None}
        assert till.get(f"/api/{plural}/{NUMBER}").status_code == 404
        assert till.patch(f"/api/{plural}/{NUMBER}", {}).status_code == 404
    for path, name in (("orders", "customer"), ("events", "account")):
        refused = till.post(f"/api/{path}", {"number": "X-1", f"{name}_id": ids["account_id"]})
        assert refused.status_code == 422, refused.text
    assert all_rows() == before


def test_two_stores_may_use_the_same_number(app: Flask, ids: dict[str, Any]) -> None:
    assert till_of(app, "Thorn & Co").post("/api/orders", {"number": NUMBER}).status_code == 201
    orders = db.session.query(Order.store_id).filter_by(number=NUMBER).all()
    assert len({store_id for (store_id,) in orders}) == 2


def test_ids_in_a_form_or_query_reach_no_other_store(
    app: Flask, ids: dict[str, Any], stranger: FlaskClient
) -> None:
    own = publish_automation("Mine", "created", store="Thorn & Co")
    place_order("T-1", store="Thorn & Co")
    with write() as session:
        finn = session.query(User).filter_by(email="finn@bloom.example").one()
        order_id, finn_id = session.query(Order.id).filter_by(number=NUMBER).scalar(), finn.id
        bloom_id = session.query(Store.id).filter_by(name="Bloom & Wild St").scalar()
    asked = {"automation": ids["automation_id"]}
    assert stranger.get("/orders/T-1/why-not", query_string=asked).status_code == 404
    for page in ("/activity", "/activity.csv", "/tasks", f"/automations/{own}"):
        seen = stranger.get(page, query_string=asked | {"record": NUMBER, "assignee": f"user:{finn_id}"})
        foreign = [text for text in (f"Order {NUMBER}", "Bloom thanks", "Finn Ash") if text in seen.text]
        assert foreign == [], (page, seen.text[seen.text.index(foreign[0]) - 200 :][:300])
    before = all_rows()
    due = {"record": order_id, "subject": "order", "at": NOW.isoformat()}
    for address, data, statuses in (
        (f"/automations/{own}/upcoming/skip", due, {404}),
        (f"/automations/{own}/upcoming/runs/{ids['run_id']}/skip", {}, {404}),
        (f"/automations/{own}/versions/{ids['version_id']}/restoration", {}, {404}),
        ("/campaigns", {"name": "Mine", "segment_id": ids["segment_id"], "channel": "email"}, {404, 422}),
        ("/current-store", {"store": bloom_id}, {404}),
    ):
        answer = stranger.post(address, data=data)
        assert answer.status_code in statuses, (address, answer.status_code)
    assert all_rows() == before


def test_manual_runs_and_test_fires_accept_only_records_of_the_store(app: Flask, ids: dict[str, Any]) -> None:
    stranger = sign_in(app.test_client(), "mallory")
    own = publish_automation("Mine", "created", store="Thorn & Co")
    order_id = db.session.query(Order.id).filter_by(number=NUMBER).scalar()
    before = all_rows(frozenset({"audit", "audit_head"}))
    stranger.post(f"/automations/{own}/manual-run", data={"record": order_id})
    tried = stranger.post(f"/automations/{own}/test-fires", data={"subject": "order", "record": NUMBER})
    assert all_rows(frozenset({"audit", "audit_head"})) == before
    assert f"Order {NUMBER}" not in tried.text


def test_the_same_addresses_work_for_people_of_the_store(
    app: Flask, ids: dict[str, Any], as_ada: FlaskClient
) -> None:
    for endpoint, method, address in addresses(app, ids):
        # The occurrence belongs to the order, and the why-not page needs an automation.
        address = address.replace("/events/N-1/occurrences", "/orders/N-1/occurrences")
        address = address.replace("/events/N-1/replays", "/orders/N-1/replays")
        if method == "GET":
            asked = as_ada.get(address, query_string={"automation": ids["automation_id"]})
            assert asked.status_code == 200, (endpoint, address)

"""Every route with a record in its address answers 404 to the people of another store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from automations.models.automation import Automation
from automations.models.base import write
from automations.models.custom_field import CustomField
from automations.models.customer import Account
from automations.models.notification import Notification
from automations.models.occurrence import Evaluation
from automations.models.people import ApiKey, Membership, SignIn, User
from automations.models.run import Message, Run
from automations.models.secret import Secret
from automations.models.store import Choice, Store
from automations.models.task import Task
from automations.pipeline import marketing_edits, segment_edits
from automations.web.permissions import PERMISSIONS
from tests.kit.shop import email_to, place_customer, place_event, place_order, publish_automation
from tests.web.pages import sign_in
from tests.world import NOW

NUMBER = "N-1"
#: Parts of an address that are no record.
NO_RECORD = {"filename", "name", "list_key", "plural", "token"}
#: Enough for a form to be looked at no further than whose record it is.
GIVEN = {"role": "viewer", "label": "Mine", "decision": "arrived"}


@pytest.fixture
def ids(app: Flask, bloom: Store, rosa: User) -> dict[str, Any]:
    """One record of Bloom & Wild St for each part of an address."""
    automation_id = publish_automation("Thank you", "created", actions=[email_to()])
    place_customer(NUMBER)
    place_event(NUMBER)
    place_order(NUMBER)
    sign_in(app.test_client(), "rosa")
    with write() as session:
        run = session.query(Run).one()
        given = {"channel": "email", "connector": "mailbox", "to": "a@b.example", "subject": "", "body": ""}
        message = Message(store_id=bloom.id, run_id=run.id, at=NOW, **given)
        key = ApiKey(store_id=bloom.id, name="Till", prefix="sa_", secret_hash="x", created_by=rosa.id)
        key.created_at = NOW
        task = Task(store_id=bloom.id, run_id=run.id, title="Call her", created_at=NOW)
        notice = Notification(store_id=bloom.id, user_id=rosa.id, title="Paid", created_at=NOW)
        secret = Secret(store_id=bloom.id, name="courier", value="x", changed_at=NOW, created_at=NOW)
        field = CustomField(store_id=bloom.id, subject="order", key="ribbon", label="Ribbon", type="text")
        segment = segment_edits.save(session, bloom, rosa, None, "Best", [], NOW)
        session.add_all([message, key, task, notice, secret, field])
        words = {"channel": "email", "subject": "Hello", "message": "Hello"}
        campaign = marketing_edits.create(session, bloom, rosa, segment, "Spring", words, None, NOW)
        session.flush()
        return {
            "number": NUMBER,
            "automation_id": automation_id,
            "version_id": session.get_one(Automation, automation_id).latest_version_id,
            "run_id": run.id,
            "occurrence_id": session.query(Evaluation).one().occurrence_id,
            "message_id": message.id,
            "key_id": key.id,
            "segment_id": segment.id,
            "campaign_id": campaign.id,
            "field_id": field.id,
            "task_id": task.id,
            "notification_id": notice.id,
            "secret_id": secret.id,
            "choice_id": session.query(Choice).filter_by(store_id=bloom.id, label="Picked").one().id,
            "membership_id": session.query(Membership).filter_by(user_id=rosa.id).one().id,
            "account_id": session.query(Account).filter_by(store_id=bloom.id).one().id,
            "sign_in_id": session.query(SignIn).filter_by(user_id=rosa.id).one().id,
        }


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Mallory, who may do everything in her own store."""
    with write() as session:
        mallory = session.query(User).filter_by(email="mallory@thorn.example").one()
        session.query(Membership).filter_by(user_id=mallory.id).update({"role": "admin"})
    return sign_in(app.test_client(), "mallory")


def addresses(app: Flask, ids: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, address) of each page whose address names a record."""
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
    walked = list(addresses(app, ids))
    assert len(walked) > 40
    for endpoint, method, address in walked:
        answer = stranger.open(address, method=method, data=GIVEN if method == "POST" else None)
        assert answer.status_code == 404, (endpoint, method, answer.status_code)


def test_the_same_addresses_are_there_for_the_stores_own_people(
    app: Flask, ids: dict[str, Any], as_ada: FlaskClient
) -> None:
    for endpoint, method, address in addresses(app, ids):
        # An occurrence is one of the order, and why-not asks about one automation.
        address = address.replace("/events/N-1/occurrences", "/orders/N-1/occurrences")
        if method == "GET":
            asked = as_ada.get(address, query_string={"automation": ids["automation_id"]})
            assert asked.status_code == 200, (endpoint, address)

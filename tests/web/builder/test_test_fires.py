"""Test fires cannot be abused: whoever runs whatever however often, nothing is sent or changed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from automations.actions import ACTIONS
from automations.features.authoring import drafts
from automations.features.privacy import complete_erasure
from automations.features.starters.gallery import STARTERS
from automations.models.access.action_rate_limit import MOST, SENT, TRIED
from automations.models.db.base import db, write
from automations.models.tables.people import Audit, User
from automations.models.tables.store import Store
from automations.web.kit.permissions import SCOPES
from tests.kit.everywhere import find_in_database
from tests.kit.outside.outside import allowing
from tests.kit.outside.smtp_sink import SinkThatLooksAway, SmtpSink
from tests.kit.rows import all_rows
from tests.kit.set_up import api_key, use_smtp_server
from tests.kit.shop import place_customer, place_event, place_order
from tests.web.building import HTMX, an_automation, opened, send
from tests.web.pages import sign_in, text_of
from tests.world import NOW

ANNA = 1
RECORDS = {"order": "10482", "event": "E-7", "customer": "C-9"}
#: The tables test fires may write to: the audit log that they happened, and the sign-ins of this test.
TRACES = frozenset({"audit", "audit_head", "sign_in"})
ROUNDS = 2


@pytest.fixture
def sink(app: Flask) -> Iterator[SmtpSink]:
    with SmtpSink() as running:
        use_smtp_server(app, running.port)
        yield running


def every_kind(bloom: Store, rosa: User, url: str) -> dict[int, str]:
    """Create automations with an action of every kind; return the record to test each on, by its id."""
    place_order(RECORDS["order"], customer_id=ANNA, payment_status="paid", fulfilment_method="delivery")
    place_event(RECORDS["event"], customer_id=ANNA)
    place_customer(RECORDS["customer"], email="cara@elsewhere.example", phone="+44 20 7946 0999")
    call = {"method": "POST", "url": f"{url}/jobs", "headers": "", "body_kind": "none", "body": ""}
    call |= {"signed_with": "", "status": "", "answer_path": "", "answer_value": ""}
    datas = [starter.data for starter in STARTERS.values()]
    datas.append(datas[0] | {"actions": [{"kind": "http_request", "settings": call}]})
    records = {}
    with write() as session:
        for place, data in enumerate(datas):
            row = drafts.create(session, bloom, f"Number {place}", data, rosa, NOW)
            records[row.id] = RECORDS[data["subject"]]
    kinds = {action["kind"] for data in datas for action in data["actions"]}
    assert kinds >= ACTIONS.keys() - {"send_marketing"}, ACTIONS.keys() - kinds
    return records


@pytest.mark.slow
def test_five_hundred_trials_of_every_kind_reach_nobody_and_change_nothing(
    app: Flask, bloom: Store, rosa: User, sink: SmtpSink, httpserver: HTTPServer
) -> None:
    """Each role and an API key of each scope test every automation, ROUNDS times."""
    records = every_kind(bloom, rosa, httpserver.url_for("").rstrip("/"))
    people = {name: sign_in(app.test_client(), name) for name in ("rosa", "ada", "finn", "mallory")}
    forms = {id: opened(people["ada"], id) for id in records}
    keys = {scope: {"Authorization": f"Bearer {api_key(scope, scope=scope)}"} for scope in SCOPES}
    expected = {"rosa": 200, "ada": 200, "finn": 403, "mallory": 404} | dict.fromkeys(SCOPES, 401)
    before, tried = all_rows(TRACES), Counter[tuple[str, int]]()
    with allowing("localhost", "127.0.0.1"), time_machine.travel(dt.datetime.now(dt.UTC), tick=True) as clock:
        for turn in range(ROUNDS * len(expected)):
            for id, record in records.items():
                name = list(expected)[(turn + id) % len(expected)]
                client, headers = people.get(name, app.test_client()), HTMX | keys.get(name, {})
                sent = forms[id].values.to_dict() | {"record": record}
                answer = client.post(f"/automations/{id}/test-fires", data=sent, headers=headers)
                assert answer.status_code == expected[name], (name, id, text_of(answer))
                tried[name, id] += 1
            clock.shift(61)
    assert (
        tried.total() >= 500
        and set(tried.values()) == {ROUNDS}
        and len(tried) == len(records) * len(expected)
    )
    assert all_rows(TRACES) == before
    assert (sink.emails, httpserver.log) == ([], [])
    done = sum(count for (name, _), count in tried.items() if expected[name] == 200)
    assert db.session.query(Audit).filter_by(action=TRIED).count() == done


def test_a_trial_is_audited(as_rosa: FlaskClient, bloom: Store, rosa: User) -> None:
    id = an_automation(bloom, rosa)
    send(as_rosa, f"/automations/{id}/test-fires", opened(as_rosa, id), record="sample:paid_delivery")
    row = db.session.query(Audit).filter_by(action=TRIED).one()
    assert (row.about, row.user.name) == ("automation “Confirm paid deliveries”", "Rosa Lind")


@pytest.mark.parametrize(("action", "more"), [(TRIED, {}), (SENT, {"send": "1"})])
def test_too_many_trials_in_a_minute_are_refused_and_what_was_typed_stays(
    as_rosa: FlaskClient, bloom: Store, rosa: User, sink: SmtpSink, action: str, more: dict[str, str]
) -> None:
    id = an_automation(bloom, rosa)
    form, path = opened(as_rosa, id), f"/automations/{id}/test-fires"
    typed = {"actions-0-settings-subject": "Half a sentence {{ order.number }}"} | more
    with time_machine.travel(dt.datetime.now(dt.UTC), tick=False) as clock:
        statuses = [send(as_rosa, path, form, **typed).status_code for _ in range(MOST[action] + 2)]
        assert statuses == [200] * MOST[action] + [429] * 2
        refused = send(as_rosa, path, form, **typed)
        assert f"That was {MOST[action]} times within a minute. Wait 60 seconds" in text_of(refused)
        assert "Half a sentence {{ order.number }}" in refused.text
        clock.shift(61)
        assert send(as_rosa, path, form, **typed).status_code == 200
    assert {to for tos in sink.recipients for to in tos} <= {"rosa@bloom.example"}
    assert len(sink.emails) == (MOST[SENT] + 1 if action == SENT else 0)


def test_a_copy_of_a_customer_erased_while_it_is_sent_does_not_bring_them_back(
    app: Flask, as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    id = place_customer("C-9", first_name="Zephyrine", last_name="Quill", email="z@quill.example").id
    place_order("4711", customer_id=id, payment_status="paid", fulfilment_method="delivery")
    automation_id, store_id = an_automation(bloom, rosa), bloom.id

    def erase() -> None:
        with app.app_context():
            complete_erasure.erase_completely(store_id, id, NOW, lambda _: None)
            db.session.remove()

    with SinkThatLooksAway(meanwhile=erase) as sink:
        use_smtp_server(app, sink.port)
        typed = {"actions-0-settings-message": "Dear {{ customer.name }}", "record": "4711", "send": "1"}
        path = f"/automations/{automation_id}/test-fires"
        assert send(as_rosa, path, opened(as_rosa, automation_id), **typed).status_code == 200
    assert "Zephyrine" in sink.emails[0].get_content()
    assert find_in_database(["Zephyrine"]) == {}

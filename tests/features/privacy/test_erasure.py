"""A customer who is erased is in no row, no journal and no backup; what happened can still be read."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from automations.connectors.mailbox_connector import MailboxConnector
from automations.connectors.receipts import TryAgain
from automations.features.privacy import data_export, erasure
from automations.models.access import audit_chain
from automations.models.db.base import db, write
from automations.models.inbox import task_changes
from automations.models.tables.customer import Customer
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.people import IdempotencyKey, User
from automations.models.tables.run import SKIPPED, WAITING, Message, Run
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from automations.pipeline.delivery import may_send
from tests.kit import everywhere, shop
from tests.kit.doing import perform_due
from tests.kit.live import wait_until, working
from tests.kit.own_fields import own_field
from tests.kit.statements import recorded_statements
from tests.web.api.conftest import till_of
from tests.web.api.test_inbound_webhooks import Service, body_of
from tests.web.pages import sign_in
from tests.world import NOW

#: Nothing else in the world has these.
PERSONAL = (
    "Zephyrine",
    "Quillfeather",
    "zephyrine@quill.example",
    "020 7946 0991",
    "+442079460991",
    "Oleander Lane",
)
WAS = ("Zephi", "old-zephi@quill.example")
TELLS = "{{ customer.name }} of {{ order.number }}: {{ order.note }} {{ customer.phone }}"
TASK = {
    "title": f"Call {TELLS}",
    "description": TELLS,
    "checklist": TELLS,
    "assignee": "",
    "priority": "high",
}
PERSON = {"number": "C-77", "first_name": "Zephyrine", "last_name": "Quillfeather", "phone": "020 7946 0991"}
PERSON["email"] = "zephyrine@quill.example"


@pytest.fixture
def till(app: Flask) -> Any:
    """The customer gets an email and a task, someone notes their name, and then they change it."""
    actions = [shop.email_to(subject=TELLS, message=TELLS), {"kind": "create_task", "settings": TASK}]
    shop.publish_automation("Thank her", "created", actions=actions)
    till = till_of(app)
    former = {"number": "C-77", "first_name": "Zephi", "email": "old-zephi@quill.example"}
    till.post("/api/customers", former)
    order = {"number": "4711", "note": "5 Oleander Lane", "customer": PERSON, "total": "80.00"}
    assert till.post("/api/orders", order, headers={"Idempotency-Key": "one"}).status_code == 201
    till.post("/api/customers", PERSON)
    till.post("/api/orders", {"number": "4712", "customer": {"number": "C-1"}, "note": "for Anna"})
    with working(app):
        wait_until(lambda: _left() == 0)
    return till


def test_erasing_reads_the_log_once(till: Any, bloom: Store) -> None:
    customer = db.session.query(Customer).filter_by(number="C-77").one()
    with recorded_statements() as statements:
        log = data_export.everything(db.session(), bloom, customer)["log"]
        with write() as session:
            erasure.erase(session, bloom, customer, NOW)
    assert len(log) == 3
    assert sum("occurrence.snapshot LIKE" in text for text, _ in statements) == 2


def test_the_customer_is_nowhere_afterwards_and_all_else_remains(
    app: Flask, till: Any, bloom: Store, rosa: User
) -> None:
    _note_her(bloom, rosa)
    with write() as session:
        task_changes.set_state(session, session.query(Task).first().id, "done", rosa.id, NOW)
    before = everywhere.find_in_database([*PERSONAL, *WAS])
    assert len(before) >= 7 and "attempt" in before[PERSONAL[0]], "she is there to begin with"
    _erase(bloom.id)
    assert everywhere.find_in_database([*PERSONAL, *WAS]) == {}
    assert everywhere.find_in_files([*PERSONAL, *WAS]) == {}
    assert list(audit_chain.problems(db.session())) == []
    assert everywhere.find_in_database(["anna@grandhotel.example", "for Anna", "4711"]).keys() == {
        "anna@grandhotel.example",
        "for Anna",
        "4711",
    }


def test_own_fields_that_are_no_text_are_emptied_and_the_record_can_still_be_read(
    app: Flask, client: FlaskClient, bloom: Store
) -> None:
    for label, type in {"Wedding day": "date", "Limit": "number", "Deposit": "money", "Card": "text"}.items():
        own_field(label, type)
    own_field("Colour", "choice", choices="Zephyr Red\nBlue")
    own_field("Kind", "text")
    values = {"wedding_day": "2027-05-01", "limit": "2.5", "deposit": "31.05", "card": "for Zephyrine"}
    values |= {"colour": "Zephyr Red", "kind": "Oleander"}
    answer = till_of(app).post("/api/orders", {"number": "4711", "customer": PERSON, "custom": values})
    assert answer.status_code == 201, answer.text
    _erase(bloom.id)
    own = db.session.query(Order).filter_by(number="4711").one().custom
    assert own == {"wedding_day": None, "limit": None, "deposit": None, "card": "erased"} | {
        "colour": answer.json["record"]["custom"]["colour"],
        "kind": "erased",
    }
    sign_in(client, "ada")
    for page in ("/orders/4711", "/orders/4711/edit"):
        assert client.get(page).status_code == 200


def test_a_name_in_capitals_is_erased_whatever_its_letters(app: Flask, bloom: Store) -> None:
    shop.place_customer("C-77", first_name="Émile", last_name="Östlund", email="émile@öst.example")
    with write() as session:
        session.add(Task(store_id=bloom.id, title="CALL ÉMILE ÖSTLUND", created_at=NOW))
    _erase(bloom.id)
    assert db.session.query(Task.title).scalar() == "CALL erased"


def test_the_log_stays_readable_with_the_person_replaced(till: Any, bloom: Store) -> None:
    count = db.session.query(Occurrence).count()
    _erase(bloom.id)
    order = db.session.query(Order).filter_by(number="4711").one()
    assert (str(order.total), order.customer.name, order.customer.number) == ("80.00", "erased", "C-77")
    assert db.session.query(Occurrence).count() == count
    message = db.session.query(Message).order_by(Message.id).first()
    assert message is not None and (message.to, message.subject) == (
        "erased",
        "erased of 4711: erased erased",
    )
    assert db.session.query(Task).order_by(Task.id).first().title.startswith("Call erased of 4711")
    snapshot = db.session.query(Occurrence).filter_by(subject="order", record_id=order.id).first().snapshot
    assert snapshot["customer"]["first_name"] == "erased" and snapshot["status"] == "unconfirmed"


def test_webhook_payloads_about_the_customer_are_erased(app: Flask, bloom: Store) -> None:
    service = Service(app, sign_in(app.test_client(), "ada"))
    order = body_of("4720", customer=PERSON, note="5 Oleander Lane")
    assert service.tell(order).status_code == 201
    assert service.tell(order).headers["Idempotency-Replayed"] == "true", "the first answer is kept"
    assert service.tell(body_of("4720", customer=PERSON, note="Quillfeather"), id="msg_2").status_code == 200
    assert (
        service.tell(body_of("4721", customer=PERSON | {"wrong": "Oleander Lane"}), id="msg_3").status_code
        == 422
    )
    assert everywhere.find_in_database(PERSONAL)
    _erase(bloom.id)
    assert everywhere.find_in_database(PERSONAL) == {}
    assert everywhere.find_in_files(PERSONAL) == {}


@pytest.mark.parametrize("tried", [False, True])
def test_pending_messages_to_the_customer_are_skipped_with_the_reason(
    app: Flask, bloom: Store, monkeypatch: pytest.MonkeyPatch, tried: bool
) -> None:
    shop.publish_automation("Thank her", "created", actions=[shop.email_to(subject=TELLS)])
    till_of(app).post("/api/orders", {"number": "4711", "customer": PERSON})
    with monkeypatch.context() as patch:
        patch.setattr(MailboxConnector, "send", _busy)
        now = dt.datetime.now(dt.UTC)
        assert perform_due(now if tried else NOW.replace(year=2020)) == tried
    assert shop.runs()[0].state == WAITING
    _erase(bloom.id)
    perform_due(now + dt.timedelta(days=1))
    db.session.rollback()
    assert (shop.runs()[0].state, shop.runs()[0].reason) == (SKIPPED, may_send.GONE)


def _busy(*_: object) -> None:
    raise TryAgain("Later.")


def test_an_erased_customer_may_return_as_a_new_one(till: Any, bloom: Store) -> None:
    _erase(bloom.id)
    again = till.post("/api/customers", {**PERSON, "number": "C-99"})
    assert again.status_code == 201
    replayed = till.post("/api/orders", {"number": "1"}, headers={"Idempotency-Key": "one"})
    assert replayed.status_code == 201 and "Idempotency-Replayed" not in replayed.headers


def test_a_note_equal_to_a_state_word_changes_no_state(till: Any, bloom: Store) -> None:
    till.post("/api/orders", {"number": "4713", "customer": {"number": "C-77"}, "note": "unconfirmed"})
    _erase(bloom.id)
    found = db.session.query(Occurrence).filter_by(subject="order").order_by(Occurrence.id.desc()).first()
    assert found.snapshot["status"] == "unconfirmed" and found.snapshot["note"] == "erased"


def test_another_store_keeps_its_customer_with_the_same_address(app: Flask, till: Any, bloom: Store) -> None:
    till_of(app, "Thorn & Co").post("/api/customers", PERSON)
    _erase(bloom.id)
    thorn = db.session.query(Customer).filter(Customer.store_id != bloom.id, Customer.number == "C-77").one()
    assert (thorn.first_name, thorn.email) == ("Zephyrine", "zephyrine@quill.example")
    logged = db.session.query(Occurrence).filter_by(store_id=thorn.store_id).one()
    assert logged.snapshot["email"] == "zephyrine@quill.example"


def test_the_export_holds_everything_about_the_customer_and_no_one_else(
    till: Any, bloom: Store, rosa: User
) -> None:
    _note_her(bloom, rosa)
    customer = db.session.query(Customer).filter_by(number="C-77", store_id=bloom.id).one()
    text = str(data_export.everything(db.session(), bloom, customer))
    assert [word for word in (*PERSONAL[:4], PERSONAL[5], *WAS) if word not in text] == []
    assert "Anna" not in text and "C-1'" not in text
    parts = data_export.everything(db.session(), bloom, customer)
    assert {name for name, rows in parts.items() if rows} >= {
        "orders",
        "log",
        "messages",
        "tasks",
        "attempts",
    }


def test_the_command_erases_and_says_what_it_did(
    app: Flask, till: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    runner = app.test_cli_runner()
    assert "no customer C-78" in runner.invoke(args=["erase-customer", "Bloom & Wild St", "C-78"]).output
    assert "no store" in runner.invoke(args=["erase-customer", "Nowhere", "C-77"]).output
    done = runner.invoke(args=["erase-customer", "Bloom & Wild St", "C-77"])
    assert done.exit_code == 0 and "Customer C-77 is erased" in done.output
    assert everywhere.find_in_database(PERSONAL) == {}
    assert [word for word in PERSONAL if word in caplog.text or word in done.output] == []


def _left() -> int:
    states = ("waiting", "queued", "running")
    return db.session.scalar(sa.select(sa.func.count()).where(Run.state.in_(states))) or 0


def _note_her(bloom: Store, rosa: User) -> None:
    personal = "Zephyrine Quillfeather called from 020 7946 0991"
    with write() as session:
        session.add(Task(store_id=bloom.id, title=personal, created_at=NOW))
        session.add(Notification(store_id=bloom.id, user_id=rosa.id, title=personal, created_at=NOW))
        session.add(_answer(bloom.id))


def _answer(store_id: int) -> IdempotencyKey:
    kept = IdempotencyKey(store_id=store_id, key="two", body_hash="x", status=200, created_at=NOW)
    kept.answer = '{"record":{"email":"zephyrine@quill.example"}}'
    return kept


def _erase(store_id: int) -> None:
    with write() as session:
        store = session.get_one(Store, store_id)
        customer = session.query(Customer).filter_by(number="C-77", store_id=store_id).one()
        erasure.erase(session, store, customer, NOW)
    assert erasure.settle(db.session())

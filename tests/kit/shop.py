"""Actions in the shop of the tests: placing records, publishing automations."""

from __future__ import annotations

import datetime as dt
from typing import Any

from automations.connectors.mailbox_connector import MAILBOX
from automations.features.authoring import drafts, publish
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.people import User
from automations.models.tables.run import SUCCEEDED, Message, Run
from automations.models.tables.store import Store
from automations.pipeline.evaluation.receive import receive
from automations.pipeline.records.change import Cause, Change, Received
from tests.world import NOW

TILL = Cause("api", "till “Front desk”")


def change(
    store_name: str, subject: str, number: str, *, now: dt.datetime = NOW, cause: Cause = TILL, **values: Any
) -> Received:
    """Receive one change of one record, in its own transaction."""
    with write() as session:
        store = session.query(Store).filter_by(name=store_name).one()
        (received,) = receive(session, store, subject, [Change(number, values)], cause, now)
    return received


def place_order(
    number: str = "10482", store: str = "Bloom & Wild St", *, now: dt.datetime = NOW, **values: Any
) -> Received:
    """Receive an order as the till sends it; the same number again changes it."""
    return change(store, "order", number, now=now, **values)


def place_event(
    number: str = "E-7", store: str = "Bloom & Wild St", *, now: dt.datetime = NOW, **values: Any
) -> Received:
    """Receive an event."""
    return change(store, "event", number, now=now, **values)


def place_customer(
    number: str = "C-9", store: str = "Bloom & Wild St", *, now: dt.datetime = NOW, **values: Any
) -> Received:
    """Receive a customer."""
    return change(store, "customer", number, now=now, **values)


def email_to(
    to: str = "customer", subject: str = "Thank you", message: str = "We have it."
) -> dict[str, Any]:
    """Return an email action in the form of a draft."""
    settings = {"to": to, "address": "", "subject": subject, "message": message}
    return {"kind": "send_email", "settings": settings}


def request_to(url: str) -> dict[str, Any]:
    """Return an action that calls an address without a body."""
    settings = {"method": "POST", "url": url, "body_kind": "none"}
    empty = dict.fromkeys(("headers", "body", "signed_with", "status", "answer_path", "answer_value"), "")
    return {"kind": "http_request", "settings": settings | empty}


def condition(field: str, operator: str, value: str | None = None) -> dict[str, Any]:
    """Return a condition in the form of a draft."""
    return {"field": field, "operator": operator, "value": value}


def draft_automation(
    name: str,
    trigger: str = "payment_status_changed",
    *conditions: dict[str, Any],
    subject: str = "order",
    before: str | None = None,
    after: str | None = None,
    actions: list[dict[str, Any]] | None = None,
    store: str = "Bloom & Wild St",
    field: str | None = None,
    now: dt.datetime = NOW,
) -> int:
    """Save an automation without publishing it; return its id."""
    data = {
        "subject": subject,
        "trigger": {"key": trigger, "from": before, "to": after} | ({"field": field} if field else {}),
        "conditions": list(conditions),
        "actions": actions if actions is not None else [email_to()],
    }
    with write() as session:
        home = session.query(Store).filter_by(name=store).one()
        return drafts.create(session, home, name, data, _manager(), now).id


def publish_automation(
    name: str,
    trigger: str = "payment_status_changed",
    *conditions: dict[str, Any],
    now: dt.datetime = NOW,
    **options: Any,
) -> int:
    """Publish an automation, which listens from now on; return its id."""
    automation_id = draft_automation(name, trigger, *conditions, now=now, **options)
    with write() as session:
        publish.publish(session, session.get_one(Automation, automation_id), _manager(), now)
    return automation_id


def never_held() -> None:
    """Let every automation fire as often as it likes: the test sends far more than any past."""
    with write() as session:
        session.query(Automation).update({"hold_off": "It is a test of many at once."})


def publish_again(
    automation_id: int, trigger: str, *conditions: dict[str, Any], now: dt.datetime = NOW
) -> None:
    """Publish a new version of an automation with another trigger and other conditions."""
    with write() as session:
        automation = session.get_one(Automation, automation_id)
        start = {"key": trigger, "from": None, "to": None}
        automation.draft = automation.draft | {"trigger": start, "conditions": list(conditions)}
        publish.publish(session, automation, _manager(), now)


def switch_off(automation_id: int, now: dt.datetime = NOW) -> None:
    with write() as session:
        publish.deactivate(session, session.get_one(Automation, automation_id), now)


def switch_on(automation_id: int, now: dt.datetime = NOW) -> None:
    with write() as session:
        publish.activate(session, session.get_one(Automation, automation_id), now)


def set_run(run_id: int, **values: Any) -> None:
    """Set columns of a run, as the worker would have left them."""
    with write() as session:
        run = session.get_one(Run, run_id)
        for name, value in values.items():
            setattr(run, name, value)


def keep_here(run_id: int, now: dt.datetime = NOW) -> None:
    """Let an email run succeed as it does without a mail server: its message is kept here."""
    words = {"channel": "email", "connector": MAILBOX, "to": "anna@b.example", "subject": "Hi", "body": "-"}
    set_run(run_id, state=SUCCEEDED, reason=None, tries=1, finished_at=now)
    with write() as session:
        run = session.get_one(Run, run_id)
        session.add(Message(store_id=run.store_id, run_id=run.id, at=now, **words))


def runs() -> list[Run]:
    return db.session.query(Run).order_by(Run.id).all()


def occurrences() -> list[Occurrence]:
    return db.session.query(Occurrence).order_by(Occurrence.id).all()


def _manager() -> User:
    return db.session.query(User).filter_by(email="rosa@bloom.example").one()

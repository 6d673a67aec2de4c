"""A shop with hostile text everywhere: one record of each kind, with runs and log, then poisoned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask

from automations.models.access import audit
from automations.models.db.base import write
from automations.models.tables.notification import Notification
from automations.models.tables.people import User
from automations.models.tables.run import UNKNOWN, Attempt, Run
from automations.models.tables.store import Store
from tests.kit import shop
from tests.kit.doing import add_connection, perform_all
from tests.kit.hostile import hostile_text
from tests.kit.pages.one_of_each import one_of_each
from tests.kit.pages.permitted import page_addresses
from tests.world import NOW

#: URLs cannot hold a slash here, and the API refuses control characters.
NUMBERS = [text.replace("/", "").strip() for text in hostile_text.STRINGS if text.isprintable()]
PER_RECORD = 24
LINES = [{"name": "Roses", "sku": "R", "category": "cut", "quantity": 1, "unit_price": "4.00"}]
TASK = {"title": "Call", "description": "Soon", "checklist": "One\nTwo", "assignee": "", "priority": "high"}


def build(bloom: Store, rosa: User) -> dict[str, Any]:
    """Fill the shop and poison it; return the values of URL parts by name. Its viewer has to be signed in."""
    ids = one_of_each(bloom, rosa)
    _work(bloom)
    for place in range(0, len(NUMBERS), PER_RECORD):
        shop.place_order(" ".join(NUMBERS[place : place + PER_RECORD]), note="x")
    hostile_text.fill_with_hostile_text()
    return ids


def pages(app: Flask, ids: dict[str, Any]) -> Iterator[str]:
    """Yield the URL of every page, with the records of `ids` in it."""
    yield from page_addresses(app, ids)
    yield "/orders/" + " ".join(NUMBERS[:PER_RECORD]).replace("%", "%25").replace("?", "%3F").replace(
        "#", "%23"
    )


def _work(bloom: Store) -> None:
    """Leave what a day of work leaves: runs in several states, tasks, notifications, audit rows."""
    add_connection("sms", {"provider": "generic", "url": "https://sms.example/send"}, "secret")
    add_connection(
        "smtp", {"host": "mail.example", "port": 25, "security": "none", "username": "shop"}, "secret"
    )
    actions = [shop.email_to("address"), {"kind": "create_task", "settings": TASK}]
    actions[0]["settings"]["address"] = "anna@grandhotel.example"
    mentions_roses = shop.condition("note", "contains", "roses")
    shop.publish_automation("Tell the team", "created", mentions_roses, actions=actions)
    shop.publish_automation("Tell nobody", "created", shop.condition("note", "equals", "other"))
    shop.place_order("N-2", note="white roses", tags=["vip"], lines=LINES)
    perform_all()
    shop.place_order("N-3", note="red roses", tags=["vip"], lines=LINES)
    with write() as session:
        run = session.query(Run).order_by(Run.id.desc()).first()
        assert run is not None
        run.state, run.reason, run.finished_at = UNKNOWN, "It stopped.", NOW
        answer = {"status": 500, "body": "no", "cut": False}
        attempt = {"result": "uncertain", "detail": "It stopped.", "answer": answer, "started_at": NOW}
        session.add(Attempt(run_id=run.id, part=0, number=1, **attempt))
        ada = session.query(User).filter_by(email="ada@bloom.example").one()
        notice = {"title": "Paid", "body": "It is paid.", "created_at": NOW}
        session.add(Notification(store_id=bloom.id, user_id=ada.id, **notice))
        about: dict[str, Any] = {"before": {"name": "x"}, "after": {"name": "y"}}
        audit.note(session, action="changed", about="store", store_id=bloom.id, user_id=ada.id, **about)
